"""What an institution refuses, in the order in which it looks."""

import base64
import time

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.federation import course, institution, messages, tally
from backend.federation.errors import (
    CellTooSmall,
    KeysForeign,
    KeyUnusable,
    MessageInvalid,
    ParticipantTwice,
    ParticipantUnknown,
    RequestUnusable,
    RoundOutOfOrder,
    RowsUnusable,
    SessionUnknown,
    SignatureWrong,
    SignerUnknown,
    StartReplayed,
    StartStale,
    TermsDiffer,
    TooFewParticipants,
    TooFewRows,
)
from backend.federation.messages import Keys, Offer, Sealed, Stop
from backend.federation.roster import Roster
from backend.federation.vectors import Request, Rows
from backend.scoring.errors import CellNotNumeric
from tests.backend.federation.parts import NAMES, Federation, identity, place

COUNTY = "county_bank"


class Session:
    """The coordinator's side, one message at a time."""

    def __init__(self, federation: Federation, names=NAMES) -> None:
        self.federation = federation
        self.names = names
        self.start = institution.new_start(federation.spec, [federation.identities[name].member for name in names])
        self.digest = messages.digest(self.start.model_dump())

    def seal(self, kind, body) -> Sealed:
        return self.federation.coordinator.seal(kind, body)

    def offers(self):
        sealed = self.seal("start", self.start)
        return [self.federation.institutions[name].start(sealed) for name in self.names]

    def keys(self, offers) -> Sealed:
        return self.seal("keys", Keys(session=self.digest, offers=offers))

    def open(self):
        keys = self.keys(self.offers())
        for name in self.names:
            self.federation.institutions[name].keys(keys)
        return self

    def asked(self, round, request) -> Sealed:
        return self.seal("request", tally.asked(self.digest, round, request))

    def ask(self, round, request, name=COUNTY):
        return self.federation.institutions[name].answer(self.asked(round, request))


@pytest.fixture
def county(federation):
    return federation.institutions[COUNTY]


@pytest.fixture
def session(federation):
    return Session(federation)


def changed(session, **changes):
    return session.seal("start", session.start.model_copy(update=changes))


# The start


def test_a_start_that_the_rosters_coordinator_did_not_sign_is_refused(county, session):
    stranger = identity("coordinator")
    with pytest.raises(SignatureWrong, match="coordinator"):
        county.start(stranger.seal("start", session.start))
    with pytest.raises(SignerUnknown, match="stranger"):
        county.start(identity("stranger").seal("start", session.start))


def test_a_body_changed_after_signing_is_refused(county, session):
    sealed = session.seal("start", session.start)
    sealed.body["startedAt"] += 1
    with pytest.raises(SignatureWrong):
        county.start(sealed)


def test_a_message_of_one_kind_does_not_pass_for_another(county, session):
    sealed = session.seal("stop", session.start)
    with pytest.raises(MessageInvalid, match="start is expected"):
        county.start(sealed)
    with pytest.raises(SignatureWrong):
        county.start(sealed.model_copy(update={"kind": "start"}))


@pytest.mark.parametrize("late", [-institution.START_TOLERANCE_S - 5, institution.START_TOLERANCE_S + 5])
def test_a_start_of_another_time_is_refused(county, session, late):
    with pytest.raises(StartStale):
        county.start(changed(session, started_at=int(time.time()) + late))


def test_a_start_is_taken_once(county, session):
    sealed = session.seal("start", session.start)
    county.start(sealed)
    with pytest.raises(StartReplayed, match=session.digest):
        county.start(sealed)


@pytest.mark.parametrize("term", ["spec", "features", "grids", "leastCell", "mostRounds", "protocol"])
def test_other_terms_than_its_own_are_refused(county, session, term):
    with pytest.raises(TermsDiffer, match=term):
        county.start(changed(session, terms=session.start.terms | {term: "another"}))


def test_a_term_left_out_or_added_is_refused(county, session):
    without = {name: value for name, value in session.start.terms.items() if name != "leastCell"}
    for terms in (without, session.start.terms | {"leastcell": 1}):
        with pytest.raises(TermsDiffer, match=r"least[Cc]ell"):
            county.start(changed(session, terms=terms))


def test_fewer_than_three_are_refused(county, federation):
    pair = Session(federation, NAMES[:2])
    with pytest.raises(TooFewParticipants, match="2 institutions"):
        county.start(pair.seal("start", pair.start))


def test_one_under_two_names_or_twice_is_refused(county, session):
    own, other, third = session.start.participants
    for members in ([own, other, other], [own, other, third.model_copy(update={"identity": other.identity})]):
        with pytest.raises(ParticipantTwice):
            county.start(changed(session, participants=members))


