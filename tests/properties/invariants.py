"""What must hold of the suite in every reachable state.

The model is compared with the chain elsewhere, so that what holds of the model's figures holds of the chain's.
"""

from collections import Counter
from collections.abc import Sequence

from tests.properties.evm import Halted, Reverted, describe, words
from tests.properties.model import Model
from tests.properties.model import factoring as financings
from tests.properties.model import line as credit_lines
from tests.properties.model import receivables as claims
from tests.properties.model.cash import ReentrantCash
from tests.properties.model.treasury import VIRTUAL_SHARES
from tests.properties.people import PAYER
from tests.properties.world import Mismatch, World

LENT = (financings.ACTIVE, financings.OVERDUE, financings.DEFAULTED)
PRICE_MAY_FALL = {
    f"{product}.{loss}"
    for product in ("Factoring", "CreditLine")
    for loss in ("markOverdue", "markDelinquent", "declareDefault")
}


def check(world: World) -> None:
    """Raises AssertionError with what does not hold."""
    model = world.model
    _parts_make_the_whole(model)
    _claims_stay_within_payments(model)
    _no_receivable_is_financed_twice(model)
    _exposure_is_what_is_lent(world)
    _cash_is_conserved(world)
    _nothing_worth_less_than_nothing(model)


def _parts_of_pools(model: Model) -> dict[int, list[int]]:
    """Numbers of the parts that share in a pool; a split one is in its children."""
    found: dict[int, list[int]] = {root: [] for root in model.receivables.pools}
    for id, part in model.receivables.parts.items():
        if part.state != claims.SPLIT:
            found[part.root].append(id)
    return found


def _parts_make_the_whole(model: Model) -> None:
    parts = model.receivables.parts
    for root, members in _parts_of_pools(model).items():
        total = sum(parts[id].face for id in members)
        assert total == parts[root].face, f"parts {members} of pool {root} add up to {total}, not {parts[root].face}"


def _claims_stay_within_payments(model: Model) -> None:
    """Nothing is claimed that was not paid; what is left over is less than a unit a part, and nothing at the end."""
    r = model.receivables
    for root, members in _parts_of_pools(model).items():
        paid, face = r.pools[root].paid, r.parts[root].face
        assert 0 <= paid <= face, f"{paid} of {face} paid on pool {root}"
        for id in members:
            assert 0 <= r.parts[id].claimed <= r.entitled(r.parts[id], paid), f"part {id} claimed too much"
        dust = paid - sum(r.entitled(r.parts[id], paid) for id in members)
        assert 0 <= dust <= max(len(members) - 1, 0), f"pool {root} of {len(members)} parts keeps {dust}"
        assert dust == 0 or paid < face, f"pool {root} is paid in full and keeps {dust}"


def _no_receivable_is_financed_twice(model: Model) -> None:
    """One lien for an open financing and none without, on parts alone: no two advances on one unit of a claim."""
    r, f = model.receivables, model.factoring
    pledged = {id for id, part in r.parts.items() if part.lienor}
    financed = {id for id, financing in f.financings.items() if financing.status in financings.OPEN}
    assert pledged == financed, f"liens on {pledged}, open financings of {financed}"
    assert all(r.parts[id].state == claims.FINANCED for id in pledged)
    for id in financed:
        principal, face = f.financings[id].principal, r.parts[id].face
        assert principal <= face, f"receivable {id} over {face} is financed with {principal}"


def _exposure_is_what_is_lent(world: World) -> None:
    """By party, by product and in total."""
    model = world.model
    lent = [f for f in model.factoring.financings.values() if f.status in LENT]
    lines = {party: line for party, line in model.lines.lines().items() if line.status in credit_lines.LENT}
    by_party: Counter[int] = Counter({party: line.account.drawn for party, line in lines.items()})
    for f in lent:
        by_party[f.debtor] += f.outstanding
    in_arrears = _in_arrears(model)
    for party, account in model.treasury.accounts.items():
        owed = account.outstanding, account.arrears
        assert owed == (by_party[party], in_arrears[party]), f"party {party}: {owed}"
    drawn = sum(line.account.drawn for line in lines.values())
    for product, total in ((financings.PRODUCT, by_party.total() - drawn), (credit_lines.PRODUCT, drawn)):
        world.compare("product", words(total), "Treasury", "outstandingOf", product)
    assert model.treasury.outstanding == by_party.total(), f"{model.treasury.outstanding} outstanding"
    impaired = sum(f.impaired for f in lent) + sum(line.impaired for line in lines.values())
    assert model.treasury.impaired == impaired, "impairment is not that of financings and lines"


