"""Compiled contracts for runs in process: those there are, or new ones when the sources have changed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts._artifacts import MANIFEST
from scripts.plan import ROOT


def ensure_compiled() -> None:
    """Raises CalledProcessError when the contracts do not compile."""
    if _is_current():
        return
    tools = os.pathsep.join((str(ROOT / ".tools/bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"SOLCX_BINARY_PATH": str(ROOT / ".tools/solcx"), "PATH": tools}
    subprocess.run(["ape", "compile"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _is_current() -> bool:
    """By the sources that the manifest was made from, for a file may be younger without being different."""
    if not MANIFEST.exists():
        return False
    compiled = json.loads(MANIFEST.read_bytes())["sources"]
    sources = {str(path.relative_to(ROOT)): path for path in (ROOT / "contracts").rglob("*.sol")}
    return all(compiled.get(name, {}).get("content") == path.read_text() for name, path in sources.items())
