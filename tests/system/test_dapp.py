"""The built dApp: what is in it, what is not, and what it weighs."""

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bundle
from scripts import api_types, dapp
from scripts.plan import ROOT

# What only the demo's build may know: its wallet's name and the node's own methods.
DEMO_MARKS = ("demo.heqi", "anvil_setBalance", "6a1f6b0e-3d0c-4c8f-9a25-2f6d3f6b4170")
SEPOLIA = 11155111
ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def record(chain_id: int = 417417, **changes: Any) -> dict[str, Any]:
    contract = {"address": ADDRESS, "block": 2, "transaction": "0x00", "arguments": []}
    return {"chainId": chain_id, "genesisHash": "0x" + "1" * 64, "contracts": {"Treasury": contract}} | changes


def baked(folder: Path) -> dict[str, Any]:
    page = (folder / "index.html").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(re.findall(r'id="deployment"[^>]*>(.*?)</script>', page, re.DOTALL)[0])
    return found


def test_the_first_route_stays_within_its_budget():
    assert sum(bundle.first_route().values()) <= bundle.BUDGET_KIB * bundle.KIB


def test_the_demo_wallet_is_in_the_demos_build_alone():
    def marks_in(build: Path) -> set[str]:
        texts = [path.read_text(encoding="utf-8") for path in (build / "assets").glob("*.js")]
        return {mark for mark in DEMO_MARKS if any(mark in text for text in texts)}

    assert marks_in(dapp.BUILD) == set()
    assert {"demo.heqi", "anvil_setBalance"} <= marks_in(dapp.DEMO_BUILD)


def test_the_page_carries_the_deployment_and_none_of_the_rest_of_its_record(tmp_path: Path):
    dapp.bake(dapp.BUILD, record(), tmp_path / "dapp")
    contracts = {"Treasury": {"address": ADDRESS, "block": 2}}
    assert baked(tmp_path / "dapp") == {"chainId": 417417, "genesisHash": "0x" + "1" * 64, "contracts": contracts}


def test_every_script_and_style_lies_zipped_beside_itself(tmp_path: Path):
    assets = dapp.bake(dapp.BUILD, record(), tmp_path / "dapp") / "assets"
    scripts = [path for path in assets.iterdir() if path.suffix in {".js", ".css"}]
    assert scripts
    for path in scripts:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_a_page_may_be_baked_again_for_another_deployment(tmp_path: Path):
    out = dapp.bake(dapp.BUILD, record(), tmp_path / "dapp")
    dapp.bake(out, record(SEPOLIA), out)
    assert baked(out)["chainId"] == SEPOLIA


def test_no_name_in_a_deployment_ends_its_script(tmp_path: Path):
    people = [{"account": ADDRESS, "zh": "</script><script>alert(1)</script>", "en": "\\1"}]
    out = dapp.bake(dapp.BUILD, record(), tmp_path / "dapp", {"rpcUrl": "http://127.0.0.1:8545", "people": people})
    assert baked(out)["people"] == people


def test_the_demo_wallet_gets_no_node_off_the_local_chain(tmp_path: Path):
    with pytest.raises(ValueError, match="no local chain"):
        dapp.bake(dapp.DEMO_BUILD, record(SEPOLIA), tmp_path / "dapp", {"rpcUrl": "http://127.0.0.1:8545"})


def test_the_types_of_the_api_are_fresh():
    assert api_types.PRODUCT.read_text(encoding="utf-8") == api_types.typescript()


def test_the_logic_of_the_page_does_what_it_says():
    done = subprocess.run(
        ["npm", "run", "--silent", "test", "--prefix", "frontend"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
