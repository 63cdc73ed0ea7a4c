"""What machines did day by day, for the nightly comparison of fleets."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_days",
        sa.Column("machine", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("hours", sa.Integer),
        sa.Column("fuel_rate", sa.Integer),
        sa.Column("standing", sa.Integer),
        sa.Column("distance", sa.Integer),
        sa.Column("night_distance", sa.Integer, nullable=False),
        sa.Column("good_fixes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("machine", "day", name="pk_machine_days"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_machine_days_day", "machine_days", ["day"])
