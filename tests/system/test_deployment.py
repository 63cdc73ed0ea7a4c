"""Deployment that survives interruption, and the audit that finds what deviates."""

import json
import shutil
from contextlib import contextmanager

import pytest

from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.keys import development_key
from backend.chain.reverts import ContractError
from backend.chain.rpc import Rpc
from backend.config import DevelopmentKeyOffLocalChain
from scripts import plan
from scripts._deployer import CashDecimalsWrong, DeploymentDiffers, RecordedTransactionForeign, refuse_development_keys
from scripts._record import (
    Chain,
    DeployerChanged,
    ParametersChanged,
    Record,
    RecordInvalid,
    RecordMissing,
    RecordOfAnotherChain,
)
from tests import anvil
from tests.system.deployments import ARTIFACTS, DEPLOYER, Site, with_parameters

ADMIN, RISK_OFFICER, STRANGER = (development_key(index).address for index in (1, 2, 17))
OWN_ACCOUNT = "0x00000000219ab540356cBB839Cbe05303d7705Fa"
SEPOLIA = 11_155_111
RISK_MANAGER_ROLE = 2


@pytest.fixture(autouse=True)
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("HEQI_DEPLOYMENTS_DIR", str(tmp_path))
    return tmp_path


@contextmanager
def taken_back(node):
    snapshot = node.rpc("evm_snapshot")
    yield Site(node)
    node.rpc("evm_revert", snapshot)


@pytest.fixture(scope="module")
def empty_node():
    with anvil.start() as node:
        yield node


