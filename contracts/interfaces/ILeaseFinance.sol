// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Cash} from "../libraries/Cash.sol";
import {IRentAssignee} from "./IRentLedger.sol";

/// @title The bank pays for a machine that is leased, and is paid from the rent
/// @notice Once per lease. Every fact is read at the payout: the lessee's score, the machine's readings and alarms, its title, the lease itself. Rent repays interest, then principal; afterwards it is the lessor's.
interface ILeaseFinance is IRentAssignee {
    enum LoanStatus {
        None,
        Active,
        Overdue,
        Defaulted,
        WrittenOff,
        Repaid,
        Recovered
    }

    /// @param open False refuses new loans.
    /// @param maxReadingAge Oldest report of the machine that counts, in seconds.
    /// @param gates Least severity of each alarm that refuses the payout, two bits per alarm; 0 lets the alarm pass.
    /// @param overdueImpairmentBps Share of the principal that is impaired when rent is overdue.
    /// @param portfolioCap Most that all loans on leases may owe together.
    struct Conditions {
        bool open;
        uint32 maxReadingAge;
        uint16 gates;
        uint16 overdueImpairmentBps;
        uint96 portfolioCap;
    }

    /// @param principal Principal owed.
    /// @param rateBps Annual rate, actual days over 360.
    /// @param throughDay Day through which interest is counted.
    /// @param interest Interest not paid, in units × bps × days.
    /// @param lessee Party whose rent repays the loan.
    /// @param impaired Part of the principal that is not expected back.
    /// @param fromCover What the first-loss cover bore and has not got back.
    struct Loan {
        LoanStatus status;
        uint96 principal;
        uint16 rateBps;
        uint32 throughDay;
        uint32 lessee;
        uint120 interest;
        uint96 impaired;
        uint96 fromCover;
    }

    /// @param base What is financed at most: the lesser of the price and the fixed rent that is left.
    /// @param fixedRentLeft Rent that the lease still costs if the machine does not run again.
    /// @param principal What will be owed: the grade's share of the base, and no more than the fixed rent repays with interest.
    /// @param fee Kept back at once.
    /// @param net What the lessor receives: principal − fee.
    /// @param annualRateBps Rate for as long as it is owed.
    /// @param interestPerDay Interest of the first days, a day, rounded up.
    /// @param readAt Second of the machine's last report.
    struct LoanQuote {
        uint96 base;
        uint96 fixedRentLeft;
        uint96 principal;
        uint96 fee;
        uint96 net;
        uint16 annualRateBps;
        uint256 interestPerDay;
        uint16 score;
        uint8 grade;
        uint40 readAt;
        uint96 gradeCap;
    }

    /// @notice The conditions of loans on leases changed.
    event LeaseFinanceConditionsChanged(Conditions conditions);
    /// @notice A lease was financed; the net amount was paid to the lessor.
    event LeaseFinanced(
        uint256 indexed lease,
        uint32 indexed lessee,
        address indexed to,
        uint96 principal,
        uint96 fee,
        uint96 net,
        uint16 annualRateBps,
        uint16 score,
        uint40 readAt
    );
    /// @notice Rent or another payment repaid a loan.
    event LoanPaid(
        uint256 indexed lease, address indexed payer, uint96 interest, uint96 principal, uint96 principalLeft
    );
    /// @notice The rent that repays a loan is overdue.
    event LoanOverdue(uint256 indexed lease, uint96 principal, uint96 impaired);
    /// @notice The rent is paid again.
    event LoanCured(uint256 indexed lease);
    /// @notice The lease is in default or ended before the loan was repaid.
    event LoanDefaulted(uint256 indexed lease, uint96 principal);
    /// @notice A loan was written off; it stays owed.
    event LoanWrittenOff(uint256 indexed lease, uint96 loss, uint96 fromCover);
    /// @notice Nothing is owed on the loan; the rent is the lessor's.
    event LoanEnded(uint256 indexed lease, LoanStatus status);

