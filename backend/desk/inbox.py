"""What needs somebody now, the most urgent first: rules over rows of the read model.

`of_party` and `of_bank` take what backend/readmodel/worklists.py brings. Amounts in fen, days in Beijing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from backend import days, figures
from backend.desk import sentences
from backend.readmodel import leases, lines

SOON_DAYS = 3
AHEAD_DAYS = 14
CHECK_DAYS = 30  # how long before its end a KYC check is to be renewed
SCORE_DAYS = 7
OBJECTION_DAYS = 15  # EquipmentLease.RETURN_OBJECTION_DAYS
NEVER = 2**31

Row = Mapping[str, Any]


class Severity(IntEnum):
    """`URGENT`: late, or about to cost something. `SOON`: within days. `OPEN`: waits. `HINT`: may be of use."""

    URGENT = 0
    SOON = 1
    OPEN = 2
    HINT = 3


@dataclass(frozen=True, slots=True)
class Item:
    """Something to do about a subject. `values`: what else its sentence names."""

    kind: str
    subject: str
    id: int | str
    severity: Severity
    due: int | None = None
    amount: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> sentences.Text:
        named = {"id": self.id, "due": self.due, "amount": self.amount}
        return sentences.filled(sentences.templates("inbox")[self.kind], named | dict(self.values))


@dataclass(frozen=True, slots=True)
class Desk:
    """What concerns one party. `score`, `line`, `rise`: None where there is none."""

    party: Row
    to_confirm: Sequence[Row] = ()
    to_settle: Sequence[Row] = ()
    to_finance: Sequence[Row] = ()
    disputed: Sequence[Row] = ()
    financings: Sequence[Row] = ()
    line: Row | None = None
    rise: Row | None = None
    leases: Sequence[Row] = ()
    score: Row | None = None
    alarms: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Bank:
    """What waits for the bank's officers."""

    models: Sequence[Row] = ()
    held_scores: Sequence[Row] = ()
    machines: Sequence[Row] = ()
    held_machines: Sequence[Row] = ()
    parties: Sequence[Row] = ()
    operations: Sequence[Row] = ()
    alarms: Sequence[Row] = ()


def of_party(desk: Desk, now: int) -> list[Item]:
    """At second `now`."""
    today = days.day_of(now)
    return ordered(
        [
            *_receivables(desk, today),
            *_financings(desk, today),
            *_line(desk, today),
            *_leases(desk, today),
            *_alarms(desk.alarms),
            *_score(desk, now),
            *_verification(desk.party, now),
        ]
    )


def of_bank(bank: Bank, now: int) -> list[Item]:
    """At second `now`."""
    return ordered(
        [
            *(Item("approve_model", "model", row["model"], Severity.OPEN) for row in bank.models),
            *(_held_score(row) for row in bank.held_scores),
            *(Item("verify_machine", "machine", row["machine"], Severity.OPEN) for row in bank.machines),
            *(Item("release_machine", "machine", row["machine"], Severity.SOON) for row in bank.held_machines),
            *(item for row in bank.parties for item in _checks(row, now, "renew_kyc")),
            *(_operation(row, now) for row in bank.operations),
            *_alarms(bank.alarms),
        ]
    )


def ordered(items: Iterable[Item]) -> list[Item]:
    """By severity, then the earliest due, then the largest amount; a kind once for each subject."""
    once = {(item.kind, item.subject, item.id): item for item in items}
    return sorted(
        once.values(),
        key=lambda item: (
            item.severity,
            item.due if item.due is not None else NEVER,
            -(item.amount or 0),
            item.kind,
            str(item.id),
        ),
    )


def urgency(due: int, today: int) -> Severity:
    """Of something that is to be paid by a day."""
    if due < today:
        return Severity.URGENT
    return Severity.SOON if due <= today + SOON_DAYS else Severity.OPEN


# Rules


