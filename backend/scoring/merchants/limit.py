"""The moving limit of a merchant: what its figures support, and how fast the limit in force may follow.

Amounts are whole fen and every division rounds down, so that all signers get the same limit and none favours the
merchant. Pure: no I/O after loading, no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import CodeType

from backend import figures
from backend.chain.reports import decode_limit, encode_limit
from backend.scoring import scale
from backend.scoring.merchants import limit_policy
from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.limit_policy import WHOLE, LimitPolicy, Step

POLICY = limit_policy.load()
FEN = 100  # of a yuan


class Role(StrEnum):
    """What a line does to the limit."""

    FIGURE = "figure"
    CAP = "cap"
    HAIRCUT = "haircut"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the arithmetic. The formula that is shown is the one that is computed: whole numbers, `//` rounds down,
    names are figures of the facts, the policy, or lines above."""

    id: str
    role: Role
    en: str
    zh: str
    formula: str
    code: CodeType = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", compile(self.formula, self.id, "eval"))

    @property
    def reads(self) -> tuple[str, ...]:
        """The figures it reads, in the order in which they stand in the formula."""
        return tuple(name for name in self.code.co_names if name not in FUNCTIONS)

    def result(self, known: Mapping[str, int]) -> int:
        value: int = eval(self.code, FUNCTIONS, known)  # noqa: S307 - the formulas below, nobody else's
        return value


FUNCTIONS = {"__builtins__": {}, "min": min, "max": max}

