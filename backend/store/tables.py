"""The backend's own tables: what a rebuild from the chain would not bring back. Migrations create them."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

STORE = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives automatic ids only to INTEGER columns; they hold 64 bits there.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class Amount(TypeDecorator[int]):
    """An unsigned integer of up to 256 bits, exact and sortable in both databases.

    SQLite's widest integer has 64 bits and its NUMERIC falls back to floating point: there it is text of fixed width.
    """

    impl = Numeric(78, 0)
    cache_ok = True
    WIDTH = 78

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.WIDTH))
        return dialect.type_descriptor(Numeric(self.WIDTH, 0))

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not 0 <= value < 1 << 256:
            raise ValueError(f"{value} is not an unsigned 256-bit integer")
        return f"{value:0{self.WIDTH}d}" if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


chain_identity = Table(
    "chain_identity",
    STORE,
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("genesis_hash", String(66), nullable=False),
)

writers = Table(
    "writers",
    STORE,
    Column("name", String(80), primary_key=True),
    Column("fence", BigInteger, nullable=False),
)

feed = Table(
    "feed",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    # The writing transaction on PostgreSQL, 0 on SQLite, where ids become visible in their order.
    Column("xid", BigInteger, nullable=False),
    Column("topic", String(80), nullable=False),
    Column("key", String(80), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("block", BigInteger),
    Index("ix_feed_xid_id", "xid", "id"),
    sqlite_autoincrement=True,
)

intents = Table(
    "intents",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("sender", String(42), nullable=False),
    Column("target", String(42), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("value", Amount, nullable=False),
    Column("state", String(12), nullable=False),
    Column("cancel_requested", Integer, nullable=False, default=0),
    Column("transaction_hash", String(66)),
    Column("block", BigInteger),
    Column("block_hash", String(66)),
    Column("reason", JSON(none_as_null=True)),
    Index("ix_intents_sender_state", "sender", "state", "id"),
    sqlite_autoincrement=True,
)

slots = Table(
    "slots",
    STORE,
    Column("sender", String(42), primary_key=True),
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    Column("intent_id", BigId, ForeignKey("intents.id"), index=True),
    Column("state", String(12), nullable=False),
    Column("foreign_hash", String(66)),
)

variants = Table(
    "variants",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("hash", String(66), nullable=False, unique=True),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("max_fee", Amount, nullable=False),
    Column("priority_fee", Amount, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("noop", Integer, nullable=False),
    Column("signed_at_block", BigInteger, nullable=False),
    ForeignKeyConstraint(["sender", "nonce"], ["slots.sender", "slots.nonce"]),
    UniqueConstraint("sender", "nonce", "max_fee", name="uq_variants_fee"),
    sqlite_autoincrement=True,
)

# Secrets: keys of the invoice fingerprints, one per debtor.
debtor_keys = Table(
    "debtor_keys",
    STORE,
    Column("debtor", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

# Statements that core enterprises filed. `figures`: input columns of the model, null where the statement has none.
filings = Table(
    "filings",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("company", String(40), nullable=False),
    Column("figures", JSON, nullable=False),
    Column("features_hash", String(66), nullable=False),
    Column("filed_at", BigInteger, nullable=False),
    Index("ix_filings_party_id", "party", "id"),
    sqlite_autoincrement=True,
)

# One row per round of score reports: what was last proposed for it, who signed or refused, what became of it. Rounds
# are counted anew with every set of signers.
score_rounds = Table(
    "score_rounds",
    STORE,
    Column("signer_set", BigInteger, primary_key=True, autoincrement=False),
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("digest", String(66), nullable=False),
    Column("report", JSON, nullable=False),
    Column("model_hash", String(66), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("signatures", JSON, nullable=False),
    Column("refusals", JSON, nullable=False),
    Column("reason", JSON(none_as_null=True)),
)

# The same of device reports; each lane counts its own. The newest ones are kept.
device_rounds = Table(
    "device_rounds",
    STORE,
    Column("lane", String(8), primary_key=True),
    Column("signer_set", BigInteger, primary_key=True, autoincrement=False),
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("digest", String(66), nullable=False),
    Column("report", JSON, nullable=False),
    Column("signatures", JSON, nullable=False),
    Column("refusals", JSON, nullable=False),
    Column("reason", JSON(none_as_null=True)),
)

# What merchants' businesses are known by: one row per number that a platform gave. Times are seconds, UTC: when it
# happened, and when it came to be known here.
business_records = Table(
    "business_records",
    STORE,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("platform", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("occurred_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("buyer", String(64), nullable=False),
    Index("ix_business_records_party_occurred_at", "party", "occurred_at"),
    Index("ix_business_records_kind_occurred_at", "kind", "occurred_at"),
)

# Every file and push that was received: who brought it, what it was, what became of it.
business_uploads = Table(
    "business_uploads",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("platform", String(32), nullable=False),
    Column("brought_by", String(80), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("file_hash", String(66), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("report", JSON(none_as_null=True)),
    Index("ix_business_uploads_party_id", "party", "id"),
    sqlite_autoincrement=True,
)

# Rises whenever the records of a party are not what they were.
business_changes = Table(
    "business_changes",
    STORE,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

# What remains of erased records. Until a consent of a later epoch, nothing new is taken in.
business_erasures = Table(
    "business_erasures",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False, index=True),
    Column("erased_at", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("consent_epoch", BigInteger, nullable=False),
    Column("erased", JSON, nullable=False),
    sqlite_autoincrement=True,
)

# Platforms that push: SHA-256 of their tokens, and the shops that connected them.
platform_tokens = Table(
    "platform_tokens",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("platform", String(32), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("issued_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    sqlite_autoincrement=True,
)

platform_shops = Table(
    "platform_shops",
    STORE,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("platform", String(32), primary_key=True),
    Column("connected_by", String(42), nullable=False),
    Column("connected_at", BigInteger, nullable=False),
)

# What the oracle found about merchants. `figures` and `arithmetic` go when the records they came from are erased.
evaluations = Table(
    "evaluations",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("consent_epoch", BigInteger, nullable=False),
    Column("model", Integer, nullable=False),
    Column("model_hash", String(66), nullable=False),
    Column("features_hash", String(66), nullable=False),
    Column("policy_hash", String(66), nullable=False),
    Column("score", Integer, nullable=False),
    Column("pd_ppm", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("figures", JSON(none_as_null=True)),
    Column("arithmetic", JSON(none_as_null=True)),
    Column("due", String(20)),
    Column("signer_set", BigInteger),
    Column("round", BigInteger),
    Index("ix_evaluations_party_at", "party", "at", "id"),
    sqlite_autoincrement=True,
)

# How merchants stand with the oracle, and when it looks at them again. `consent_epoch`: of the consent they were looked
# at under, 0 without; `number`: of the last change of records seen.
merchant_standings = Table(
    "merchant_standings",
    STORE,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(12), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("evaluated_at", BigInteger, nullable=False),
    Column("again_at", BigInteger, index=True),
    Column("consent_epoch", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
)

# Secrets: who is signed in. Only the hash of a session's secret is kept; a nonce is deleted when it is spent.
sessions = Table(
    "sessions",
    STORE,
    Column("secret_hash", String(64), primary_key=True),
    Column("wallet", String(42), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

session_nonces = Table(
    "session_nonces",
    STORE,
    Column("nonce", String(32), primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# What machines reported, as they sent it: one row for the records that one machine's batch brought, because a row per
# record would cost more than all else. `records`: payloads with a zero byte between them; `first` and `last` sequence,
# `since` and `until` second of them by the device's clock; `received_at`: server's second of the newest.
machine_records = Table(
    "machine_records",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("machine", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("thinned", Boolean, nullable=False),
    Column("records", LargeBinary, nullable=False),
    Index("ix_machine_records_machine_until", "machine", "until"),
    Index("ix_machine_records_machine_epoch_last", "machine", "epoch", "last"),
)

# What devices signed; `head` and figures are those of record `sequence`.
machine_checkpoints = Table(
    "machine_checkpoints",
    STORE,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("fuel", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    Column("signature", String(132), nullable=False),
)

# How machines stand. `epoch`, `at`: of the newest record. `hours`, `fuel`: metered over all devices by all records;
# `sealed_hours`, `sealed_fuel`: by signed checkpoints alone. `live_at`, `heard_at`: of the newest signed live record,
# by the device's and the server's clock. `alarms`: the contract's word, with the number and second of its last change.
# `state`: of intake and rules.
machine_states = Table(
    "machine_states",
    STORE,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("hours", BigInteger, nullable=False),
    Column("fuel", BigInteger, nullable=False),
    Column("sealed_hours", BigInteger, nullable=False),
    Column("sealed_fuel", BigInteger, nullable=False),
    Column("live_at", BigInteger, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Column("alarms", Integer, nullable=False),
    Column("alarms_sequence", Integer, nullable=False),
    Column("alarms_at", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

# Alarms, one open row per machine and alarm. `answered_at` and `silent_until` by the server's clock, other times by the
# device's; `sequence`: of the record that showed the last change.
machine_alarms = Table(
    "machine_alarms",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("machine", BigInteger, nullable=False),
    Column("alarm", Integer, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("raised_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Column("cleared_at", BigInteger),
    Column("evidence", JSON, nullable=False),
    Column("answered_by", BigInteger),
    Column("answered_at", BigInteger),
    Column("answer", String(500), nullable=False),
    Column("silent_until", BigInteger, nullable=False),
    Index(
        "uq_machine_alarms_open",
        "machine",
        "alarm",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
    Index("ix_machine_alarms_machine_id", "machine", "id"),
    sqlite_autoincrement=True,
)

# Messages that were not taken in. `reason`: name of the error; `digest`: SHA-256 of topic and payload; `payload`: at
# most its first 2,048 bytes; `times`: how often it came.
machine_quarantine = Table(
    "machine_quarantine",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("machine", BigInteger),
    Column("topic", String(80), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("details", JSON, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
    Index("ix_machine_quarantine_machine_id", "machine", "id"),
    sqlite_autoincrement=True,
)

# Messages by what became of them, since the beginning.
intake_counts = Table(
    "intake_counts",
    STORE,
    Column("name", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

# Annexes of leases: the documents whose hashes are in the leases' terms.
annexes = Table(
    "annexes",
    STORE,
    Column("hash", String(66), primary_key=True),
    Column("document", LargeBinary, nullable=False),
)

# Machines' own papers: `model` as the rule set names it, `tank` in tenths of a litre.
machine_profiles = Table(
    "machine_profiles",
    STORE,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("model", String(40)),
    Column("tank", Integer),
)

# What a machine did on a Beijing day, as far as its live records tell; units as in backend/telemetry/fleet/days.py.
machine_days = Table(
    "machine_days",
    STORE,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False, index=True),
    Column("records", Integer, nullable=False),
    Column("hours", Integer),
    Column("fuel_rate", Integer),
    Column("standing", Integer),
    Column("distance", Integer),
    Column("night_distance", Integer, nullable=False),
    Column("good_fixes", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What parties think of the service. An answer replaces the party's answer to the same topic of the last 30 days.
feedback = Table(
    "feedback",
    STORE,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("topic", String(11), nullable=False),
    Column("score", Integer, nullable=False),
    Column("text", String(1000), nullable=False),
    Column("given_at", BigInteger, nullable=False, index=True),
    Index("ix_feedback_party_topic", "party", "topic"),
    sqlite_autoincrement=True,
)

# Applications that a quote refused, by the name of the contract's error. Nothing tells whose they were.
refusals = Table(
    "refusals",
    STORE,
    Column("product", String(11), primary_key=True),
    Column("step", String(11), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
)

# What was refused today already: it is not counted again before tomorrow, when the row goes.
refusal_marks = Table(
    "refusal_marks",
    STORE,
    Column("product", String(11), primary_key=True),
    Column("step", String(11), primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False, index=True),
)
