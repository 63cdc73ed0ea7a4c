"""Filings of core enterprises and rounds of score reports."""

import sqlalchemy as sa
from alembic import op

from backend.store.tables import BigId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("company", sa.String(40), nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("features_hash", sa.String(66), nullable=False),
        sa.Column("filed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_filings_party_id", "filings", ["party", "id"])
    op.create_table(
        "score_rounds",
        sa.Column("round", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(66), nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("model_hash", sa.String(66), nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("signatures", sa.JSON, nullable=False),
        sa.Column("refusals", sa.JSON, nullable=False),
        sa.Column("reason", sa.JSON),
        sa.PrimaryKeyConstraint("round", name="pk_score_rounds"),
    )
