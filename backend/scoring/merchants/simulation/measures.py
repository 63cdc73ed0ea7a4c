"""What the lives of all suppliers say about the limit: counts, quantiles, reaction times, exposure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from backend.scoring.merchants.limit import POLICY
from backend.scoring.merchants.limit_policy import WHOLE
from backend.scoring.merchants.simulation.lives import Life, life
from backend.scoring.merchants.simulation.panel import SET_WEEK, Supplier

QUANTILES = (10, 25, 50, 75, 90)
WATCHED_WEEKS = (26, 39, 52)
CUTS_BPS = (1_000, 3_000, 5_000)
UNGUARDED = POLICY.model_copy(update={"recent_month_bps": 5 * WHOLE})
"""The policy without its eye on the last month: five times a month's turnover never is the least."""


def measured(panel: Sequence[Supplier]) -> dict[str, Any]:
    """Amounts in fen, shares in basis points, times in weeks."""
    lives = with_limit(panel)
    return {
        "policy_hash": POLICY.hash,
        "suppliers": len(panel),
        "with_limit": len(lives),
        "limits": {str(week): _quantiles([each.granted[week - SET_WEEK] for each in lives]) for week in WATCHED_WEEKS},
        "moves": _moves(lives),
        "in_force_of_supported_bps": _supported(lives),
        "collapses": len(collapsed(lives)),
        "reaction": reactions(collapsed(lives)),
        "reaction_without_last_month": reactions(
            collapsed([life(each.supplier, UNGUARDED) for each in collapsed(lives)])
        ),
        "exposure": {str(weeks): _exposure(collapsed(lives), weeks) for weeks in (2, 4, 8)},
        "exposure_of_all": _exposure_of_all(lives),
    }


def with_limit(panel: Sequence[Supplier]) -> list[Life]:
    """The lives that begin with a limit."""
    return [each for each in map(life, panel) if each.fixed]


def collapsed(lives: Sequence[Life]) -> list[Life]:
    return [each for each in lives if each.collapse is not None]


def quantile(values: Sequence[int], percent: int) -> int:
    """The least value that `percent` of the values do not exceed."""
    return sorted(values)[max(-(-len(values) * percent // 100) - 1, 0)]


def _quantiles(values: Sequence[int]) -> dict[str, int]:
    return {f"p{percent}": quantile(values, percent) for percent in QUANTILES}


def _moves(lives: Sequence[Life]) -> dict[str, int]:
    """Weeks of all suppliers by what the limit did."""
    steps = [(before, now) for each in lives for before, now in pairwise(each.granted)]
    rises, cuts = (sum(now > before for before, now in steps), sum(now < before for before, now in steps))
    large = sum(now * 10 <= before * 9 for before, now in steps if before)
    return {"weeks": len(steps), "rises": rises, "cuts": cuts, "cuts_of_a_tenth": large}


def _supported(lives: Sequence[Life]) -> int:
    """Limit in force as a share of what the figures support, mean over suppliers: what slow rises cost."""
    shares = [WHOLE * sum(each.granted[1:]) // sum(each.proposed[1:]) for each in lives if any(each.proposed[1:])]
    return sum(shares) // len(shares)


def weeks_to_cut(each: Life, cut_bps: int) -> int | None:
    """Weeks from the last normal week until the limit is down by `cut_bps` or more, None when the panel ends before."""
    most = _before(each) * (WHOLE - cut_bps)
    later = enumerate(each.granted[(each.collapse or 0) + 1 :], start=1)
    return next((weeks for weeks, granted in later if granted * WHOLE <= most), None)


def reactions(lives: Sequence[Life]) -> dict[str, dict[str, int | None]]:
    return {str(cut): _reaction([weeks_to_cut(each, cut) for each in lives]) for cut in CUTS_BPS}


def _reaction(times: Sequence[int | None]) -> dict[str, int | None]:
    """Median and 90th percentile over all collapses, None when that many had not been cut before the panel ended."""
    known = sorted(time for time in times if time is not None)
    ranks = {f"p{percent}": -(-len(times) * percent // 100) - 1 for percent in (50, 90)}
    reached = {name: known[rank] if rank < len(known) else None for name, rank in ranks.items()}
    return reached | {"never": len(times) - len(known)}


def _exposure(lives: Sequence[Life], weeks: int) -> dict[str, int]:
    """Debt beyond what the figures support `weeks` after the last normal one: means over collapses, as shares of the
    limit before. `late_draw`: of a merchant that had drawn half and now draws all it may. `always_drawn`: of one that
    had drawn all it might at any time. `fixed`: of either under the limit that never moves."""
    at = [(each, (each.collapse or 0) + weeks) for each in lives]
    return {
        "supported_bps": _mean([(each, each.proposed[i]) for each, i in at]),
        "late_draw_bps": _mean([(each, _above(max(each.granted[i], _before(each) // 2), each, i)) for each, i in at]),
        "always_drawn_bps": _mean([(each, _above(each.drawn[i], each, i)) for each, i in at]),
        "fixed_bps": _mean([(each, _above(each.fixed, each, i)) for each, i in at]),
    }


def _above(owed: int, each: Life, index: int) -> int:
    return max(owed - each.proposed[index], 0)


def _before(each: Life) -> int:
    """Limit in force at the end of the last normal week."""
    return each.granted[each.collapse or 0]


def _mean(amounts: Sequence[tuple[Life, int]]) -> int:
    return sum(WHOLE * amount // _before(each) for each, amount in amounts) // len(amounts)


def _exposure_of_all(lives: Sequence[Life]) -> dict[str, int]:
    """Debt beyond what the figures support, when all is always drawn, as a share of that debt: means over suppliers."""
    moving = [_beyond(each, each.drawn) for each in lives]
    fixed = [_beyond(each, [each.fixed] * len(each.proposed)) for each in lives]
    return {"moving_bps": sum(moving) // len(moving), "fixed_bps": sum(fixed) // len(fixed)}


def _beyond(each: Life, debts: Sequence[int]) -> int:
    """Over the weeks after the first, in basis points of all debts."""
    return WHOLE * sum(_above(debt, each, i) for i, debt in enumerate(debts) if i) // sum(debts[1:])


def profile(lives: Sequence[Life], weeks: int, percent: int) -> int:
    """Quantile over collapses of the limit `weeks` after the last normal one, in basis points of the limit then."""
    return quantile([WHOLE * each.granted[(each.collapse or 0) + weeks] // _before(each) for each in lives], percent)


def share_cut(lives: Sequence[Life], cut_bps: int, weeks: int) -> int:
    """Basis points of the collapses whose limit was down by `cut_bps` within `weeks`."""
    times = [weeks_to_cut(each, cut_bps) for each in lives]
    return WHOLE * sum(time is not None and time <= weeks for time in times) // len(times)
