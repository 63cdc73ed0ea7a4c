"""DeviceOracle: readings, alarms, holds, and which machine stands for new money."""

import itertools
from enum import IntEnum

import pytest

from backend.chain.device_reports import (
    LANES,
    MINUTE_S,
    NONE,
    START,
    AlarmRecord,
    Reading,
    encode_record,
    minute_of,
)
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.fleet import (
    MAX_AHEAD,
    Alarm,
    Severity,
    alarms,
    word,
)
from tests.contracts.rentals import FIRST_READING, GATES, MAX_AGE
from tests.contracts.suite import SIGNERS, after_delay, refusal_after_delay

MAX_GROUPS, MAX_ALARMS, MAX_STEP = 500, 500, 1 << 16
MOST_TENTHS = MOST_LITRES = 2**20 - 1
TENTHS, LITRES = FIRST_READING
UNKNOWN = 98  # a machine of which nothing was ever reported


class ReadingSkip(IntEnum):
    """IDeviceOracle.ReadingSkip."""

    TIME_NOT_RISEN = 1
    TIME_AHEAD = 2
    HOURS_FELL = 3
    HOURS_TOO_FAST = 4
    FUEL_FELL = 5


class AlarmSkip(IntEnum):
    """IDeviceOracle.AlarmSkip."""

    SEQUENCE_OLD = 1
    SEQUENCE_JUMP = 2
    TIME_OLD = 3
    TIME_AHEAD = 4
    EPOCH_OTHER = 5


@pytest.fixture
def machine(rentals):
    """Ready: device 1 has reported and raised no alarm."""
    return rentals.machine


@pytest.fixture
def signer(accounts):
    return accounts[SIGNERS[1]]


def reported(devices, report, relayer):
    facts = {"round": report.round, "relayer": relayer, "groups": report.groups, "words": report.words}
    return event(devices, "ReadingsReported", **facts)


def skipped(devices, report, machine, reason):
    return event(devices, "ReadingSkipped", round=report.round, machine=machine, reason=reason)


def now_minute():
    return minute_of(clock.now())


# READINGS: THE BATCH


@pytest.mark.parametrize(("groups", "words"), [(0, 0), (1, 0), (0, 1), (1, 2), (2, 1), (501, 501)])
def test_case_23_a_batch_out_of_bounds_is_refused(fleet, groups, words):
    report = fleet.readings({}, groups=tuple(range(groups)), words=(0,) * words)
    assert fleet.refusal(report) == error("ReadingBatchWrong", groups=groups, words=words, most=MAX_GROUPS)


def test_a_full_batch_is_taken(fleet, devices, stranger):
    groups = tuple(range(1_000, 1_000 + MAX_GROUPS))
    now = now_minute()
    words = tuple(word({place: Reading(group, place, now) for place in range(LANES)}) for group in groups)
    report = fleet.readings({}, groups=groups, words=words)
    assert events(fleet.submit(report)) == [reported(devices, report, stranger)]
    for group, place in ((1_000, 0), (1_499, 3)):
        assert devices.readingOf(LANES * group + place) == (group, place, START + now * MINUTE_S)


def test_nothing_is_known_of_a_machine_that_never_reported(devices):
    assert devices.readingOf(UNKNOWN) == (0, 0, 0)


def test_four_machines_stand_in_a_word_each_in_its_lane(fleet, devices):
    now = now_minute()
    first = LANES * 50
    fleet.submit(fleet.readings({first + place: Reading(10 * place, place, now - place) for place in range(LANES)}))
    for place in range(LANES):
        assert devices.readingOf(first + place) == (10 * place, place, START + (now - place) * MINUTE_S)


def test_a_machine_that_reports_leaves_its_neighbours_as_they_are(fleet, devices, rentals, machine):
    other = rentals.ready("device2")
    assert machine // LANES == other // LANES
    clock.travel(clock.HOUR)
    before = devices.readingOf(other)
    report = fleet.readings({machine: Reading(TENTHS + 10, LITRES + 9, now_minute())})
    assert events(fleet.submit(report)) == [reported(devices, report, fleet.relayer)]
    assert devices.readingOf(other) == before
    assert devices.readingOf(machine)[:2] == (TENTHS + 10, LITRES + 9)


def test_a_reading_at_the_limits_of_its_lane_is_kept(fleet, devices):
    fleet.read(UNKNOWN, MOST_TENTHS, MOST_LITRES)
    assert devices.readingOf(UNKNOWN)[:2] == (MOST_TENTHS, MOST_LITRES)


