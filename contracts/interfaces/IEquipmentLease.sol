// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Rent} from "../libraries/Rent.sol";

/// @title Leases of machines whose rent follows the meter
/// @notice Both parties sign the terms. Rent runs from delivery, is charged period by period, and never more than time and hours say. The way to a machine taken back is notice, time to cure, default, and then one of two: all rent at once, or the machine.
interface IEquipmentLease {
    enum LeaseStatus {
        None,
        Signed,
        Secured,
        Active,
        Overdue,
        Defaulted,
        Accelerated,
        Rescinded,
        Sold,
        Returned,
        BoughtOut,
        Cancelled
    }

    /// @param machine Its title is bound by a lien until the lease ends.
    /// @param lessor Party that lets, holder of the title.
    /// @param lessee Party that rents.
    /// @param price Price of the machine that the parties agreed on.
    /// @param deposit Paid before delivery, given back at the end.
    /// @param buyOutPrice What the title costs when all rent is paid.
    /// @param minimum Rent of a period in which the machine stands still.
    /// @param cap Most that a period costs on average since delivery.
    /// @param periods Number of periods.
    /// @param periodDays Days of each.
    /// @param dueDays Days to pay a statement.
    /// @param cureDays Days to cure after a notice of default.
    /// @param lockNoticeDays Days between that notice and the earliest lock.
    /// @param lateRateBps Annual rate on overdue rent, actual days over 360.
    /// @param tiers Price of the hours since delivery.
    /// @param rulesHash Hash of the monitoring annex: alarm rules and region.
    /// @param documentHash Hash of the contract as people read it.
    /// @param salt Makes two leases with the same terms different.
    /// @param deadline Second after which the signatures are void.
    struct Terms {
        uint32 machine;
        uint32 lessor;
        uint32 lessee;
        uint96 price;
        uint96 deposit;
        uint96 buyOutPrice;
        uint96 minimum;
        uint96 cap;
        uint16 periods;
        uint16 periodDays;
        uint8 dueDays;
        uint8 cureDays;
        uint8 lockNoticeDays;
        uint16 lateRateBps;
        Rent.Tier[] tiers;
        bytes32 rulesHash;
        bytes32 documentHash;
        uint64 salt;
        uint40 deadline;
    }

    /// @param startDay Day of delivery.
    /// @param noticeDay Day of the notice of default, 0 without one in force.
    /// @param noticeCures `IRentLedger.Account.cures` at the notice: a cure since then ended it.
    /// @param returnDay Day on which the lessee gave the machine back, 0 before it.
    /// @param disputed True while the lessee's dispute is open.
    struct Lease {
        LeaseStatus status;
        bool disputed;
        uint32 startDay;
        uint32 noticeDay;
        uint16 noticeCures;
        uint32 returnDay;
        uint32 machine;
        uint32 lessor;
        uint32 lessee;
    }

    /// @notice A lease was signed by both parties.
    event LeaseSigned(
        uint256 indexed id,
        uint32 indexed machine,
        uint32 indexed lessee,
        address lessorWallet,
        address lesseeWallet,
        bytes32 termsHash,
        Terms terms
    );
    /// @notice The lessee took the machine over; rent runs.
    event MachineDelivered(uint256 indexed id, uint32 startDay, uint32 startTenths, bytes32 documentHash);
    /// @notice A lease ended before delivery.
    event LeaseCancelled(uint256 indexed id, address indexed by);
    /// @notice The parties agreed that the machine may stand still; no idle alarm counts meanwhile.
    event StandbyAgreed(uint256 indexed id, uint32 fromDay, uint32 throughDay, bytes32 documentHash);
    /// @notice The lessee disputes what was charged.
    event LeaseDisputed(uint256 indexed id, bytes32 reasonHash);
    /// @notice A dispute ended; `credit` is taken off the rent.
    event LeaseDisputeEnded(uint256 indexed id, uint96 credit, bytes32 documentHash);
    /// @notice Notice of default was given; it can be cured through the given day.
    event LeaseNoticeGiven(uint256 indexed id, uint32 noticeDay, uint32 cureThroughDay, bytes32 documentHash);
    /// @notice A lease is in default.
    event LeaseDefaulted(uint256 indexed id, uint96 overdue);
    /// @notice All rent of the lease is due; the lessee keeps the machine.
    event LeaseAccelerated(uint256 indexed id);
    /// @notice The lease is rescinded; the machine is to be given back and sold.
    event LeaseRescinded(uint256 indexed id);
    /// @notice The machine is offered to a buyer at an appraised price, zero price ends the offer.
    event SaleOffered(uint256 indexed id, address indexed buyer, uint96 price, bytes32 appraisalHash);
    /// @notice The machine was sold; the surplus is the lessee's.
    event MachineSold(uint256 indexed id, address indexed buyer, uint96 price, uint96 toClaim, uint96 surplus);
    /// @notice The lessee bought the machine.
    event MachineBoughtOut(uint256 indexed id, address indexed to, uint96 paid);
    /// @notice The lessee says that the machine was given back.
    event ReturnDeclared(uint256 indexed id, uint32 day, bytes32 documentHash);
    /// @notice The lessor says that the machine was not given back as it should be.
    event ReturnObjected(uint256 indexed id, bytes32 documentHash);
    /// @notice The machine was given back; the deposit is the lessee's.
    event MachineReturned(uint256 indexed id);

