"""Steps about money lent: time, financing and the treasury."""

from tests.model import midnight
from tests.properties.draw import MOST, Draw
from tests.properties.model import Refused
from tests.properties.model import factoring as financings
from tests.properties.model import receivables as claims
from tests.properties.model.participants import CORE_ENTERPRISE, COVER_PROVIDER, LENDER, OBLIGOR
from tests.properties.model.treasury import VIRTUAL_SHARES
from tests.properties.operations.registry import VOID_PERMIT, officer, payer, until_about_next, weight
from tests.properties.people import COVER, DAY_S, STRANGER
from tests.properties.world import OFFICER, Step

# Time


@weight(11)
def pass_time(d: Draw) -> Step:
    """Seconds, hours, the edges of midnight, days, the edges of what falls due, seldom months."""
    dice = d.rng.random()
    if dice < 0.28:
        seconds = d.below(3_600)
    elif dice < 0.60:
        seconds = d.below(DAY_S)
    elif dice < 0.85:
        seconds = midnight(d.model.gate.today + 1) - d.model.gate.now + d.one((-1, 0, 1))
    elif dice < 0.93:
        seconds = d.below(4) * DAY_S
    elif dice < 0.997:
        seconds = _until_due(d)
    else:
        seconds = d.below(d.one((60, 60, 60, 60, 900))) * DAY_S
    return Step("Clock", "passTime", 0, (max(seconds, 0),))


def _until_due(d: Draw) -> int:
    """To the next day, or about it, on which a financing falls due, leaves its grace or its time for cure."""
    running = (f for f in d.model.factoring.financings.values() if f.status in (financings.ACTIVE, financings.OVERDUE))
    days = [day for f in running for day in (f.due_day, f.due_day + f.grace_days, f.notice_day + f.cure_days)]
    return until_about_next(d, days)


# Financing


def _net(d: Draw, id: int) -> int:
    """What would be paid out, 0 where nothing is."""
    try:
        return d.model.factoring.offer(id).figures.net
    except Refused:
        return 0


@weight(17)
def finance(d: Draw) -> Step:
    r, today = d.model.receivables, d.model.gate.today
    if d.chance(85):
        id = d.receivable(lambda id, part: part.state == claims.CONFIRMED and _net(d, id) > 0)
    else:
        id = d.receivable(lambda _, part: r.state_of(part) == claims.CONFIRMED and r.pools[part.root].due_day > today)
    holder, net = r.owner.get(id, STRANGER), _net(d, id)
    signed = min(net + 1, MOST) if d.chance(3) else d.one((0, net))
    deadline = d.model.gate.now + (-1 if d.chance(2) else d.one((0, 60)))
    return Step("Factoring", "finance", d.usually(holder), (id, signed, deadline))


@weight(5)
def collect(d: Draw) -> Step:
    r = d.model.receivables
    id = d.receivable(lambda _, part: part.lienor != 0 and r.claimable(part) > 0)
    return Step("Factoring", "collect", STRANGER, (id,))


def _repayable(d: Draw) -> tuple[int, int, int]:
    """A receivable, who may repay for it, and how much."""
    id = d.financing(*financings.OPEN)
    principal, late, _ = d.model.factoring.owed_of(id)
    owed = d.one((principal, principal + late, late, principal - 1)) if principal else late
    return id, payer(d, d.model.receivables.owner.get(id, STRANGER)), d.amount(owed)


@weight(6)
def repay(d: Draw) -> Step:
    id, by, amount = _repayable(d)
    return Step("Factoring", "repay", by, (id, amount))


@weight(0.6)
def repay_with_permit(d: Draw) -> Step:
    id, by, amount = _repayable(d)
    return Step("Factoring", "repayWithPermit", by, (id, amount, VOID_PERMIT))


@weight(2)
def mark_overdue(d: Draw) -> Step:
    return Step("Factoring", "markOverdue", STRANGER, (d.financing(financings.ACTIVE),))


@weight(2)
def give_notice(d: Draw) -> Step:
    return officer(d, "Factoring", "giveNotice", d.financing(financings.OVERDUE), 1)


@weight(2.5)
def declare_default(d: Draw) -> Step:
    return officer(d, "Factoring", "declareDefault", d.financing(financings.OVERDUE))


@weight(2)
def write_off(d: Draw) -> Step:
    return officer(d, "Factoring", "writeOff", d.financing(financings.DEFAULTED))


# Treasury


@weight(3)
def deposit(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    amount = d.one((d.amount(1_000), d.amount(10**6), d.amount(10**9), d.amount(d.model.treasury.gross())))
    if d.chance(1):
        amount = 2**96
    return Step("Treasury", "deposit", lender, (amount, d.usually(lender)))


@weight(1)
def mint_shares(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    shares = 2**200 if d.chance(3) else d.amount(d.one((1, VIRTUAL_SHARES, d.model.treasury.supply // 2 + 1)))
    return Step("Treasury", "mint", lender, (shares, d.usually(lender)))


@weight(2)
def withdraw(d: Draw) -> Step:
    t, lender = d.model.treasury, d.wallet_with(LENDER)
    worth = t.shares[lender] * (t.net() + 1) // (t.supply + VIRTUAL_SHARES)
    amount = d.amount(d.one((worth, t.cash, min(worth, t.cash), min(worth, t.cash) // 2)))
    return Step("Treasury", "withdraw", d.usually(lender), (amount, lender, lender))


@weight(1.5)
def redeem(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    shares = d.model.treasury.shares[lender]
    return Step("Treasury", "redeem", d.usually(lender), (d.amount(d.one((shares, shares // 3))), lender, lender))


@weight(0.7)
def transfer_shares(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    target = d.usually(d.wallet_with(LENDER))
    return Step("Treasury", "transfer", lender, (target, d.amount(d.model.treasury.shares[lender])))


@weight(1.5)
def deposit_cover(d: Draw) -> Step:
    provider = d.wallet_with(COVER_PROVIDER)
    return Step("Treasury", "depositCover", d.usually(provider), (d.amount(d.one((1, 10**4, 10**7))) % MOST,))


@weight(0.8)
def withdraw_cover(d: Draw) -> Step:
    return officer(d, "Treasury", "withdrawCover", COVER, d.amount(d.model.treasury.cover))


@weight(1.5)
def set_limit(d: Draw) -> Step:
    party = d.party_with(OBLIGOR)
    owed = d.model.treasury.account(party).outstanding
    return officer(d, "Treasury", "setLimit", party, d.one((d.amount(owed), 10**8, 10**10, 10**10, MOST)))


@weight(0.6)
def cut_limit(d: Draw) -> Step:
    party = d.party_with(OBLIGOR)
    return officer(d, "Treasury", "cutLimit", party, d.amount(d.model.treasury.account(party).limit))


@weight(0.2)
def touch_the_book(d: Draw) -> Step:
    return Step("Treasury", "bookArrears", d.one((STRANGER, OFFICER)), (d.party_with(CORE_ENTERPRISE),))
