"""The device desk over one real chain."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine

from backend import store
from backend.chain.slots import SlotTable
from backend.chain.submitter import Submitter
from backend.config import Settings
from backend.oracle.machines import alarms, leader, readings
from tests import anvil
from tests.backend.market import Market
from tests.backend.oracle.machines.site import Site
from tests.backend.oracle.parts import RELAYER
from tests.backend.rentals import Rentals


@pytest.fixture(scope="session")
def yard() -> Iterator[Rentals]:
    """Party 1 makes machines."""
    with anvil.start() as node:
        yield Rentals(Market(node))


@pytest.fixture
def site(yard: Rentals, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The chain as deployed, whatever the test before did; nothing is put off."""
    for module, name in ((leader, "PATIENCE_S"), (leader, "CHECK_S"), (alarms, "ASIDE_S"), (readings, "ASIDE_S")):
        monkeypatch.setattr(module, name, 0.0)
    market = yard.market
    snapshot = market.node.rpc("evm_snapshot")
    with ExitStack() as running, store.sole_writer(engine, "submitter") as fence:
        table = SlotTable(engine, RELAYER.address, fence)
        submitter = Submitter(table, market.rpc, RELAYER, Settings(chain_id=anvil.LOCAL_CHAIN_ID))
        yield Site(market, yard, engine, submitter, running)
    market.node.rpc("evm_revert", snapshot)
