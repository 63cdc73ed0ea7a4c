"""Mirror of the contract RiskPolicy."""

from typing import NamedTuple

from tests.properties.model.gate import Gate
from tests.properties.model.oracle import Oracle
from tests.properties.model.refused import require

FLOORS = (700, 650, 600, 550, 500)
MAX_AGE = 40 * 86_400


class Terms(NamedTuple):
    """In the order of the contract's struct."""

    open: int
    advance_bps: int
    annual_rate_bps: int
    fee_bps: int
    limit_cap: int
    max_age: int
    blocking_flags: int


CLOSED = Terms(0, 0, 0, 0, 0, 0, 0)


class Policy:
    def __init__(self, gate: Gate, oracle: Oracle) -> None:
        self.gate = gate
        self.oracle = oracle
        self.terms: dict[tuple[int, int], Terms] = {}

    def set_terms(self, caller: int, product: int, grade: int, terms: Terms) -> None:
        self.gate.restricted(caller)
        self._set(product, grade, terms)

    def tighten_terms(self, caller: int, product: int, grade: int, terms: Terms) -> None:
        self.gate.restricted(caller)
        require(self._is_tighter(terms, self.terms_of(product, grade)), "NotTighter", grade)
        self._set(product, grade, terms)

    def terms_of(self, product: int, grade: int) -> Terms:
        return self.terms.get((product, grade), CLOSED)

    def require_terms(self, product: int, party: int) -> tuple[Terms, int, int]:
        """Terms in force for the party, its grade and its score."""
        s = self.oracle.usable_score(party)
        grade = next((number for number, floor in enumerate(FLOORS) if s.value >= floor), len(FLOORS))
        terms = self.terms_of(product, grade)
        require(terms.open, "GradeRefused", product, grade, s.value)
        require(self.gate.now - s.issued_at <= terms.max_age, "ScoreStale", party, s.issued_at, terms.max_age)
        blocked = s.flags & terms.blocking_flags
        require(not blocked, "PartyFlagged", party, blocked)
        return terms, grade, s.value

    def _set(self, product: int, grade: int, t: Terms) -> None:
        require(grade < len(FLOORS), "GradeUnknown", grade, len(FLOORS) - 1)
        require(
            t.advance_bps <= 10_000 and t.annual_rate_bps <= 2_400 and t.fee_bps <= 300 and t.max_age <= MAX_AGE,
            "TermsOutOfBounds",
            t.advance_bps,
            t.annual_rate_bps,
            t.fee_bps,
            t.max_age,
        )
        self.terms[product, grade] = t

    @staticmethod
    def _is_tighter(to: Terms, now: Terms) -> bool:
        return (
            (now.open or not to.open)
            and to.advance_bps <= now.advance_bps
            and to.annual_rate_bps >= now.annual_rate_bps
            and to.fee_bps >= now.fee_bps
            and to.limit_cap <= now.limit_cap
            and to.max_age <= now.max_age
            and to.blocking_flags & now.blocking_flags == now.blocking_flags
        )
