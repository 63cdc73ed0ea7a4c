// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICreditOracle} from "./interfaces/ICreditOracle.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {SignedReports} from "./SignedReports.sol";

/// @title Implementation of ICreditOracle, where every call, event and error is documented
contract CreditOracle is ICreditOracle, SignedReports {
    bytes32 public constant LANE = "scores";
    bytes32 public constant SCORE_REPORT_TYPEHASH = keccak256(
        "ScoreReport(uint64 round,uint32 signerSet,uint40 deadline,uint16 modelId,uint40 issuedAt,uint40 validUntil,bytes32[] records)"
    );

    uint256 public constant MAX_BATCH = 1000;
    uint256 public constant MIN_VALUE = 300;
    uint256 public constant MAX_VALUE = 850;
    /// @notice Facts older than this come too late to be reported.
    uint256 public constant MAX_DELAY = 6 hours;
    uint256 public constant MAX_VALIDITY = 40 days;
    /// @notice Points by which a score may rise in a day; a bigger rise waits for a risk officer.
    uint256 public constant MAX_RISE = 60;
    /// @notice Sequences may leave gaps, but not run away to the end of their range.
    uint32 public constant MAX_SEQUENCE_STEP = 1 << 16;
    uint8 public constant FLAG_HELD = 1;

    IParticipants public immutable participants;

    mapping(uint32 party => Score) internal _scores;
    mapping(uint32 party => Score) internal _held;
    mapping(uint16 modelId => Model) public models;

    constructor(address authority, IParticipants participants_)
        AccessManaged(authority)
        EIP712("Heqi CreditOracle", "1")
    {
        participants = participants_;
    }

    /* CONSENT */

    function grantConsent(bytes32 textHash) external returns (uint16 epoch) {
        uint32 party = _callerParty();
        Score storage s = _scores[party];
        require(!s.consented, ConsentGiven(party));
        epoch = ++s.consentEpoch;
        s.consented = true;
        // A score made under an earlier consent stays the measure of how fast the next may rise, but is no longer usable.
        s.validUntil = 0;
        emit ConsentGranted(party, epoch, textHash);
    }

    function revokeConsent() external {
        uint32 party = _callerParty();
        Score storage s = _scores[party];
        require(s.consented, ConsentMissing(party));
        s.consented = false;
        emit ConsentRevoked(party, s.consentEpoch);
    }

    /* REPORTS */

    function submitScores(ScoreReport calldata report, bytes[] calldata signatures) external {
        _accept(LANE, report.round, report.signerSet, report.deadline, _hash(report), signatures);
        _requireSound(report);
        for (uint256 i; i < report.records.length; ++i) {
            _record(report, uint256(report.records[i]));
        }
        emit ScoresReported(
            report.round, report.modelId, report.issuedAt, report.validUntil, msg.sender, report.records
        );
    }

    function hold(uint32 party) external {
        _requireSignerOrGuardian();
        _scores[party].flags |= FLAG_HELD;
        emit PartyHeld(party, msg.sender);
    }

    function release(uint32 party, uint32 sequence) external restricted {
        Score memory s = _scores[party];
        require(s.flags & FLAG_HELD != 0, NotOnHold(party));
        if (sequence != 0) {
            Score memory held = _held[party];
            require(held.sequence == sequence, HeldScoreUnknown(party, sequence));
            // Consent may have been withdrawn or renewed since: the present consent counts, not the one of the held score.
            require(held.consentEpoch == s.consentEpoch, ConsentMissing(party));
            held.consented = s.consented;
            held.sequence = s.sequence;
            s = held;
        }
        s.flags &= ~FLAG_HELD;
        _scores[party] = s;
        delete _held[party];
        emit HoldReleased(party, s.value, s.sequence, sequence != 0);
    }

    /* MODELS */

    function registerModel(uint16 modelId, bytes32 hash) external restricted {
        require(hash != 0, ModelHashZero());
        require(!models[modelId].registered, ModelKnown(modelId));
        models[modelId] = Model({hash: hash, registered: true, retired: false});
        emit ModelRegistered(modelId, hash);
    }

    function retireModel(uint16 modelId) external restricted {
        require(models[modelId].registered, ModelUnknown(modelId));
        models[modelId].retired = true;
        emit ModelRetired(modelId);
    }

    /* READING */

    function scoreOf(uint32 party) external view returns (Score memory) {
        return _scores[party];
    }

    function heldScoreOf(uint32 party) external view returns (Score memory) {
        return _held[party];
    }

    function usableScore(uint32 party) external view returns (Score memory s) {
        s = _scores[party];
        require(s.consented, ConsentMissing(party));
        require(s.flags & FLAG_HELD == 0, ScoreOnHold(party));
        require(s.value != 0, ScoreMissing(party));
        require(block.timestamp <= s.validUntil, ScoreExpired(party, s.validUntil));
        require(!models[s.modelId].retired, ModelIsRetired(s.modelId));
    }

    /* INTERNAL */

    function _callerParty() internal view returns (uint32 party) {
        party = participants.partyOf(msg.sender);
        require(party != 0, IParticipants.WalletUnknown(msg.sender));
    }

    function _hash(ScoreReport calldata r) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SCORE_REPORT_TYPEHASH,
                r.round,
                r.signerSet,
                r.deadline,
                r.modelId,
                r.issuedAt,
                r.validUntil,
                keccak256(abi.encodePacked(r.records))
            )
        );
    }

    function _requireSound(ScoreReport calldata r) internal view {
        uint256 count = r.records.length;
        require(count != 0 && count <= MAX_BATCH, BatchSizeWrong(count, MAX_BATCH));
        Model memory model = models[r.modelId];
        require(model.registered, ModelUnknown(r.modelId));
        require(!model.retired, ModelIsRetired(r.modelId));
        uint256 earliest = block.timestamp - MAX_DELAY;
        require(r.issuedAt >= earliest && r.issuedAt <= block.timestamp, ReportTimeWrong(r.issuedAt, earliest));
        uint256 latest = r.issuedAt + MAX_VALIDITY;
        require(r.validUntil > block.timestamp && r.validUntil <= latest, ReportValidityWrong(r.validUntil, latest));
    }

    function _record(ScoreReport calldata r, uint256 word) internal {
        uint32 party = uint32(word >> 224);
        Score memory old = _scores[party];
        Score memory s = Score({
            value: uint16(word >> 208),
            pdPpm: uint24(word >> 184),
            limitCode: uint24(word >> 160),
            issuedAt: r.issuedAt,
            validUntil: r.validUntil,
            sequence: uint32(word >> 128),
            modelId: r.modelId,
            reasons: uint32(word >> 96),
            consentEpoch: uint16(word >> 80),
            flags: uint8(word >> 72),
            consented: old.consented
        });
        if (_isMalformed(s, word)) return _skip(r.round, party, s.sequence, Skip.Malformed);
        if (!old.consented || s.consentEpoch != old.consentEpoch) {
            return _skip(r.round, party, s.sequence, Skip.ConsentMissing);
        }
        if (s.sequence <= old.sequence) return _skip(r.round, party, s.sequence, Skip.SequenceOld);
        if (s.sequence - old.sequence > MAX_SEQUENCE_STEP) return _skip(r.round, party, s.sequence, Skip.SequenceJump);
        if (s.issuedAt < old.issuedAt) return _skip(r.round, party, s.sequence, Skip.FactsOld);
        if (_risesTooFast(old, s)) return _holdScore(party, old, s);
        if (old.flags & FLAG_HELD != 0) {
            // A hold outlives reports: only a risk officer ends it. An older proposal is overtaken.
            s.flags |= FLAG_HELD;
            delete _held[party];
        }
        _scores[party] = s;
    }

    /// @dev The allowance grows with the time between the facts, so that many small steps rise no faster than one big one.
    function _risesTooFast(Score memory old, Score memory s) internal pure returns (bool) {
        if (old.value == 0 || s.value <= old.value) return false;
        uint256 elapsed = s.issuedAt - old.issuedAt;
        uint256 allowed = elapsed >= 1 days ? MAX_RISE : MAX_RISE * elapsed / 1 days;
        return s.value - old.value > allowed;
    }

    function _holdScore(uint32 party, Score memory old, Score memory s) internal {
        _held[party] = s;
        old.flags |= FLAG_HELD;
        old.sequence = s.sequence;
        _scores[party] = old;
        emit ScoreHeld(party, old.value, s.value, s.sequence);
    }

    function _isMalformed(Score memory s, uint256 word) internal pure returns (bool) {
        return s.value < MIN_VALUE || s.value > MAX_VALUE || s.pdPpm > 1e6 || s.flags & FLAG_HELD != 0
            || word & ((1 << 72) - 1) != 0;
    }

    function _skip(uint64 round, uint32 party, uint32 sequence, Skip reason) internal {
        emit RecordSkipped(round, party, sequence, reason);
    }
}
