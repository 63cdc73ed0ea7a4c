"""Generated files are those of the contracts, and every error speaks both languages."""

import copy

import pytest

from scripts import export
from scripts._artifacts import ArtifactMissing, Artifacts
from scripts.plan import CONTRACTS, ROOT

ARTIFACTS = Artifacts.load()
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


def test_artifacts_that_were_never_compiled_are_named(tmp_path):
    with pytest.raises(ArtifactMissing, match="ape compile"):
        Artifacts.load(tmp_path / "absent.json")
