// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICreditOracle} from "./interfaces/ICreditOracle.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {ScoreWord} from "./libraries/ScoreWord.sol";
import {SignedReports} from "./SignedReports.sol";

/// @title Implementation of ICreditOracle, where every call, event and error is documented
contract CreditOracle is ICreditOracle, SignedReports {
    using ScoreWord for uint256;

    bytes32 public constant LANE = "scores";
    bytes32 public constant SCORE_REPORT_TYPEHASH = keccak256(
        "ScoreReport(uint64 round,uint32 signerSet,uint40 deadline,uint16 modelId,uint40 issuedAt,uint40 validUntil,bytes32[] records)"
    );

    uint256 public constant MAX_BATCH = 1000;
    uint256 public constant MIN_VALUE = 300;
    uint256 public constant MAX_VALUE = 850;
    uint256 public constant MAX_PD_PPM = 1e6;
    /// @notice Facts older than this come too late to be reported.
    uint256 public constant MAX_DELAY = 6 hours;
    uint256 public constant MAX_VALIDITY = 40 days;
    /// @notice Points by which a score may rise in a day; a bigger rise waits for a risk officer.
    uint256 public constant MAX_RISE = 60;
    /// @notice Sequences may leave gaps, but not run away to the end of their range.
    uint256 public constant MAX_SEQUENCE_STEP = 1 << 16;

    IParticipants public immutable participants;

    /// @dev See `ScoreWord`.
    struct Slot {
        uint256 word;
    }

    struct Consent {
        uint16 epoch;
        bool given;
    }

    mapping(uint32 party => Slot) internal _scores;
    /// @dev Of purposes other than scoring, whose consent stands in the score's own word.
    mapping(uint32 party => mapping(Purpose purpose => Consent)) internal _consents;
    mapping(uint32 party => uint256) internal _held;
    mapping(uint16 modelId => Model) public models;

    constructor(address authority, IParticipants participants_)
        AccessManaged(authority)
        EIP712("Heqi CreditOracle", "1")
    {
        participants = participants_;
    }

    /* CONSENT */

    function grantConsent(Purpose purpose, bytes32 textHash) external returns (uint16 epoch) {
        uint32 party = _callerParty();
        require(textHash != 0, ConsentTextEmpty());
        bool given;
        (epoch, given) = consentOf(party, purpose);
        require(!given, ConsentGiven(party, purpose));
        ++epoch;
        if (purpose == Purpose.Scoring) {
            // A score made under an earlier consent stays the measure of how fast the next may rise, but is no longer usable.
            _scores[party].word = _scores[party].word.withConsent(epoch);
        } else {
            _consents[party][purpose] = Consent(epoch, true);
        }
        emit ConsentGranted(party, purpose, epoch, textHash);
    }

    function revokeConsent(Purpose purpose) external {
        uint32 party = _callerParty();
        (uint16 epoch, bool given) = consentOf(party, purpose);
        require(given, ConsentMissing(party, purpose));
        if (purpose == Purpose.Scoring) _scores[party].word &= ~ScoreWord.CONSENTED;
        else _consents[party][purpose].given = false;
        emit ConsentRevoked(party, purpose, epoch);
    }

    /* REPORTS */

    function submitScores(ScoreReport calldata report, bytes[] calldata signatures) external {
        _accept(LANE, report.round, report.signerSet, report.deadline, _hash(report), signatures);
        _requireSound(report);
        uint256 common = ScoreWord.common(report.issuedAt, report.validUntil, report.modelId);
        (uint64 round, bytes32[] calldata records) = (report.round, report.records);
        for (uint256 i; i < records.length; ++i) {
            _record(round, common, uint256(records[i]));
        }
        emit ScoresReported(
            report.round, report.modelId, report.issuedAt, report.validUntil, msg.sender, report.records
        );
    }

    function hold(uint32 party) external {
        _requireSignerOrGuardian();
        participants.partyData(party);
        _scores[party].word |= ScoreWord.HELD;
        emit PartyHeld(party, msg.sender);
    }

    function release(uint32 party, uint32 sequence) external restricted {
        uint256 word = _scores[party].word;
        require(word.isHeld(), NotOnHold(party));
        if (sequence != 0) {
            uint256 held = _held[party];
            require(held.sequence() == sequence, HeldScoreUnknown(party, sequence));
            // Consent may have been withdrawn or renewed since: the present one counts, not the one of the held score.
            require(word.isConsented() && held.consentEpoch() == word.consentEpoch(), ConsentMissing(party, Purpose.Scoring));
            word = held;
        }
        word &= ~ScoreWord.HELD;
        _scores[party].word = word;
        delete _held[party];
        emit HoldReleased(party, uint16(word.value()), uint32(word.sequence()), sequence != 0);
    }

    /* MODELS */

    function registerModel(uint16 modelId, bytes32 hash) external restricted {
        require(hash != 0, ModelHashZero());
        require(!models[modelId].registered, ModelKnown(modelId));
        models[modelId] = Model({hash: hash, registered: true, approved: false, retired: false});
        emit ModelRegistered(modelId, hash);
    }

    function approveModel(uint16 modelId, bytes32 hash) external restricted {
        Model storage model = models[modelId];
        require(model.registered, ModelUnknown(modelId));
        require(!model.retired, ModelIsRetired(modelId));
        require(!model.approved, ModelApprovedBefore(modelId));
        require(model.hash == hash, ModelHashWrong(modelId, model.hash, hash));
        model.approved = true;
        emit ModelApproved(modelId, hash, msg.sender);
    }

    function retireModel(uint16 modelId) external restricted {
        require(models[modelId].registered, ModelUnknown(modelId));
        require(!models[modelId].retired, ModelIsRetired(modelId));
        models[modelId].retired = true;
        emit ModelRetired(modelId);
    }

    /* READING */

    function consentOf(uint32 party, Purpose purpose) public view returns (uint16 epoch, bool given) {
        if (purpose == Purpose.Scoring) {
            uint256 word = _scores[party].word;
            return (word.consentEpoch(), word.isConsented());
        }
        Consent memory consent = _consents[party][purpose];
        return (consent.epoch, consent.given);
    }

    function scoreOf(uint32 party) external view returns (Score memory) {
        return _scores[party].word.unpack();
    }

    function heldScoreOf(uint32 party) external view returns (Score memory) {
        return _held[party].unpack();
    }

    function usableScore(uint32 party) external view returns (Score memory s) {
        s = _scores[party].word.unpack();
        require(s.consented, ConsentMissing(party, Purpose.Scoring));
        require(!_scores[party].word.isHeld(), ScoreOnHold(party));
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
        require(model.approved, ModelNotApproved(r.modelId));
        uint256 earliest = block.timestamp - MAX_DELAY;
        require(r.issuedAt >= earliest && r.issuedAt <= block.timestamp, ReportTimeWrong(r.issuedAt, earliest));
        uint256 latest = r.issuedAt + MAX_VALIDITY;
        require(r.validUntil > block.timestamp && r.validUntil <= latest, ReportValidityWrong(r.validUntil, latest));
    }

    /// @dev The stored word is the record moved over its party number, with what the batch has in common below it.
    function _record(uint64 round, uint256 common, uint256 record) internal {
        uint32 party = uint32(record >> 224);
        Slot storage slot = _scores[party];
        uint256 old = slot.word;
        uint256 word = record << 32 | common;
        Skip reason = _skipReason(record, old, word);
        if (reason != Skip.None) {
            emit RecordSkipped(round, party, uint32(word.sequence()), reason);
        } else if (_risesTooFast(old, word)) {
            _held[party] = word;
            slot.word = old.withSequence(word.sequence()) | ScoreWord.HELD;
            emit ScoreHeld(party, uint16(old.value()), uint16(word.value()), uint32(word.sequence()));
        } else if (old.isHeld()) {
            // A hold outlives reports: only a risk officer ends it. An older proposal is overtaken.
            slot.word = word | ScoreWord.HELD;
            delete _held[party];
        } else {
            slot.word = word;
        }
    }

    /// @dev Runs for every record of a batch. Differences are unchecked: below zero they wrap to values that fail their bound.
    function _skipReason(uint256 record, uint256 old, uint256 word) internal pure returns (Skip) {
        unchecked {
            if (word.value() - MIN_VALUE > MAX_VALUE - MIN_VALUE || word.pdPpm() > MAX_PD_PPM) return Skip.Malformed;
            uint256 reserved = record & ScoreWord.RECORD_RESERVED;
            if (reserved | (word ^ old) & ScoreWord.CONSENT != 0) {
                return reserved != 0 ? Skip.Malformed : Skip.ConsentMissing;
            }
            uint256 step = word.sequence() - old.sequence() - 1;
            if (step >= MAX_SEQUENCE_STEP) return step >> 255 != 0 ? Skip.SequenceOld : Skip.SequenceJump;
            return word.issuedAt() < old.issuedAt() ? Skip.FactsOld : Skip.None;
        }
    }

    /// @dev The allowance grows with the time between the facts, so that many small steps rise no faster than one big one. The facts' time and the value have been compared before they are subtracted.
    function _risesTooFast(uint256 old, uint256 word) internal pure returns (bool) {
        uint256 before = old.value();
        if (word.value() <= before || before == 0) return false;
        unchecked {
            uint256 elapsed = word.issuedAt() - old.issuedAt();
            uint256 allowed = elapsed >= 1 days ? MAX_RISE : MAX_RISE * elapsed / 1 days;
            return word.value() - before > allowed;
        }
    }
}
