// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Cash} from "../libraries/Cash.sol";
import {Rent} from "../libraries/Rent.sol";

/// @title The money of leases: rent by the meter, deposits, what is owed and to whom it goes
/// @notice Rent is charged period by period and never more than time and hours say. Anyone may pay; the way from default to a machine taken back is `IEquipmentLease`'s.
interface IRentLedger {
    enum Clock {
        None,
        Waiting,
        Running,
        LateOnly,
        Stopped
    }

    /// @notice What the parties agreed on about money; see `IEquipmentLease.Terms`.
    struct Conditions {
        uint32 machine;
        uint96 deposit;
        uint96 minimum;
        uint96 cap;
        uint16 periods;
        uint16 periodDays;
        uint8 dueDays;
        uint16 lateRateBps;
        Rent.Tier[] tiers;
    }

    /// @param clock What time does: all of it before the end, late interest alone once everything is due, nothing after.
    /// @param depositPaid True once the deposit came in.
    /// @param startDay Day of delivery.
    /// @param throughDay Day through which statements and late interest are counted.
    /// @param dueDay Last day to pay the last statement, 0 when it is past.
    /// @param period Number of statements closed.
    /// @param cures How often all that was overdue was paid: a notice of default ends with it.
    /// @param lockedSince Second of the lock in force, 0 without one.
    /// @param lockedBefore Seconds of earlier locks.
    /// @param assignee Contract that the rent goes to first, zero when it is the lessor's.
    /// @param startTenths Reading at delivery.
    /// @param tenths Last reading that counted.
    /// @param lessorWallet Wallet that signed for the lessor; what it is owed goes to its heir.
    /// @param lesseeWallet Wallet that signed for the lessee.
    /// @param charged Rent charged since delivery, credits not taken off.
    /// @param fixedCharged Part of it that time alone cost.
    /// @param credited Rent taken back by decisions on disputes.
    /// @param paid Rent paid, deposit and sale included.
    /// @param dueCharged Part of `charged` that is past its due day.
    /// @param dueBefore The same one statement earlier.
    /// @param late Late interest not paid, in units × bps × days.
    /// @param deposit Deposit held.
    /// @param claimable Money that came in for rent and was not passed on yet.
    /// @param lesseeCredit What the lessee gets back: deposit or surplus.
    struct Account {
        Clock clock;
        bool depositPaid;
        uint32 startDay;
        uint32 throughDay;
        uint32 dueDay;
        uint16 period;
        uint16 cures;
        uint40 lockedSince;
        uint32 lockedBefore;
        address assignee;
        uint32 startTenths;
        uint32 tenths;
        address lessorWallet;
        address lesseeWallet;
        uint96 charged;
        uint96 fixedCharged;
        uint96 credited;
        uint96 paid;
        uint96 dueCharged;
        uint96 dueBefore;
        uint120 late;
        uint96 deposit;
        uint96 claimable;
        uint96 lesseeCredit;
    }

    /// @notice What is owed today, in units.
    /// @param rent Charged and not paid.
    /// @param late Late interest, rounded up.
    /// @param overdue Part of the rent that is past its due day.
    /// @param remaining Rent that the lease still costs if the machine does not run again.
    /// @param payDay Last day to pay what is charged and not overdue, 0 when there is nothing.
    /// @param twoBehind True when two statements are past their due days and the older one is not paid.
    struct Owed {
        uint96 rent;
        uint96 late;
        uint96 overdue;
        uint96 remaining;
        uint32 payDay;
        bool twoBehind;
    }

    /// @notice Rent since delivery as of now, with the hours of the last reading.
    struct RentSoFar {
        uint256 fixedPart;
        uint256 usage;
        uint256 most;
        uint256 total;
        uint32 tenths;
        uint40 readAt;
        uint32 lockedSeconds;
    }

