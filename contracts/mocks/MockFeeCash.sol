// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockCash} from "./MockCash.sol";

/// @title Token that keeps a fee on every transfer; the fee is nothing until it is set, as in tokens that switch it on later
contract MockFeeCash is MockCash {
    uint256 public feeBps;

    function setFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    /// @dev The receiver is credited in full and the fee burnt from it at once.
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(0) || to == address(0)) return;
        super._update(to, address(0), value * feeBps / 10_000);
    }
}
