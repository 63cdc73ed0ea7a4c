// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Rent by the meter: the more a machine works, the less its hour costs
/// @notice Rent is a function of time, locked time and hours since delivery alone. What is charged is the difference to what was charged before: late, missing or repeated reports cannot change the sum.
library Rent {
    uint256 internal constant TENTHS = 10;

    /// @param throughTenths The tier reaches through this many tenths of hours since delivery; the last one's is the greatest number there is.
    /// @param rate Units per hour within the tier, no more than in the tier before.
    struct Tier {
        uint32 throughTenths;
        uint96 rate;
    }

    /// @param fixedPart What time alone costs.
    /// @param usage What the hours cost.
    /// @param most Cap of both.
    /// @param total Rent since delivery: min(most, max(fixedPart, usage)).
    struct Account {
        uint256 fixedPart;
        uint256 usage;
        uint256 most;
        uint256 total;
    }

    /// @param elapsed Seconds since the first day began.
    /// @param locked Seconds of them during which the lessor had locked the machine.
    /// @param tenths Tenths of hours since delivery.
    /// @param minimum Rent of a period in which the machine stands still.
    /// @param cap Most that a period costs on average since delivery.
    /// @param period Seconds of a period.
    /// @return a Each part rounded down, once.
    function accountDown(
        Tier[] memory tiers,
        uint256 minimum,
        uint256 cap,
        uint256 period,
        uint256 elapsed,
        uint256 locked,
        uint256 tenths
    ) internal pure returns (Account memory a) {
        a.fixedPart = minimum * (elapsed - locked) / period;
        a.usage = usageDown(tiers, tenths);
        a.most = cap * elapsed / period;
        a.total = Math.min(a.most, Math.max(a.fixedPart, a.usage));
    }

    /// @return Price of the hours, each at the rate of its tier, rounded down.
    function usageDown(Tier[] memory tiers, uint256 tenths) internal pure returns (uint256) {
        uint256 sum;
        uint256 from;
        for (uint256 i; i < tiers.length && from < tenths; ++i) {
            uint256 through = Math.min(tenths, tiers[i].throughTenths);
            sum += (through - from) * tiers[i].rate;
            from = through;
        }
        return sum / TENTHS;
    }
}
