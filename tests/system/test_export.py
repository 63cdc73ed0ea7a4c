"""Generated files are those of the contracts, and every error speaks both languages."""

import copy
import json

import pytest

from backend import figures
from scripts import _units, export
from scripts._artifacts import ArtifactMissing, Artifacts
from scripts.plan import CONTRACTS, ROOT

ARTIFACTS = Artifacts.load()
FILES = export.render(ARTIFACTS)
CATALOGUE = ROOT / "backend/chain/errors.json"
SIGNATURE = "CashShort(uint96,uint96)"


def without_notice(documentation: str) -> Artifacts:
    """The artifacts with one sentence of CashShort missing wherever it stands."""
    types = copy.deepcopy(ARTIFACTS.types)
    for contract in types.values():
        contract[documentation].get("errors", {}).pop(SIGNATURE, None)
    return Artifacts(types)


def with_notice(text: str) -> Artifacts:
    types = copy.deepcopy(ARTIFACTS.types)
    types["ITreasury"]["userdoc"]["errors"][SIGNATURE][0]["notice"] = text
    return Artifacts(types)


def test_committed_files_are_those_of_the_contracts():
    stale = [path.relative_to(ROOT) for path, text in export.render(ARTIFACTS).items() if path.read_text() != text]
    assert not stale, "run `ape run export`"


def test_every_contract_of_the_plan_is_exported():
    typescript = export.render(ARTIFACTS)[ROOT / "frontend/src/chain/abi.ts"]
    for contract in CONTRACTS:
        assert f"export const {contract.name[0].lower()}{contract.name[1:]}Abi = [" in typescript


@pytest.mark.parametrize(("documentation", "language"), [("userdoc", "en"), ("devdoc", "zh")])
def test_an_error_without_a_sentence_stops_the_export(documentation, language):
    with pytest.raises(export.NoticeMissing) as refusal:
        export.render(without_notice(documentation))
    assert refusal.value.values == {"error": SIGNATURE, "origin": "ITreasury", "language": language}


def test_an_error_of_a_library_without_a_sentence_stops_the_export():
    types = copy.deepcopy(ARTIFACTS.types)
    types["Treasury"]["abi"].append({"type": "error", "name": "SafeFull", "inputs": []})
    with pytest.raises(export.NoticeMissing, match=r"SafeFull\(\) of Treasury"):
        export.render(Artifacts(types))


@pytest.mark.parametrize("text", ["Only {cash} is there.", "Only {} is there."])
def test_a_placeholder_that_is_no_argument_stops_the_export(text):
    with pytest.raises(export.NoticePlaceholderUnknown) as refusal:
        export.render(with_notice(text))
    assert refusal.value.values["arguments"] == "available, needed"


def test_two_errors_of_one_name_stop_the_export():
    types = copy.deepcopy(ARTIFACTS.types)
    twin = {"type": "error", "name": "CashShort", "inputs": []}
    documents = {"userdoc": {"errors": {"CashShort()": [{"notice": "No cash."}]}}}
    documents["devdoc"] = {"errors": {"CashShort()": [{"custom:zh": "现金不足。"}]}}
    types["Till"] = {"abi": [twin], "sourceId": "contracts/Till.sol", **documents}
    with pytest.raises(export.ErrorNameTwice, match=r"CashShort\(\)"):
        export.render(Artifacts(types))


def test_an_error_with_the_name_of_a_librarys_stops_the_export():
    types = copy.deepcopy(ARTIFACTS.types)
    twin = {"type": "error", "name": "StringTooLong", "inputs": []}
    documents = {"userdoc": {"errors": {"StringTooLong()": [{"notice": "Too long."}]}}}
    documents["devdoc"] = {"errors": {"StringTooLong()": [{"custom:zh": "过长。"}]}}
    types["Till"] = {"abi": [twin], "sourceId": "contracts/Till.sol", **documents}
    with pytest.raises(export.ErrorNameTwice, match=r"StringTooLong\(string\)"):
        export.render(Artifacts(types))


