"""The oracle's parts over one real chain: leader, three signers on HTTP, relay, submitter."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from backend import store
from backend.chain.keys import development_key
from backend.chain.slots import SlotTable
from backend.chain.submitter import Submitter
from backend.config import SIGNER_URLS, Settings
from backend.oracle import assessment, leader, rounds
from backend.oracle.assessment import Assessor
from backend.oracle.leader import Leader
from backend.oracle.relay import Relay
from backend.oracle.rounds import Round
from backend.oracle.signer import Signer, server
from backend.oracle.statements import file_statement
from tests import anvil
from tests.backend.market import CONSENT_TEXT, CORE_ENTERPRISE, KEYS, Market

RELAYER = development_key(9)
SIGNERS = dict(zip(SIGNER_URLS, (7, 8, 9), strict=True))
STRONG, MEDIUM, FAILED = "1year-04106", "1year-03366", "1year-06939"


@pytest.fixture(scope="session")
def deployed() -> Iterator[Market]:
    """Parties 1 and 2 are core enterprises that consent to being scored."""
    with anvil.start() as node:
        market = Market(node)
        for number, name in enumerate(("core_enterprise", "second_core_enterprise"), start=1):
            valid_until = market.now() + 365 * 86_400
            market.send(
                "bank", "Participants", "admit", KEYS[name].address, CORE_ENTERPRISE, valid_until, f"0x{number:064x}"
            )
            market.send(name, "CreditOracle", "grantConsent", CONSENT_TEXT)
        yield market


@pytest.fixture
def market(deployed: Market) -> Iterator[Market]:
    """The chain as deployed, whatever the test before did."""
    snapshot = deployed.node.rpc("evm_snapshot")
    yield deployed
    deployed.node.rpc("evm_revert", snapshot)


@dataclass
class Oracle:
    market: Market
    engine: Engine
    urls: dict[Any, str]
    submitter: Submitter
    running: ExitStack
    leader: Leader = field(init=False)
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """As after a power cut: nothing is left but database and chain."""
        self.leader = Leader(self.engine, self.market.rpc, self.market.suite, Assessor(assessment.scorer()))
        self.relay = Relay(self.engine, self.market.rpc, self.market.suite, RELAYER.address, self.urls)

    def file(self, party: int, company: str) -> int:
        return file_statement(self.engine, self.market.rpc, party, company)

    def signer(self, duty: Any, engine: Engine | None = None) -> Signer:
        own = Assessor(assessment.scorer())
        key = development_key(SIGNERS[duty])
        return Signer(engine or self.engine, self.market.rpc, self.market.suite, own, key)

    def serve(self, signer: Signer) -> str:
        """Answer for a signer until the test ends; returns its address."""
        answering = self.running.enter_context(server(signer, "127.0.0.1", 0))
        threading.Thread(target=answering.serve_forever, daemon=True).start()
        self.running.callback(answering.shutdown)
        return f"http://127.0.0.1:{answering.server_address[1]}"

    def push(self) -> None:
        """One report from proposal to receipt."""
        self.leader.step()
        self.relay.step()
        self.submitter.step()  # signs and sends
        self.submitter.step()  # sees the receipt
        self.relay.step()

    def last(self) -> Round:
        with store.reading(self.engine) as tx:
            found = rounds.last(tx)
        assert found is not None
        return found

    def score(self, party: int) -> dict[str, Any]:
        return self.market.read("CreditOracle", "scoreOf", party)


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
