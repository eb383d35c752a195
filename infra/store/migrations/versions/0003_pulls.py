"""What Relevo fetches: how far each source has been read, and what was taken of it.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from infra.store.columns import BIG

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulls",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("version", BIG, nullable=False),
    )
    op.create_table(
        "pulled_rows",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulled_files",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
