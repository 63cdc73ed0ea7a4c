"""Simulated machines behave like those of two real fleets and two recorded walks."""

import pytest

from backend.scoring.modelspec import ROOT
from backend.telemetry.simulator import calibration
from backend.telemetry.simulator.calibration import Comparison
from backend.telemetry.simulator.sites import LATITUDES, LONGITUDES
from backend.telemetry.simulator.tracks import Spot, deviations


@pytest.fixture(scope="module")
def compared() -> list[Comparison]:
    return calibration.compare()


def test_every_figure_is_within_its_bound_of_the_real_one(compared: list[Comparison]) -> None:
    for each in compared:
        assert each.worst <= each.bound, f"{each.figure}: {each.worst:.2f}"


def test_the_table_in_the_documents_is_fresh(compared: list[Comparison]) -> None:
    assert calibration.table(compared) in (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_the_machines_compared_are_as_many_as_the_table_says(compared: list[Comparison]) -> None:
    assert [int(each.source.split()[0]) for each in compared] == [each.count for each in compared]


def test_fences_lie_where_the_real_fleets_are() -> None:
    found = [machine.position for machine in calibration.machines() if machine.position]
    for degrees, (low, high) in (
        ([position.latitude / 1e7 for position in found], LATITUDES),
        ([position.longitude / 1e7 for position in found], LONGITUDES),
    ):
        assert low <= min(degrees) <= low + 0.1 and high - 0.1 <= max(degrees) <= high


def test_even_motion_has_no_deviation_and_a_step_aside_has_its_own() -> None:
    straight = [Spot(10.0 * place, 31 + place * 1e-4, 110) for place in range(3)]
    assert next(deviations(straight)) == pytest.approx(0, abs=1e-6)
    aside = [straight[0], straight[1]._replace(longitude=110.0001), straight[2]]
    assert next(deviations(aside)) == pytest.approx(9.53, abs=0.01)


def test_points_far_apart_in_time_are_not_compared() -> None:
    assert not list(deviations([Spot(40.0 * place, 31, 110) for place in range(3)]))
