"""`docs/fleet-comparison.md` says what the nightly comparison does."""

from pathlib import Path

from backend.telemetry.fleet import days, peers
from backend.telemetry.fleet.days import FIGURES

TEXT = (Path(__file__).parents[3] / "docs" / "fleet-comparison.md").read_text(encoding="utf-8")
UNITS = {"hours": "0.01 h", "fuel_rate": "0.1 l/h", "distance": "1 m", "night_distance": "1 m"}
SIDES = {1: "more", 0: "more or less", -1: "less"}


def test_the_table_of_figures_is_that_of_the_comparison():
    table = TEXT[TEXT.index("| figure |") :].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table]
    assert [(name, unit, spread, side) for name, _, unit, spread, side in cells] == [
        (f"`{figure.name}`", UNITS.get(figure.name, "0.1 %"), f"{figure.spread:.0f}", SIDES[figure.side])
        for figure in FIGURES
    ]


def test_the_limits_are_those_of_the_comparison():
    for said in (
        f"at least {days.LEAST_HOURS / 100} h",
        f"below {days.STANDSTILL // 10} km/h",
        f"at most {days.GOOD_ACCURACY // 10} m and at least {days.GOOD_SATELLITES} satellites",
        f"over {peers.WINDOW_DAYS} days",
        f"fewer than {peers.LEAST_PEERS} machines",
        f"has {peers.LEAST_OWN_DAYS} days of it",
        f"{peers.TREES} trees",
        f"needs {peers.LEAST_MACHINES} machines and {peers.LEAST_ROWS} days",
        f"a deviation of {peers.ODD_Z:g} or more",
        f"of {peers.TOLD_Z:g} or more where the forest's score is {str(peers.ODD_SCORE).lstrip('0')} or more",
    ):
        assert said in TEXT
