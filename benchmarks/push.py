"""From filed statements to scores on chain: a batch of 500 under 2-of-3, beside the limit push of Huma v2.

Everything is real: the model, three signers on HTTP that recompute every score, SQLite, the submitter, Anvil.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from backend import log, store
from backend.chain import outbox
from backend.chain.keys import development_key
from backend.chain.slots import SlotTable
from backend.chain.submitter import Submitter
from backend.config import Settings
from backend.oracle import assessment
from backend.oracle.assessment import SPEC
from backend.oracle.proposals import MOST_RECORDS
from backend.scoring import specs, table, training
from tests import anvil
from tests.backend.market import CONSENT_TEXT, CORE_ENTERPRISE, SCORING, Market
from tests.backend.oracle.parts import RELAYER, SIGNERS, Oracle

HUMA_V2_GAS = 95_200  # a limit push per borrower, measured
BUDGET_GAS = 6_500
FIRST_ACCOUNT = 20  # the accounts before have other duties


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="push", description=__doc__)
    parser.add_argument("--count", type=int, default=MOST_RECORDS, help="parties, at most 500")
    count = parser.parse_args(argv).count
    if not 1 <= count <= MOST_RECORDS:
        parser.error(f"--count is {count}; it must be between 1 and {MOST_RECORDS}")
    log.configure("warning", "console")
    with _opened(count) as oracle:
        assessment.scorer()  # loading it is no part of a push
        first = _push(oracle, count)
        oracle.market.travel(1)
        update = _push(oracle, count)
    report = {
        "scores": count,
        "quorum": "2-of-3",
        "first_gas_per_score": first["gas"] // count,
        "gas_per_score": update["gas"] // count,
        "baseline": "Huma v2, limit push",
        "baseline_gas": HUMA_V2_GAS,
        "gas_ratio": round(HUMA_V2_GAS * count / update["gas"], 1),
        "within_budget": update["gas"] <= BUDGET_GAS * count,
        "seconds_to_chain": round(update["seconds"], 2),
        "scores_per_second": round(count / update["seconds"], 1),
    }
    _show(report)
    print(json.dumps(report))


def _show(report: dict[str, Any]) -> None:
    print(f"{'Huma v2, limit push':44} {report['baseline_gas']:10,} gas a score")
    print(f"{'first score of a party':44} {report['first_gas_per_score']:10,} gas a score")
    print(f"{'next score of a party':44} {report['gas_per_score']:10,} gas a score  × {report['gas_ratio']}")
    print(f"{'from statements to chain, three signers':44} {report['seconds_to_chain']:10.2f} s for {report['scores']}")


@contextmanager
def _opened(count: int) -> Iterator[Oracle]:
    """A chain on which `count` core enterprises consent to being scored."""
    with ExitStack() as running:
        node = running.enter_context(anvil.start(accounts=FIRST_ACCOUNT + count))
        market = Market(node)
        _admit(market, count)
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="heqi-"))
        engine = store.connect(f"sqlite:///{folder}/push.db")
        running.callback(engine.dispose)
        store.migrate(engine)
        fence = running.enter_context(store.sole_writer(engine, "submitter"))
        settings = Settings(chain_id=anvil.LOCAL_CHAIN_ID)
        submitter = Submitter(SlotTable(engine, RELAYER.address, fence), market.rpc, RELAYER, settings)
        oracle = Oracle(market, engine, {}, submitter, running)
        oracle.urls.update({duty: oracle.serve(oracle.signer(duty)) for duty in SIGNERS})
        yield oracle


def _admit(market: Market, count: int) -> None:
    wallets = [development_key(FIRST_ACCOUNT + number).address for number in range(count)]
    valid_until = market.now() + 365 * 86_400
    suite = market.suite
    for number, wallet in enumerate(wallets, start=1):
        market.send("bank", "Participants", "admit", wallet, CORE_ENTERPRISE, valid_until, f"0x{number:064x}")
    consent = "0x" + suite.calldata("CreditOracle", "grantConsent", SCORING, CONSENT_TEXT).hex()
    target = suite.address("CreditOracle")
    for wallet in wallets:
        market.node.rpc("eth_sendTransaction", {"from": wallet, "to": target, "data": consent})


def _push(oracle: Oracle, count: int) -> dict[str, float]:
    """File a statement for everybody, then wait for the scores. The chain moves on between, as it does."""
    for party, company in zip(range(1, count + 1), _companies(), strict=False):
        oracle.file(party, company)
    oracle.market.node.mine()
    started = time.perf_counter()
    oracle.push()
    seconds = time.perf_counter() - started
    counted = oracle.last()
    if len(counted.report.records) != count or any(oracle.score(party)["value"] == 0 for party in (1, count)):
        raise RuntimeError(f"round {counted.number} is {counted.state}: {counted.reason}")
    with store.reading(oracle.engine) as tx:
        transaction = outbox.find(tx, counted.intent_key).transaction_hash
    return {"gas": int(oracle.market.node.receipt(transaction)["gasUsed"], 16), "seconds": seconds}


def _companies() -> list[str]:
    """Held-out companies, the same in every push: no score changes, so none is held."""
    spec = specs.find(SPEC)
    return training.split(spec, table.read(spec.data, spec))[1].keys
