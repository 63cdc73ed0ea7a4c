"""The documents keep what they promise: figures come from the exact model, links lead somewhere."""

import json
import re
from pathlib import Path

import pytest

from backend.rent import ENDLESS, Tier
from tests.line_model import Conditions, LineModel, units_up
from tests.model import Facility, Terms, ceil_div, midnight, quote, share_down
from tests.rent_model import RentModel

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "README.md"])
SPECIFICATION = (ROOT / "docs" / "receivables.md").read_text(encoding="utf-8")
CREDIT = (ROOT / "docs" / "credit.md").read_text(encoding="utf-8")
LEASING = (ROOT / "docs" / "leasing.md").read_text(encoding="utf-8")
GRADE_A = Terms(advance_bps=9_000, annual_rate_bps=435, fee_bps=20)
FACILITY = Facility(basis=360, grace_days=3, late_rate_bps=1_800, late_cap_bps=1_000, overdue_impairment_bps=2_500)


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def row(figure: str) -> str:
    return next(line for line in SPECIFICATION.splitlines() if line.startswith(f"| {figure} |") and "¥" not in line)


def test_the_worked_offer_is_what_the_model_computes():
    offer = quote(100_000_000, GRADE_A, FACILITY, 20_000, 20_090)
    figures = {"advance": offer.advance, "discount": offer.discount, "fee": offer.fee, "remainder": offer.remainder}
    example = SPECIFICATION[SPECIFICATION.index("## 6.") :]
    for name, amount in figures.items():
        line = next(line for line in example.splitlines() if line.startswith(f"| {name} |"))
        assert line.endswith(f"| {yuan(amount)} |")
    assert f"**{yuan(offer.net)}**" in example
    assert f"| {offer.all_in_rate_bps / 100:.2f} % |" in example


def test_the_worked_settlement_is_shared_in_proportion():
    faces, paid = [50_000_000, 30_000_000, 20_000_000], 60_000_000
    shares = ", ".join(yuan(paid * face // sum(faces)) for face in faces[:2])
    assert f"{shares} and {yuan(paid * faces[2] // sum(faces))}" in SPECIFICATION


def test_the_worked_late_interest_and_what_is_left_for_the_holder():
    advance = share_down(30_000_000, GRADE_A.advance_bps)
    late = ceil_div(advance * (13 - FACILITY.grace_days) * FACILITY.late_rate_bps, 10_000 * FACILITY.basis)
    assert row("late interest").endswith(f"| {yuan(late)} |")
    assert row("to the treasury").endswith(f"| {yuan(advance + late)} |")
    assert row("to the holder").endswith(f"| {yuan(30_000_000 - advance - late)} |")


def test_the_worked_line_is_what_the_model_computes():
    line = LineModel(Conditions(360, 30, 10, instalment_bps=1_000, late_rate_bps=900), day=0, limit=20_000_000)
    line.draw(10_000_000, rate_bps=480)
    line.advance(12)
    second = line.quote(5_000_000, rate_bps=600, fee_bps=0)
    line.draw(5_000_000, rate_bps=600)
    line.advance(36)
    first_bill = line.statements[0]
    line.pay(first_bill.interest + first_bill.principal)
    waiting = units_up(line.interest)
    line.advance(75)
    second_bill = line.statements[1]
    assert (first_bill.due_day, second_bill.due_day) == (40, 70)
    for text in (
        f"| {yuan(second.interest_per_day)} |",
        f"| {second.average_rate_bps / 100:.2f} % |",
        f"18 ÷ 360 | {yuan(first_bill.interest)} |",
        f"150,000.00 × 10 % | {yuan(first_bill.principal)} |",
        f"**{yuan(first_bill.interest + first_bill.principal)}**",
        f"six days' interest of {yuan(waiting)} waits",
        f"{yuan(line.drawn)} stay drawn, at the average rate: {yuan(units_up(line.per_day))} a day",
        f"24 × 19.50 | {yuan(second_bill.interest)} |",
        f"135,000.00 × 10 % | {yuan(second_bill.principal)} |",
        f"**{yuan(line.overdue)}**",
        f"| {yuan(units_up(line.late))} |",
        f"15 × 19.50 | {yuan(units_up(line.interest))} |",
        f"**{yuan(line.owed)}**",
        f"could have risen to {yuan(line.rise_cap)} on day 30",
    ):
        assert text in CREDIT, text


def test_the_worked_weeks_of_a_lease_are_what_the_models_compute():
    tiers = [Tier(1_000, 26_000), Tier(2_500, 21_500), Tier(ENDLESS, 17_000)]
    lease = RentModel(tiers, 1_200_000, 3_200_000, 26, 14, 7, 1_800, now=midnight(20_500))

    def settle(day: int, tenths: int) -> None:
        lease.settle(midnight(20_500 + day), tenths, midnight(20_500 + day))

    settle(14, 924)
    first = lease.bills[0]
    settle(15, 924)
    lease.pay(lease.owed)
    settle(28, 1_804)
    second, per_hour = lease.bills[1], lease.charged * 10 / 1_804
    settle(40, 1_804)
    terms = Terms(advance_bps=8_000, annual_rate_bps=495, fee_bps=30)
    base = min(65_000_000, 26 * 1_200_000)
    principal = share_down(base, terms.advance_bps)
    assert principal < base * 3_600_000 // (3_600_000 + terms.annual_rate_bps * 26 * 14)
    interest = ceil_div(principal * terms.annual_rate_bps * 15, 3_600_000)
    fee = ceil_div(principal * terms.fee_bps, 10_000)
    charge = first.fixed + first.variable
    assert (second.close_day, second.due_day) == (20_528, 20_535)
    for text in (
        f"92.4 × 260.00 | {yuan(charge)} |",
        f"of which fixed | {yuan(first.fixed)} |",
        f"of which variable | {yuan(first.variable)} |",
        f"80.4 × 215.00 = {yuan(lease.charged)}, less what was charged | {yuan(second.fixed + second.variable)} |",
        f"on average | {per_hour / 100:.2f} |",
        f"rounded up | {yuan(units_up(lease.late))} |",
        f"**{yuan(lease.owed)}**",
        f"26 periods × 12,000.00 | {yuan(base)} |",
        f"on the last day | {yuan(principal)} |",
        f"principal × 0.30 %, up | {yuan(fee)} |",
        f"**{yuan(principal - fee)}**",
        f"15 × 4.95 % ÷ 360, up | {yuan(interest)} |",
        f"({yuan(charge)} − {yuan(interest)}) | {yuan(principal - (charge - interest))} |",
    ):
        assert text in LEASING, text


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_gas_figures_of_the_readme_are_the_committed_ones(readme):
    gas = json.loads((ROOT / "benchmarks" / "gas.json").read_text(encoding="utf-8"))
    keys = (
        "register",
        "confirm",
        "split2",
        "finance",
        "settle",
        "line_draw",
        "line_repay",
        "score500",
        "device1000",
        "alarm",
        "rent_settle",
    )
    shown = [gas[key] for key in keys]
    table = re.findall(r"^\| [^|]+ \| ([\d,]+) \| [\d,]+ \|", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(figure.replace(",", "")) for figure in table] == shown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []
