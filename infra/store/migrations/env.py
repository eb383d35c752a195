"""Alembic's entry: run the migrations over the connection that ``infra.store.schema`` is in a transaction on.

There is no offline mode and no settings file of Alembic's: a store is migrated by Relevo, which holds the
line's lock, and by nothing else.
"""

from alembic import context

from infra.store.tables.whole import whole

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=whole(),
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
