"""A run from the coordinator's side: what it accepts, and how it ends when anything goes wrong."""

import base64
import json

import numpy as np
import pytest

from backend.federation import audit, course, fixed, runlog, tally, vectors
from backend.federation.coordinator import Coordinator
from backend.federation.errors import (
    AnswerForeign,
    AnswersMissing,
    AnswerTwice,
    MessageInvalid,
    ParticipantLost,
    ParticipantRefused,
    SignatureWrong,
    SumImplausible,
    TooFewParticipants,
)
from backend.federation.messages import Answer, Sealed
from backend.federation.roster import Roster
from backend.federation.tally import Tally
from backend.federation.vectors import Request
from tests.backend.federation.parts import NAMES


def events(log):
    return [json.loads(line)["event"] for line in log.path.read_text(encoding="utf-8").splitlines()]


def aborted(coordinator, log, error):
    """The run ends with that error, in the log too, and with no sum of the round that failed."""
    with pytest.raises(error) as raised:
        coordinator.run(coordinator.new_session(), log)
    told = events(log)
    assert told[-2:] == ["aborted", "closed"]
    assert told.count("sum") < max(told.count("request"), 1)
    assert audit.audit(log.path, None).outcome == raised.value.code
    return raised.value


def in_round(number, change):
    """Changes one institution's answer to the request of that round."""

    def after(name, path, answer):
        if name == "city_bank" and path == "/request" and answer["answer"]["body"]["round"] == number:
            return change(answer)
        return answer

    return after


def test_a_run_ends_with_the_scorecard_of_the_sums(coordinator, federation, log, spec, rows):
    card = coordinator.run(coordinator.new_session(), log)
    running = course.course(spec)
    request = next(running)
    while True:
        words = [fixed.encode(request.vector, vectors.answer(spec, own, request), 3) for own in rows.values()]
        try:
            request = running.send(fixed.decode(request.vector, words[0] + words[1] + words[2]))
        except StopIteration as done:
            assert card == done.value
            break
    assert events(log)[-2:] == ["result", "closed"]
    assert federation.posted[-3:] == [(name, "/stop") for name in NAMES]


def test_two_runs_give_the_same_scorecard_under_other_masks(coordinator, log, tmp_path):
    again = runlog.RunLog(tmp_path / "again")
    cards = [coordinator.run(coordinator.new_session(), one) for one in (log, again)]
    assert cards[0] == cards[1]
    first, second = (runlog.masked_file(one.folder, 1, NAMES[0]).read_bytes() for one in (log, again))
    assert len(first) == len(second)
    assert np.mean(np.frombuffer(first, "u1") == np.frombuffer(second, "u1")) < 0.01


def test_fewer_than_three_on_the_roster_are_refused(federation):
    pair = Roster(coordinator=federation.coordinator.member, institutions=federation.roster.places[:2])
    leading = Coordinator(federation.coordinator, pair, federation.spec, federation.post, lambda _: None)
    with pytest.raises(TooFewParticipants):
        leading.new_session()


@pytest.mark.parametrize("path", ["/start", "/keys", "/request"])
def test_an_institution_that_drops_out_aborts_the_run(coordinator, federation, log, path):
    def before(name, asked, message):
        if (name, asked) == ("card_issuer", path):
            raise ParticipantLost(name=name, path=asked, reason="ConnectionError")
        return message

    federation.before = before
    error = aborted(coordinator, log, ParticipantLost)
    assert "card_issuer" in str(error)
    assert federation.posted[-3:] == [(name, "/stop") for name in NAMES]


def test_after_an_aborted_run_another_can_be_started(coordinator, federation, log, tmp_path):
    federation.after = in_round(3, lambda answer: {})
    aborted(coordinator, log, MessageInvalid)
    federation.after = lambda _name, _path, answer: answer
    coordinator.run(coordinator.new_session(), runlog.RunLog(tmp_path / "second"))


