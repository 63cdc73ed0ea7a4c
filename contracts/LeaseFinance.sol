// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDeviceOracle} from "./interfaces/IDeviceOracle.sol";
import {IEquipment} from "./interfaces/IEquipment.sol";
import {IEquipmentLease} from "./interfaces/IEquipmentLease.sol";
import {ILeaseFinance} from "./interfaces/ILeaseFinance.sol";
import {ILending} from "./interfaces/ILending.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRentLedger} from "./interfaces/IRentLedger.sol";
import {IRiskPolicy} from "./interfaces/IRiskPolicy.sol";
import {ITreasury} from "./interfaces/ITreasury.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Interest} from "./libraries/Interest.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of ILeaseFinance, where every call, event and error is documented
contract LeaseFinance is ILeaseFinance, ILending, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Cash for IERC20;
    using SafeCast for uint256;

    IRiskPolicy.Product public constant PRODUCT = IRiskPolicy.Product.Lease;
    uint32 public constant MAX_READING_AGE = 7 days;

    IParticipants public immutable participants;
    IEquipment public immutable equipment;
    IDeviceOracle public immutable devices;
    IEquipmentLease public immutable leases;
    IRentLedger public immutable ledger;
    IRiskPolicy public immutable policy;
    ITreasury public immutable treasury;
    IERC20 public immutable cash;

    Conditions internal _conditions;
    mapping(uint256 lease => Loan) internal _loans;

    constructor(
        address authority,
        IParticipants participants_,
        IEquipment equipment_,
        IDeviceOracle devices_,
        IEquipmentLease leases_,
        IRentLedger ledger_,
        IRiskPolicy policy_,
        ITreasury treasury_
    ) AccessManaged(authority) {
        participants = participants_;
        equipment = equipment_;
        devices = devices_;
        leases = leases_;
        ledger = ledger_;
        policy = policy_;
        treasury = treasury_;
        cash = IERC20(treasury_.asset());
    }

    /* CONDITIONS */

    function setConditions(Conditions calldata c) external restricted {
        require(
            c.maxReadingAge <= MAX_READING_AGE && c.overdueImpairmentBps <= Interest.BPS,
            LeaseConditionsOutOfBounds(c.maxReadingAge, c.overdueImpairmentBps)
        );
        _conditions = c;
        emit LeaseFinanceConditionsChanged(c);
    }

    function closeOffer() external restricted {
        _conditions.open = false;
        emit LeaseFinanceConditionsChanged(_conditions);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /* FINANCING */

    function quote(uint256 lease) external view whenNotPaused returns (LoanQuote memory q) {
        IEquipmentLease.Lease memory l = leases.leaseOf(lease);
        q = _price(lease, l);
        treasury.requireFundable(l.lessee, q.principal, q.net, q.gradeCap);
    }

    function finance(uint256 lease, uint96 minNet, uint16 maxRateBps, uint40 deadline)
        external
        whenNotPaused
        nonReentrant
        returns (uint96 net)
    {
        require(block.timestamp <= deadline, OfferExpired(deadline));
        IEquipmentLease.Lease memory l = leases.leaseOf(lease);
        require(
            participants.requireVerified(msg.sender, Roles.MANUFACTURER) == l.lessor, NotLessor(lease, msg.sender)
        );
        LoanQuote memory q = _price(lease, l);
        require(q.annualRateBps <= maxRateBps, LoanRateAboveSigned(q.annualRateBps, maxRateBps));
        require(q.net >= minNet, NetBelowSigned(q.net, minNet));
        uint32 today = Calendar.today();
        _loans[lease] = Loan({
            status: LoanStatus.Active,
            principal: q.principal,
            rateBps: q.annualRateBps,
            throughDay: today,
            lessee: l.lessee,
            interest: 0,
            impaired: 0,
            fromCover: 0
        });
        emit LeaseFinanced(
            lease, l.lessee, msg.sender, q.principal, q.fee, q.net, q.annualRateBps, q.score, q.readAt
        );
        ledger.assign(lease);
        treasury.bookAccrual(0, 0, 0, uint104(_perDay(_loans[lease])));
        treasury.disburse(
            ITreasury.Disbursement({
                product: PRODUCT,
                party: l.lessee,
                to: msg.sender,
                net: q.net,
                principal: q.principal,
                cap: q.gradeCap,
                startDay: today,
                endDay: today + 1
            })
        );
        return q.net;
    }

    /* REPAYMENT */

    function onRent(uint256 lease) external nonReentrant {
        Loan memory l = _current(lease);
        uint96 owed = _owed(l);
        if (owed == 0) return;
        uint96 amount = ledger.collect(lease, address(treasury), owed);
        _apply(lease, l, amount);
    }

    function repay(uint256 lease, uint96 amount) public nonReentrant returns (uint96 paid) {
        require(amount != 0, PaymentZero());
        uint96 owed = _owed(_current(lease));
        require(owed != 0, LoanNotOwed(lease));
        paid = cash.pull(msg.sender, address(treasury), Math.min(amount, owed));
        // Read after the token had its turn.
        _apply(lease, _current(lease), paid);
    }

    function repayWithPermit(uint256 lease, uint96 amount, Cash.Permit calldata permit)
        external
        returns (uint96 paid)
    {
        cash.tryPermit(msg.sender, permit);
        return repay(lease, amount);
    }

    /* WATCHING */

    function markOverdue(uint256 lease) external {
        Loan memory l = _current(lease);
        require(l.status == LoanStatus.Active, LoanStatusWrong(lease, l.status));
        require(ledger.owedOf(lease).overdue != 0, LoanNotOverdue(lease));
        _fallBehind(lease, l);
        _loans[lease] = l;
    }

    function markDefaulted(uint256 lease) external {
        Loan memory l = _current(lease);
        require(
            l.status == LoanStatus.Active || l.status == LoanStatus.Overdue, LoanStatusWrong(lease, l.status)
        );
        require(_isOver(leases.leaseOf(lease).status), LeaseNotDefaulted(lease));
        if (l.status == LoanStatus.Active) _fallBehind(lease, l);
        uint96 impaired = l.impaired;
        (l.status, l.impaired) = (LoanStatus.Defaulted, l.principal);
        _loans[lease] = l;
        emit LoanDefaulted(lease, l.principal);
        treasury.bookImpairment(PRODUCT, l.lessee, impaired, l.impaired);
    }

    function writeOff(uint256 lease) external restricted {
        Loan memory l = _current(lease);
        require(l.status == LoanStatus.Defaulted, LoanStatusWrong(lease, l.status));
        uint96 impaired = l.impaired;
        (l.status, l.impaired) = (LoanStatus.WrittenOff, 0);
        l.fromCover = treasury.bookLoss(PRODUCT, l.lessee, l.principal, impaired);
        _loans[lease] = l;
        emit LoanWrittenOff(lease, l.principal, l.fromCover);
    }

    /* READING */

    function conditions() external view returns (Conditions memory) {
        return _conditions;
    }

    function loanOf(uint256 lease) external view returns (Loan memory) {
        return _current(lease);
    }

    function owedOf(uint256 lease) external view returns (uint96) {
        return _owed(_current(lease));
    }

    /* INTERNAL: OFFER */

    /// @dev The gate: every fact is read here and refuses by its own name.
    function _price(uint256 lease, IEquipmentLease.Lease memory l) internal view returns (LoanQuote memory q) {
        Conditions memory c = _conditions;
        require(c.open, LeasesNotFinanced());
        LoanStatus status = _loans[lease].status;
        require(status == LoanStatus.None, LoanStatusWrong(lease, status));
        require(l.status == IEquipmentLease.LeaseStatus.Active && !l.disputed, LeaseNotInOrder(lease));
        participants.requireVerifiedParty(l.lessee, Roles.LESSEE);
        require(equipment.machineOf(l.machine).verified, CertificateUnverified(l.machine));
        q.readAt = devices.requireUsable(l.machine, c.maxReadingAge, c.gates).at;
        IRiskPolicy.Terms memory terms;
        (terms, q.grade, q.score) = policy.requireTerms(PRODUCT, l.lessee);
        (q.annualRateBps, q.gradeCap) = (terms.annualRateBps, terms.limitCap);
        _size(q, lease, l, terms);
        require(q.principal > q.fee, LoanTooSmall(lease));
        uint256 wouldBe = treasury.outstandingOf(PRODUCT) + q.principal;
        require(wouldBe <= c.portfolioCap, LeasePortfolioFull(wouldBe, c.portfolioCap));
    }

    /// @dev No more than the fixed rent repays, were all of it paid on the last day.
    function _size(
        LoanQuote memory q,
        uint256 lease,
        IEquipmentLease.Lease memory l,
        IRiskPolicy.Terms memory terms
    ) internal view {
        IEquipmentLease.Terms memory t = leases.termsOf(lease);
        q.fixedRentLeft = ledger.owedOf(lease).remaining;
        q.base = uint96(Math.min(t.price, q.fixedRentLeft));
        uint256 daysLeft = Math.saturatingSub(l.startDay + uint256(t.periods) * t.periodDays, Calendar.today());
        uint256 unit = Interest.ACCRUAL_UNIT;
        uint256 repayable = q.fixedRentLeft * unit / (unit + uint256(terms.annualRateBps) * daysLeft);
        q.principal = uint96(Math.min(Interest.shareDown(q.base, terms.advanceBps), repayable));
        q.fee = uint96(Interest.shareUp(q.principal, terms.feeBps));
        q.net = q.principal - uint96(Math.min(q.fee, q.principal));
        q.interestPerDay = Interest.unitsUp(uint256(q.principal) * q.annualRateBps);
    }

    /* INTERNAL: LOAN */

    function _current(uint256 lease) internal view returns (Loan memory l) {
        l = _loans[lease];
        if (!_isLive(l.status)) return l;
        uint32 today = Calendar.today();
        l.interest += (_perDay(l) * (today - l.throughDay)).toUint120();
        l.throughDay = today;
    }

    function _apply(uint256 lease, Loan memory l, uint96 amount) internal {
        LoanStatus before = l.status;
        (uint120 interest, uint256 perDay) = (l.interest, _perDay(l));
        uint96 interestPart = uint96(Math.min(amount, Interest.unitsUp(l.interest)));
        uint96 principalPart = amount - interestPart;
        // The last unit paid may be worth more than what is left of the interest.
        l.interest = uint120(Math.saturatingSub(l.interest, uint256(interestPart) * Interest.ACCRUAL_UNIT));
        l.principal -= principalPart;
        if (amount != 0) emit LoanPaid(lease, msg.sender, interestPart, principalPart, l.principal);
        if (before == LoanStatus.WrittenOff) {
            _bookRecovery(lease, l, amount);
        } else {
            uint96 released = _settleStatus(lease, l);
            if (before == LoanStatus.Active) {
                treasury.bookAccrual(interest, l.interest, uint104(perDay), uint104(_perDay(l)));
            } else if (l.status == LoanStatus.Active) {
                treasury.bookAccrual(0, l.interest, 0, uint104(_perDay(l)));
            }
            treasury.bookRepayment(
                ITreasury.Repayment({
                    product: PRODUCT,
                    party: l.lessee,
                    principal: principalPart,
                    income: interestPart,
                    impairmentReleased: released,
                    endDay: 0,
                    dailyEarning: 0,
                    arrearsEnded: before != LoanStatus.Active && l.status != before
                })
            );
        }
        _loans[lease] = l;
        if (!_isLive(l.status)) ledger.unassign(lease);
    }

    /// @dev A loan is in order again when its lease is; it ends when nothing is owed.
    function _settleStatus(uint256 lease, Loan memory l) internal returns (uint96 released) {
        if (_owed(l) == 0) {
            l.status = LoanStatus.Repaid;
            emit LoanEnded(lease, LoanStatus.Repaid);
        } else if (
            l.status != LoanStatus.Active && leases.leaseOf(lease).status == IEquipmentLease.LeaseStatus.Active
        ) {
            l.status = LoanStatus.Active;
            emit LoanCured(lease);
        }
        bool isSound = l.status == LoanStatus.Active || l.status == LoanStatus.Repaid;
        uint96 left = isSound ? 0 : uint96(Math.min(l.impaired, l.principal));
        released = l.impaired - left;
        l.impaired = left;
    }

    /// @dev Interest that is not paid in time counts for the lenders when it comes.
    function _fallBehind(uint256 lease, Loan memory l) internal {
        l.status = LoanStatus.Overdue;
        l.impaired = uint96(Interest.shareUp(l.principal, _conditions.overdueImpairmentBps));
        emit LoanOverdue(lease, l.principal, l.impaired);
        treasury.bookAccrual(l.interest, 0, uint104(_perDay(l)), 0);
        treasury.bookArrears(l.lessee);
        treasury.bookImpairment(PRODUCT, l.lessee, 0, l.impaired);
    }

    /// @dev Lenders are made whole first, then the cover.
    function _bookRecovery(uint256 lease, Loan memory l, uint96 payment) internal {
        uint96 toCover = uint96(Math.min(payment, Math.saturatingSub(l.fromCover, l.principal)));
        l.fromCover -= toCover;
        bool ended = _owed(l) == 0;
        if (ended) {
            l.status = LoanStatus.Recovered;
            emit LoanEnded(lease, LoanStatus.Recovered);
        }
        treasury.bookRecovery(PRODUCT, l.lessee, payment - toCover, toCover, ended);
    }

    function _perDay(Loan memory l) internal pure returns (uint256) {
        return uint256(l.principal) * l.rateBps;
    }

    function _owed(Loan memory l) internal pure returns (uint96) {
        return _isLive(l.status) ? (l.principal + Interest.unitsUp(l.interest)).toUint96() : 0;
    }

    /// @dev In these states interest runs and something may be owed.
    function _isLive(LoanStatus s) internal pure returns (bool) {
        return s != LoanStatus.None && s != LoanStatus.Repaid && s != LoanStatus.Recovered;
    }

    /// @dev The lease is in default or has ended: what the loan is still owed is in danger.
    function _isOver(IEquipmentLease.LeaseStatus s) internal pure returns (bool) {
        return uint8(s) >= uint8(IEquipmentLease.LeaseStatus.Defaulted)
            && s != IEquipmentLease.LeaseStatus.Cancelled;
    }
}