    /// @notice The deposit was paid.
    event DepositPaid(uint256 indexed id, address indexed payer, uint96 amount);
    /// @notice A period was charged: the part that time alone costs, and what the hours add.
    event RentCharged(
        uint256 indexed id,
        uint16 indexed period,
        uint96 fixedPart,
        uint96 variablePart,
        uint32 tenths,
        uint96 charged,
        uint32 closeDay,
        uint32 dueDay
    );
    /// @notice Money came in on a lease.
    event RentPaid(uint256 indexed id, address indexed payer, uint96 late, uint96 rent, uint96 paid, uint96 overdue);
    /// @notice Rent that came in went to the assignee or the lessor.
    event RentReleased(uint256 indexed id, address indexed to, uint96 amount);
    /// @notice Deposit or surplus went to the lessee.
    event LesseeCreditPaid(uint256 indexed id, address indexed to, uint96 amount);
    /// @notice The lease's rent goes to this contract first.
    event RentAssigned(uint256 indexed id, address indexed assignee);
    /// @notice The rent is the lessor's again.
    event AssignmentEnded(uint256 indexed id, address indexed assignee);
    /// @notice The lessor locked the machine; no rent runs for the time.
    event MachineLocked(uint256 indexed id, uint40 at);
    /// @notice The machine can be used again.
    event MachineUnlocked(uint256 indexed id, uint40 at, uint32 lockedSeconds);
    /// @notice A contract may take assignments of rent.
    event AssigneeAllowed(address indexed assignee);
    /// @notice Rent was taken off what is owed.
    event RentCredited(uint256 indexed id, uint96 amount, uint96 owed);
    /// @notice Everything is due at once; the deposit paid what it could of it.
    event AllCharged(uint256 indexed id, uint96 more, uint96 fromDeposit, uint96 owed);
    /// @notice All that was overdue is paid.
    event RentCured(uint256 indexed id, uint16 cures);
    /// @notice The money of a lease came to its end; the deposit is the lessee's.
    event RentStopped(uint256 indexed id, uint96 lesseeCredit);
    /// @notice This contract decides on the course of leases.
    event LeaseContractSet(address indexed lease);

    /// @notice Nothing is owed on lease {id}.
    /// @custom:zh 租约 {id} 没有欠款。
    error LeaseNotOwed(uint256 id);
    /// @notice A credit of {credit} is more than the {owed} that is owed.
    /// @custom:zh 减免金额 {credit} 超过欠款 {owed}。
    error LeaseCreditTooHigh(uint96 credit, uint96 owed);
    /// @notice The machine of lease {id} is not locked.
    /// @custom:zh 租约 {id} 的设备未被锁定。
    error MachineNotLocked(uint256 id);
    /// @notice The machine of lease {id} is locked already.
    /// @custom:zh 租约 {id} 的设备已被锁定。
    error MachineLockedBefore(uint256 id);
    /// @notice {arrived} of {sent} arrived; the lease takes no token that keeps a fee.
    /// @custom:zh 转出 {sent}，仅到账 {arrived}；租约不接受转账扣费的代币。
    error LeaseKeptFee(uint96 sent, uint96 arrived);
    /// @notice {caller} is not the assignee of lease {id}.
    /// @custom:zh {caller} 不是租约 {id} 的租金受让方。
    error NotAssignee(uint256 id, address caller);
    /// @notice The rent of lease {id} is assigned already.
    /// @custom:zh 租约 {id} 的租金已被受让。
    error LeaseAssignedBefore(uint256 id);
    /// @notice There is nothing to pay out on lease {id}.
    /// @custom:zh 租约 {id} 没有可支付的款项。
    error LeaseNothingToRelease(uint256 id);
    /// @notice Buying the machine of lease {id} out costs {price}, more than the signed {most}.
    /// @custom:zh 买断租约 {id} 的设备需 {price}，高于所签署的 {most}。
    error BuyOutAboveSigned(uint256 id, uint96 price, uint96 most);
    /// @notice {gas} gas is too little for the whole payment.
    /// @custom:zh 剩余 gas {gas} 不足以完成整笔支付。
    error GasTooLow(uint256 gas);
    /// @notice {caller} is not the contract that decides on the course of leases.
    /// @custom:zh {caller} 不是管理租约进程的合约。
    error NotLeaseContract(address caller);
    /// @notice The contract that decides on the course of leases is set already.
    /// @custom:zh 管理租约进程的合约已设定。
    error LeaseContractKnown(address lease);
    /// @notice The account of lease {id} is {clock}; this step does not apply to it.
    /// @custom:zh 租约 {id} 的账户状态为{clock}，不能执行此操作。
    error LeaseClockWrong(uint256 id, Clock clock);
    /// @notice The deposit of lease {id} was paid before.
    /// @custom:zh 租约 {id} 的保证金已支付。
    error DepositPaidBefore(uint256 id);
    /// @notice Lease {id} is overdue with {overdue}.
    /// @custom:zh 租约 {id} 逾期 {overdue}。
    error LeaseOverdue(uint256 id, uint96 overdue);

