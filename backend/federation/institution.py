"""An institution: opens a session, agrees keys with its peers, and answers each request once, under masks.

It trusts nobody with its rows. The coordinator may ask only what the protocol has, in its order; peers are recognised
by the keys on this institution's own roster, whatever the coordinator says.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.errors import HeqiError
from backend.federation import fixed, grids, masks, messages, tally, vectors
from backend.federation.course import MOST_ROUNDS
from backend.federation.errors import (
    KeysForeign,
    ParticipantTwice,
    ParticipantUnknown,
    RequestUnusable,
    RoundOutOfOrder,
    RowsUnusable,
    SessionUnknown,
    StartReplayed,
    StartStale,
    TermsDiffer,
    TooFewParticipants,
    TooFewRows,
)
from backend.federation.messages import (
    PROTOCOL,
    Answer,
    Answered,
    Asked,
    Identity,
    Keys,
    Member,
    Offer,
    Sealed,
    Start,
    Stop,
)
from backend.federation.roster import Roster
from backend.federation.vectors import LEAST_CELL, Request, Rows
from backend.scoring.modelspec import ModelSpec

LEAST_PARTICIPANTS = 3
LEAST_ROWS = 500
START_TOLERANCE_S = 300
IDLE_S = 120.0

Terms = dict[str, str | int | float]

log = structlog.get_logger(__name__)


@dataclass
class Session:
    """What is known until the session ends; nothing of it is written anywhere."""

    digest: str
    peers: dict[str, str]
    key: X25519PrivateKey
    rows: Rows
    used_at: float
    pairs: dict[str, bytes] = field(default_factory=dict)
    round: int = 0
    edges: tuple[grids.Edges, ...] = ()
    evidence: tuple[tuple[float, ...], ...] = ()


class Institution:
    """`start`, `keys`, any number of `answer`, `stop`. One session at a time; a new one ends the one before."""

    def __init__(self, identity: Identity, roster: Roster, spec: ModelSpec, load: Callable[[], Rows]) -> None:
        self._identity = identity
        self._roster = roster
        self._spec = spec
        self._load = load  # reads rows and consents anew for every session
        self._seen: set[str] = set()
        self._session: Session | None = None

    def start(self, sealed: Sealed) -> Sealed:
        """A signed key offer. Raises why this institution does not take part."""
        start = messages.unseal(Start, "start", sealed, self._roster.coordinators)
        digest = messages.digest(sealed.body)
        self._require_new(start, digest)
        require_terms(start.terms, terms(self._spec))
        self._require_participants(start.participants)
        rows = self._rows()
        self._seen.add(digest)
        key = X25519PrivateKey.generate()
        peers = {member.name: member.identity for member in start.participants if member.name != self._identity.name}
        self._session = Session(digest, peers, key, rows, time.monotonic())
        log.info("session_opened", session=digest, participants=sorted(peers | {self._identity.name: ""}))
        return self._identity.seal("offer", Offer(session=digest, key=key.public_key().public_bytes_raw().hex()))

    def keys(self, sealed: Sealed) -> None:
        """Agree a secret with each peer. Raises KeysForeign, SignatureWrong, KeyUnusable."""
        given = messages.unseal(Keys, "keys", sealed, self._roster.coordinators)
        session = self._open(given.session)
        if session.pairs:
            raise KeysForeign(rule="they have been given before")
        offers = require_offers(given.offers, session.peers | {self._identity.name: self._own}, session.digest)
        if offers.pop(self._identity.name) != session.key.public_key().public_bytes_raw().hex():
            raise KeysForeign(rule="this institution offered another key")
        session.pairs = {
            peer: masks.agree(session.key, self._identity.name, peer, key, session.digest)
            for peer, key in offers.items()
        }

    def answer(self, sealed: Sealed) -> Answer:
        """The masked vector for the next round. A round that was refused or lost is never answered again."""
        asked = messages.unseal(Asked, "request", sealed, self._roster.coordinators)
        session = self._open(asked.session)
        request = self._next(session, asked)
        digest = messages.digest(sealed.body)
        figures = vectors.answer(self._spec, session.rows, request)
        words = fixed.encode(asked.vector, figures, len(session.pairs) + 1)
        context = masks.context(asked.round, asked.vector, digest)
        data = fixed.to_bytes(masks.masked(words, self._identity.name, session.pairs, context))
        signed = Answered(
            session=session.digest,
            round=asked.round,
            request=digest,
            vector=asked.vector,
            length=len(words),
            masked=hashlib.sha256(data).hexdigest(),
        )
        log.info("answered", session=session.digest, round=asked.round, vector=asked.vector, request=digest)
        return Answer(answer=self._identity.seal("answer", signed), masked=base64.b64encode(data).decode())

    def stop(self, sealed: Sealed) -> None:
        """Forget the session's keys."""
        stop = messages.unseal(Stop, "stop", sealed, self._roster.coordinators)
        session = self._open(stop.session)
        self._session = None
        log.info("session_closed", session=session.digest, outcome=stop.outcome, detail=stop.detail)

    @property
    def _own(self) -> str:
        return self._identity.member.identity

    def _open(self, digest: str) -> Session:
        session, now = self._session, time.monotonic()
        if session and now - session.used_at > IDLE_S:
            session = self._session = None
        if session is None or session.digest != digest:
            raise SessionUnknown(session=digest)
        session.used_at = now
        return session

    def _rows(self) -> Rows:
        try:
            rows = self._load()
        except HeqiError as error:
            log.error("rows_unusable", reason=str(error))
            raise RowsUnusable from None
        if len(rows.labels) < LEAST_ROWS:
            raise TooFewRows(least=LEAST_ROWS)
        return rows

    def _require_new(self, start: Start, digest: str) -> None:
        now = int(time.time())
        if abs(now - start.started_at) > START_TOLERANCE_S:
            raise StartStale(started_at=start.started_at, now=now, tolerance=START_TOLERANCE_S)
        if digest in self._seen:
            raise StartReplayed(session=digest)

    def _require_participants(self, participants: Sequence[Member]) -> None:
        require_several(participants)
        known = self._roster.institutions
        for member in participants:
            if known.get(member.name) != member.identity:
                raise ParticipantUnknown(name=member.name)
        if self._identity.member not in participants:
            raise ParticipantUnknown(name=self._identity.name)

    def _next(self, session: Session, asked: Asked) -> Request:
        """Takes the round, whatever comes of it. Raises RoundOutOfOrder, RequestUnusable."""
        expected = ("histogram", "counts", "slopes")[min(session.round, 2)]
        if not session.pairs:
            raise KeysForeign(rule="none have been given yet")
        if (asked.round, asked.vector) != (session.round + 1, expected) or asked.round > MOST_ROUNDS:
            raise RoundOutOfOrder(round=asked.round, vector=asked.vector, next=session.round + 1, expected=expected)
        session.round += 1
        request = tally.request(asked)
        require_usable(self._spec, request)
        if asked.vector == "counts":
            session.edges = request.edges
        if asked.vector == "slopes":
            session.evidence = session.evidence or request.evidence
            if (request.edges, request.evidence) != (session.edges, session.evidence):
                raise RequestUnusable(rule="edges and weights of evidence stay as they were first given")
        return request


