// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Cash} from "../libraries/Cash.sol";
import {ILending} from "./ILending.sol";

/// @title A revolving line for a merchant: draw and repay any day, interest on what is drawn
/// @notice One line a party. Its limit follows the fresh score and is read again at every draw; a lower limit never makes drawn principal due. Statements close every cycle and are payable within some days; what is not paid then is overdue and bears late interest. Repayment is always possible.
/// @dev A night's interest is owed by what is drawn over it; principal repaid on the day it was drawn bears one day. Interest and late interest are kept in units × bps × days (see `Interest.ACCRUAL_UNIT`) and rounded up only where they are billed or paid: what is owed depends on time and payments, not on how often anybody calls.
interface ICreditLine is ILending {
    enum LineStatus {
        None,
        Open,
        Delinquent,
        Defaulted,
        WrittenOff,
        Closed,
        Recovered
    }

    /// @notice Under what conditions lines are opened. Copied into every line, so that a later change leaves it alone; caps alone count at every draw.
    /// @param open False refuses new lines and draws.
    /// @param termDays Days from opening to maturity, when all principal is billed; a whole number of cycles.
    /// @param cycleDays Days from statement to statement.
    /// @param dueDays Days to pay a statement, fewer than a cycle has.
    /// @param instalmentBps Share of the principal not yet billed that each statement bills, rounded up.
    /// @param lateRateBps Annual late rate on what is overdue, besides the interest on the principal.
    /// @param cureDays Days after a notice of default in which it can be cured.
    /// @param overdueImpairmentBps Share of the principal impaired once the line is delinquent.
    /// @param lineCap Most that one line may reach.
    /// @param portfolioCap Most that all lines together may have drawn.
    /// @param agreementHash Hash of the agreement that a merchant signs by opening.
    struct Conditions {
        bool open;
        uint16 termDays;
        uint8 cycleDays;
        uint8 dueDays;
        uint16 instalmentBps;
        uint16 lateRateBps;
        uint8 cureDays;
        uint16 overdueImpairmentBps;
        uint96 lineCap;
        uint96 portfolioCap;
        bytes32 agreementHash;
    }

    /// @param drawn Principal owed.
    /// @param perDay Interest that accrues a day, in units × bps: the principal of every draw times the rate of its day. A repayment lowers it in proportion, rounded up, so that what stays drawn keeps the average rate.
    /// @param throughDay Day through which interest and statements are counted.
    /// @param status Delinquent and worse are entered by a call, not by time alone; a draw looks at time.
    /// @param frozen True while the bank has stopped draws.
    /// @param interest Interest accrued and not paid, in units × bps × days.
    /// @param dueInterest Interest that the last statement billed and that is not paid, in units.
    /// @param nextCloseDay Day of the next statement.
    /// @param duePrincipal Principal that statements billed and that is not paid.
    /// @param overdue Part of what was billed that was not paid by its due day.
    /// @param dueDay Last day to pay the last statement; 0 when it is past, or when nothing of it but overdue parts is left.
    /// @param noticeDay Day of the notice of default, 0 before it.
    /// @param late Late interest not paid, in units × bps × days.
    /// @param limit Limit in force after its last change.
    /// @param riseDay Day of the last rise of the limit, at first the day of opening.
    /// @param openedDay Day of opening.
    /// @param maturityDay Day of the statement that bills all principal; no draws from this day on.
    /// @param openingLimit Limit at opening, of the first of lines that followed each other.
    /// @param drawnToday Principal drawn on `throughDay` and not repaid since.
    /// @param impaired Part of the principal that is not expected back.
    /// @param fromCover What the first-loss cover bore and has not got back.
    struct Line {
        uint96 drawn;
        uint104 perDay;
        uint32 throughDay;
        LineStatus status;
        bool frozen;
        uint120 interest;
        uint96 dueInterest;
        uint32 nextCloseDay;
        uint96 duePrincipal;
        uint96 overdue;
        uint32 dueDay;
        uint32 noticeDay;
        uint120 late;
        uint96 limit;
        uint32 riseDay;
        uint32 openedDay;
        uint32 maturityDay;
        uint96 openingLimit;
        uint8 cycleDays;
        uint8 dueDays;
        uint16 instalmentBps;
        uint16 lateRateBps;
        uint8 cureDays;
        uint16 overdueImpairmentBps;
        uint96 impaired;
        uint96 fromCover;
        uint96 drawnToday;
    }

