"""Rent so far, line by line: the chain's figures, each with the formula and the inputs it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend import days, rent
from backend.rent import ENDLESS, Bounds, Tier


@dataclass(frozen=True, slots=True)
class Line:
    """`formula` over `reads`: figures of the chain, or lines above."""

    id: str
    en: str
    zh: str
    formula: str
    reads: tuple[str, ...]

    def shown(self, known: Mapping[str, int], tiers: Sequence[Mapping[str, Any]], decides: bool) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": {"en": self.en, "zh": self.zh},
            "formula": self.formula,
            "inputs": {name: known[name] for name in self.reads},
            "result": known[self.id],
            "tiers": tiers if self.id == "usage" else [],
            "decides": decides,
        }


LINES = (
    Line(
        "elapsed",
        "Seconds since the day of delivery began, of the lease's time at most",
        "自交付日起的秒数，不超过租期",
        "min(now, end) - start",
        ("now", "start", "end"),
    ),
    Line(
        "locked",
        "Seconds of them in which the lessor had locked the machine; no fixed rent runs",
        "其中出租人锁机的秒数，期间不计固定租金",
        "locked_seconds",
        ("locked_seconds",),
    ),
    Line(
        "fixed",
        "Minimum rent of the time",
        "按时间计的最低租金",
        "minimum * (elapsed - locked) // period_seconds",
        ("minimum", "elapsed", "locked", "period_seconds"),
    ),
    Line(
        "usage",
        "Rent of the hours worked, each at the rate of its tier",
        "按工时分档计算的租金",
        "units_times_ten // 10",
        ("units_times_ten",),
    ),
    Line(
        "most",
        "Cap of the time",
        "按时间计的租金上限",
        "cap * elapsed // period_seconds",
        ("cap", "elapsed", "period_seconds"),
    ),
    Line(
        "total",
        "Rent so far: the greater of fixed rent and hours, at most the cap",
        "截至目前的租金：固定租金与工时租金取高，不超过上限",
        "min(most, max(fixed, usage))",
        ("most", "fixed", "usage"),
    ),
    Line(
        "not_charged",
        "Of it not charged by a statement yet",
        "其中尚未出账",
        "max(0, total - charged)",
        ("total", "charged"),
    ),
)


def lines(lease: Mapping[str, Any], *, now: int, locked: int, tenths: int, charged: int) -> list[dict[str, Any]]:
    """Of a lease that was delivered, as the API shows them. `lease`: its row; `locked` in seconds until `now`;
    `tenths` since delivery; `charged` by statements through `now`."""
    period = lease["period_days"] * days.DAY_S
    start = days.start_of(lease["start_day"])
    end = start + lease["periods"] * period
    elapsed = min(now, end) - start
    tiers = [Tier(tier["through_tenths"], tier["rate"]) for tier in lease["tiers"]]
    charges = rent.tier_charges(tiers, tenths)
    account = rent.account_down(tiers, Bounds(lease["minimum"], lease["cap"], period), elapsed, locked, tenths)
    known = {
        "now": now,
        "start": start,
        "end": end,
        "elapsed": elapsed,
        "locked_seconds": locked,
        "locked": locked,
        "minimum": lease["minimum"],
        "cap": lease["cap"],
        "period_seconds": period,
        "units_times_ten": sum(charge.units_times_ten for charge in charges),
        "charged": charged,
        "not_charged": max(0, account.total - charged),
        **account._asdict(),
    }
    decides = next(name for name in ("most", "fixed", "usage") if known[name] == account.total)
    shown = [tier_shown(charge.tier) | charge._asdict() for charge in charges]
    return [line.shown(known, shown, line.id == decides) for line in LINES]


def tier_shown(tier: Tier) -> dict[str, Any]:
    """The last tier has no end."""
    return {"through_tenths": None if tier.through_tenths == ENDLESS else tier.through_tenths, "rate": tier.rate}
