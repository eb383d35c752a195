"""What a worker keeps of a lead whose fold waits for an entry that was announced.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("states", sa.Column("owes", sa.Boolean(), nullable=False, server_default="0"))