def test_the_first_reading_sets_where_hours_and_fuel_start_from(fleet, devices):
    fleet.read(UNKNOWN, 12_345, 6_789, at=START + 5 * MINUTE_S)
    assert devices.readingOf(UNKNOWN) == (12_345, 6_789, START + 5 * MINUTE_S)


# READINGS: WHAT IS SKIPPED


def submit_after(fleet, machine, minutes, more_tenths=0, more_litres=0):
    """Report the machine `minutes` after its last reading; the report and its events."""
    before = fleet.oracle.readingOf(machine)
    tenths, litres = before.tenths + more_tenths, before.litres + more_litres
    report = fleet.readings({machine: Reading(tenths, litres, minute_of(before.at) + minutes)})
    return report, events(fleet.submit(report))


@pytest.mark.parametrize("minutes", [0, -1, -600])
def test_case_36_a_reading_whose_time_does_not_rise_is_skipped(fleet, devices, machine, minutes):
    before = devices.readingOf(machine)
    report, found = submit_after(fleet, machine, minutes, more_litres=1)
    assert found == [
        skipped(devices, report, machine, ReadingSkip.TIME_NOT_RISEN),
        reported(devices, report, fleet.relayer),
    ]
    assert devices.readingOf(machine) == before


@pytest.mark.parametrize(("seconds", "reason"), [(0, None), (MINUTE_S, ReadingSkip.TIME_AHEAD)])
def test_case_36_a_machines_clock_may_run_ten_minutes_ahead(fleet, devices, machine, seconds, reason):
    clock.travel(clock.HOUR)
    at = (clock.now() // MINUTE_S + 5) * MINUTE_S
    report = fleet.readings({machine: Reading(TENTHS, LITRES, minute_of(at + MAX_AHEAD + seconds))})
    clock.next_block_at(at)
    found = events(fleet.submit(report))
    assert found[:-1] == ([skipped(devices, report, machine, reason)] if reason else [])
    assert (devices.readingOf(machine).at == at + MAX_AHEAD + seconds) is (reason is None)


def test_the_first_reading_of_a_machine_is_not_from_the_future_either(fleet, devices):
    report = fleet.readings({UNKNOWN: Reading(1, 1, now_minute() + MAX_AHEAD // MINUTE_S + 2)})
    found = events(fleet.submit(report))
    assert found[0] == skipped(devices, report, UNKNOWN, ReadingSkip.TIME_AHEAD)
    assert devices.readingOf(UNKNOWN) == (0, 0, 0)


@pytest.mark.parametrize(
    ("more_tenths", "more_litres", "reason"),
    [(-1, 1, ReadingSkip.HOURS_FELL), (1, -1, ReadingSkip.FUEL_FELL), (-1, -1, ReadingSkip.HOURS_FELL)],
)
def test_case_39_hours_and_fuel_that_fall_are_skipped(fleet, devices, machine, more_tenths, more_litres, reason):
    clock.travel(clock.HOUR)
    before = devices.readingOf(machine)
    report, found = submit_after(fleet, machine, 30, more_tenths, more_litres)
    assert found[0] == skipped(devices, report, machine, reason)
    assert devices.readingOf(machine) == before


@pytest.mark.parametrize(("minutes", "most"), [(1, 1), (4, 1), (5, 1), (6, 2), (60, 11), (1_440, 245), (43_200, 7_345)])
def test_case_39_hours_rise_no_faster_than_time_and_a_fiftieth(fleet, devices, machine, minutes, most):
    """At most 1.02 times the time that passed and 0.1 h, in tenths of an hour."""
    clock.travel(minutes * MINUTE_S + MINUTE_S)
    report, found = submit_after(fleet, machine, minutes, more_tenths=most + 1)
    assert found[0] == skipped(devices, report, machine, ReadingSkip.HOURS_TOO_FAST)
    report, found = submit_after(fleet, machine, minutes, more_tenths=most)
    assert found == [reported(devices, report, fleet.relayer)]
    assert devices.readingOf(machine).tenths == TENTHS + most


def test_a_machine_that_stood_still_is_heard_all_the_same(fleet, devices, machine):
    clock.travel(clock.HOUR)
    fleet.hear(machine)
    assert devices.readingOf(machine) == (*FIRST_READING, START + now_minute() * MINUTE_S)


def test_case_40_hours_count_without_a_fuel_sensor(fleet, devices):
    at = clock.now()
    fleet.read(UNKNOWN, 100, 0)
    clock.travel(clock.HOUR)
    fleet.hear(UNKNOWN, 10)
    assert devices.readingOf(UNKNOWN)[:2] == (110, 0)
    assert devices.readingOf(UNKNOWN).at > at


def test_case_26_what_does_not_fit_is_skipped_and_the_rest_of_the_batch_counts(fleet, devices, rentals, machine):
    other = rentals.ready("device2")
    clock.travel(clock.HOUR)
    report = fleet.readings(
        {machine: Reading(TENTHS - 1, LITRES, now_minute()), other: Reading(TENTHS + 5, LITRES, now_minute())}
    )
    assert events(fleet.submit(report)) == [
        skipped(devices, report, machine, ReadingSkip.HOURS_FELL),
        reported(devices, report, fleet.relayer),
    ]
    assert devices.readingOf(machine).tenths == TENTHS
    assert devices.readingOf(other).tenths == TENTHS + 5


def test_a_group_named_twice_counts_in_turn(fleet, devices, machine):
    clock.travel(clock.HOUR)
    group, place = divmod(machine, LANES)
    late, early = (word({place: Reading(TENTHS + more, LITRES, now_minute() + more - 2)}) for more in (2, 1))
    report = fleet.readings({}, groups=(group, group), words=(late, early))
    assert events(fleet.submit(report)) == [
        skipped(devices, report, machine, ReadingSkip.TIME_NOT_RISEN),
        reported(devices, report, fleet.relayer),
    ]
    assert devices.readingOf(machine).tenths == TENTHS + 2


def test_an_empty_lane_does_not_delete_what_is_known(fleet, devices, machine):
    report = fleet.readings({machine: NONE})
    assert events(fleet.submit(report))[0] == skipped(devices, report, machine, ReadingSkip.TIME_NOT_RISEN)
    assert devices.readingOf(machine)[:2] == FIRST_READING


def test_case_36_the_order_of_readings_does_not_change_where_they_end(fleet, devices, machine):
    clock.travel(clock.HOUR)
    start = minute_of(devices.readingOf(machine).at)
    steps = [(start + 10 * step, TENTHS + step, LITRES + step) for step in (1, 2, 3)]
    for order in itertools.permutations(steps):
        for minute, tenths, litres in order:
            fleet.submit(fleet.readings({machine: Reading(tenths, litres, minute)}))
        assert devices.readingOf(machine) == (TENTHS + 3, LITRES + 3, START + steps[-1][0] * MINUTE_S)


# ALARMS


def marked(devices, report, machine, before, after, sequence, at, epoch=1):
    figures = {"epoch": epoch, "sequence": sequence, "at": at, "from": before, "to": after}
    return event(devices, "AlarmsChanged", round=report.round, machine=machine, **figures)


def alarm_skipped(devices, report, machine, sequence, reason):
    return event(devices, "AlarmSkipped", round=report.round, machine=machine, sequence=sequence, reason=reason)


@pytest.mark.parametrize("count", [0, MAX_ALARMS + 1])
def test_a_batch_of_alarms_out_of_bounds_is_refused(fleet, machine, count):
    report = fleet.alarm_report(*[fleet.next_alarm(machine)] * count)
    assert fleet.refusal(report) == error("AlarmBatchWrong", count=count, most=MAX_ALARMS)


def test_a_full_batch_of_alarms_is_taken(fleet, devices):
    at = clock.now()
    first = 10_000
    machines = range(first, first + MAX_ALARMS)
    records = [encode_record(AlarmRecord(machine, 0, 1, at, 3)) for machine in machines]
    receipt = fleet.submit(fleet.alarm_report(*records))
    assert len(receipt.logs) == MAX_ALARMS
    assert devices.statusOf(first + MAX_ALARMS - 1) == (at, 1, 0, 3, False)


def test_alarms_are_told_as_they_were_and_as_they_are(fleet, devices, machine):
    last = devices.statusOf(machine)
    severities = {Alarm.REGION: Severity.CRITICAL, Alarm.TOW: Severity.MAJOR}
    report = fleet.alarm_report(fleet.next_alarm(machine, alarms(severities)))
    at = clock.now()
    assert events(fleet.submit(report)) == [
        marked(devices, report, machine, 0, alarms(severities), last.sequence + 1, at)
    ]
    for alarm in Alarm:
        assert devices.severityOf(machine, alarm) == severities.get(alarm, Severity.CLEAR)
    report = fleet.alarm_report(fleet.next_alarm(machine))
    expected = marked(devices, report, machine, alarms(severities), 0, last.sequence + 2, clock.now())
    assert events(fleet.submit(report)) == [expected]
    assert devices.severityOf(machine, Alarm.REGION) == Severity.CLEAR


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (0, AlarmSkip.SEQUENCE_OLD),
        (-1, AlarmSkip.SEQUENCE_OLD),
        (MAX_STEP, None),
        (MAX_STEP + 1, AlarmSkip.SEQUENCE_JUMP),
    ],
)
def test_case_27_the_sequence_of_a_machines_alarms_rises_without_running_away(fleet, devices, machine, step, reason):
    before = devices.statusOf(machine)
    report = fleet.alarm_report(fleet.next_alarm(machine, 0xFFFF, sequence=before.sequence + step))
    found = events(fleet.submit(report))
    if reason:
        assert found == [alarm_skipped(devices, report, machine, before.sequence + step, reason)]
        assert devices.statusOf(machine) == before
    else:
        assert devices.statusOf(machine).alarms == 0xFFFF


@pytest.mark.parametrize(("seconds", "reason"), [(-1, AlarmSkip.TIME_OLD), (0, None)])
def test_an_alarm_is_not_older_than_the_one_before(fleet, devices, machine, seconds, reason):
    before = devices.statusOf(machine)
    report = fleet.alarm_report(fleet.next_alarm(machine, 3, at=before.at + seconds))
    found = events(fleet.submit(report))
    after = {True: alarm_skipped(devices, report, machine, before.sequence + 1, reason)}
    assert found == [
        after.get(reason is not None, marked(devices, report, machine, 0, 3, before.sequence + 1, before.at))
    ]


@pytest.mark.parametrize(("seconds", "reason"), [(0, None), (1, AlarmSkip.TIME_AHEAD)])
def test_an_alarm_is_at_most_ten_minutes_ahead(fleet, devices, machine, seconds, reason):
    at = clock.now() + 5
    report = fleet.alarm_report(fleet.next_alarm(machine, 3, at=at + MAX_AHEAD + seconds))
    clock.next_block_at(at)
    fleet.submit(report)
    assert (devices.statusOf(machine).alarms == 3) is (reason is None)


def test_case_39_alarms_of_an_earlier_device_no_longer_count(fleet, devices, rentals, machine):
    rentals.bind(machine, "device2", 0)
    fleet.alarm(machine, {}, epoch=2)
    before = devices.statusOf(machine)
    report = fleet.alarm_report(fleet.next_alarm(machine, 0xFFFF, epoch=1))
    expected = alarm_skipped(devices, report, machine, before.sequence + 1, AlarmSkip.EPOCH_OTHER)
    assert events(fleet.submit(report)) == [expected]
    assert devices.statusOf(machine) == before


def test_case_36_alarms_of_a_device_that_was_never_bound_do_not_count(fleet, devices, machine):
    """An epoch beyond the machine's would outrank every device that is bound later."""
    before = devices.statusOf(machine)
    report = fleet.alarm_report(fleet.next_alarm(machine, 0, epoch=2**16 - 1))
    expected = alarm_skipped(devices, report, machine, before.sequence + 1, AlarmSkip.EPOCH_OTHER)
    assert events(fleet.submit(report)) == [expected]
    assert devices.statusOf(machine) == before


def test_case_26_a_stale_alarm_is_skipped_and_the_others_count(fleet, devices, rentals, machine):
    other = rentals.ready("device2")
    last = devices.statusOf(machine)
    records = (fleet.next_alarm(machine, 3, sequence=last.sequence), fleet.next_alarm(other, 3))
    report = fleet.alarm_report(*records)
    found = events(fleet.submit(report))
    assert found[0] == alarm_skipped(devices, report, machine, last.sequence, AlarmSkip.SEQUENCE_OLD)
    assert [devices.statusOf(number).alarms for number in (machine, other)] == [0, 3]


def test_the_lanes_of_readings_and_alarms_count_their_rounds_apart(fleet, devices, machine):
    rounds = [devices.lastRound(kind.ljust(32, b"\0")) for kind in (b"readings", b"alarms")]
    fleet.alarm(machine, {})
    assert [devices.lastRound(kind.ljust(32, b"\0")) for kind in (b"readings", b"alarms")] == [rounds[0], rounds[1] + 1]


# HOLDING


def test_only_signers_and_the_guardian_hold_a_machine(devices, machine, risk_officer, stranger):
    for caller in (risk_officer, stranger):
        assert refusal(devices.hold, machine, sender=caller) == error("NotSignerOrGuardian", caller=caller)


def test_only_a_known_machine_is_held(devices, guardian):
    assert refusal(devices.hold, UNKNOWN, sender=guardian) == error("MachineUnknown", id=UNKNOWN)


def test_a_hold_stays_through_reports_until_the_delayed_risk_role_ends_it(
    suite, fleet, devices, machine, signer, guardian, risk_manager
):
    for holder in (signer, guardian):
        assert events(devices.hold(machine, sender=holder)) == [
            event(devices, "MachineHeld", machine=machine, by=holder)
        ]
    fleet.alarm(machine, {})
    fleet.hear(machine)
    assert devices.statusOf(machine).held
    assert refusal(devices.release, machine, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)
    receipt = after_delay(suite, risk_manager, devices.release, machine)
    assert events(receipt)[1:] == [event(devices, "MachineHoldReleased", machine=machine)]
    assert not devices.statusOf(machine).held


def test_a_machine_that_is_not_held_is_not_released(suite, devices, machine, risk_manager):
    answer = refusal_after_delay(suite, risk_manager, devices.release, machine)
    assert answer == error("MachineNotHeld", machine=machine)


# THE GATE, IN THE ORDER OF THE CHECKS


def test_case_29_a_machine_that_never_reported_is_refused(devices, rentals):
    machine = rentals.registered()
    assert refusal(devices.requireUsable, machine, MAX_AGE, 0) == error("ReadingMissing", machine=machine)


@pytest.mark.parametrize("seconds", [0, 1])
def test_case_29_a_reading_counts_through_its_last_second(devices, machine, seconds):
    at = devices.readingOf(machine).at
    clock.travel_to(at + MAX_AGE + seconds)
    stale = error("ReadingStale", machine=machine, at=at, maxAge=MAX_AGE)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) == (stale if seconds else None)


def test_case_39_after_a_device_was_replaced_its_own_first_report_is_waited_for(fleet, devices, rentals, machine):
    rentals.bind(machine, "device2", 0)
    behind = error("DeviceEpochBehind", machine=machine, reported=1, bound=2)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) == behind
    fleet.alarm(machine, {}, epoch=2)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) is None


