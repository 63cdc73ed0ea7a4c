// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockCash} from "./MockCash.sol";

/// @title Token that calls a target of anyone's choice in the middle of the next transfer, as ERC-777 hooks do
/// @notice A failure of the call does not stop the transfer, so that a test sees what the victim does with a swallowed one.
contract MockReentrantCash is MockCash {
    address public target;
    bytes public data;
    /// @notice Whether the last call went through, and what it returned or reverted with.
    bool public succeeded;
    bytes public answer;

    function callBack(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    /// @dev The target is forgotten first: one call for one transfer.
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        address called = target;
        if (called == address(0)) return;
        delete target;
        (succeeded, answer) = called.call(data);
    }
}
