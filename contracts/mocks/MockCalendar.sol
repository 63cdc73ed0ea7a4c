// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Calendar} from "../libraries/Calendar.sol";

/// @title The library Calendar, callable from a test
contract MockCalendar {
    function dayOf(uint256 timestamp) external pure returns (uint32) {
        return Calendar.dayOf(timestamp);
    }

    function today() external view returns (uint32) {
        return Calendar.today();
    }
}
