// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEquipmentLease} from "../interfaces/IEquipmentLease.sol";
import {Rent} from "./Rent.sol";

/// @title What two parties may agree on, and how it is hashed for their signatures
library LeaseTerms {
    bytes32 internal constant TIER_TYPEHASH = keccak256("Tier(uint32 throughTenths,uint96 rate)");
    bytes32 internal constant TYPEHASH = keccak256(
        "LeaseTerms(uint32 machine,uint32 lessor,uint32 lessee,uint96 price,uint96 deposit,uint96 buyOutPrice,uint96 minimum,uint96 cap,uint16 periods,uint16 periodDays,uint8 dueDays,uint8 cureDays,uint8 lockNoticeDays,uint16 lateRateBps,Tier[] tiers,bytes32 rulesHash,bytes32 documentHash,uint64 salt,uint40 deadline)Tier(uint32 throughTenths,uint96 rate)"
    );
    uint256 internal constant MAX_TIERS = 8;
    uint256 internal constant MAX_PERIODS = 120;
    uint256 internal constant MIN_PERIOD_DAYS = 7;
    uint256 internal constant MAX_PERIOD_DAYS = 92;
    uint256 internal constant MAX_LATE_RATE_BPS = 2_400;
    /// @dev Keeps the rent of the longest lease, and its late interest, within their types.
    uint256 internal constant MAX_AMOUNT = type(uint80).max;

    /// @notice Reverts with the rule that the terms break.
    function requireSound(IEquipmentLease.Terms calldata t) internal pure {
        // Who lets to itself would be financed against nothing.
        _require(t.lessor != t.lessee, IEquipmentLease.LeaseRule.SameParty);
        _require(t.periods != 0 && t.periods <= MAX_PERIODS, IEquipmentLease.LeaseRule.PeriodsWrong);
        _require(
            t.periodDays >= MIN_PERIOD_DAYS && t.periodDays <= MAX_PERIOD_DAYS && t.dueDays != 0
                && t.dueDays < t.periodDays && t.cureDays != 0,
            IEquipmentLease.LeaseRule.DaysWrong
        );
        _require(t.lateRateBps <= MAX_LATE_RATE_BPS, IEquipmentLease.LeaseRule.RateTooHigh);
        _require(t.minimum != 0 && t.cap >= t.minimum, IEquipmentLease.LeaseRule.CapBelowMinimum);
        _require(
            t.cap <= MAX_AMOUNT && t.price <= MAX_AMOUNT && t.deposit <= MAX_AMOUNT && t.buyOutPrice <= MAX_AMOUNT,
            IEquipmentLease.LeaseRule.AmountTooHigh
        );
        _require(t.rulesHash != 0 && t.documentHash != 0, IEquipmentLease.LeaseRule.HashEmpty);
        _requireTiers(t.tiers);
    }

    function structHash(IEquipmentLease.Terms calldata t) internal pure returns (bytes32) {
        bytes32[] memory tiers = new bytes32[](t.tiers.length);
        for (uint256 i; i < tiers.length; ++i) {
            tiers[i] = keccak256(abi.encode(TIER_TYPEHASH, t.tiers[i].throughTenths, t.tiers[i].rate));
        }
        return keccak256(
            bytes.concat(
                abi.encode(TYPEHASH, t.machine, t.lessor, t.lessee, t.price, t.deposit, t.buyOutPrice, t.minimum, t.cap),
                abi.encode(t.periods, t.periodDays, t.dueDays, t.cureDays, t.lockNoticeDays, t.lateRateBps),
                abi.encode(keccak256(abi.encodePacked(tiers)), t.rulesHash, t.documentHash, t.salt, t.deadline)
            )
        );
    }

    function _requireTiers(Rent.Tier[] calldata tiers) private pure {
        uint256 last = tiers.length;
        _require(last != 0 && last <= MAX_TIERS, IEquipmentLease.LeaseRule.TiersWrong);
        uint32 through;
        uint96 rate = uint96(MAX_AMOUNT);
        for (uint256 i; i < last; ++i) {
            _require(tiers[i].throughTenths > through, IEquipmentLease.LeaseRule.TiersWrong);
            _require(tiers[i].rate <= rate, IEquipmentLease.LeaseRule.TierRateRises);
            (through, rate) = (tiers[i].throughTenths, tiers[i].rate);
        }
        _require(through == type(uint32).max, IEquipmentLease.LeaseRule.TiersWrong);
    }

    function _require(bool condition, IEquipmentLease.LeaseRule rule) private pure {
        require(condition, IEquipmentLease.LeaseTermsInvalid(rule));
    }
}
