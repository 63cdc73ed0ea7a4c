"""Who takes part in a run, and what they begin with."""

from random import Random

from tests.properties.model.cash import ReentrantCash
from tests.properties.model.factoring import Facility
from tests.properties.model.oracle import SCORING, Report
from tests.properties.model.participants import CORE_ENTERPRISE, COVER_PROVIDER, LENDER, MERCHANT, SUPPLIER
from tests.properties.model.policy import FLOORS, Terms
from tests.properties.model.receivables import Registration
from tests.properties.world import OFFICER, Step, World

DAY_S = 86_400
SUPPLIERS = (0xA001, 0xA002, 0xA003, 0xA004)
LENDERS = (0xB001, 0xB002)
COVER = 0xC001
MERCHANTS = (0x9001, 0x9002, 0x9003)
STRANGER = 0xE001
PAYER = 0xE002  # pays for others, and never runs short
WEALTH = 10**12
WIPED_OUT = 0.1
"""Share of the worlds whose treasury has just lost all it had."""
FACILITY = Facility(1, 1, 0, 180, 360, 3, 10, 1_800, 1_000, 2_500)


def populate(world: World, rng: Random) -> None:
    """Admit and fund everybody, give the debtors limits, facilities and scores, and the treasury cash."""
    debtors = tuple(world.debtor_keys)
    roles = [*((wallet, CORE_ENTERPRISE) for wallet in debtors), *((wallet, SUPPLIER) for wallet in SUPPLIERS)]
    roles[0] = debtors[0], CORE_ENTERPRISE | MERCHANT  # one limit over both products
    roles += [*((wallet, MERCHANT) for wallet in MERCHANTS)]
    roles += [*((wallet, LENDER) for wallet in LENDERS), (COVER, COVER_PROVIDER | SUPPLIER)]
    for wallet, role in roles:
        valid_until = world.model.gate.now + rng.randrange(60, 3 * 365) * DAY_S
        world.apply(Step("Participants", "admit", OFFICER, (wallet, role, valid_until, 1)))
        world.fund(wallet, WEALTH if role != SUPPLIER else WEALTH // 10**4)
    for wallet, wealth in ((STRANGER, 10**6), (PAYER, 10**30)):
        world.fund(wallet, wealth)
        world.allow(wallet)
    for wallet in debtors:
        _open_for_business(world, rng, wallet)
    for wallet in MERCHANTS:
        _grant_line(world, rng, wallet)
    if isinstance(world.model.cash, ReentrantCash):
        _let_the_token_take_part(world, rng)
    if rng.random() < WIPED_OUT:
        _lose_everything(world)
    world.apply(Step("Treasury", "deposit", LENDERS[0], (rng.randrange(1, 10**11), LENDERS[0])))
    world.apply(Step("Treasury", "depositCover", COVER, (rng.choice((0, 10**4, 10**8)),)))


def _open_for_business(world: World, rng: Random, wallet: int) -> None:
    party = world.model.participants.party_of[wallet]
    facility = FACILITY._replace(recourse=rng.randrange(2), basis=rng.choice((360, 365)))
    world.apply(Step("Factoring", "setFacility", OFFICER, (party, facility)))
    world.apply(Step("CreditOracle", "grantConsent", wallet, (SCORING, 1)))
    _score(world, rng, wallet)


def _grant_line(world: World, rng: Random, wallet: int) -> None:
    world.apply(Step("CreditOracle", "grantConsent", wallet, (SCORING, 1)))
    _score(world, rng, wallet)
    world.apply(Step("CreditLine", "open", wallet, (world.model.lines.conditions.agreement_hash,)))


def _score(world: World, rng: Random, wallet: int) -> None:
    """A first score with a limit that may be reported as well as any, and the bank's limit over all products."""
    party, oracle, now = world.model.participants.party_of[wallet], world.model.oracle, world.model.gate.now
    world.apply(Step("Treasury", "setLimit", OFFICER, (party, rng.choice((10**7, 10**9, 10**10)))))
    value, limit_code = rng.randrange(560, 820), rng.randrange(1, 100) << 8 | rng.randrange(5)
    report = Report(oracle.round + 1, now, 1, now, now + 30 * DAY_S, party, value, 1, 1, 0, limit_code, (0, 1))
    world.apply(Step("CreditOracle", "submitScores", STRANGER, (report,)))


def _let_the_token_take_part(world: World, rng: Random) -> None:
    """A token that calls back is its own attacker: with money, and with every role that may bring some in."""
    token, now = world.addresses["Cash"], world.model.gate.now
    roles = SUPPLIER | LENDER | COVER_PROVIDER | MERCHANT
    world.apply(Step("Participants", "admit", OFFICER, (token, roles, now + 900 * DAY_S, 1)))
    world.fund(token, WEALTH)
    deposit = Step("Treasury", "deposit", token, (10**6, token))
    consent = Step("CreditOracle", "grantConsent", token, (SCORING, 1))
    for step in (deposit, consent):
        world.apply(Step("Cash", "callBack", STRANGER, (step,)))
        world.fund(token, 1)
    _score(world, rng, token)
    opening = Step("CreditLine", "open", token, (world.model.lines.conditions.agreement_hash,))
    world.apply(Step("Cash", "callBack", STRANGER, (opening,)))
    world.fund(token, 1)


def _lose_everything(world: World) -> None:
    """A single lender's whole deposit is lent, not paid back and written off without cover."""
    gate, debtor, supplier = world.model.gate, next(iter(world.debtor_keys)), SUPPLIERS[0]
    party, due_day = world.model.participants.party_of[debtor], gate.today + 1
    for grade in range(len(FLOORS)):
        free = Terms(1, 10_000, 0, 0, 10**6, 30 * DAY_S, 0)
        world.apply(Step("RiskPolicy", "setTerms", OFFICER, (0, grade, free)))
    world.apply(Step("Factoring", "setFacility", OFFICER, (party, FACILITY._replace(grace_days=0, cure_days=0))))
    world.apply(Step("Receivables", "issue", debtor, (Registration(party, due_day, 1_000, 1, 1, 1), supplier)))
    world.apply(Step("Treasury", "deposit", LENDERS[0], (1_000, LENDERS[0])))
    world.apply(Step("Factoring", "finance", supplier, (1, 1_000, gate.now)))
    world.apply(Step("Clock", "passTime", 0, (2 * DAY_S,)))
    world.apply(Step("Factoring", "markOverdue", STRANGER, (1,)))
    world.apply(Step("Factoring", "giveNotice", OFFICER, (1, 1)))
    world.apply(Step("Clock", "passTime", 0, (DAY_S,)))
    world.apply(Step("Factoring", "declareDefault", OFFICER, (1,)))
    world.apply(Step("Factoring", "writeOff", OFFICER, (1,)))
