"""Figures of one machine: what is taken over, what stays missing, and what is said about it."""

from pathlib import Path

import pytest

from backend.telemetry import aemp
from backend.telemetry.aemp import oddities
from backend.telemetry.aemp.machine import moment
from tests.backend.telemetry.aemp.files import AT, HEADER, HOURS, LOCATION, NOW, SOUND, codes, machine, parse

AT_SECONDS = 1_789_977_600


def told(inner: str, code: str) -> dict[str, object]:
    """The values of the one oddity of this code."""
    (oddity,) = [oddity for oddity in machine(inner).oddities if oddity.code == code]
    return dict(oddity.values)


def hours(text: str, at: str = AT) -> str:
    return f'<CumulativeOperatingHours datetime="{at}"><Hour>{text}</Hour></CumulativeOperatingHours>'


def fuel(text: str, unit: str = "litre", at: str = AT) -> str:
    used = f"<FuelUnits>{unit}</FuelUnits><FuelConsumed>{text}</FuelConsumed>"
    return f'<FuelUsed datetime="{at}">{used}</FuelUsed>'


def distance(text: str, unit: str) -> str:
    travelled = f"<OdometerUnits>{unit}</OdometerUnits><Odometer>{text}</Odometer>"
    return f'<Distance datetime="{AT}">{travelled}</Distance>'


def location(latitude: str, longitude: str) -> str:
    place = f"<Latitude>{latitude}</Latitude><Longitude>{longitude}</Longitude>"
    return f'<Location datetime="{AT}">{place}</Location>'


def header(**fields: str) -> str:
    named = {"OEMName": "Maker", "Model": "M1", "SerialNumber": "S1", "PIN": "P1"} | fields
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in named.items())
    return f"<EquipmentHeader>{inner}</EquipmentHeader>"


def test_a_sound_machine_is_taken_over_without_a_remark():
    found = machine(SOUND)
    assert found.oddities == ()
    assert (found.maker, found.model, found.serial, found.identity) == ("Maker", "M1", "S1", "P1")
    assert found.position == (395_000_000, 1_163_000_000, AT_SECONDS)
    assert found.readings == {"hours": (123_456, AT_SECONDS)}


def test_the_time_is_an_attribute_or_a_child_however_it_is_written():
    child = f"<CumulativeOperatingHours><Hour>1</Hour><datetime>{AT}</datetime></CumulativeOperatingHours>"
    capital = f'<CumulativeOperatingHours dateTime="{AT}"><Hour>1</Hour></CumulativeOperatingHours>'
    zoned = hours("1", "2026-09-21T16:00:00.123+08:00")
    for form in (child, capital, zoned):
        assert machine(HEADER + form).readings["hours"].at == AT_SECONDS


@pytest.mark.parametrize(
    "text", ["2026-09-21T08:00:00", "2026-09-21", "1604042795000", "2026-13-21T08:00:00Z", "0001-01-01T00:00:00Z"]
)
def test_a_time_without_offset_or_sense_stays_missing(text):
    found = machine(HEADER + hours("5", text))
    assert found.readings["hours"] == (500, None)
    assert "time_unusable" in codes(found)


def test_a_figure_without_a_time_is_said_to_have_none():
    assert told(HEADER + "<FuelRemaining><Percent>50</Percent></FuelRemaining>", "time_missing") == {
        "element": "FuelRemaining"
    }


def test_a_clock_may_be_ahead_by_five_minutes_and_no_second_more():
    assert "time_future" not in codes(machine(HEADER + hours("5", moment(NOW + 300))))
    found = machine(HEADER + hours("5", moment(NOW + 301)))
    assert "time_future" in codes(found)
    assert found.readings["hours"].at == NOW + 301


@pytest.mark.parametrize(
    ("text", "unit", "decilitres"),
    [
        ("12.34", "litre", 123),
        ("12.35", "Liters", 124),
        ("12.25", "L", 122),
        ("100", "gallon", 3_785),
        ("100", "us gallon", 3_785),
        ("100", "imperial gallon", 4_546),
    ],
)
def test_fuel_is_counted_in_tenths_of_a_litre_to_the_nearest_a_tie_to_the_even(text, unit, decilitres):
    found = machine(HEADER + fuel(text, unit))
    assert found.readings["fuel"].value == decilitres
    assert ("gallon_assumed" in codes(found)) == (unit == "gallon")


@pytest.mark.parametrize(
    ("text", "unit", "metres"), [("5220.00", "kilometre", 5_220_000), ("1", "mile", 1_609), ("12.5", "metre", 12)]
)
def test_distance_is_counted_in_metres(text, unit, metres):
    assert machine(HEADER + distance(text, unit)).readings["distance"].value == metres