@pytest.mark.parametrize(
    ("error", "parameter", "unit"),
    [
        ("NetBelowSigned", "net", "amount"),
        ("NetBelowSigned", "signed", "amount"),
        ("LimitExceeded", "wouldOwe", "amount"),
        ("NotACut", "current", "amount"),
        ("VaultWipedOut", "shares", "shares"),
        ("DueDayInvalid", "latest", "day"),
        ("NoticeGivenBefore", "noticeDay", "day"),
        ("ValidityInvalid", "latest", "time"),
        ("ReportValidityWrong", "latest", "time"),
        ("ConfirmationExpired", "deadline", "time"),
        ("TermsOutOfBounds", "feeBps", "bps"),
        ("StateWrong", "needed", "enum"),
        ("GradeRefused", "product", "enum"),
        ("GradeRefused", "grade", "grade"),
        ("GradeUnknown", "last", "grade"),
        ("RoundPassed", "last", "plain"),
        ("RoleMissing", "role", "bits"),
        ("SignerSetWrong", "current", "plain"),
        ("TermOutOfBounds", "term", "plain"),
        ("CurrencyKeepsFee", "sent", "plain"),
        ("LienorKnown", "product", "plain"),
        ("ERC20InsufficientBalance", "needed", "amount"),
    ],
)
def test_an_input_has_its_unit(error, parameter, unit):
    inputs = {entry["name"]: entry for entry in json.loads(FILES[CATALOGUE])[error]["inputs"]}
    assert inputs[parameter]["unit"] == unit


def test_every_unit_listed_is_of_an_input_that_needs_it():
    inputs = [(name, entry) for name, error in json.loads(FILES[CATALOGUE]).items() for entry in error["inputs"]]
    used = {f"{error}.{entry['name']}" for error, entry in inputs} | {entry["name"] for _, entry in inputs}
    listed = [name for names in _units.UNITS.values() for name in names]
    assert len(listed) == len(set(listed)), "a name has two units"
    assert {*listed, *_units.ENUMS, *_units.BITS} <= used
    assert set(_units.UNITS) <= set(figures.BY_VALUE)


def test_members_are_named_in_both_languages_by_number():
    assert _units.members("IFactoring.Status")[4] == {"en": "written off", "zh": "已核销"}
    assert _units.members("Roles")[1] == {"en": "core enterprise", "zh": "核心企业"}


def test_typescript_has_the_same_units_and_members():
    line = next(
        line for line in FILES[ROOT / "frontend/src/chain/errors.ts"].splitlines() if line.startswith("  StateWrong: ")
    )
    assert json.loads(line.removeprefix("  StateWrong: ").rstrip(",")) == json.loads(FILES[CATALOGUE])["StateWrong"]


@pytest.mark.parametrize("kind", ["uint32", "uint40", "uint256", "int256", "uint8"])
def test_an_integer_without_a_unit_stops_the_export(kind):
    types = copy.deepcopy(ARTIFACTS.types)
    lacking = {"type": "error", "name": "TillOpen", "inputs": [{"name": "since", "type": kind, "internalType": kind}]}
    documents = {"userdoc": {"errors": {f"TillOpen({kind})": [{"notice": "Open."}]}}}
    documents["devdoc"] = {"errors": {f"TillOpen({kind})": [{"custom:zh": "未关。"}]}}
    types["Till"] = {"abi": [lacking], "sourceId": "contracts/Till.sol", **documents}
    with pytest.raises(_units.UnitUndecided) as refusal:
        export.render(Artifacts(types))
    assert refusal.value.values == {"error": "TillOpen", "input": "since", "type": kind}


@pytest.mark.parametrize(("group", "member"), [("IReceivables.State", "Disputed"), ("Roles", "LENDER")])
def test_a_member_without_a_chinese_name_stops_the_export(group, member, tmp_path, monkeypatch):
    names = json.loads(_units.NAMES_FILE.read_bytes())
    del names[group][member]
    monkeypatch.setattr(_units, "chinese_names", lambda: names)
    with pytest.raises(_units.MemberNameMissing) as refusal:
        export.render(ARTIFACTS)
    assert (refusal.value.values["group"], refusal.value.values["member"]) == (group, member)


@pytest.mark.parametrize("group", ["IReceivables.Colour", "INowhere.State", "Calendar"])
def test_members_that_no_source_declares_are_named(group):
    with pytest.raises(_units.MembersNotFound, match=group):
        _units.members(group)


def test_bits_with_a_gap_are_not_taken_for_others(tmp_path, monkeypatch):
    source = (_units.CONTRACTS / "libraries" / "Roles.sol").read_text().replace("LENDER = 1 << 2", "LENDER = 1 << 5")
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "Roles.sol").write_text(source)
    monkeypatch.setattr(_units, "CONTRACTS", tmp_path)
    with pytest.raises(_units.MembersNotFound, match="Roles"):
        _units.members("Roles")


def test_every_chinese_name_is_of_a_declared_member():
    for group, names in _units.chinese_names().items():
        assert [entry["zh"] for entry in _units.members(group)] == list(names.values())


def test_artifacts_that_were_never_compiled_are_named(tmp_path):
    with pytest.raises(ArtifactMissing, match="ape compile"):
        Artifacts.load(tmp_path / "absent.json")
