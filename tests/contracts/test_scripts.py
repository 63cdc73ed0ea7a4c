"""`ape run deploy` and `ape run check` within this process, on a chain of their own."""

import json

import ape
import pytest
from ape_accounts import KeyfileAccount
from click.testing import CliRunner
from eth_account import Account

import ape_console_extras
from scripts import check, deploy, plan
from scripts._record import Chain
from tests import anvil

PUBLIC = Chain(11_155_111, "ethereum:sepolia", "0x", 0)


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("HEQI_DEPLOYMENTS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def keystore(tmp_path):
    """An account of Ape's, locked with a passphrase."""
    path = tmp_path / "bank.json"
    path.write_text(json.dumps(Account.encrypt("0x" + "b4" * 32, "secret", kdf="pbkdf2", iterations=1_000)))
    return KeyfileAccount(keyfile_path=path)


@pytest.fixture(scope="module")
def network():
    """A fresh chain, as Ape names it."""
    with anvil.start() as node:
        yield f"ethereum:heqi:{node.url}"


@pytest.fixture
def run(network):
    return lambda command, *arguments: CliRunner().invoke(command, ["--network", network, *arguments])


def test_a_suite_is_deployed_verified_and_checked(run, records):
    first, second, checked = run(deploy.cli), run(deploy.cli), run(check.cli)
    record = json.loads((records / "417417.json").read_text())
    assert (first.exit_code, second.exit_code, checked.exit_code) == (0, 0, 0)
    assert f"{len(record['contracts']) + len(record['calls'])} transactions sent" in first.output
    assert f"{len(plan.CONTRACTS)} contracts verified, 0 transactions sent" in second.output
    assert ", 0 deviate" in checked.output


def test_a_check_without_a_deployment_says_how_to_deploy(run, records):
    result = run(check.cli)
    assert result.exit_code == 1
    assert "RecordMissing: Nothing is deployed on chain 417417" in result.output


@pytest.mark.parametrize("command", [deploy.cli, check.cli])
def test_bad_parameters_are_named_with_file_place_and_value(run, records, command):
    content = json.loads((plan.PARAMETERS / "local.json").read_text())
    content["terms"]["receivables"][1]["feeBps"] = 301
    path = records / "greedy.json"
    path.write_text(json.dumps(content))
    result = run(command, "--parameters", str(path))
    assert result.exit_code == 1
    assert "ParametersInvalid" in result.output
    assert "greedy.json are not usable: terms.receivables.1.feeBps" in result.output
    assert not (records / "417417.json").exists()


def test_an_unknown_account_is_named(run, records):
    result = run(deploy.cli, "--account", "nobody")
    assert result.exit_code == 1
    assert "AccountUnknown: Ape has no account nobody" in result.output


def test_an_unknown_option_is_refused(run, records):
    result = run(deploy.cli, "--force")
    assert result.exit_code == 2
    assert "--force" in result.output


def test_a_public_chain_needs_an_account_by_name():
    with pytest.raises(deploy.AccountMissing, match="ethereum:sepolia"):
        deploy.account_of(PUBLIC, None)


def test_a_locked_account_without_passphrase_is_refused_where_nobody_can_type_it(keystore, monkeypatch):
    monkeypatch.delenv(f"APE_ACCOUNTS_{keystore.alias}_PASSPHRASE", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(deploy.PassphraseMissing, match=f"APE_ACCOUNTS_{keystore.alias}_PASSPHRASE"):
        deploy.signer(keystore)({})


def test_the_console_on_a_chain_without_deployment_says_how_to_deploy(network, records, capsys):
    with ape.networks.parse_network_choice(network):
        assert ape_console_extras.ape_init_extras(ape.project) == {}
    assert "Nothing is deployed on chain 417417" in capsys.readouterr().out


def test_a_node_of_another_chain_is_refused(records):
    with anvil.start(chain_id=5) as node:
        result = CliRunner().invoke(deploy.cli, ["--network", f"ethereum:heqi:{node.url}"])
    assert result.exit_code == 1
    assert "chain ID '5', which does not match network chain ID '417417'" in str(result.exception)
