// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Interest} from "../libraries/Interest.sol";

/// @title The library Interest, callable from a test
contract MockInterest {
    function shareDown(uint256 amount, uint256 bps) external pure returns (uint256) {
        return Interest.shareDown(amount, bps);
    }

    function shareUp(uint256 amount, uint256 bps) external pure returns (uint256) {
        return Interest.shareUp(amount, bps);
    }

    function simpleUp(uint256 amountDays, uint256 rateBps, uint256 basis) external pure returns (uint256) {
        return Interest.simpleUp(amountDays, rateBps, basis);
    }

    function annualisedUp(uint256 cost, uint256 net, uint256 term, uint256 basis) external pure returns (uint256) {
        return Interest.annualisedUp(cost, net, term, basis);
    }
}
