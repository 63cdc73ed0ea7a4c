"""Parameters as data: what a file may say, and what it is told when it says something else."""

import json

import pytest

from scripts import plan

LOCAL = json.loads((plan.PARAMETERS / "local.json").read_text())
ORACLES = ["CreditOracle", "DeviceOracle"]
# Signers may stop oracles too; the steps of a creditor are the lessor's own while the rent is not assigned.
GUARDED_BY_HAND = {(oracle, function) for oracle in ORACLES for function in ("pauseReports", "hold")} | {
    ("EquipmentLease", function)
    for function in ("giveNotice", "lock", "unlock", "declareDefault", "accelerate", "rescind", "offerSale")
}
OWN_ACCOUNT = "0x00000000219ab540356cBB839Cbe05303d7705Fa"


def load(tmp_path, changes):
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps(LOCAL | changes))
    return plan.load(path)


def terms(**changes):
    first, *others = LOCAL["terms"]["receivables"]
    return {"terms": LOCAL["terms"] | {"receivables": [first | changes, *others]}}


def lines(**changes):
    return {"lines": LOCAL["lines"] | changes}


def leases(**changes):
    return {"leases": LOCAL["leases"] | changes}


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"gradeFloors": [700, 650, 650, 550, 500]}, "file", "[700, 650, 650, 550, 500] must fall"),
        ({"gradeFloors": [900, 650, 600, 550, 500]}, "gradeFloors.0", "less than or equal to 850"),
        ({"terms": LOCAL["terms"] | {"creditLine": [None]}}, "file", "1 creditLine terms for 5 grades"),
        ({"terms": LOCAL["terms"] | {"rent": []}}, "file", "terms.rent is unknown"),
        (terms(annualRateBps=2_401), "terms.receivables.0.annualRateBps", "less than or equal to 2400"),
        (terms(advanceBps="9000"), "terms.receivables.0.advanceBps", "valid integer"),
        (terms(rate=1), "terms.receivables.0.rate", "Extra inputs"),
        ({"delays": {"admin": 1, "risk_manager": 1}}, "file", "delays.compliance_release is missing"),
        ({"delays": LOCAL["delays"] | {"guardian": 1}}, "file", "delays.guardian is unknown"),
        ({"officers": LOCAL["officers"] | {"clerk": [OWN_ACCOUNT]}}, "file", "officers.clerk is unknown"),
        ({"officers": LOCAL["officers"] | {"admin": []}}, "officers.admin", "at least 1"),
        ({"officers": LOCAL["officers"] | {"admin": [OWN_ACCOUNT.lower()]}}, "officers.admin.0", OWN_ACCOUNT.lower()),
        (lines(dueDays=30), "lines", "dueDays 30 must be less than a cycle's days"),
        (lines(termDays=365), "lines", "termDays 365 must be a whole number of cycles"),
        (lines(lineCap=2**80), "lines.lineCap", "less than"),
        (leases(maxReadingAge=604_801), "leases.maxReadingAge", "less than or equal to 604800"),
        (leases(gates={"region": "grave"}), "leases.gates.region", "'warn', 'major' or 'critical'"),
        (leases(gates={"weather": "major"}), "leases", "gates.weather is none of idle"),
        (
            {"officers": LOCAL["officers"] | {"risk_officer": LOCAL["officers"]["risk_manager"]}},
            "file",
            "would register and approve models alone",
        ),
        ({"signers": [OWN_ACCOUNT] * 2}, "file", "a signer is named twice"),
        ({"threshold": 4}, "file", "threshold 4 of 3 signers"),
        ({"models": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}, "file", "two models have one id"),
        ({"models": [{"id": 1, "name": "a", "hash": "0x12"}]}, "models.0.hash", "pattern"),
        ({"cash": "yuan"}, "cash", "yuan is not a checksummed address"),
        ({"colour": "red"}, "colour", "Extra inputs"),
    ],
)
def test_unusable_parameters_are_refused_with_place_and_rule(tmp_path, changes, place, rule):
    with pytest.raises(plan.ParametersInvalid) as refusal:
        load(tmp_path, changes)
    assert refusal.value.values["place"] == place
    assert rule in refusal.value.values["rule"]


def test_a_missing_parameters_file_is_named(tmp_path):
    with pytest.raises(plan.ParametersInvalid, match=r"absent\.json .*No such file"):
        plan.load(tmp_path / "absent.json")


def test_a_parameters_file_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(plan.ParametersInvalid, match="Invalid JSON"):
        plan.load(path)


def test_a_model_that_is_neither_shipped_nor_given_a_hash_is_refused(tmp_path):
    unknown = load(tmp_path, {"models": [{"id": 9, "name": "oracle_bones"}]}).models[0]
    with pytest.raises(plan.ModelHashUnknown, match="oracle_bones"):
        unknown.content_hash()


def test_an_agreement_that_nobody_wrote_is_no_condition_of_a_line(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path, lines(agreement="verbal-1")).lines.as_struct()


def test_a_hash_in_the_parameters_stands_for_a_model_that_is_not_shipped(tmp_path):
    given = {"id": 9, "name": "oracle_bones", "hash": "0x" + "1f" * 32}
    assert load(tmp_path, {"models": [given]}).models[0].content_hash() == bytes.fromhex("1f" * 32)


def test_the_parameters_of_sepolia_lack_nothing_but_accounts(tmp_path):
    sepolia = json.loads((plan.PARAMETERS / "sepolia.json").read_text())
    assert not any(sepolia["officers"].values())
    assert not sepolia["signers"]
    accounts = {"officers": LOCAL["officers"], "signers": LOCAL["signers"]}
    assert load(tmp_path, sepolia | accounts).delays == dict.fromkeys(plan.DELAYED_ROLE_NAMES, 48 * 3600)


def test_every_restricted_function_of_the_contracts_has_a_role():
    planned = {
        (contract, function)
        for role in plan.ROLES
        for contract, functions in role.functions.items()
        for function in functions
    }
    declared = set()
    for source in (plan.ROOT / "contracts").glob("*.sol"):
        contracts = ORACLES if source.stem == "SignedReports" else [source.stem]
        for function in source.read_text().split("function ")[1:]:
            if " restricted" in function.split("{")[0]:
                declared |= {(contract, function.split("(")[0]) for contract in contracts}
    assert planned == declared | GUARDED_BY_HAND
