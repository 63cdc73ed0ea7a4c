// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICreditOracle} from "../interfaces/ICreditOracle.sol";

/// @title A score in one storage word
/// @notice From the high bits: value 16, pdPpm 24, limitCode 24, sequence 32, reasons 32, consentEpoch 16, flags 8, issuedAt 40, validUntil 40, modelId 16, consented 8.
/// @dev The upper 152 bits stand in a report's record as they stand here, so that a batch is stored without taking it apart.
library ScoreWord {
    uint256 internal constant CONSENTED = 1;
    /// @dev Flag bit 0.
    uint256 internal constant HELD = 1 << 104;
    /// @dev Consent and its epoch.
    uint256 internal constant CONSENT = uint256(type(uint16).max) << 112 | CONSENTED;
    /// @dev Bits of a record that must be zero: the unused low ones, and the flag that only the contract sets.
    uint256 internal constant RECORD_RESERVED = (1 << 73) - 1;
    uint256 internal constant VALID_UNTIL = uint256(type(uint40).max) << 24;

    /// @dev What the records of a batch share; a score is only ever stored under consent.
    function common(uint40 issuedAt_, uint40 validUntil, uint16 modelId) internal pure returns (uint256) {
        return uint256(issuedAt_) << 64 | uint256(validUntil) << 24 | uint256(modelId) << 8 | CONSENTED;
    }

    function value(uint256 word) internal pure returns (uint256) {
        return word >> 240;
    }

    function pdPpm(uint256 word) internal pure returns (uint256) {
        return word >> 216 & type(uint24).max;
    }

    function sequence(uint256 word) internal pure returns (uint256) {
        return word >> 160 & type(uint32).max;
    }

    function consentEpoch(uint256 word) internal pure returns (uint16) {
        return uint16(word >> 112);
    }

    function issuedAt(uint256 word) internal pure returns (uint256) {
        return word >> 64 & type(uint40).max;
    }

    function isHeld(uint256 word) internal pure returns (bool) {
        return word & HELD != 0;
    }

    function isConsented(uint256 word) internal pure returns (bool) {
        return word & CONSENTED != 0;
    }

    function withSequence(uint256 word, uint256 to) internal pure returns (uint256) {
        return word & ~(uint256(type(uint32).max) << 160) | to << 160;
    }

    /// @dev Starts a consent and ends the validity of the score there is.
    function withConsent(uint256 word, uint16 epoch) internal pure returns (uint256) {
        return word & ~(uint256(type(uint16).max) << 112) & ~VALID_UNTIL | uint256(epoch) << 112 | CONSENTED;
    }

    function unpack(uint256 word) internal pure returns (ICreditOracle.Score memory) {
        return ICreditOracle.Score({
            value: uint16(value(word)),
            pdPpm: uint24(pdPpm(word)),
            limitCode: uint24(word >> 192),
            issuedAt: uint40(issuedAt(word)),
            validUntil: uint40(word >> 24),
            sequence: uint32(sequence(word)),
            modelId: uint16(word >> 8),
            reasons: uint32(word >> 128),
            consentEpoch: consentEpoch(word),
            flags: uint8(word >> 104),
            consented: isConsented(word)
        });
    }
}
