"""`docs/aemp-import.md` says what the importer does."""

import re
from pathlib import Path

from backend.telemetry.aemp import source
from backend.telemetry.aemp.elements import ELEMENTS, IMPERIAL_GALLON, MILE, US_GALLON
from backend.telemetry.aemp.oddities import sentences

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
