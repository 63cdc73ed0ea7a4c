"""`docs/aemp-import.md` says what the importer does."""

import re
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from backend.telemetry import aemp
from backend.telemetry.aemp import source
from backend.telemetry.aemp.elements import ELEMENTS, IMPERIAL_GALLON, MILE, US_GALLON
from backend.telemetry.aemp.oddities import sentences
from backend.telemetry.rules import ruleset
from tests.backend.telemetry.aemp.files import KRAMER, NOW, TAKEUCHI, codes

TEXT = (Path(__file__).parents[4] / "docs" / "aemp-import.md").read_text(encoding="utf-8")

USE = re.compile(r"telemetry\.aemp|import aemp")


def rows(heading: str) -> list[list[str]]:
    """Cells of the table's rows under a heading."""
    table = TEXT[TEXT.index(heading) :].split("\n\n| ", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]


def test_the_table_of_readings_is_the_importers():
    expected = [
        [f"`{element.name}`", f"`{element.element}/{element.field}`", element.measure.unit, str(element.measure.most)]
        for element in ELEMENTS
    ]
    assert rows("## What is read") == expected


def test_the_table_of_oddities_is_the_importers():
    expected = [[f"`{code}`", f"{sentence['en']} {sentence['zh']}"] for code, sentence in sentences().items()]
    assert rows("## Oddities") == expected


def test_the_units_and_limits_are_the_importers():
    for factor in (US_GALLON, IMPERIAL_GALLON, MILE):
        assert str(factor) in TEXT
    limits = f"more than {source.MOST_BYTES >> 20} MB, {source.MOST_VALUES:,} values, {source.MOST_TEXT:,} characters"
    assert limits in TEXT
    assert f"nesting deeper than {source.MOST_DEPTH}" in TEXT
    assert re.findall(r"`(http\S+15143\S+)`", TEXT) == list(source.NAMESPACES)


def test_no_meter_rule_oracle_or_gate_reads_an_import():
    """Unsigned figures have trust level 0. The simulator takes its burn rates from them."""
    backend = Path(__file__).parents[4] / "backend"
    users = [path for path in backend.rglob("*.py") if USE.search(path.read_text(encoding="utf-8"))]
    assert {path.parent.name for path in users} == {"aemp", "simulator"}


def rates(fleet: bytes) -> list[float]:
    """Litres an hour over lives, of machines whose counter works."""
    machines = aemp.parse(fleet, NOW).machines
    sound = [held for held in machines if not codes(held) & {"fuel_sensor_dead", "fuel_implausible"}]
    lives = [held.readings for held in sound if {"fuel", "hours"} <= held.readings.keys()]
    return [10 * life["fuel"].value / life["hours"].value for life in lives]


@pytest.mark.parametrize(("name", "fleet"), [("Takeuchi", TAKEUCHI), ("Kramer", KRAMER)])
def test_the_table_of_fuel_per_hour_is_that_of_the_real_fleets(name, fleet):
    found = rates(fleet)
    middle = median(found)
    deviation = median(abs(rate - middle) for rate in found)
    tenths = np.percentile(found, [10, 90])
    figures = (min(found), tenths[0], middle, tenths[1], max(found), deviation)
    assert f"| {name}, l/h | {len(found)} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |" in TEXT


def test_what_is_said_of_the_fuel_rules_prior_is_so():
    found = rates(TAKEUCHI)
    middle = median(found)
    begins = middle + 5 * 1.4826 * median(abs(rate - middle) for rate in found)
    assert f"begin at {begins:.2f} l/h" in TEXT
    assert f"it begins at {begins / middle:.1f} times the median" in TEXT
    assert max(found) < begins
    assert sum(rate > 1.35 * middle for rate in found) == 4
    assert "it would call 4 of them odd" in TEXT
    medians = [prior.median / 1_000 for name, prior in ruleset.load().models.items() if name.startswith("excavator")]
    shares = [min((rate / each for each in medians), key=lambda share: abs(share - 1)) for rate in found]
    assert f"between {min(shares):.2f} and {max(shares):.2f} times the nearest median" in TEXT
    assert f"({', '.join(f'{each:.1f}' for each in medians)} l/h for 5, 9 and 15 t)" in TEXT
    for prior in ruleset.load().models.values():
        assert prior.mad / prior.median == pytest.approx(0.15, abs=0.01)
    assert f"{10 / min(found):.1f} h for the most frugal" in TEXT
