"""Compiled contracts for runs in process: those there are, or new ones when the sources are younger."""

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
    if not MANIFEST.exists():
        return False
    compiled = MANIFEST.stat().st_mtime
    return all(source.stat().st_mtime <= compiled for source in (ROOT / "contracts").rglob("*.sol"))
