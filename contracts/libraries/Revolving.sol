// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICreditLine} from "../interfaces/ICreditLine.sol";
import {Interest} from "./Interest.sol";

/// @title A credit line in time: interest by the day, statements by the cycle, payments by their order
/// @notice Works on a copy in memory, so that reading and booking compute the same.
library Revolving {
    using SafeCast for uint256;

    /// @notice Counts interest through `day`; a statement that was not paid by its due day is overdue from then on.
    function accrue(ICreditLine.Line memory l, uint32 day) internal pure {
        if (l.dueDay != 0 && day > l.dueDay) {
            _run(l, l.dueDay);
            l.overdue = l.dueInterest + l.duePrincipal;
            l.dueDay = 0;
        }
        _run(l, day);
    }

    /// @notice Closes the next statement if its day has come.
    /// @return closed True when there was one to close.
    function closeNext(ICreditLine.Line memory l, uint32 today) internal pure returns (bool closed) {
        uint32 day = l.nextCloseDay;
        if (day == 0 || day > today) return false;
        accrue(l, day);
        l.dueInterest = Interest.unitsUp(l.interest).toUint96();
        l.duePrincipal = _billed(l, day);
        l.dueDay = l.dueInterest + l.duePrincipal > l.overdue ? day + l.dueDays : 0;
        l.nextCloseDay = day + l.cycleDays;
        return true;
    }

    /// @notice Adds a draw at its rate.
    function draw(ICreditLine.Line memory l, uint96 amount, uint16 rateBps) internal pure {
        l.drawn += amount;
        l.drawnToday += amount;
        l.perDay += (uint256(amount) * rateBps).toUint104();
    }

    /// @notice Applies a payment of at most what is owed: late interest, billed interest, billed principal, other interest, other principal. Principal of today's draws is repaid first and bears a day's interest.
    function pay(ICreditLine.Line memory l, uint96 amount)
        internal
        pure
        returns (uint96 late, uint96 interest, uint96 principal)
    {
        late = uint96(Math.min(amount, Interest.unitsUp(l.late)));
        l.late = _less(l.late, late);
        uint96 left = amount - late;

        uint96 billedInterest = uint96(Math.min(left, l.dueInterest));
        uint96 billedPrincipal = uint96(Math.min(left - billedInterest, l.duePrincipal));
        uint96 billed = billedInterest + billedPrincipal;
        l.dueInterest -= billedInterest;
        l.duePrincipal -= billedPrincipal;
        l.overdue = uint96(Math.saturatingSub(l.overdue, billed));
        left -= billed;

        uint256 otherInterest = Interest.unitsUp(l.interest) - l.dueInterest - billedInterest;
        otherInterest = Math.min(left, otherInterest);
        interest = billedInterest + uint96(otherInterest);
        l.interest = _less(l.interest, interest);
        interest += _forToday(l, left - uint96(otherInterest));
        principal = amount - late - interest;
        _repayPrincipal(l, principal);
        if (l.dueInterest + l.duePrincipal == l.overdue) l.dueDay = 0;
    }

    /// @notice All principal becomes due and everything billed overdue.
    function accelerate(ICreditLine.Line memory l) internal pure {
        l.dueInterest = Interest.unitsUp(l.interest).toUint96();
        l.duePrincipal = l.drawn;
        l.overdue = l.dueInterest + l.duePrincipal;
        l.dueDay = 0;
    }

    /// @return What ends the debt: principal, interest and late interest, rounded up.
    function owed(ICreditLine.Line memory l) internal pure returns (uint96) {
        return (Interest.unitsUp(l.late) + interestToday(l) + l.drawn).toUint96();
    }

    /// @return Interest that ends the debt today, rounded up: what accrued, and a day of today's draws.
    function interestToday(ICreditLine.Line memory l) internal pure returns (uint256) {
        return Interest.unitsUp(l.interest) + _dayOf(l, l.drawnToday);
    }

    function _run(ICreditLine.Line memory l, uint32 day) private pure {
        uint256 elapsed = day - l.throughDay;
        if (elapsed != 0) l.drawnToday = 0;
        l.interest += (l.perDay * elapsed).toUint120();
        l.late += (uint256(l.overdue) * l.lateRateBps * elapsed).toUint120();
        l.throughDay = day;
    }

    /// @dev At maturity and in default all principal is billed.
    function _billed(ICreditLine.Line memory l, uint32 day) private pure returns (uint96) {
        bool whole = day >= l.maturityDay || l.status == ICreditLine.LineStatus.Defaulted
            || l.status == ICreditLine.LineStatus.WrittenOff;
        if (whole) return l.drawn;
        return l.duePrincipal + uint96(Interest.shareUp(l.drawn - l.duePrincipal, l.instalmentBps));
    }

    /// @dev The last unit paid may be worth more than what is left of the interest.
    function _less(uint120 accrued, uint96 units) private pure returns (uint120) {
        return uint120(Math.saturatingSub(accrued, uint256(units) * Interest.ACCRUAL_UNIT));
    }

    /// @dev Interest of a day on `principal` at the average rate, rounded up.
    function _dayOf(ICreditLine.Line memory l, uint256 principal) private pure returns (uint256) {
        if (principal == 0) return 0;
        return Math.ceilDiv(l.perDay * principal, l.drawn * Interest.ACCRUAL_UNIT);
    }

    /// @dev What part of `left` pays the day of the principal that goes back on the day it was drawn: without it, who repays before every midnight and draws after it would owe nothing.
    function _forToday(ICreditLine.Line memory l, uint96 left) private pure returns (uint96 charge) {
        uint96 today = l.drawnToday;
        if (today == 0 || left == 0) return 0;
        uint256 whole = _dayOf(l, today);
        // A payment too small for all of today's draws is shared between them and their day, rounded down: it must not be used up by the day alone.
        charge = uint96(left >= today + whole ? whole : left * whole / (today + whole));
        l.drawnToday = today - uint96(Math.min(today, left - charge));
    }

    /// @dev What stays drawn keeps the average rate, rounded up.
    function _repayPrincipal(ICreditLine.Line memory l, uint96 principal) private pure {
        if (principal == 0) return;
        uint96 left = l.drawn - principal;
        l.perDay = uint104(Math.mulDiv(l.perDay, left, l.drawn, Math.Rounding.Ceil));
        l.drawn = left;
    }
}
