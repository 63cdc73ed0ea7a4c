// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may call what, and after which delay
/// @notice The one authority of the suite. Roles that tighten act at once; roles that loosen wait, and can be cancelled while they wait.
contract Authority is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}