    /// @notice There is no lease {id}.
    /// @custom:zh 不存在编号为 {id} 的租约。
    error LeaseUnknown(uint256 id);
    /// @notice Lease {id} is {status}; this step does not apply to it.
    /// @custom:zh 租约 {id} 的状态为{status}，不能执行此操作。
    error LeaseStatusWrong(uint256 id, LeaseStatus status);
    /// @notice The terms of a lease are out of bounds: {rule}.
    /// @custom:zh 租约条款超出允许范围：{rule}。
    error LeaseTermsInvalid(LeaseRule rule);
    /// @notice These terms were signed before, as lease {id}.
    /// @custom:zh 相同条款已签署，租约编号为 {id}。
    error LeaseSignedBefore(uint256 id);
    /// @notice The lease is not signed by {wallet}.
    /// @custom:zh 租约未经 {wallet} 签署。
    error LeaseSignatureInvalid(address wallet);
    /// @notice The wallet {wallet} does not belong to party {party} of the lease.
    /// @custom:zh 钱包 {wallet} 不属于租约当事方 {party}。
    error NotLeaseParty(address wallet, uint32 party);
    /// @notice Only the creditor of lease {id} may do this; {caller} is not.
    /// @custom:zh 仅租约 {id} 的债权人可执行此操作；{caller} 不是。
    error NotLeaseCreditor(uint256 id, address caller);
    /// @notice Lease {id} is not overdue.
    /// @custom:zh 租约 {id} 没有逾期。
    error LeaseNotOverdue(uint256 id);
    /// @notice A dispute on lease {id} is open; it must be decided first.
    /// @custom:zh 租约 {id} 存在未决争议，须先处理。
    error LeaseInDispute(uint256 id);
    /// @notice No dispute on lease {id} is open.
    /// @custom:zh 租约 {id} 没有未决争议。
    error LeaseNotInDispute(uint256 id);
    /// @notice No notice of default was given on lease {id}.
    /// @custom:zh 租约 {id} 尚未发出违约催告。
    error LeaseNoticeMissing(uint256 id);
    /// @notice The deposit of lease {id} is not paid.
    /// @custom:zh 租约 {id} 的保证金尚未支付。
    error DepositMissing(uint256 id);
    /// @notice Lease {id} binds no title any more.
    /// @custom:zh 租约 {id} 已不再占用设备所有权。
    error TitleFreedBefore(uint256 id);
    /// @notice Lease {id} still owes {owed}.
    /// @custom:zh 租约 {id} 尚欠 {owed}。
    error LeaseStillOwed(uint256 id, uint96 owed);
    /// @notice {overdue} is overdue: neither two statements nor {thresholdBps} of the {total} of all fixed rent.
    /// @custom:zh 逾期 {overdue}：未达到两期，也未达到全部固定租金 {total} 的 {thresholdBps}。
    error DefaultTooSlight(uint96 overdue, uint96 total, uint16 thresholdBps);
    /// @notice The machine of lease {id} may be locked after {day}.
    /// @custom:zh 租约 {id} 的设备在 {day} 之后方可锁机。
    error LockTooEarly(uint256 id, uint32 day);
    /// @notice Machine {machine} last reported at {at}: too long ago for this step.
    /// @custom:zh 设备 {machine} 最近一次上报时间为 {at}，已过久，不能执行此操作。
    error MachineSilent(uint32 machine, uint40 at);
    /// @notice Lease {id} has {left} periods to go.
    /// @custom:zh 租约 {id} 还有 {left} 期未到。
    error LeaseRuns(uint256 id, uint16 left);
    /// @notice The machine of lease {id} was not declared returned.
    /// @custom:zh 租约 {id} 的设备尚未申报归还。
    error ReturnNotDeclared(uint256 id);
    /// @notice The lessor may object to the return of lease {id} through {day}.
    /// @custom:zh 出租人可在 {day}（含）前对租约 {id} 的归还提出异议。
    error ReturnObjectionRuns(uint256 id, uint32 day);
    /// @notice No sale of the machine of lease {id} is offered to {caller} at {price} or less.
    /// @custom:zh 租约 {id} 的设备未以不高于 {price} 的价格向 {caller} 出售。
    error SaleNotOffered(uint256 id, address caller, uint96 price);

