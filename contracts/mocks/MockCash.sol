// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Settlement token of local chains and testnets, in fen (0.01 yuan); anyone may mint it, so it is never deployed for real money
contract MockCash is ERC20Permit {
    constructor() ERC20("Heqi test yuan", "tCNY") ERC20Permit("Heqi test yuan") {}

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