def test_an_invented_participant_is_refused(county, session):
    with pytest.raises(ParticipantUnknown, match="puppet"):
        county.start(changed(session, participants=[*session.start.participants, identity("puppet").member]))


def test_a_participant_with_a_key_of_the_coordinators_making_is_refused(county, session):
    own, _, third = session.start.participants
    with pytest.raises(ParticipantUnknown, match="city_bank"):
        county.start(changed(session, participants=[own, identity("city_bank").member, third]))


def test_a_session_of_others_is_refused(federation, session):
    outsider = identity("outsider")
    members = [place(own) for own in (*federation.identities.values(), outsider)]
    roster = Roster(coordinator=federation.coordinator.member, institutions=members)
    own = institution.Institution(outsider, roster, federation.spec, lambda: federation.rows[COUNTY])
    with pytest.raises(ParticipantUnknown, match="outsider"):
        own.start(session.seal("start", session.start))


def test_too_few_consenting_rows_are_refused(federation, county, session):
    own = federation.rows[COUNTY]
    few = institution.LEAST_ROWS - 1
    federation.rows = federation.rows | {COUNTY: Rows(own.matrix[:few], own.labels[:few])}
    with pytest.raises(TooFewRows, match="500"):
        county.start(session.seal("start", session.start))


def test_what_is_wrong_with_rows_is_not_told_to_the_coordinator(federation, session):
    def unreadable():
        raise CellNotNumeric(row=17, column="LIMIT_BAL", value="'a secret'")

    own = institution.Institution(federation.identities[COUNTY], federation.roster, federation.spec, unreadable)
    with pytest.raises(RowsUnusable) as refused:
        own.start(session.seal("start", session.start))
    assert refused.value.values == {}
    assert refused.value.__context__ is None or refused.value.__suppress_context__


# Keys


def test_keys_before_a_start_are_refused(county, session):
    with pytest.raises(SessionUnknown):
        county.keys(session.keys([]))


def test_a_key_that_the_coordinator_puts_in_place_of_a_peers_is_refused(county, federation, session):
    offers = session.offers()
    puppet = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    body = Offer(session=session.digest, key=puppet)
    for forged in (
        offers[1].model_copy(update={"body": body.model_dump()}),
        identity("city_bank").seal("offer", body),
        federation.coordinator.seal("offer", body).model_copy(update={"signer": "city_bank"}),
    ):
        with pytest.raises(SignatureWrong, match="city_bank"):
            county.keys(session.keys([offers[0], forged, offers[2]]))


def test_an_offer_for_another_session_is_refused(county, federation, session):
    older = Session(federation)
    old = older.offers()
    offers = session.offers()
    with pytest.raises(KeysForeign, match="another session"):
        county.keys(session.keys([offers[0], old[1], offers[2]]))


def test_a_missing_a_doubled_and_a_copied_offer_are_refused(county, federation, session):
    own, peer, third = session.offers()
    copied = federation.identities["card_issuer"].seal("offer", Offer.model_validate(peer.body))
    for offers, rule in (
        ([own, peer], "card_issuer offered none"),
        ([own, peer, third, third], "there already"),
        ([own, peer, copied], "there already"),
    ):
        with pytest.raises(KeysForeign, match=rule):
            county.keys(session.keys(offers))


def test_another_key_in_its_own_name_is_refused(county, federation, session):
    _, *others = session.offers()
    key = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    other = federation.identities[COUNTY].seal("offer", Offer(session=session.digest, key=key))
    with pytest.raises(KeysForeign, match="another key"):
        county.keys(session.keys([other, *others]))


def test_a_peers_key_of_low_order_is_refused(county, federation, session):
    own, _, third = session.offers()
    weak = federation.identities["city_bank"].seal("offer", Offer(session=session.digest, key="00" * 32))
    with pytest.raises(KeyUnusable, match="city_bank"):
        county.keys(session.keys([own, weak, third]))


def test_keys_are_taken_once(county, session):
    keys = session.keys(session.offers())
    county.keys(keys)
    with pytest.raises(KeysForeign, match="before"):
        county.keys(keys)


# Rounds


@pytest.fixture
def edges(spec):
    return tuple(() for _ in spec.features)


def slopes(edges, coefficient=0.0, evidence=0.5):
    return Request("slopes", edges, tuple((evidence, 0.0) for _ in edges), (coefficient,) * (len(edges) + 1))


def test_before_the_keys_nothing_is_answered(session):
    session.offers()
    with pytest.raises(KeysForeign, match="none"):
        session.ask(1, Request("histogram"))


