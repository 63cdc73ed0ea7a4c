// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Cash} from "../libraries/Cash.sol";
import {ILending} from "./ILending.sol";
import {IReceivables} from "./IReceivables.sol";

/// @title Money now for a confirmed receivable
/// @notice The holder of a confirmed receivable is advanced a share of it at a discount and keeps the rest. The debtor's settlement repays the advance first; what is left is the holder's.
interface IFactoring is ILending {
    enum Status {
        None,
        Active,
        Overdue,
        Defaulted,
        WrittenOff,
        Repaid,
        Recovered
    }

    /// @notice Under what conditions a debtor's receivables are financed. Copied into every financing, so that a later change leaves it alone.
    /// @param open False refuses the debtor.
    /// @param recourse True when the holder owes what the debtor does not pay in time.
    /// @param registrationRequired True when the claim must be registered with the movables registry before payout.
    /// @param maxTermDays Longest time to the due day.
    /// @param basis Days of a year in interest: 360 or 365.
    /// @param graceDays Days after the due day before late interest runs.
    /// @param cureDays Days after a notice before a default may be declared.
    /// @param lateRateBps Annual rate of late interest.
    /// @param lateCapBps Most late interest, as a share of the advance.
    /// @param overdueImpairmentBps Share of the advance that is impaired when it falls overdue.
    struct Facility {
        bool open;
        bool recourse;
        bool registrationRequired;
        uint16 maxTermDays;
        uint16 basis;
        uint8 graceDays;
        uint8 cureDays;
        uint16 lateRateBps;
        uint16 lateCapBps;
        uint16 overdueImpairmentBps;
    }

    /// @notice Every figure of an offer, for today.
    /// @param claim What the debtor still owes on the receivable.
    /// @param advance Share of the claim that is advanced; the principal.
    /// @param discount Interest on the advance until the due day, kept back now.
    /// @param fee One-off fee, kept back now.
    /// @param net What the holder receives: advance − discount − fee.
    /// @param remainder What is left of the claim for the holder after settlement.
    /// @param term Days from today to the due day.
    /// @param allInRateBps Annualised cost of the net amount, discount and fee together.
    struct Quote {
        uint96 claim;
        uint96 advance;
        uint96 discount;
        uint96 fee;
        uint96 net;
        uint96 remainder;
        uint32 startDay;
        uint32 dueDay;
        uint32 term;
        uint256 allInRateBps;
        uint16 advanceBps;
        uint16 annualRateBps;
        uint16 feeBps;
        uint16 score;
        uint8 grade;
        uint32 seller;
        uint32 debtor;
        uint96 limitCap;
        address holder;
        Facility facility;
    }

    /// @param principal Advance at the payout.
    /// @param outstanding Advance not yet repaid.
    /// @param income Discount and fee kept back at the payout.
    /// @param lateThroughDay Day through which late interest is counted, 0 before any.
    /// @param lateUnitDays Outstanding advance times days late, summed.
    /// @param latePaid Late interest paid so far.
    /// @param impaired Part of the outstanding advance that is not expected back.
    /// @param noticeDay Day of the notice of default, 0 before it.
    /// @param fromCover What the first-loss cover bore and has not got back.
    struct Financing {
        uint96 principal;
        uint96 outstanding;
        uint32 startDay;
        uint32 dueDay;
        uint96 income;
        uint32 seller;
        uint32 debtor;
        uint16 lateRateBps;
        uint16 lateCapBps;
        uint16 basis;
        uint8 graceDays;
        uint8 cureDays;
        Status status;
        bool recourse;
        uint16 overdueImpairmentBps;
        uint96 latePaid;
        uint128 lateUnitDays;
        uint32 lateThroughDay;
        uint96 impaired;
        uint96 fromCover;
        uint32 noticeDay;
    }

    /// @notice The conditions for a debtor's receivables changed.
    event FacilityChanged(uint32 indexed debtor, Facility facility);
    /// @notice A claim was registered with the movables registry under this reference.
    event RegistrationRecorded(uint256 indexed receivable, bytes32 registryReference);
    /// @notice A receivable was financed and the net amount paid to its holder.
    event ReceivableFinanced(
        uint256 indexed receivable,
        uint32 indexed seller,
        uint32 indexed debtor,
        uint96 claim,
        uint96 advance,
        uint96 discount,
        uint96 fee,
        uint96 net,
        uint32 dueDay,
        uint16 annualRateBps,
        uint16 score
    );
    /// @notice Money came in on a financing, by settlement or by repayment.
    event FinancingPaid(
        uint256 indexed receivable, address indexed payer, uint96 principal, uint96 late, uint96 outstanding
    );
    /// @notice A financing was repaid in full, on time or late, or recovered in full after a loss.
    event FinancingClosed(uint256 indexed receivable, Status status, uint96 lateWaived);
    /// @notice A financing is past its due day and grace.
    event FinancingOverdue(uint256 indexed receivable, uint96 outstanding, uint96 impaired);
    /// @notice Notice of default was given; it can be cured through the given day.
    event NoticeGiven(uint256 indexed receivable, uint32 noticeDay, uint32 cureThroughDay, bytes32 documentHash);
    /// @notice A financing is in default; all of it is impaired.
    event FinancingDefaulted(uint256 indexed receivable, uint96 outstanding);
    /// @notice A financing was written off.
    event FinancingWrittenOff(uint256 indexed receivable, uint96 loss, uint96 fromCover);

