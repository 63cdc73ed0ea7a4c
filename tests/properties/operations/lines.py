"""Steps about credit lines."""

from tests.line_model import RISE_DAYS
from tests.properties.draw import MOST, Draw, Unfit
from tests.properties.model import Conditions, Report
from tests.properties.model import line as credit_lines
from tests.properties.model.line import MAX_LINE_CAP, Line
from tests.properties.model.participants import MERCHANT
from tests.properties.operations.registry import VOID_PERMIT, officer, payer, until_about_next, weight
from tests.properties.operations.rules import next_limit_code
from tests.properties.people import DAY_S, STRANGER
from tests.properties.world import Step

OUT_OF_BOUNDS = (
    {"term_days": 0},
    {"term_days": 61},
    {"cycle_days": 27},
    {"due_days": 0},
    {"instalment_bps": 10_001},
    {"late_rate_bps": 2_401},
    {"overdue_impairment_bps": 10_001},
    {"line_cap": MAX_LINE_CAP + 1},
)

# Time and facts


@weight(0.6)
def pass_to_line_day(d: Draw) -> Step:
    """To the next day, or about it, on which something happens to a line."""
    lines = [line for line in d.model.lines.lines().values() if line.status in credit_lines.LIVE]
    seconds = until_about_next(d, [day for line in lines for day in _days_of(line)])
    return Step("Clock", "passTime", 0, (max(seconds, 0),))


def _days_of(line: Line) -> tuple[int, ...]:
    """On which a statement closes or must be paid, a cure ends, a limit may rise, or all is due."""
    a = line.account
    return a.next_close_day, a.due_day, line.notice_day + line.cure_days, a.rise_day + RISE_DAYS, a.maturity_day


@weight(4)
def refresh_score(d: Draw) -> Step:
    """A sound report on a merchant whose facts are no longer fresh."""
    now, oracle = d.model.gate.now, d.model.oracle
    old = [party for party, score in oracle.scores.items() if now - score.issued_at > DAY_S and score.consented]
    approved = [number for number, known in oracle.models.items() if known.approved and not known.retired]
    if not old or not approved:
        raise Unfit
    party = d.one(old)
    s = oracle.score_of(party)
    value = min(max((s.value or 650) + d.below(101) - 50, 500), 850)
    limit_code = next_limit_code(d, s.limit_code)
    told = oracle.round + 1, now, d.one(approved), now, now + 30 * DAY_S
    report = Report(*told, party, value, s.sequence + 1, s.epoch, 0, limit_code, (0, 1))
    return Step("CreditOracle", "submitScores", STRANGER, (report,))


# Conditions


@weight(0.8)
def set_conditions(d: Draw) -> Step:
    """Mostly few cycles, so that lines mature within a run."""
    cycle_days = d.one((28, 30, 30, 31, 60))
    conditions = Conditions(
        open=not d.chance(4),
        term_days=cycle_days * d.one((1, 2, 4, 12)),
        cycle_days=cycle_days,
        due_days=d.one((1, 10, 10, cycle_days - 1)),
        instalment_bps=d.one((0, 1, 1_000, 1_000, 10_000)),
        late_rate_bps=d.one((0, 900, 900, 2_400)),
        cure_days=d.one((0, 1, 10)),
        overdue_impairment_bps=d.one((0, 1, 2_500, 10_000)),
        line_cap=d.one((10**6, 10**8, 10**9, MAX_LINE_CAP)),
        portfolio_cap=d.one((d.amount(d.model.treasury.outstanding_of[credit_lines.PRODUCT]), 10**8, 10**10, MOST)),
        agreement_hash=d.one((1, 2)) if d.chance(20) else d.model.lines.conditions.agreement_hash,
    )
    if d.chance(8):
        conditions = conditions._replace(**d.one(OUT_OF_BOUNDS))
    return officer(d, "CreditLine", "setConditions", conditions)


@weight(0.05)
def close_offer(d: Draw) -> Step:
    return officer(d, "CreditLine", "closeOffer")


# Opening


