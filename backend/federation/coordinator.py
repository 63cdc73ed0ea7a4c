"""The coordinator: asks every institution the same, sums what comes back, and writes down all of it.

It learns sums over all participants and nothing else. Whatever goes wrong aborts the run, with a named error and
without a sum of the round; the next run is a new session with new keys.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from backend.errors import HeqiError
from backend.federation import fixed, institution, messages, runlog, tally, vectors
from backend.federation.course import course
from backend.federation.errors import AnswerForeign, FederationError
from backend.federation.messages import Answer, Closing, Identity, Keys, Sealed, Start, Stop
from backend.federation.roster import Place, Roster
from backend.federation.runlog import RunLog
from backend.federation.tally import Tally
from backend.federation.vectors import Request
from backend.scoring.modelspec import ModelSpec
from backend.scoring.scorecard import Scorecard

Progress = Callable[[str], None]


class Post(Protocol):
    """Posts a JSON message to a path of an institution. Raises ParticipantLost, ParticipantRefused."""

    def __call__(self, place: Place, path: str, message: Mapping[str, Any]) -> Any: ...


class Coordinator:
    """One run with everybody on the roster."""

    def __init__(self, identity: Identity, roster: Roster, spec: ModelSpec, post: Post, progress: Progress) -> None:
        self._identity = identity
        self._places = roster.places
        self._participants = roster.institutions
        self._spec = spec
        self._post = post
        self._progress = progress

    def new_session(self) -> Start:
        """Raises TooFewParticipants, ParticipantTwice."""
        members = [place.member for place in self._places]
        institution.require_several(members)
        return institution.new_start(self._spec, members)

    def run(self, start: Start, log: RunLog) -> Scorecard:
        """The scorecard of the session. Raises whatever aborts it, after the institutions and the log know."""
        session = messages.digest(start.model_dump())
        try:
            self._open(start, session, log)
            card = self._train(session, log)
        except HeqiError as error:
            log.append("aborted", error=error.to_problem())
            self._end(session, log, "aborted", str(error))
            raise
        result = card.as_dict()
        log.append("result", scorecard=result, digest=messages.digest(result))
        self._end(session, log, "completed", messages.digest(result))
        return card

    def _open(self, start: Start, session: str, log: RunLog) -> None:
        sealed = self._identity.seal("start", start)
        log.append("session", coordinator=self._identity.member.model_dump(), session=session, start=_plain(sealed))
        offers = [messages.parse(Sealed, answer) for answer in self._ask("/start", sealed)]
        institution.require_offers(offers, self._participants, session)
        keys = self._identity.seal("keys", Keys(session=session, offers=offers))
        log.append("keys", keys=_plain(keys))
        self._ask("/keys", keys)
        self._progress(f"session {session[:16]}: {len(offers)} institutions have agreed on keys")

    def _train(self, session: str, log: RunLog) -> Scorecard:
        requests = course(self._spec)
        request, round = next(requests), 1
        while True:
            total = self._round(session, round, request, log)
            self._progress(f"round {round}: sum of {len(total)} figures ({request.vector})")
            try:
                request, round = requests.send(total), round + 1
            except StopIteration as done:
                card: Scorecard = done.value
                return card

    def _round(self, session: str, round: int, request: Request, log: RunLog) -> fixed.Figures:
        asked = self._identity.seal("request", tally.asked(session, round, request))
        log.append("request", round=round, vector=request.vector, request=_plain(asked))
        collected = Tally(self._participants, asked, vectors.length(self._spec, request))
        for place, received in zip(self._places, self._ask("/request", asked), strict=True):
            answer = messages.parse(Answer, received)
            data = _decoded(place.name, answer.masked)
            collected.add(answer.answer, data)
            log.keep(round, place.name, data)
            log.append("answer", round=round, name=place.name, answer=_plain(answer.answer))
        words = collected.total()
        if words is None:
            raise AssertionError("every answer came with its vector")
        log.append("sum", round=round, vector=request.vector, length=len(words), digest=_digest(words))
        return fixed.decode(request.vector, words)

    def _ask(self, path: str, sealed: Sealed) -> list[Any]:
        """Everybody's answers to the same message, in the order of the roster."""
        message = _plain(sealed)
        with ThreadPoolExecutor(len(self._places)) as pool:
            return list(pool.map(lambda place: self._post(place, path, message), self._places))

    def _end(self, session: str, log: RunLog, outcome: Any, detail: str) -> None:
        stop = self._identity.seal("stop", Stop(session=session, outcome=outcome, detail=detail[:500]))
        for place in self._places:
            try:
                self._post(place, "/stop", _plain(stop))
            except FederationError as error:  # its session ends by itself when nothing more is asked
                self._progress(str(error))
        log.append("closed", closing=_plain(self._identity.seal("log", Closing(session=session, head=log.head))))


def _plain(sealed: Sealed) -> dict[str, Any]:
    return sealed.model_dump()


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise AnswerForeign(name=name, field="masked", given="no base64", expected="base64") from None


def _digest(words: fixed.Words) -> str:
    return runlog.sha256(fixed.to_bytes(words))