def test_rounds_are_answered_once_and_in_order(session, edges):
    session.open()
    for round, request in ((2, Request("histogram")), (1, Request("counts", edges)), (0, Request("histogram"))):
        with pytest.raises((RoundOutOfOrder, MessageInvalid)):
            session.ask(round, request) if round else session.federation.institutions[COUNTY].answer(
                session.seal("request", tally.asked(session.digest, 1, request).model_copy(update={"round": 0}))
            )
    histogram = session.asked(1, Request("histogram"))
    county = session.federation.institutions[COUNTY]
    county.answer(histogram)
    with pytest.raises(RoundOutOfOrder, match="round 1"):
        county.answer(histogram)
    session.ask(2, Request("counts", edges))
    session.ask(3, slopes(edges))
    with pytest.raises(RoundOutOfOrder, match="counts"):
        session.ask(4, Request("counts", edges))


def test_a_refused_round_cannot_be_asked_again(session, spec, edges):
    session.open()
    session.ask(1, Request("histogram"))
    narrow = ((630_000.0,), *edges[1:])  # two clients of the county bank
    with pytest.raises(CellTooSmall, match="LIMIT_BAL"):
        session.ask(2, Request("counts", narrow))
    with pytest.raises(RoundOutOfOrder):
        session.ask(2, Request("counts", edges))


def test_more_rounds_than_agreed_are_refused(session, edges):
    session.open()
    session.ask(1, Request("histogram"))
    session.ask(2, Request("counts", edges))
    for round in range(3, course.MOST_ROUNDS + 1):
        session.ask(round, slopes(edges))
    with pytest.raises(RoundOutOfOrder, match=str(course.MOST_ROUNDS + 1)):
        session.ask(course.MOST_ROUNDS + 1, slopes(edges))


def test_edges_off_the_grid_too_many_or_out_of_order_are_refused(federation, edges):
    for own, rule in (
        ((50_001.0,), "public grid"),
        ((50_000.0, 40_000.0), "public grid"),
        ((10_000.0, 20_000.0, 40_000.0, 50_000.0, 80_000.0, 100_000.0), "more bins"),
    ):
        session = Session(federation).open()
        session.ask(1, Request("histogram"))
        with pytest.raises(RequestUnusable, match=rule):
            session.ask(2, Request("counts", (own, *edges[1:])))


def test_figures_that_no_request_of_the_kind_has_are_refused(federation, edges):
    good = slopes(edges)
    for round, request in (
        (1, Request("histogram", edges)),
        (2, Request("counts", edges[1:])),
        (2, Request("counts", edges, good.evidence)),
        (3, Request("slopes", edges, good.evidence, good.coefficients[1:])),
        (3, Request("slopes", edges, good.evidence[1:], good.coefficients)),
    ):
        session = Session(federation).open()
        for earlier, known in ((1, Request("histogram")), (2, Request("counts", edges))):
            if earlier < round:
                session.ask(earlier, known)
        with pytest.raises(RequestUnusable):
            session.ask(round, request)


def test_bins_and_weights_of_evidence_stay_as_first_given(federation, spec, edges):
    moved = ((50_000.0,), *edges[1:])
    for second in (
        slopes(edges, evidence=0.7),
        Request("slopes", moved, ((0.5, 0.5, 0.0), *slopes(edges).evidence[1:]), slopes(edges).coefficients),
    ):
        session = Session(federation).open()
        session.ask(1, Request("histogram"))
        session.ask(2, Request("counts", edges))
        session.ask(3, slopes(edges))
        with pytest.raises(RequestUnusable, match="first given"):
            session.ask(4, second)


def test_a_session_ended_idle_or_replaced_is_not_answered(federation, county, session, monkeypatch):
    session.open()
    Session(federation).open()
    with pytest.raises(SessionUnknown):
        session.ask(1, Request("histogram"))
    ended = Session(federation).open()
    county.stop(ended.seal("stop", Stop(session=ended.digest, outcome="aborted", detail="for a reason")))
    with pytest.raises(SessionUnknown):
        ended.ask(1, Request("histogram"))
    idle = Session(federation).open()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + institution.IDLE_S + 1)
    with pytest.raises(SessionUnknown):
        idle.ask(1, Request("histogram"))


def test_asked_differently_the_institutions_give_noise(federation, spec, edges):
    """A coordinator that asks one of them something else learns nothing from the sum."""
    session = Session(federation).open()
    for name in NAMES:
        session.ask(1, Request("histogram"), name)
        session.ask(2, Request("counts", edges), name)
    sealed = [session.asked(3, slopes(edges, 1.0 if name == COUNTY else 0.0)) for name in NAMES]
    answers = [federation.institutions[name].answer(own) for name, own in zip(NAMES, sealed, strict=True)]
    words = [np.frombuffer(base64.b64decode(own.masked), dtype="<u8") for own in answers]
    total = words[0] + words[1] + words[2]
    assert abs((total >> np.uint64(63)).mean() - 0.5) < 0.07