    /// @notice Leases are not financed at present.
    /// @custom:zh 目前不提供租赁融资。
    error LeasesNotFinanced();
    /// @notice The loan on lease {lease} is {status}; this step does not apply to it.
    /// @custom:zh 租约 {lease} 的融资状态为{status}，不能执行此操作。
    error LoanStatusWrong(uint256 lease, LoanStatus status);
    /// @notice Lease {lease} is not in order; nothing is paid out on it.
    /// @custom:zh 租约 {lease} 状态不正常，不予放款。
    error LeaseNotInOrder(uint256 lease);
    /// @notice The bank has not verified the certificate of machine {machine}.
    /// @custom:zh 银行尚未核验设备 {machine} 的登记证书。
    error CertificateUnverified(uint32 machine);
    /// @notice {caller} is not the lessor of lease {lease}.
    /// @custom:zh {caller} 不是租约 {lease} 的出租人。
    error NotLessor(uint256 lease, address caller);
    /// @notice Nothing can be lent on lease {lease}: no fixed rent is left that would repay it.
    /// @custom:zh 租约 {lease} 已无可用于还款的固定租金，不能放款。
    error LoanTooSmall(uint256 lease);
    /// @notice All loans on leases together would owe {wouldBe}; at most {cap} are lent.
    /// @custom:zh 全部租赁融资余额将达 {wouldBe}，超过上限 {cap}。
    error LeasePortfolioFull(uint256 wouldBe, uint96 cap);
    /// @notice The annual rate would be {rateBps}, more than the signed {signedBps}.
    /// @custom:zh 年利率将为 {rateBps}，高于所签署的 {signedBps}。
    error LoanRateAboveSigned(uint16 rateBps, uint16 signedBps);
    /// @notice Nothing is owed on the loan of lease {lease}.
    /// @custom:zh 租约 {lease} 的融资没有欠款。
    error LoanNotOwed(uint256 lease);
    /// @notice The rent of lease {lease} is not overdue.
    /// @custom:zh 租约 {lease} 的租金没有逾期。
    error LoanNotOverdue(uint256 lease);
    /// @notice Lease {lease} is neither in default nor ended.
    /// @custom:zh 租约 {lease} 既未违约也未终止。
    error LeaseNotDefaulted(uint256 lease);
    /// @notice The conditions are out of bounds: readings no older than {maxReadingAge} seconds, impairment {overdueImpairmentBps}.
    /// @custom:zh 条件超出允许范围：数据时效 {maxReadingAge} 秒，减值比例 {overdueImpairmentBps}。
    error LeaseConditionsOutOfBounds(uint32 maxReadingAge, uint16 overdueImpairmentBps);

    /// @notice Sets the conditions of loans. Restricted to the delayed risk role.
    function setConditions(Conditions calldata conditions) external;

    /// @notice Stops new loans at once. Restricted to the risk officer.
    function closeOffer() external;

    /// @notice Every figure of the loan that a lease would get now; reverts with the reason that `finance` would give.
    function quote(uint256 lease) external view returns (LoanQuote memory);

    /// @notice Pays the lessor for the machine, against its title and the rent. The lessor.
    /// @param minNet Net amount that the lessor signed; less is refused.
    /// @param maxRateBps Highest annual rate that the lessor signed.
    /// @param deadline Second after which the signed offer is void.
    /// @return net What was paid out.
    function finance(uint256 lease, uint96 minNet, uint16 maxRateBps, uint40 deadline) external returns (uint96 net);

    /// @notice Repays a loan beside the rent: interest, then principal. Takes at most what is owed. Anyone may pay.
    function repay(uint256 lease, uint96 amount) external returns (uint96 paid);

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function repayWithPermit(uint256 lease, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid);

    /// @notice Marks a loan whose rent is overdue. Anyone may call.
    function markOverdue(uint256 lease) external;

    /// @notice Marks a loan whose lease is in default, or ended before the loan was repaid. Anyone may call.
    function markDefaulted(uint256 lease) external;

    /// @notice Writes a defaulted loan off. Restricted to the risk officer. It stays owed.
    function writeOff(uint256 lease) external;

    function conditions() external view returns (Conditions memory);

    /// @return The loan with interest counted through today.
    function loanOf(uint256 lease) external view returns (Loan memory);

    /// @return What ends the loan today: principal and interest, rounded up.
    function owedOf(uint256 lease) external view returns (uint96);
}
