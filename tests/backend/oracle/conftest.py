"""The oracle over one real chain."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend import store
from backend.chain.slots import SlotTable
from backend.chain.submitter import Submitter
from backend.config import Settings
from backend.oracle import leader
from tests import anvil
from tests.backend.market import CONSENT_TEXT, CORE_ENTERPRISE, KEYS, LENDER, MILLION, SCORING, UNLIMITED, Market
from tests.backend.oracle.parts import RELAYER, SIGNERS, Oracle


@pytest.fixture(scope="session")
def deployed() -> Iterator[Market]:
    """Parties 1 and 2 are core enterprises, 3 and 4 merchants; all consent to being scored. There is money to lend."""
    with anvil.start() as node:
        market = Market(node)
        for number, name in enumerate(("core_enterprise", "second_core_enterprise"), start=1):
            valid_until = market.now() + 365 * 86_400
            market.send(
                "bank", "Participants", "admit", KEYS[name].address, CORE_ENTERPRISE, valid_until, f"0x{number:064x}"
            )
            market.send(name, "CreditOracle", "grantConsent", SCORING, CONSENT_TEXT)
        for name in ("merchant", "second_merchant"):
            market.admit_merchant(name)
        fund(market)
        yield market


def fund(market: Market) -> None:
    """A lender brings money."""
    lender, valid_until = KEYS["lender"].address, market.now() + 365 * 86_400
    market.send("bank", "Participants", "admit", lender, LENDER, valid_until, f"0x{5:064x}")
    market.send("bank", "MockCash", "mint", lender, 10 * MILLION)
    market.send("lender", "MockCash", "approve", market.suite.address("Treasury"), UNLIMITED)
    market.send("lender", "Treasury", "deposit", 10 * MILLION, lender)


@pytest.fixture
def market(deployed: Market) -> Iterator[Market]:
    """The chain as deployed, whatever the test before did."""
    snapshot = deployed.node.rpc("evm_snapshot")
    yield deployed
    deployed.node.rpc("evm_revert", snapshot)


@pytest.fixture
def oracle(market: Market, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Oracle]:
    monkeypatch.setattr(leader, "PATIENCE_S", 0.0)
    settings = Settings(chain_id=anvil.LOCAL_CHAIN_ID)
    with ExitStack() as running, store.sole_writer(engine, "submitter") as fence:
        submitter = Submitter(SlotTable(engine, RELAYER.address, fence), market.rpc, RELAYER, settings)
        made = Oracle(market, engine, {}, submitter, running)
        made.urls.update({duty: made.serve(made.signer(duty)) for duty in SIGNERS})
        yield made


@pytest.fixture
def other_engine(tmp_path: Path) -> Iterator[Engine]:
    """The database of a signer who reads for itself."""
    created = store.connect(f"sqlite:///{tmp_path}/other.db")
    store.migrate(created)
    yield created
    created.dispose()