def test_a_refusal_is_told_with_its_name(coordinator, federation, log):
    federation.rows = federation.rows | {
        "city_bank": vectors.Rows(np.zeros((10, len(federation.spec.features))), np.arange(10) % 2)
    }
    error = aborted(coordinator, log, ParticipantRefused)
    assert error.values["error"] == "TooFewRows"


def test_an_answer_of_an_earlier_round_is_refused(coordinator, federation, log):
    kept = []

    def replay(name, path, answer):
        if path == "/request" and name == "city_bank":
            kept.append(answer)
            return kept[0]
        return answer

    federation.after = replay
    error = aborted(coordinator, log, AnswerForeign)
    assert error.values["field"] == "round"


def test_an_answer_of_another_session_is_refused(coordinator, federation, log, tmp_path):
    kept = {}
    federation.after = in_round(2, lambda answer: kept.setdefault("old", answer))
    coordinator.run(coordinator.new_session(), log)
    federation.after = in_round(2, lambda _: kept["old"])
    error = aborted(coordinator, runlog.RunLog(tmp_path / "second"), AnswerForeign)
    assert error.values["field"] == "session"


def flipped(answer):
    data = bytearray(base64.b64decode(answer["masked"]))
    data[8] ^= 1
    return answer | {"masked": base64.b64encode(data).decode()}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (flipped, AnswerForeign),
        (lambda answer: answer | {"masked": answer["masked"][:-12]}, AnswerForeign),
        (lambda answer: answer | {"masked": "no base64!"}, AnswerForeign),
        (lambda answer: answer | {"more": 1}, MessageInvalid),
        (lambda answer: {"masked": answer["masked"]}, MessageInvalid),
        (lambda _: [], MessageInvalid),
        (
            lambda answer: (
                answer | {"answer": answer["answer"] | {"body": answer["answer"]["body"] | {"masked": "00" * 32}}}
            ),
            SignatureWrong,
        ),
    ],
    ids=["a bit", "cut", "no base64", "a field more", "a field less", "no object", "signed otherwise"],
)
def test_an_answer_changed_on_its_way_is_refused(coordinator, federation, log, change, error):
    federation.after = in_round(2, change)
    aborted(coordinator, log, error)


def test_an_answer_by_another_participant_is_refused_as_its_second(coordinator, federation, log):
    kept = {}

    def swap(name, path, answer):
        if path == "/request":
            kept.setdefault("first", answer)
            return kept["first"]
        return answer

    federation.after = swap
    aborted(coordinator, log, AnswerTwice)


def test_a_sum_that_cannot_be_is_noticed(coordinator, log, monkeypatch):
    honest = vectors.answer
    monkeypatch.setattr(vectors, "answer", lambda *given: honest(*given) - 50)
    with pytest.raises(SumImplausible, match="histogram"):
        coordinator.run(coordinator.new_session(), log)


def test_there_is_no_sum_of_some(federation):
    asked = federation.coordinator.seal("request", tally.asked("ab" * 32, 1, Request("histogram")))
    collected = Tally(federation.roster.institutions, asked, 1)
    with pytest.raises(AnswersMissing, match="card_issuer, city_bank, county_bank"):
        collected.total()


def test_only_masked_figures_leave_an_institution(coordinator, federation, log, spec, rows):
    """Nothing that is posted back holds an institution's own words, and nothing but the listed fields."""
    seen = []
    federation.after = lambda name, path, answer: seen.append((name, path, answer)) or answer
    coordinator.run(coordinator.new_session(), log)
    for name, path, answer in seen:
        match path:
            case "/start":
                assert Sealed.model_validate(answer).body.keys() == {"session", "key"}
            case "/request":
                body = Answer.model_validate(answer).answer.body
                assert body.keys() == {"session", "round", "request", "vector", "length", "masked"}
                if body["vector"] == "histogram":
                    own = fixed.encode("histogram", vectors.answer(spec, rows[name], Request("histogram")), 3)
                    data = fixed.from_bytes(base64.b64decode(answer["masked"]))
                    assert (data != own).all()
            case _:
                assert answer == {}
