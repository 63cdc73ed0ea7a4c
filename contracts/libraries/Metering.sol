// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDeviceOracle} from "../interfaces/IDeviceOracle.sol";
import {IRentLedger} from "../interfaces/IRentLedger.sol";
import {Calendar} from "./Calendar.sol";
import {Interest} from "./Interest.sol";
import {Rent} from "./Rent.sol";

/// @title The account of a lease in time: periods charged by the meter, late interest by the day, payments by their order
/// @notice Works on copies in memory, so that reading and booking compute the same.
library Metering {
    using SafeCast for uint256;

    /// @notice Charges the next period if it is over. A reading from before its end counts towards it, a later one towards the next; the last period takes what there is.
    /// @return closed True when there was one to charge.
    /// @return fixedPart What time alone cost.
    /// @return variablePart What the hours added.
    function closeNext(
        IRentLedger.Account memory a,
        IRentLedger.Conditions memory c,
        IDeviceOracle.Reading memory r,
        uint32 today
    ) internal pure returns (bool closed, uint96 fixedPart, uint96 variablePart) {
        if (a.clock != IRentLedger.Clock.Running || a.period == c.periods) return (false, 0, 0);
        uint32 day = a.startDay + (uint32(a.period) + 1) * c.periodDays;
        if (day > today) return (false, 0, 0);
        uint256 end = Calendar.startOf(day);
        if (r.at <= end || a.period + 1 == c.periods) _meter(a, r);
        _advance(a, c, day);
        Rent.Account memory rent = rentAt(a, c, end, end);
        // Never less than before: the parts only grow, whatever was read and locked.
        uint96 charge = Math.saturatingSub(rent.total, a.charged).toUint96();
        fixedPart = uint96(Math.min(charge, Math.saturatingSub(Math.min(rent.fixedPart, rent.most), a.fixedCharged)));
        variablePart = charge - fixedPart;
        a.charged += charge;
        a.fixedCharged += fixedPart;
        a.dueDay = day + c.dueDays;
        ++a.period;
        closed = true;
    }

    /// @notice Counts late interest through `today` and takes the reading.
    function advance(
        IRentLedger.Account memory a,
        IRentLedger.Conditions memory c,
        IDeviceOracle.Reading memory r,
        uint32 today
    ) internal pure {
        if (a.clock != IRentLedger.Clock.Running && a.clock != IRentLedger.Clock.LateOnly) return;
        _advance(a, c, today);
        if (a.clock == IRentLedger.Clock.Running) _meter(a, r);
    }

    /// @notice Applies a payment of at most what is owed: late interest, then rent.
    function pay(IRentLedger.Account memory a, uint96 amount) internal pure returns (uint96 late, uint96 rent) {
        late = uint96(Math.min(amount, lateOwed(a)));
        rent = amount - late;
        // The last unit paid may be worth more than what is left of the interest.
        a.late = uint120(Math.saturatingSub(a.late, uint256(late) * Interest.ACCRUAL_UNIT));
        a.paid += rent;
    }

    /// @param until Second up to which time counts.
    /// @param lockedUntil Second up to which a lock in force counts.
    /// @return Rent since delivery, with the hours of the last reading that counted.
    function rentAt(
        IRentLedger.Account memory a,
        IRentLedger.Conditions memory c,
        uint256 until,
        uint256 lockedUntil
    ) internal pure returns (Rent.Account memory) {
        return Rent.accountDown({
            tiers: c.tiers,
            minimum: c.minimum,
            cap: c.cap,
            period: uint256(c.periodDays) * 1 days,
            elapsed: until - Calendar.startOf(a.startDay),
            locked: lockedSeconds(a, lockedUntil),
            tenths: a.tenths - a.startTenths
        });
    }

    /// @return Rent that the lease still costs if the machine does not run again.
    function remaining(IRentLedger.Account memory a, IRentLedger.Conditions memory c, uint256 time)
        internal
        pure
        returns (uint96)
    {
        if (a.clock != IRentLedger.Clock.Running || a.period == c.periods) return 0;
        uint256 end = Calendar.startOf(lastDay(a, c));
        uint256 total = rentAt(a, c, end, Math.min(time, end)).total;
        return Math.saturatingSub(total, a.charged).toUint96();
    }

    /// @return Seconds for which the lessor had locked the machine.
    function lockedSeconds(IRentLedger.Account memory a, uint256 until) internal pure returns (uint256) {
        return a.lockedSince == 0 ? a.lockedBefore : a.lockedBefore + Math.saturatingSub(until, a.lockedSince);
    }

    /// @return Day on which the last period is over.
    function lastDay(IRentLedger.Account memory a, IRentLedger.Conditions memory c) internal pure returns (uint256) {
        return a.startDay + uint256(c.periods) * c.periodDays;
    }

    function rentOwed(IRentLedger.Account memory a) internal pure returns (uint96) {
        return a.charged - a.credited - a.paid;
    }

    function lateOwed(IRentLedger.Account memory a) internal pure returns (uint96) {
        return Interest.unitsUp(a.late).toUint96();
    }

    function owed(IRentLedger.Account memory a) internal pure returns (uint96) {
        return rentOwed(a) + lateOwed(a);
    }

    function overdue(IRentLedger.Account memory a) internal pure returns (uint96) {
        return uint96(Math.saturatingSub(a.dueCharged, uint256(a.credited) + a.paid));
    }

    /// @return True when two statements are past their due days and the older one is not paid.
    function isTwoBehind(IRentLedger.Account memory a) internal pure returns (bool) {
        return a.dueBefore > uint256(a.credited) + a.paid;
    }

    /// @dev Hours never fall, not even when the machine's readings begin again.
    function _meter(IRentLedger.Account memory a, IDeviceOracle.Reading memory r) private pure {
        if (r.tenths > a.tenths) a.tenths = r.tenths;
    }

    function _advance(IRentLedger.Account memory a, IRentLedger.Conditions memory c, uint32 day) private pure {
        if (a.dueDay != 0 && day > a.dueDay) {
            _count(a, c, a.dueDay);
            (a.dueBefore, a.dueCharged, a.dueDay) = (a.dueCharged, a.charged, 0);
        }
        _count(a, c, day);
    }

    function _count(IRentLedger.Account memory a, IRentLedger.Conditions memory c, uint32 day) private pure {
        a.late = (a.late + uint256(overdue(a)) * c.lateRateBps * (day - a.throughDay)).toUint120();
        a.throughDay = day;
    }
}
