"""Authority: which role may call what, after which delay, and who cancels."""

import re

import ape
import pytest
from eth_abi import encode
from eth_utils import keccak

from backend.chain.keys import development_key
from scripts import plan
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.market import FACILITY, LIMIT
from tests.contracts.situations import Status
from tests.contracts.suite import ACCOUNTS, DELAY, Party, after_delay, schedule

pytestmark = pytest.mark.usefixtures("market")

WEEK = 7 * clock.DAY
DEBTOR = Party.CORE_ENTERPRISE
OFFICERS = [role.name for role in plan.ROLES]
CONTRACTS = {
    "Participants": "participants",
    "CreditOracle": "oracle",
    "RiskPolicy": "policy",
    "Treasury": "treasury",
    "Receivables": "receivables",
    "Factoring": "factoring",
    "CreditLine": "line",
    "Equipment": "equipment",
    "DeviceOracle": "devices",
    "RentLedger": "ledger",
    "EquipmentLease": "leases",
    "LeaseFinance": "loans",
}
ORACLES = ("CreditOracle", "DeviceOracle")
OPEN_TO_SIGNERS = {(oracle, function) for oracle in ORACLES for function in ("pauseReports", "hold")}
# The lessor's, unless the rent is assigned to the bank.
OPEN_TO_CREDITORS = {
    ("EquipmentLease", function)
    for function in ("giveNotice", "lock", "unlock", "declareDefault", "accelerate", "rescind", "offerSale")
}
FUNCTIONS = [
    (contract, function, role)
    for role in plan.ROLES
    for contract, functions in role.functions.items()
    for function in functions
]


def operation_of(caller, target, data):
    """AccessManager's id of a scheduled call."""
    packed = encode(["address", "address", "bytes"], [caller.address, target.address, bytes(data)])
    return "0x" + keccak(packed).hex()


@pytest.fixture
def raise_limit(suite, risk_manager, treasury):
    """A scheduled loosening: the limit of the core enterprise is to be doubled."""
    data = schedule(suite, risk_manager, treasury.setLimit, DEBTOR, 2 * LIMIT)
    return data, operation_of(risk_manager, treasury, data)


"""ROLES"""


@pytest.mark.parametrize(("contract", "function", "role"), FUNCTIONS, ids=lambda value: getattr(value, "name", value))
def test_a_function_answers_to_its_role_alone(suite, authority, actors, contract, function, role):
    target = getattr(suite, CONTRACTS[contract])
    selector = next(e.selector for e in target.contract_type.mutable_methods if e.name == function)
    selector = keccak(text=selector)[:4]
    expected = {name: (False, 0) for name in [*OFFICERS, "deployer", "stranger", "core_enterprise", "lender"]}
    expected[role.name] = (False, DELAY) if role.delayed else (True, 0)
    found = {name: authority.canCall(actors[name], target, selector) for name in expected}
    assert found == expected


def test_every_restricted_function_has_a_role_in_the_plan():
    """And no role in the plan is for a function that does not ask the Authority."""
    declared = OPEN_TO_SIGNERS | OPEN_TO_CREDITORS
    for contract, source in (*((name, name) for name in CONTRACTS), *((name, "SignedReports") for name in ORACLES)):
        text = (plan.ROOT / "contracts" / f"{source}.sol").read_text(encoding="utf-8")
        heads = re.findall(r"function (\w+)\([^{;]*?\)([^{;]*)\{", text)
        declared |= {(contract, name) for name, modifiers in heads if re.search(r"\brestricted\b", modifiers)}
    assert {(contract, function) for contract, function, _ in FUNCTIONS} == declared


def test_the_deployer_keeps_no_power(authority, deployer):
    for role in plan.ROLES:
        assert authority.hasRole(role.id, deployer) == (False, 0)
    refused = refusal(authority.grantRole, 0, deployer, 0, sender=deployer)
    assert refused == error("AccessManagerUnauthorizedAccount", msgsender=deployer, roleId=0)


@pytest.mark.parametrize("actor", [name for name in OFFICERS if name != "admin"])
def test_no_officer_but_the_admin_hands_roles_out(authority, actors, stranger, actor):
    refused = refusal(authority.grantRole, 1, stranger, 0, sender=actors[actor])
    assert refused == error("AccessManagerUnauthorizedAccount", msgsender=actors[actor], roleId=0)


def test_case_09_the_admin_hands_a_role_out_after_the_delay_only(suite, authority, admin, stranger):
    data = authority.grantRole.encode_input(1, stranger, 0)
    operation = operation_of(admin, authority, data)
    refused = refusal(authority.grantRole, 1, stranger, 0, sender=admin)
    assert refused == error("AccessManagerNotScheduled", operationId=operation)
    after_delay(suite, admin, authority.grantRole, 1, stranger, 0)
    assert authority.hasRole(1, stranger) == (True, 0)


