"""A round's answers until the last one is there. There is no sum of some."""

import hashlib
from collections.abc import Mapping
from functools import reduce

from backend.federation import fixed, messages
from backend.federation.errors import AnswerForeign, AnswersMissing, AnswerTwice
from backend.federation.fixed import Words
from backend.federation.messages import Answered, Asked, Sealed
from backend.federation.vectors import Request


class Tally:
    """Takes one answer from each participant (name to public key) to one request."""

    def __init__(self, participants: Mapping[str, str], asked: Sealed, length: int) -> None:
        self._participants = participants
        self._expected = {
            "session": asked.body["session"],
            "round": asked.body["round"],
            "request": messages.digest(asked.body),
            "vector": asked.body["vector"],
            "length": length,
        }
        self._noted: set[str] = set()
        self._words: dict[str, Words] = {}

    def add(self, sealed: Sealed, data: bytes) -> None:
        """Takes the vector with its signed facts. Raises what `note` raises, and AnswerForeign for other bytes."""
        answered = self.note(sealed)
        masked = hashlib.sha256(data).hexdigest()
        _require_equal(sealed.signer, "masked", answered.masked, masked)
        _require_equal(sealed.signer, "bytes", len(data), 8 * answered.length)
        self._words[sealed.signer] = fixed.from_bytes(data)

    def note(self, sealed: Sealed) -> Answered:
        """Takes the signed facts alone. Raises SignerUnknown, SignatureWrong, AnswerTwice, AnswerForeign."""
        answered = messages.unseal(Answered, "answer", sealed, self._participants)
        if sealed.signer in self._noted:
            raise AnswerTwice(name=sealed.signer, round=answered.round)
        for field, value in self._expected.items():
            _require_equal(sealed.signer, field, getattr(answered, field), value)
        self._noted.add(sealed.signer)
        return answered

    def total(self) -> Words | None:
        """The sum (n,) of all participants' words, None where one was only noted. Raises AnswersMissing."""
        if missing := sorted(self._participants.keys() - self._noted):
            raise AnswersMissing(round=self._expected["round"], names=", ".join(missing))
        if self._words.keys() != self._participants.keys():
            return None
        return reduce(lambda one, other: one + other, self._words.values())


def _require_equal(name: str, field: str, given: object, expected: object) -> None:
    if given != expected:
        raise AnswerForeign(name=name, field=field, given=given, expected=expected)


def asked(session: str, round: int, request: Request) -> Asked:
    """The message that asks a request of a round."""
    return Asked(
        session=session,
        round=round,
        vector=request.vector,
        edges=[list(edges) for edges in request.edges],
        evidence=[list(of_bin) for of_bin in request.evidence],
        coefficients=list(request.coefficients),
    )


def request(asked: Asked) -> Request:
    """The request that a message asks."""
    return Request(
        asked.vector,
        tuple(tuple(edges) for edges in asked.edges),
        tuple(tuple(of_bin) for of_bin in asked.evidence),
        tuple(asked.coefficients),
    )
