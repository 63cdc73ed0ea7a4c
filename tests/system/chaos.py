"""Chaos: submitter and indexer under crashes, dropped mempools, reorganisations, stolen nonces and a lying node.

`run(count, seed)` lets at least `count` faults happen to real processes over a real Anvil, then lets everything settle
and proves: every intent was executed exactly once, the outbox agrees, and the read model equals a rebuild.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rlp
from eth_utils.crypto import keccak
from sqlalchemy import Engine, func, inspect, select

from backend import store
from backend.chain import abi, outbox
from backend.chain.keys import development_key
from backend.chain.rpc import HeadUnsettled, Rpc
from backend.readmodel import indexer, rebuild
from backend.store.tables import intents, slots, variants
from tests import anvil, cash, proxy
from tests.cash_projection import projection

BLOCK_TIME_S = 0.2
CONFIRMATIONS = 4  # one more than the deepest reorganisation
DEEPEST_REORG = 3
FINALITY_DEPTH = 64
ROUND_LIMIT_S = 6.0
SETTLING_LIMIT_S = 120.0
CRASHED = 137
RELAYER_INDEX = 5
RELAYER = development_key(RELAYER_INDEX)
HOLDERS = [development_key(index).address for index in range(6, 10)]

# Where a process can die, with the fault that leads it there (None: ordinary work does).
SUBMITTER_POINTS = {
    "estimated": None,
    "signed": None,
    "saved": None,
    "sent": None,
    "broadcast_saved": None,
    "receipt_seen": None,
    "inclusion_saved": None,
    "settlement_saved": None,
    "reopening_saved": "reorg",
    "foreign_saved": "foreign_nonce",
    "replacement_saved": "fee_spike",
}
INDEXER_POINTS = {
    "blocks_fetched": None,
    "rows_written": None,
    "position_moved": None,
    "blocks_committed": None,
    "undo_written": "reorg",
    "undo_committed": "reorg",
}
ORDINARY_POINTS = {
    point for points in (SUBMITTER_POINTS, INDEXER_POINTS) for point, fault in points.items() if not fault
}
CHAIN_FAULTS = ("reorg", "drop_mempool", "foreign_nonce", "fee_spike", *(f"node_{fault}" for fault in proxy.FAULTS))


class Nursery:
    """Starts processes by forking one that has imported everything (see chaos_worker)."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.system.chaos_worker"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=anvil.ROOT, env=environment, stdin=pipe, stdout=pipe, text=True, bufsize=1
        )

    def ask(self, **request: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@dataclass
class Stage:
    """Everything that runs during one chaos run."""

    node: anvil.Node
    nodes: list[proxy.Proxy]
    engine: Engine
    suite: Any
    nursery: Nursery
    random: random.Random
    injections: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, int] = field(default_factory=dict)
    logs: Path = Path()

    def enqueue(self, number: int = 3) -> None:
        """Distinct amounts: each is recognisable on the chain."""
        with store.writing(self.engine) as tx:
            for _ in range(number):
                serial = len(self.amounts) + 1
                function = "transfer" if serial > 1 and serial % 3 == 0 else "mint"
                receiver, amount = (HOLDERS[serial % 4], serial) if serial > 1 else (RELAYER.address, 10**15)
                data = self.suite.calldata("MockCash", function, receiver, amount)
                key = f"chaos-{serial}"
                target = self.suite.address("MockCash")
                outbox.enqueue(tx, key=key, sender=RELAYER.address, target=target, data=data)
                self.amounts[key] = amount

    def states(self) -> Counter[str]:
        with store.reading(self.engine) as tx:
            return Counter(tx.scalars(select(intents.c.state)))


class Worker:
    """A process that may be armed to die at a named point."""

    def __init__(self, stage: Stage, role: str, crash_at: str | None = None) -> None:
        self.role = role
        self.crash_at = crash_at
        self._nursery = stage.nursery
        self._log = stage.logs / f"{role}-{sum(stage.injections.values())}-{crash_at}.log"
        self._status: int | None = None
        turn = stage.random.randint(1, 2) if crash_at in ORDINARY_POINTS else 1
        armed = {"HEQI_CRASH_AT": f"{crash_at}:{turn}"} if crash_at else {}
        self._id = self._nursery.ask(start=role, environment=armed, log=str(self._log))

    @property
    def is_alive(self) -> bool:
        if self._status is None:
            self._status = self._nursery.ask(poll=self._id)
        return self._status is None

    def end(self) -> str:
        """Kill it unless its own crash came first; returns what happened. Any other end is a defect."""
        if self.is_alive:
            os.kill(self._id, signal.SIGKILL)
            self._status = self._nursery.ask(wait=self._id)
        if self._status == -signal.SIGKILL:
            return f"{self.role}_killed"
        if self._status == CRASHED and self.crash_at:
            return f"{self.role}_crash_{self.crash_at}"
        raise AssertionError(f"{self.role} ended with status {self._status}:\n{self._log.read_text()[-3000:]}")