def test_case_5_a_machine_without_a_device_is_refused_though_readings_of_it_exist(fleet, devices, rentals):
    """What no device signed gates no money."""
    machine = rentals.registered()
    fleet.read(machine, *FIRST_READING)
    behind = error("DeviceEpochBehind", machine=machine, reported=0, bound=0)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) == behind


def test_case_29_a_held_machine_is_refused(devices, machine, guardian):
    devices.hold(machine, sender=guardian)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) == error("MachineOnHold", machine=machine)


@pytest.mark.parametrize("alarm", Alarm)
def test_an_alarm_refuses_from_its_gate_on_and_passes_below_it(fleet, devices, machine, alarm):
    for severity in (Severity.WARN, Severity.MAJOR, Severity.CRITICAL):
        fleet.alarm(machine, {alarm: severity})
        refused = error("MachineAlarmed", machine=machine, alarm=alarm, severity=severity)
        for gate in Severity:
            answer = refusal(devices.requireUsable, machine, MAX_AGE, alarms({alarm: gate}))
            assert answer == (refused if Severity.CLEAR < gate <= severity else None)


def test_of_several_alarms_the_first_is_named(fleet, devices, machine):
    fleet.alarm(machine, {Alarm.TAMPER: Severity.CRITICAL, Alarm.REGION: Severity.MAJOR, Alarm.IDLE: Severity.CRITICAL})
    refused = error("MachineAlarmed", machine=machine, alarm=Alarm.REGION, severity=Severity.MAJOR)
    assert refusal(devices.requireUsable, machine, MAX_AGE, GATES) == refused


def test_a_usable_machine_is_read_through_the_gate(devices, machine):
    assert devices.requireUsable(machine, MAX_AGE, GATES) == devices.readingOf(machine)
