"""Questions of an auditor to the read model: is any claim financed twice, and which score did a payout rest on?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from backend.chain.reports import ScoreRecord, decode_record
from backend.readmodel import events
from backend.readmodel.financings import financings
from backend.readmodel.receivables import receivables
from backend.readmodel.scores import models
from backend.store.tables import Amount

NEVER_OWED = {"Rejected", "Cancelled"}
COLUMNS = ("id", "parent", "origin", "debtor", "creditor", "state", "face", "fingerprint", "registered_at")
TURN_COLUMNS = (
    "receivable",
    "turn",
    "status",
    "seller",
    "debtor",
    "claim",
    "advance",
    "net",
    "financed_at",
    "closed_at",
)
REPORTED = ("CreditOracle", "ScoresReported")
ACCEPTED, HELD, SKIPPED = OUTCOMES = ("accepted", "held", "skipped")
SINGLED_OUT = {"RecordSkipped": SKIPPED, "ScoreHeld": HELD}
REPORTS_AT_ONCE = 20
RULES = ("registered_twice", "financed_twice", "financed_with_its_part", "financed_beyond_face")

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What must never be. `rule` is one of RULES; `receivables`: those that contradict each other."""

    rule: str
    receivables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Receivables that were looked at, every financing of them, and what contradicts what."""

    claims: list[Shown]
    turns: list[Shown]
    conflicts: list[Conflict]


def check(tx: Connection, *, fingerprint: str | None = None, receivable: int | None = None) -> Check:
    """Whether what is financed is financed once: everything with this fingerprint, or that one receivable is part of,
    or the whole book."""
    query = select(*(receivables.c[name] for name in COLUMNS)).order_by(receivables.c.id)
    if fingerprint is not None:
        query = query.where(receivables.c.fingerprint == fingerprint)
    if receivable is not None:
        same = select(receivables.c.fingerprint).where(receivables.c.id == receivable).scalar_subquery()
        query = query.where(receivables.c.fingerprint == same)
    claims = _rows(tx, query)
    turns_query = select(*(financings.c[name] for name in TURN_COLUMNS))
    if fingerprint is not None or receivable is not None:
        turns_query = turns_query.where(financings.c.receivable.in_([claim["id"] for claim in claims]))
    turns = _rows(tx, turns_query.order_by(financings.c.receivable, financings.c.turn))
    return Check(claims, turns, list(conflicts(claims, turns)))


def conflicts(claims: Sequence[Shown], turns: Sequence[Shown]) -> Iterator[Conflict]:
    """Pure. Both lists whole: with a claim all that share its fingerprint, with a financing its claim."""
    by_id = {claim["id"]: claim for claim in claims}
    yield from _registered_twice(claims)
    yield from _financed_twice(turns)
    yield from _financed_with_its_part(by_id, turns)
    yield from _financed_beyond_face(by_id, turns)


def score_reports(
    tx: Connection,
    *,
    model: int | None = None,
    party: int | None = None,
    **range_: Any,
) -> list[Shown]:
    """Reports of scores, newest first, with the model's hash, and `outcomes`: records by what became of them.

    From the events themselves: rounds are counted anew for every set of signers. `range_` as `events.listed` takes it.
    """
    subjects = [events.party(party)] if party is not None else []
    number = None if model is None else str(model)
    rows = events.listed(tx, kinds=(REPORTED,), subjects=subjects, argument=("modelId", number), **range_)
    return _reports(tx, rows)


def score_at(tx: Connection, party: int, value: int, before: tuple[int, int]) -> Shown | None:
    """The report whose record a payout read: the newest before it that said `value` of the party and was not skipped.

    With fields of the record, and its `outcome`.
    """
    at: tuple[int, int] | None = before
    while at is not None:
        rows = events.listed(tx, kinds=(REPORTED,), subjects=[events.party(party)], before=at, limit=REPORTS_AT_ONCE)
        for row in rows:
            for record, outcome in _outcomes(tx, row):
                if (record.party, record.value) == (party, value) and outcome != SKIPPED:
                    return _reports(tx, [row])[0] | asdict(record) | {"outcome": outcome}
        at = (rows[-1]["block"], rows[-1]["log_index"]) if len(rows) == REPORTS_AT_ONCE else None
    return None


def whole(tx: Connection, table: Table, moment: str, since: int | None, until: int | None) -> Iterator[Shown]:
    """Every row of a table in the order of its key, as JSON holds it: amounts as decimal strings. `moment`: the column
    that `since` and `until`, exclusive, bound."""
    query = select(table).order_by(*table.primary_key)
    if since is not None:
        query = query.where(table.c[moment] >= since)
    if until is not None:
        query = query.where(table.c[moment] < until)
    amounts = [column.name for column in table.columns if isinstance(column.type, Amount)]
    for row in tx.execute(query):
        shown = dict(row._mapping)
        yield shown | {name: str(shown[name]) for name in amounts if shown[name] is not None}


# Inside


def _rows(tx: Connection, query: Select[Any]) -> list[Shown]:
    return [dict(row._mapping) for row in tx.execute(query)]


def _reports(tx: Connection, rows: Sequence[Shown]) -> list[Shown]:
    hashes = {row.model: row.hash for row in tx.execute(select(models.c.model, models.c.hash))}
    return [_report(tx, row, hashes) for row in rows]


def _report(tx: Connection, row: Shown, hashes: Mapping[int, str]) -> Shown:
    arguments = row["arguments"]
    counts = Counter(outcome for _, outcome in _outcomes(tx, row))
    return {
        "round": int(arguments["round"]),
        "model": int(arguments["modelId"]),
        "model_hash": hashes.get(int(arguments["modelId"])),
        "issued_at": int(arguments["issuedAt"]),
        "valid_until": int(arguments["validUntil"]),
        "reported_at": row["at"],
        "relayer": arguments["relayer"],
        "records": len(arguments["records"]),
        "outcomes": {outcome: counts[outcome] for outcome in OUTCOMES},
        **{name: row[name] for name in ("block", "log_index", "transaction_hash")},
    }


def _outcomes(tx: Connection, row: Shown) -> list[tuple[ScoreRecord, str]]:
    """What became of every record: a skip and a hold are evented before the report, in the same transaction.

    Of two records of one party and sequence only the first can have counted.
    """
    told = events.of_transactions(tx, [row["transaction_hash"]])
    apart = Counter(
        (int(event["arguments"]["party"]), int(event["arguments"]["sequence"]), SINGLED_OUT[event["event"]])
        for event in told
        if event["contract"] == REPORTED[0] and event["event"] in SINGLED_OUT
    )
    found = []
    for packed in reversed(row["arguments"]["records"]):
        record = decode_record(bytes.fromhex(packed[2:]))
        outcome = next((kind for kind in (SKIPPED, HELD) if apart[record.party, record.sequence, kind]), ACCEPTED)
        apart[record.party, record.sequence, outcome] -= 1
        found.append((record, outcome))
    return found[::-1]


def _registered_twice(claims: Sequence[Shown]) -> Iterator[Conflict]:
    """One invoice of one debtor is registered once; what was rejected or cancelled may be registered again."""
    registered = defaultdict(list)
    for claim in claims:
        if claim["parent"] is None and claim["state"] not in NEVER_OWED:
            registered[claim["debtor"], claim["fingerprint"]].append(claim["id"])
    for same in registered.values():
        if len(same) > 1:
            yield Conflict("registered_twice", tuple(same))


def _financed_twice(turns: Sequence[Shown]) -> Iterator[Conflict]:
    """A claim is financed again only after the financing before is closed."""
    before: dict[int, Shown] = {}
    for turn in turns:
        known = before.get(turn["receivable"])
        if known and _overlap(known, turn):
            yield Conflict("financed_twice", (turn["receivable"],))
        before[turn["receivable"]] = turn


def _financed_with_its_part(by_id: dict[int, Shown], turns: Sequence[Shown]) -> Iterator[Conflict]:
    """Nothing is financed together with what it was split from."""
    of_claim = defaultdict(list)
    for turn in turns:
        of_claim[turn["receivable"]].append(turn)
    for id_, own in of_claim.items():
        parent = by_id[id_]["parent"]
        while parent is not None:
            if any(_overlap(turn, above) for turn in own for above in of_claim.get(parent, [])):
                yield Conflict("financed_with_its_part", (parent, id_))
            parent = by_id[parent]["parent"]


def _financed_beyond_face(by_id: dict[int, Shown], turns: Sequence[Shown]) -> Iterator[Conflict]:
    """What is financed at present under one registered claim is not more than its face."""
    claimed: dict[int, int] = defaultdict(int)
    for turn in turns:
        if turn["closed_at"] is None:
            claimed[by_id[turn["receivable"]]["origin"]] += turn["claim"]
    for origin, sum_ in claimed.items():
        if sum_ > by_id[origin]["face"]:
            yield Conflict("financed_beyond_face", (origin,))


def _overlap(one: Shown, other: Shown) -> bool:
    first, second = sorted((one, other), key=lambda turn: turn["financed_at"])
    return first["closed_at"] is None or first["closed_at"] > second["financed_at"]
