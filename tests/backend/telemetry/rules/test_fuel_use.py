"""Fuel use: windows of 3 engine-hours (2 are the least asked for) and 10 l, against the machine's own habit."""

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules import fuel
from backend.telemetry.rules.context import Context
from backend.telemetry.rules.ruleset import Prior, load
from tests.backend.telemetry.rules.machine import HOUR_S, Machine

USE, SENSOR = load().rules["fuel_use"], load().rules["fuel_sensor"]


def at_work(model: str | None = None) -> Machine:
    machine = Machine(only=Alarm.FUEL_USE, context=Context(model=model))
    machine.send(0, engine=True)
    return machine


def burn(machine: Machine, *litres_an_hour: float, hours: int = 3) -> None:
    """One window after another, reported every quarter of an hour."""
    for rate in litres_an_hour:
        for _ in range(4 * hours):
            now = machine.now
            machine.send(HOUR_S // 4, hours=now.hours + 25, fuel=now.fuel + round(rate * 10 / 4))


def test_two_windows_above_the_limit_in_a_row_raise_it():
    machine = at_work()
    burn(machine, *[16] * 12)
    burn(machine, 24)
    (pending,) = machine.transitions
    assert pending.phase is Phase.PENDING
    burn(machine, 24)
    raised = machine.transitions[-1]
    assert (raised.alarm, raised.phase, raised.severity) == (Alarm.FUEL_USE, Phase.ACTIVE, Severity.WARN)
    assert raised.evidence == {
        "reason": "fuel_use",
        "rate": 24_000,
        "median": 16_000,
        "limit": 21_600,
        "percent": 150,
    }


def test_one_window_or_two_with_a_usual_one_between_raise_nothing():
    machine = at_work()
    burn(machine, *[16] * 12, 24, 16, 24, 16, 24)
    assert machine.raised == []


@pytest.mark.parametrize(("rate", "raised"), [(21.6, []), (22, [Severity.WARN])])
def test_the_limit_is_135_percent_of_a_steady_median(rate: float, raised: list[Severity]):
    machine = at_work()
    burn(machine, *[16] * 12, rate, rate)
    assert machine.raised == raised


@pytest.mark.parametrize(("rate", "raised"), [(31.2, []), (31.6, [Severity.WARN])])
def test_the_limit_is_five_sigmas_where_use_varies(rate: float, raised: list[Severity]):
    machine = at_work()
    burn(machine, *[14, 18] * 5, 16, 16)
    burn(machine, rate, rate)
    assert load().rules["fuel_use"].reading["mad_e4"] == 14_826
    assert machine.raised == ([] if rate < 16 + 5 * 1.4826 * 2 else [Severity.WARN])


def test_twice_the_median_is_major():
    machine = at_work()
    burn(machine, *[16] * 12, 32, 32)
    assert machine.raised == [Severity.MAJOR]


def test_it_clears_below_120_percent_once_signed():
    machine = at_work()
    burn(machine, *[16] * 12, 24, 24, 20)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.ACTIVE
    burn(machine, 18.8)
    assert machine.transitions[-1].phase is Phase.ACTIVE
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_unusual_windows_are_not_learnt():
    machine = at_work()
    burn(machine, *[16] * 12, *[24] * 40)
    assert set(machine.state.window.rates) == {16_000}
    assert machine.raised == [Severity.WARN]


def test_the_models_figures_are_used_until_ten_windows_are_known():
    prior = load().models["excavator-9t"]
    machine = at_work("excavator-9t")
    burn(machine, 15, 15)
    assert machine.raised == [Severity.MAJOR]
    assert machine.transitions[-1].evidence["median"] == prior.median
    unknown = at_work("somebody-elses")
    burn(unknown, *[30] * 9)
    assert unknown.raised == []


def test_a_window_has_three_hours_and_at_least_ten_litres():
    machine = at_work()
    burn(machine, 40, hours=2)
    assert machine.state.window.rates == ()
    burn(machine, 40, hours=1)
    assert machine.state.window.rates == (40_000,)
    burn(machine, 2.4, hours=4)
    assert machine.state.window.rates == (40_000,)
    burn(machine, 2.4, hours=1)
    assert machine.state.window.rates == (40_000, 2_400)


def test_a_jump_of_the_counter_is_noted_and_no_use_of_fuel():
    machine = at_work()
    machine.only = None
    burn(machine, *[16] * 12)
    machine.send(60, fuel=machine.now.fuel + 100_000)
    burn(machine, 16, 16)
    (raised,) = (each for each in machine.transitions if each.phase is Phase.ACTIVE)
    assert (raised.alarm, raised.severity, raised.evidence["reason"]) == (
        Alarm.FUEL_SENSOR,
        Severity.WARN,
        "fuel_jump",
    )
    assert set(machine.state.window.rates) == {16_000}


def test_case_40_without_a_fuel_sensor_there_is_one_note_and_no_fuel_alarm():
    machine = Machine(context=Context(model="excavator-9t", tank=3_000))
    machine.send(0, fuel=0, level=0, engine=True)
    burn(machine, *[0] * 100)
    (note,) = machine.transitions
    assert (note.alarm, note.phase, note.severity) == (Alarm.FUEL_SENSOR, Phase.ACTIVE, Severity.WARN)
    assert note.evidence == {"reason": "fuel_sensor", "worked": 400}


def test_case_40_a_falling_level_with_a_dead_counter_is_no_theft():
    machine = Machine(context=Context(tank=3_000))
    machine.send(0, fuel=0, level=900, engine=True)
    for _ in range(400):
        machine.send(300, hours=machine.now.hours + 8, level=machine.now.level - 2)
    assert {each.alarm for each in machine.transitions} == {Alarm.FUEL_SENSOR}


def test_case_40_a_counter_that_falls_to_zero_is_dead_and_no_rollback():
    machine = Machine(context=Context(tank=3_000))
    machine.send(0, engine=True)
    burn(machine, *[16] * 3)
    machine.send(60, fuel=0)
    assert [each.alarm for each in machine.transitions] == [Alarm.FUEL_SENSOR]
    burn(machine, *[0] * 4)
    assert [(each.alarm, each.phase) for each in machine.transitions] == [(Alarm.FUEL_SENSOR, Phase.ACTIVE)]


def test_case_40_a_counter_that_comes_back_ends_the_note_and_is_not_judged_by_what_it_missed():
    machine = Machine(context=Context(model="excavator-9t"))
    machine.send(0, fuel=0, engine=True)
    burn(machine, *[0] * 10)
    machine.send(60, fuel=345_678)
    burn(machine, *[6] * 4)
    machine.seal()
    assert [(each.alarm, each.phase) for each in machine.transitions] == [
        (Alarm.FUEL_SENSOR, Phase.ACTIVE),
        (Alarm.FUEL_SENSOR, Phase.CLEARED),
    ]


def test_a_counter_that_dies_within_a_window_is_noticed():
    machine = Machine()
    machine.send(0, engine=True)
    burn(machine, *[16] * 3)
    burn(machine, 4, hours=1)
    burn(machine, *[0] * 4)
    assert [each.alarm for each in machine.transitions] == [Alarm.FUEL_SENSOR]


rates = st.lists(st.integers(1_000, 60_000), min_size=10, max_size=50)


@given(rates=rates, hours=st.integers(300, 900), used=st.integers(100, 4_000))
def test_judgement_is_the_formula_in_exact_numbers(rates: list[int], hours: int, used: int):
    window = fuel.Window(0, 0, 200, 0, 0, tuple(rates))
    _, readings = fuel.observe(USE, SENSOR, None, window, hours=hours, fuel=used, is_dead=False)
    rate = used * 10_000 // hours
    median = Fraction(statistics.median(map(Fraction, rates)))
    mad = statistics.median(abs(each - median) for each in map(Fraction, rates))
    seen = readings["fuel_use"]
    assert seen.holds == (rate > max(Fraction(135, 100) * median, median + 5 * Fraction(14_826, 10_000) * mad))
    assert seen.over == (rate < Fraction(120, 100) * median)


def test_the_prior_is_judged_by_the_same_formula():
    prior = Prior(median=10_000, mad=500)
    by_prior = [
        fuel.observe(USE, SENSOR, prior, fuel.Window(), hours=300, fuel=used, is_dead=False)[1]["fuel_use"].holds
        for used in (405, 412)
    ]
    assert by_prior == [False, True]
