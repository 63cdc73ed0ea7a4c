"""Business records of merchants, uploads, erasures, and the platforms that push."""

import sqlalchemy as sa
from alembic import op

from backend.store.tables import BigId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _records()
    _uploads()
    _platforms()


def _records() -> None:
    op.create_table(
        "business_records",
        sa.Column("party", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("buyer", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("party", "platform", "id", "kind", name="pk_business_records"),
    )
    op.create_index("ix_business_records_party_occurred_at", "business_records", ["party", "occurred_at"])
    op.create_index("ix_business_records_kind_occurred_at", "business_records", ["kind", "occurred_at"])
    op.create_table(
        "business_changes",
        sa.Column("number", BigId, nullable=False, autoincrement=True),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_business_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "business_erasures",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("consent_epoch", sa.BigInteger, nullable=False),
        sa.Column("erased", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_business_erasures"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_business_erasures_party", "business_erasures", ["party"])


def _uploads() -> None:
    op.create_table(
        "business_uploads",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("party", sa.BigInteger, nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("brought_by", sa.String(80), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("file_hash", sa.String(66), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("report", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_business_uploads"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_business_uploads_party_id", "business_uploads", ["party", "id"])


def _platforms() -> None:
    op.create_table(
        "platform_tokens",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_platform_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_platform_tokens_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_platform_tokens_platform", "platform_tokens", ["platform"])
    op.create_table(
        "platform_shops",
        sa.Column("party", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("connected_by", sa.String(42), nullable=False),
        sa.Column("connected_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("party", "platform", name="pk_platform_shops"),
    )
