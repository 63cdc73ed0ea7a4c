"""docs/telemetry-rules.md says what the rules do."""

import json
import re

from backend.telemetry.rules import annex, polygon
from backend.telemetry.rules.lifecycle import LONGEST_SHELVING_S
from backend.telemetry.rules.ruleset import TERMS, hash_of, load
from scripts.rules_tables import DOCUMENT, FIGURES, tables, written

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_tables_are_fresh():
    assert written(TEXT) == TEXT
    assert all(table in TEXT for table in tables().values())


def test_every_rule_has_its_section():
    assert re.findall(r"^### `(\w+)`", TEXT, re.MULTILINE) == list(TERMS)


def test_no_figure_is_described_that_no_rule_has():
    terms = load().rules.values()
    used = {name for rule in terms for term in (rule.reading, rule.activation, rule.hysteresis) for name in term}
    used |= {name for rule in terms for rung in rule.ladder for name in rung.any}
    used |= {*load().fixes.__struct_fields__, *load().flapping.__struct_fields__}
    assert FIGURES.keys() == used


def test_the_example_of_an_annex_is_valid():
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert annex.parse(example.encode()).hash == hash_of(json.loads(example))


def test_the_limits_are_the_real_ones():
    limits = {"at most 500 points": polygon.MOST_POINTS == 500, "seven days": LONGEST_SHELVING_S == 7 * 86_400}
    assert [stated for stated, holds in limits.items() if not holds or stated not in TEXT] == []