"""DELAYS"""


def test_case_09_a_loosening_that_was_not_scheduled_is_refused(treasury, risk_manager):
    data = treasury.setLimit.encode_input(DEBTOR, 2 * LIMIT)
    refused = refusal(treasury.setLimit, DEBTOR, 2 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerNotScheduled", operationId=operation_of(risk_manager, treasury, data))


def test_case_09_a_loosening_waits_for_its_whole_delay(treasury, risk_manager, raise_limit):
    clock.travel(DELAY - 1)
    refused = refusal(treasury.setLimit, DEBTOR, 2 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerNotReady", operationId=raise_limit[1])


def test_case_09_a_loosening_acts_after_its_delay_once(authority, treasury, risk_manager, raise_limit):
    clock.travel(DELAY)
    tx = treasury.setLimit(DEBTOR, 2 * LIMIT, sender=risk_manager)
    nonce = authority.getNonce(raise_limit[1])
    assert events(tx) == [
        event(authority, "OperationExecuted", operationId=raise_limit[1], nonce=nonce),
        event(treasury, "LimitChanged", party=DEBTOR, limit=2 * LIMIT, raised=True),
    ]
    refused = refusal(treasury.setLimit, DEBTOR, 2 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerNotScheduled", operationId=raise_limit[1])


def test_case_09_a_scheduled_call_is_bound_to_its_arguments(treasury, risk_manager, raise_limit):
    clock.travel(DELAY)
    other = operation_of(risk_manager, treasury, treasury.setLimit.encode_input(DEBTOR, 3 * LIMIT))
    refused = refusal(treasury.setLimit, DEBTOR, 3 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerNotScheduled", operationId=other)


def test_case_09_a_scheduled_call_expires_after_a_week(treasury, risk_manager, raise_limit):
    clock.travel(DELAY + WEEK)
    refused = refusal(treasury.setLimit, DEBTOR, 2 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerExpired", operationId=raise_limit[1])


def test_case_09_the_guardian_cancels_a_loosening(authority, treasury, risk_manager, guardian, raise_limit):
    data, operation = raise_limit
    nonce = authority.getNonce(operation)
    tx = authority.cancel(risk_manager, treasury, data, sender=guardian)
    assert events(tx) == [event(authority, "OperationCanceled", operationId=operation, nonce=nonce)]
    clock.travel(DELAY)
    refused = refusal(treasury.setLimit, DEBTOR, 2 * LIMIT, sender=risk_manager)
    assert refused == error("AccessManagerNotScheduled", operationId=operation)


@pytest.mark.parametrize("actor", ["stranger", "compliance", "risk_officer", "core_enterprise"])
def test_case_09_nobody_else_cancels_a_loosening(authority, treasury, actors, risk_manager, raise_limit, actor):
    selector = raise_limit[0][:4]
    refused = refusal(authority.cancel, risk_manager, treasury, raise_limit[0], sender=actors[actor])
    assert refused == error(
        "AccessManagerUnauthorizedCancel",
        msgsender=actors[actor],
        caller=risk_manager,
        target=treasury,
        selector=bytes(selector),
    )


def test_case_09_tightening_and_stopping_act_at_once(suite, policy, oracle, actors):
    guardian, officer, compliance = (actors[name] for name in ("guardian", "risk_officer", "compliance"))
    policy.tightenTerms(0, 0, (False, 0, 2_400, 300, 0, 0, 255), sender=officer)
    suite.treasury.cutLimit(DEBTOR, 0, sender=officer)
    suite.factoring.closeFacility(DEBTOR, sender=officer)
    oracle.retireModel(1, sender=officer)
    suite.participants.freeze(DEBTOR, b"\1" * 32, sender=compliance)
    oracle.hold(DEBTOR, sender=guardian)
    oracle.pauseReports(sender=guardian)
    for contract in (suite.treasury, suite.receivables, suite.factoring):
        contract.pause(sender=guardian)
        assert contract.paused()
    assert oracle.reportsPaused()
    assert not suite.factoring.facilityOf(DEBTOR).open
    assert suite.treasury.accountOf(DEBTOR).limit == 0


@pytest.mark.parametrize("contract", ["treasury", "receivables", "factoring"])
def test_case_09_whoever_pauses_does_not_unpause(suite, guardian, contract):
    paused = getattr(suite, contract)
    paused.pause(sender=guardian)
    refused = refusal(paused.unpause, sender=guardian)
    assert refused == error("AccessManagedUnauthorized", caller=guardian)


@pytest.mark.parametrize("contract", ["treasury", "receivables", "factoring"])
def test_case_09_the_admin_unpauses_after_the_delay(suite, guardian, admin, contract):
    paused = getattr(suite, contract)
    paused.pause(sender=guardian)
    tx = after_delay(suite, admin, paused.unpause)
    assert events(tx)[1:] == [event(paused, "Unpaused", account=admin)]
    assert not paused.paused()


def test_case_09_losing_every_key_of_the_bank_blocks_no_repayment(suite, authority, actors, given):
    """Every officer is gone and the oracle silent; the debtor pays one claim, a supplier repays the other."""
    settled, repaid = given.financed(), given.financed()
    for role in plan.ROLES:
        authority.renounceRole(role.id, actors[role.name], sender=actors[role.name])
    clock.pass_days(60)
    given.settle(settled, given.receivables.partOf(settled).face)
    suite.factoring.collect(settled, sender=actors["stranger"])
    suite.factoring.repay(repaid, suite.factoring.owedOf(repaid).principal, sender=actors["supplier"])
    assert given.status(settled) == given.status(repaid) == Status.REPAID
    given.receivables.release(settled, sender=actors["supplier"])
    suite.treasury.redeem(
        suite.treasury.maxRedeem(actors["lender"]), actors["lender"], actors["lender"], sender=actors["lender"]
    )


"""PARTIES NEVER JUDGE THEMSELVES"""


SELF_JUDGEMENT = {
    "limit": lambda s: (s.treasury.setLimit, DEBTOR, LIMIT),
    "cut": lambda s: (s.treasury.cutLimit, DEBTOR, 0),
    "terms": lambda s: (s.policy.setTerms, 0, 0, (True, 10_000, 0, 0, LIMIT, 1, 0)),
    "tightened terms": lambda s: (s.policy.tightenTerms, 0, 0, (True, 10_000, 0, 0, LIMIT, 1, 0)),
    "facility": lambda s: (s.factoring.setFacility, DEBTOR, FACILITY),
    "registration": lambda s: (s.factoring.recordRegistration, 1, b"\1" * 32),
    "kyc": lambda s: (s.participants.renew, DEBTOR, 15, clock.now() + clock.DAY, b"\1" * 32),
    "freeze": lambda s: (s.participants.unfreeze, DEBTOR),
    "hold": lambda s: (s.oracle.release, DEBTOR, 0),
    "model": lambda s: (s.oracle.registerModel, 9, b"\1" * 32),
    "approval": lambda s: (s.oracle.approveModel, 1, b"\1" * 32),
    "line conditions": lambda s: (s.line.setConditions, (True, 360, 30, 10, 0, 0, 0, 0, LIMIT, LIMIT, b"\1" * 32)),
    "line freeze": lambda s: (s.line.unfreeze, DEBTOR),
    "signers": lambda s: (s.oracle.setSigners, [], 0),
    "product": lambda s: (s.treasury.allowProduct, s.factoring),
    "lienor": lambda s: (s.receivables.allowLienor, s.factoring),
    "currency": lambda s: (s.receivables.allowCurrency, s.cash),
    "dispute": lambda s: (s.receivables.resolveDispute, 1, 0, b"\1" * 32),
}


@pytest.mark.parametrize("figure", SELF_JUDGEMENT)
@pytest.mark.parametrize("party", ["core_enterprise", "supplier", "lender"])
def test_case_04_a_party_never_supplies_a_figure_that_judges_it(suite, actors, party, figure):
    method, *arguments = SELF_JUDGEMENT[figure](suite)
    refused = refusal(method, *arguments, sender=actors[party])
    assert refused == error("AccessManagedUnauthorized", caller=actors[party])


def test_case_04_a_party_does_not_sign_its_own_score(quorum, core_enterprise):
    key = development_key(ACCOUNTS["core_enterprise"])
    report = quorum.report(quorum.record(DEBTOR, 850))
    refused = quorum.refusal(report, core_enterprise, quorum.sign(report, [key, key]))
    assert refused == error("SignerUnknown", signer=core_enterprise)


def test_case_04_a_seller_chooses_nothing_of_its_financing_but_guards(factoring):
    inputs = next(m for m in factoring.contract_type.mutable_methods if m.name == "finance").inputs
    assert [i.name for i in inputs] == ["receivable", "minNet", "deadline"]


def test_case_05_an_account_without_a_role_is_refused_everywhere(suite, stranger):
    """An unset target, an unset role and an unset member are refusals, not open doors."""
    fresh = stranger.deploy(ape.project.Participants, suite.authority)
    refused = refusal(fresh.admit, stranger, 1, clock.now() + clock.DAY, b"\1" * 32, sender=stranger)
    assert refused == error("AccessManagedUnauthorized", caller=stranger)
