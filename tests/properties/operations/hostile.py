"""Steps that only a hostile token takes."""

from tests.properties.draw import Draw
from tests.properties.model import line as credit_lines
from tests.properties.model.treasury import VIRTUAL_SHARES
from tests.properties.operations.lending import pass_time
from tests.properties.operations.lines import pass_to_line_day, refresh_score
from tests.properties.operations.registry import OPERATIONS, only_with
from tests.properties.operations.rules import submit_scores
from tests.properties.people import PAYER, STRANGER
from tests.properties.world import Step

NOT_BY_A_TOKEN = (pass_time, pass_to_line_day, submit_scores, refresh_score)

# Hostile tokens


@only_with("MockFeeCash", 1)
def set_fee(d: Draw) -> Step:
    return Step("Cash", "setFee", STRANGER, (d.one((0, 0, 1, 100, 5_000, 10_000)),))


@only_with("MockReentrantCash", 20)
def call_back(d: Draw) -> Step:
    """Any step at all, in the token's name, in the middle of the next transfer."""
    operation = d.one([operation for operation in OPERATIONS if operation not in NOT_BY_A_TOKEN])
    step = operation(d)
    token, arguments = d.world.addresses["Cash"], step.arguments
    if step.function in ("deposit", "mint"):
        arguments = (arguments[0], token)
    if step.function in ("withdraw", "redeem"):
        shares = d.model.treasury.shares[token]
        worth = shares * (d.model.treasury.net() + 1) // (d.model.treasury.supply + VIRTUAL_SHARES)
        arguments = (d.amount(worth if step.function == "withdraw" else shares), token, token)
    return Step("Cash", "callBack", STRANGER, (step._replace(caller=token, arguments=arguments),))


@only_with("MockReentrantCash", 12)
def tell_on_the_payer(d: Draw) -> Step:
    """Mark a line delinquent in the middle of a payment on it: first the call, then, if it still waits, the payment."""
    armed = d.model.cash.armed
    if armed and armed.function == "markDelinquent":
        (party,) = armed.arguments
        line = d.model.lines.line_of(party)
        return Step("CreditLine", "repay", PAYER, (party, d.amount(line.account.owed if line else 1)))
    party = d.line(lambda line: line.status == credit_lines.OPEN and line.account.overdue > 0)
    call = Step("CreditLine", "markDelinquent", d.world.addresses["Cash"], (party,))
    return Step("Cash", "callBack", STRANGER, (call,))


@only_with("MockBlockingCash", 1)
def set_stopped(d: Draw) -> Step:
    return Step("Cash", "setStopped", STRANGER, (d.chance(20),))


@only_with("MockBlockingCash", 2)
def set_blocked(d: Draw) -> Step:
    account = d.one((*d.model.participants.party_of, PAYER, d.world.addresses["Treasury"]))
    return Step("Cash", "setBlocked", STRANGER, (account, d.chance(40)))