def run(count: int, seed: int = 1, database_url: str | None = None) -> dict[str, Any]:
    """At least `count` injections. Raises AssertionError on the first thing lost, doubled or different."""
    started = time.monotonic()
    with _stage(seed, database_url) as stage:
        stage.enqueue(1)
        while sum(stage.injections.values()) < count:
            _round(
                stage,
                submitter_point=_draw(stage, "submitter", SUBMITTER_POINTS),
                indexer_point=_draw(stage, "indexer", INDEXER_POINTS),
                fault=_rarest(stage, {kind: kind for kind in CHAIN_FAULTS}),
            )
        _settle(stage)
        _assert_executed_once(stage)
        _assert_one_payload_per_nonce(stage)
        tables = _assert_readmodel_equals_rebuild(stage)
        return {
            "injections": sum(stage.injections.values()),
            "kinds": dict(sorted(stage.injections.items())),
            "intents": len(stage.amounts),
            "lost": 0,
            "doubled": 0,
            "blocks": stage.node.block_number(),
            "tables": tables,
            "seed": seed,
            "seconds": round(time.monotonic() - started, 1),
        }


@contextmanager
def _stage(seed: int, database_url: str | None) -> Iterator[Stage]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        node = stack.enter_context(anvil.start(block_time=BLOCK_TIME_S))
        record = cash.deployment(node)
        (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
        nodes = [stack.enter_context(proxy.start(node.url)) for _ in range(2)]
        url = database_url or f"sqlite:///{folder}/chaos.db"
        engine = store.connect(url)
        store.migrate(engine)
        environment = os.environ | {
            "HEQI_RPC_URLS": ",".join(one.url for one in nodes),
            "HEQI_DATABASE_URL": url,
            "HEQI_KEYS": json.dumps({"relayer": {"development": RELAYER_INDEX}}),
            "HEQI_CONFIRMATIONS": str(CONFIRMATIONS),
            "HEQI_FINALITY_DEPTH": str(FINALITY_DEPTH),
            "HEQI_POLL_INTERVAL": "0.05",
            "HEQI_TEST_RECORD": str(folder / "record.json"),
        }
        nursery = Nursery(environment)
        stack.callback(nursery.close)
        stack.callback(engine.dispose)
        yield Stage(node, nodes, engine, cash.suite(record), nursery, random.Random(seed), logs=folder)


def _draw(stage: Stage, role: str, points: Iterable[str]) -> str:
    """A crash point, those first at which no process has died yet."""
    return _rarest(stage, {point: f"{role}_crash_{point}" for point in points})


def _rarest(stage: Stage, kinds: dict[str, str]) -> str:
    """One of the least frequent so far; `kinds` tells under which name each is counted."""
    least = min(stage.injections[kind] for kind in kinds.values())
    return stage.random.choice([name for name, kind in kinds.items() if stage.injections[kind] == least])


def _round(stage: Stage, submitter_point: str, indexer_point: str, fault: str) -> None:
    """Two armed processes, some work, the faults that lead to their points and one fault of the chain."""
    workers = [Worker(stage, "submitter", submitter_point), Worker(stage, "indexer", indexer_point)]
    stage.enqueue()
    faults = [fault, SUBMITTER_POINTS[submitter_point], INDEXER_POINTS[indexer_point]]
    deadline = time.monotonic() + ROUND_LIMIT_S
    _wait(lambda: _has_pending(stage) or not workers[0].is_alive, limit=2.0)
    for kind in dict.fromkeys(kind for kind in faults if kind):
        if kind == "reorg":
            _wait(lambda: _has_something_to_lose(stage), limit=2.0)
        _inject(stage, kind)
    while any(worker.is_alive for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    for worker in workers:
        stage.injections[worker.end()] += 1
    for one in stage.nodes:
        one.fault = None


def _has_pending(stage: Stage) -> bool:
    return stage.node.rpc("txpool_status")["pending"] != "0x0"


def _has_something_to_lose(stage: Stage) -> bool:
    """An included transaction and a read model that knows its block."""
    with store.reading(stage.engine) as tx:
        included = tx.scalar(select(func.max(intents.c.block)).where(intents.c.state == "included"))
        at = indexer.position(tx) if inspect(tx).has_table("readmodel_progress") else None
    return included is not None and at is not None and at.number >= included


def _depth(stage: Stage) -> int:
    """As deep as the newest inclusion that the outbox knows, if it can be undone, so that something is at stake."""
    with store.reading(stage.engine) as tx:
        block = tx.scalar(select(func.max(intents.c.block)).where(intents.c.state == "included"))
    needed = stage.node.block_number() - block + 1 if block else 1
    return needed if 1 <= needed <= DEEPEST_REORG else stage.random.randint(1, DEEPEST_REORG)


def _inject(stage: Stage, kind: str) -> None:
    if kind == "reorg":
        stage.node.rpc("anvil_reorg", _depth(stage), [])
    elif kind == "drop_mempool":
        stage.node.rpc("anvil_dropAllTransactions")
    elif kind == "foreign_nonce":
        _use_nonce(stage)
    elif kind == "fee_spike":
        stage.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(30 * 10**9))
    else:
        stage.random.choice(stage.nodes).fault = kind.removeprefix("node_")
    stage.injections[kind] += 1


def _use_nonce(stage: Stage) -> None:
    """Somebody else has the relayer's key: take the nonce that the chain expects next, outbidding the outbox."""
    nonce = int(stage.node.rpc("eth_getTransactionCount", RELAYER.address, "latest"), 16)
    for fee in (100, 200, 400):
        transaction = {
            "type": 2,
            "chainId": anvil.LOCAL_CHAIN_ID,
            "nonce": nonce,
            "to": RELAYER.address,
            "value": 1,
            "gas": 21_000,
            "maxFeePerGas": fee * 10**9,
            "maxPriorityFeePerGas": fee * 10**9,
        }
        try:
            stage.node.rpc("eth_sendRawTransaction", RELAYER.sign_transaction(transaction).raw_transaction.to_0x_hex())
            return
        except anvil.AnvilError:
            continue  # mined meanwhile, or outbid by a replacement of ours


def _wait(condition: Callable[[], bool], limit: float) -> bool:
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _settle(stage: Stage) -> None:
    """No more faults: everything has to come to its end."""
    stage.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    workers = [Worker(stage, "submitter"), Worker(stage, "indexer")]
    settled = _wait(lambda: stage.states() == {"final": len(stage.amounts)}, SETTLING_LIMIT_S)
    caught_up = settled and _wait(lambda: _indexed_balances(stage) == cash.balances(stage.node, stage.suite), 30)
    for worker in workers:
        ended = worker.end()
        assert ended == f"{worker.role}_killed", ended
    assert settled, f"not everything became final: {stage.states()} {_unfinished(stage)}"
    assert caught_up, f"balances {_indexed_balances(stage)}, on chain {cash.balances(stage.node, stage.suite)}"


def _unfinished(stage: Stage) -> list[Any]:
    with store.reading(stage.engine) as tx:
        query = select(intents.c.key, intents.c.state, intents.c.reason, slots.c.nonce, slots.c.state)
        joined = query.select_from(intents.outerjoin(slots, slots.c.intent_id == intents.c.id))
        return [tuple(row) for row in tx.execute(joined.where(intents.c.state != "final").limit(10))]


def _indexed_balances(stage: Stage) -> dict[str, int]:
    table = projection.table("balances")
    with store.reading(stage.engine) as tx:
        return {row.holder: row.amount for row in tx.execute(select(table))}


def _assert_executed_once(stage: Stage) -> None:
    """On the canonical chain every amount was moved exactly once, by the transaction that the outbox names."""
    transfer = abi.event_decoder(stage.suite.events("MockCash")["Transfer"])
    on_chain: dict[int, list[str]] = {}
    for log in cash.logs(stage.node, stage.suite):
        on_chain.setdefault(transfer(log)["value"], []).append(log["transactionHash"])
    with store.reading(stage.engine) as tx:
        recorded = {row.key: row.transaction_hash for row in tx.execute(select(intents))}
    wanted = {amount: [recorded[key]] for key, amount in stage.amounts.items()}
    assert on_chain == wanted, {
        "lost": sorted(set(wanted) - set(on_chain)),
        "doubled": {amount: found for amount, found in on_chain.items() if len(found) > 1},
        "unknown": sorted(set(on_chain) - set(wanted)),
    }


def _assert_one_payload_per_nonce(stage: Stage) -> None:
    """All variants of a nonce carry the same payload or none, at rising fees, and are the bytes of their hashes."""
    with store.reading(stage.engine) as tx:
        rows = tx.execute(select(variants).order_by(variants.c.nonce, variants.c.id)).all()
    for nonce, group in itertools.groupby(rows, key=lambda row: row.nonce):
        found = list(group)
        assert all("0x" + keccak(bytes(row.raw)).hex() == row.hash for row in found)
        payloads = {tuple(rlp.decode(bytes(row.raw)[1:])[5:8]) for row in found if not row.noop}
        assert len(payloads) <= 1, f"nonce {nonce} was signed for {len(payloads)} payloads"
        for cheaper, dearer in itertools.pairwise(found):
            assert dearer.max_fee * 1000 >= cheaper.max_fee * 1125
            assert dearer.priority_fee * 1000 >= cheaper.priority_fee * 1125


def _assert_readmodel_equals_rebuild(stage: Stage) -> dict[str, int]:
    rpc = Rpc([stage.node.url], anvil.LOCAL_CHAIN_ID)
    for _ in range(20):
        try:
            _, tables = rebuild.verify(stage.engine, rpc, stage.suite, projection, FINALITY_DEPTH)
            break
        except HeadUnsettled:
            time.sleep(BLOCK_TIME_S)
    assert all(item.equal for item in tables), tables
    return {item.table: item.rows for item in tables}