@pytest.mark.parametrize("unit", ["", "furlong", "N/A", "litre"])
def test_a_figure_in_an_unknown_unit_stays_missing(unit):
    inner = HEADER + distance("5", unit)
    assert "distance" not in machine(inner).readings
    assert told(inner, "unit_unknown")["element"] == "Distance/Odometer"


@pytest.mark.parametrize("text", ["NaN", "INF", "-1", "1e99", "9" * 400, "1,5", "0x10", "12 h", "٣", "200001"])
def test_a_figure_that_is_no_possible_number_stays_missing(text):
    inner = SOUND.replace("1234.56", text)
    assert "hours" not in machine(inner).readings
    expected = set() if text == "NaN" else {"figure_unusable"}
    assert codes(machine(inner)) == {"no_hours"} | expected


@pytest.mark.parametrize("text", ["", "missing", "N/A", "null", "unknown", "-"])
def test_a_word_for_nothing_is_nothing(text):
    found = machine(HEADER + LOCATION + hours(text))
    assert found.readings == {}
    assert codes(found) == {"no_hours"}


def test_the_most_hours_are_taken_and_more_are_not():
    assert machine(HEADER + hours("200000")).readings["hours"].value == 20_000_000
    assert told(HEADER + hours("200000.01"), "figure_unusable") == {
        "element": "CumulativeOperatingHours/Hour",
        "text": "200000.01",
        "least": "0",
        "most": "200000",
    }


def test_a_level_above_full_stays_missing():
    full = f'<FuelRemaining datetime="{AT}"><Percent>100.0</Percent></FuelRemaining>'
    assert machine(HEADER + full).readings["level"].value == 1_000
    assert "figure_unusable" in codes(machine(HEADER + full.replace("100.0", "100.1")))


def test_a_capacity_of_zero_stays_missing_and_the_level_is_kept():
    units = "<FuelTankCapacityUnits>litre</FuelTankCapacityUnits>"
    tank = f'<FuelRemaining datetime="{AT}"><Percent>62.40</Percent>{units}<FuelTankCapacity>0</FuelTankCapacity>'
    found = machine(f"{SOUND}{tank}</FuelRemaining>")
    assert codes(found) == {"capacity_zero"}
    assert found.readings["level"].value == 624
    assert "tank" not in found.readings


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("0", "0"), ("0.00000", "116.3"), ("39.5", "0"), ("39.12345", "39.12345")]
)
def test_a_position_that_a_receiver_without_fix_reports_is_not_taken_over(latitude, longitude):
    found = machine(HEADER + location(latitude, longitude) + HOURS)
    assert found.position is None
    assert codes(found) == {"position_implausible", "no_position"}


@pytest.mark.parametrize(("latitude", "longitude"), [("90", "-180"), ("-89.9999999", "179.9999999")])
def test_positions_at_the_poles_and_the_antimeridian_are_taken_over(latitude, longitude):
    assert codes(machine(HEADER + location(latitude, longitude) + HOURS)) == set()


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("90.0000001", "1"), ("1", "180.0000001"), ("north", "1"), ("5", "")]
)
def test_a_position_off_the_globe_or_half_a_position_is_none(latitude, longitude):
    assert machine(HEADER + location(latitude, longitude) + HOURS).position is None


def test_hours_without_fuel_used_tell_of_a_dead_sensor_from_the_first_hour_on():
    assert codes(machine(HEADER + LOCATION + hours("0.99") + fuel("0"))) == set()
    assert codes(machine(HEADER + LOCATION + hours("1.00") + fuel("0"))) == {"fuel_sensor_dead"}


@pytest.mark.parametrize(
    ("litres", "odd"), [("1.9", True), ("2.0", False), ("10000", False), ("10000.1", True)], ids=str
)
def test_fuel_per_hour_of_ten_hours_is_judged_at_its_bounds(litres, odd):
    found = machine(HEADER + LOCATION + hours("10.00") + fuel(litres))
    assert ("fuel_implausible" in codes(found)) == odd
    assert found.readings["fuel"].value > 0


def test_fuel_of_less_than_ten_hours_is_not_judged():
    assert codes(machine(HEADER + LOCATION + hours("9.99") + fuel("0.1"))) == set()


def test_figures_a_day_apart_are_of_one_moment_and_a_second_more_are_not():
    assert codes(machine(SOUND + fuel("9999", at="2026-09-20T08:00:00Z"))) == set()
    values = told(SOUND + fuel("9999", at="2026-09-20T07:59:59Z"), "times_apart")
    assert values == {"days": 1, "first": "2026-09-20T07:59:59Z", "last": AT}


def test_hours_of_a_part_that_exceed_the_hours_run_are_told_and_kept():
    idle = f'<CumulativeIdleHours datetime="{AT}"><Hour>1234.57</Hour></CumulativeIdleHours>'
    found = machine(SOUND + idle)
    assert codes(found) == {"part_exceeds_whole"}
    assert found.readings["idle_hours"].value == 123_457


