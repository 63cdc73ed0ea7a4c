// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Calendar days in Beijing time (UTC+8, no daylight saving)
/// @notice A due date is a day, not an instant: it is met until midnight in Beijing. Terms are counted in actual days.
library Calendar {
    uint256 internal constant OFFSET = 8 hours;

    /// @return Days since 1970-01-01 of the Beijing date at `timestamp` (seconds since the epoch, UTC).
    function dayOf(uint256 timestamp) internal pure returns (uint32) {
        // A 32-bit day lasts eleven million years: the cast cannot lose bits of a block timestamp.
        return uint32((timestamp + OFFSET) / 1 days);
    }

    /// @return Second at which the Beijing day `day` begins.
    function startOf(uint256 day) internal pure returns (uint256) {
        return day * 1 days - OFFSET;
    }

    function today() internal view returns (uint32) {
        return dayOf(block.timestamp);
    }
}
