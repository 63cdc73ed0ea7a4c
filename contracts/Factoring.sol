// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IFactoring} from "./interfaces/IFactoring.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {IRiskPolicy} from "./interfaces/IRiskPolicy.sol";
import {ITreasury} from "./interfaces/ITreasury.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Interest} from "./libraries/Interest.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of IFactoring, where every call, event and error is documented
contract Factoring is IFactoring, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Cash for IERC20;
    using SafeCast for uint256;

    IRiskPolicy.Product public constant PRODUCT = IRiskPolicy.Product.Receivables;
    uint16 public constant MAX_TERM_DAYS = 365;
    uint16 public constant MAX_LATE_RATE_BPS = 2_400;

    IParticipants public immutable participants;
    IRiskPolicy public immutable policy;
    ITreasury public immutable treasury;
    IReceivables public immutable receivables;
    IERC20 public immutable cash;

    mapping(uint32 debtor => Facility) internal _facilities;
    mapping(uint256 receivable => Financing) internal _financings;
    mapping(uint256 receivable => bytes32) public registrationOf;

    constructor(
        address authority,
        IParticipants participants_,
        IRiskPolicy policy_,
        ITreasury treasury_,
        IReceivables receivables_
    ) AccessManaged(authority) {
        participants = participants_;
        policy = policy_;
        treasury = treasury_;
        receivables = receivables_;
        cash = IERC20(treasury_.asset());
    }

    /* CONDITIONS */

    function setFacility(uint32 debtor, Facility calldata f) external restricted {
        participants.partyData(debtor);
        require(
            f.maxTermDays != 0 && f.maxTermDays <= MAX_TERM_DAYS && (f.basis == 360 || f.basis == 365)
                && f.lateRateBps <= MAX_LATE_RATE_BPS && f.lateCapBps <= Interest.BPS
                && f.overdueImpairmentBps <= Interest.BPS,
            FacilityOutOfBounds(f.maxTermDays, f.basis, f.lateRateBps, f.lateCapBps, f.overdueImpairmentBps)
        );
        _facilities[debtor] = f;
        emit FacilityChanged(debtor, f);
    }

    function closeFacility(uint32 debtor) external restricted {
        participants.partyData(debtor);
        _facilities[debtor].open = false;
        emit FacilityChanged(debtor, _facilities[debtor]);
    }

    function recordRegistration(uint256 receivable, bytes32 registryReference) external restricted {
        require(registryReference != 0, RegistrationEmpty());
        receivables.partOf(receivable);
        registrationOf[receivable] = registryReference;
        emit RegistrationRecorded(receivable, registryReference);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /* FINANCING */

    function quote(uint256 receivable) external view whenNotPaused returns (Quote memory q) {
        q = _quote(receivable);
        treasury.requireFundable(q.debtor, q.advance, q.net, q.limitCap);
    }

    function finance(uint256 receivable, uint96 minNet, uint40 deadline)
        external
        whenNotPaused
        nonReentrant
        returns (uint96 net)
    {
        require(block.timestamp <= deadline, OfferExpired(deadline));
        Quote memory q = _quote(receivable);
        require(msg.sender == q.holder, OnlyHolderFinances(receivable, q.holder));
        require(q.net >= minNet, NetBelowSigned(q.net, minNet));
        _open(receivable, q);
        receivables.pledge(receivable);
        emit ReceivableFinanced(
            receivable,
            q.seller,
            q.debtor,
            q.claim,
            q.advance,
            q.discount,
            q.fee,
            q.net,
            q.dueDay,
            q.annualRateBps,
            q.score
        );
        treasury.disburse(
            ITreasury.Disbursement({
                product: PRODUCT,
                party: q.debtor,
                to: q.holder,
                net: q.net,
                principal: q.advance,
                cap: q.limitCap,
                startDay: q.startDay,
                endDay: q.dueDay
            })
        );
        return q.net;
    }

    /* REPAYMENT */

    function collect(uint256 receivable) external nonReentrant returns (uint96 amount) {
        Financing storage f = _openFinancing(receivable);
        uint96 late = _accrueLate(receivable, f);
        amount = receivables.collect(receivable, address(treasury), f.outstanding + late);
        _apply(receivable, f, amount, late);
    }

    function repay(uint256 receivable, uint96 amount) public nonReentrant returns (uint96 paid) {
        require(amount != 0, PaymentZero());
        Financing storage f = _openFinancing(receivable);
        uint96 late = _accrueLate(receivable, f);
        paid = cash.pull(msg.sender, address(treasury), Math.min(amount, f.outstanding + late));
        _apply(receivable, f, paid, late);
    }

    function repayWithPermit(uint256 receivable, uint96 amount, Cash.Permit calldata permit)
        external
        returns (uint96 paid)
    {
        cash.tryPermit(msg.sender, permit);
        return repay(receivable, amount);
    }

    /* ARREARS */

    function markOverdue(uint256 receivable) external {
        Financing storage f = _financings[receivable];
        require(f.status == Status.Active, StatusWrong(receivable, f.status));
        uint32 from = f.dueDay + f.graceDays + 1;
        require(Calendar.today() >= from, NotOverdueBefore(receivable, from));
        _requireUnpaid(receivable, f);
        f.status = Status.Overdue;
        treasury.bookArrears(f.debtor);
        _impair(f, uint96(Interest.shareUp(f.outstanding, f.overdueImpairmentBps)));
        emit FinancingOverdue(receivable, f.outstanding, f.impaired);
    }

    function giveNotice(uint256 receivable, bytes32 documentHash) external restricted {
        Financing storage f = _financings[receivable];
        require(f.status == Status.Overdue, StatusWrong(receivable, f.status));
        require(f.noticeDay == 0, NoticeGivenBefore(f.noticeDay));
        f.noticeDay = Calendar.today();
        emit NoticeGiven(receivable, f.noticeDay, f.noticeDay + f.cureDays, documentHash);
    }

    function declareDefault(uint256 receivable) external restricted {
        Financing storage f = _financings[receivable];
        require(f.status == Status.Overdue, StatusWrong(receivable, f.status));
        require(f.noticeDay != 0, NoticeMissing(receivable));
        uint32 through = f.noticeDay + f.cureDays;
        require(Calendar.today() > through, CureRuns(through));
        _requireUnpaid(receivable, f);
        f.status = Status.Defaulted;
        _impair(f, f.outstanding);
        emit FinancingDefaulted(receivable, f.outstanding);
    }

    function writeOff(uint256 receivable) external restricted {
        Financing storage f = _financings[receivable];
        require(f.status == Status.Defaulted, StatusWrong(receivable, f.status));
        _requireUnpaid(receivable, f);
        f.status = Status.WrittenOff;
        f.fromCover = treasury.bookLoss(PRODUCT, f.debtor, f.outstanding, f.impaired);
        f.impaired = 0;
        emit FinancingWrittenOff(receivable, f.outstanding, f.fromCover);
    }

    /* READING */

    function financingOf(uint256 receivable) external view returns (Financing memory) {
        return _financings[receivable];
    }

    function facilityOf(uint32 debtor) external view returns (Facility memory) {
        return _facilities[debtor];
    }

    function owedOf(uint256 receivable) external view returns (uint96 principal, uint96 late, uint96 collectable) {
        Financing storage f = _financings[receivable];
        if (!_isOpen(f.status)) return (0, 0, 0);
        return (f.outstanding, _lateToday(receivable, f), receivables.claimOf(receivable).claimable);
    }

    /* INTERNAL: OFFER */

    function _quote(uint256 receivable) internal view returns (Quote memory q) {
        IReceivables.Claim memory claim = receivables.claimOf(receivable);
        _requireFinanceable(receivable, claim);
        Facility memory f = _facilities[claim.debtor];
        require(f.open, FacilityClosed(claim.debtor));
        require(!f.registrationRequired || registrationOf[receivable] != 0, RegistrationMissing(receivable));
        (q.facility, q.holder, q.debtor) = (f, claim.holder, claim.debtor);
        q.seller = participants.requireVerified(claim.holder, Roles.SUPPLIER);
        participants.requireVerifiedParty(claim.debtor, Roles.CORE_ENTERPRISE);
        _price(q, claim);
    }

    function _price(Quote memory q, IReceivables.Claim memory claim) internal view {
        Facility memory f = q.facility;
        (q.startDay, q.dueDay, q.claim) = (Calendar.today(), claim.dueDay, claim.outstanding);
        int256 term = int256(uint256(q.dueDay)) - int256(uint256(q.startDay));
        require(term > 0 && term <= int256(uint256(f.maxTermDays)), TermOutOfBounds(term, f.maxTermDays));
        q.term = q.dueDay - q.startDay;
        IRiskPolicy.Terms memory terms;
        (terms, q.grade, q.score) = policy.requireTerms(PRODUCT, q.debtor);
        (q.advanceBps, q.annualRateBps, q.feeBps) = (terms.advanceBps, terms.annualRateBps, terms.feeBps);
        q.limitCap = terms.limitCap;
        q.advance = uint96(Interest.shareDown(q.claim, q.advanceBps));
        q.discount = Interest.simpleUp(uint256(q.advance) * q.term, q.annualRateBps, f.basis).toUint96();
        q.fee = uint96(Interest.shareUp(q.advance, q.feeBps));
        uint256 cost = uint256(q.discount) + q.fee;
        require(q.advance > cost, ClaimTooSmall(q.claim));
        q.net = uint96(q.advance - cost);
        q.remainder = q.claim - q.advance;
        q.allInRateBps = Interest.annualisedUp(cost, q.net, q.term, f.basis);
    }

    function _requireFinanceable(uint256 receivable, IReceivables.Claim memory claim) internal view {
        require(claim.state != IReceivables.State.Financed, AlreadyFinanced(receivable));
        require(claim.state != IReceivables.State.Disputed, FinancingDisputed(receivable));
        require(claim.state == IReceivables.State.Confirmed, NotFinanceable(receivable, claim.state));
        require(claim.currency == cash, CurrencyNotFinanced(address(claim.currency)));
        // A claim that comes back from a loss is not financed again.
        Status status = _financings[receivable].status;
        require(status == Status.None || status == Status.Repaid, StatusWrong(receivable, status));
    }

    function _open(uint256 receivable, Quote memory q) internal {
        Facility memory f = q.facility;
        Financing storage s = _financings[receivable];
        // Clearing a fresh record would cost four needless writes.
        if (s.status == Status.Repaid) delete _financings[receivable];
        (s.principal, s.outstanding, s.startDay, s.dueDay) = (q.advance, q.advance, q.startDay, q.dueDay);
        (s.income, s.seller, s.debtor) = (q.discount + q.fee, q.seller, q.debtor);
        (s.lateRateBps, s.lateCapBps, s.basis) = (f.lateRateBps, f.lateCapBps, f.basis);
        (s.graceDays, s.cureDays, s.status, s.recourse) = (f.graceDays, f.cureDays, Status.Active, f.recourse);
        s.overdueImpairmentBps = f.overdueImpairmentBps;
    }

    /* INTERNAL: PAYMENT */

    /// @dev Principal first, then late interest.
    function _apply(uint256 receivable, Financing storage f, uint96 payment, uint96 lateOwed) internal {
        uint96 principal = uint96(Math.min(payment, f.outstanding));
        uint96 late = payment - principal;
        f.outstanding -= principal;
        if (late != 0) f.latePaid += late;
        emit FinancingPaid(receivable, msg.sender, principal, late, f.outstanding);
        uint96 waived = _waived(receivable, f, lateOwed - late);
        bool closed = f.outstanding == 0 && lateOwed == late + waived;
        if (f.status == Status.WrittenOff) _bookRecovery(f, payment, closed);
        else _bookRepayment(f, principal, late, closed);
        if (closed) _close(receivable, f, waived);
    }

    /// @dev Without recourse the lender looks to the receivable alone: once it is used up, late interest left over is waived.
    function _waived(uint256 receivable, Financing storage f, uint96 lateLeft) internal view returns (uint96) {
        if (f.recourse || f.outstanding != 0 || lateLeft == 0) return 0;
        IReceivables.Claim memory claim = receivables.claimOf(receivable);
        return claim.outstanding == 0 && claim.claimable == 0 ? lateLeft : 0;
    }

    function _bookRepayment(Financing storage f, uint96 principal, uint96 late, bool closed) internal {
        // Nothing is impaired before a financing is overdue.
        bool inArrears = f.status != Status.Active;
        // Once no more is owed than was kept back, all of it is earned: what is unearned never exceeds what is owed.
        bool earned = f.outstanding <= f.income && f.outstanding + principal > f.income;
        treasury.bookRepayment(
            ITreasury.Repayment({
                product: PRODUCT,
                party: f.debtor,
                principal: principal,
                income: late,
                impairmentReleased: inArrears ? _releaseImpairment(f) : 0,
                endDay: earned ? f.dueDay : 0,
                dailyEarning: f.income / (f.dueDay - f.startDay),
                arrearsEnded: closed && inArrears
            })
        );
    }

    /// @dev No more is impaired than is outstanding.
    function _releaseImpairment(Financing storage f) internal returns (uint96 released) {
        released = uint96(Math.saturatingSub(f.impaired, f.outstanding));
        f.impaired -= released;
    }

    /// @dev Lenders are made whole first, then the cover.
    function _bookRecovery(Financing storage f, uint96 payment, bool closed) internal {
        uint96 toCover = uint96(Math.saturatingSub(f.fromCover, f.outstanding));
        f.fromCover -= toCover;
        treasury.bookRecovery(PRODUCT, f.debtor, payment - toCover, toCover, closed);
    }

    function _close(uint256 receivable, Financing storage f, uint96 waived) internal {
        f.status = f.status == Status.WrittenOff ? Status.Recovered : Status.Repaid;
        emit FinancingClosed(receivable, f.status, waived);
        receivables.unpledge(receivable);
    }

    /// @dev What waits to be collected may be all that is owed; a part of it is no defence.
    function _requireUnpaid(uint256 receivable, Financing storage f) internal view {
        uint96 claimable = receivables.claimOf(receivable).claimable;
        require(claimable < f.outstanding + _lateToday(receivable, f), CollectFirst(receivable, claimable));
    }

    function _impair(Financing storage f, uint96 to) internal {
        treasury.bookImpairment(PRODUCT, f.debtor, f.impaired, to);
        f.impaired = to;
    }

    /* INTERNAL: LATE INTEREST */

    /// @dev Counts the days since the last count; returns what is owed.
    function _accrueLate(uint256 receivable, Financing storage f) internal returns (uint96 owed) {
        if (!_isLate(f)) return 0;
        uint256 unitDays = _lateUnitDays(receivable, f);
        (f.lateUnitDays, f.lateThroughDay) = (unitDays.toUint128(), Calendar.today());
        return _lateOwed(f, unitDays);
    }

    function _lateToday(uint256 receivable, Financing storage f) internal view returns (uint96) {
        return _isLate(f) ? _lateOwed(f, _lateUnitDays(receivable, f)) : 0;
    }

    function _isLate(Financing storage f) internal view returns (bool) {
        return Calendar.today() > f.dueDay + f.graceDays;
    }

    /// @dev What the debtor paid counts from the day it was paid, not from the day it is collected.
    function _lateUnitDays(uint256 receivable, Financing storage f) internal view returns (uint256) {
        uint32 from = uint32(Math.max(f.lateThroughDay, f.dueDay + f.graceDays));
        uint32 today = Calendar.today();
        uint96 outstanding = f.outstanding;
        uint256 covered = receivables.coveredDays(receivable, from, today, outstanding);
        return f.lateUnitDays + uint256(outstanding) * (today - from) - covered;
    }

    function _lateOwed(Financing storage f, uint256 unitDays) internal view returns (uint96) {
        uint256 late = Interest.simpleUp(unitDays, f.lateRateBps, f.basis);
        uint256 cap = Interest.shareDown(f.principal, f.lateCapBps);
        return uint96(Math.min(late, cap) - f.latePaid);
    }

    function _isOpen(Status status) internal pure returns (bool) {
        return status == Status.Active || status == Status.Overdue || status == Status.Defaulted
            || status == Status.WrittenOff;
    }

    function _openFinancing(uint256 receivable) internal view returns (Financing storage f) {
        f = _financings[receivable];
        require(_isOpen(f.status), StatusWrong(receivable, f.status));
    }
}
