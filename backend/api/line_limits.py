"""The limit of a line today, line by line: the chain's figures, each with the formula and the inputs it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.records.evaluations import Evaluation

RISE_DAYS, MAX_RISE_BPS = 30, 2_000  # as CreditLine


@dataclass(frozen=True, slots=True)
class Rule:
    """`formula` over `reads`: figures of the chain, or lines above. A cap binds when it is the least of its `of`."""

    id: str
    en: str
    zh: str
    formula: str
    reads: tuple[str, ...]
    of: str | None = None

    def line(self, known: Mapping[str, int]) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id,
            "role": self._role,
            "name": {"en": self.en, "zh": self.zh},
            "formula": self.formula,
            "inputs": {name: known[name] for name in self.reads},
            "result": known[self.id],
            "binds": self.of is not None and known[self.id] == known[self.of],
        }

    @property
    def _role(self) -> str:
        if self.of is not None:
            return "cap"
        return "limit" if self.id in {"limit", "available"} else "figure"


RULES = (
    Rule(
        "reported",
        "Limit reported with the score: mantissa × 10^exponent yuan",
        "随评分上报的额度（尾数 × 10^指数，元）",
        "(limit_code // 256) * 10 ** (limit_code % 256) * units_per_yuan",
        ("limit_code", "units_per_yuan"),
    ),
    Rule(
        "graded",
        "Share of it that the grade may draw",
        "评级可用比例",
        "reported * advance_bps // 10_000",
        ("reported", "advance_bps"),
        "limit",
    ),
    Rule(
        "grade_cap",
        "Most that a party of the grade may owe over all products",
        "该评级全部产品的授信上限",
        "cap_of_grade",
        ("cap_of_grade",),
        "limit",
    ),
    Rule("line_cap", "Most that one line may reach", "单笔额度上限", "cap_of_line", ("cap_of_line",), "limit"),
    Rule(
        "rise_cap",
        "What the limit may have risen to: once in 30 days, by a fifth of itself or of the limit at opening",
        "额度可升至（每 30 天一次，升幅为现额度或开立额度的五分之一）",
        f"limit_in_force + (max(limit_in_force, opening_limit) * {MAX_RISE_BPS:_} // 10_000"
        f" if days_since_rise >= {RISE_DAYS} else 0)",
        ("limit_in_force", "opening_limit", "days_since_rise"),
        "limit",
    ),
    Rule(
        "limit",
        "Limit today: the least of the four",
        "今日额度：四项取最低",
        "min(graded, grade_cap, line_cap, rise_cap)",
        ("graded", "grade_cap", "line_cap", "rise_cap"),
    ),
    Rule("undrawn", "Not yet drawn", "尚未提取", "max(limit - drawn, 0)", ("limit", "drawn"), "available"),
    Rule(
        "headroom",
        "What the party may still owe over all products",
        "统一授信剩余额度",
        "0 if arrears else max(min(party_limit, grade_cap) - owed_over_all, 0)",
        ("arrears", "party_limit", "grade_cap", "owed_over_all"),
        "available",
    ),
    Rule(
        "portfolio_room",
        "What all lines together may still draw",
        "全部额度合计可提余额",
        "max(portfolio_cap - drawn_on_all_lines, 0)",
        ("portfolio_cap", "drawn_on_all_lines"),
        "available",
    ),
    Rule("cash", "Cash of the treasury", "资金池可用现金", "cash_in_treasury", ("cash_in_treasury",), "available"),
    Rule(
        "available",
        "Can be drawn now: the least of the four",
        "现可提款：四项取最低",
        "min(undrawn, headroom, portfolio_room, cash)",
        ("undrawn", "headroom", "portfolio_room", "cash"),
    ),
)


def on_chain(limit: Mapping[str, int], inputs: Mapping[str, int]) -> list[dict[str, Any]]:
    """`limit`: fields of ICreditLine.Limit, which are the results. `inputs`: as `Live.limit_inputs`."""
    results = {
        "reported": limit["reported"],
        "graded": limit["graded"],
        "grade_cap": limit["gradeCap"],
        "line_cap": limit["lineCap"],
        "rise_cap": limit["riseCap"],
        "limit": limit["limit"],
        "undrawn": max(limit["limit"] - limit["drawn"], 0),
        "headroom": limit["headroom"],
        "portfolio_room": limit["portfolioRoom"],
        "cash": limit["cash"],
        "available": limit["available"],
    }
    known = {**inputs, **results, "drawn": limit["drawn"]}
    return [rule.line(known) for rule in RULES]


def proposal(found: Evaluation) -> dict[str, Any]:
    """The oracle's own arithmetic behind the reported limit; private."""
    arithmetic = found.arithmetic
    facts = {"at": found.at, "granted": found.granted, "policy_hash": found.policy_hash}
    if arithmetic is None:
        return facts | {"proposed": None, "move": None, "why": None, "lines": None}
    return facts | {
        "proposed": arithmetic.proposed,
        "move": arithmetic.move,
        "why": {"en": arithmetic.why_en, "zh": arithmetic.why_zh},
        "lines": [_named(line) for line in arithmetic.lines],
    }


def _named(line: Mapping[str, Any]) -> dict[str, Any]:
    return {**line, "name": {"en": line["name_en"], "zh": line["name_zh"]}}
