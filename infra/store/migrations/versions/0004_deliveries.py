"""What is said to the outside: destinations, and what is on its way to them.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from infra.store.columns import BIG, UtcInstant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("next_id", BIG, nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("held_until", UtcInstant()),
        sa.Column("disabled_at", UtcInstant()),
        sa.Column("disabled_because", sa.Text()),
    )
    op.create_table(
        "deliveries",
        sa.Column("destination", sa.Text(), primary_key=True),
        sa.Column("number", BIG, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcInstant(), nullable=False),
        sa.Column("next_at", UtcInstant(), nullable=False),
        sa.Column("settled_at", UtcInstant()),
        sa.Column("answer", sa.Text()),
    )
    op.create_index("deliveries_waiting", "deliveries", ["destination", "status", "lead_id"])
