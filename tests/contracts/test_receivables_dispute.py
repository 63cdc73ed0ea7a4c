"""dispute, withdrawDispute, resolveDispute, issueCreditNote, and how a part leaves its pool."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, DOCUMENT, FACE, REASON, State
from tests.contracts.suite import Party

pytestmark = pytest.mark.usefixtures("market")


def detached_event(receivables, part, pool, paid_on_part, pool_face, pool_paid):
    figures = {"paidOnPart": paid_on_part, "poolFace": pool_face, "poolPaid": pool_paid}
    return event(receivables, "ReceivableDetached", id=part, pool=pool, **figures)


def credit_note_event(receivables, receivable, amount, face):
    return event(receivables, "CreditNoteIssued", id=receivable, amount=amount, face=face, documentHash=DOCUMENT)


def disputed_event(receivables, receivable):
    return event(receivables, "ReceivableDisputed", id=receivable, debtor=Party.CORE_ENTERPRISE, reason=REASON)


# DISPUTE


def test_only_a_confirmed_claim_is_disputed(given, receivables, core_enterprise):
    registered = given.registered()
    refused = error("StateWrong", id=registered, state=State.REGISTERED, needed=State.CONFIRMED)
    assert refusal(receivables.dispute, registered, REASON, sender=core_enterprise) == refused
    financed = given.financed()
    refused = error("StateWrong", id=financed, state=State.FINANCED, needed=State.CONFIRMED)
    assert refusal(receivables.dispute, financed, REASON, sender=core_enterprise) == refused
    settled = given.confirmed()
    given.settle(settled, FACE)
    refused = error("StateWrong", id=settled, state=State.SETTLED, needed=State.CONFIRMED)
    assert refusal(receivables.dispute, settled, REASON, sender=core_enterprise) == refused


def test_only_the_debtor_disputes(given, receivables, core_enterprise2, supplier, stranger):
    receivable = given.confirmed()
    for caller in (core_enterprise2, supplier, stranger):
        refused = error("NotDebtor", id=receivable, caller=caller)
        assert refusal(receivables.dispute, receivable, REASON, sender=caller) == refused


def test_a_claim_is_disputed_until_midnight_of_its_due_day_in_beijing(given, receivables, core_enterprise):
    receivable, due_day = given.confirmed(days=1), clock.today() + 1
    clock.travel_to(clock.midnight(due_day + 1) - 1)
    assert refusal(receivables.dispute, receivable, REASON, sender=core_enterprise) is None
    clock.travel_to(clock.midnight(due_day + 1))
    refused = error("DueDayPassed", id=receivable, dueDay=due_day)
    assert refusal(receivables.dispute, receivable, REASON, sender=core_enterprise) == refused


def test_a_disputed_claim_is_frozen_but_can_be_paid(
    given, receivables, factoring, core_enterprise, supplier, supplier2
):
    receivable = given.confirmed()
    receipt = receivables.dispute(receivable, REASON, sender=core_enterprise)
    assert events(receipt) == [disputed_event(receivables, receivable)]
    assert receivables.partOf(receivable) == (FACE, 0, receivable, State.DISPUTED, 0, 0)
    refused = error("StateWrong", id=receivable, state=State.DISPUTED, needed=State.CONFIRMED)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused
    assert refusal(receivables.dispute, receivable, REASON, sender=core_enterprise) == refused
    disputed = error("FinancingDisputed", receivable=receivable)
    assert refusal(factoring.quote, receivable) == disputed
    given.settle(receivable, FACE)
    assert given.state(receivable) == State.SETTLED
    receivables.release(receivable, sender=supplier)
    assert refusal(receivables.withdrawDispute, receivable, sender=core_enterprise) is None


# A PART LEAVES ITS POOL


def test_case_18_a_disputed_part_takes_its_share_along_and_its_siblings_lose_nothing(
    given, receivables, core_enterprise, supplier
):
    first, second, third = given.split([50, 30, 20])
    given.settle(first, 33)
    assert [receivables.claimOf(part).claimable for part in (first, second, third)] == [16, 9, 6]
    receipt = receivables.dispute(second, REASON, sender=core_enterprise)
    assert events(receipt) == [
        detached_event(receivables, second, first - 1, paid_on_part=9, pool_face=70, pool_paid=24),
        disputed_event(receivables, second),
    ]
    assert receivables.partOf(second) == (30, 0, second, State.DISPUTED, 0, 0)
    assert receivables.poolOf(second).paid == 9
    assert (receivables.partOf(first - 1).face, receivables.poolOf(first).paid) == (70, 24)
    assert [receivables.claimOf(part).claimable for part in (first, second, third)] == [17, 9, 6]
    assert given.dust([supplier]) == 1
    given.settle(first, 46)
    given.settle(second, 21)
    assert [receivables.claimOf(part).claimable for part in (first, second, third)] == [50, 30, 20]
    assert given.dust([supplier]) == 0


def test_a_part_that_claimed_before_it_left_claims_only_what_follows(given, receivables, core_enterprise, supplier):
    first, second = given.split([60, 40])
    given.settle(first, 50)
    receivables.release(second, sender=supplier)
    receivables.dispute(second, REASON, sender=core_enterprise)
    assert receivables.claimOf(second).claimable == 0
    given.settle(second, 20)
    assert receivables.claimOf(second).claimable == 20
    assert given.state(second) == State.SETTLED
    refused = error("NothingOwed", id=second)
    assert refusal(receivables.settle, second, 1, sender=core_enterprise) == refused


def test_a_settlement_of_the_pool_does_not_reach_a_part_that_left(given, receivables, core_enterprise):
    first, second = given.split([60, 40])
    receivables.dispute(second, REASON, sender=core_enterprise)
    receipt = given.settle(first - 1, 100)
    settled = {"pool": first - 1, "payer": core_enterprise, "amount": 60, "paid": 60, "face": 60}
    assert events(receipt)[-1] == event(receivables, "ReceivableSettled", **settled)
    assert receivables.claimOf(second).outstanding == 40
    assert given.state(first) == State.SETTLED


def test_a_pool_that_every_part_left_is_owed_nothing(given, receivables, core_enterprise):
    parts = given.split([60, 40])
    for part in parts:
        receivables.dispute(part, REASON, sender=core_enterprise)
    assert receivables.partOf(parts[0] - 1) == (0, 0, parts[0] - 1, State.SPLIT, 0, 0)
    refused = error("NothingOwed", id=parts[0] - 1)
    assert refusal(receivables.settle, parts[0] - 1, 1, sender=core_enterprise) == refused


def test_a_part_that_left_is_split_into_a_pool_of_its_own(given, receivables, core_enterprise, supplier):
    first, second = given.split([60, 40])
    receivables.dispute(second, REASON, sender=core_enterprise)
    receivables.withdrawDispute(second, sender=core_enterprise)
    receivables.split(second, [39, 1], sender=supplier)
    given.settle(second, 40)
    assert [receivables.claimOf(part).claimable for part in (first, second, second + 1, second + 2)] == [0, 0, 39, 1]


def test_case_10_the_siblings_of_a_disputed_part_are_financed_and_it_is_not(
    given, receivables, factoring, core_enterprise
):
    first, second = given.split([FACE, FACE])
    receivables.dispute(second, REASON, sender=core_enterprise)
    given.finance(first)
    assert refusal(factoring.quote, second) == error("FinancingDisputed", receivable=second)
    receivables.withdrawDispute(second, sender=core_enterprise)
    given.finance(second)
    for part in (first, second):
        assert refusal(factoring.quote, part) == error("AlreadyFinanced", receivable=part)
    assert refusal(factoring.quote, first - 1) == error("NotFinanceable", receivable=first - 1, state=State.SPLIT)


# WITHDRAW


def test_only_a_disputed_claim_has_a_dispute_to_withdraw(given, receivables, core_enterprise):
    receivable = given.confirmed()
    refused = error("StateWrong", id=receivable, state=State.CONFIRMED, needed=State.DISPUTED)
    assert refusal(receivables.withdrawDispute, receivable, sender=core_enterprise) == refused


def test_only_the_debtor_withdraws_its_dispute(given, receivables, core_enterprise2, supplier):
    receivable = given.disputed()
    for caller in (core_enterprise2, supplier):
        refused = error("NotDebtor", id=receivable, caller=caller)
        assert refusal(receivables.withdrawDispute, receivable, sender=caller) == refused


def test_a_withdrawn_dispute_leaves_the_claim_confirmed(given, receivables, core_enterprise):
    receivable = given.disputed()
    receipt = receivables.withdrawDispute(receivable, sender=core_enterprise)
    assert events(receipt) == [event(receivables, "DisputeEnded", id=receivable, by=core_enterprise)]
    assert receivables.partOf(receivable) == (FACE, 0, receivable, State.CONFIRMED, 0, 0)


# RESOLVE


def test_only_compliance_resolves_a_dispute(given, receivables, core_enterprise, supplier, risk_officer):
    receivable = given.disputed()
    for caller in (core_enterprise, supplier, risk_officer):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(receivables.resolveDispute, receivable, 0, DOCUMENT, sender=caller) == refused


def test_only_a_disputed_claim_has_a_dispute_to_resolve(given, receivables, compliance):
    receivable = given.confirmed()
    refused = error("StateWrong", id=receivable, state=State.CONFIRMED, needed=State.DISPUTED)
    assert refusal(receivables.resolveDispute, receivable, 0, DOCUMENT, sender=compliance) == refused


def test_an_award_above_what_is_owed_is_refused(given, receivables, compliance):
    receivable = given.disputed()
    given.settle(receivable, 1)
    refused = error("CreditTooLarge", id=receivable, amount=FACE, outstanding=FACE - 1)
    assert refusal(receivables.resolveDispute, receivable, FACE, DOCUMENT, sender=compliance) == refused


def test_a_dispute_decided_for_the_creditor_leaves_the_claim_whole(given, receivables, compliance):
    receivable = given.disputed()
    receipt = receivables.resolveDispute(receivable, 0, DOCUMENT, sender=compliance)
    assert events(receipt) == [event(receivables, "DisputeEnded", id=receivable, by=compliance)]
    assert receivables.partOf(receivable) == (FACE, 0, receivable, State.CONFIRMED, 0, 0)


def test_a_dispute_decided_in_part_lowers_the_claim_and_frees_the_rest_for_financing(
    given, receivables, factoring, compliance
):
    receivable = given.disputed()
    receipt = receivables.resolveDispute(receivable, FACE // 4, DOCUMENT, sender=compliance)
    assert events(receipt) == [
        event(receivables, "DisputeEnded", id=receivable, by=compliance),
        credit_note_event(receivables, receivable, FACE // 4, FACE * 3 // 4),
    ]
    assert factoring.quote(receivable).claim == FACE * 3 // 4


def test_a_dispute_decided_for_the_debtor_after_the_due_day_ends_the_claim(given, receivables, compliance):
    receivable = given.confirmed(days=1)
    receivables.dispute(receivable, REASON, sender=given.debtor)
    clock.pass_days(30)
    receivables.resolveDispute(receivable, FACE, DOCUMENT, sender=compliance)
    assert receivables.partOf(receivable) == (0, 0, receivable, State.SETTLED, 0, 0)


# CREDIT NOTE


def test_a_credit_note_needs_a_confirmed_or_disputed_claim(given, receivables, supplier):
    registered, financed = given.registered(), given.financed()
    for receivable, state in ((registered, State.REGISTERED), (financed, State.FINANCED), (99, State.NONE)):
        refused = error("StateWrong", id=receivable, state=state, needed=State.CONFIRMED)
        assert refusal(receivables.issueCreditNote, receivable, 1, DOCUMENT, sender=supplier) == refused


def test_only_the_holder_issues_a_credit_note(given, receivables, core_enterprise, supplier2):
    receivable = given.confirmed()
    for caller in (core_enterprise, supplier2):
        refused = error("NotHolder", id=receivable, caller=caller)
        assert refusal(receivables.issueCreditNote, receivable, 1, DOCUMENT, sender=caller) == refused


def test_a_credit_note_over_nothing_is_refused(given, receivables, supplier):
    receivable = given.confirmed()
    assert refusal(receivables.issueCreditNote, receivable, 0, DOCUMENT, sender=supplier) == error("AmountZero")


@pytest.mark.parametrize("paid", [0, 40])
def test_a_credit_note_above_what_is_owed_is_refused(given, receivables, supplier, paid):
    receivable = given.confirmed(face=100)
    if paid:
        given.settle(receivable, paid)
    refused = error("CreditTooLarge", id=receivable, amount=101 - paid, outstanding=100 - paid)
    assert refusal(receivables.issueCreditNote, receivable, 101 - paid, DOCUMENT, sender=supplier) == refused
    assert refusal(receivables.issueCreditNote, receivable, 100 - paid, DOCUMENT, sender=supplier) is None


def test_a_credit_note_over_a_part_lowers_what_is_owed(given, receivables, supplier):
    receivable = given.confirmed(face=100)
    receipt = receivables.issueCreditNote(receivable, 30, DOCUMENT, sender=supplier)
    assert events(receipt) == [credit_note_event(receivables, receivable, 30, 70)]
    assert receivables.partOf(receivable) == (70, 0, receivable, State.CONFIRMED, 0, 0)
    assert receivables.claimOf(receivable).outstanding == 70


def test_a_credit_note_over_all_that_is_left_after_a_settlement_ends_the_claim(given, receivables, supplier):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 40)
    receivables.issueCreditNote(receivable, 60, DOCUMENT, sender=supplier)
    assert given.state(receivable) == State.SETTLED
    assert receivables.claimOf(receivable).claimable == 40
    refused = error("NothingOwed", id=receivable)
    assert refusal(receivables.settle, receivable, 1, sender=given.debtor) == refused


def test_a_credit_note_over_the_whole_ends_an_unpaid_claim(given, receivables, supplier):
    receivable = given.confirmed(face=100)
    receivables.issueCreditNote(receivable, 100, DOCUMENT, sender=supplier)
    assert receivables.partOf(receivable) == (0, 0, receivable, State.SETTLED, 0, 0)
    assert refusal(receivables.release, receivable, sender=supplier) == error("NothingToClaim")


def test_a_credit_note_on_a_disputed_claim_leaves_the_dispute_open(given, receivables, supplier):
    receivable = given.disputed()
    receivables.issueCreditNote(receivable, 1, DOCUMENT, sender=supplier)
    assert receivables.partOf(receivable) == (FACE - 1, 0, receivable, State.DISPUTED, 0, 0)


def test_a_credit_note_on_a_part_lets_it_leave_its_pool(given, receivables, supplier):
    first, second = given.split([60, 40])
    given.settle(first, 55)
    receipt = receivables.issueCreditNote(second, 18, DOCUMENT, sender=supplier)
    assert events(receipt) == [
        detached_event(receivables, second, first - 1, paid_on_part=22, pool_face=60, pool_paid=33),
        credit_note_event(receivables, second, 18, 22),
    ]
    assert given.state(second) == State.SETTLED
    assert receivables.claimOf(second).claimable == 22
    assert (receivables.claimOf(first).outstanding, receivables.claimOf(first).claimable) == (27, 33)


def test_a_credit_note_on_a_leaf_of_a_tree_lowers_the_root_it_shared_in(given, receivables, supplier):
    first, second = given.split([60, 40])
    receivables.split(second, [30, 10], sender=supplier)
    leaf = second + 2
    receivables.issueCreditNote(leaf, 10, DOCUMENT, sender=supplier)
    assert receivables.partOf(first - 1).face == 90
    assert receivables.partOf(leaf) == (0, 0, leaf, State.SETTLED, 0, 0)
    given.settle(first, 90)
    assert [receivables.claimOf(part).claimable for part in (first, second + 1)] == [60, 30]


def test_a_part_leaves_its_pool_until_midnight_of_the_due_day(given, receivables, supplier):
    first, _ = given.split([60, 40], days=1)
    due_day = clock.today() + 1
    clock.travel_to(clock.midnight(due_day + 1) - 1)
    assert refusal(receivables.issueCreditNote, first, 1, DOCUMENT, sender=supplier) is None
    clock.travel_to(clock.midnight(due_day + 1))
    refused = error("DueDayPassed", id=first, dueDay=due_day)
    assert refusal(receivables.issueCreditNote, first, 1, DOCUMENT, sender=supplier) == refused


def test_an_overdue_claim_that_stands_alone_can_still_be_waived(given, receivables, supplier):
    receivable = given.confirmed(days=1)
    clock.pass_days(30)
    receivables.issueCreditNote(receivable, FACE, DOCUMENT, sender=supplier)
    assert given.state(receivable) == State.SETTLED


def test_a_claim_that_was_paid_in_full_cannot_be_waived(given, receivables, supplier):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 100)
    refused = error("CreditTooLarge", id=receivable, amount=1, outstanding=0)
    assert refusal(receivables.issueCreditNote, receivable, 1, DOCUMENT, sender=supplier) == refused


def test_case_18_a_credit_note_beside_a_financed_part_takes_nothing_from_the_lender(given, receivables, supplier):
    first, second = given.split([1_000_00, 999_99])
    given.settle(first, 333_33)
    given.finance(first)
    before = receivables.claimOf(first)
    receivables.issueCreditNote(second, 500_00, DOCUMENT, sender=supplier)
    after = receivables.claimOf(first)
    assert after.outstanding in (before.outstanding, before.outstanding - 1)
    assert after.claimable + after.outstanding == before.claimable + before.outstanding
    given.settle(first, FACE)
    assert receivables.claimOf(first).outstanding == 0
    assert receivables.creditOf(supplier, CASH) + receivables.claimOf(first).claimable == 1_000_00
