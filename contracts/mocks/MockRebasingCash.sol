// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockCash} from "./MockCash.sol";

/// @title Token whose balances grow and shrink without a transfer; its Transfer events tell shares
contract MockRebasingCash is MockCash {
    uint256 internal constant ONE = 1e18;

    /// @notice Tokens a share stands for, in units of 1e-18.
    uint256 public index = ONE;

    function rebase(uint256 index_) external {
        index = index_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * index / ONE;
    }

    function totalSupply() public view override returns (uint256) {
        return super.totalSupply() * index / ONE;
    }

    /// @dev Whole shares move, so that a transfer may arrive a unit short.
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value * ONE / index);
    }
}