RULES = (
    Rule(
        "yearly_turnover",
        Role.FIGURE,
        "Turnover of a year: the least of 365 days, the pace of the last 90, and a raised pace of the last 30",
        "年营业额：近 365 天营业额、按近 90 天折算、按近 30 天加成折算，三者取低",
        "min(turnover_365, turnover_90 * 365 // 90, turnover_30 * recent_month_bps * 365 // (30 * 10_000))",
    ),
    Rule(
        "monthly_turnover",
        Role.FIGURE,
        "Turnover of a month: average of the last 90 days, or a raised turnover of the last 30 if less",
        "月营业额：近 90 天月均值与近 30 天加成营业额取低",
        "min(turnover_90 // 3, turnover_30 * recent_month_bps // 10_000)",
    ),
    Rule(
        "revenue_share",
        Role.CAP,
        "Share of a year's turnover",
        "年营业额占比",
        "yearly_turnover * revenue_share_bps // 10_000",
    ),
    Rule(
        "cycle_days",
        Role.FIGURE,
        "Days that money is tied up in the business (360 by the turns of working capital)",
        "营运资金周转天数（360 ÷ 营运资金周转次数）",
        "max(inventory_days + receivable_days - payable_days + prepaid_days - received_ahead_days, 0)",
    ),
    Rule(
        "working_capital",
        Role.CAP,
        "Need of working capital, less own funds and other loans",
        "营运资金需求（扣除自有资金和其他贷款）",
        "yearly_turnover * (10_000 - margin_bps) * (10_000 + growth_bps) * cycle_days"
        " * (10_000 - own_funds_bps - other_loans_bps) // (360 * 10_000**3)",
    ),
    Rule(
        "grade_multiple",
        Role.CAP,
        "Multiple of a month's turnover by grade",
        "按评级的月营业额倍数",
        "monthly_turnover * grade_multiple_bps // 10_000",
    ),
    Rule(
        "loss_allowed",
        Role.FIGURE,
        "Expected loss that the bank accepts",
        "可接受的预期损失",
        "min(yearly_turnover * loss_share_bps // 10_000, loss_most_fen)",
    ),
    Rule(
        "expected_loss",
        Role.CAP,
        "Limit whose expected loss (limit × PD × LGD) is accepted",
        "预期损失上限（额度 × 违约概率 × 违约损失率）",
        "loss_allowed * 1_000_000 * 10_000 // (pd_ppm * lgd_bps)",
    ),
    Rule("product_cap", Role.CAP, "Most under this product", "产品上限", "product_cap_fen"),
    Rule(
        "lowest_cap",
        Role.FIGURE,
        "The lowest of the five caps",
        "五项上限取最低",
        "min(revenue_share, working_capital, grade_multiple, expected_loss, product_cap)",
    ),
    Rule(
        "after_volatility",
        Role.HAIRCUT,
        "Kept for the volatility of weekly turnover",
        "周营业额波动折扣后",
        "lowest_cap * volatility_keep_bps // 10_000",
    ),
    Rule(
        "after_concentration",
        Role.HAIRCUT,
        "Kept for the share of the largest buyer",
        "最大买家集中度折扣后",
        "after_volatility * concentration_keep_bps // 10_000",
    ),
    Rule(
        "limit",
        Role.LIMIT,
        "Rounded down to whole steps; none below the least limit",
        "按最小单位向下取整；低于最低额度则为零",
        "after_concentration // step_fen * step_fen if after_concentration >= least_fen else 0",
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the arithmetic, with the figures it read. `binds`: the limit would be higher without it."""

    id: str
    role: Role
    name_en: str
    name_zh: str
    inputs: Mapping[str, int]
    formula: str
    result: int
    binds: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a merchant's figures support, in fen, with every line that led there."""

    limit: int
    grade: str
    policy_hash: str
    lines: tuple[Line, ...]


def proposed(facts: LimitFacts, score: int, pd_ppm: int, policy: LimitPolicy = POLICY) -> Proposal:
    """`score` 300 … 850 decides the grade, `pd_ppm` (1 … 999,999) the expected loss; both come from one model."""
    grade = scale.grade(score)
    known = _known(facts, grade, pd_ppm, policy)
    lines = []
    for rule in RULES:
        inputs = {name: known[name] for name in rule.reads}
        known[rule.id] = rule.result(known)
        lines.append((rule, inputs))
    return Proposal(known["limit"], grade, policy.hash, tuple(_line(rule, inputs, known) for rule, inputs in lines))


def _known(facts: LimitFacts, grade: str, pd_ppm: int, policy: LimitPolicy) -> dict[str, int]:
    """Every figure the formulas may read: the facts, the policy, and what the policy says about the facts."""
    return {
        **asdict(facts),
        **policy.constants,
        "pd_ppm": pd_ppm,
        "inventory_days": _inventory_days(facts, policy),
        "grade_multiple_bps": policy.grade_multiple_bps[grade],
        "volatility_keep_bps": kept(policy.volatility_steps, facts.volatility_bps),
        "concentration_keep_bps": kept(policy.concentration_steps, facts.concentration_bps),
    }


def _inventory_days(facts: LimitFacts, policy: LimitPolicy) -> int:
    """Without stock records a short stay is assumed; a pile of stock counts for no more than the policy's most."""
    if facts.inventory_days is None:
        return policy.unknown_inventory_days
    return min(facts.inventory_days, policy.most_inventory_days)


def kept(steps: Iterable[Step], measure_bps: int) -> int:
    """What the last step at or below the measure keeps, in basis points."""
    return [step.keep_bps for step in steps if step.from_bps <= max(measure_bps, 0)][-1]


def _line(rule: Rule, inputs: Mapping[str, int], known: Mapping[str, int]) -> Line:
    return Line(rule.id, rule.role, rule.en, rule.zh, inputs, rule.formula, known[rule.id], _binds(rule, known))


def _binds(rule: Rule, known: Mapping[str, int]) -> bool:
    match rule.role:
        case Role.CAP:
            return known[rule.id] == known["lowest_cap"]
        case Role.HAIRCUT:
            return known[rule.id] < known[rule.reads[0]]
        case Role.LIMIT:
            return known["limit"] == 0 < known["after_concentration"]
        case Role.FIGURE:
            return False


class Move(StrEnum):
    """How a limit in force answered a proposal."""

    START = "start"
    FOLLOWED_DOWN = "followed_down"
    KEPT = "kept"
    WAITS_FOR_SUPPORT = "waits_for_support"
    ROSE = "rose"
    ROSE_PART = "rose_part"
    AT_CEILING = "at_ceiling"


WHY: Mapping[Move, tuple[str, str]] = {
    Move.START: (
        "First limit: what the figures support, {proposed} yuan, but at most {opening} yuan.",
        "首次额度：按数据可支持 {proposed} 元，新商户最高 {opening} 元。",
    ),
    Move.FOLLOWED_DOWN: (
        "The figures support {proposed} yuan; a cut takes effect at once. What is drawn does not fall due.",
        "数据仅可支持 {proposed} 元，降额立即生效；已提取的本金不因此到期。",
    ),
    Move.KEPT: (
        "The figures support the limit in force, {granted} yuan.",
        "数据支持现行额度 {granted} 元。",
    ),
    Move.WAITS_FOR_SUPPORT: (
        "The figures support {proposed} yuan; a rise needs evaluations on two different days that support it.",
        "数据可支持 {proposed} 元；提额须由不同日期的两次评估支持。",
    ),
    Move.ROSE: (
        "Raised to the {granted} yuan that evaluations on two different days support.",
        "不同日期的两次评估均支持，额度提高至 {granted} 元。",
    ),
    Move.ROSE_PART: (
        "Raised to {granted} yuan, the most in {days} days ({rise}); the figures support {proposed} yuan.",
        "额度提高至 {granted} 元，为 {days} 天内的最高升幅（{rise}）；数据可支持 {proposed} 元。",
    ),
    Move.AT_CEILING: (
        "The figures support {proposed} yuan; the limit started or rose less than {days} days ago (at most {rise}).",
        "数据可支持 {proposed} 元；额度启用或提升未满 {days} 天（升幅上限 {rise}）。",
    ),
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A day's proposal and the limit that came into force, in fen; `day` as in `backend.days`."""

    day: int
    proposed: int
    granted: int
    move: Move
    why_en: str
    why_zh: str
    policy_hash: str


def moved(history: Sequence[Evaluation], proposal: Proposal, day: int, policy: LimitPolicy = POLICY) -> Evaluation:
    """The limit in force after a proposal. `history`: the merchant's evaluations so far, the oldest first.

    A cut is followed at once. A rise reaches at most what this evaluation and all of the last earlier day support. It
    comes `rise_days` after the start at the earliest, and lifts the limit by at most `rise_bps`, of itself or of the
    opening limit if that is more, above the lowest of `rise_days`: it does not matter how often anybody evaluates.
    """
    move, granted = _answer(history, proposal.limit, day, policy)
    values = {
        "proposed": figures.amount(proposal.limit),
        "granted": figures.amount(granted),
        "opening": figures.amount(policy.opening_fen),
        "days": policy.rise_days,
        "rise": figures.percent(policy.rise_bps),
    }
    why_en, why_zh = (text.format(**values) for text in WHY[move])
    return Evaluation(day, proposal.limit, granted, move, why_en, why_zh, proposal.policy_hash)


def _answer(history: Sequence[Evaluation], proposed: int, day: int, policy: LimitPolicy) -> tuple[Move, int]:
    if not history:
        return Move.START, min(proposed, policy.opening_fen)
    current = history[-1].granted
    if proposed <= current:
        return Move.FOLLOWED_DOWN if proposed < current else Move.KEPT, proposed
    supported, ceiling = min(proposed, _support(history, day)), _ceiling(history, day, policy)
    if supported <= current:
        return Move.WAITS_FOR_SUPPORT, current
    if ceiling <= current:
        return Move.AT_CEILING, current
    return (Move.ROSE, supported) if supported <= ceiling else (Move.ROSE_PART, ceiling)


def _support(history: Sequence[Evaluation], day: int) -> int:
    """The lowest proposal of the last day before `day`, 0 when there is none."""
    earlier = [past for past in history if past.day < day]
    return min((past.proposed for past in earlier if past.day == earlier[-1].day), default=0)


def _ceiling(history: Sequence[Evaluation], day: int, policy: LimitPolicy) -> int:
    """The most that a rise on `day` may reach, rounded down to whole steps."""
    first = day - policy.rise_days
    before = [past.granted for past in history if past.day <= first][-1:]
    lowest = min(before + [past.granted for past in history if past.day > first])
    if not before:
        return lowest
    most = lowest + max(lowest, policy.opening_fen) * policy.rise_bps // WHOLE
    return most // policy.step_fen * policy.step_fen


def code(limit_fen: int) -> int:
    """The limit as a score's record carries it, in whole yuan rounded down; see `encode_limit`."""
    return encode_limit(limit_fen // FEN)


def decode(limit_code: int) -> int:
    """The limit in fen."""
    return decode_limit(limit_code) * FEN
