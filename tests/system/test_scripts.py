"""The Ape commands as a person runs them: on a chain such as Sepolia is, and on a local one.

Sepolia's double has its chain id, a block every two seconds, and knows no keys: the deployer is a keystore account.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from backend.chain.keys import development_key
from scripts import plan
from tests import anvil

SEPOLIA = 11_155_111
FINISHED_WITHIN_S = 300
PASSPHRASE = "a passphrase of the tests"
ROLES = sorted(plan.ROLE_NAMES)


@dataclass
class Desk:
    """A person's machine: Ape's accounts, deployment records and a parameters file."""

    folder: Path

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        places = {"APE_DATA_FOLDER": str(self.folder / "ape"), "HEQI_DEPLOYMENTS_DIR": str(self.folder / "deployments")}
        return subprocess.Popen(
            [Path(sys.executable).parent / "ape", *command],
            cwd=plan.ROOT,
            env=os.environ | places | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        return finish(self.start(*command, **environment))

    def import_account(self, alias: str, key: LocalAccount) -> None:
        keystore = Account.encrypt(key.key, PASSPHRASE, kdf="pbkdf2", iterations=1_000)
        path = self.folder / "ape" / "accounts" / f"{alias}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(keystore))

    def write_parameters(self, name: str, **changes: object) -> str:
        content = json.loads((plan.PARAMETERS / "sepolia.json").read_text())
        path = self.folder / name
        path.write_text(json.dumps(content | changes))
        return str(path)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=FINISHED_WITHIN_S)
    return process.returncode, output


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def bank():
    return Account.from_key("0x" + "b4" * 32)


@pytest.fixture(scope="module")
def parameters(desk):
    officers = {role: [Account.from_key(bytes([0xC0 + place] * 32)).address] for place, role in enumerate(ROLES)}
    signers = [Account.from_key(bytes([0xD0 + place] * 32)).address for place in range(3)]
    return desk.write_parameters("parameters.json", officers=officers, signers=signers)


@pytest.fixture(scope="module")
def sepolia():
    """The network's name for Ape: an endpoint that is nothing but a node."""
    with anvil.start(SEPOLIA, block_time=1, accounts=0) as node:
        yield node, f"ethereum:sepolia:{node.url}"


@pytest.fixture(scope="module", autouse=True)
def deployment(desk, bank, parameters, sepolia):
    """A deployment that waits for its blocks while the other tests go on."""
    node, network = sepolia
    desk.import_account("bank", bank)
    node.rpc("anvil_setBalance", bank.address, hex(10**18))
    command = ("run", "deploy", "--network", network, "--account", "bank", "--parameters", parameters)
    process = desk.start(*command, APE_ACCOUNTS_bank_PASSPHRASE=PASSPHRASE)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def local():
    with anvil.start() as node:
        yield f"ethereum:heqi:{node.url}"


def test_a_development_key_in_a_keystore_is_refused_off_the_local_chains(desk, parameters, sepolia):
    desk.import_account("careless", development_key(0))
    command = ("run", "deploy", "--network", sepolia[1], "--account", "careless", "--parameters", parameters)
    status, output = desk.run(*command, APE_ACCOUNTS_careless_PASSPHRASE=PASSPHRASE)
    assert status == 1
    assert "DevelopmentKeyOffLocalChain: The key of the deployer" in output
    assert str(SEPOLIA) in output
    assert "Traceback" not in output


def test_the_console_greets_with_the_suite_and_the_officers_by_name(desk, local):
    status, output = desk.run("run", "deploy", "--network", local)
    assert status == 0, output
    code = "\\n".join(
        [
            "treasury.pause(sender=guardian)",
            "print('paused', treasury.paused(), 'at', credit_oracle.address)",
            "print('allowed', factoring.participants() == participants.address)",
        ]
    )
    status, output = desk.run("console", "--network", local, "--code", code)
    record = json.loads((desk.folder / "deployments" / "417417.json").read_text())
    assert status == 0
    for name, contract in (("mock_cash", "MockCash"), ("credit_oracle", "CreditOracle"), ("factoring", "Factoring")):
        assert f"{name:<20}{record['contracts'][contract]['address']}" in output
    assert f"{'risk_officer':<20}{plan.local_parameters().officers['risk_officer'][0]}" in output
    assert f"paused True at {record['contracts']['CreditOracle']['address']}" in output
    assert "allowed True" in output


def test_a_keystore_account_deploys_through_a_plain_node_with_slow_blocks(desk, deployment, bank, sepolia):
    status, output = finish(deployment)
    assert status == 0, output
    assert f"{len(plan.CONTRACTS)} contracts verified" in output
    record = json.loads((desk.folder / "deployments" / f"{SEPOLIA}.json").read_text())
    assert (record["chainId"], record["network"], record["deployer"]) == (SEPOLIA, "ethereum:sepolia", bank.address)
    assert sepolia[0].block_number() >= record["calls"][-1]["block"] + 2
    assert PASSPHRASE not in output


def test_the_check_passes_what_was_deployed_there(desk, parameters, sepolia):
    status, output = desk.run("run", "check", "--network", sepolia[1], "--parameters", parameters)
    assert status == 0, output
    assert "0 deviate" in output


def test_the_check_names_what_deviates_and_fails(desk, sepolia):
    content = json.loads((desk.folder / "parameters.json").read_text())
    stricter = desk.write_parameters("stricter.json", **content | {"threshold": 3})
    status, output = desk.run("run", "check", "--network", sepolia[1], "--parameters", stricter)
    assert status == 1
    assert "DEVIATES  CreditOracle signers" in output
    assert "'threshold': 3" in output
    assert "'threshold': 2" in output
