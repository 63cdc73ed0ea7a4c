"""The specification of the moving limit says what the code does."""

import re

from backend import figures
from backend.scoring import scale
from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.limit import POLICY, RULES, moved, proposed
from backend.scoring.merchants.limit_policy import Steps
from backend.scoring.modelspec import ROOT

SPECIFICATION = (ROOT / "docs" / "moving-limit.md").read_text(encoding="utf-8")
LINES = {
    "turnover of a year": "yearly_turnover",
    "turnover of a month": "monthly_turnover",
    "revenue share": "revenue_share",
    "days that money is tied up": "cycle_days",
    "working capital": "working_capital",
    "grade multiple": "grade_multiple",
    "expected loss accepted": "loss_allowed",
    "expected-loss cap": "expected_loss",
    "product cap": "product_cap",
    "lowest of the five": "lowest_cap",
    "kept for volatility": "after_volatility",
    "kept for concentration": "after_concentration",
    "limit": "limit",
}
SHOP = LimitFacts(
    turnover_30=200_000_00,
    turnover_90=600_000_00,
    turnover_365=2_400_000_00,
    tenure_days=700,
    volatility_bps=3_500,
    concentration_bps=2_500,
    inventory_days=20,
)
PD_PPM = 30_000


def section(number):
    return SPECIFICATION[SPECIFICATION.index(f"## {number}.") :].split("\n## ")[0]


def row(head):
    line = next(line for line in SPECIFICATION.splitlines() if line.startswith(f"| {head} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def percents(cells):
    return [int(cell.removesuffix(" %")) * 100 for cell in cells]


def test_the_quoted_policy_is_the_one_in_force():
    assert POLICY.hash in SPECIFICATION


def test_the_table_of_constants_is_the_policy():
    assert {name: int(value) for name, value in re.findall(r"`(\w+)` \| (\d+)", section(2))} == POLICY.constants


def test_every_figure_that_a_formula_reads_is_explained():
    explained = set(re.findall(r"`(\w+)`", "\n".join(line for line in SPECIFICATION.splitlines() if line[:3] == "| `")))
    read = {name for rule in RULES for name in rule.reads}
    assert read - {rule.id for rule in RULES} - explained == set()


def test_the_tables_by_grade_and_step_are_the_policy():
    multiples = [round(float(cell) * 10_000) for cell in row("months of turnover")]
    assert dict(zip(row("grade"), multiples, strict=True)) == POLICY.grade_multiple_bps
    for head, steps in (("volatility", POLICY.volatility_steps), ("largest buyer", POLICY.concentration_steps)):
        table = section(2)[section(2).index(f"| {head} from |") :]
        kept = next(line for line in table.splitlines() if line.startswith("| kept |")).strip("| ").split(" | ")[1:]
        assert pairs(percents(row(f"{head} from")), percents(kept)) == steps_as_pairs(steps)


def pairs(froms, keeps):
    return list(zip(froms, keeps, strict=True))


def steps_as_pairs(steps: Steps):
    return [(step.from_bps, step.keep_bps) for step in steps]


def test_every_line_of_the_worked_example_is_what_the_code_computes():
    proposal = proposed(SHOP, scale.score(PD_PPM), PD_PPM)
    assert f"(score {scale.score(PD_PPM)}, grade {proposal.grade})" in SPECIFICATION
    example = dict(re.findall(r"^\| ([^|]+) \| ([\d,.]+) \|", section(3), re.MULTILINE))
    assert set(example) == set(LINES)
    for line in proposal.lines:
        shown = next(example[name] for name, id in LINES.items() if id == line.id)
        assert shown == (str(line.result) if line.id == "cycle_days" else figures.amount(line.result))


def test_the_worked_climb_is_what_daily_evaluations_give():
    proposal, history = proposed(SHOP, scale.score(PD_PPM), PD_PPM), []
    for day in range(151):
        history.append(moved(history, proposal, day))
    climb = section(3)[section(3).index("If nothing changes") :]
    shown = re.findall(r"(\d[\d,]*\.\d\d)", climb)
    assert shown == [figures.amount(history[day].granted) for day in range(0, 151, 30)]
