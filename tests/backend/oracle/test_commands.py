"""What people do with the oracle by hand: `python -m backend.oracle …` (CASES 48)."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from backend import store
from backend.oracle import rounds
from backend.oracle.rounds import Round
from backend.records.business import kept
from tests.anvil import ROOT
from tests.backend.market import Market
from tests.backend.oracle.shops import shop


@pytest.fixture
def environment(market: Market, tmp_path: Path) -> dict[str, str]:
    record = tmp_path / f"{market.record['chainId']}.json"
    record.write_text(json.dumps(market.record), encoding="utf-8")
    return os.environ | {
        "HEQI_RPC_URLS": market.node.url,
        "HEQI_DEPLOYMENTS_DIR": str(tmp_path),
        "HEQI_DATABASE_URL": f"sqlite:///{tmp_path}/heqi.db",
        "HEQI_KEYS": json.dumps({"auditor": {"development": 9}}),
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend.oracle", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_signer_puts_a_party_on_hold(market: Market, environment: dict[str, str]):
    done = run(environment, "hold", "--party", "1", "--duty", "auditor")
    assert done.returncode == 0, done.stderr
    assert market.read("CreditOracle", "scoreOf", 1)["flags"] == 1


def test_a_signer_stops_all_reports(market: Market, environment: dict[str, str]):
    done = run(environment, "pause", "--duty", "auditor")
    assert done.returncode == 0, done.stderr
    assert market.read("CreditOracle", "reportsPaused") is True


def test_a_signer_stops_what_is_said_of_machines(market: Market, environment: dict[str, str]):
    done = run(environment, "pause-machines", "--duty", "auditor")
    assert done.returncode == 0, done.stderr
    assert market.read("DeviceOracle", "reportsPaused") is True
    assert market.read("CreditOracle", "reportsPaused") is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hold", "--party", "0", "--duty", "auditor"), "0 is not in the range"),
        (("hold", "--party", "1", "--duty", "treasurer"), "'treasurer' is not one of"),
        (("hold", "--party", "1", "--duty", "platform"), "KeyMissing: No key is configured for platform."),
        (("hold-machine", "--machine", "9", "--duty", "auditor"), "MachineUnknown"),
        (("file", "--party", "1", "--company", "1year-99999"), "UnknownCompany"),
        (("trace", "--party", "4294967295"), "ScoreUntraceable"),
    ],
)
def test_a_wrong_argument_is_named(environment: dict[str, str], arguments: tuple[str, ...], said: str):
    done = run(environment, *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_development_key_off_the_local_chain_stops_the_command(environment: dict[str, str]):
    done = run(environment | {"HEQI_CHAIN_ID": "11155111"}, "pause", "--duty", "auditor")
    assert "DevelopmentKeyOffLocalChain" in done.stderr
    assert done.returncode != 0


def test_the_process_looks_at_merchants_and_stops_on_request(market: Market, environment: dict[str, str]):
    engine = store.connect(environment["HEQI_DATABASE_URL"])
    store.migrate(engine)
    with store.writing(engine) as tx:
        kept.keep(tx, 3, "shop", shop(market.now()), market.now())
    process = subprocess.Popen(
        [sys.executable, "-m", "backend", "credit"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 120
        while (proposed := _last(engine)) is None and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        process.terminate()
        told = process.communicate(timeout=60)[1]
    assert proposed is not None, told
    assert (proposed.report.model_id, process.returncode) == (10, 0), told
    assert '"event": "merchants_looked_at"' in told
    engine.dispose()


def _last(engine: Engine) -> Round | None:
    with store.reading(engine) as tx:
        return rounds.last(tx)
