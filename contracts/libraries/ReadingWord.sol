// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDeviceOracle} from "../interfaces/IDeviceOracle.sol";

/// @title Readings of four machines in one storage word
/// @notice A lane of 64 bits holds, from the high bits: tenths of hours 20, litres 20, minutes since 2025-01-01T00:00Z 24. Machine 4g+i stands in lane i of word g, lane 0 lowest.
/// @dev Four to a word because a word costs 5,000 gas to rewrite, however much of it changes.
library ReadingWord {
    uint256 internal constant LANES = 4;
    uint256 internal constant LANE_BITS = 64;
    uint256 internal constant LANE = type(uint64).max;
    /// @dev One in each lane.
    uint256 internal constant ONES = 1 | 1 << 64 | 1 << 128 | 1 << 192;
    uint256 internal constant MINUTES = 0xffffff * ONES;
    uint256 internal constant FIGURES = 0xfffff * ONES;
    uint256 internal constant LIFT = ONES << 40;
    /// @dev 2025-01-01T00:00:00Z.
    uint256 internal constant START = 1_735_689_600;

    /// @notice Compares the four lanes at once. Each figure is lifted by a bit that it cannot reach; what is taken off a larger one clears it.
    /// @param latest Last minute that is not ahead.
    /// @return True when in every lane time rises and is not ahead, hours and fuel do not fall, and hours rise no faster than time allows: Δhours ≤ Δt · 1.02 + 0.1 h, in tenths of hours and minutes, of which 10 are 60.
    function allFollow(uint256 word, uint256 old, uint256 latest) internal pure returns (bool) {
        unchecked {
            uint256 minutes_ = (word & MINUTES | LIFT) - (old & MINUTES) - ONES;
            uint256 ahead = (latest * ONES | LIFT) - (word & MINUTES);
            uint256 fuel = (word >> 24 & FIGURES | LIFT) - (old >> 24 & FIGURES);
            uint256 hours_ = (word >> 44 & FIGURES | LIFT) - (old >> 44 & FIGURES);
            uint256 slack = (minutes_ ^ LIFT) * 102 + 702 * ONES + LIFT - (hours_ ^ LIFT) * 600;
            return minutes_ & ahead & fuel & hours_ & slack & LIFT == LIFT;
        }
    }

    function laneOf(uint256 word, uint256 index) internal pure returns (uint256) {
        return word >> index * LANE_BITS & LANE;
    }

    function tenths(uint256 lane) internal pure returns (uint256) {
        return lane >> 44;
    }

    function litres(uint256 lane) internal pure returns (uint256) {
        return lane >> 24 & 0xfffff;
    }

    function minute(uint256 lane) internal pure returns (uint256) {
        return lane & 0xffffff;
    }

    function unpack(uint256 lane) internal pure returns (IDeviceOracle.Reading memory) {
        if (lane == 0) return IDeviceOracle.Reading(0, 0, 0);
        return IDeviceOracle.Reading({
            tenths: uint32(tenths(lane)),
            litres: uint32(litres(lane)),
            at: uint40(START + minute(lane) * 1 minutes)
        });
    }
}
