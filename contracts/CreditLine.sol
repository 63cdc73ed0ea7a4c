// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICreditLine} from "./interfaces/ICreditLine.sol";
import {ICreditOracle} from "./interfaces/ICreditOracle.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRiskPolicy} from "./interfaces/IRiskPolicy.sol";
import {ITreasury} from "./interfaces/ITreasury.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Interest} from "./libraries/Interest.sol";
import {Revolving} from "./libraries/Revolving.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of ICreditLine, where every call, event and error is documented
contract CreditLine is ICreditLine, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Cash for IERC20;
    using Revolving for Line;
    using SafeCast for uint256;

    IRiskPolicy.Product public constant PRODUCT = IRiskPolicy.Product.CreditLine;
    uint16 public constant MAX_TERM_DAYS = 1_096;
    uint8 public constant MIN_CYCLE_DAYS = 28;
    uint16 public constant MAX_LATE_RATE_BPS = 2_400;
    /// @notice Keeps a century of interest on a line within its type.
    uint96 public constant MAX_LINE_CAP = type(uint80).max;
    /// @notice A limit rises at most once in this many days,
    uint32 public constant RISE_DAYS = 30;
    /// @notice by at most this share of itself or of the limit at opening, whichever is more.
    uint16 public constant MAX_RISE_BPS = 2_000;
    /// @notice A line that was closed this long ago says nothing about the limit of the next.
    uint32 public constant MEMORY_DAYS = 360;
    /// @dev 65,535 × 10^12 yuan: more than any bank lends, and far from overflowing.
    uint256 internal constant MAX_EXPONENT = 12;

    IParticipants public immutable participants;
    ICreditOracle public immutable oracle;
    IRiskPolicy public immutable policy;
    ITreasury public immutable treasury;
    IERC20 public immutable cash;
    /// @dev Units of cash in a yuan: reported limits are in whole yuan.
    uint256 internal immutable _yuan;

    Conditions internal _conditions;
    mapping(uint32 party => Line) internal _lines;

    constructor(
        address authority,
        IParticipants participants_,
        ICreditOracle oracle_,
        IRiskPolicy policy_,
        ITreasury treasury_
    ) AccessManaged(authority) {
        participants = participants_;
        oracle = oracle_;
        policy = policy_;
        treasury = treasury_;
        cash = IERC20(treasury_.asset());
        _yuan = 10 ** IERC20Metadata(treasury_.asset()).decimals();
    }

    /* CONDITIONS */

    function setConditions(Conditions calldata c) external restricted {
        require(
            c.cycleDays >= MIN_CYCLE_DAYS && c.dueDays != 0 && c.dueDays < c.cycleDays && c.termDays != 0
                && c.termDays <= MAX_TERM_DAYS && c.termDays % c.cycleDays == 0 && c.instalmentBps <= Interest.BPS
                && c.lateRateBps <= MAX_LATE_RATE_BPS && c.overdueImpairmentBps <= Interest.BPS
                && c.lineCap <= MAX_LINE_CAP,
            ConditionsOutOfBounds(
                c.termDays,
                c.cycleDays,
                c.dueDays,
                c.instalmentBps,
                c.lateRateBps,
                c.overdueImpairmentBps,
                c.lineCap
            )
        );
        _conditions = c;
        emit ConditionsChanged(c);
    }

    function closeOffer() external restricted {
        _conditions.open = false;
        emit ConditionsChanged(_conditions);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /* OPENING */

    function open(bytes32 agreementHash) external whenNotPaused returns (uint96 limit) {
        uint32 party = participants.requireVerified(msg.sender, Roles.MERCHANT);
        Conditions memory c = _conditions;
        require(c.open, LinesNotOffered());
        require(agreementHash == c.agreementHash, AgreementChanged(c.agreementHash, agreementHash));
        Line memory last = _renewable(party);
        bool anew = last.status == LineStatus.None || Calendar.today() >= last.throughDay + MEMORY_DAYS;
        limit = _limit(party, anew ? type(uint96).max : _riseCap(last)).limit;
        require(limit != 0, LimitZero(party));
        Line memory l = _fresh(c, limit);
        if (!anew) _carryOver(l, last);
        _save(party, l);
        emit LineOpened(party, msg.sender, limit, l.openedDay, l.nextCloseDay, l.maturityDay, c);
    }

    function close() external {
        uint32 party = participants.partyOf(msg.sender);
        Line memory l = _current(party);
        require(l.status == LineStatus.Open, LineStatusWrong(party, l.status));
        uint96 owed = l.owed();
        require(owed == 0, LineOwed(party, owed));
        l.status = LineStatus.Closed;
        _save(party, l);
        emit LineClosed(party, LineStatus.Closed);
    }

    /* DRAWING */

    function limitOf(uint32 party) external view whenNotPaused returns (Limit memory m) {
        participants.requireVerifiedParty(party, Roles.MERCHANT);
        Line memory l = _current(party);
        _requireDrawable(party, l);
        m = _limit(party, _riseCap(l));
        m.drawn = l.drawn;
        m.headroom = treasury.headroom(party, m.gradeCap);
        m.portfolioRoom = _portfolioRoom();
        m.cash = treasury.book().cash;
        uint256 left = Math.saturatingSub(m.limit, l.drawn);
        m.available = uint96(Math.min(Math.min(left, m.headroom), Math.min(m.portfolioRoom, m.cash)));
    }

    function quote(uint32 party, uint96 amount) external view whenNotPaused returns (DrawQuote memory q) {
        participants.requireVerifiedParty(party, Roles.MERCHANT);
        Line memory l = _current(party);
        _requireDrawable(party, l);
        Limit memory m = _limit(party, _riseCap(l));
        q = _price(party, l, m, amount);
        treasury.requireFundable(party, amount, q.net, m.gradeCap);
    }

    function draw(uint96 amount, uint96 minNet, uint16 maxRateBps, uint40 deadline)
        external
        whenNotPaused
        nonReentrant
        returns (uint96 net)
    {
        require(block.timestamp <= deadline, OfferExpired(deadline));
        uint32 party = participants.requireVerified(msg.sender, Roles.MERCHANT);
        Line memory l = _settleTime(party);
        _requireDrawable(party, l);
        Limit memory m = _limit(party, _riseCap(l));
        DrawQuote memory q = _price(party, l, m, amount);
        require(q.annualRateBps <= maxRateBps, RateAboveSigned(q.annualRateBps, maxRateBps));
        require(q.net >= minNet, NetBelowSigned(q.net, minNet));
        _move(party, l, m);
        uint104 perDay = l.perDay;
        l.draw(amount, q.annualRateBps);
        _save(party, l);
        emit LineDrawn(party, msg.sender, amount, q.fee, q.net, q.annualRateBps, l.drawn, l.perDay, q.score);
        treasury.bookAccrual(l.interest, l.interest, perDay, l.perDay);
        _disburse(party, amount, q.net, m.gradeCap);
        return q.net;
    }

    /* REPAYMENT */

    function repay(uint32 party, uint96 amount) public nonReentrant returns (uint96 paid) {
        require(amount != 0, PaymentZero());
        uint96 owed = _settleTime(party).owed();
        require(owed != 0, LineNotOwed(party));
        paid = cash.pull(msg.sender, address(treasury), Math.min(amount, owed));
        // Read after the token had its turn.
        _apply(party, _load(party), paid);
    }

    function repayWithPermit(uint32 party, uint96 amount, Cash.Permit calldata permit) external returns (uint96 paid) {
        cash.tryPermit(msg.sender, permit);
        return repay(party, amount);
    }

    /* WATCHING */

    function accrue(uint32[] calldata parties) external {
        for (uint256 i; i < parties.length; ++i) {
            _settleTime(parties[i]);
        }
    }

    function syncLimit(uint32 party) external {
        Line memory l = _current(party);
        _requireDrawable(party, l);
        Limit memory m = _limit(party, _riseCap(l));
        if (m.limit < l.limit) _lower(party, m);
    }

    function markDelinquent(uint32 party) external {
        Line memory l = _settleTime(party);
        require(l.status == LineStatus.Open, LineStatusWrong(party, l.status));
        require(l.overdue != 0, LineNotOverdue(party));
        l.status = LineStatus.Delinquent;
        l.impaired = uint96(Interest.shareUp(l.drawn, l.overdueImpairmentBps));
        _save(party, l);
        emit LineDelinquent(party, l.overdue, l.drawn, l.impaired);
        // Interest that is not paid in time counts for the lenders when it comes.
        treasury.bookAccrual(l.interest, 0, l.perDay, 0);
        treasury.bookArrears(party);
        treasury.bookImpairment(PRODUCT, party, 0, l.impaired);
    }

    /* ARREARS */

    function freeze(uint32 party, bytes32 reasonHash) external restricted {
        Line storage l = _lines[party];
        require(_isLive(l.status), LineStatusWrong(party, l.status));
        require(!l.frozen, LineIsFrozen(party));
        l.frozen = true;
        emit LineFrozen(party, reasonHash);
    }

    function unfreeze(uint32 party) external restricted {
        Line storage l = _lines[party];
        require(l.frozen, LineNotFrozen(party));
        l.frozen = false;
        emit LineUnfrozen(party);
    }

    function giveNotice(uint32 party, bytes32 documentHash) external restricted {
        Line storage l = _lines[party];
        require(l.status == LineStatus.Delinquent, LineStatusWrong(party, l.status));
        require(l.noticeDay == 0, NoticeGivenBefore(l.noticeDay));
        l.noticeDay = Calendar.today();
        emit LineNoticeGiven(party, l.noticeDay, l.noticeDay + l.cureDays, documentHash);
    }

    function declareDefault(uint32 party) external restricted {
        Line memory l = _settleTime(party);
        require(l.status == LineStatus.Delinquent, LineStatusWrong(party, l.status));
        require(l.noticeDay != 0, LineNoticeMissing(party));
        uint32 through = l.noticeDay + l.cureDays;
        require(Calendar.today() > through, CureRuns(through));
        uint96 impaired = l.impaired;
        l.status = LineStatus.Defaulted;
        l.accelerate();
        l.impaired = l.drawn;
        _save(party, l);
        emit LineDefaulted(party, l.overdue, l.drawn);
        treasury.bookImpairment(PRODUCT, party, impaired, l.impaired);
    }

    function writeOff(uint32 party) external restricted {
        Line memory l = _settleTime(party);
        require(l.status == LineStatus.Defaulted, LineStatusWrong(party, l.status));
        uint96 impaired = l.impaired;
        l.status = LineStatus.WrittenOff;
        l.impaired = 0;
        l.fromCover = treasury.bookLoss(PRODUCT, party, l.drawn, impaired);
        _save(party, l);
        emit LineWrittenOff(party, l.drawn, l.fromCover);
    }

    /* READING */

    function conditions() external view returns (Conditions memory) {
        return _conditions;
    }

    function lineOf(uint32 party) external view returns (Line memory) {
        return _current(party);
    }

    function owedOf(uint32 party) external view returns (Owed memory o) {
        Line memory l = _current(party);
        if (!_isLive(l.status)) return o;
        o.principal = l.drawn;
        o.interest = l.interestToday().toUint96();
        o.late = Interest.unitsUp(l.late).toUint96();
        o.billed = l.dueInterest + l.duePrincipal;
        o.overdue = l.overdue;
        o.payDay = l.dueDay;
        o.total = l.owed();
    }

    /* INTERNAL: OFFER */

    /// @dev A line that caused a loss is not opened again; a matured one is, once nothing is owed.
    function _renewable(uint32 party) internal view returns (Line memory l) {
        l = _current(party);
        require(!l.frozen, LineIsFrozen(party));
        if (l.status == LineStatus.None || l.status == LineStatus.Closed) return l;
        require(l.status == LineStatus.Open && l.throughDay >= l.maturityDay, LineStatusWrong(party, l.status));
        uint96 owed = l.owed();
        require(owed == 0, LineOwed(party, owed));
    }

    function _fresh(Conditions memory c, uint96 limit) internal view returns (Line memory l) {
        uint32 today = Calendar.today();
        (l.status, l.limit, l.openingLimit) = (LineStatus.Open, limit, limit);
        (l.throughDay, l.openedDay, l.riseDay) = (today, today, today);
        (l.nextCloseDay, l.maturityDay) = (today + c.cycleDays, today + c.termDays);
        (l.cycleDays, l.dueDays, l.cureDays) = (c.cycleDays, c.dueDays, c.cureDays);
        (l.instalmentBps, l.lateRateBps, l.overdueImpairmentBps) =
            (c.instalmentBps, c.lateRateBps, c.overdueImpairmentBps);
    }

    /// @dev Closing a line and opening it again is no way around the cap on rises.
    function _carryOver(Line memory l, Line memory last) internal pure {
        l.openingLimit = last.openingLimit;
        if (l.limit <= last.limit) l.riseDay = last.riseDay;
    }

    /// @dev Whether the line itself may be drawn on, `l` being as of today.
    function _requireDrawable(uint32 party, Line memory l) internal view {
        require(l.status == LineStatus.Open, LineStatusWrong(party, l.status));
        require(_conditions.open, LinesNotOffered());
        require(!l.frozen, LineIsFrozen(party));
        require(l.throughDay < l.maturityDay, LineMatured(party, l.maturityDay));
        require(l.overdue == 0, LineOverdue(party, l.overdue));
    }

    function _riseCap(Line memory l) internal view returns (uint96) {
        if (Calendar.today() < l.riseDay + RISE_DAYS) return l.limit;
        return (l.limit + Interest.shareDown(Math.max(l.limit, l.openingLimit), MAX_RISE_BPS)).toUint96();
    }

    /// @dev What the facts give, before what is drawn. The gate refuses here when a fact is missing, old, held or flagged.
    function _limit(uint32 party, uint96 riseCap) internal view returns (Limit memory m) {
        IRiskPolicy.Terms memory terms;
        (terms, m.grade, m.score) = policy.requireTerms(PRODUCT, party);
        (m.annualRateBps, m.feeBps) = (terms.annualRateBps, terms.feeBps);
        m.reported = _decode(oracle.scoreOf(party).limitCode);
        m.graded = uint96(Interest.shareDown(m.reported, terms.advanceBps));
        (m.gradeCap, m.lineCap, m.riseCap) = (terms.limitCap, _conditions.lineCap, riseCap);
        m.limit = uint96(Math.min(Math.min(m.graded, m.gradeCap), Math.min(m.lineCap, m.riseCap)));
    }

    function _portfolioRoom() internal view returns (uint96) {
        return uint96(Math.saturatingSub(_conditions.portfolioCap, treasury.outstandingOf(PRODUCT)));
    }

    function _price(uint32 party, Line memory l, Limit memory m, uint96 amount)
        internal
        view
        returns (DrawQuote memory q)
    {
        require(amount != 0, PaymentZero());
        uint256 wouldOwe = uint256(l.drawn) + amount;
        require(wouldOwe <= m.limit, LineExceeded(party, wouldOwe, m.limit));
        require(amount <= _portfolioRoom(), PortfolioFull(treasury.outstandingOf(PRODUCT) + amount, _conditions.portfolioCap));
        q.fee = uint96(Interest.shareUp(amount, m.feeBps));
        require(amount > q.fee, DrawTooSmall(amount, q.fee));
        (q.amount, q.net, q.drawnAfter) = (amount, amount - q.fee, uint96(wouldOwe));
        (q.annualRateBps, q.score, q.grade, q.limit) = (m.annualRateBps, m.score, m.grade, m.limit);
        uint256 perDay = l.perDay + uint256(amount) * m.annualRateBps;
        q.averageRateBps = Math.ceilDiv(perDay, wouldOwe);
        q.interestPerDay = Interest.unitsUp(perDay);
        (q.closeDay, q.payDay, q.maturityDay) = (l.nextCloseDay, l.nextCloseDay + l.dueDays, l.maturityDay);
    }

    /// @dev Mantissa × 10^exponent, in whole yuan.
    function _decode(uint24 code) internal view returns (uint96) {
        uint256 exponent = uint8(code);
        require(exponent <= MAX_EXPONENT, LimitCodeWrong(code));
        return ((code >> 8) * 10 ** exponent * _yuan).toUint96();
    }

    function _disburse(uint32 party, uint96 amount, uint96 net, uint96 cap) internal {
        uint32 today = Calendar.today();
        treasury.disburse(
            ITreasury.Disbursement({
                product: PRODUCT,
                party: party,
                to: msg.sender,
                net: net,
                principal: amount,
                cap: cap,
                startDay: today,
                endDay: today + 1
            })
        );
    }

    /* INTERNAL: LIMIT */

    /// @dev Takes the limit that the draw was measured against.
    function _move(uint32 party, Line memory l, Limit memory m) internal {
        if (m.limit == l.limit) return;
        emit LimitMoved(party, l.limit, m.limit, m.reported);
        if (m.limit > l.limit) l.riseDay = Calendar.today();
        l.limit = m.limit;
    }

    function _lower(uint32 party, Limit memory m) internal {
        emit LimitMoved(party, _lines[party].limit, m.limit, m.reported);
        _lines[party].limit = m.limit;
    }

    /* INTERNAL: TIME AND PAYMENT */

    function _load(uint32 party) internal view returns (Line memory) {
        return _lines[party];
    }

    function _save(uint32 party, Line memory l) internal {
        _lines[party] = l;
    }

    function _current(uint32 party) internal view returns (Line memory l) {
        l = _load(party);
        if (!_isLive(l.status)) return l;
        uint32 today = Calendar.today();
        while (l.closeNext(today)) {}
        l.accrue(today);
    }

    /// @dev The same, kept, with every statement told.
    function _settleTime(uint32 party) internal returns (Line memory l) {
        l = _load(party);
        if (!_isLive(l.status)) return l;
        uint32 today = Calendar.today();
        while (l.closeNext(today)) {
            if (l.dueInterest + l.duePrincipal != 0) {
                emit StatementClosed(party, l.throughDay, l.dueInterest, l.duePrincipal, l.drawn, l.dueDay);
            }
        }
        l.accrue(today);
        _save(party, l);
    }

    function _apply(uint32 party, Line memory l, uint96 payment) internal {
        (LineStatus before, uint120 interest, uint104 perDay) = (l.status, l.interest, l.perDay);
        (uint96 latePart, uint96 interestPart, uint96 principalPart) = l.pay(payment);
        uint96 billed = l.dueInterest + l.duePrincipal;
        emit LinePaid(
            party, msg.sender, latePart, interestPart, principalPart, l.drawn, l.perDay, billed, l.overdue
        );
        if (before == LineStatus.WrittenOff) {
            _bookRecovery(party, l, payment);
        } else {
            uint96 released = _settleStatus(party, l);
            if (before == LineStatus.Open) {
                treasury.bookAccrual(interest, l.interest, perDay, l.perDay);
            } else if (l.status == LineStatus.Open) {
                treasury.bookAccrual(0, l.interest, 0, l.perDay);
            }
            treasury.bookRepayment(
                ITreasury.Repayment({
                    product: PRODUCT,
                    party: party,
                    principal: principalPart,
                    income: latePart + interestPart,
                    impairmentReleased: released,
                    endDay: 0,
                    dailyEarning: 0,
                    arrearsEnded: l.status != before
                })
            );
        }
        _save(party, l);
    }

    /// @dev Paying what is overdue cures a delinquent line; a defaulted one ends when nothing is owed.
    function _settleStatus(uint32 party, Line memory l) internal returns (uint96 released) {
        if (l.status == LineStatus.Delinquent && l.overdue == 0) {
            (l.status, l.noticeDay) = (LineStatus.Open, 0);
            emit LineCured(party);
        } else if (l.status == LineStatus.Defaulted && l.owed() == 0) {
            l.status = LineStatus.Closed;
            emit LineClosed(party, LineStatus.Closed);
        }
        // No more is impaired than is owed, and nothing once the line is in order again.
        uint96 left = l.status == LineStatus.Open ? 0 : uint96(Math.min(l.impaired, l.drawn));
        released = l.impaired - left;
        l.impaired = left;
    }

    /// @dev Lenders are made whole first, then the cover.
    function _bookRecovery(uint32 party, Line memory l, uint96 payment) internal {
        uint96 toCover = uint96(Math.min(payment, Math.saturatingSub(l.fromCover, l.drawn)));
        l.fromCover -= toCover;
        bool ended = l.owed() == 0;
        if (ended) {
            l.status = LineStatus.Recovered;
            emit LineClosed(party, LineStatus.Recovered);
        }
        treasury.bookRecovery(PRODUCT, party, payment - toCover, toCover, ended);
    }

    /// @dev In these states time runs and something may be owed.
    function _isLive(LineStatus status) internal pure returns (bool) {
        return status != LineStatus.None && status != LineStatus.Closed && status != LineStatus.Recovered;
    }
}
