"""The front door: the requests it took, the facts made of them, and the keys that open it.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from infra.store.columns import BIG, UtcInstant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "originals",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("verified", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("originals_source", "originals", ["source", "id"])
    op.create_table(
        "made_facts",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("original_id", BIG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_made_facts_original_id", "made_facts", ["original_id"])
    op.create_table(
        "told_again",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("original_id", BIG, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mappings",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("document", sa.Text(), nullable=False),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("next_id", BIG, nullable=False),
    )
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("revoked_at", UtcInstant()),
    )
