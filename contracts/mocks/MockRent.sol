// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Rent} from "../libraries/Rent.sol";

/// @title Exposes the library Rent to tests
contract MockRent {
    function accountDown(
        Rent.Tier[] memory tiers,
        uint256 minimum,
        uint256 cap,
        uint256 period,
        uint256 elapsed,
        uint256 locked,
        uint256 tenths
    ) external pure returns (Rent.Account memory) {
        return Rent.accountDown(tiers, minimum, cap, period, elapsed, locked, tenths);
    }
}