@weight(2.5)
def open_line(d: Draw) -> Step:
    merchant = d.wallet_with(MERCHANT)
    agreement_hash = 3 if d.chance(3) else d.model.lines.conditions.agreement_hash
    return Step("CreditLine", "open", d.usually(merchant), (agreement_hash,))


@weight(0.4)
def close_line(d: Draw) -> Step:
    if d.chance(60):
        return Step("CreditLine", "close", d.wallet_of(d.line(lambda line: line.account.owed == 0)), ())
    return Step("CreditLine", "close", d.wallet_with(MERCHANT), ())


# Drawing


@weight(13)
def draw(d: Draw) -> Step:
    party = _that_may_draw(d)
    available = d.available(party)
    amount = d.amount(available) if available else d.amount(d.one((1, 1_000)))
    min_net = min(amount + 1, MOST) if d.chance(3) else d.one((0, 0, amount * 97 // 100))
    max_rate = d.below(2_400) if d.chance(5) else 2_400
    deadline = d.model.gate.now + (-1 if d.chance(2) else d.one((0, 60)))
    return Step("CreditLine", "draw", d.usually(d.wallet_of(party)), (amount, min_net, max_rate, deadline))


def _that_may_draw(d: Draw) -> int:
    able = [party for party in d.model.lines.lines() if d.available(party)]
    return d.one(able) if able and d.chance(80) else d.line(lambda line: line.status == credit_lines.OPEN)


# Repayment


def _repayable(d: Draw) -> tuple[int, int, int]:
    """A party with a line, who may repay for it, and how much."""
    party = d.line(lambda line: line.account.owed > 0)
    line = d.model.lines.line_of(party)
    if line is None:
        return party, payer(d, d.wallet_of(party)), d.amount(1)
    a = line.account
    shares = a.owed, a.owed // 7 + 1, a.owed // 70 + 1
    figure = d.one((1, a.due_interest, a.billed, a.overdue, a.drawn_today + a.day_of(a.drawn_today), *shares))
    return party, payer(d, d.wallet_of(party)), d.amount(figure)


@weight(5)
def repay_line(d: Draw) -> Step:
    party, by, amount = _repayable(d)
    return Step("CreditLine", "repay", by, (party, amount))


@weight(0.6)
def repay_line_with_permit(d: Draw) -> Step:
    party, by, amount = _repayable(d)
    return Step("CreditLine", "repayWithPermit", by, (party, amount, VOID_PERMIT))


# Watching


@weight(1.5)
def accrue(d: Draw) -> Step:
    others = [d.below(len(d.model.participants.parties) + 2) for _ in range(d.below(3))]
    return Step("CreditLine", "accrue", STRANGER, ([*others, *d.model.lines.lines()],))


@weight(2)
def sync_limit(d: Draw) -> Step:
    return Step("CreditLine", "syncLimit", STRANGER, (d.line(lambda line: line.status == credit_lines.OPEN),))


@weight(2.5)
def mark_delinquent(d: Draw) -> Step:
    overdue = d.line(lambda line: line.status == credit_lines.OPEN and line.account.overdue > 0)
    return Step("CreditLine", "markDelinquent", STRANGER, (overdue,))


# Arrears


@weight(0.2)
def freeze_line(d: Draw) -> Step:
    return officer(d, "CreditLine", "freeze", d.line(lambda line: not line.frozen), 1)


@weight(1)
def unfreeze_line(d: Draw) -> Step:
    return officer(d, "CreditLine", "unfreeze", d.line(lambda line: line.frozen))


@weight(1.5)
def give_line_notice(d: Draw) -> Step:
    return officer(d, "CreditLine", "giveNotice", d.line(lambda line: line.status == credit_lines.DELINQUENT), 1)


@weight(2.5)
def declare_line_default(d: Draw) -> Step:
    return officer(d, "CreditLine", "declareDefault", d.line(lambda line: line.status == credit_lines.DELINQUENT))


@weight(1)
def write_line_off(d: Draw) -> Step:
    return officer(d, "CreditLine", "writeOff", d.line(lambda line: line.status == credit_lines.DEFAULTED))
