"""The life of an alarm: pending, active, acknowledged, cleared; its severity; and silence that hides nothing."""

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity, alarm_word
from backend.telemetry.rules.input import Transition
from backend.telemetry.rules.lifecycle import (
    LONGEST_SHELVING_S,
    AlarmNotActive,
    OpenAlarm,
    ReasonMissing,
    ShelvingOutOfBounds,
    acknowledged,
    changed,
    severities,
    shelved,
)

BANK, AT = 3, 1_800_000_000


def step(phase: Phase, severity: Severity = Severity.CLEAR, at: int = AT) -> Transition:
    return Transition(Alarm.REGION, phase, severity, at, 12, {"reason": "region", "outside_dm": 500})


def alive(*steps: Transition) -> OpenAlarm:
    alarm = None
    for each in steps:
        alarm = changed(alarm, each)
    assert alarm is not None
    return alarm


ACTIVE = alive(step(Phase.ACTIVE, Severity.MAJOR))


def test_it_is_seen_then_raised_then_cleared():
    pending = alive(step(Phase.PENDING))
    assert (pending.phase, pending.raised_at, pending.seen_at) == (Phase.PENDING, None, AT)
    active = changed(pending, step(Phase.ACTIVE, Severity.MAJOR, AT + 120))
    assert (active.phase, active.severity, active.seen_at, active.raised_at) == (
        Phase.ACTIVE,
        Severity.MAJOR,
        AT,
        AT + 120,
    )
    cleared = changed(active, step(Phase.CLEARED, at=AT + 900))
    assert (cleared.phase, cleared.severity, cleared.cleared_at) == (Phase.CLEARED, Severity.CLEAR, AT + 900)
    assert cleared.raised_at == AT + 120


def test_what_was_only_suspected_closes_unraised():
    gone = alive(step(Phase.PENDING), step(Phase.CLEARED))
    assert (gone.phase, gone.raised_at) == (Phase.CLEARED, None)


def test_clearing_what_is_not_open_is_nothing():
    assert changed(None, step(Phase.CLEARED)) is None


def test_severity_moves_up_and_down():
    worse = changed(ACTIVE, step(Phase.ACTIVE, Severity.CRITICAL, AT + 60))
    assert (worse.severity, worse.raised_at, worse.changed_at) == (Severity.CRITICAL, AT, AT + 60)
    assert changed(worse, step(Phase.ACTIVE, Severity.WARN)).severity is Severity.WARN


def test_a_person_acknowledges_with_a_reason_and_it_stays_on_chain():
    known = acknowledged(ACTIVE, BANK, "  driver called, truck on the way back ", AT + 60)
    assert (known.phase, known.answered_by, known.answer) == (
        Phase.ACKNOWLEDGED,
        BANK,
        "driver called, truck on the way back",
    )
    assert alarm_word(severities([known])) == alarm_word(severities([ACTIVE])) == 2 << 2 * Alarm.REGION


def test_worse_asks_again_and_milder_does_not():
    known = acknowledged(ACTIVE, BANK, "known", AT)
    assert changed(known, step(Phase.ACTIVE, Severity.CRITICAL)).phase is Phase.ACTIVE
    assert changed(known, step(Phase.ACTIVE, Severity.WARN)).phase is Phase.ACKNOWLEDGED


def test_silence_is_for_a_while_with_a_reason_and_hides_nothing_from_the_chain():
    silent = shelved(ACTIVE, BANK, "sensor ordered", AT, AT + 3_600)
    assert silent.is_silent(AT + 3_599)
    assert not silent.is_silent(AT + 3_600)
    assert severities([silent]) == {Alarm.REGION: Severity.MAJOR}


def test_worse_ends_the_silence():
    silent = shelved(ACTIVE, BANK, "sensor ordered", AT, AT + 3_600)
    assert not changed(silent, step(Phase.ACTIVE, Severity.CRITICAL)).is_silent(AT)
    assert changed(silent, step(Phase.ACTIVE, Severity.WARN)).is_silent(AT)


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_SHELVING_S + 1])
def test_silence_has_bounds(seconds: int):
    with pytest.raises(ShelvingOutOfBounds):
        shelved(ACTIVE, BANK, "why", AT, AT + seconds)
    assert shelved(ACTIVE, BANK, "why", AT, AT + LONGEST_SHELVING_S).is_silent(AT)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_an_answer_needs_a_reason(reason: str):
    with pytest.raises(ReasonMissing):
        acknowledged(ACTIVE, BANK, reason, AT)
    with pytest.raises(ReasonMissing):
        shelved(ACTIVE, BANK, reason, AT, AT + 60)


@pytest.mark.parametrize(
    "alarm", [alive(step(Phase.PENDING)), alive(step(Phase.ACTIVE, Severity.MAJOR), step(Phase.CLEARED))]
)
def test_only_what_is_active_is_answered(alarm: OpenAlarm):
    with pytest.raises(AlarmNotActive):
        acknowledged(alarm, BANK, "why", AT)
    with pytest.raises(AlarmNotActive):
        shelved(alarm, BANK, "why", AT, AT + 60)


def test_an_answer_is_given_once():
    with pytest.raises(AlarmNotActive):
        acknowledged(acknowledged(ACTIVE, BANK, "known", AT), BANK, "again", AT)


def test_pending_and_cleared_alarms_are_not_told_to_the_chain():
    rows = [alive(step(Phase.PENDING)), alive(step(Phase.ACTIVE, Severity.MAJOR), step(Phase.CLEARED))]
    assert severities(rows) == {}