def _receivables(desk: Desk, today: int) -> Iterator[Item]:
    for row in desk.to_confirm:
        values = {"creditor": row["creditor"]}
        yield Item("confirm_receivable", "receivable", row["id"], Severity.OPEN, row["due_day"], row["face"], values)
    for row in desk.to_settle:
        if row["due_day"] <= today + AHEAD_DAYS:
            kind = "settle_overdue" if row["due_day"] < today else "settle_receivable"
            severity = urgency(row["due_day"], today)
            yield Item(kind, "receivable", row["id"], severity, row["due_day"], row["outstanding"])
    for row in desk.to_finance:
        yield Item("finance_receivable", "receivable", row["id"], Severity.HINT, None, row["outstanding"])
    for row in desk.disputed:
        yield Item("settle_dispute", "receivable", row["id"], Severity.OPEN, None, row["outstanding"])


def _financings(desk: Desk, today: int) -> Iterator[Item]:
    """With recourse the seller answers for what the debtor does not pay."""
    number = desk.party["party"]
    for row in desk.financings:
        facts = ("receivable", row["receivable"], Severity.URGENT)
        if row["status"] == "Defaulted":
            yield Item("financing_defaulted", *facts, None, row["outstanding"])
        elif row["cure_through_day"] is not None:
            values = _left(row["cure_through_day"], today)
            yield Item("cure_financing", *facts, row["cure_through_day"], row["outstanding"], values)
        elif row["seller"] == number and row["due_day"] < today:
            yield Item("financing_overdue", *facts, row["due_day"], row["outstanding"])


def _line(desk: Desk, today: int) -> Iterator[Item]:
    row, rise = desk.line, desk.rise
    if row is None or row["status"] not in lines.LIVE:
        return
    facts = ("line", row["party"])
    is_past = row["due_day"] is not None and row["due_day"] < today
    overdue = row["billed"] if is_past else row["overdue"]
    if row["status"] in ("Defaulted", "WrittenOff"):
        yield Item("line_defaulted", *facts, Severity.URGENT, None, overdue)
    elif row["cure_through_day"] is not None:
        values = _left(row["cure_through_day"], today)
        yield Item("cure_line", *facts, Severity.URGENT, row["cure_through_day"], overdue, values)
    elif overdue:
        yield Item("statement_overdue", *facts, Severity.URGENT, row["due_day"], overdue)
    due = row["billed"] - overdue
    if due and not is_past and row["due_day"] is not None and row["due_day"] <= today + AHEAD_DAYS:
        yield Item("pay_statement", *facts, urgency(row["due_day"], today), row["due_day"], due)
    if rise is not None and row["status"] == "Open" and today - days.day_of(rise["at"]) <= AHEAD_DAYS:
        yield Item("limit_raised", *facts, Severity.HINT, None, rise["after"], {"before": rise["before"]})


def _leases(desk: Desk, today: int) -> Iterator[Item]:
    for row in desk.leases:
        side = _lessee(row, today) if row["lessee"] == desk.party["party"] else _lessor(row, today)
        yield from side


def _lessee(row: Row, today: int) -> Iterator[Item]:
    facts = ("lease", row["lease"])
    if row["status"] == "Signed":
        yield Item("pay_deposit", *facts, Severity.OPEN, None, row["deposit"])
    if row["status"] == "Secured":
        yield Item("accept_delivery", *facts, Severity.OPEN)
    overdue = leases.overdue_on(dict(row), today) if row["status"] in leases.RUNNING else 0
    if overdue and row["status"] in ("Defaulted", "Accelerated", "Rescinded"):
        yield Item("lease_in_default", *facts, Severity.URGENT, None, overdue)
    elif overdue and row["cure_through_day"] is not None:
        values = _left(row["cure_through_day"], today)
        yield Item("cure_lease", *facts, Severity.URGENT, row["cure_through_day"], overdue, values)
    elif overdue:
        yield Item("rent_overdue", *facts, Severity.URGENT, None, overdue)
    due_day = row["due_day"]
    if row["status"] == "Active" and due_day is not None and today <= due_day <= today + AHEAD_DAYS:
        due = row["charged"] - row["credited"] - row["paid"] - overdue
        if due > 0:
            yield Item("pay_rent", *facts, urgency(due_day, today), due_day, due)


