"""The policy of the moving limit: every constant of its arithmetic, read from `limit_policy.json` and checked.

Units are in the names: `_fen` amounts, `_bps` ten-thousandths, `_days` days. The policy's hash is quoted with every
evaluation, so that a limit can be traced to the figures it was computed with.
"""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backend import strictjson
from backend.errors import HeqiError

FILE = Path(__file__).with_name("limit_policy.json")
WHOLE = 10_000

Fen = Annotated[int, Field(gt=0)]
Share = Annotated[int, Field(ge=0, le=WHOLE)]
Days = Annotated[int, Field(ge=0, le=360)]
Multiple = Annotated[int, Field(ge=0, le=12 * WHOLE)]


class LimitPolicyInvalid(HeqiError):
    notice_en = "The limit policy is not usable at {place}: {rule}."
    notice_zh = "额度政策的 {place} 无效：{rule}。"
    status = 500


class Step(BaseModel):
    """From `from_bps` of the measure on, `keep_bps` of the limit is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    from_bps: Annotated[int, Field(ge=0)]
    keep_bps: Share


Steps = Annotated[tuple[Step, ...], Field(min_length=1, strict=False)]


def _falling(steps: Steps) -> bool:
    """Whether the steps start at 0 and keep less and less."""
    starts = steps[0].from_bps == 0
    return starts and all(a.from_bps < b.from_bps and a.keep_bps > b.keep_bps for a, b in pairwise(steps))


class LimitPolicy(BaseModel):
    """`step_fen`: limits are whole multiples of it; `least_fen`: a smaller limit is none; `opening_fen`: most that a
    new merchant starts with. `recent_month_bps`: most that the average month counts for, as a share of the last 30
    days. `other_loans_bps`: share of the need that other lenders are assumed to cover. `loss_share_bps`: share of a
    year's turnover that the expected loss may reach, never more than `loss_most_fen`. `hash`: SHA-256 of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    step_fen: Fen
    least_fen: Fen
    opening_fen: Fen
    product_cap_fen: Fen
    rise_bps: Annotated[int, Field(gt=0, le=WHOLE)]
    rise_days: Annotated[int, Field(gt=0, le=360)]
    revenue_share_bps: Share
    recent_month_bps: Annotated[int, Field(ge=WHOLE, le=5 * WHOLE)]
    margin_bps: Share
    growth_bps: Share
    unknown_inventory_days: Days
    most_inventory_days: Days
    receivable_days: Days
    payable_days: Days
    prepaid_days: Days
    received_ahead_days: Days
    own_funds_bps: Share
    other_loans_bps: Share
    grade_multiple_bps: dict[str, Multiple]
    lgd_bps: Annotated[int, Field(gt=0, le=WHOLE)]
    loss_share_bps: Share
    loss_most_fen: Fen
    volatility_steps: Steps
    concentration_steps: Steps
    hash: Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        rules = {
            "grade_multiple_bps must name every grade from A to F and fall": self._multiples_fall(),
            "the steps must start at 0, rise, and keep less and less": _falling(self.volatility_steps)
            and _falling(self.concentration_steps),
            "own_funds_bps and other_loans_bps together exceed the need": self.own_funds_bps + self.other_loans_bps
            <= WHOLE,
            "opening_fen must lie between least_fen and product_cap_fen": self.least_fen
            <= self.opening_fen
            <= self.product_cap_fen,
            "a first rise from 0 must reach least_fen": self.opening_fen * self.rise_bps // WHOLE >= self.least_fen,
            "least_fen must be a multiple of step_fen": self.least_fen % self.step_fen == 0,
        }
        broken = [rule for rule, kept in rules.items() if not kept]
        if broken:
            raise ValueError("; ".join(broken))
        return self

    @property
    def constants(self) -> dict[str, int]:
        """The policy's single figures by name, as formulas read them."""
        return {name: value for name, value in self if isinstance(value, int)}

    def _multiples_fall(self) -> bool:
        multiples = list(self.grade_multiple_bps.values())
        return "".join(self.grade_multiple_bps) == "ABCDEF" and multiples == sorted(multiples, reverse=True)


def load(path: Path = FILE) -> LimitPolicy:
    """Raises JsonInvalid or LimitPolicyInvalid."""
    content = path.read_bytes()
    try:
        return LimitPolicy(**strictjson.parse(content), hash="0x" + hashlib.sha256(content).hexdigest())
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "policy"
        raise LimitPolicyInvalid(place=place, rule=fault["msg"]) from None
