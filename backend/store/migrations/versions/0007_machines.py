"""What machines report: records, checkpoints, states, alarms, quarantine, and the papers they are judged by."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.store.tables import BigId

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("cleared_at IS NULL")


def upgrade() -> None:
    _create_records()
    op.create_table(
        "machine_checkpoints",
        *_place(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("fuel", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(132), nullable=False),
        sa.PrimaryKeyConstraint("machine", "epoch", "sequence", name="pk_machine_checkpoints"),
    )
    op.create_table(
        "machine_states",
        sa.Column("machine", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("hours", sa.BigInteger, nullable=False),
        sa.Column("fuel", sa.BigInteger, nullable=False),
        sa.Column("sealed_hours", sa.BigInteger, nullable=False),
        sa.Column("sealed_fuel", sa.BigInteger, nullable=False),
        sa.Column("live_at", sa.BigInteger, nullable=False),
        sa.Column("heard_at", sa.BigInteger, nullable=False),
        sa.Column("alarms", sa.Integer, nullable=False),
        sa.Column("alarms_sequence", sa.Integer, nullable=False),
        sa.Column("alarms_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("machine", name="pk_machine_states"),
    )
    _create_alarms()
    _create_quarantine()
    op.create_table(
        "intake_counts",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_intake_counts"),
    )
    op.create_table(
        "annexes",
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_annexes"),
    )
    op.create_table(
        "machine_profiles",
        sa.Column("machine", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("model", sa.String(40)),
        sa.Column("tank", sa.Integer),
        sa.PrimaryKeyConstraint("machine", name="pk_machine_profiles"),
    )


def _place() -> list[sa.Column[Any]]:
    return [
        sa.Column("machine", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, autoincrement=False),
    ]


def _create_records() -> None:
    op.create_table(
        "machine_records",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("machine", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("thinned", sa.Boolean, nullable=False),
        sa.Column("records", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machine_records"),
    )
    op.create_index("ix_machine_records_machine_until", "machine_records", ["machine", "until"])
    op.create_index("ix_machine_records_machine_epoch_last", "machine_records", ["machine", "epoch", "last"])


def _create_alarms() -> None:
    op.create_table(
        "machine_alarms",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("machine", sa.BigInteger, nullable=False),
        sa.Column("alarm", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(12), nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("raised_at", sa.BigInteger),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("cleared_at", sa.BigInteger),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("answered_by", sa.BigInteger),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("silent_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machine_alarms"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_machine_alarms_open",
        "machine_alarms",
        ["machine", "alarm"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_machine_alarms_machine_id", "machine_alarms", ["machine", "id"])


def _create_quarantine() -> None:
    op.create_table(
        "machine_quarantine",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("machine", sa.BigInteger),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_machine_quarantine"),
        sa.UniqueConstraint("digest", name="uq_machine_quarantine_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_machine_quarantine_last_at", "machine_quarantine", ["last_at"])
    op.create_index("ix_machine_quarantine_machine_id", "machine_quarantine", ["machine", "id"])