    /// @notice The limit's arithmetic, line by line.
    /// @param reported Limit that the oracle reported with the score.
    /// @param graded Share of it that the grade may draw.
    /// @param gradeCap Most that a party of the grade may owe over all products.
    /// @param lineCap Most that one line may reach.
    /// @param riseCap What the limit may have risen to by today.
    /// @param limit The least of the above.
    /// @param drawn Principal owed on the line.
    /// @param headroom What the party may still owe over all products.
    /// @param portfolioRoom What all lines together may still draw.
    /// @param cash What the treasury can pay out.
    /// @param available What can be drawn now.
    struct Limit {
        uint96 reported;
        uint96 graded;
        uint96 gradeCap;
        uint96 lineCap;
        uint96 riseCap;
        uint96 limit;
        uint96 drawn;
        uint96 headroom;
        uint96 portfolioRoom;
        uint96 cash;
        uint96 available;
        uint8 grade;
        uint16 score;
        uint16 annualRateBps;
        uint16 feeBps;
    }

    /// @param amount Principal drawn.
    /// @param fee Kept back at once.
    /// @param net What the merchant receives: amount − fee.
    /// @param annualRateBps Rate of this draw for as long as it is owed.
    /// @param averageRateBps Rate over all that will then be drawn, rounded up.
    /// @param interestPerDay Interest on all that will then be drawn, a day, rounded up.
    /// @param drawnAfter Principal owed after the draw.
    /// @param closeDay Day of the next statement.
    /// @param payDay Last day to pay it.
    /// @param maturityDay Day on which all principal is billed.
    struct DrawQuote {
        uint96 amount;
        uint96 fee;
        uint96 net;
        uint16 annualRateBps;
        uint256 averageRateBps;
        uint256 interestPerDay;
        uint96 drawnAfter;
        uint32 closeDay;
        uint32 payDay;
        uint32 maturityDay;
        uint16 score;
        uint8 grade;
        uint96 limit;
    }

    /// @notice What is owed today, in units, rounded up.
    /// @param billed Part of it that statements have billed, late interest not counted.
    /// @param overdue Part of that which is past its due day.
    /// @param payDay Last day to pay what is billed and not overdue, 0 when there is nothing.
    /// @param total Principal, interest and late interest: what ends the debt today.
    struct Owed {
        uint96 principal;
        uint96 interest;
        uint96 late;
        uint96 billed;
        uint96 overdue;
        uint32 payDay;
        uint96 total;
    }

    /// @notice The conditions of lines changed.
    event ConditionsChanged(Conditions conditions);
    /// @notice A merchant opened a line.
    event LineOpened(
        uint32 indexed party,
        address indexed wallet,
        uint96 limit,
        uint32 openedDay,
        uint32 firstCloseDay,
        uint32 maturityDay,
        Conditions conditions
    );
    /// @notice The limit of a line changed; `reported` is what the oracle reported.
    event LimitMoved(uint32 indexed party, uint96 from, uint96 to, uint96 reported);
    /// @notice Principal was drawn and the net amount paid to the merchant.
    event LineDrawn(
        uint32 indexed party,
        address indexed to,
        uint96 amount,
        uint96 fee,
        uint96 net,
        uint16 annualRateBps,
        uint96 drawn,
        uint104 perDay,
        uint16 score
    );
    /// @notice A statement closed. The amounts are all that is billed and unpaid, the overdue part included.
    event StatementClosed(
        uint32 indexed party, uint32 indexed closeDay, uint96 dueInterest, uint96 duePrincipal, uint96 drawn, uint32 dueDay
    );
    /// @notice Money came in on a line.
    event LinePaid(
        uint32 indexed party,
        address indexed payer,
        uint96 late,
        uint96 interest,
        uint96 principal,
        uint96 drawn,
        uint104 perDay,
        uint96 billed,
        uint96 overdue
    );
    /// @notice The bank stopped draws.
    event LineFrozen(uint32 indexed party, bytes32 reasonHash);
    /// @notice The bank lets draws go on.
    event LineUnfrozen(uint32 indexed party);
    /// @notice A statement was not paid in time.
    event LineDelinquent(uint32 indexed party, uint96 overdue, uint96 drawn, uint96 impaired);
    /// @notice All that was overdue is paid.
    event LineCured(uint32 indexed party);
    /// @notice Notice of default was given; it can be cured through the given day.
    event LineNoticeGiven(uint32 indexed party, uint32 noticeDay, uint32 cureThroughDay, bytes32 documentHash);
    /// @notice A line is in default: all principal is due and impaired.
    event LineDefaulted(uint32 indexed party, uint96 overdue, uint96 drawn);
    /// @notice A line was written off; it stays owed.
    event LineWrittenOff(uint32 indexed party, uint96 loss, uint96 fromCover);
    /// @notice Nothing is owed and the line is closed, or recovered in full after a loss.
    event LineClosed(uint32 indexed party, LineStatus status);

