"""`python -m backend.readmodel`"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.anvil import ROOT


@pytest.mark.parametrize("command", ["rebuild", "verify"])
def test_a_missing_deployment_ends_the_command_with_its_name(tmp_path: Path, command: str):
    environment = os.environ | {"HEQI_DEPLOYMENTS_DIR": str(tmp_path)}
    run = [sys.executable, "-m", "backend.readmodel", command]
    ended = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("DeploymentMissing: There is no deployment record for chain 417417")