def _lessor(row: Row, today: int) -> Iterator[Item]:
    facts = ("lease", row["lease"])
    if row["status"] == "Signed":
        yield Item("await_deposit", *facts, Severity.HINT, None, row["deposit"])
    if row["status"] == "Secured":
        yield Item("deliver_machine", *facts, Severity.OPEN)
    if row["return_day"] is not None:
        until = row["return_day"] + OBJECTION_DAYS
        yield Item("check_return", *facts, urgency(until, today), until)
    if row["status"] == "Active":
        overdue = leases.overdue_on(dict(row), today)
        if overdue:
            yield Item("rent_unpaid", *facts, Severity.SOON, None, overdue)


def _alarms(rows: Iterable[Row]) -> Iterator[Item]:
    """One item for a machine, as grave as its gravest alarm. Rows `{machine, name, critical}`, `name` in both
    languages."""
    by_machine: dict[int, list[Row]] = {}
    for row in rows:
        by_machine.setdefault(row["machine"], []).append(row)
    for machine, raised in by_machine.items():
        severity = Severity.URGENT if any(row["critical"] for row in raised) else Severity.SOON
        names = {lang: mark.join(row["name"][lang] for row in raised) for lang, mark in figures.SEPARATORS.items()}
        yield Item("answer_alarm", "machine", machine, severity, values={"alarm": names})


def _score(desk: Desk, now: int) -> Iterator[Item]:
    """Of parties whose business needs one."""
    score, number = desk.score, desk.party["party"]
    if not desk.party["scored"]:
        return
    if score is None or not score["consented"]:
        yield Item("give_consent", "score", number, Severity.OPEN)
    elif score["held"]:
        yield Item("score_held", "score", number, Severity.HINT)
    elif score["value"] and score["valid_until"] <= now + SCORE_DAYS * days.DAY_S:
        is_over = score["valid_until"] <= now
        kind, severity = ("score_expired", Severity.URGENT) if is_over else ("score_expires", Severity.SOON)
        yield Item(kind, "score", number, severity, days.day_of(score["valid_until"]))


def _verification(party: Row, now: int) -> Iterator[Item]:
    if party["frozen"]:
        yield Item("party_frozen", "party", party["party"], Severity.URGENT)
    yield from _checks(party, now, "kyc_expires")


def _checks(party: Row, now: int, kind: str) -> Iterator[Item]:
    if party["valid_until"] > now + CHECK_DAYS * days.DAY_S:
        return
    severity = Severity.URGENT if party["valid_until"] <= now else Severity.SOON
    yield Item(kind, "party", party["party"], severity, days.day_of(party["valid_until"]))


def _held_score(row: Row) -> Item:
    """A report was held, or an officer put the score on hold without one."""
    facts, values = ("score", row["party"], Severity.OPEN), {"value": row["value"]}
    if row["proposal"] is None:
        return Item("review_hold", *facts, values=values)
    return Item("release_score", *facts, values=values | {"proposed": row["proposal"]["value"]})


def _operation(row: Row, now: int) -> Item:
    """`step`: the function that is to be called, and of which contract."""
    kind, severity = (
        ("execute_operation", Severity.SOON) if row["ready_at"] <= now else ("await_operation", Severity.HINT)
    )
    values = {"step": row["step"]}
    return Item(kind, "operation", row["operation"], severity, days.day_of(row["ready_at"]), values=values)


def _left(through: int, today: int) -> dict[str, int]:
    """Days to cure, today included; 0 when the time is over."""
    return {"left": max(0, through - today + 1)}
