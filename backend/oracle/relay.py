"""The relay: collects a quorum of signatures over a proposal and puts the report into the outbox."""

import threading
from collections.abc import Mapping
from typing import Any

import requests
import structlog
from sqlalchemy import Engine

from backend import loop, store
from backend.chain import outbox, reports, start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.rpc import Rpc
from backend.config import Duty, Settings
from backend.crashpoints import crash_point
from backend.errors import HeqiError
from backend.oracle import proposals, rounds, view
from backend.oracle.rounds import Round, State
from backend.oracle.view import OracleView

SIGNER_TIMEOUT_S = 60.0  # a signer reads all the records that the leader read
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


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Relay until `stop` is set. Raises what makes a start impossible, and WriterBusy."""
    sender = Keyring.load(settings)[Duty.RELAYER].address
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, "oracle-relay"):
        relay = Relay(engine, rpc, suite, sender, settings.signer_urls)
        loop.run("oracle_relay", relay.step, settings.poll_interval, stop)


class Relay:
    """`step` once per poll; all it knows is in the database and on the chain."""

    def __init__(self, engine: Engine, rpc: Rpc, suite: Suite, sender: str, signer_urls: Mapping[Duty, str]) -> None:
        self._engine = engine
        self._rpc = rpc
        self._suite = suite
        self._sender = sender
        self._signer_urls = signer_urls

    def step(self) -> None:
        with store.reading(self._engine) as tx:
            open_ = rounds.last(tx)
        if open_ and open_.state is State.PROPOSED:
            self._collect(open_)
        elif open_ and open_.state is State.QUEUED:
            self._follow(open_)

    def _collect(self, proposed: Round) -> None:
        seen = view.read(self._rpc, self._suite, [], self._rpc.head())
        if problem := outdated(proposed, seen):
            self._lose(proposed, problem)
            return
        signatures, refusals = self._ask(proposed)
        crash_point("report_signed")
        if len(signatures) >= seen.threshold:
            self._enqueue(proposed, dict(list(signatures.items())[: seen.threshold]), refusals)
        elif len(self._signer_urls) - len(refusals) < seen.threshold:
            counts = {"refused": len(refusals), "signers": len(self._signer_urls), "threshold": seen.threshold}
            self._lose(proposed, QuorumRefused(round=proposed.number, **counts), refusals)

    def _ask(self, proposed: Round) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Signatures by address and refusals by duty; a signer that does not answer is in neither."""
        signatures: dict[str, bytes] = {}
        refusals: dict[str, Any] = {}
        body = proposals.to_json(proposed.report)
        for duty, url in self._signer_urls.items():
            try:
                answer = requests.post(url + proposals.PATH, json=body, timeout=SIGNER_TIMEOUT_S)
                content = answer.json() if len(answer.content) <= MOST_ANSWER_BYTES else {}
            except requests.RequestException as fault:
                log.warning("signer_silent", duty=duty.value, reason=type(fault).__name__)
                continue
            if answer.ok and (signer := self._signer(proposed, content.get("signature"))):
                signatures[signer] = bytes.fromhex(content["signature"][2:])
            else:
                refusals[duty.value] = content
        return signatures, refusals

    def _signer(self, proposed: Round, signature: Any) -> str | None:
        """Who signed, if that is a signer of the set in force."""
        try:
            raw = bytes.fromhex(signature.removeprefix("0x"))
            oracle = self._suite.address("CreditOracle")
            signer = reports.signer_of(proposed.report, self._suite.chain_id, oracle, raw)
        except Exception:  # eth_account and its curve library raise kinds of their own for bytes that are no signature
            return None
        return signer if self._suite.call(self._rpc, "CreditOracle", "isSigner", signer) else None

    def _enqueue(self, proposed: Round, signatures: dict[str, bytes], refusals: dict[str, Any]) -> None:
        arguments = (reports.message_of(proposed.report), list(reports.in_order(signatures)))
        shown = {signer: "0x" + signature.hex() for signer, signature in signatures.items()}
        with store.writing(self._engine) as tx:
            outbox.enqueue(
                tx,
                key=proposed.intent_key,
                sender=self._sender,
                target=self._suite.address("CreditOracle"),
                data=self._suite.calldata("CreditOracle", "submitScores", *arguments),
            )
            rounds.change(tx, proposed, state=State.QUEUED, signatures=shown, refusals=refusals)
            crash_point("report_enqueued")
        log.info("report_queued", round=proposed.number, signers=sorted(shown))

    def _follow(self, queued: Round) -> None:
        with store.writing(self._engine) as tx:
            intent = outbox.find(tx, queued.intent_key)
            if intent.state is outbox.State.FINAL:
                rounds.change(tx, queued, state=State.COUNTED)
            elif intent.state in (outbox.State.FAILED, outbox.State.CANCELLED):
                rounds.change(tx, queued, state=State.LOST, reason=intent.reason)

    def _lose(self, proposed: Round, problem: HeqiError, refusals: Mapping[str, Any] | None = None) -> None:
        log.warning("round_lost", round=proposed.number, reason=str(problem))
        with store.writing(self._engine) as tx:
            rounds.change(tx, proposed, state=State.LOST, reason=problem.to_problem(), refusals=refusals or {})


def outdated(proposed: Round, seen: OracleView) -> HeqiError | None:
    """Why a proposal can no longer count."""
    deadline, now = proposed.report.deadline, seen.at.timestamp
    if proposed.number <= seen.last_round:
        return RoundTaken(round=proposed.number)
    if now > deadline:
        return ProposalOutdated(round=proposed.number, deadline=deadline, now=now)
    return None
