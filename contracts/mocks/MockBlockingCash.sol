// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockCash} from "./MockCash.sol";

/// @title Token whose issuer may stop it, and may block an account on both sides of a transfer
contract MockBlockingCash is MockCash {
    error MockTransfersStopped();
    error MockAccountBlocked(address account);

    bool public stopped;
    mapping(address account => bool) public blocked;

    function setStopped(bool stopped_) external {
        stopped = stopped_;
    }

    function setBlocked(address account, bool blocked_) external {
        blocked[account] = blocked_;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!stopped, MockTransfersStopped());
        require(!blocked[from], MockAccountBlocked(from));
        require(!blocked[to], MockAccountBlocked(to));
        super._update(from, to, value);
    }
}