def _in_arrears(model: Model) -> Counter[int]:
    """How many financings and lines of a party are overdue or were lost."""
    found: Counter[int] = Counter()
    for f in model.factoring.financings.values():
        found[f.debtor] += f.status in financings.OPEN and f.status != financings.ACTIVE
    for party, line in model.lines.lines().items():
        found[party] += line.status in credit_lines.LIVE and line.status != credit_lines.OPEN
    return found


def _cash_is_conserved(world: World) -> None:
    """Every unit is in a known account, and each contract has what it owes."""
    model = world.model
    treasury, receivables = model.treasury, model.receivables
    held = model.cash.balances.get(treasury.address, 0)
    booked = treasury.cash + treasury.cover
    # Who withdraws in the middle of a repayment makes it smaller; what is left over belongs to nobody.
    is_whole = booked <= held if isinstance(model.cash, ReentrantCash) else booked == held
    assert is_whole, f"the treasury holds {held} for {treasury.cash} + {treasury.cover}"
    for number, token in enumerate(receivables.currencies[1:], 1):
        owed = sum(amount for (_, currency), amount in receivables.credit_of.items() if currency == number)
        owed += sum(pool.paid for pool in receivables.pools.values() if pool.currency == number)
        owed -= sum(part.claimed for part in receivables.parts.values() if _currency(model, part) == number)
        held = token.balances.get(receivables.address, 0)
        assert owed == held, f"Receivables owes {owed} in currency {number} and holds {held}"
    for token in ("Cash", "OtherCash"):
        total = sum(model.contracts[token].balances.values())
        world.compare("supply", words(total), token, "totalSupply")
        for holder in model.contracts[token].balances:
            world.compare_balance(token, holder)


def _currency(model: Model, part: claims.Part) -> int:
    return model.receivables.pools[part.root].currency


def _nothing_worth_less_than_nothing(model: Model) -> None:
    t = model.treasury
    assert min(t.cash, t.cover, t.outstanding, t.impaired, t.unearned(), t.net()) >= 0
    assert t.supply == sum(t.shares.values())


def price(model: Model) -> tuple[int, int]:
    """What a share is worth when it is redeemed, as a fraction."""
    return model.treasury.net() + 1, model.treasury.supply + VIRTUAL_SHARES


def require_price_kept(before: tuple[int, int], after: tuple[int, int], taken: set[str]) -> None:
    if not taken & PRICE_MAY_FALL:
        assert after[0] * before[1] >= before[0] * after[1], f"{sorted(taken)} lowered the price of a share"


def require_money_accepted(world: World, ids: Sequence[int]) -> None:
    """Whoever pays something on what is owed is never refused, in whatever state everything is. Changes nothing."""
    r, f = world.model.receivables, world.model.factoring
    for id in ids:
        part = r.parts[id]
        if r.parts[part.root].state in (claims.REGISTERED, claims.REJECTED, claims.CANCELLED):
            continue
        if r.pools[part.root].paid < r.parts[part.root].face:
            _require_accepted(world, "Receivables", "settle", id, 1)
        principal, late, collectable = f.owed_of(id)
        if principal + late:
            _require_accepted(world, "Factoring", "repay", id, 1)
        if collectable and principal + late:
            _require_accepted(world, "Factoring", "collect", id)
        if id in r.owner and not part.lienor and r.claimable(part):
            _require_accepted(world, "Receivables", "release", id)


def require_line_payments_accepted(world: World) -> None:
    """Whoever pays something on a line is never refused, whatever the line, its party and the bank's offer are."""
    for party, line in world.model.lines.lines().items():
        if line.account.owed:
            _require_accepted(world, "CreditLine", "repay", party, 1)


def _require_accepted(world: World, contract: str, function: str, *arguments: int) -> None:
    try:
        world.evm.attempt(PAYER, world.addresses[contract], world.interfaces[contract].data(function, *arguments))
    except (Reverted, Halted) as error:
        reason = describe(error.data) if isinstance(error, Reverted) else str(error)
        raise Mismatch(f"{contract}.{function}{arguments} refused money: {reason}") from None
