"""What parties think of the service: a score from 0 to 10 by topic, and a text if they like."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select

from backend.days import DAY_S
from backend.store.tables import feedback

REPLACED_WITHIN_S = 30 * DAY_S
COUNTED_FOR_S = 90 * DAY_S
KEPT_FOR_S = 730 * DAY_S
LEAST_OF_PROMOTERS, MOST_OF_DETRACTORS = 9, 6
COLUMNS = feedback.c

TOPICS: Mapping[str, Mapping[str, str]] = {
    "receivables": {"en": "Receivable financing", "zh": "应收账款融资"},
    "lines": {"en": "Credit line", "zh": "信用额度"},
    "leases": {"en": "Equipment lease", "zh": "融资租赁"},
    "machines": {"en": "Machines and alarms", "zh": "设备与报警"},
    "service": {"en": "The service as a whole", "zh": "整体服务"},
}


@dataclass(frozen=True, slots=True)
class Promotion:
    """Answers by how they count."""

    promoters: int
    passives: int
    detractors: int

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def net(self) -> int | None:
        """Net promoter score: promoters less detractors in percent of all, halves rounded up; None without answers."""
        if not self.answers:
            return None
        return (200 * (self.promoters - self.detractors) + self.answers) // (2 * self.answers)


def promotion(scores: Iterable[int]) -> Promotion:
    """Promoters give 9 or 10, detractors 6 or less."""
    given = list(scores)
    promoters = sum(score >= LEAST_OF_PROMOTERS for score in given)
    detractors = sum(score <= MOST_OF_DETRACTORS for score in given)
    return Promotion(promoters, len(given) - promoters - detractors, detractors)


def give(tx: Connection, party: int, topic: str, score: int, text: str, *, now: int) -> RowMapping:
    """Keep an answer in place of the party's answer to the topic of the last 30 days; forgets those past two years."""
    same = (COLUMNS.party == party) & (COLUMNS.topic == topic) & (COLUMNS.given_at > now - REPLACED_WITHIN_S)
    tx.execute(delete(feedback).where(same | (COLUMNS.given_at <= now - KEPT_FOR_S)))
    row = {"party": party, "topic": topic, "score": score, "text": text, "given_at": now}
    return tx.execute(feedback.insert().values(row).returning(feedback)).one()._mapping


def listed(
    tx: Connection,
    *,
    topic: str | None = None,
    least: int = 0,
    most: int = 10,
    with_text: bool = False,
    before: int | None = None,
    limit: int,
) -> Sequence[RowMapping]:
    """Answers, newest first; `least` and `most`: scores that count; `before`: id of the last one seen."""
    query = select(feedback).where(COLUMNS.score.between(least, most))
    if topic is not None:
        query = query.where(COLUMNS.topic == topic)
    if with_text:
        query = query.where(COLUMNS.text != "")
    if before is not None:
        query = query.where(COLUMNS.id < before)
    return [row._mapping for row in tx.execute(query.order_by(COLUMNS.id.desc()).limit(limit))]


def recent(tx: Connection, now: int) -> Promotion:
    """Of the last 90 days."""
    query = select(COLUMNS.score).where(COLUMNS.given_at > now - COUNTED_FOR_S)
    return promotion(tx.scalars(query))


def erase(tx: Connection, party: int) -> int:
    """Delete the party's answers; returns how many."""
    given: Any = tx.execute(select(func.count()).where(COLUMNS.party == party)).scalar_one()
    tx.execute(delete(feedback).where(COLUMNS.party == party))
    return int(given)