# What an institution requires. Pure.


def terms(spec: ModelSpec) -> Terms:
    """What every participant must agree on before anything is computed."""
    challenger = spec.challenger
    return {
        "protocol": PROTOCOL,
        "spec": spec.name,
        "features": messages.digest([[feature.id, feature.formula, feature.direction] for feature in spec.features]),
        "grids": messages.digest(grids.of_spec(spec)),
        "bins": challenger.bins if challenger else 0,
        "leastShare": challenger.least_share if challenger else 0.0,
        "leastCell": LEAST_CELL,
        "leastRows": LEAST_ROWS,
        "mostRounds": MOST_ROUNDS,
        "fractionBits": fixed.BITS["slopes"],
    }


def new_start(spec: ModelSpec, participants: Sequence[Member]) -> Start:
    """A session that was never there before."""
    return Start(
        nonce=secrets.token_hex(32),
        started_at=int(time.time()),
        terms=terms(spec),
        participants=list(participants),
    )


def require_terms(proposed: Mapping[str, object], own: Mapping[str, object]) -> None:
    """Raises TermsDiffer with the first term that is not the own."""
    for term in sorted({*proposed, *own}):
        if proposed.get(term) != own.get(term):
            raise TermsDiffer(term=term, proposed=str(proposed.get(term))[:80], own=own.get(term))


def require_several(participants: Sequence[Member]) -> None:
    """Raises TooFewParticipants, ParticipantTwice."""
    names, keys = ([getattr(member, part) for member in participants] for part in ("name", "identity"))
    for member in participants:
        if names.count(member.name) > 1 or keys.count(member.identity) > 1:
            raise ParticipantTwice(name=member.name)
    if len(participants) < LEAST_PARTICIPANTS:
        raise TooFewParticipants(count=len(participants), least=LEAST_PARTICIPANTS)


def require_offers(offers: Sequence[Sealed], participants: Mapping[str, str], session: str) -> dict[str, str]:
    """The X25519 keys by name. Raises KeysForeign, SignerUnknown, SignatureWrong."""
    keys: dict[str, str] = {}
    for sealed in offers:
        offer = messages.unseal(Offer, "offer", sealed, participants)
        if offer.session != session:
            raise KeysForeign(rule=f"{sealed.signer} offered one for another session")
        if sealed.signer in keys or offer.key in keys.values():
            raise KeysForeign(rule=f"{sealed.signer} offers a key that is there already")
        keys[sealed.signer] = offer.key
    if missing := sorted(participants.keys() - keys.keys()):
        raise KeysForeign(rule=f"{', '.join(missing)} offered none")
    return keys


def require_usable(spec: ModelSpec, request: Request) -> None:
    """Only edges of the public grids, as many figures as there are features and bins. Raises RequestUnusable."""
    if request.vector == "histogram":
        if request != Request("histogram"):
            raise RequestUnusable(rule="a histogram takes no figures")
        return
    own = grids.of_spec(spec)
    if len(request.edges) != len(own):
        raise RequestUnusable(rule=f"edges of {len(own)} features are expected")
    for feature, edges, grid in zip(spec.features, request.edges, own, strict=True):
        if not set(edges) <= set(grid) or any(low >= high for low, high in pairwise(edges)):
            raise RequestUnusable(rule=f"the edges of {feature.id} are not ascending edges of its public grid")
        if spec.challenger is None or len(edges) >= spec.challenger.bins:
            raise RequestUnusable(rule=f"{feature.id} has more bins than agreed")
    _require_figures(spec, request)


def _require_figures(spec: ModelSpec, request: Request) -> None:
    sizes = [vectors.cells(edges) for edges in request.edges] if request.vector == "slopes" else []
    if [len(of_bin) for of_bin in request.evidence] != sizes:
        raise RequestUnusable(rule="a weight of evidence for each bin is expected, and only for slopes")
    if len(request.coefficients) != (len(spec.features) + 1 if request.vector == "slopes" else 0):
        raise RequestUnusable(rule="a coefficient for each feature and the intercept is expected, and only for slopes")
