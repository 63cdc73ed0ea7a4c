"""Mirror of the contract Factoring."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from tests import model as figures
from tests.properties.model import receivables as claims
from tests.properties.model.cash import PlainCash
from tests.properties.model.gate import Gate, Switch, guarded
from tests.properties.model.participants import CORE_ENTERPRISE, SUPPLIER, Participants
from tests.properties.model.policy import Policy, Terms
from tests.properties.model.receivables import Receivables
from tests.properties.model.refused import Refused, require
from tests.properties.model.treasury import Treasury

PRODUCT = 0
NONE, ACTIVE, OVERDUE, DEFAULTED, WRITTEN_OFF, REPAID, RECOVERED = range(7)
OPEN = (ACTIVE, OVERDUE, DEFAULTED, WRITTEN_OFF)


class Facility(NamedTuple):
    """In the order of the contract's struct."""

    open: int
    recourse: int
    registration_required: int
    max_term_days: int
    basis: int
    grace_days: int
    cure_days: int
    late_rate_bps: int
    late_cap_bps: int
    overdue_impairment_bps: int


CLOSED = Facility(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


class Offer(NamedTuple):
    figures: figures.Quote
    facility: Facility
    seller: int
    claim: claims.Claim
    terms: Terms
    grade: int
    score: int

    def words(self, today: int) -> tuple[Any, ...]:
        """In the order of the contract's struct Quote."""
        q, claim, terms = self.figures, self.claim, self.terms
        amounts = claim.outstanding, q.advance, q.discount, q.fee, q.net, q.remainder
        days = today, claim.due_day, q.term
        rates = q.all_in_rate_bps, terms.advance_bps, terms.annual_rate_bps, terms.fee_bps
        parties = self.score, self.grade, self.seller, claim.debtor, terms.limit_cap, claim.holder
        return *amounts, *days, *rates, *parties, self.facility


@dataclass(slots=True)
class Financing:
    """In the order of the contract's struct."""

    principal: int
    outstanding: int
    start_day: int
    due_day: int
    income: int
    seller: int
    debtor: int
    late_rate_bps: int
    late_cap_bps: int
    basis: int
    grace_days: int
    cure_days: int
    status: int
    recourse: int
    overdue_impairment_bps: int
    late_paid: int = 0
    late_unit_days: int = 0
    late_through_day: int = 0
    impaired: int = 0
    from_cover: int = 0
    notice_day: int = 0

    @property
    def daily_earning(self) -> int:
        return self.income // (self.due_day - self.start_day)


class Factoring(Switch):
    def __init__(
        self,
        gate: Gate,
        participants: Participants,
        policy: Policy,
        treasury: Treasury,
        receivables: Receivables,
        cash: PlainCash,
    ) -> None:
        super().__init__(gate)
        self.participants = participants
        self.policy = policy
        self.treasury = treasury
        self.receivables = receivables
        self.cash = cash
        self.facilities: dict[int, Facility] = {}
        self.financings: dict[int, Financing] = {}
        self.registration_of: dict[int, int] = {}

    # Conditions

    def set_facility(self, caller: int, debtor: int, f: Facility) -> None:
        self.gate.restricted(caller)
        self.participants.known(debtor)
        within = 0 < f.max_term_days <= 365 and f.basis in (360, 365) and f.late_rate_bps <= 2_400
        require(
            within and f.late_cap_bps <= figures.BPS and f.overdue_impairment_bps <= figures.BPS,
            "FacilityOutOfBounds",
            f.max_term_days,
            f.basis,
            f.late_rate_bps,
            f.late_cap_bps,
            f.overdue_impairment_bps,
        )
        self.facilities[debtor] = f

    def close_facility(self, caller: int, debtor: int) -> None:
        self.gate.restricted(caller)
        self.participants.known(debtor)
        self.facilities[debtor] = self.facilities.get(debtor, CLOSED)._replace(open=0)

    def record_registration(self, caller: int, id: int, reference: int) -> None:
        self.gate.restricted(caller)
        require(reference, "RegistrationEmpty")
        self.receivables.known(id)
        self.registration_of[id] = reference

    # Financing

    def quote(self, _caller: int, id: int) -> Offer:
        self.require_running()
        offer = self.offer(id)
        q = offer.figures
        self.treasury.require_running()
        self.treasury.require_fundable(offer.claim.debtor, q.net, q.advance, offer.terms.limit_cap)
        return offer

    def offer(self, id: int) -> Offer:
        """The figures, whether or not the treasury can pay."""
        claim = self.receivables.claim_of(id)
        self._require_financeable(id, claim)
        f = self.facilities.get(claim.debtor, CLOSED)
        require(f.open, "FacilityClosed", claim.debtor)
        require(not f.registration_required or id in self.registration_of, "RegistrationMissing", id)
        seller = self.participants.require_verified(claim.holder, SUPPLIER)
        self.participants.require_verified_party(claim.debtor, CORE_ENTERPRISE)
        term = claim.due_day - self.gate.today
        require(0 < term <= f.max_term_days, "TermOutOfBounds", term, f.max_term_days)
        terms, grade, score = self.policy.require_terms(PRODUCT, claim.debtor)
        try:
            offer = figures.quote(
                claim.outstanding,
                figures.Terms(terms.advance_bps, terms.annual_rate_bps, terms.fee_bps),
                figures.Facility(f.basis, f.grace_days, f.late_rate_bps, f.late_cap_bps, f.overdue_impairment_bps),
                self.gate.today,
                claim.due_day,
            )
        except ValueError:
            raise Refused("ClaimTooSmall", claim.outstanding) from None
        return Offer(offer, f, seller, claim, terms, grade, score)

    def finance(self, caller: int, id: int, min_net: int, deadline: int) -> int:
        self.require_running()
        return self._finance(caller, id, min_net, deadline)

    @guarded
    def _finance(self, caller: int, id: int, min_net: int, deadline: int) -> int:
        require(self.gate.now <= deadline, "OfferExpired", deadline)
        offer = self.offer(id)
        claim, q = offer.claim, offer.figures
        require(caller == claim.holder, "OnlyHolderFinances", id, claim.holder)
        require(q.net >= min_net, "NetBelowSigned", q.net, min_net)
        self.receivables.require_pledgeable(id)
        self.treasury.require_disbursable(claim.debtor, q.net, q.advance, offer.terms.limit_cap)
        self.cash.require_movable(self.treasury.address, claim.holder, q.net)
        self.receivables.pledged(id)
        self.financings[id] = self._opened(offer)
        self.treasury.disburse(PRODUCT, claim.debtor, claim.holder, q.net, q.advance, claim.due_day)
        return q.net

    # Repayment

    @guarded
    def collect(self, _caller: int, id: int) -> int:
        f = self._open_financing(id)
        unit_days = self.late_unit_days(id, f)
        late = self._late_owed(f, unit_days)
        amount = self.receivables.collected(id, self.treasury.address, f.outstanding + late)
        self._apply(id, f, amount, late, unit_days)
        return amount

    @guarded
    def repay(self, caller: int, id: int, amount: int) -> int:
        require(amount, "PaymentZero")
        f = self._open_financing(id)
        unit_days = self.late_unit_days(id, f)
        late = self._late_owed(f, unit_days)
        payment = min(amount, f.outstanding + late)
        if self._closes(id, f, payment, late):
            self.receivables.require_not_entered()
        paid = self.cash.move(caller, self.treasury.address, payment)
        self._apply(id, f, paid, late, unit_days)
        return paid

    def repay_with_permit(self, caller: int, id: int, amount: int, _permit: tuple[int, ...]) -> int:
        """The permits of the runs are all void: the allowance decides."""
        return self.repay(caller, id, amount)

    # Arrears

    def mark_overdue(self, _caller: int, id: int) -> None:
        f = self._with_status(id, ACTIVE)
        first = f.due_day + f.grace_days + 1
        require(self.gate.today >= first, "NotOverdueBefore", id, first)
        self._require_unpaid(id, f)
        f.status = OVERDUE
        self.treasury.account(f.debtor).arrears += 1
        self._impair(f, figures.share_up(f.outstanding, f.overdue_impairment_bps))

    def give_notice(self, caller: int, id: int, _document_hash: int) -> None:
        self.gate.restricted(caller)
        f = self._with_status(id, OVERDUE)
        require(f.notice_day == 0, "NoticeGivenBefore", f.notice_day)
        f.notice_day = self.gate.today

    def declare_default(self, caller: int, id: int) -> None:
        self.gate.restricted(caller)
        f = self._with_status(id, OVERDUE)
        require(f.notice_day, "NoticeMissing", id)
        through = f.notice_day + f.cure_days
        require(self.gate.today > through, "CureRuns", through)
        self._require_unpaid(id, f)
        f.status = DEFAULTED
        self._impair(f, f.outstanding)

    def write_off(self, caller: int, id: int) -> None:
        self.gate.restricted(caller)
        f = self._with_status(id, DEFAULTED)
        self._require_unpaid(id, f)
        f.status = WRITTEN_OFF
        f.from_cover = self.treasury.book_loss(PRODUCT, f.debtor, f.outstanding, f.impaired)
        f.impaired = 0

    # Reading

    def owed_of(self, id: int) -> tuple[int, int, int]:
        f = self.financings.get(id)
        if f is None or f.status not in OPEN:
            return 0, 0, 0
        return f.outstanding, self.late_owed(id, f), self.receivables.claim_of(id).claimable

    def late_owed(self, id: int, f: Financing) -> int:
        return self._late_owed(f, self.late_unit_days(id, f))

    def late_unit_days(self, id: int, f: Financing) -> int:
        first = max(f.late_through_day, f.due_day + f.grace_days)
        today = self.gate.today
        if today <= first:
            return f.late_unit_days
        covered = self.receivables.covered_days(id, first, today, f.outstanding)
        return f.late_unit_days + f.outstanding * (today - first) - covered

    # Internal

    def _require_financeable(self, id: int, claim: claims.Claim) -> None:
        require(claim.state != claims.FINANCED, "AlreadyFinanced", id)
        require(claim.state != claims.DISPUTED, "FinancingDisputed", id)
        require(claim.state == claims.CONFIRMED, "NotFinanceable", id, claim.state)
        require(claim.currency == self.cash.address, "CurrencyNotFinanced", claim.currency)
        status = self.financings[id].status if id in self.financings else NONE
        require(status in (NONE, REPAID), "StatusWrong", id, status)

    def _opened(self, offer: Offer) -> Financing:
        f, q, claim = offer.facility, offer.figures, offer.claim
        return Financing(
            principal=q.advance,
            outstanding=q.advance,
            start_day=self.gate.today,
            due_day=claim.due_day,
            income=q.discount + q.fee,
            seller=offer.seller,
            debtor=claim.debtor,
            late_rate_bps=f.late_rate_bps,
            late_cap_bps=f.late_cap_bps,
            basis=f.basis,
            grace_days=f.grace_days,
            cure_days=f.cure_days,
            status=ACTIVE,
            recourse=f.recourse,
            overdue_impairment_bps=f.overdue_impairment_bps,
        )

    def _late_owed(self, f: Financing, unit_days: int) -> int:
        late = figures.interest_up(unit_days, f.late_rate_bps, f.basis)
        return min(late, figures.share_down(f.principal, f.late_cap_bps)) - f.late_paid

    def _apply(self, id: int, f: Financing, payment: int, late_owed: int, unit_days: int) -> None:
        if self.gate.today > max(f.late_through_day, f.due_day + f.grace_days):
            f.late_unit_days, f.late_through_day = unit_days, self.gate.today
        closes = self._closes(id, f, payment, late_owed)
        principal = min(payment, f.outstanding)
        late = payment - principal
        f.outstanding -= principal
        f.late_paid += late
        if f.status == WRITTEN_OFF:
            self._book_recovery(f, payment)
        else:
            self._book_repayment(f, principal, late)
        if closes:
            self._close(id, f)

    def _closes(self, id: int, f: Financing, payment: int, late_owed: int) -> bool:
        """Without recourse late interest is waived once the receivable is used up."""
        if payment < f.outstanding:
            return False
        if payment == f.outstanding + late_owed:
            return True
        claim = self.receivables.claim_of(id)
        return not f.recourse and claim.outstanding == 0 and claim.claimable == 0

    def _book_repayment(self, f: Financing, principal: int, late: int) -> None:
        self.treasury.book_repayment(PRODUCT, f.debtor, principal, late)
        self._impair(f, min(f.impaired, f.outstanding))
        if f.outstanding <= f.income < f.outstanding + principal:
            self.treasury.end_earning(f.due_day, f.daily_earning)

    def _book_recovery(self, f: Financing, payment: int) -> None:
        to_cover = max(f.from_cover - f.outstanding, 0)
        f.from_cover -= to_cover
        self.treasury.cover += to_cover
        self.treasury.cash += payment - to_cover

    def _close(self, id: int, f: Financing) -> None:
        if f.status != ACTIVE:
            self.treasury.account(f.debtor).arrears -= 1
        f.status = RECOVERED if f.status == WRITTEN_OFF else REPAID
        self.receivables.unpledged(id)

    def _require_unpaid(self, id: int, f: Financing) -> None:
        claimable = self.receivables.claim_of(id).claimable
        require(claimable < f.outstanding + self.late_owed(id, f), "CollectFirst", id, claimable)

    def _impair(self, f: Financing, to: int) -> None:
        self.treasury.impaired += to - f.impaired
        f.impaired = to

    def _with_status(self, id: int, needed: int) -> Financing:
        f = self.financings.get(id)
        status = NONE if f is None else f.status
        require(status == needed, "StatusWrong", id, status)
        return f

    def _open_financing(self, id: int) -> Financing:
        f = self.financings.get(id)
        status = NONE if f is None else f.status
        require(status in OPEN, "StatusWrong", id, status)
        return f
