// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDeviceOracle} from "./interfaces/IDeviceOracle.sol";
import {ILending} from "./interfaces/ILending.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRentAssignee, IRentLedger} from "./interfaces/IRentLedger.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Metering} from "./libraries/Metering.sol";
import {Rent} from "./libraries/Rent.sol";

/// @title Implementation of IRentLedger, where every call, event and error is documented
contract RentLedger is IRentLedger, ILending, AccessManaged, ReentrancyGuardTransient {
    using Cash for IERC20;
    using Metering for Account;
    using SafeERC20 for IERC20;

    IParticipants public immutable participants;
    IDeviceOracle public immutable devices;
    IERC20 public immutable cash;

    address public leaseContract;
    mapping(uint256 id => Account) internal _accounts;
    mapping(uint256 id => Conditions) internal _conditions;
    mapping(address account => bool) public isAssignee;

    modifier onlyLease() {
        require(msg.sender == leaseContract, NotLeaseContract(msg.sender));
        _;
    }

    constructor(address authority, IParticipants participants_, IDeviceOracle devices_, IERC20 cash_)
        AccessManaged(authority)
    {
        participants = participants_;
        devices = devices_;
        cash = cash_;
    }

    /* PAYING */

    function payDeposit(uint256 id) public nonReentrant {
        Account storage a = _accounts[id];
        require(a.clock == Clock.Waiting, LeaseClockWrong(id, a.clock));
        require(!a.depositPaid, DepositPaidBefore(id));
        uint96 amount = _conditions[id].deposit;
        // Kept before it is pulled: what a token's hook calls meanwhile finds it.
        (a.depositPaid, a.deposit) = (true, amount);
        _pullExactly(msg.sender, amount);
        emit DepositPaid(id, msg.sender, amount);
    }

    function payDepositWithPermit(uint256 id, Cash.Permit calldata permit) external {
        cash.tryPermit(msg.sender, permit);
        payDeposit(id);
    }

    function pay(uint256 id, uint96 amount) public returns (uint96 paid) {
        paid = _pay(id, amount);
        _tell(id);
    }

    function payWithPermit(uint256 id, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid) {
        cash.tryPermit(msg.sender, permit);
        return pay(id, amount);
    }

    function accrue(uint256[] calldata ids) external {
        for (uint256 i; i < ids.length; ++i) {
            _settleTime(ids[i]);
        }
    }

    function release(uint256 id) external {
        address assignee = _accounts[id].assignee;
        if (assignee != address(0)) IRentAssignee(assignee).onRent(id);
        // Whoever owned the claim may just have been paid off.
        if (_accounts[id].assignee == address(0)) _releaseToLessor(id);
    }

    function releaseCredit(uint256 id) external nonReentrant {
        Account storage a = _accounts[id];
        uint96 amount = a.lesseeCredit;
        require(amount != 0, LeaseNothingToRelease(id));
        a.lesseeCredit = 0;
        address to = participants.heirOf(a.lesseeWallet);
        emit LesseeCreditPaid(id, to, amount);
        cash.safeTransfer(to, amount);
    }

    /* ASSIGNMENT */

    function assign(uint256 id) external {
        require(isAssignee[msg.sender], NotAssignee(id, msg.sender));
        Account memory a = _settleTime(id);
        require(a.clock == Clock.Running, LeaseClockWrong(id, a.clock));
        require(a.assignee == address(0), LeaseAssignedBefore(id));
        require(a.overdue() == 0, LeaseOverdue(id, a.overdue()));
        require(a.lockedSince == 0, MachineLockedBefore(id));
        // What came in before is the lessor's.
        if (a.claimable != 0) _releaseToLessor(id);
        _accounts[id].assignee = msg.sender;
        emit RentAssigned(id, msg.sender);
    }

    function collect(uint256 id, address to, uint96 most) external nonReentrant returns (uint96 amount) {
        Account storage a = _requireAssignee(id);
        amount = uint96(Math.min(a.claimable, most));
        if (amount == 0) return 0;
        a.claimable -= amount;
        emit RentReleased(id, to, amount);
        return cash.push(to, amount);
    }

    function unassign(uint256 id) external {
        _requireAssignee(id).assignee = address(0);
        emit AssignmentEnded(id, msg.sender);
    }

    function allowAssignee(address assignee) external restricted {
        isAssignee[assignee] = true;
        emit AssigneeAllowed(assignee);
    }

    /* COURSE */

    function setLeaseContract(address lease) external restricted {
        require(leaseContract == address(0), LeaseContractKnown(leaseContract));
        leaseContract = lease;
        emit LeaseContractSet(lease);
    }

    function open(uint256 id, Conditions calldata c, address lessorWallet, address lesseeWallet) external onlyLease {
        _conditions[id] = c;
        Account storage a = _accounts[id];
        (a.clock, a.depositPaid) = (Clock.Waiting, c.deposit == 0);
        (a.lessorWallet, a.lesseeWallet) = (lessorWallet, lesseeWallet);
    }

    function start(uint256 id, uint32 tenths) external onlyLease {
        Account storage a = _accounts[id];
        uint32 today = Calendar.today();
        (a.clock, a.startDay, a.throughDay) = (Clock.Running, today, today);
        (a.startTenths, a.tenths) = (tenths, tenths);
    }

    function lock(uint256 id) external onlyLease {
        Account memory a = _settleTime(id);
        require(a.lockedSince == 0, MachineLockedBefore(id));
        _accounts[id].lockedSince = uint40(block.timestamp);
        emit MachineLocked(id, uint40(block.timestamp));
    }

    function unlock(uint256 id) external onlyLease {
        Account memory a = _settleTime(id);
        require(a.lockedSince != 0, MachineNotLocked(id));
        _unlock(id, a);
        _accounts[id] = a;
    }

    function credit(uint256 id, uint96 amount) external onlyLease {
        Account memory a = _settleTime(id);
        uint96 rent = a.rentOwed();
        require(amount <= rent, LeaseCreditTooHigh(amount, rent));
        uint96 overdue = a.overdue();
        a.credited += amount;
        emit RentCredited(id, amount, a.owed());
        _cure(id, a, overdue);
        _accounts[id] = a;
    }

    function chargeAll(uint256 id, uint96 more, bool late) external onlyLease {
        Account memory a = _settleTime(id);
        more += a.remaining(_conditions[id], block.timestamp);
        // A machine that is claimed back stays locked, but no rent runs any more.
        if (late && a.lockedSince != 0) _unlock(id, a);
        a.charged += more;
        (a.dueCharged, a.dueDay, a.period) = (a.charged, 0, _conditions[id].periods);
        a.clock = late ? Clock.LateOnly : Clock.Stopped;
        uint96 fromDeposit = uint96(Math.min(a.deposit, a.owed()));
        a.deposit -= fromDeposit;
        if (fromDeposit != 0) _book(id, a, address(this), fromDeposit);
        _accounts[id] = a;
        emit AllCharged(id, more, fromDeposit, a.owed());
        _tell(id);
    }

    function sell(uint256 id, address payer, uint96 price, bool toLessor)
        external
        onlyLease
        returns (uint96 toClaim, uint96 surplus)
    {
        (toClaim, surplus) = _sell(id, payer, price, toLessor);
        _tell(id);
    }

    function buyOut(uint256 id, address payer, uint96 buyOutPrice, uint96 most)
        external
        onlyLease
        returns (uint96 paid)
    {
        paid = _buyOut(id, payer, buyOutPrice, most);
        _tell(id);
    }

    function stop(uint256 id) external onlyLease {
        Account memory a = _accounts[id];
        _stop(id, a);
        _accounts[id] = a;
    }

    /* READING */

    function accountOf(uint256 id) external view returns (Account memory a) {
        (a,) = _current(id);
    }

    function conditionsOf(uint256 id) external view returns (Conditions memory) {
        return _conditions[id];
    }

    function owedOf(uint256 id) external view returns (Owed memory o) {
        (Account memory a, Conditions memory c) = _current(id);
        (o.rent, o.late, o.overdue, o.payDay) = (a.rentOwed(), a.lateOwed(), a.overdue(), a.dueDay);
        o.remaining = a.remaining(c, block.timestamp);
        o.twoBehind = a.isTwoBehind();
    }

    function rentSoFar(uint256 id) external view returns (RentSoFar memory r) {
        (Account memory a, Conditions memory c) = _current(id);
        if (a.startDay == 0) return r;
        uint256 until = Math.min(block.timestamp, Calendar.startOf(a.lastDay(c)));
        Rent.Account memory rent = a.rentAt(c, until, until);
        (r.fixedPart, r.usage, r.most, r.total) = (rent.fixedPart, rent.usage, rent.most, rent.total);
        (r.tenths, r.lockedSeconds) = (a.tenths - a.startTenths, uint32(a.lockedSeconds(until)));
        r.readAt = devices.readingOf(c.machine).at;
    }

    function assigneeOf(uint256 id) external view returns (address) {
        return _accounts[id].assignee;
    }

    /* INTERNAL: MONEY */

    function _pay(uint256 id, uint96 amount) internal nonReentrant returns (uint96 paid) {
        require(amount != 0, PaymentZero());
        uint96 owed = _settleTime(id).owed();
        require(owed != 0, LeaseNotOwed(id));
        paid = cash.pull(msg.sender, address(this), Math.min(amount, owed));
        // Read after the token had its turn.
        Account memory a = _accounts[id];
        _book(id, a, msg.sender, paid);
        _accounts[id] = a;
    }

    function _sell(uint256 id, address payer, uint96 price, bool toLessor)
        internal
        nonReentrant
        returns (uint96 toClaim, uint96 surplus)
    {
        _pullExactly(payer, price);
        Account memory a = _accounts[id];
        toClaim = toLessor ? price : uint96(Math.min(price, a.owed()));
        surplus = price - toClaim;
        if (toLessor) a.claimable += toClaim;
        else _book(id, a, payer, toClaim);
        a.lesseeCredit += surplus;
        _stop(id, a);
        _accounts[id] = a;
    }

    function _buyOut(uint256 id, address payer, uint96 buyOutPrice, uint96 most)
        internal
        nonReentrant
        returns (uint96 price)
    {
        Account memory a = _settleTime(id);
        uint96 more = a.remaining(_conditions[id], block.timestamp) + buyOutPrice;
        price = a.owed() + more;
        require(price <= most, BuyOutAboveSigned(id, price, most));
        _pullExactly(payer, price);
        a = _accounts[id];
        a.charged += more;
        _book(id, a, payer, price);
        _stop(id, a);
        _accounts[id] = a;
    }

    function _book(uint256 id, Account memory a, address payer, uint96 amount) internal {
        uint96 overdue = a.overdue();
        (uint96 late, uint96 rent) = a.pay(amount);
        a.claimable += amount;
        emit RentPaid(id, payer, late, rent, a.paid, a.overdue());
        _cure(id, a, overdue);
    }

    /// @dev What was overdue and is no more cures, and ends a lock.
    function _cure(uint256 id, Account memory a, uint96 overdueBefore) internal {
        if (overdueBefore == 0 || a.overdue() != 0) return;
        ++a.cures;
        emit RentCured(id, a.cures);
        if (a.lockedSince != 0) _unlock(id, a);
    }

    function _stop(uint256 id, Account memory a) internal {
        if (a.lockedSince != 0) _unlock(id, a);
        (a.lesseeCredit, a.deposit) = (a.lesseeCredit + a.deposit, 0);
        a.clock = Clock.Stopped;
        emit RentStopped(id, a.lesseeCredit);
    }

    function _releaseToLessor(uint256 id) internal nonReentrant {
        Account storage a = _accounts[id];
        uint96 amount = a.claimable;
        require(amount != 0, LeaseNothingToRelease(id));
        a.claimable = 0;
        address to = participants.heirOf(a.lessorWallet);
        emit RentReleased(id, to, amount);
        cash.safeTransfer(to, amount);
    }

    /// @dev Cash that must arrive whole: a deposit or a price, not a debt.
    function _pullExactly(address payer, uint96 amount) internal {
        if (amount == 0) return;
        uint96 arrived = cash.pull(payer, address(this), amount);
        require(arrived == amount, LeaseKeptFee(amount, arrived));
    }

    /// @dev A lender's books never keep rent from being paid: what it did not collect now it can collect later.
    function _tell(uint256 id) internal {
        address assignee = _accounts[id].assignee;
        if (assignee == address(0)) return;
        uint256 gas = gasleft();
        try IRentAssignee(assignee).onRent(id) {}
        catch {
            // Unless it ran out of gas, of which it leaves a 64th: then the payer sent too little for the whole payment.
            require(gasleft() > gas / 32, GasTooLow(gas));
        }
    }

    /* INTERNAL: TIME */

    function _current(uint256 id) internal view returns (Account memory a, Conditions memory c) {
        (a, c) = (_accounts[id], _conditions[id]);
        IDeviceOracle.Reading memory r = devices.readingOf(c.machine);
        uint32 today = Calendar.today();
        bool closed = true;
        while (closed) (closed,,) = a.closeNext(c, r, today);
        a.advance(c, r, today);
    }

    /// @dev The same, kept, with every statement told.
    function _settleTime(uint256 id) internal returns (Account memory a) {
        a = _accounts[id];
        if (a.clock != Clock.Running && a.clock != Clock.LateOnly) return a;
        Conditions memory c = _conditions[id];
        IDeviceOracle.Reading memory r = devices.readingOf(c.machine);
        uint32 today = Calendar.today();
        while (true) {
            (bool closed, uint96 fixedPart, uint96 variablePart) = a.closeNext(c, r, today);
            if (!closed) break;
            emit RentCharged(
                id, a.period, fixedPart, variablePart, a.tenths - a.startTenths, a.charged, a.throughDay, a.dueDay
            );
        }
        a.advance(c, r, today);
        _accounts[id] = a;
    }

    function _unlock(uint256 id, Account memory a) internal {
        a.lockedBefore += uint32(block.timestamp - a.lockedSince);
        a.lockedSince = 0;
        emit MachineUnlocked(id, uint40(block.timestamp), a.lockedBefore);
    }

    function _requireAssignee(uint256 id) internal view returns (Account storage a) {
        a = _accounts[id];
        require(a.assignee == msg.sender, NotAssignee(id, msg.sender));
    }
}
