"""A signer: recomputes every record of a proposal from its own reading of facts and chain, and signs only that.

It asks nobody who proposes: a signature says that the signer itself came to the same figures, and so needs no secret
shared with the leader. The model is deterministic, therefore nothing but equality is tolerated.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import structlog
from eth_account.signers.local import LocalAccount

from backend import clock, strictjson
from backend.chain import reports, start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.reports import ScoreRecord, ScoreReport
from backend.config import Duty, Settings
from backend.errors import HeqiError
from backend.oracle import assessment, proposals, view
from backend.oracle.assessment import Desk, Sources
from backend.oracle.desks import desks
from backend.oracle.errors import (
    DeadlineTooFar,
    FactsNotOfNow,
    ModelDiffers,
    PartyTwice,
    ProposalInvalid,
    ProposalTooLarge,
    RecordDiffers,
    ReportsStopped,
    RoundWrong,
    SignerSetChanged,
    ValidityDiffers,
)
from backend.oracle.machines import desk as device_desk
from backend.oracle.machines.signer import DeviceSigner
from backend.oracle.proposals import DEADLINE_S
from backend.oracle.view import OracleView

MOST_BYTES = 100 * proposals.MOST_RECORDS + 1_000
OLDEST_FACTS_S = 600
REQUEST_TIMEOUT_S = 10.0

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event, duty: Duty) -> None:
    """Answer `POST /sign` on the duty's address until `stop` is set. Raises what makes a start impossible."""
    account = Keyring.load(settings)[duty]
    rpc, engine = start.connect(settings, suite)
    sources = Sources(engine, rpc, suite)
    scores = Signer(sources, desks(sources), account)
    machines = DeviceSigner(device_desk.Sources(engine, rpc, suite, clock.of(settings, rpc)), account)
    address = urlsplit(settings.signer_urls[duty])
    with server({**answers(scores), **machines.answers()}, str(address.hostname), address.port or 0) as answering:
        threading.Thread(target=answering.serve_forever, name=f"signer-{duty}", daemon=True).start()
        log.info("signer_ready", duty=duty.value, signer=account.address)
        stop.wait()
        answering.shutdown()


class Signer:
    """`sign` checks and signs a proposal."""

    def __init__(self, sources: Sources, desks: Iterable[Desk], account: LocalAccount) -> None:
        self._from = sources
        self._desks = {desk.number: desk for desk in desks}
        self._account = account
        self._lock = threading.Lock()

    def sign(self, report: ScoreReport) -> bytes:
        """65 bytes over a report that this signer found itself. Raises a Refusal, or an error of the model."""
        desk = self._desk(report)
        rpc, suite = self._from.rpc, self._from.suite
        seen = view.read(rpc, suite, [desk.number], rpc.head())
        require_batch(report, seen, desk.validity_s)
        proposed = by_party(report)
        with self._lock:  # the model runs in one thread
            assessment.require_usable(seen, desk.number, assessment.scorer(desk.spec))
            own = desk.found(seen, report.issued_at, list(proposed))
        for party, record in proposed.items():
            require_equal(record, own[party])
        return reports.sign(report, suite.chain_id, suite.address("CreditOracle"), self._account)

    def _desk(self, report: ScoreReport) -> Desk:
        if report.model_id not in self._desks:
            raise ModelDiffers(proposed=report.model_id, own=sorted(self._desks))
        return self._desks[report.model_id]


# What a signer requires. Pure.


def require_batch(report: ScoreReport, seen: OracleView, validity_s: int) -> None:
    """Raises ReportsStopped, RoundWrong, SignerSetChanged, and the refusals of its times."""
    now, issued_at = seen.at.timestamp, report.issued_at
    if seen.paused:
        raise ReportsStopped
    if report.round != seen.last_round + 1:
        raise RoundWrong(round=report.round, next=seen.last_round + 1)
    if report.signer_set != seen.signer_set:
        raise SignerSetChanged(proposed=report.signer_set, current=seen.signer_set)
    if not now - OLDEST_FACTS_S <= issued_at <= now:
        raise FactsNotOfNow(issued_at=issued_at, now=now, oldest=now - OLDEST_FACTS_S)
    if report.deadline > issued_at + DEADLINE_S:
        raise DeadlineTooFar(deadline=report.deadline, latest=issued_at + DEADLINE_S)
    if report.valid_until != issued_at + validity_s:
        raise ValidityDiffers(proposed=report.valid_until, expected=issued_at + validity_s)


def by_party(report: ScoreReport) -> dict[int, ScoreRecord]:
    """The records, unpacked. Raises PartyTwice, ProposalInvalid for bits that no record has."""
    found: dict[int, ScoreRecord] = {}
    for place, packed in enumerate(report.records):
        record = reports.decode_record(packed)
        if record.party in found:
            raise PartyTwice(party=record.party)
        if reports.encode_record(record) != packed:
            raise ProposalInvalid(place=f"records.{place}", rule="it has bits that no record has")
        found[record.party] = record
    return found


def require_equal(proposed: ScoreRecord, own: ScoreRecord) -> None:
    """Raises RecordDiffers with the first field that is not what this signer found."""
    for field in reports.RECORD_BITS:
        theirs, mine = getattr(proposed, field), getattr(own, field)
        if theirs != mine:
            raise RecordDiffers(party=proposed.party, field=field, proposed=theirs, own=mine)


# HTTP


Answers = Mapping[str, Callable[[Any], bytes]]
"""By path: the signature over a proposal in JSON."""


def answers(signer: Signer) -> Answers:
    """For scores."""
    return {proposals.PATH: lambda proposal: signer.sign(proposals.from_json(proposal))}


def server(answers: Answers, host: str, port: int) -> ThreadingHTTPServer:
    """`port` 0 takes a free one."""

    class Handler(_Handler):
        pass

    Handler.answers = answers
    answering = ThreadingHTTPServer((host, port), Handler)
    answering.daemon_threads = True
    return answering


class _Handler(BaseHTTPRequestHandler):
    answers: Answers
    timeout = REQUEST_TIMEOUT_S

    def do_POST(self) -> None:
        try:
            if self.path not in self.answers:
                raise ProposalInvalid(place="path", rule=f"only {', '.join(self.answers)} are answered")
            signature = self.answers[self.path](strictjson.parse(self._body()))
            self._answer(HTTPStatus.OK, {"signature": "0x" + signature.hex()})
        except HeqiError as error:
            log.warning("not_signed", reason=str(error))
            self._answer(error.status, error.to_problem())

    def _body(self) -> bytes:
        """Raises ProposalInvalid, ProposalTooLarge."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise ProposalInvalid(place="Content-Length", rule="it must be given")
        if len(length) > 12 or int(length) > MOST_BYTES:
            self.close_connection = True  # the body is left unread
            raise ProposalTooLarge(length=length[:12], most=MOST_BYTES)
        return self.rfile.read(int(length))

    def _answer(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == HTTPStatus.OK else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The server's own access log would go to stderr unredacted."""
