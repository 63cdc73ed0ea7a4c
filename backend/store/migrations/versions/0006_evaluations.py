"""Evaluations of merchants, and how they stand with the oracle."""

import sqlalchemy as sa
from alembic import op

from backend.store.tables import BigId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("consent_epoch", sa.BigInteger, nullable=False),
        sa.Column("model", sa.Integer, nullable=False),
        sa.Column("model_hash", sa.String(66), nullable=False),
        sa.Column("features_hash", sa.String(66), nullable=False),
        sa.Column("policy_hash", sa.String(66), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("pd_ppm", sa.Integer, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.Column("granted", sa.BigInteger, nullable=False),
        sa.Column("figures", sa.JSON),
        sa.Column("arithmetic", sa.JSON),
        sa.Column("due", sa.String(20)),
        sa.Column("round", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_evaluations_party_at", "evaluations", ["party", "at", "id"])
    op.create_table(
        "merchant_standings",
        sa.Column("party", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("evaluated_at", sa.BigInteger, nullable=False),
        sa.Column("again_at", sa.BigInteger),
        sa.Column("consent_epoch", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("party", name="pk_merchant_standings"),
    )
    op.create_index("ix_merchant_standings_again_at", "merchant_standings", ["again_at"])
