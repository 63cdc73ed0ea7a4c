"""Rounds of device reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_rounds",
        sa.Column("lane", sa.String(8), nullable=False),
        sa.Column("signer_set", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("round", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(66), nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("signatures", sa.JSON, nullable=False),
        sa.Column("refusals", sa.JSON, nullable=False),
        sa.Column("reason", sa.JSON),
        sa.PrimaryKeyConstraint("lane", "signer_set", "round", name="pk_device_rounds"),
    )
