"""Leader, three signers on HTTP, relay and submitter in one process, stepped by hand."""

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from backend import store
from backend.chain import reports
from backend.chain.keys import development_key
from backend.chain.reports import ScoreRecord, ScoreReport
from backend.chain.submitter import Submitter
from backend.config import SIGNER_URLS
from backend.oracle import rounds
from backend.oracle.assessment import Sources
from backend.oracle.desks import desks
from backend.oracle.leader import Leader
from backend.oracle.merchants import Merchants
from backend.oracle.relay import Relay, Scores
from backend.oracle.rounds import Round
from backend.oracle.signer import Signer, answers, server
from backend.oracle.statements import file_statement
from backend.oracle.view import LANE
from backend.readmodel.indexer import Indexer
from backend.readmodel.projection import shipped
from backend.records import evaluations
from backend.records.business import kept
from backend.records.evaluations import Evaluation, State
from backend.scoring.merchants.records import BusinessRecord
from tests.backend.market import Market

RELAYER = development_key(9)
SIGNERS = dict(zip(SIGNER_URLS, (7, 8, 9), strict=True))
RECEIPT_LAG = 50  # looks for a receipt: on a busy machine it comes after the block
STRONG, MEDIUM, FAILED = "1year-04106", "1year-03366", "1year-06939"


def earlier(party: int, value: int, limit_yuan: int) -> ScoreRecord:
    """The first record of a party."""
    return ScoreRecord(party, value, 20_000, reports.encode_limit(limit_yuan), 1, (2, 7), 1)


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
        sources = self.sources()
        self.leader = Leader(sources, desks(sources))
        self.relay = Relay(self.engine, self.market.rpc, self.market.suite, RELAYER.address, self.urls, lane=Scores())

    def file(self, party: int, company: str) -> int:
        return file_statement(self.engine, self.market.rpc, party, company)

    def bring(self, party: int, records: list[BusinessRecord], engine: Engine | None = None) -> None:
        """A merchant's records come in."""
        with store.writing(engine or self.engine) as tx:
            kept.lock(tx, party)
            kept.keep(tx, party, "shop", records, self.market.now())

    def index(self, engine: Engine | None = None) -> None:
        """Bring the read model to the chain's head."""
        own = engine or self.engine
        with store.sole_writer(own, "indexer") as fence:
            Indexer(own, self.market.rpc, self.market.suite, shipped(), fence, finality_depth=64).catch_up()

    def signer(self, duty: Any, engine: Engine | None = None) -> Signer:
        sources = self.sources(engine)
        return Signer(sources, desks(sources), development_key(SIGNERS[duty]))

    def sources(self, engine: Engine | None = None) -> Sources:
        return Sources(engine or self.engine, self.market.rpc, self.market.suite)

    def serve(self, signer: Signer) -> str:
        """Answer for a signer until the test ends; returns its address."""
        answering = self.running.enter_context(server(answers(signer), "127.0.0.1", 0))
        threading.Thread(target=answering.serve_forever, args=(0.01,), daemon=True).start()
        self.running.callback(answering.shutdown)
        return f"http://127.0.0.1:{answering.server_address[1]}"

    def push(self) -> None:
        """One report from proposal to receipt."""
        self.leader.step()
        self.relay.step()
        self.submitter.step()  # signs and sends
        self.submitter.step()  # sees the receipt
        self.relay.step()
        for _ in range(RECEIPT_LAG):
            if not self.is_under_way():
                break
            time.sleep(0.1)
            self.submitter.step()
            self.relay.step()

    def submit(self, *records: ScoreRecord) -> None:
        """A report that a quorum signed without looking."""
        now, suite = self.market.now(), self.market.suite
        packed = tuple(reports.encode_record(record) for record in records)
        round_ = self.market.read("CreditOracle", "lastRound", LANE) + 1
        report = ScoreReport(round_, 1, now + 3_600, Merchants.number, now, now + Merchants.validity_s, packed)
        target = suite.address("CreditOracle")
        signed = {key.address: reports.sign(report, suite.chain_id, target, key) for key in self.market.signers}
        message = reports.message_of(report)
        self.market.send("stranger", "CreditOracle", "submitScores", message, reports.in_order(signed))

    def is_under_way(self) -> bool:
        with store.reading(self.engine) as tx:
            found = rounds.last(tx)
        return found is not None and found.state is rounds.State.QUEUED

    def last(self) -> Round:
        with store.reading(self.engine) as tx:
            found = rounds.last(tx)
        assert found is not None
        return found

    def standing(self, party: int) -> State | None:
        """How a merchant stands with the oracle."""
        with store.reading(self.engine) as tx:
            found = evaluations.standing(tx, party)
        return found.state if found else None

    def evaluation(self, party: int) -> Evaluation:
        """The newest one of a merchant."""
        with store.reading(self.engine) as tx:
            found = evaluations.newest(tx, party)
        assert found is not None
        return found

    def score(self, party: int) -> dict[str, Any]:
        return self.market.read("CreditOracle", "scoreOf", party)
