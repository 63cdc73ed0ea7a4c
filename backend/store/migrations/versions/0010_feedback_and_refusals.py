"""Feedback of parties, and applications that were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.String(11), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("given_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_given_at", "feedback", ["given_at"])
    op.create_index("ix_feedback_party_topic", "feedback", ["party", "topic"])
    op.create_table(
        "refusals",
        sa.Column("product", sa.String(11), nullable=False),
        sa.Column("step", sa.String(11), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("product", "step", "reason", "day", name="pk_refusals"),
    )
    op.create_table(
        "refusal_marks",
        sa.Column("product", sa.String(11), nullable=False),
        sa.Column("step", sa.String(11), nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("product", "step", "subject", name="pk_refusal_marks"),
    )
    op.create_index("ix_refusal_marks_day", "refusal_marks", ["day"])
