"""Events per second: the indexer beside web3.py's `contract.events.Transfer.get_logs`, on the same chain and logs."""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from typing import Any

from web3 import Web3

from backend import store
from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.keys import development_key
from backend.chain.rpc import Rpc
from backend.readmodel.indexer import Indexer
from tests import anvil, cash
from tests.cash_projection import projection

RANGE = 2_000
PER_BLOCK = 500
HOLDERS = 1_000


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="indexer", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    events = parser.parse_args(argv).events
    with anvil.start(mining=False) as node:
        suite = cash.suite(cash.deployment(node))
        rpc = Rpc([node.url], anvil.LOCAL_CHAIN_ID, timeout=60)
        _emit(node, rpc, suite, events)
        baseline = _rate(events, lambda: _web3(node, suite))
        decoding = _rate(events, lambda: _decode(rpc, suite, node.block_number()))
        indexing = _rate(events, lambda: _index(rpc, suite))
    report = {
        "events": events,
        "baseline": "web3.py contract.events.Transfer.get_logs (decoding only, no database)",
        "baseline_per_s": round(baseline),
        "decoded_per_s": round(decoding),
        "indexed_per_s": round(indexing),
        "decoded_ratio": round(decoding / baseline, 2),
        "indexed_ratio": round(indexing / baseline, 2),
    }
    print(f"{'web3.py get_logs, decoding only':48} {baseline:10.0f} events/s")
    print(f"{'raw logs + prebuilt decoder, decoding only':48} {decoding:10.0f} events/s  × {decoding / baseline:.1f}")
    print(f"{'indexer: verified, rows and feed in SQLite':48} {indexing:10.0f} events/s  × {indexing / baseline:.1f}")
    print(json.dumps(report))


def _emit(node: anvil.Node, rpc: Rpc, suite: Suite, events: int) -> None:
    target = suite.address("MockCash")
    sender = development_key(0).address
    for start in range(0, events, PER_BLOCK):
        requests = []
        for serial in range(start, min(start + PER_BLOCK, events)):
            holder = f"0x{serial % HOLDERS + 1:040x}"
            data = "0x" + suite.calldata("MockCash", "mint", holder, serial + 1).hex()
            transaction = {"from": sender, "to": target, "data": data, "gas": hex(80_000)}
            requests.append(("eth_sendTransaction", (transaction,)))
        rpc.batch(requests)
        while node.rpc("txpool_status")["pending"] != "0x0":
            node.mine()


def _rate(events: int, work: Callable[[], int]) -> float:
    started = time.perf_counter()
    found = work()
    if found != events:
        raise RuntimeError(f"{found} events were read, {events} were emitted")
    return events / (time.perf_counter() - started)


def _web3(node: anvil.Node, suite: Suite) -> int:
    client = Web3(Web3.HTTPProvider(node.url))
    contract = client.eth.contract(client.to_checksum_address(suite.address("MockCash")), abi=_abi())
    head = client.eth.block_number
    ranges = range(0, head + 1, RANGE)
    return sum(
        len(contract.events.Transfer.get_logs(from_block=first, to_block=min(first + RANGE - 1, head)))
        for first in ranges
    )


def _abi() -> Any:
    return cash.artifact("MockCash")["abi"]


def _decode(rpc: Rpc, suite: Suite, head: int) -> int:
    transfer = suite.events("MockCash")["Transfer"]
    decode = abi.event_decoder(transfer)
    wanted = {"address": suite.address("MockCash"), "topics": [abi.topic_of(transfer)]}
    count = 0
    for first in range(0, head + 1, RANGE):
        bounds = {"fromBlock": hex(first), "toBlock": hex(min(first + RANGE - 1, head))}
        count += len([decode(log) for log in rpc.call("eth_getLogs", {**wanted, **bounds})])
    return count


def _index(rpc: Rpc, suite: Suite) -> int:
    with tempfile.TemporaryDirectory(prefix="heqi-") as folder:
        engine = store.connect(f"sqlite:///{folder}/bench.db")
        store.migrate(engine)
        with store.sole_writer(engine, "indexer") as fence:
            Indexer(engine, rpc, suite, projection, fence, finality_depth=1).catch_up()
        with store.reading(engine) as tx:
            count: int = tx.exec_driver_sql("SELECT count(*) FROM transfers").scalar_one()
        engine.dispose()
        return count
