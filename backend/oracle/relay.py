"""The relay: collects a quorum of signatures over a proposal and puts the report into the outbox.

Every lane of reports has a relay of its own, so that an alarm waits for no batch of scores.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, Protocol

import requests
import structlog
from sqlalchemy import Connection, Engine

from backend import loop, store
from backend.chain import outbox, reports, start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.rpc import Header, Rpc
from backend.config import Duty, Settings
from backend.crashpoints import crash_point
from backend.errors import HeqiError
from backend.oracle import proposals, rounds, view
from backend.oracle.rounds import State
from backend.oracle.view import OracleView

MOST_ANSWER_BYTES = 10_000

log = structlog.get_logger(__name__)


class RoundTaken(HeqiError):
    notice_en = "Round {round} was taken by another report."
    notice_zh = "第 {round} 轮已被另一份报告占用。"
    status = 409


class ProposalOutdated(HeqiError):
    notice_en = "The proposal of round {round} could be relayed until {deadline}; the chain is at {now}."
    notice_zh = "第 {round} 轮提案的上链截止时间为 {deadline}，链上时间已为 {now}。"
    status = 409


class QuorumRefused(HeqiError):
    notice_en = "{refused} of {signers} signers refuse round {round}; {threshold} signatures are needed."
    notice_zh = "{signers} 个签名者中有 {refused} 个拒签第 {round} 轮，需要 {threshold} 个签名。"
    status = 409


class Proposed(Protocol):
    """A round of any lane."""

    @property
    def number(self) -> int: ...

    @property
    def state(self) -> State: ...

    @property
    def digest(self) -> str: ...

    @property
    def report(self) -> Any: ...

    @property
    def intent_key(self) -> str: ...


class Seen(Protocol):
    """A lane at block `at`."""

    @property
    def at(self) -> Header: ...

    @property
    def last_round(self) -> int: ...

    @property
    def threshold(self) -> int: ...


class Lane(Protocol):
    """One kind of reports: its rounds, and how they are signed and submitted. `timeout_s`: longest that a signer is
    heard; `patience_s`: longest when a quorum no longer needs it, for what it refuses."""

    name: str
    contract: str
    function: str
    path: str
    timeout_s: float
    patience_s: float

    def last(self, tx: Connection) -> Proposed | None: ...

    def change(self, tx: Connection, round_: Any, **changes: Any) -> None: ...

    def seen(self, rpc: Rpc, suite: Suite) -> Seen: ...

    def to_json(self, report: Any) -> dict[str, Any]: ...

    def message_of(self, report: Any) -> dict[str, Any]: ...

    def signer_of(self, report: Any, chain_id: int, oracle: str, signature: bytes) -> str: ...


class Scores:
    """The lane of CreditOracle."""

    name = "oracle"
    contract, function = "CreditOracle", "submitScores"
    path = proposals.PATH
    timeout_s = patience_s = 60.0  # a signer reads all the records that the leader read
    last = staticmethod(rounds.last)
    change = staticmethod(rounds.change)
    to_json = staticmethod(proposals.to_json)
    message_of = staticmethod(reports.message_of)
    signer_of = staticmethod(reports.signer_of)

    def seen(self, rpc: Rpc, suite: Suite) -> OracleView:
        return view.read(rpc, suite, [], rpc.head())


def run(
    settings: Settings, suite: Suite, stop: threading.Event, *, lane: Lane, interval: float, queued: Callable[[], None]
) -> None:
    """Relay a lane until `stop` is set; `queued` is called when something is in the outbox.

    Raises what makes a start impossible, and WriterBusy.
    """
    sender = Keyring.load(settings)[Duty.RELAYER].address
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, f"{lane.name}-relay"):
        relay = Relay(engine, rpc, suite, sender, settings.signer_urls, lane=lane, queued=queued)
        loop.run(f"{lane.name}_relay", relay.step, interval, stop)


class Answer(NamedTuple):
    """A signer's, in JSON."""

    ok: bool
    content: Any


