"""A model is used once two people stand for it on chain and its figures are good enough."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend.scoring import model, promotion, registry
from backend.scoring.__main__ import main
from backend.scoring.errors import PromotionRefused
from backend.scoring.registry import Registered
from tests.anvil import LOCAL_CHAIN_ID
from tests.backend.market import ADDRESSES, Market

NAME, NUMBER = "merchant", 10
TODAY = date(2026, 12, 1)
PROPOSER, APPROVER = ADDRESSES["bank"], ADDRESSES["stranger"]
ADMIN_ROLE = 0


@pytest.fixture(scope="module")
def shipped():
    return model.load(NAME)


@pytest.fixture(scope="module")
def report():
    return model.load_report(NAME)


@pytest.fixture
def registered(shipped):
    return Registered(shipped.model_hash, True, False, PROPOSER, APPROVER, chain_id=31337, block=7)


def decide(scorer, report, registered, incumbent=None, today=TODAY):
    done = promotion.checks(scorer, report, incumbent, registered, today)
    return promotion.record(scorer, NUMBER, done, registered, today)


def worse(report, **held_out):
    measured = {name: {**own, "value": held_out.get(name, own["value"])} for name, own in report["held_out"].items()}
    return {**report, "held_out": measured}


def test_the_shipped_model_is_promoted_with_both_names_on_the_record(shipped, report, registered):
    written = decide(shipped, report, registered)
    assert (written["proposer"], written["approver"]) == (PROPOSER, APPROVER)
    assert (written["model_hash"], written["model_id"], written["block"]) == (shipped.model_hash, NUMBER, 7)
    assert all(check["passed"] for check in written["checks"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hash": "0x" + "ab" * 32}, "the registered hash is the shipped one"),
        ({"approved": False, "approver": None}, "approved and not retired"),
        ({"retired": True}, "approved and not retired \\(retired\\)"),
        ({"approver": PROPOSER}, "two different people"),
        ({"approver": None}, "approved by nobody"),
    ],
)
def test_what_the_chain_does_not_confirm_is_not_promoted(shipped, report, registered, change, reason):
    with pytest.raises(PromotionRefused, match=reason):
        decide(shipped, report, replace(registered, **change))


@pytest.mark.parametrize(
    ("held_out", "reason"),
    [({"auc": 0.7}, "AUC not below that of the baseline"), ({"ece": 0.031}, "ECE at most 0.03")],
)
def test_a_model_that_is_not_good_enough_is_not_promoted(shipped, report, registered, held_out, reason):
    with pytest.raises(PromotionRefused, match=reason):
        decide(shipped, worse(report, **held_out), registered)


def test_a_model_that_ranks_worse_than_the_one_in_use_is_not_promoted(shipped, report, registered):
    auc = report["held_out"]["auc"]["value"]
    assert decide(shipped, report, registered, incumbent=worse(report, auc=auc + 0.001))
    with pytest.raises(PromotionRefused, match="the model in use"):
        decide(shipped, report, registered, incumbent=worse(report, auc=auc + 0.01))


def test_a_broken_promise_of_direction_a_foreign_report_and_expiry_are_refused(shipped, report, registered):
    with pytest.raises(PromotionRefused, match="promised direction"):
        decide(shipped, {**report, "monotone": {"tenure": 1}}, registered)
    with pytest.raises(PromotionRefused, match="the report is of this model"):
        decide(shipped, {**report, "model_hash": "0x00"}, registered)
    assert decide(shipped, report, registered, today=shipped.expires_on)
    with pytest.raises(PromotionRefused, match="expired"):
        decide(shipped, report, registered, today=shipped.expires_on + timedelta(days=1))


def test_the_chain_tells_who_registered_and_who_approved(node, shipped):
    market, number = Market(node), 77
    market.send("bank", "Authority", "grantRole", ADMIN_ROLE, APPROVER, 0)
    assert registry.read(market.rpc, market.suite, number).proposer is None
    market.send("bank", "CreditOracle", "registerModel", number, shipped.model_hash)
    waiting = registry.read(market.rpc, market.suite, number)
    assert (waiting.hash, waiting.approved, waiting.proposer, waiting.approver) == (
        shipped.model_hash,
        False,
        PROPOSER,
        None,
    )
    market.send("stranger", "CreditOracle", "approveModel", number, shipped.model_hash)
    approved = registry.read(market.rpc, market.suite, number)
    assert (approved.approved, approved.retired, approved.proposer, approved.approver) == (
        True,
        False,
        PROPOSER,
        APPROVER,
    )
    market.send("bank", "CreditOracle", "retireModel", number)
    assert registry.read(market.rpc, market.suite, number).retired


@pytest.fixture
def market(node, tmp_path, monkeypatch):
    """A chain with its deployment on record, as the command finds it."""
    opened = Market(node)
    (tmp_path / f"{LOCAL_CHAIN_ID}.json").write_text(json.dumps(opened.record))
    monkeypatch.setenv("HEQI_RPC_URLS", node.url)
    monkeypatch.setenv("HEQI_CHAIN_ID", str(LOCAL_CHAIN_ID))
    monkeypatch.setenv("HEQI_DEPLOYMENTS_DIR", str(tmp_path))
    return opened


def promote(number, record):
    return main(["promotion", "--spec", NAME, "--model", str(number), "--record", str(record)])


def test_the_command_records_what_two_people_stand_for_and_refuses_what_one_does(market, tmp_path, capsys, shipped):
    record = tmp_path / "promotion.json"
    assert promote(NUMBER, record) == 2  # registered and approved by the deployer
    assert "two different people" in capsys.readouterr().err.splitlines()[-1]
    assert not record.exists()

    market.send("bank", "Authority", "grantRole", ADMIN_ROLE, APPROVER, 0)
    market.send("bank", "CreditOracle", "registerModel", 77, shipped.model_hash)
    market.send("stranger", "CreditOracle", "approveModel", 77, shipped.model_hash)
    assert promote(77, record) == 0
    written = json.loads(record.read_bytes())
    assert (written["proposer"], written["approver"]) == (PROPOSER, APPROVER)
    assert json.loads(capsys.readouterr().out) == written