    /// @notice Credit lines are not offered at present.
    /// @custom:zh 目前不提供信用额度。
    error LinesNotOffered();
    /// @notice The agreement in force has the hash {inForce}, not {signed}.
    /// @custom:zh 现行协议的哈希为 {inForce}，与所签署的 {signed} 不符。
    error AgreementChanged(bytes32 inForce, bytes32 signed);
    /// @notice The credit line of party {party} is {status}; this step does not apply to it.
    /// @custom:zh 参与方 {party} 的信用额度状态为 {status}，不能执行此操作。
    error LineStatusWrong(uint32 party, LineStatus status);
    /// @notice Party {party} still owes {owed} on its line.
    /// @custom:zh 参与方 {party} 的信用额度项下尚欠 {owed}。
    error LineOwed(uint32 party, uint96 owed);
    /// @notice Party {party} owes nothing on a line.
    /// @custom:zh 参与方 {party} 的信用额度项下没有欠款。
    error LineNotOwed(uint32 party);
    /// @notice The limit of party {party} would be zero.
    /// @custom:zh 参与方 {party} 的额度将为零。
    error LimitZero(uint32 party);
    /// @notice The bank has frozen the credit line of party {party}.
    /// @custom:zh 银行已冻结参与方 {party} 的信用额度。
    error LineIsFrozen(uint32 party);
    /// @notice The credit line of party {party} is not frozen.
    /// @custom:zh 参与方 {party} 的信用额度未被冻结。
    error LineNotFrozen(uint32 party);
    /// @notice The credit line of party {party} matured on {day}; nothing more can be drawn.
    /// @custom:zh 参与方 {party} 的信用额度已于 {day} 到期，不能继续提款。
    error LineMatured(uint32 party, uint32 day);
    /// @notice Party {party} is overdue with {overdue}; nothing can be drawn before it is paid.
    /// @custom:zh 参与方 {party} 逾期 {overdue}，付清前不能提款。
    error LineOverdue(uint32 party, uint96 overdue);
    /// @notice Party {party} is not overdue on its line.
    /// @custom:zh 参与方 {party} 的信用额度没有逾期。
    error LineNotOverdue(uint32 party);
    /// @notice Party {party} would owe {wouldOwe} on its line; its limit is {limit}.
    /// @custom:zh 参与方 {party} 的额度项下余额将达 {wouldOwe}，超过其额度 {limit}。
    error LineExceeded(uint32 party, uint256 wouldOwe, uint96 limit);
    /// @notice All lines together would have drawn {wouldBe}; at most {cap} are lent on lines.
    /// @custom:zh 全部信用额度的提款余额将达 {wouldBe}，超过上限 {cap}。
    error PortfolioFull(uint256 wouldBe, uint96 cap);
    /// @notice A draw of {amount} is too small: nothing would be left after the fee of {fee}.
    /// @custom:zh 提款金额 {amount} 过小，扣除费用 {fee} 后无可放款金额。
    error DrawTooSmall(uint96 amount, uint96 fee);
    /// @notice The annual rate would be {rateBps}, more than the signed {signedBps}.
    /// @custom:zh 年利率将为 {rateBps}，高于所签署的 {signedBps}。
    error RateAboveSigned(uint16 rateBps, uint16 signedBps);
    /// @notice The reported limit code {limitCode} is out of range.
    /// @custom:zh 报告的额度编码 {limitCode} 超出范围。
    error LimitCodeWrong(uint24 limitCode);
    /// @notice No notice of default was given to party {party}.
    /// @custom:zh 尚未向参与方 {party} 发出违约催告。
    error LineNoticeMissing(uint32 party);
    /// @notice The conditions are out of bounds: term {termDays} days, cycle {cycleDays}, payable within {dueDays}, instalment {instalmentBps}, late rate {lateRateBps}, impairment {overdueImpairmentBps}, cap {lineCap}.
    /// @custom:zh 条件超出允许范围：期限 {termDays} 天，账期 {cycleDays} 天，还款期 {dueDays} 天，分期比例 {instalmentBps}，逾期利率 {lateRateBps}，减值比例 {overdueImpairmentBps}，上限 {lineCap}。
    error ConditionsOutOfBounds(
        uint16 termDays,
        uint8 cycleDays,
        uint8 dueDays,
        uint16 instalmentBps,
        uint16 lateRateBps,
        uint16 overdueImpairmentBps,
        uint96 lineCap
    );