    /// @notice Only the holder, {holder}, can finance receivable {receivable}.
    /// @custom:zh 只有持有人 {holder} 可以为应收账款 {receivable} 申请融资。
    error OnlyHolderFinances(uint256 receivable, address holder);
    /// @notice Receivable {receivable} is already financed.
    /// @custom:zh 应收账款 {receivable} 已融资，不可重复融资。
    error AlreadyFinanced(uint256 receivable);
    /// @notice Receivable {receivable} is {state}; only a confirmed one can be financed.
    /// @custom:zh 应收账款 {receivable} 的状态为 {state}，仅已确权的应收账款可以融资。
    error NotFinanceable(uint256 receivable, IReceivables.State state);
    /// @notice Receivable {receivable} is disputed by its debtor.
    /// @custom:zh 应收账款 {receivable} 正被债务人争议中。
    error FinancingDisputed(uint256 receivable);
    /// @notice Receivables in the token {currency} are not financed here.
    /// @custom:zh 不接受以代币 {currency} 计价的应收账款融资。
    error CurrencyNotFinanced(address currency);
    /// @notice There is no open facility for receivables of debtor {debtor}.
    /// @custom:zh 债务人 {debtor} 没有可用的融资额度安排。
    error FacilityClosed(uint32 debtor);
    /// @notice Receivable {receivable} must be registered with the movables registry before payout.
    /// @custom:zh 应收账款 {receivable} 须先完成中登网登记方可放款。
    error RegistrationMissing(uint256 receivable);
    /// @notice The time to the due day is {term} days; between 1 and {longest} are financed.
    /// @custom:zh 距到期日 {term} 天，仅接受 1 至 {longest} 天的融资。
    error TermOutOfBounds(int256 term, uint16 longest);
    /// @notice A claim of {claim} is too small: nothing would be left after discount and fee.
    /// @custom:zh 应收账款金额 {claim} 过小，扣除贴现利息和费用后无可放款金额。
    error ClaimTooSmall(uint96 claim);
    /// @notice Receivable {receivable} has no financing that this step applies to; its status is {status}.
    /// @custom:zh 应收账款 {receivable} 的融资状态为 {status}，不能执行此操作。
    error StatusWrong(uint256 receivable, Status status);
    /// @notice Receivable {receivable} is not overdue before {day}.
    /// @custom:zh 应收账款 {receivable} 在 {day} 之前不构成逾期。
    error NotOverdueBefore(uint256 receivable, uint32 day);
    /// @notice The debtor has paid receivable {receivable}; {claimable} wait to be collected.
    /// @custom:zh 债务人已支付应收账款 {receivable}，尚有 {claimable} 待归集。
    error CollectFirst(uint256 receivable, uint96 claimable);
    /// @notice No notice of default was given on receivable {receivable}.
    /// @custom:zh 尚未就应收账款 {receivable} 发出违约催告。
    error NoticeMissing(uint256 receivable);
    /// @notice The facility is out of bounds: term {maxTermDays} days, basis {basis}, late rate {lateRateBps}, late cap {lateCapBps}, impairment {overdueImpairmentBps}.
    /// @custom:zh 融资安排超出允许范围：期限 {maxTermDays} 天，计息基准 {basis}，逾期利率 {lateRateBps}，逾期利息上限 {lateCapBps}，减值比例 {overdueImpairmentBps}。
    error FacilityOutOfBounds(
        uint16 maxTermDays, uint16 basis, uint16 lateRateBps, uint16 lateCapBps, uint16 overdueImpairmentBps
    );
    /// @notice A registration reference must not be empty.
    /// @custom:zh 登记编号不能为空。
    error RegistrationEmpty();

    /* CONDITIONS */

    /// @notice Sets the conditions for a debtor's receivables. Restricted to the delayed risk role.
    function setFacility(uint32 debtor, Facility calldata facility) external;

    /// @notice Stops financing a debtor's receivables at once. Restricted to the risk officer.
    function closeFacility(uint32 debtor) external;

    /// @notice Records the reference of a claim in the movables registry. Restricted to the risk officer.
    function recordRegistration(uint256 receivable, bytes32 registryReference) external;

    /* FINANCING */

    /// @notice Every figure of today's offer; reverts with the reason that `finance` would give when there is none.
    function quote(uint256 receivable) external view returns (Quote memory);

    /// @notice Finances a receivable: lien, payout and booking in one transaction.
    /// @param minNet Net amount that the holder signed; less is refused.
    /// @param deadline Second after which the signed offer is void.
    /// @return net What was paid to the holder.
    function finance(uint256 receivable, uint96 minNet, uint40 deadline) external returns (uint96 net);

    /* REPAYMENT */

    /// @notice Moves what the debtor has paid on the receivable to the treasury. Anyone may deliver it.
    function collect(uint256 receivable) external returns (uint96 amount);

    /// @notice Repays a financing for the holder or the debtor. Takes at most what is owed; when all is paid the claim is free again.
    function repay(uint256 receivable, uint96 amount) external returns (uint96 paid);

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function repayWithPermit(uint256 receivable, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid);

    /* ARREARS */

    /// @notice Marks a financing overdue after due day and grace. Anyone may call it.
    function markOverdue(uint256 receivable) external;

    /// @notice Gives notice of default. Restricted to the risk officer.
    function giveNotice(uint256 receivable, bytes32 documentHash) external;

    /// @notice Declares default after the cure time. Restricted to the risk officer.
    function declareDefault(uint256 receivable) external;

    /// @notice Writes a defaulted financing off. Restricted to the risk officer. The claim stays owed.
    function writeOff(uint256 receivable) external;

    /* READING */

    function financingOf(uint256 receivable) external view returns (Financing memory);

    function facilityOf(uint32 debtor) external view returns (Facility memory);

    /// @return principal Advance still owed today, before what waits to be collected.
    /// @return late Late interest owed today.
    /// @return collectable What the debtor paid and anyone may collect.
    function owedOf(uint256 receivable) external view returns (uint96 principal, uint96 late, uint96 collectable);
}
