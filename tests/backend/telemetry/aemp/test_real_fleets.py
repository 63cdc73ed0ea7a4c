"""The two fleets that makers really served. Expected figures were counted with regular expressions over the text."""

import random

import pytest

from backend.errors import HeqiError
from backend.telemetry import aemp
from backend.telemetry.aemp.source import NAMESPACES
from tests.backend.telemetry.aemp.files import KRAMER, NOW, TAKEUCHI


@pytest.fixture(scope="module")
def takeuchi() -> aemp.Snapshot:
    return aemp.parse(TAKEUCHI, NOW)


@pytest.fixture(scope="module")
def kramer() -> aemp.Snapshot:
    return aemp.parse(KRAMER, NOW)


def places(fleet: aemp.Snapshot, code: str) -> list[int]:
    return [found.place for found in fleet.machines if any(oddity.code == code for oddity in found.oddities)]


def days(fleet: aemp.Snapshot, code: str) -> list[tuple[int, int]]:
    told = [(found.place, oddity) for found in fleet.machines for oddity in found.oddities if oddity.code == code]
    return [(place, oddity.values["days"]) for place, oddity in told]


def total(fleet: aemp.Snapshot, name: str) -> tuple[int, int]:
    """How many machines have the figure, and its sum."""
    values = [found.readings[name].value for found in fleet.machines if name in found.readings]
    return len(values), sum(values)


def positions(fleet: aemp.Snapshot) -> tuple[int, int, int]:
    held = [found.position for found in fleet.machines if found.position]
    return len(held), sum(place.latitude for place in held), sum(place.longitude for place in held)


def test_the_files_are_in_the_two_namespaces_of_the_standard():
    assert f'xmlns="{NAMESPACES[0]}"'.encode() in KRAMER
    assert f'xmlns="{NAMESPACES[1]}"'.encode() in TAKEUCHI


def test_the_first_fleet_has_27_machines_and_these_oddities(takeuchi):
    assert len(takeuchi.machines) == 27
    assert takeuchi.counts() == {
        "install_date_implausible": 27,
        "model_missing": 25,
        "capacity_zero": 24,
        "times_apart": 6,
        "nothing_reported": 3,
        "identifier_unusable": 1,
        "no_identity": 1,
    }
    assert places(takeuchi, "nothing_reported") == [1, 6, 27]
    assert places(takeuchi, "no_identity") == [4]
    assert days(takeuchi, "times_apart") == [(8, 9), (11, 1), (12, 2), (15, 9), (16, 1), (19, 1)]


def test_the_first_fleets_figures_are_taken_over_to_the_digit(takeuchi):
    assert total(takeuchi, "hours") == (24, 1_988_030)
    assert total(takeuchi, "fuel") == (24, 1_245_530)
    assert total(takeuchi, "level") == (24, 15_896)
    assert total(takeuchi, "def_level") == (8, 5_240)
    assert positions(takeuchi) == (24, 7_713_955_500, 26_453_760_200)
    assert [found.engine.value for found in takeuchi.machines if found.engine].count(1) == 4


def test_hours_dated_in_a_child_element_have_their_own_time(takeuchi):
    second = takeuchi.machines[1]
    assert second.readings["hours"] == aemp.Reading(23_370, 1_621_508_914)
    assert second.readings["fuel"] == aemp.Reading(15_600, 1_621_508_014)
    assert second.position == aemp.Position(320_787_200, 1_088_554_000, 1_621_508_914)
    assert second.engine == aemp.Reading(1, 1_621_507_077)


def test_no_capacity_and_no_installation_date_is_made_up(takeuchi):
    assert total(takeuchi, "tank") == total(takeuchi, "def_tank") == (0, 0)
    assert {found.installed_at for found in takeuchi.machines} == {None}


def test_the_second_fleet_has_96_machines_and_these_oddities(kramer):
    assert len(kramer.machines) == 96
    assert kramer.counts() == {
        "model_missing": 16,
        "times_apart": 9,
        "maker_missing": 7,
        "no_identity": 7,
        "fuel_sensor_dead": 6,
        "fuel_implausible": 3,
        "silent": 3,
        "part_exceeds_whole": 1,
    }
    assert places(kramer, "maker_missing") == places(kramer, "no_identity") == [2, 53, 54, 67, 78, 84, 92]
    assert places(kramer, "fuel_sensor_dead") == [20, 25, 48, 60, 75, 96]
    assert places(kramer, "fuel_implausible") == [32, 90, 95]
    assert places(kramer, "part_exceeds_whole") == [39]
    assert days(kramer, "silent") == [(16, 79), (54, 16), (57, 23)]
    apart = [(15, 139), (18, 5), (37, 2), (44, 5), (56, 15), (59, 92), (63, 7), (71, 140), (88, 2)]
    assert days(kramer, "times_apart") == apart


def test_the_second_fleets_figures_are_taken_over_to_the_digit(kramer):
    assert total(kramer, "hours") == (96, 16_966_589)
    assert total(kramer, "fuel") == (12, 79_690)
    assert total(kramer, "level") == (10, 7_372)
    assert total(kramer, "distance") == (96, 162_529_900)
    assert positions(kramer) == (96, 31_201_558_900, 106_339_502_200)
    assert [found.engine.value for found in kramer.machines if found.engine].count(1) == 8


def test_the_first_feed_is_whole_and_the_second_has_further_pages(takeuchi, kramer):
    assert not takeuchi.more
    assert kramer.more
    assert kramer.links["last"].endswith("/Fleet/4")


def test_every_oddity_has_a_sentence_in_both_languages(takeuchi, kramer):
    for found in (*takeuchi.machines, *kramer.machines):
        for oddity in found.oddities:
            assert oddity.notice("en") != oddity.notice("zh")
            assert "{" not in oddity.notice("en") + oddity.notice("zh")


def test_a_truncated_file_is_refused_wherever_it_ends():
    for end in range(len(TAKEUCHI) // 2, len(TAKEUCHI.rstrip()), 997):
        with pytest.raises(HeqiError):
            aemp.parse(TAKEUCHI[:end], NOW)


def test_damaged_bytes_end_in_a_named_refusal_or_a_report():
    drawn = random.Random(7)
    for _ in range(150):
        damaged = bytearray(TAKEUCHI[:9_000] + b"</Fleet>")
        for _ in range(drawn.randint(1, 12)):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        try:
            found = aemp.parse(bytes(damaged), NOW)
        except HeqiError as refusal:
            assert refusal.notice("en")
            assert refusal.notice("zh")
        else:
            assert all(oddity.notice("zh") for held in found.machines for oddity in held.oddities)
