"""The nightly comparison of a fleet: figures of a day, who is odd and why, and the alarm that informs."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from backend import store
from backend.days import day_of
from backend.store.tables import feed, machine_days
from backend.telemetry import kept
from backend.telemetry.alarms import ON_CHAIN, Alarm, Phase, Severity
from backend.telemetry.fleet import batch
from backend.telemetry.fleet.days import FIGURES, Day, aggregate
from backend.telemetry.fleet.peers import LEAST_MACHINES, LEAST_OWN_DAYS, Verdict, judge
from backend.telemetry.fleet.texts import WORDINGS, sentence
from backend.telemetry.record import Fix, Message, Record
from backend.telemetry.rules.texts import explain
from backend.telemetry.topics import Kind
from tests.backend.telemetry.machines import MINUTE, PARTY, Bound, Device, registered, run

TODAY = 20_720
NOON = TODAY * 86_400 + 4 * 3_600
"""In Beijing, seconds since 1970."""
MIDNIGHT = NOON - 12 * 3_600
METRE = 90
"""Of latitude, in 1e-7 degrees, a little more than one."""


def record(at: int, sequence: int, **changed: object) -> Record:
    fix = Fix(395_000_000, 1_163_000_000, 25, 9)
    plain = Record(7, 1, sequence, at, fix, 100_000, 500_000, 655, True, 2, True, True, "0" * 64, "1" * 64)
    return plain._replace(**changed)


def shift(minutes: int = 480, begins: int = NOON - 4 * 3_600, **changed: object) -> list[Record]:
    """A record a minute; an hour of the meter an hour, six litres an hour."""
    return [
        record(begins + 60 * k, k + 1, hours=100_000 + 100 * k // 60, fuel=500_000 + k, **changed)
        for k in range(minutes + 1)
    ]


# Figures of a day


def test_a_shift_of_eight_hours_is_counted():
    found = aggregate(7, TODAY, shift())
    assert found == Day(7, TODAY, 481, 800, 60, 1_000, 0, 0, 1_000)


def test_too_few_records_tell_nothing():
    assert aggregate(7, TODAY, shift(22)) is None
    assert aggregate(7, TODAY, shift(23)) is not None


def test_a_day_without_work_has_only_the_figures_of_the_night_and_of_fixes():
    resting = [record(MIDNIGHT + 600 * k, k + 1, engine=False) for k in range(144)]
    assert aggregate(7, TODAY, resting) == Day(7, TODAY, 144, None, None, None, None, 0, 1_000)


def test_a_dead_fuel_sensor_gives_no_rate():
    assert aggregate(7, TODAY, [each._replace(fuel=0) for each in shift()]).fuel_rate is None


def test_meters_are_counted_device_by_device_and_never_backwards():
    first, second = shift(240), [each._replace(epoch=2, hours=each.hours - 99_000) for each in shift(240)]
    assert aggregate(7, TODAY, [*first, *second]).hours == 800
    fallen = [*shift(480)[:-1], shift(480)[-1]._replace(hours=5)]
    assert aggregate(7, TODAY, fallen).hours is None


def test_driving_is_no_standstill_and_a_gap_in_the_reports_is_neither():
    driving = [each._replace(speed=10 if each.at < NOON else 9) for each in shift()]
    assert aggregate(7, TODAY, driving).standing == 500
    silent = [each for each in driving if not NOON - 7_200 <= each.at < NOON]
    assert aggregate(7, TODAY, silent).standing == 1_000 * 240 // (240 + 119)


def along(records: Sequence[Record], metres: Iterable[float]) -> list[Record]:
    """The records, each so far north of the first."""
    moved = zip(records, metres, strict=False)
    return [each._replace(fix=each.fix._replace(latitude=395_000_000 + round(METRE * far))) for each, far in moved]


def test_a_way_is_measured_and_noise_jumps_and_bad_fixes_are_not():
    drawn = random.Random(3)
    way = aggregate(7, TODAY, along(shift(), (10 * k for k in range(481))))
    assert way.distance == pytest.approx(4_800, abs=80)
    noise = aggregate(7, TODAY, along(shift(), (drawn.gauss(0, 5) for _ in range(481))))
    jumps = aggregate(7, TODAY, along(shift(), (330_000 * (k % 60 == 30) for k in range(481))))
    assert noise.distance == jumps.distance == 0
    bad = [each._replace(fix=each.fix._replace(accuracy=251)) for each in along(shift(), (10 * k for k in range(481)))]
    assert (aggregate(7, TODAY, bad).distance, aggregate(7, TODAY, bad).good_fixes) == (0, 0)


def test_what_moves_between_ten_and_five_moves_by_night():
    late = shift(120, begins=MIDNIGHT + 21 * 3_600)
    found = aggregate(7, TODAY, along(late, (10 * k for k in range(121))))
    assert found.night_distance == pytest.approx(600, abs=60)
    assert found.distance == pytest.approx(1_200, abs=60)


def test_a_machine_without_fixes_has_none_good():
    assert aggregate(7, TODAY, [each._replace(fix=None) for each in shift()]).good_fixes == 0


# Who is odd


def usual(machine: int, day: int, drawn: random.Random, **changed: int | None) -> Day:
    """A working day like others of its fleet."""
    return Day(
        machine,
        day,
        1_000,
        hours=round(drawn.gauss(800, 60)),
        fuel_rate=round(drawn.gauss(62, 4)),
        standing=round(drawn.gauss(950, 10)),
        distance=round(abs(drawn.gauss(300, 200))),
        night_distance=0,
        good_fixes=round(drawn.gauss(970, 10)),
    )._replace(**changed)


def fleet(machines: int, days: int = 28, **of_machine_1: int | None) -> list[Day]:
    """Machine 1 has other figures today."""
    drawn = random.Random(machines)
    rows = [usual(m, day, drawn) for m in range(1, machines + 1) for day in range(TODAY - days + 1, TODAY + 1)]
    return [row._replace(**of_machine_1) if (row.machine, row.day) == (1, TODAY) else row for row in rows]


def judged(rows: Sequence[Day], day: int = TODAY, models: dict[int, str | None] | None = None) -> dict[int, Verdict]:
    return {verdict.machine: verdict for verdict in judge(rows, day, models or {})}


def odd(rows: Sequence[Day], **arguments: object) -> list[int]:
    return [machine for machine, verdict in judged(rows, **arguments).items() if verdict.odd]


@pytest.mark.parametrize("machines", [1, 2, 7, 8, 20])
def test_nobody_is_odd_in_a_usual_fleet_of_any_size(machines):
    verdicts = judged(fleet(machines))
    assert len(verdicts) == machines
    assert not any(verdict.odd or verdict.deviations for verdict in verdicts.values())


@pytest.mark.parametrize("machines", [1, 2, 7, 8, 20])
@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("hours", 2_300),
        ("fuel_rate", 110),
        ("fuel_rate", 20),
        ("distance", 40_000),
        ("night_distance", 9_000),
        ("good_fixes", 300),
    ],
)
def test_a_figure_far_out_of_line_makes_a_machine_odd_and_is_told(machines, figure, value):
    verdicts = judged(fleet(machines, **{figure: value}))
    assert [machine for machine, verdict in verdicts.items() if verdict.odd] == [1]
    deviation = verdicts[1].deviations[0]
    assert (deviation.figure, deviation.value) == (figure, value)
    assert abs(deviation.z) >= 50


@pytest.mark.parametrize(("figure", "value"), [("hours", 60), ("standing", 0), ("distance", 0), ("good_fixes", 1_000)])
def test_less_work_and_better_fixes_than_usual_are_never_odd(figure, value):
    assert odd(fleet(20, **{figure: value})) == []


def test_only_a_fleet_of_some_size_has_a_forest():
    assert {verdict.score for verdict in judged(fleet(LEAST_MACHINES - 1)).values()} == {None}
    assert all(verdict.score for verdict in judged(fleet(LEAST_MACHINES)).values())
    assert {verdict.score for verdict in judged(fleet(LEAST_MACHINES, days=12)).values()} == {None}


def test_figures_that_are_a_little_odd_each_are_found_by_the_forest_alone():
    together = {"hours": 1_220, "fuel_rate": 84, "distance": 10_500, "night_distance": 3_900, "good_fixes": 760}
    found = judged(fleet(20, **together))[1]
    assert found.odd
    assert found.score >= 650
    assert all(35 <= abs(deviation.z) < 50 for deviation in found.deviations)
    assert not judged(fleet(7, **together))[1].odd


def test_who_always_works_at_night_is_no_news():
    nightly = [row._replace(night_distance=6_000) if row.machine == 1 else row for row in fleet(20)]
    assert odd(nightly) == []


def test_a_day_on_which_all_work_longer_is_no_news_and_one_who_works_still_longer_is():
    rush = [row._replace(hours=row.hours + 700) if row.day == TODAY else row for row in fleet(20)]
    assert odd(rush) == []
    longer = [row._replace(hours=2_350) if (row.machine, row.day) == (1, TODAY) else row for row in rush]
    assert odd(longer) == [1]


def test_a_machine_is_compared_with_its_own_model_when_there_are_enough_of_it():
    drivers = [row._replace(distance=row.distance + 30_000) if row.machine > 10 else row for row in fleet(20)]
    driven = [row._replace(distance=30_000) if (row.machine, row.day) == (1, TODAY) else row for row in drivers]
    models = {machine: "excavator" if machine <= 10 else "telehandler" for machine in range(1, 21)}
    assert odd(driven, models=models) == [1]
    assert odd(driven) == []


def test_a_new_machine_is_not_judged_before_it_has_a_past():
    rows = [row for row in fleet(20, hours=2_300) if row.machine != 1 or row.day > TODAY - LEAST_OWN_DAYS + 1]
    assert odd(rows) == []
    rows = [row for row in fleet(20, hours=2_300) if row.machine != 1 or row.day > TODAY - LEAST_OWN_DAYS]
    assert odd(rows) == [1]


def test_a_machine_that_did_not_report_today_has_no_verdict():
    assert 1 not in judged([row for row in fleet(20) if (row.machine, row.day) != (1, TODAY)])
    assert judged([]) == {}


def test_missing_figures_are_not_odd():
    missing = {"hours": None, "fuel_rate": None, "standing": None, "distance": None}
    assert odd(fleet(20, **missing)) == []


def test_verdicts_do_not_depend_on_the_order_of_rows_or_on_chance():
    rows = fleet(20, hours=2_300)
    mixed = random.Random(1).sample(rows, len(rows))
    assert judged(rows) == judged(mixed)


# The alarm


def bound(*devices: Device, party: int = PARTY) -> Bound:
    return Bound(*(replace(registered(device), party=party, hearers=(party, 9)) for device in devices))


def history(engine: Engine, rows: Iterable[Day]) -> None:
    with store.writing(engine) as tx:
        tx.execute(machine_days.insert(), [row._asdict() for row in rows])


def work(device: Device, day: int, *, hours: int, kind: Kind = Kind.RECORD, signed: bool = True) -> list[Message]:
    """A day in which the meter grows by `hours` hundredths, and the checkpoint over it."""
    begins, sent = MIDNIGHT + (day - TODAY) * 86_400, []
    before = {"hours": device.hours, "fuel": device.fuel}
    for k in range(288):
        shown = {"hours": before["hours"] + hours * k // 287, "fuel": before["fuel"] + 6 * hours * k // 2_870}
        device.at = begins + 300 * k - MINUTE
        sent.append(device.record(kind, **shown))
        device.hours, device.fuel = shown["hours"], shown["fuel"]
    return [*sent, device.checkpoint()] if signed else sent


def past(*ids: int) -> list[Day]:
    drawn = random.Random(5)
    return [usual(id_, day, drawn, distance=0, standing=1_000) for id_ in ids for day in range(TODAY - 20, TODAY)]


def open_alarm(engine: Engine, machine: int = 1) -> kept.KeptAlarm | None:
    with store.reading(engine) as tx:
        return kept.open_alarms(tx, [machine]).get((machine, Alarm.FLEET))


def test_the_days_of_the_tests_are_beijing_days():
    assert day_of(MIDNIGHT) == TODAY
    assert day_of(MIDNIGHT - 1) == TODAY - 1


def test_a_machine_out_of_line_raises_an_alarm_that_informs_and_never_goes_on_chain(engine: Engine):
    history(engine, past(1, 2, 3))
    devices = [Device(machine) for machine in (1, 2, 3)]
    days = [work(device, TODAY, hours=hours) for device, hours in zip(devices, (2_300, 800, 810), strict=True)]
    run(engine, bound(*devices), days)
    verdicts = batch.run(engine, bound(*devices), TODAY)
    assert [machine for machine, verdict in verdicts.items() if verdict.odd] == [1]
    alarm = open_alarm(engine).alarm
    assert (alarm.phase, alarm.severity) == (Phase.ACTIVE, Severity.WARN)
    assert alarm.raised_at == MIDNIGHT + 86_400
    assert alarm.evidence["hours"] == 2_300
    assert alarm.evidence["hours_z"] >= 50
    assert Alarm.FLEET >= ON_CHAIN
    assert open_alarm(engine, 2) is None


@pytest.fixture
def odd_device(engine: Engine) -> Device:
    """It worked day and night today; the other machines of the fleet did not report."""
    history(engine, past(1, 2, 3))
    device = Device(1)
    run(engine, bound(device), [work(device, TODAY, hours=2_300)])
    batch.run(engine, bound(device), TODAY)
    return device


def told(engine: Engine) -> list[tuple[str, str, dict[str, object]]]:
    """Party, kind and content of what was told about the alarm."""
    with store.reading(engine) as tx:
        rows = tx.execute(select(feed.c.key, feed.c.kind, feed.c.payload).order_by(feed.c.id)).all()
    return [(row.key, row.kind, row.payload) for row in rows if row.payload["alarm"] == "fleet"]


@pytest.mark.usefixtures("odd_device")
def test_the_parties_are_told_without_figures(engine: Engine):
    (lessor, kind, payload), other = told(engine)
    assert (lessor, other[0], kind) == (str(PARTY), "9", "MachineAlarmed")
    assert payload.keys() == {"machine", "id", "alarm", "severity", "at"}


def test_the_same_day_again_changes_nothing(engine: Engine, odd_device: Device):
    before = open_alarm(engine), told(engine)
    again = batch.run(engine, bound(odd_device), TODAY)
    assert again == batch.run(engine, bound(odd_device), TODAY)
    assert (open_alarm(engine), told(engine)) == before


def test_the_alarm_clears_after_two_days_without_anything_odd_and_no_sooner(engine: Engine, odd_device: Device):
    for day, is_open in ((TODAY + 1, True), (TODAY + 2, False)):
        run(engine, bound(odd_device), [work(odd_device, day, hours=800)])
        batch.run(engine, bound(odd_device), day)
        assert (open_alarm(engine) is not None) == is_open


def test_days_without_signature_do_not_clear_it(engine: Engine, odd_device: Device):
    for day in (TODAY + 1, TODAY + 2, TODAY + 3):
        run(engine, bound(odd_device), [work(odd_device, day, hours=800, signed=False)])
        batch.run(engine, bound(odd_device), day)
    assert open_alarm(engine) is not None


def test_late_records_neither_raise_nor_clear(engine: Engine):
    history(engine, past(1, 2, 3))
    device = Device(1)
    run(engine, bound(device), [work(device, TODAY, hours=2_300, kind=Kind.BACKLOG)])
    assert batch.run(engine, bound(device), TODAY) == {}
    assert open_alarm(engine) is None


def test_lessors_are_not_compared_with_each_other(engine: Engine):
    """Beside eight machines of another lessor there would be a forest."""
    history(engine, past(*range(1, 11)))
    device = Device(1)
    run(engine, bound(device), [work(device, TODAY, hours=800)])
    machines = [*bound(device).machines(), *bound(*map(Device, range(2, 11)), party=PARTY + 1).machines()]
    assert batch.run(engine, Bound(*machines), TODAY)[1].score is None
    together = bound(device, *map(Device, range(2, 11)))
    assert batch.run(engine, together, TODAY)[1].score is not None


@pytest.mark.usefixtures("odd_device")
def test_the_evidence_is_a_sentence_in_both_languages(engine: Engine):
    evidence = open_alarm(engine).alarm.evidence
    assert explain(evidence).keys() == {"en", "zh"}
    assert "engine-hours 23.00 h (peers 8." in sentence(evidence, "en")
    assert "工作小时 23.00 h（同类 8." in sentence(evidence, "zh")
    assert set(WORDINGS) == {figure.name for figure in FIGURES}