class Relay:
    """`step` once per poll; all it knows is in the database and on the chain."""

    def __init__(
        self,
        engine: Engine,
        rpc: Rpc,
        suite: Suite,
        sender: str,
        signer_urls: Mapping[Duty, str],
        *,
        lane: Lane,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._rpc = rpc
        self._suite = suite
        self._sender = sender
        self._signer_urls = signer_urls
        self._lane = lane
        self._queued = queued
        self._members: set[tuple[int, str]] = set()  # a set of signers never changes, only its successor differs
        self._counted = ""
        self._asked: dict[Duty, Future[Answer | None]] = {}
        self._asking = ThreadPoolExecutor(max(1, len(signer_urls)), thread_name_prefix=f"{lane.name}-relay")

    def step(self) -> None:
        with store.reading(self._engine) as tx:
            open_ = self._lane.last(tx)
        if open_ and open_.state is State.PROPOSED:
            self._collect(open_)
        elif open_ and open_.state is State.QUEUED:
            self._follow(open_)

    def _collect(self, proposed: Proposed) -> None:
        seen = self._lane.seen(self._rpc, self._suite)
        if problem := outdated(proposed, seen):
            self._lose(proposed, problem)
            return
        signatures, refusals = self._ask(proposed, seen.threshold)
        crash_point("report_signed")
        if len(signatures) >= seen.threshold:
            self._enqueue(proposed, dict(list(signatures.items())[: seen.threshold]), refusals)
        elif len(self._signer_urls) - len(refusals) < seen.threshold:
            counts = {"refused": len(refusals), "signers": len(self._signer_urls), "threshold": seen.threshold}
            self._lose(proposed, QuorumRefused(round=proposed.number, **counts), refusals)

    def _ask(self, proposed: Proposed, enough: int) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Signatures by address and refusals by duty; a signer that does not answer in time is in neither. One that
        still owes an earlier answer is not asked: it holds up itself alone."""
        body = self._lane.to_json(proposed.report)
        free = [duty for duty in self._signer_urls if duty not in self._asked or self._asked[duty].done()]
        self._asked |= {duty: self._asking.submit(self._post, duty, body) for duty in free}
        asked = {self._asked[duty]: duty for duty in free}
        signatures: dict[str, bytes] = {}
        refusals: dict[str, Any] = {}
        open_: set[Future[Answer | None]] = set(asked)
        while open_:
            done, open_ = wait(open_, self._lane.patience_s if len(signatures) >= enough else None, FIRST_COMPLETED)
            if not done:
                break
            for ready in done:
                if (answer := ready.result()) is None:
                    continue
                if answer.ok and (signer := self._signer(proposed, answer.content.get("signature"))):
                    signatures[signer] = bytes.fromhex(answer.content["signature"][2:])
                else:
                    refusals[asked[ready].value] = answer.content
        return signatures, refusals

    def _post(self, duty: Duty, body: Mapping[str, Any]) -> Answer | None:
        url = self._signer_urls[duty] + self._lane.path
        try:
            answer = requests.post(url, json=body, timeout=self._lane.timeout_s)
            content = answer.json() if len(answer.content) <= MOST_ANSWER_BYTES else {}
        except requests.RequestException as fault:
            log.warning("signer_silent", duty=duty.value, reason=type(fault).__name__)
            return None
        return Answer(answer.ok, content)

    def _signer(self, proposed: Proposed, signature: Any) -> str | None:
        """Who signed, if that is a signer of the set in force."""
        try:
            raw = bytes.fromhex(signature.removeprefix("0x"))
            oracle = self._suite.address(self._lane.contract)
            signer = self._lane.signer_of(proposed.report, self._suite.chain_id, oracle, raw)
        except Exception:  # eth_account and its curve library raise kinds of their own for bytes that are no signature
            return None
        member = (proposed.report.signer_set, signer)
        if member not in self._members and self._suite.call(self._rpc, self._lane.contract, "isSigner", signer):
            self._members.add(member)
        return signer if member in self._members else None

    def _enqueue(self, proposed: Proposed, signatures: dict[str, bytes], refusals: dict[str, Any]) -> None:
        arguments = (self._lane.message_of(proposed.report), list(reports.in_order(signatures)))
        shown = {signer: "0x" + signature.hex() for signer, signature in signatures.items()}
        with store.writing(self._engine) as tx:
            outbox.enqueue(
                tx,
                key=proposed.intent_key,
                sender=self._sender,
                target=self._suite.address(self._lane.contract),
                data=self._suite.calldata(self._lane.contract, self._lane.function, *arguments),
            )
            self._lane.change(tx, proposed, state=State.QUEUED, signatures=shown, refusals=refusals)
            crash_point("report_enqueued")
        self._queued()
        log.info("report_queued", lane=self._lane.name, round=proposed.number, signers=sorted(shown))

    def _follow(self, queued: Proposed) -> None:
        with store.reading(self._engine) as tx:
            intent = outbox.find(tx, queued.intent_key)
        if intent.state is outbox.State.FINAL:
            self._conclude(queued, state=State.COUNTED)
        elif intent.state in (outbox.State.FAILED, outbox.State.CANCELLED):
            self._conclude(queued, state=State.LOST, reason=intent.reason)
        elif self._counted != queued.digest and self._lane.seen(self._rpc, self._suite).last_round >= queued.number:
            # The next report waits for this one to be final: the submitter need not find out by itself.
            self._counted = queued.digest
            self._queued()

    def _lose(self, proposed: Proposed, problem: HeqiError, refusals: Mapping[str, Any] | None = None) -> None:
        log.warning("round_lost", lane=self._lane.name, round=proposed.number, reason=str(problem))
        self._conclude(proposed, state=State.LOST, reason=problem.to_problem(), refusals=refusals or {})

    def _conclude(self, round_: Proposed, **changes: Any) -> None:
        with store.writing(self._engine) as tx:
            self._lane.change(tx, round_, **changes)


def outdated(proposed: Proposed, seen: Seen) -> HeqiError | None:
    """Why a proposal can no longer count."""
    deadline, now = proposed.report.deadline, seen.at.timestamp
    if proposed.number <= seen.last_round:
        return RoundTaken(round=proposed.number)
    if now > deadline:
        return ProposalOutdated(round=proposed.number, deadline=deadline, now=now)
    return None
