"""The deployed suite and its actors; Ape takes every test's changes back.

Fixtures
    suite        every contract, deployed once through scripts/plan.py, handed over to the officers, parties admitted
                 (`suite.treasury` …; each contract is also a fixture of its own: `treasury`, `oracle` …)
    accounts     of every role: deployer, admin, risk_officer, risk_manager, compliance, compliance_release, guardian,
                 core_enterprise, core_enterprise2, supplier, supplier2, supplier3, lender, cover_provider, stranger,
                 merchant, merchant2, spare (no role, no party), product (that a test may allow as a product),
                 lessor (makes machines too), lessee, buyer (of a machine that was taken back), device, device2
    signer_keys  the three keys of the oracle's signers, by rising address
    given        brings receivables and financings into any state: `given.confirmed()`, `given.written_off()`
    lines        a market of its own, per module: merchants scored 720 with a reported limit of 200,000.00, lenders'
                 cash 20,000,000.00, cover 1,000,000.00; brings the merchant's line into any state:
                 `lines.delinquent()`. A module takes it whole: `pytestmark = pytest.mark.usefixtures("lines")`
    fleet        makes, signs and relays reports about machines: `fleet.hear(machine)`, `fleet.alarm(machine, {…})`
    rentals      a market of its own, per module: the lessee scored 720 (grade A), its limit 5,000,000.00, lenders' cash
                 20,000,000.00, cover 1,000,000.00, a machine of the lessor ready to be let; brings a lease into any
                 state: `rentals.defaulted()`
    quorum       makes, signs and relays score reports: `quorum.score(Party.CORE_ENTERPRISE, 720, sender=stranger)`
    market       open for business, per module: the core enterprise scored 720 (grade A), its facility open, its limit
                 50,000,000.00, lenders' cash 20,000,000.00, cover 1,000,000.00. A module takes it whole:
                 `pytestmark = pytest.mark.usefixtures("market")`

Helpers
    tests.contracts.suite   Suite, Party, Role, ACCOUNTS, admit, schedule, after_delay, refusal_after_delay, fund,
                            deploy
    tests.contracts.clock   now, today, day_of, midnight, next_block_at, travel_to, travel, travel_to_day, pass_days
    tests.contracts.quorum  Quorum
    tests.contracts.market  FACILITY, LIMIT, LENT, COVER, TERMS_A, open_market, open_line_market, pay_in
    tests.contracts.situations  Situations, State, Status, FACE, …
    tests.contracts.lines   Lines, LineStatus, CONDITIONS, conditions, …
    tests.contracts.fleet   Fleet, Alarm, Severity, word, alarms, …
    tests.contracts.rentals  Rentals, LeaseStatus, LoanStatus, Clock, PRICE, MINIMUM, …
    tests.contracts.answers events, event, refusal, error: complete comparisons
"""

from functools import partialmethod

import ape
import pytest
from web3.eth import Eth

from backend.chain.keys import development_key
from tests import anvil
from tests.contracts import clock
from tests.contracts import market as open_for_business
from tests.contracts import suite as deployment
from tests.contracts.fleet import Fleet
from tests.contracts.lines import Lines
from tests.contracts.quorum import Quorum
from tests.contracts.rentals import Rentals
from tests.contracts.situations import Situations
from tests.contracts.suite import ACCOUNTS, ROLE_OF, SIGNERS, Suite

# Ape's own choice of a port falls among those that the system hands out to others, and Anvil then cannot take it.
ape.config.get_config("foundry").host = f"http://127.0.0.1:{anvil.free_port()}"

# Anvil shows a receipt a moment after it takes the transaction; at web3's 0.1 s between looks half of a run is waiting.
Eth.wait_for_transaction_receipt = partialmethod(Eth.wait_for_transaction_receipt, poll_latency=0.002)


def _account_fixture(name):
    @pytest.fixture(scope="session", name=name)
    def account(actors):
        return actors[name]

    return account


def _contract_fixture(name):
    @pytest.fixture(scope="session", name=name)
    def contract(suite):
        return getattr(suite, name)

    return contract


for _name in ACCOUNTS:
    globals()[f"{_name}_fixture"] = _account_fixture(_name)
for _name in Suite.__dataclass_fields__:
    globals()[f"{_name}_fixture"] = _contract_fixture(_name)


@pytest.fixture(scope="session")
def actors(accounts):
    """Accounts by the names of ACCOUNTS."""
    return {name: accounts[index] for name, index in ACCOUNTS.items()}


@pytest.fixture(scope="session", autouse=True)
def suite(actors):
    # Ten in the morning in Beijing: no test begins near a change of day.
    clock.travel_to_day(clock.today() + 1, hour=10)
    deployed = deployment.deploy(actors["deployer"])
    for party, roles in ROLE_OF.items():
        assert deployment.admit(deployed, actors["compliance"], actors[party.name.lower()], roles) == party
    return deployed


@pytest.fixture(scope="session")
def signer_keys():
    return sorted((development_key(index) for index in SIGNERS), key=lambda key: int(key.address, 16))


@pytest.fixture(scope="session")
def quorum(suite, signer_keys):
    return Quorum(suite, signer_keys)


@pytest.fixture(scope="module")
def market(suite, actors, quorum):
    open_for_business.open_market(suite, actors, quorum)


@pytest.fixture(scope="module")
def lines(suite, actors, quorum):
    open_for_business.open_line_market(suite, actors, quorum)
    return Lines(suite, actors, quorum)


@pytest.fixture(scope="session")
def fleet(suite, signer_keys, actors):
    return Fleet(suite, signer_keys, actors["stranger"])


@pytest.fixture(scope="module")
def rentals(suite, actors, quorum, fleet):
    open_for_business.open_lease_market(suite, actors, quorum)
    return Rentals(suite, actors, fleet)


# Always, and first: Ape would take back what it does to the chain when a later test is the first to ask for it.
@pytest.fixture(scope="session", autouse=True)
def given(suite, actors):
    return Situations(suite, actors)