    /* CONDITIONS */

    /// @notice Sets the conditions of lines to be opened, and the caps of all. Restricted to the delayed risk role.
    function setConditions(Conditions calldata conditions) external;

    /// @notice Stops new lines and draws at once. Restricted to the risk officer.
    function closeOffer() external;

    /* OPENING */

    /// @notice Opens the caller's line under the agreement with this hash. A line opened again goes on from what the last one may have risen to, with that one's limit at opening, unless that was closed 360 days ago or more.
    function open(bytes32 agreementHash) external returns (uint96 limit);

    /// @notice Closes the caller's line; nothing may be owed.
    function close() external;

    /* DRAWING */

    /// @notice The arithmetic of today's limit; reverts with the named reason when the facts about the party pay nothing out.
    function limitOf(uint32 party) external view returns (Limit memory);

    /// @notice Every figure of a draw today; reverts with the reason that `draw` would give when it is refused.
    function quote(uint32 party, uint96 amount) external view returns (DrawQuote memory);

    /// @notice Draws principal; the net amount is paid to the caller.
    /// @param minNet Net amount that the merchant signed; less is refused.
    /// @param maxRateBps Highest annual rate that the merchant signed.
    /// @param deadline Second after which the signed draw is void.
    /// @return net What was paid out.
    function draw(uint96 amount, uint96 minNet, uint16 maxRateBps, uint40 deadline) external returns (uint96 net);

    /* REPAYMENT */

    /// @notice Repays a party's line: late interest, billed interest, billed principal, other interest, other principal. What is billed is paid oldest first. Principal drawn on the same day goes back first, with a day's interest at the average rate. Takes at most what is owed. Anyone may pay.
    function repay(uint32 party, uint96 amount) external returns (uint96 paid);

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function repayWithPermit(uint32 party, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid);

    /* WATCHING: anyone may call; nothing gets better by it */

    /// @notice Closes the statements that are due and counts interest through today.
    function accrue(uint32[] calldata parties) external;

    /// @notice Lowers a line's limit to what today's facts give. Does nothing when they give more.
    function syncLimit(uint32 party) external;

    /// @notice Marks a line delinquent whose statement was not paid by its due day.
    function markDelinquent(uint32 party) external;

    /* ARREARS */

    /// @notice Stops draws on a line. Restricted to the risk officer.
    function freeze(uint32 party, bytes32 reasonHash) external;

    /// @notice Lets draws go on. Restricted to the delayed risk role.
    function unfreeze(uint32 party) external;

    /// @notice Gives notice of default on a delinquent line. Restricted to the risk officer.
    function giveNotice(uint32 party, bytes32 documentHash) external;

    /// @notice Declares default after the cure time: all principal is due. Restricted to the risk officer.
    function declareDefault(uint32 party) external;

    /// @notice Writes a defaulted line off. Restricted to the risk officer. It stays owed.
    function writeOff(uint32 party) external;

    /* READING */

    function conditions() external view returns (Conditions memory);

    /// @return The line with interest and statements counted through today.
    function lineOf(uint32 party) external view returns (Line memory);

    function owedOf(uint32 party) external view returns (Owed memory);
}
