"""Keys of invoice fingerprints."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "debtor_keys",
        sa.Column("debtor", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("debtor", name="pk_debtor_keys"),
    )
