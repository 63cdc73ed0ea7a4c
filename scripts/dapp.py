"""Write a deployment into the built dApp: `python -m scripts.dapp 11155111` for `deployments/11155111.json`.

The page signs for the addresses inside it and for no others, whatever an API answers.
"""

import gzip
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from backend.config import LOCAL_CHAIN_IDS
from scripts.plan import ROOT

BUILD = ROOT / "frontend" / "dist"
DEMO_BUILD = ROOT / "frontend" / "dist-demo"
SLOT = re.compile(r'(<script type="application/json" id="deployment"[^>]*>).*?(</script>)', re.DOTALL)
PUBLIC = ("chainId", "genesisHash")
ZIPPED = {".js", ".css", ".svg"}


@click.command()
@click.argument("chain_id", type=int)
@click.option("--out", type=click.Path(path_type=Path), help="Default: frontend/dist itself.")
def main(chain_id: int, out: Path | None) -> None:
    """For a network; the local demo makes its own."""
    record = json.loads((ROOT / "deployments" / f"{chain_id}.json").read_text(encoding="utf-8"))
    print(f"dApp of chain {chain_id} in {bake(BUILD, record, out or BUILD)}")


def bake(build: Path, record: Mapping[str, Any], out: Path, demo: Mapping[str, Any] | None = None) -> Path:
    """Copy the build to `out` with the record inside, scripts and styles zipped beside themselves. `demo`: what only
    the local demo's page knows, its node and people. Raises ValueError for that on another chain."""
    if demo and record["chainId"] not in LOCAL_CHAIN_IDS:
        raise ValueError(f"chain {record['chainId']} is no local chain: no demo wallet for it")
    if out != build:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(build, out)
    contracts = {
        name: {"address": contract["address"], "block": contract["block"]}
        for name, contract in record["contracts"].items()
    }
    deployment = {name: record[name] for name in PUBLIC} | {"contracts": contracts} | dict(demo or {})
    page = (build / "index.html").read_text(encoding="utf-8")
    # `<` would end the script's element early; JSON may write it so.
    text = json.dumps(deployment, ensure_ascii=False).replace("<", "\\u003c")
    baked = SLOT.sub(lambda slot: slot[1] + text + slot[2], page, count=1)
    (out / "index.html").write_text(baked, encoding="utf-8")
    for asset in (out / "assets").iterdir():
        if asset.suffix in ZIPPED:
            asset.with_name(f"{asset.name}.gz").write_bytes(gzip.compress(asset.read_bytes(), mtime=0))
    return out


if __name__ == "__main__":
    main()