@pytest.mark.parametrize("text", ["missing", "N/A", "0", "00-00", "...", "x" * 65, "P\u202e1"])
def test_an_identifier_that_identifies_nothing_is_not_taken_over(text):
    found = machine(header(PIN=text) + LOCATION + HOURS)
    assert found.pin is None
    assert codes(found) == {"identifier_unusable"}
    assert found.identity == "Maker S1"


def test_a_machine_without_pin_and_serial_has_no_identity():
    assert codes(machine(header(PIN="", SerialNumber="", EquipmentID="Our digger") + LOCATION + HOURS)) == {
        "no_identity"
    }


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "soon"])
def test_an_implausible_installation_date_stays_missing(text):
    found = machine(header(UnitInstallDateTime=text) + LOCATION + HOURS)
    assert found.installed_at is None
    assert codes(found) == {"install_date_implausible"}


def test_a_plausible_installation_date_is_taken_over():
    assert machine(header(UnitInstallDateTime="2026-09-21T08:00:00Z") + LOCATION + HOURS).installed_at == AT_SECONDS


def test_an_element_given_twice_is_told_and_neither_is_chosen():
    inner = HEADER + LOCATION + HOURS + hours("99")
    assert "hours" not in machine(inner).readings
    assert told(inner, "repeated") == {"element": "CumulativeOperatingHours", "count": 2}


def test_what_is_not_read_is_named():
    minutes = "<CumulativeIdleHours><minutes>90</minutes></CumulativeIdleHours>"
    values = told(SOUND + minutes + "<Address>x</Address>", "element_unknown")
    assert values == {"count": 2, "elements": "address, cumulativeidlehours/minutes"}
    assert "idle_hours" not in machine(SOUND + minutes).readings


def test_another_vocabularys_element_is_never_taken_for_the_standards():
    foreign = HOURS.replace("<CumulativeOperatingHours", '<CumulativeOperatingHours xmlns="urn:other"')
    found = machine(HEADER + LOCATION + foreign)
    assert "hours" not in found.readings
    assert "element_unknown" in codes(found)


def test_text_beside_elements_is_told():
    assert "element_unknown" in codes(machine(SOUND.replace("</Hour>", "</Hour> 77")))


@pytest.mark.parametrize(("text", "value"), [("true", 1), ("FALSE", 0), ("1", 1), ("N/A", None), ("running", None)])
def test_the_engine_runs_or_not_or_nobody_knows(text, value):
    found = machine(f'{SOUND}<EngineStatus datetime="{AT}"><Running>{text}</Running></EngineStatus>')
    assert (found.engine and found.engine.value) == value
    assert ("truth_unusable" in codes(found)) == (text == "running")


def test_a_machine_without_any_figure_is_told_once_and_not_figure_by_figure():
    assert codes(machine(HEADER)) == {"nothing_reported"}
    assert codes(machine("")) == {"nothing_reported", "maker_missing", "model_missing", "no_identity"}


def test_one_pin_at_two_machines_is_told_at_both_whatever_its_spelling():
    one, other, third = SOUND, SOUND.replace("P1", "p 1").replace("S1", "S2"), SOUND.replace("P1", "P2")
    found = parse(one, other, third.replace("S1", "S3")).machines
    assert [codes(held) for held in found] == [{"duplicate"}, {"duplicate"}, set()]


def test_one_serial_number_of_two_makers_is_no_duplicate():
    one, other = SOUND.replace("P1", ""), SOUND.replace("P1", "").replace("<OEMName>Maker", "<OEMName>Other")
    assert [codes(held) for held in parse(one, other).machines] == [set(), set()]
    assert [codes(held) for held in parse(one, one).machines] == [{"duplicate"}, {"duplicate"}]


def test_a_machine_a_week_behind_the_newest_is_not_silent_and_a_second_more_is():
    def behind(text: str) -> str:
        return SOUND.replace("P1", "P2").replace("S1", "S2").replace(AT, text)

    assert codes(parse(SOUND, behind("2026-09-14T08:00:00Z")).machines[1]) == set()
    assert codes(parse(SOUND, behind("2026-09-14T07:59:59Z")).machines[1]) == {"silent"}


def test_a_clock_in_the_future_makes_no_other_machine_silent():
    ahead = SOUND.replace("P1", "P2").replace("S1", "S2").replace(AT, "2027-09-21T08:00:00Z")
    assert [codes(held) for held in parse(SOUND, ahead).machines] == [set(), {"time_future"}]


def test_every_sentence_is_in_two_languages_and_belongs_to_a_code_that_is_told():
    source = "".join(path.read_text(encoding="utf-8") for path in Path(aemp.__file__).parent.glob("*.py"))
    for code, sentence in oddities.sentences().items():
        assert f'"{code}"' in source
        assert set(sentence) == {"en", "zh"}
