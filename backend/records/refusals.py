"""Applications that the contracts refused, counted by product and reason. A refused transaction leaves no event, and a
refused quote no transaction: what is not counted here is known nowhere.

Counted is the refusal of a quote that the applicant itself asked for, signed in: what strangers ask tells nothing.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from backend import store
from backend.store.tables import refusal_marks, refusals

APPLICATION, DRAW = "application", "draw"
# Errors that decide about credit. Others tell that there was nothing to decide: no such claim, financed already.
DECISIONS = frozenset(
    {
        "CashShort",
        "CertificateUnverified",
        "ClaimTooSmall",
        "ConsentMissing",
        "CurrencyNotFinanced",
        "DeviceEpochBehind",
        "DrawTooSmall",
        "FacilityClosed",
        "FinancingDisputed",
        "GradeRefused",
        "LeaseInDispute",
        "LeaseNotInOrder",
        "LeasePortfolioFull",
        "LeasesNotFinanced",
        "LimitExceeded",
        "LimitZero",
        "LineExceeded",
        "LineIsFrozen",
        "LineMatured",
        "LineOverdue",
        "LinesNotOffered",
        "LoanTooSmall",
        "MachineAlarmed",
        "MachineOnHold",
        "ModelIsRetired",
        "PartyExpired",
        "PartyFlagged",
        "PartyInArrears",
        "PartyIsFrozen",
        "PortfolioFull",
        "ReadingMissing",
        "ReadingStale",
        "RegistrationMissing",
        "RoleMissing",
        "ScoreExpired",
        "ScoreMissing",
        "ScoreOnHold",
        "ScoreStale",
        "TermOutOfBounds",
    }
)
MARKS, COUNTS = refusal_marks.c, refusals.c


@dataclass(frozen=True, slots=True)
class Application:
    """What was asked for. `subject`: number of the receivable, of the lease, or of the party whose line it is."""

    product: str
    step: str
    subject: int


def is_marked(tx: Connection, asked: Application, day: int) -> bool:
    """Whether this application was refused on that day before."""
    same = (MARKS.product == asked.product) & (MARKS.step == asked.step) & (MARKS.subject == asked.subject)
    return tx.execute(select(MARKS.day).where(same, MARKS.day == day)).one_or_none() is not None


def count(tx: Connection, asked: Application, reason: str, day: int) -> None:
    """Once a day for the same application; its mark is forgotten with the first refusal of another day."""
    if is_marked(tx, asked, day):
        return
    tx.execute(delete(refusal_marks).where(MARKS.day != day))
    tx.execute(refusal_marks.insert().values(**asdict(asked), day=day))
    new = store.insert(tx.dialect.name, refusals)
    new = new.values(product=asked.product, step=asked.step, reason=reason, day=day, count=1)
    key = ["product", "step", "reason", "day"]
    tx.execute(new.on_conflict_do_update(index_elements=key, set_={"count": COUNTS.count + 1}))


def listed(tx: Connection) -> list[dict[str, Any]]:
    """`{product, step, reason, count}` since the beginning, the most frequent first."""
    total = func.sum(COUNTS.count)
    query = select(COUNTS.product, COUNTS.step, COUNTS.reason, total.label("count"))
    query = query.group_by(COUNTS.product, COUNTS.step, COUNTS.reason)
    rows = tx.execute(query.order_by(total.desc(), COUNTS.product, COUNTS.step, COUNTS.reason))
    return [dict(row._mapping) | {"count": int(row._mapping["count"])} for row in rows]