@pytest.fixture
def site(empty_node):
    """A chain on which nothing is deployed; what a test does to it is taken back."""
    with taken_back(empty_node) as site:
        yield site


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A node with a deployment, and its record."""
    with anvil.start() as node, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEQI_DEPLOYMENTS_DIR", str(tmp_path_factory.mktemp("finished")))
        Site(node).deploy()
        yield node, Record.read(Site(node).chain()).path


@pytest.fixture
def deployed(finished, records):
    """A finished deployment; what a test does to it and its record is taken back."""
    node, record = finished
    shutil.copy(record, records)
    with taken_back(node) as site:
        yield site


class Crash(Exception):
    pass


class CrashingRpc(Rpc):
    """Stops the run at its first broadcast: before it on one run, after it on the next."""

    def __init__(self, site: Site) -> None:
        super().__init__([site.node.url], site.chain_id)
        self.after = False

    def call(self, method, *params):
        if method != "eth_sendRawTransaction":
            return super().call(method, *params)
        self.after = not self.after
        if not self.after:
            super().call(method, *params)
        raise Crash


# DEPLOYING


def test_a_deployment_passes_its_own_check(deployed):
    assert deployed.deviations() == []


def test_a_second_run_sends_nothing(deployed):
    before = Record.read(deployed.chain()).path.read_bytes()
    assert deployed.deploy() == 0
    assert Record.read(deployed.chain()).path.read_bytes() == before


def test_the_record_names_chain_contracts_arguments_blocks_and_transactions(deployed):
    content = json.loads(Record.read(deployed.chain()).path.read_text())
    assert content["chainId"] == 417417
    assert content["genesisHash"] == deployed.node.rpc("eth_getBlockByNumber", "0x0", False)["hash"]
    assert list(content["contracts"]) == [contract.name for contract in plan.CONTRACTS]
    assert content["contracts"]["Treasury"]["arguments"] == [
        content["contracts"][name]["address"] for name in ("Authority", "Participants", "MockCash")
    ]
    for entry in (*content["contracts"].values(), *content["calls"]):
        receipt = deployed.node.rpc("eth_getTransactionReceipt", entry["transaction"])
        assert int(receipt["blockNumber"], 16) == entry["block"] > content["startBlock"]
    assert "pending" not in content


def test_the_deployer_keeps_no_power(deployed):
    suite = Suite(Record.read(deployed.chain()).content, ARTIFACTS.abis())
    grant = ("Authority", "grantRole", plan.ADMIN_ID, DEPLOYER.address, 0)
    with pytest.raises(ContractError, match="AccessManagerUnauthorizedAccount"):
        suite.call(deployed.rpc, *grant, sender=DEPLOYER.address)


def test_a_run_that_is_stopped_at_every_broadcast_ends_as_one_that_never_was(site):
    crashing, crashes, sent = CrashingRpc(site), 0, None
    while sent is None:
        try:
            sent = site.deploy(crashing)
        except Crash:
            crashes += 1
    transactions = len(plan.CONTRACTS) + len(Record.read(site.chain()).content["calls"])
    assert crashes >= 2 * transactions
    assert site.rpc.transaction_count(DEPLOYER.address) == transactions
    assert site.deviations() == []


def test_a_transaction_whose_nonce_somebody_else_used_is_made_anew(site):
    with pytest.raises(Crash):
        site.deploy(CrashingRpc(site))
    assert site.open().pending["nonce"] == 0
    site.transact(DEPLOYER.address, STRANGER, b"")
    site.deploy()
    assert site.deviations() == []


def test_a_recorded_transaction_of_another_step_is_refused(site):
    with pytest.raises(Crash):
        site.deploy(CrashingRpc(site))
    site.edit_record(lambda content: content["pending"].update(step="deploy Vault"))
    with pytest.raises(RecordedTransactionForeign) as refusal:
        site.deploy()
    assert refusal.value.values["recorded"] == "deploy Vault"


def test_an_existing_token_is_used_instead_of_a_mock(site):
    cash = site.create("MockCash")
    site.parameters = with_parameters(cash=cash)
    with pytest.raises(ContractError, match="ERC20InsufficientBalance"):
        site.deploy()
    site.call(ADMIN, "MockCash", cash, "mint", DEPLOYER.address, plan.TRIAL)
    site.deploy()
    assert site.address("MockCash") == cash
    assert site.deviations() == []


def test_a_token_that_keeps_a_fee_is_refused_by_name(site):
    token = site.create("MockFeeCash")
    site.call(ADMIN, "MockFeeCash", token, "mint", DEPLOYER.address, plan.TRIAL)
    site.call(ADMIN, "MockFeeCash", token, "setFee", 100)
    site.parameters = with_parameters(cash=token)
    with pytest.raises(ContractError, match="CurrencyKeepsFee"):
        site.deploy()


def test_a_token_of_another_scale_is_refused_by_name(site):
    token = site.create("MockNoReturnCash")
    site.parameters = with_parameters(cash=token)
    with pytest.raises(CashDecimalsWrong) as refusal:
        site.deploy()
    assert refusal.value.values == {"token": token, "decimals": 6, "needed": 2}


def test_a_token_without_code_is_refused(site):
    site.parameters = with_parameters(cash=STRANGER)
    with pytest.raises(DeploymentDiffers, match="no code"):
        site.deploy()


# RECORDS


def test_a_chain_without_a_record_says_how_to_deploy(site):
    with pytest.raises(RecordMissing, match="make deploy NETWORK=ethereum:test"):
        Record.read(site.chain())


def test_the_record_of_a_local_chain_that_was_restarted_is_replaced_with_a_notice(deployed):
    with anvil.start() as fresh:
        restarted = Site(fresh)
        assert restarted.deploy() > 0
        assert "RecordOfAnotherChain" not in restarted.said[0]
        assert "is replaced" in restarted.said[0]
        assert restarted.deviations() == []


def test_the_record_of_another_public_chain_is_refused(records):
    stored = {"chainId": SEPOLIA, "genesisHash": "0x" + "ab" * 32}
    (records / f"{SEPOLIA}.json").write_text(json.dumps(stored))
    chain = Chain(SEPOLIA, "ethereum:sepolia", "0x" + "cd" * 32, head=5)
    with pytest.raises(RecordOfAnotherChain) as refusal:
        Record.open(chain, DEPLOYER.address, plan.local_parameters(), print)
    assert refusal.value.values["recorded"] == stored["genesisHash"]
    assert refusal.value.values["found"] == chain.genesis_hash


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"chainId": 417417'])
def test_a_damaged_record_is_refused(site, records, text):
    (records / "417417.json").write_text(text)
    with pytest.raises(RecordInvalid, match=r"417417\.json"):
        site.deploy()


def test_other_parameters_than_the_deployed_ones_are_refused(deployed):
    deployed.parameters = with_parameters(threshold=3)
    with pytest.raises(ParametersChanged, match="through its roles"):
        deployed.deploy()


def test_another_deployer_cannot_go_on(deployed):
    with pytest.raises(DeployerChanged) as refusal:
        deployed.open(STRANGER)
    assert refusal.value.values["found"] == STRANGER


# DEVELOPMENT KEYS


def public(**changes):
    """Parameters without a development key, but for the changes."""
    clean = {"signers": [OWN_ACCOUNT], "threshold": 1, "officers": {role: [OWN_ACCOUNT] for role in plan.ROLE_NAMES}}
    return with_parameters(**clean | changes)


@pytest.mark.parametrize(
    ("deployer", "parameters", "duty"),
    [
        (DEPLOYER.address, public(), "the deployer"),
        (OWN_ACCOUNT, public(signers=[STRANGER]), "the oracle"),
        (OWN_ACCOUNT, public(officers={"admin": [ADMIN]}), "admin"),
    ],
)
def test_development_keys_are_refused_on_a_public_chain(deployer, parameters, duty):
    with pytest.raises(DevelopmentKeyOffLocalChain) as refusal:
        refuse_development_keys(Chain(SEPOLIA, "ethereum:sepolia", "0x", 0), deployer, parameters)
    assert refusal.value.values == {"duty": duty, "chain_id": SEPOLIA}


def test_keys_of_its_own_are_accepted_on_a_public_chain():
    chain = Chain(SEPOLIA, "ethereum:sepolia", "0x", 0)
    refuse_development_keys(chain, OWN_ACCOUNT, public())


# CHECKING


def test_a_role_given_to_a_stranger_is_found(deployed):
    deployed.send_as_admin("Authority", "grantRole", RISK_MANAGER_ROLE, STRANGER, 0)
    (deviation,) = deployed.deviations()
    assert deviation.subject == "role risk_manager: members and delays"
    assert deviation.found == deviation.expected | {STRANGER: 0}


def test_changed_terms_are_found_with_both_figures(deployed):
    tighter = plan.local_parameters().terms_of("receivables")[0].model_copy(update={"annual_rate_bps": 500})
    deployed.send(RISK_OFFICER, "RiskPolicy", "tightenTerms", 0, 0, tighter.as_struct())
    (deviation,) = deployed.deviations()
    assert (deviation.subject, deviation.expected["annualRateBps"], deviation.found["annualRateBps"]) == (
        "receivables terms of grade 0",
        435,
        500,
    )


def test_a_retired_model_is_found(deployed):
    deployed.send(RISK_OFFICER, "CreditOracle", "retireModel", 1)
    assert subjects(deployed.deviations()) == ["model 1 polish_1year"]


@pytest.mark.parametrize(
    ("change", "deviation"),
    [
        (("CreditOracle", "setSigners", [STRANGER], 1), "CreditOracle signers"),
        (("Treasury", "allowProduct", STRANGER), "products of Treasury"),
        (("Receivables", "allowLienor", STRANGER), "lienors of Receivables"),
        (("Authority", "setRoleGuardian", RISK_MANAGER_ROLE, 3), "role risk_manager: guardian"),
        (("Authority", "setRoleAdmin", RISK_MANAGER_ROLE, 3), "role risk_manager: administrator"),
        (("Authority", "grantRole", 77, STRANGER, 0), "roles with members"),
    ],
)
def test_what_the_administrator_changed_is_found(deployed, change, deviation):
    deployed.send_as_admin(*change)
    assert subjects(deployed.deviations()) == [deviation]


def test_a_function_moved_to_another_role_is_found(deployed):
    selector = abi.selector_of(ARTIFACTS.function("Treasury", "unpause"))
    deployed.send_as_admin("Authority", "setTargetFunctionRole", deployed.address("Treasury"), [selector], 5)
    (deviation,) = deployed.deviations()
    assert (deviation.subject, deviation.expected, deviation.found) == ("Treasury.unpause role", "admin", "guardian")


def test_a_deployment_that_was_not_handed_over_is_found(site):
    plan.build(site.deployer(), site.parameters)
    (deviation,) = site.deviations()
    assert deviation.subject == "role admin: members and delays"
    assert deviation.found == {DEPLOYER.address: 0}


def test_a_record_that_lacks_contracts_is_found(site):
    crashing = CrashingRpc(site)
    for _ in range(7):
        with pytest.raises(Crash):
            site.deploy(crashing)
    assert subjects(site.deviations()) == ["contracts in the record"]


def test_replaced_code_is_found_and_stops_a_deployment(deployed):
    deployed.node.rpc("anvil_setCode", deployed.address("Treasury"), "0x6001")
    assert subjects(deployed.deviations()) == ["Treasury code"]
    with pytest.raises(DeploymentDiffers, match="Treasury code"):
        deployed.deploy()


def test_a_recorded_address_of_another_contract_is_found(deployed):
    def swap(content):
        content["contracts"]["Factoring"] = content["contracts"]["Receivables"]

    deployed.edit_record(swap)
    assert subjects(deployed.deviations()) == ["Factoring program", "Factoring constructor arguments"]


def subjects(deviations):
    return [row.subject for row in deviations]
