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
    /// @dev 2025-01-01T00:00:00Z.
    uint256 internal constant START = 1_735_689_600;

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
