"""pledge, collect, unpledge by products; admission of products and currencies; pausing."""

import pytest
from ape import project

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, FACE, State
from tests.contracts.suite import DELAY, after_delay, schedule

pytestmark = pytest.mark.usefixtures("market")

TRIAL = 10_000


@pytest.fixture(scope="module")
def lienor(suite, admin, product):
    """An account that was admitted as a second product, number 2."""
    after_delay(suite, admin, suite.receivables.allowLienor, product)
    return product


# PLEDGE


def test_only_an_admitted_product_takes_a_lien(given, receivables, supplier, spare):
    receivable = given.confirmed()
    for caller in (supplier, spare):
        assert refusal(receivables.pledge, receivable, sender=caller) == error("NotLienor", caller=caller)


@pytest.mark.parametrize(
    ("situation", "state"),
    [("registered", State.REGISTERED), ("disputed", State.DISPUTED), ("financed", State.FINANCED)],
)
def test_only_a_confirmed_claim_is_pledged(given, receivables, lienor, situation, state):
    receivable = getattr(given, situation)()
    refused = error("StateWrong", id=receivable, state=state, needed=State.CONFIRMED)
    assert refusal(receivables.pledge, receivable, sender=lienor) == refused
    assert refusal(receivables.pledge, 9, sender=lienor) == error("ReceivableUnknown", id=9)


def test_a_pledged_claim_keeps_its_holder_but_not_its_settlements(given, receivables, cash, lienor, supplier, spare):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 30)
    receipt = receivables.pledge(receivable, sender=lienor)
    credited = {"id": receivable, "holder": supplier, "currency": CASH, "amount": 30}
    assert events(receipt) == [
        event(receivables, "ProceedsCredited", **credited),
        event(receivables, "ReceivablePledged", id=receivable, lienor=2),
    ]
    assert receivables.partOf(receivable) == (100, 30, receivable, State.FINANCED, 0, 2)
    assert receivables.ownerOf(receivable) == supplier
    given.settle(receivable, 70)
    assert given.state(receivable) == State.FINANCED
    receipt = receivables.collect(receivable, spare, 50, sender=lienor)
    assert events(receipt) == [
        event(receivables, "ProceedsClaimed", id=receivable, to=spare, amount=50, claimed=80),
        event(cash, "Transfer", **{"from": receivables.address}, to=spare, value=50),
    ]
    assert receivables.claimOf(receivable).claimable == 20
    receipt = receivables.unpledge(receivable, sender=lienor)
    assert events(receipt) == [event(receivables, "ReceivableReleased", id=receivable, lienor=2)]
    assert receivables.partOf(receivable) == (100, 80, receivable, State.SETTLED, 0, 0)
    receivables.release(receivable, sender=supplier)
    assert receivables.creditOf(supplier, CASH) == 30


# COLLECT AND UNPLEDGE


def test_case_8_a_lien_belongs_to_the_product_that_took_it(given, receivables, lienor, supplier, spare):
    financed, free = given.financed(), given.confirmed()
    given.settle(financed, FACE)
    calls = ((receivables.collect, financed, spare, 1), (receivables.unpledge, financed))
    for call in calls:
        assert refusal(*call, sender=supplier) == error("NotLienor", caller=supplier)
        assert refusal(*call, sender=lienor) == error("LienForeign", id=financed, lienor=1)
    assert refusal(receivables.unpledge, free, sender=lienor) == error("LienForeign", id=free, lienor=0)


def test_nothing_is_collected_before_something_was_paid(given, receivables, lienor, spare):
    receivable = given.confirmed()
    receivables.pledge(receivable, sender=lienor)
    assert refusal(receivables.collect, receivable, spare, 1, sender=lienor) == error("NothingToClaim")
    given.settle(receivable, 1)
    assert refusal(receivables.collect, receivable, spare, 0, sender=lienor) == error("NothingToClaim")


# PRODUCTS


def test_only_the_administrator_admits_products_and_only_after_the_delay(suite, receivables, admin, stranger, spare):
    refused = error("AccessManagedUnauthorized", caller=stranger)
    assert refusal(receivables.allowLienor, spare, sender=stranger) == refused
    schedule(suite, admin, receivables.allowLienor, spare)
    clock.travel(DELAY - 10)
    assert refusal(receivables.allowLienor, spare, sender=admin).error == "AccessManagerNotReady"


