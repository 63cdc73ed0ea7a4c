"""MockCash: the settlement token of local chains."""

from ape import chain
from eth_account.messages import encode_typed_data

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import NOBODY, PERMIT_TYPE
from tests.contracts.suite import ACCOUNTS


def permit(cash, owner, spender, value, deadline):
    """The owner's signed permit, as (v, r, s)."""
    message = {
        "owner": owner.address,
        "spender": spender.address,
        "value": value,
        "nonce": cash.nonces(owner),
        "deadline": deadline,
    }
    domain = {
        "name": "Heqi test yuan",
        "version": "1",
        "chainId": chain.chain_id,
        "verifyingContract": cash.address,
    }
    signed = development_key(ACCOUNTS["supplier"]).sign_message(
        encode_typed_data(domain_data=domain, message_types={"Permit": PERMIT_TYPE}, message_data=message)
    )
    return signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)


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


def test_a_permit_sets_an_allowance_for_whoever_relays_it(cash, supplier, spare, stranger):
    deadline = clock.now() + 60
    tx = cash.permit(supplier, spare, 7, deadline, *permit(cash, supplier, spare, 7, deadline), sender=stranger)
    assert events(tx) == [event(cash, "Approval", owner=supplier, spender=spare, value=7)]
    assert cash.allowance(supplier, spare) == 7


def test_a_permit_is_used_once(cash, supplier, spare, stranger):
    deadline = clock.now() + 60
    signature = permit(cash, supplier, spare, 7, deadline)
    cash.permit(supplier, spare, 7, deadline, *signature, sender=stranger)
    refused = refusal(cash.permit, supplier, spare, 7, deadline, *signature, sender=stranger)
    assert refused.error == "ERC2612InvalidSigner"


def test_an_expired_permit_is_refused(cash, supplier, spare, stranger):
    deadline = clock.now() - 1
    signature = permit(cash, supplier, spare, 7, deadline)
    refused = refusal(cash.permit, supplier, spare, 7, deadline, *signature, sender=stranger)
    assert refused == error("ERC2612ExpiredSignature", deadline=deadline)
