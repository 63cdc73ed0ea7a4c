"""What a merchant's figures support: every line by hand, every bound, and nothing that favours the merchant."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.scoring import scale
from backend.scoring.merchants import limit, limit_policy
from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.limit import POLICY, Role, proposed
from backend.scoring.merchants.limit_policy import LimitPolicyInvalid

SHOP = LimitFacts(
    turnover_30=20_000_000,
    turnover_90=60_000_000,
    turnover_365=240_000_000,
    tenure_days=700,
    volatility_bps=3_500,
    concentration_bps=2_500,
    inventory_days=20,
)
PD_PPM = 30_000
STEP = {"from_bps": 0, "keep_bps": 9_000}
AMOUNT = st.integers(min_value=0, max_value=10**12)
FACTS = st.builds(
    LimitFacts,
    turnover_30=AMOUNT,
    turnover_90=AMOUNT,
    turnover_365=AMOUNT,
    tenure_days=st.integers(0, 5_000),
    volatility_bps=st.integers(0, 40_000),
    concentration_bps=st.integers(0, 10_000),
    inventory_days=st.none() | st.integers(0, 1_000),
)
PPM = st.integers(1, scale.MILLION - 1)
EVERY = settings(max_examples=150, deadline=None)


def propose(facts=SHOP, pd_ppm=PD_PPM, policy=POLICY):
    return proposed(facts, scale.score(pd_ppm), pd_ppm, policy)


def results(proposal):
    return {line.id: line.result for line in proposal.lines}


def binding(proposal):
    return {line.id for line in proposal.lines if line.binds}


def changed(**figures):
    return POLICY.model_copy(update=figures)


def with_content(tmp_path, change):
    content = json.loads(limit_policy.FILE.read_bytes())
    change(content)
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_every_line_of_a_proposal_is_what_a_person_computes():
    assert scale.grade(scale.score(PD_PPM)) == "B"
    assert results(propose()) == {
        "yearly_turnover": 240_000_000,  # the pace of 90 days, 60,000,000 x 365 / 90 = 243,333,333, is more
        "monthly_turnover": 20_000_000,  # 60,000,000 / 3
        "revenue_share": 36_000_000,  # 15 % of a year
        "cycle_days": 40,  # 20 in stock + 20 receivable - 10 payable + 10 prepaid
        "working_capital": 14_400_000,  # 240,000,000 x 90 % x 40 / 360 = 24,000,000, less 30 % own and 10 % other money
        "grade_multiple": 30_000_000,  # 1.5 months
        "loss_allowed": 1_200_000,  # 0.5 % of a year
        "expected_loss": 66_666_666,  # 1,200,000 / (3 % x 60 %)
        "product_cap": 100_000_000,
        "lowest_cap": 14_400_000,
        "after_volatility": 12_960_000,  # 90 % from 30 % volatility on
        "after_concentration": 11_664_000,  # 90 % from a share of 20 % on
        "limit": 11_660_000,  # whole hundreds of yuan
    }
    assert binding(propose()) == {"working_capital", "after_volatility", "after_concentration"}


@EVERY
@given(facts=FACTS, pd_ppm=PPM)
def test_the_formula_of_a_line_over_its_inputs_gives_its_result(facts, pd_ppm):
    for line in propose(facts, pd_ppm).lines:
        assert eval(line.formula, {"min": min, "max": max}, dict(line.inputs)) == line.result


@EVERY
@given(facts=FACTS, pd_ppm=PPM)
def test_a_line_reads_only_what_stands_above_it_or_in_facts_and_policy(facts, pd_ppm):
    proposal = propose(facts, pd_ppm)
    for place, line in enumerate(proposal.lines):
        above = {earlier.id: earlier.result for earlier in proposal.lines[:place]}
        assert not {later.id for later in proposal.lines[place:]} & set(line.inputs)
        assert all(line.inputs[name] == above[name] for name in set(line.inputs) & set(above))


@EVERY
@given(facts=FACTS, pd_ppm=PPM)
def test_the_limit_is_below_every_cap_and_its_expected_loss_is_accepted(facts, pd_ppm):
    proposal = propose(facts, pd_ppm)
    caps = [line.result for line in proposal.lines if line.role is Role.CAP]
    assert len(caps) == 5
    assert 0 <= proposal.limit <= min(caps)
    assert proposal.limit % POLICY.step_fen == 0
    assert proposal.limit == 0 or proposal.limit >= POLICY.least_fen
    loss = proposal.limit * pd_ppm * POLICY.lgd_bps
    assert loss <= results(proposal)["loss_allowed"] * scale.MILLION * limit_policy.WHOLE


@EVERY
@given(facts=FACTS, pd_ppm=PPM, more=AMOUNT, field=st.sampled_from(["turnover_30", "turnover_90", "turnover_365"]))
def test_more_turnover_never_lowers_the_limit(facts, pd_ppm, more, field):
    grown = replace(facts, **{field: getattr(facts, field) + more})
    assert propose(grown, pd_ppm).limit >= propose(facts, pd_ppm).limit


@EVERY
@given(facts=FACTS, pd_ppm=PPM, worse=PPM)
def test_a_higher_probability_of_default_never_raises_the_limit(facts, pd_ppm, worse):
    assert propose(facts, max(pd_ppm, worse)).limit <= propose(facts, pd_ppm).limit


@EVERY
@given(facts=FACTS, more=st.integers(0, 20_000), field=st.sampled_from(["volatility_bps", "concentration_bps"]))
def test_more_volatility_or_concentration_never_raises_the_limit(facts, more, field):
    shakier = replace(facts, **{field: getattr(facts, field) + more})
    assert propose(shakier).limit <= propose(facts).limit


@pytest.mark.parametrize(
    ("binds", "facts", "pd_ppm", "policy"),
    [
        ("revenue_share", replace(SHOP, inventory_days=110), PD_PPM, changed(revenue_share_bps=1_000)),
        ("working_capital", SHOP, PD_PPM, POLICY),
        ("grade_multiple", replace(SHOP, inventory_days=110), 100_000, POLICY),
        ("expected_loss", replace(SHOP, inventory_days=110), 110_000, changed(loss_share_bps=30)),
        ("product_cap", SHOP, PD_PPM, changed(product_cap_fen=6_000_000)),
    ],
)
def test_each_of_the_five_caps_can_be_the_one_that_binds(binds, facts, pd_ppm, policy):
    proposal = propose(facts, pd_ppm, policy)
    assert binding(proposal) & {line.id for line in proposal.lines if line.role is Role.CAP} == {binds}
    assert results(proposal)["lowest_cap"] == results(proposal)[binds]


def test_without_stock_records_a_short_stay_in_stock_is_assumed():
    unknown = propose(replace(SHOP, inventory_days=None))
    assert unknown == propose(replace(SHOP, inventory_days=POLICY.unknown_inventory_days))
    assert unknown.limit < propose().limit


def test_a_pile_of_stock_counts_for_no_more_than_the_most_days():
    assert propose(replace(SHOP, inventory_days=5_000)) == propose(
        replace(SHOP, inventory_days=POLICY.most_inventory_days)
    )


def test_who_is_paid_before_paying_needs_no_working_capital():
    early = propose(replace(SHOP, inventory_days=0), policy=changed(received_ahead_days=90))
    assert results(early)["cycle_days"] == 0
    assert early.limit == 0


def test_a_weak_last_month_pulls_the_limit_before_the_quarter_does():
    weak = results(propose(replace(SHOP, turnover_30=4_000_000)))
    assert weak["monthly_turnover"] == 6_000_000  # 1.5 x the last 30 days
    assert weak["yearly_turnover"] == 73_000_000  # 6,000,000 x 365 / 30


def test_a_shop_with_more_refunds_than_sales_gets_nothing():
    assert propose(replace(SHOP, turnover_30=-1, turnover_90=-50, turnover_365=-5_000_000)).limit == 0


def test_a_haircut_that_keeps_all_does_not_bind():
    calm = propose(replace(SHOP, volatility_bps=2_999, concentration_bps=1_999))
    assert binding(calm) == {"working_capital"}


def test_the_least_limit_does_not_bind_where_there_is_nothing_to_round():
    assert "limit" not in binding(propose(replace(SHOP, turnover_30=0)))


def test_a_grade_that_is_refused_gets_nothing():
    proposal = propose(pd_ppm=400_000)
    assert proposal.grade == "F"
    assert proposal.limit == 0
    assert "grade_multiple" in binding(proposal)


def test_a_limit_below_the_least_is_none_and_the_least_itself_stands():
    least = propose(policy=changed(least_fen=11_664_000))
    above = propose(policy=changed(least_fen=11_664_001))
    assert (least.limit, above.limit) == (11_660_000, 0)
    assert "limit" in binding(above) - binding(least)


@pytest.mark.parametrize(
    ("measure_bps", "keeps"),
    [(-1, 10_000), (0, 10_000), (2_999, 10_000), (3_000, 9_000), (5_999, 9_000), (9_999, 7_500), (10**6, 5_000)],
)
def test_a_haircut_changes_at_its_step(measure_bps, keeps):
    assert limit.kept(POLICY.volatility_steps, measure_bps) == keeps


def test_every_line_has_a_name_in_both_languages():
    names = [(rule.en, rule.zh) for rule in limit.RULES]
    assert all(en.isascii() or "×" in en for en, _ in names)
    assert all(any("一" <= letter <= "鿿" for letter in zh) for _, zh in names)
    assert len(set(names)) == len(limit.RULES)


def test_the_policy_is_quoted_by_the_hash_of_its_file(tmp_path):
    assert propose().policy_hash == POLICY.hash
    other = limit_policy.load(with_content(tmp_path, lambda content: content.update(rise_bps=1_900)))
    assert other.hash != POLICY.hash


@pytest.mark.parametrize(
    ("figures", "place", "rule"),
    [
        ({"margin_bps": 10.5}, "margin_bps", "valid integer"),
        ({"margin_bps": "1000"}, "margin_bps", "valid integer"),
        ({"margin_bps": 10_001}, "margin_bps", "less than or equal to 10000"),
        ({"lgd_bps": 0}, "lgd_bps", "greater than 0"),
        ({"discount_bps": 1}, "discount_bps", "Extra inputs"),
        ({"grade_multiple_bps": {"A": 1, "B": 2, "C": 0, "D": 0, "E": 0, "F": 0}}, "policy", "fall"),
        ({"grade_multiple_bps": {"A": 2, "B": 1}}, "policy", "every grade"),
        ({"volatility_steps": []}, "volatility_steps", "at least 1"),
        ({"volatility_steps": [{"from_bps": 1, "keep_bps": 9_000}]}, "policy", "start at 0"),
        ({"volatility_steps": [STEP, STEP | {"from_bps": 9}]}, "policy", "keep less and less"),
        ({"volatility_steps": [STEP, STEP | {"keep_bps": 9}]}, "policy", "rise"),
        ({"own_funds_bps": 9_500}, "policy", "exceed the need"),
        ({"product_cap_fen": 4_999_999}, "policy", "opening_fen"),
        ({"opening_fen": 100_000}, "policy", "opening_fen"),
        ({"rise_bps": 300}, "policy", "reach least_fen"),
        ({"step_fen": 30_000}, "policy", "multiple of step_fen"),
    ],
)
def test_a_policy_that_does_not_hold_together_is_refused_with_the_place(tmp_path, figures, place, rule):
    with pytest.raises(LimitPolicyInvalid) as refused:
        limit_policy.load(with_content(tmp_path, lambda content: content.update(figures)))
    assert refused.value.values["place"] == place
    assert rule in refused.value.values["rule"]
    assert place in refused.value.notice("zh")


def test_a_missing_constant_is_refused_by_name(tmp_path):
    with pytest.raises(LimitPolicyInvalid) as refused:
        limit_policy.load(with_content(tmp_path, lambda content: content.pop("lgd_bps")))
    assert refused.value.values["place"] == "lgd_bps"


@EVERY
@given(fen=st.integers(0, 2**96 - 1))
def test_the_code_on_chain_never_rounds_up_and_loses_less_than_a_six_thousandth(fen):
    limit_code = limit.code(fen)
    back = limit.decode(limit_code)
    assert 0 <= limit_code < 2**24
    assert back <= fen < back + 100 or fen - back <= fen // 6_553 + 100
    assert limit.code(back) == limit_code


@pytest.mark.parametrize(
    ("fen", "limit_code"),
    [
        (0, 0),
        (99, 0),
        (100, 1 << 8),
        (6_553_599, 65_535 << 8),
        (6_553_600, 6_553 << 8 | 1),
        (100_000_000, 10_000 << 8 | 2),
    ],
)
def test_the_code_at_the_edge_of_its_mantissa(fen, limit_code):
    assert limit.code(fen) == limit_code


@EVERY
@given(facts=FACTS, pd_ppm=PPM)
def test_what_is_proposed_reaches_the_chain_to_the_unit(facts, pd_ppm):
    fen = propose(facts, pd_ppm).limit
    assert limit.decode(limit.code(fen)) == fen
