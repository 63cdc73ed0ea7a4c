"""A supplier's limits week by week, and the collapses of turnover that test them."""

from dataclasses import dataclass
from functools import cached_property

from backend.scoring import scale
from backend.scoring.merchants.limit import POLICY, Evaluation, Move, Proposal, moved, proposed
from backend.scoring.merchants.limit_policy import WHOLE, LimitPolicy
from backend.scoring.merchants.simulation.panel import MONTH, QUARTER, SET_WEEK, WEEKS, Supplier, facts

PD_PPM = 50_000
INSTALMENT_BPS = 1_000
"""Share of the principal that a statement bills, every four weeks here."""
COLLAPSE_WEEKS = 8
COLLAPSE_BPS = 3_000
"""A collapse: eight weeks that sell less than this share of the thirteen before, pro rata, ..."""
STEEP_BPS = 5_000
"""... the first four of them each less than this share of an average week."""


@dataclass(frozen=True)
class Life:
    """Limits after the weeks `SET_WEEK` (index 0) to `WEEKS`: what the figures support, and what is in force."""

    supplier: Supplier
    proposed: tuple[int, ...]
    granted: tuple[int, ...]

    @property
    def fixed(self) -> int:
        """The limit that is set once and stays."""
        return self.proposed[0]

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """Owed by a merchant that always draws all it may, and repays no more than statements bill."""
        owed = [self.granted[0]]
        for weeks, granted in enumerate(self.granted[1:], start=1):
            instalment = owed[-1] * INSTALMENT_BPS // WHOLE if weeks % MONTH == 0 else 0
            owed.append(max(granted, owed[-1] - instalment))
        return tuple(owed)

    @cached_property
    def collapse(self) -> int | None:
        """Index of the last week before the first collapse that began with a limit, None when there was none."""
        weeks = range(SET_WEEK, WEEKS - COLLAPSE_WEEKS + 1)
        return next((w - SET_WEEK for w in weeks if _collapses(self.supplier, w) and self.granted[w - SET_WEEK]), None)


def life(supplier: Supplier, policy: LimitPolicy = POLICY) -> Life:
    """Both limits start with what the figures of `SET_WEEK` support, so that they differ by the movement alone."""
    proposals = [_proposal(supplier, week, policy) for week in range(SET_WEEK, WEEKS + 1)]
    first = proposals[0].limit
    history = [Evaluation(7 * SET_WEEK - policy.rise_days, first, first, Move.START, "", "", policy.hash)]
    for week, proposal in enumerate(proposals[1:], start=SET_WEEK + 1):
        history.append(moved(history, proposal, 7 * week, policy))
    return Life(supplier, tuple(each.limit for each in proposals), tuple(past.granted for past in history))


def _proposal(supplier: Supplier, week: int, policy: LimitPolicy) -> Proposal:
    return proposed(facts(supplier, week), scale.score(PD_PPM), PD_PPM, policy)


def _collapses(supplier: Supplier, week: int) -> bool:
    """Whether turnover collapses right after `week`. Looks ahead: it labels what happened, no limit sees it."""
    before = supplier.turnover(week, QUARTER)
    after = supplier.turnover(week + COLLAPSE_WEEKS, COLLAPSE_WEEKS)
    lasting = after * QUARTER * WHOLE < before * COLLAPSE_WEEKS * COLLAPSE_BPS
    steep = all(sold * QUARTER * WHOLE < before * STEEP_BPS for sold in supplier.sales[week : week + MONTH])
    return lasting and steep
