// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Moving cash, credited by what really arrived and never by more than was moved
/// @dev A token with hooks may let other payments arrive within a move; those are booked by their own callers.
library Cash {
    using SafeERC20 for IERC20;

    /// @notice A permit and the amount it allows. A permit that somebody else used first is no obstacle: the allowance it set is there.
    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice Moves `amount` from `from` to `to`.
    /// @return received What arrived: less than `amount` when the token keeps a fee.
    function pull(IERC20 token, address from, address to, uint256 amount) internal returns (uint96 received) {
        uint256 before = token.balanceOf(to);
        token.safeTransferFrom(from, to, amount);
        received = _arrived(token, to, before, amount);
    }

    /// @notice Moves `amount` of this contract's own cash to `to`.
    /// @return received What arrived.
    function push(IERC20 token, address to, uint256 amount) internal returns (uint96 received) {
        uint256 before = token.balanceOf(to);
        token.safeTransfer(to, amount);
        received = _arrived(token, to, before, amount);
    }

    /// @notice Tries the permit; when it fails, an allowance given before decides.
    function tryPermit(IERC20 token, address owner, Permit calldata permit) internal {
        try IERC20Permit(address(token)).permit(
            owner, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {}
    }

    function _arrived(IERC20 token, address to, uint256 before, uint256 amount) private view returns (uint96) {
        return SafeCast.toUint96(Math.min(Math.saturatingSub(token.balanceOf(to), before), amount));
    }
}