    enum LeaseRule {
        PeriodsWrong,
        DaysWrong,
        RateTooHigh,
        CapBelowMinimum,
        TiersWrong,
        TierRateRises,
        HashEmpty,
        AmountTooHigh,
        SameParty
    }

    /* SIGNING */

    /// @notice Records a lease that both parties signed and binds the title. Anyone may relay it. Contract wallets sign by ERC-1271.
    function sign(
        Terms calldata terms,
        address lessorWallet,
        bytes calldata lessorSignature,
        address lesseeWallet,
        bytes calldata lesseeSignature
    ) external returns (uint256 id);

    /// @notice Ends a lease before delivery. Either party; the deposit goes back.
    function cancel(uint256 id) external;

    /// @notice Takes the machine over once the deposit is paid; rent runs from today and from its present reading. The lessee.
    /// @param documentHash Hash of the protocol of delivery.
    function acceptDelivery(uint256 id, bytes32 documentHash) external;

    /// @notice Notes a time in which the machine may stand still; no idle alarm counts meanwhile. The lessor.
    function agreeStandby(uint256 id, uint32 fromDay, uint32 throughDay, bytes32 documentHash) external;

    /* DISPUTE */

    /// @notice Disputes what was charged; no step against the lessee is possible meanwhile. The lessee.
    function dispute(uint256 id, bytes32 reasonHash) external;

    /// @notice Takes the dispute back. The lessee.
    function withdrawDispute(uint256 id) external;

    /// @notice Decides a dispute; `credit` is taken off what is owed. Restricted to compliance.
    function resolveDispute(uint256 id, uint96 credit, bytes32 documentHash) external;

    /* ARREARS: the creditor is the bank while rent is assigned to it, otherwise the lessor */

    /// @notice Gives notice of default on overdue rent. The creditor.
    function giveNotice(uint256 id, bytes32 documentHash) external;

    /// @notice Locks the machine after notice; the rent clock stops. The creditor; the machine must have reported of late.
    function lock(uint256 id) external;

    /// @notice Ends the lock. The creditor; paying all that is overdue ends it too.
    function unlock(uint256 id) external;

    /// @notice Declares default after the cure time, on two statements or 15 % of all fixed rent. The creditor.
    function declareDefault(uint256 id) external;

    /// @notice Makes all fixed rent due; the lessee keeps the machine. The creditor, instead of `rescind`.
    function accelerate(uint256 id) external;

    /// @notice Ends the lease and claims the machine. The creditor, instead of `accelerate`.
    function rescind(uint256 id) external;

    /// @notice Offers the machine that was taken back to a buyer; a price of zero ends the offer. The creditor.
    /// @param appraisalHash Hash of the appraisal that the price rests on.
    function offerSale(uint256 id, address buyer, uint96 price, bytes32 appraisalHash) external;

    /// @notice Buys it. What the claim does not need is the lessee's.
    /// @param most Highest price that the buyer agrees to.
    function buy(uint256 id, uint96 most) external;

    /* END */

    /// @notice Pays everything and the price of the title, which moves to the lessee. The lessee, at any time before rescission.
    /// @param most Highest sum that the lessee agrees to.
    function buyOut(uint256 id, uint96 most) external;

    /// @notice Moves the title of a machine that was claimed back to the lessee who has paid everything. Anyone may call.
    function redeem(uint256 id) external;

    /// @notice Says that the machine was given back after the last period. The lessee; all rent must be paid.
    function declareReturn(uint256 id, bytes32 documentHash) external;

    /// @notice Objects to a declared return, which then does not count; the parties or a court decide. The lessor.
    function objectToReturn(uint256 id, bytes32 documentHash) external;

    /// @notice Ends a lease whose periods are all paid and whose machine came back. The lessor, declared or not; anyone once the time for objections is over.
    function confirmReturn(uint256 id) external;

    /// @notice Frees the title of a machine that came back while its rent was still assigned. Anyone may call.
    function freeTitle(uint256 id) external;

    /* READING */

    /// @return The lease with its status as of today.
    function leaseOf(uint256 id) external view returns (Lease memory);

    function termsOf(uint256 id) external view returns (Terms memory);

    /// @return What makes the lessee the owner today; 0 when the lease does not allow it.
    function buyOutOf(uint256 id) external view returns (uint96);

    /// @return Digest that both parties sign.
    function termsDigest(Terms calldata terms) external view returns (bytes32);
}
