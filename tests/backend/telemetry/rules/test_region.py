"""Region: outside by more than 30 m beyond the fix's accuracy; 3 fixes over 120 s; critical beyond 5 km or 30 min."""

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import Fix
from backend.telemetry.rules.annex import Annex
from tests.backend.telemetry.rules.machine import BEGIN, YARD, Machine, annex_of, moved, square

HALF_M = 1_000


def outside(metres: float, **values) -> Fix:
    """A fix so far north of the fence around the yard."""
    return moved(north_m=HALF_M + metres)._replace(**values)


def place(machine: Machine, fix: Fix, records: int = 3, every_s: int = 60) -> None:
    """Without leaps: what is far off is reached by the time a road takes."""
    machine.send(7_200, fix=fix)
    for _ in range(records - 1):
        machine.send(every_s)


@pytest.fixture
def machine() -> Machine:
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M))
    for _ in range(5):
        machine.send()
    assert machine.transitions == []
    return machine


def test_three_fixes_over_120_seconds_outside_raise_it(machine: Machine):
    place(machine, outside(100), records=1)
    (pending,) = machine.transitions
    assert (pending.alarm, pending.phase, pending.severity) == (Alarm.REGION, Phase.PENDING, Severity.CLEAR)
    assert machine.send(60) == []
    (alarm,) = machine.send(60)
    assert (alarm.alarm, alarm.phase, alarm.severity) == (Alarm.REGION, Phase.ACTIVE, Severity.MAJOR)
    assert alarm.at == machine.now.at
    assert alarm.evidence["outside_dm"] == pytest.approx(1_000, abs=10)
    assert alarm.evidence["outside_s"] == 120
    assert alarm.evidence["latitude"] == machine.now.fix.latitude


def test_two_fixes_or_119_seconds_are_not_enough(machine: Machine):
    place(machine, outside(100), records=2, every_s=600)
    assert machine.raised == []
    machine.send(60, fix=YARD)
    place(machine, outside(100), records=8, every_s=17)
    assert machine.raised == []
    machine.send(1)
    assert machine.raised == [Severity.MAJOR]


@pytest.mark.parametrize("accuracy", [10, 25, 400])
def test_the_margin_is_30_m_beyond_the_accuracy_of_the_fix(machine: Machine, accuracy: int):
    place(machine, outside(29 + accuracy / 10, accuracy=accuracy), records=10)
    assert machine.transitions == []
    place(machine, outside(31 + accuracy / 10, accuracy=accuracy), records=10)
    assert machine.raised == [Severity.MAJOR]


@pytest.mark.parametrize(("metres", "severity"), [(4_950, Severity.MAJOR), (5_050, Severity.CRITICAL)])
def test_it_is_critical_beyond_5_km(machine: Machine, metres: int, severity: Severity):
    place(machine, outside(metres))
    assert machine.raised == [severity]


def test_it_is_critical_after_30_minutes(machine: Machine):
    place(machine, outside(100))
    for _ in range(27):
        machine.send()
    assert machine.raised == [Severity.MAJOR]
    machine.send()
    assert machine.raised == [Severity.MAJOR, Severity.CRITICAL]
    assert machine.transitions[-1].evidence["outside_s"] == 1_800


def test_a_machine_first_seen_outside_counts():
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M))
    for _ in range(3):
        machine.send(60, fix=outside(7_000))
    assert machine.raised == [Severity.CRITICAL]


def test_it_clears_after_three_signed_fixes_inside(machine: Machine):
    place(machine, outside(100))
    for _ in range(2):
        machine.send(60, fix=YARD)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.ACTIVE
    assert machine.send(60, fix=YARD) == []
    (cleared,) = machine.seal()
    assert (cleared.phase, cleared.at, cleared.sequence) == (Phase.CLEARED, machine.now.at, machine.now.sequence)


def test_the_margin_clears_nothing(machine: Machine):
    place(machine, outside(100))
    place(machine, outside(20), records=20)
    assert machine.seal() == []


def test_three_fixes_inside_with_one_in_the_margin_between_clear_nothing(machine: Machine):
    place(machine, outside(100))
    for metres in (-10, -10, 20, -10):
        machine.send(60, fix=outside(metres))
    assert machine.seal() == []


def test_coming_nearer_makes_it_no_milder(machine: Machine):
    place(machine, outside(6_000))
    place(machine, outside(100))
    machine.seal()
    assert machine.raised == [Severity.CRITICAL]


