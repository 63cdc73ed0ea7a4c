// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Simple interest on actual days; what a party owes is rounded up, what it is advanced is rounded down
library Interest {
    uint256 internal constant BPS = 10_000;
    /// @dev Interest of a credit line is kept in units × bps × days, so that it never depends on when it is computed; this many make a unit.
    uint256 internal constant ACCRUAL_UNIT = BPS * 360;

    /// @return Share of `amount` at `bps` basis points, rounded down.
    function shareDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount * bps / BPS;
    }

    /// @return Share of `amount` at `bps` basis points, rounded up.
    function shareUp(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.ceilDiv(amount * bps, BPS);
    }

    /// @param amountDays Amount multiplied by the days it is owed (token units × days).
    /// @param rateBps Annual rate in basis points.
    /// @param basis Days of a year: 360 or 365.
    /// @return Interest in token units, rounded up. Summing amount × days first keeps it independent of how often it is computed.
    function simpleUp(uint256 amountDays, uint256 rateBps, uint256 basis) internal pure returns (uint256) {
        return Math.ceilDiv(amountDays * rateBps, BPS * basis);
    }

    /// @return Annualised cost of receiving `net` and owing `net + cost` after `term` days, in basis points, rounded up.
    function annualisedUp(uint256 cost, uint256 net, uint256 term, uint256 basis) internal pure returns (uint256) {
        return Math.ceilDiv(cost * basis * BPS, net * term);
    }

    /// @param accrued Interest in units × bps × days.
    /// @return Interest in token units, rounded up: what a borrower owes.
    function unitsUp(uint256 accrued) internal pure returns (uint256) {
        return Math.ceilDiv(accrued, ACCRUAL_UNIT);
    }

    /// @param accrued Interest in units × bps × days.
    /// @return Interest in token units, rounded down: what lenders may count on.
    function unitsDown(uint256 accrued) internal pure returns (uint256) {
        return accrued / ACCRUAL_UNIT;
    }
}
