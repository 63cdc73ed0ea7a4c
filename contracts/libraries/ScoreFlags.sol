// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What the bits of a score's flags stand for
/// @notice `HELD` is set by the contract alone; the others are adverse facts that a report carries and a policy may block on.
library ScoreFlags {
    uint8 internal constant HELD = 1 << 0;
    uint8 internal constant ADVERSE_FACTS = 1 << 1;
    uint8 internal constant TURNOVER_COLLAPSE = 1 << 2;
    uint8 internal constant SUSPECTED_WASH_TRADE = 1 << 3;
    uint8 internal constant ARREARS_ELSEWHERE = 1 << 4;
}