    /* PAYING: anyone may pay, for anyone */

    /// @notice Pays the deposit of a lease that was signed.
    function payDeposit(uint256 id) external;

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function payDepositWithPermit(uint256 id, Cash.Permit calldata permit) external;

    /// @notice Pays late interest, then rent, oldest first. Takes at most what is owed.
    function pay(uint256 id, uint96 amount) external returns (uint96 paid);

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function payWithPermit(uint256 id, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid);

    /// @notice Charges the periods that are over and counts late interest through today.
    function accrue(uint256[] calldata ids) external;

    /// @notice Passes on what came in for rent: to the assignee as far as it is owed, then to the lessor.
    function release(uint256 id) external;

    /// @notice Pays the lessee what it gets back.
    function releaseCredit(uint256 id) external;

    /* ASSIGNMENT */

    /// @notice Sends the rent to the caller first; what came in before goes to the lessor. Restricted to contracts that may take assignments, while nothing is overdue.
    function assign(uint256 id) external;

    /// @notice Moves what came in for rent to `to`. The assignee.
    function collect(uint256 id, address to, uint96 most) external returns (uint96 amount);

    /// @notice Gives the rent back to the lessor. The assignee.
    function unassign(uint256 id) external;

    /// @notice Lets a contract take assignments. Restricted to the admin.
    function allowAssignee(address assignee) external;

    /* COURSE: restricted to the lease contract */

    function setLeaseContract(address lease) external;

    function open(uint256 id, Conditions calldata conditions, address lessorWallet, address lesseeWallet) external;

    /// @notice Rent runs from today and from this reading on.
    function start(uint256 id, uint32 tenths) external;

    /// @notice Stops the rent clock while the machine is locked.
    function lock(uint256 id) external;

    /// @notice Ends the lock.
    function unlock(uint256 id) external;

    /// @notice Takes rent off what is owed.
    function credit(uint256 id, uint96 amount) external;

    /// @notice Makes the rest of the rent and `more` due at once and applies the deposit. Late interest goes on when `late`.
    function chargeAll(uint256 id, uint96 more, bool late) external;

    /// @notice Takes the price of the machine from `payer`: what the claim needs is rent, the rest is the lessee's.
    /// @param toLessor True when all of it counts as rent.
    function sell(uint256 id, address payer, uint96 price, bool toLessor)
        external
        returns (uint96 toClaim, uint96 surplus);

    /// @notice Takes everything owed, the rest of the rent and `buyOutPrice` from `payer`.
    function buyOut(uint256 id, address payer, uint96 buyOutPrice, uint96 most) external returns (uint96 paid);

    /// @notice Ends the account; the deposit is the lessee's.
    function stop(uint256 id) external;

    /* READING */

    /// @return The account with statements and late interest counted through today.
    function accountOf(uint256 id) external view returns (Account memory);

    function conditionsOf(uint256 id) external view returns (Conditions memory);

    function owedOf(uint256 id) external view returns (Owed memory);

    function rentSoFar(uint256 id) external view returns (RentSoFar memory);

    function assigneeOf(uint256 id) external view returns (address);
}

/// @title What the rent of a lease is assigned to
interface IRentAssignee {
    /// @notice Money came in on a lease and can be collected.
    function onRent(uint256 id) external;
}
