"""Gas, to the unit as committed in benchmarks/gas.json, and within its budgets."""

import json

import pytest

from benchmarks import gas

BUDGETED = [key for key, yardstick in gas.YARDSTICKS.items() if yardstick.budget is not None]


@pytest.fixture(scope="module")
def measured():
    return gas.measure()


def test_the_gas_of_every_operation_is_as_committed(measured):
    """`python -m benchmarks gas --write` commits the new figures after a change that is meant."""
    assert gas.deviations(measured, gas.snapshot()) == []


@pytest.mark.parametrize("key", BUDGETED)
def test_an_operation_keeps_to_its_budget(measured, key):
    assert measured[key] <= gas.YARDSTICKS[key].budget


def test_the_page_of_the_documents_shows_the_committed_figures():
    assert gas.PAGE.read_text(encoding="utf-8") == gas.page(gas.snapshot())


def test_a_life_is_the_sum_of_its_steps(measured):
    steps = ("register", "confirm", "finance", "settle", "collect")
    assert measured["life"] == sum(measured[step] for step in steps)


def test_every_figure_that_deviates_is_named():
    assert gas.deviations({"settle": 10, "new": 1}, {"settle": 8, "old": 2}) == [
        "new: 1 measured, None in gas.json",
        "old: None measured, 2 in gas.json",
        "settle: 10 measured, 8 in gas.json (+2)",
    ]


def test_the_table_shows_every_figure_beside_its_budget_and_peer(measured):
    lines = gas.table(measured).splitlines()[1:]
    assert len(lines) == len(gas.YARDSTICKS)
    for line, (key, yardstick) in zip(lines, gas.YARDSTICKS.items(), strict=True):
        shown = [yardstick.what, f"{measured[key]:,}"]
        shown += [f"{figure:,}" for figure in (yardstick.budget, yardstick.peer) if figure is not None]
        assert all(text in line for text in shown)


def test_the_benchmark_writes_the_snapshot_and_ends_with_its_figures(measured, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(gas, "measure", lambda: measured)
    monkeypatch.setattr(gas, "SNAPSHOT", tmp_path / "gas.json")
    monkeypatch.setattr(gas, "PAGE", tmp_path / "gas.md")
    gas.main(["--write"])
    last_line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last_line["gas"] == gas.snapshot() == measured
    assert last_line["ratio_to_peer"]["finance"] == round(406_000 / measured["finance"], 2)