def test_jitter_at_the_fence_raises_nothing(machine: Machine):
    for step in range(200):
        machine.send(20, fix=outside(45 if step % 3 else -5))
    assert machine.raised == []
    assert {each.phase for each in machine.transitions} <= {Phase.PENDING, Phase.CLEARED}


def test_a_hole_is_outside_and_is_measured_to_its_edge():
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M, 200))
    for _ in range(3):
        machine.send()
    (alarm,) = (each for each in machine.transitions if each.phase is Phase.ACTIVE)
    assert alarm.severity is Severity.MAJOR
    assert alarm.evidence["outside_dm"] == pytest.approx(2_000, abs=10)


def test_nothing_is_asked_before_the_region_is_valid_nor_after():
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M, since=BEGIN + 1_000, through=BEGIN + 8_000))
    for _ in range(16):
        machine.send(fix=outside(300))
    assert machine.now.at < BEGIN + 1_000
    assert machine.transitions == []
    for _ in range(3):
        machine.send()
    assert machine.raised == [Severity.MAJOR]
    machine.send(8_000)
    (cleared,) = machine.seal()
    assert (cleared.alarm, cleared.phase) == (Alarm.REGION, Phase.CLEARED)


def test_validity_that_ends_while_records_are_skimmed_is_noticed():
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M, since=BEGIN + 1_000))
    for _ in range(40):
        machine.send(fix=outside(300))
    assert machine.raised[0] is Severity.MAJOR
    assert next(each for each in machine.transitions).at == BEGIN + 1_020


def test_without_a_region_anywhere_is_right():
    for annex in (None, annex_of(None)):
        machine = Machine(only=Alarm.REGION, annex=annex)
        place(machine, outside(100_000), records=20)
        assert machine.transitions == []


@pytest.mark.parametrize("inside", [1_799_990_000, -1_799_990_000])
def test_a_region_across_the_antimeridian(inside: int):
    west, east = 1_799_900_000, -1_799_900_000
    ring = [[west, 100_000], [east, 100_000], [east, 300_000], [west, 300_000], [west, 100_000]]
    annex = region_of(ring)
    machine = Machine(only=Alarm.REGION, annex=annex)
    fix = Fix(200_000, inside, 20, 9)
    for _ in range(10):
        machine.send(fix=fix)
    assert machine.transitions == []
    place(machine, fix._replace(longitude=1_799_890_000))
    assert machine.raised == [Severity.MAJOR]
    assert machine.transitions[-1].evidence["outside_dm"] == pytest.approx(1_112, abs=3)


def test_leaving_over_the_antimeridian_is_measured_the_short_way():
    ring = [[1_799_000_000, 100_000], [1_799_999_000, 100_000], [1_799_999_000, 300_000], [1_799_000_000, 300_000]]
    machine = Machine(only=Alarm.REGION, annex=region_of([*ring, ring[0]]))
    for _ in range(3):
        machine.send(fix=Fix(200_000, -1_799_991_000, 20, 9))
    assert machine.raised == [Severity.MAJOR]
    assert machine.transitions[-1].evidence["outside_dm"] == pytest.approx(1_112, abs=3)


@pytest.mark.parametrize("pole", [1, -1])
def test_near_a_pole_a_degree_of_longitude_is_short(pole: int):
    ring = [[1, 899_000_000], [1_700_000_000, 899_000_000], [1_700_000_000, 900_000_000], [1, 900_000_000]]
    ring = [[longitude, pole * latitude] for longitude, latitude in [*ring, ring[0]]]
    machine = Machine(only=Alarm.REGION, annex=region_of(ring))
    near = Fix(pole * 899_999_000, -900_000_000, 20, 9)
    for _ in range(10):
        machine.send(fix=near)
    assert machine.raised == []
    place(machine, Fix(pole * 899_900_000, -900_000_000, 20, 9))
    assert machine.raised == [Severity.MAJOR]


def test_at_the_pole_itself_nothing_breaks():
    machine = Machine(only=Alarm.REGION, annex=square(HALF_M))
    for _ in range(10):
        machine.send(fix=Fix(900_000_000, 1, 20, 9))
    assert machine.raised == [Severity.CRITICAL]


def region_of(ring: list[list[int]]) -> Annex:
    return annex_of({"polygon": [ring], "validFrom": 0, "validThrough": 2**40 - 1})
