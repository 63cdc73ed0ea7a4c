"""The audit of a run log: chain, signatures, sums, and the whole course computed again from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.errors import HeqiError
from backend.federation import fixed, institution, messages, runlog, tally, vectors
from backend.federation.course import Course, course
from backend.federation.errors import LogBroken, LogUnfinished
from backend.federation.messages import Asked, Closing, Keys, Member, Sealed, Start
from backend.federation.roster import Roster
from backend.federation.runlog import Line
from backend.federation.tally import Tally
from backend.federation.vectors import Request
from backend.scoring import specs
from backend.scoring.scorecard import Scorecard

FOLLOWS: Mapping[str, frozenset[str]] = {
    "": frozenset({"session"}),
    "session": frozenset({"keys", "aborted"}),
    "keys": frozenset({"request", "aborted"}),
    "request": frozenset({"answer", "aborted"}),
    "answer": frozenset({"answer", "sum", "aborted"}),
    "sum": frozenset({"request", "result", "aborted"}),
    "result": frozenset({"closed"}),
    "aborted": frozenset({"closed"}),
    "closed": frozenset(),
}


@dataclass(frozen=True)
class Audit:
    """What a log proves. `recomputed` sums were added up again; `replayed` says that the result follows from them."""

    session: str
    outcome: str
    participants: Mapping[str, str]
    rounds: int
    recomputed: int
    replayed: bool
    result: str | None


def audit(path: Path, roster: Roster | None) -> Audit:
    """Raises LogUnreadable, LogBroken with the line, LogUnfinished. With a roster, the keys must be those on it."""
    reader = _Reader(path.parent, roster)
    lines = runlog.read(path)
    for line in lines:
        reader.read(line)
    if reader.last != "closed":
        raise LogUnfinished(line=len(lines))
    return reader.verdict()


class _Reader:
    """Follows a run line by line; replays the course for as long as every sum can be added up again."""

    def __init__(self, folder: Path, roster: Roster | None) -> None:
        self._folder = folder
        self._roster = roster
        self._rounds = self._recomputed = 0
        self._expected: Request | Scorecard | None = None
        self._result: str | None = None
        self._outcome = ""
        self.last = ""

    def read(self, line: Line) -> None:
        """Raises LogBroken."""
        event = line["event"]
        try:
            if event not in FOLLOWS[self.last]:
                raise ValueError(f"{event} is out of place after {self.last or 'the beginning'}")
            getattr(self, f"_on_{event}")(line)
        except (HeqiError, LookupError, TypeError, AttributeError, ValueError) as error:
            raise LogBroken(line=line["line"], rule=str(error) or type(error).__name__) from None
        self.last = event

    def verdict(self) -> Audit:
        return Audit(
            session=self._session,
            outcome=self._outcome,
            participants=self._participants,
            rounds=self._rounds,
            recomputed=self._recomputed,
            replayed=isinstance(self._expected, Scorecard) and self._result is not None,
            result=self._result,
        )

    def _on_session(self, line: Line) -> None:
        coordinator = messages.parse(Member, line["coordinator"])
        self._coordinators = {coordinator.name: coordinator.identity}
        sealed = messages.parse(Sealed, line["start"])
        start = messages.unseal(Start, "start", sealed, self._coordinators)
        institution.require_several(start.participants)
        self._participants = {member.name: member.identity for member in start.participants}
        if self._roster and (self._coordinators, self._participants) != (
            self._roster.coordinators,
            self._roster.institutions,
        ):
            raise ValueError("its keys are not those of the roster")
        self._session = messages.digest(sealed.body)
        self._spec = specs.find(str(start.terms["spec"]))
        institution.require_terms(start.terms, institution.terms(self._spec))
        self._course: Course = course(self._spec)
        self._expected = next(self._course)

    def _on_keys(self, line: Line) -> None:
        keys = messages.unseal(Keys, "keys", messages.parse(Sealed, line["keys"]), self._coordinators)
        institution.require_offers(keys.offers, self._participants, self._session)

    def _on_request(self, line: Line) -> None:
        sealed = messages.parse(Sealed, line["request"])
        asked = messages.unseal(Asked, "request", sealed, self._coordinators)
        self._rounds += 1
        if (asked.session, asked.round) != (self._session, self._rounds):
            raise ValueError("the request is of another session or round")
        if self._expected:
            follows = isinstance(self._expected, Request) and asked == tally.asked(
                self._session, self._rounds, self._expected
            )
            if not follows:
                raise ValueError("the request does not follow from the sums before it")
        self._tally = Tally(self._participants, sealed, vectors.length(self._spec, tally.request(asked)))

    def _on_answer(self, line: Line) -> None:
        sealed = messages.parse(Sealed, line["answer"])
        file = runlog.masked_file(self._folder, self._rounds, sealed.signer)
        if file.exists():
            self._tally.add(sealed, file.read_bytes())
        else:
            self._tally.note(sealed)

    def _on_sum(self, line: Line) -> None:
        words = self._tally.total()
        if words is None:
            self._expected = None
            return
        self._recomputed += 1
        if runlog.sha256(fixed.to_bytes(words)) != line["digest"]:
            raise ValueError("the masked vectors do not add up to the sum")
        if self._expected:
            self._advance(fixed.decode(line["vector"], words))

    def _advance(self, total: fixed.Figures) -> None:
        try:
            self._expected = self._course.send(total)
        except StopIteration as done:
            self._expected = done.value

    def _on_result(self, line: Line) -> None:
        self._outcome, self._result = "completed", messages.digest(line["scorecard"])
        if self._result != line["digest"]:
            raise ValueError("the scorecard does not have its digest")
        if self._expected is None:
            return
        if not isinstance(self._expected, Scorecard) or messages.digest(self._expected.as_dict()) != self._result:
            raise ValueError("the scorecard does not follow from the sums")

    def _on_aborted(self, line: Line) -> None:
        self._outcome = str(line["error"]["code"])

    def _on_closed(self, line: Line) -> None:
        closing = messages.unseal(Closing, "log", messages.parse(Sealed, line["closing"]), self._coordinators)
        if (closing.session, closing.head) != (self._session, line["previous"]):
            raise ValueError("the closing signature is for another log")
