"""Chain identity, writers, feed and outbox."""

import sqlalchemy as sa
from alembic import op

from backend.store.tables import Amount, BigId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chain_identity",
        sa.Column("chain_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("genesis_hash", sa.String(66), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name="pk_chain_identity"),
    )
    op.create_table(
        "writers",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_writers"),
    )
    op.create_table(
        "feed",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("xid", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("block", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_xid_id", "feed", ["xid", "id"])
    _create_outbox()


def _create_outbox() -> None:
    op.create_table(
        "intents",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("target", sa.String(42), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("value", Amount, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("cancel_requested", sa.Integer, nullable=False),
        sa.Column("transaction_hash", sa.String(66)),
        sa.Column("block", sa.BigInteger),
        sa.Column("block_hash", sa.String(66)),
        sa.Column("reason", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
        sa.UniqueConstraint("key", name="uq_intents_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intents_sender_state", "intents", ["sender", "state", "id"])
    op.create_table(
        "slots",
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("intent_id", BigId),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("foreign_hash", sa.String(66)),
        sa.PrimaryKeyConstraint("sender", "nonce", name="pk_slots"),
        sa.ForeignKeyConstraint(["intent_id"], ["intents.id"], name="fk_slots_intent_id"),
    )
    op.create_index("ix_slots_intent_id", "slots", ["intent_id"])
    op.create_table(
        "variants",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("nonce", sa.BigInteger, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("max_fee", Amount, nullable=False),
        sa.Column("priority_fee", Amount, nullable=False),
        sa.Column("gas", sa.BigInteger, nullable=False),
        sa.Column("noop", sa.Integer, nullable=False),
        sa.Column("signed_at_block", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_variants"),
        sa.UniqueConstraint("hash", name="uq_variants_hash"),
        sa.UniqueConstraint("sender", "nonce", "max_fee", name="uq_variants_fee"),
        sa.ForeignKeyConstraint(["sender", "nonce"], ["slots.sender", "slots.nonce"], name="fk_variants_sender"),
        sqlite_autoincrement=True,
    )