def test_a_product_is_admitted_once(suite, receivables, factoring, admin):
    schedule(suite, admin, receivables.allowLienor, factoring)
    clock.travel(DELAY)
    assert refusal(receivables.allowLienor, factoring, sender=admin) == error("LienorKnown", product=factoring)


def test_a_product_gets_the_next_number(suite, receivables, admin, spare):
    receipt = after_delay(suite, admin, receivables.allowLienor, spare)
    number = receivables.lienorCount()
    assert events(receipt)[-1] == event(receivables, "LienorAllowed", lienor=number, product=spare)
    assert receivables.lienorOf(spare) == number


# CURRENCIES


@pytest.fixture(scope="module")
def tried(suite, deployer, risk_manager):
    """Deploys a token and tells what its admission is refused with."""

    def refusal_of(name, *setting):
        token = deployer.deploy(getattr(project, name))
        token.mint(risk_manager, TRIAL, sender=deployer)
        token.approve(suite.receivables, TRIAL, sender=risk_manager)
        if setting:
            getattr(token, setting[0])(*setting[1:], sender=deployer)
        schedule(suite, risk_manager, suite.receivables.allowCurrency, token)
        clock.travel(DELAY)
        return token, refusal(suite.receivables.allowCurrency, token, sender=risk_manager)

    return refusal_of


def test_only_the_risk_manager_admits_a_currency_and_only_after_the_delay(
    suite, receivables, risk_manager, risk_officer
):
    refused = error("AccessManagedUnauthorized", caller=risk_officer)
    assert refusal(receivables.allowCurrency, suite.cash, sender=risk_officer) == refused
    assert refusal(receivables.allowCurrency, suite.cash, sender=risk_manager).error == "AccessManagerNotScheduled"


def test_a_currency_is_admitted_once(suite, receivables, cash, risk_manager):
    schedule(suite, risk_manager, receivables.allowCurrency, cash)
    clock.travel(DELAY)
    assert refusal(receivables.allowCurrency, cash, sender=risk_manager) == error("CurrencyKnown", token=cash)


def test_an_address_without_a_contract_is_no_currency(suite, receivables, risk_manager, spare):
    schedule(suite, risk_manager, receivables.allowCurrency, spare)
    clock.travel(DELAY)
    assert refusal(receivables.allowCurrency, spare, sender=risk_manager) == error("CurrencyNotContract", token=spare)


def test_a_token_finer_than_six_decimals_is_refused(suite, treasury, receivables, risk_manager):
    schedule(suite, risk_manager, receivables.allowCurrency, treasury)
    clock.travel(DELAY)
    refused = error("CurrencyTooFine", token=treasury, decimals=8)
    assert refusal(receivables.allowCurrency, treasury, sender=risk_manager) == refused


@pytest.mark.parametrize("fee_bps", [1, 500])
def test_case_15_a_token_that_keeps_a_fee_is_not_admitted(tried, fee_bps):
    token, refused = tried("MockFeeCash", "setFee", fee_bps)
    assert refused == error("CurrencyKeepsFee", token=token, sent=TRIAL, arrived=TRIAL - TRIAL * fee_bps // 10_000)


@pytest.mark.parametrize("name", ["MockCash", "MockNoReturnCash", "MockFeeCash", "MockReentrantCash"])
def test_case_15_a_token_that_passes_the_trial_is_admitted_and_given_back(tried, receivables, risk_manager, name):
    token, refused = tried(name)
    assert refused is None
    number = receivables.currencyCount() + 1
    receipt = receivables.allowCurrency(token, sender=risk_manager)
    assert events(receipt)[-1] == event(receivables, "CurrencyAllowed", currency=number, token=token)
    assert receivables.currencyOf(number) == token
    assert (token.balanceOf(risk_manager), token.balanceOf(receivables)) == (TRIAL, 0)


def test_an_unknown_currency_is_not_read(receivables):
    for currency in (0, 2):
        assert refusal(receivables.currencyOf, currency) == error("CurrencyUnknown", currency=currency)


# PAUSING


def test_the_guardian_pauses_at_once_and_only_the_administrator_ends_it(suite, receivables, guardian, admin, stranger):
    refused = error("AccessManagedUnauthorized", caller=stranger)
    assert refusal(receivables.pause, sender=stranger) == refused
    receipt = receivables.pause(sender=guardian)
    assert events(receipt) == [event(receivables, "Paused", account=guardian)]
    assert refusal(receivables.unpause, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)
    receipt = after_delay(suite, admin, receivables.unpause)
    assert events(receipt)[-1] == event(receivables, "Unpaused", account=admin)
    assert not receivables.paused()
