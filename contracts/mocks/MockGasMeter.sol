// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title What a view costs the contract that calls it, with nothing read before in the transaction
contract MockGasMeter {
    /// @return used Gas from before the call to after it, the access to the cold account included.
    function measure(address target, bytes calldata data) external view returns (uint256 used) {
        used = gasleft();
        Address.functionStaticCall(target, data);
        used -= gasleft();
    }
}
