"""The two fleets that makers really served. The expected figures were counted with other tools, from the text."""

from pathlib import Path

import pytest

from backend.telemetry import aemp

FLEETS = Path(__file__).parents[4] / "data" / "iot" / "aemp"
NOW = 1_790_000_000


def fleet(name: str) -> aemp.Snapshot:
    return aemp.parse((FLEETS / f"{name}.xml").read_bytes(), NOW)


@pytest.fixture(scope="module")
def takeuchi() -> aemp.Snapshot:
    return fleet("takeuchi_tfm_snapshot")


@pytest.fixture(scope="module")
def kramer() -> aemp.Snapshot:
    return fleet("wacker_neuson_kramer_equipcare_snapshot")


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
