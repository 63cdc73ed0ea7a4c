"""Late interest depends on time and principal alone: not on who pays, in how many slices, or how often anyone looks."""

from random import Random

from tests import model as figures
from tests.properties.draw import MOST
from tests.properties.driver import FIRST_DAY
from tests.properties.evm import Evm
from tests.properties.model.factoring import Facility
from tests.properties.model.policy import FLOORS, Terms
from tests.properties.model.receivables import Registration
from tests.properties.people import DAY_S, FACILITY, LENDERS, PAYER, STRANGER, SUPPLIERS, populate
from tests.properties.world import OFFICER, Step, World

CASES = 150
FACE = 10_000_000


def _open_world() -> World:
    world = World(FIRST_DAY, "MockCash", Evm)
    populate(world, Random("late interest, whoever pays"))
    for grade in range(len(FLOORS)):
        terms = Terms(1, 9_000, 435, 20, MOST, 40 * DAY_S, 0)
        world.apply(Step("RiskPolicy", "setTerms", OFFICER, (0, grade, terms)))
    return world


def _finance(world: World, rng: Random) -> int:
    debtor = next(iter(world.debtor_keys))
    party = world.model.participants.party_of[debtor]
    facility: Facility = FACILITY._replace(
        grace_days=rng.randrange(6), late_rate_bps=rng.choice((1, 1_800, 2_400)), late_cap_bps=rng.choice((50, 10_000))
    )
    world.apply(Step("Factoring", "setFacility", OFFICER, (party, facility)))
    world.apply(Step("Treasury", "setLimit", OFFICER, (party, MOST)))
    world.apply(Step("Treasury", "deposit", LENDERS[0], (FACE, LENDERS[0])))
    registration = Registration(party, world.model.gate.today + 1, FACE, 1, rng.getrandbits(200), 1)
    id = world.apply(Step("Receivables", "issue", debtor, (registration, SUPPLIERS[0])))
    world.apply(Step("Factoring", "finance", SUPPLIERS[0], (id, 0, 2**40 - 1)))
    return id


def _pay(world: World, rng: Random, id: int) -> tuple[int, int] | None:
    """A slice of what is owed, by settlement or by repayment; the day and how much of it reduces principal."""
    principal, _, waiting = world.model.factoring.owed_of(id)
    amount = rng.randrange(1, max((principal - waiting) // 2, 2))
    if principal <= waiting + 1:
        return None
    if rng.randrange(2):
        world.apply(Step("Receivables", "settle", PAYER, (id, amount)))
    else:
        world.apply(Step("Factoring", "repay", PAYER, (id, amount)))
    return world.model.gate.today, amount


def _collect_if_there_is_something(world: World, id: int) -> None:
    if world.model.factoring.owed_of(id)[2]:
        world.apply(Step("Factoring", "collect", STRANGER, (id,)))


def test_late_interest_is_that_of_the_days_and_amounts_however_it_is_paid() -> None:
    rng = Random("slices")
    for case in range(CASES):
        world = _open_world()
        id = _finance(world, rng)
        f = world.model.factoring.financings[id]
        payments: list[tuple[int, int]] = []
        for _ in range(rng.randrange(1, 8)):
            world.apply(Step("Clock", "passTime", 0, (rng.randrange(5) * DAY_S,)))
            paid = _pay(world, rng, id)
            payments += [paid] if paid else []
            if rng.randrange(2):
                _collect_if_there_is_something(world, id)
        world.compare_receivable(id)
        terms = figures.Facility(f.basis, f.grace_days, f.late_rate_bps, f.late_cap_bps, f.overdue_impairment_bps)
        late = figures.late_interest(f.principal, f.due_day, terms, payments, world.model.gate.today)
        assert world.model.factoring.owed_of(id)[1] + f.late_paid == late, (case, payments)
