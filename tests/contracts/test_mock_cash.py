"""MockCash: the settlement token of local chains."""

import pytest

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import NOBODY
from tests.contracts.suite import ACCOUNTS


@pytest.fixture
def permit(given, spare):
    """The arguments of the supplier's permit for `spare` over 7."""

    def signed(deadline):
        return given.permit(development_key(ACCOUNTS["supplier"]), spare, 7, deadline)

    return signed


def test_it_counts_in_fen(cash):
    assert (cash.decimals(), cash.symbol()) == (2, "tCNY")


def test_anyone_mints(cash, stranger, supplier):
    before = cash.balanceOf(supplier)
    tx = cash.mint(supplier, 5, sender=stranger)
    assert events(tx) == [event(cash, "Transfer", **{"from": NOBODY, "to": supplier, "value": 5})]
    assert cash.balanceOf(supplier) == before + 5


def test_a_transfer_beyond_the_balance_is_refused(cash, spare, stranger):
    refused = refusal(cash.transfer, stranger, 1, sender=spare)
    assert refused == error("ERC20InsufficientBalance", sender=spare, balance=0, needed=1)


def test_a_permit_sets_an_allowance_for_whoever_relays_it(cash, supplier, spare, stranger, permit):
    tx = cash.permit(supplier, spare, *permit(clock.now() + 60), sender=stranger)
    assert events(tx) == [event(cash, "Approval", owner=supplier, spender=spare, value=7)]
    assert cash.allowance(supplier, spare) == 7


def test_a_permit_is_used_once(cash, supplier, spare, stranger, permit):
    signed = permit(clock.now() + 60)
    cash.permit(supplier, spare, *signed, sender=stranger)
    assert refusal(cash.permit, supplier, spare, *signed, sender=stranger).error == "ERC2612InvalidSigner"


def test_an_expired_permit_is_refused(cash, supplier, spare, stranger, permit):
    deadline = clock.now() - 1
    refused = refusal(cash.permit, supplier, spare, *permit(deadline), sender=stranger)
    assert refused == error("ERC2612ExpiredSignature", deadline=deadline)
