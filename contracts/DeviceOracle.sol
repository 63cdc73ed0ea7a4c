// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IDeviceOracle} from "./interfaces/IDeviceOracle.sol";
import {IEquipment} from "./interfaces/IEquipment.sol";
import {ReadingWord} from "./libraries/ReadingWord.sol";
import {SignedReports} from "./SignedReports.sol";

/// @title Implementation of IDeviceOracle, where every call, event and error is documented
contract DeviceOracle is IDeviceOracle, SignedReports {
    using ReadingWord for uint256;

    bytes32 public constant READINGS = "readings";
    bytes32 public constant ALARMS = "alarms";
    bytes32 public constant READING_REPORT_TYPEHASH =
        keccak256("ReadingReport(uint64 round,uint32 signerSet,uint40 deadline,uint32[] groups,uint256[] words)");
    bytes32 public constant ALARM_REPORT_TYPEHASH =
        keccak256("AlarmReport(uint64 round,uint32 signerSet,uint40 deadline,bytes32[] records)");

    uint256 public constant MAX_GROUPS = 500;
    uint256 public constant MAX_ALARMS = 500;
    /// @notice Machines' clocks may run ahead of the chain's by this much.
    uint256 public constant MAX_AHEAD = 10 minutes;
    /// @notice Sequences may leave gaps, but not run away to the end of their range.
    uint256 public constant MAX_SEQUENCE_STEP = 1 << 16;
    uint256 internal constant ALARM_COUNT = 8;

    IEquipment public immutable equipment;

    mapping(uint256 group => uint256) internal _words;
    mapping(uint32 machine => Status) internal _status;

    constructor(address authority, IEquipment equipment_)
        AccessManaged(authority)
        EIP712("Heqi DeviceOracle", "1")
    {
        equipment = equipment_;
    }

    /* REPORTS */

    function submitReadings(ReadingReport calldata r, bytes[] calldata signatures) external {
        (uint32[] calldata groups, uint256[] calldata words) = (r.groups, r.words);
        uint256 count = groups.length;
        require(
            count != 0 && count <= MAX_GROUPS && words.length == count,
            ReadingBatchWrong(count, words.length, MAX_GROUPS)
        );
        bytes32 structHash = keccak256(
            abi.encode(
                READING_REPORT_TYPEHASH,
                r.round,
                r.signerSet,
                r.deadline,
                keccak256(abi.encodePacked(groups)),
                keccak256(abi.encodePacked(words))
            )
        );
        _accept(READINGS, r.round, r.signerSet, r.deadline, structHash, signatures);
        uint256 latest = (block.timestamp + MAX_AHEAD - ReadingWord.START) / 1 minutes;
        for (uint256 i; i < count; ++i) {
            _record(r.round, groups[i], words[i], latest);
        }
        emit ReadingsReported(r.round, msg.sender, groups, words);
    }

    function submitAlarms(AlarmReport calldata r, bytes[] calldata signatures) external {
        bytes32[] calldata records = r.records;
        uint256 count = records.length;
        require(count != 0 && count <= MAX_ALARMS, AlarmBatchWrong(count, MAX_ALARMS));
        bytes32 structHash = keccak256(
            abi.encode(
                ALARM_REPORT_TYPEHASH, r.round, r.signerSet, r.deadline, keccak256(abi.encodePacked(records))
            )
        );
        _accept(ALARMS, r.round, r.signerSet, r.deadline, structHash, signatures);
        for (uint256 i; i < count; ++i) {
            _mark(r.round, uint256(records[i]));
        }
    }

    /* HOLDING */

    function hold(uint32 machine) external {
        _requireSignerOrGuardian();
        equipment.machineOf(machine);
        _status[machine].held = true;
        emit MachineHeld(machine, msg.sender);
    }

    function release(uint32 machine) external restricted {
        require(_status[machine].held, MachineNotHeld(machine));
        _status[machine].held = false;
        emit MachineHoldReleased(machine);
    }

    /* READING */

    function readingOf(uint32 machine) public view returns (Reading memory) {
        return _words[machine / ReadingWord.LANES].laneOf(machine % ReadingWord.LANES).unpack();
    }

    function statusOf(uint32 machine) external view returns (Status memory) {
        return _status[machine];
    }

    function severityOf(uint32 machine, Alarm alarm) external view returns (Severity) {
        return _severity(_status[machine].alarms, uint256(alarm));
    }

    function requireUsable(uint32 machine, uint32 maxAge, uint16 gates) external view returns (Reading memory reading) {
        reading = readingOf(machine);
        require(reading.at != 0, ReadingMissing(machine));
        require(reading.at + maxAge >= block.timestamp, ReadingStale(machine, reading.at, maxAge));
        Status memory s = _status[machine];
        uint16 bound = equipment.machineOf(machine).epoch;
        require(bound != 0 && s.epoch == bound, DeviceEpochBehind(machine, s.epoch, bound));
        require(!s.held, MachineOnHold(machine));
        for (uint256 i; i < ALARM_COUNT; ++i) {
            Severity least = _severity(gates, i);
            Severity severity = _severity(s.alarms, i);
            require(
                least == Severity.Clear || severity < least, MachineAlarmed(machine, Alarm(i), severity)
            );
        }
    }

    /* INTERNAL */

    /// @dev Lanes that do not fit keep what is stored. As a rule all four fit, and are seen to at once.
    function _record(uint64 round, uint256 group, uint256 word, uint256 latest) internal {
        uint256 old = _words[group];
        if (word.allFollow(old, latest)) {
            _words[group] = word;
            return;
        }
        uint256 kept;
        for (uint256 i; i < ReadingWord.LANES; ++i) {
            uint256 before = old.laneOf(i);
            uint256 lane = word.laneOf(i);
            if (lane != before) {
                ReadingSkip reason = _skipReason(before, lane, latest);
                if (reason != ReadingSkip.None) {
                    lane = before;
                    emit ReadingSkipped(round, uint32(group * ReadingWord.LANES + i), reason);
                }
            }
            kept |= lane << i * ReadingWord.LANE_BITS;
        }
        if (kept != old) _words[group] = kept;
    }

    /// @dev Nothing is known before the first reading: it sets where hours and fuel start from.
    function _skipReason(uint256 before, uint256 lane, uint256 latest) internal pure returns (ReadingSkip) {
        if (lane.minute() > latest) return ReadingSkip.TimeAhead;
        if (before == 0) return ReadingSkip.None;
        if (lane.minute() <= before.minute()) return ReadingSkip.TimeNotRisen;
        if (lane.tenths() < before.tenths()) return ReadingSkip.HoursFell;
        if (lane.litres() < before.litres()) return ReadingSkip.FuelFell;
        // Δhours ≤ Δt · 1.02 + 0.1 h, in tenths of hours and minutes: 10 tenths are 60 minutes.
        uint256 most = (lane.minute() - before.minute()) * 102 + 600;
        return (lane.tenths() - before.tenths()) * 600 > most ? ReadingSkip.HoursTooFast : ReadingSkip.None;
    }

    function _mark(uint64 round, uint256 record) internal {
        uint32 machine = uint32(record >> 224);
        uint16 epoch = uint16(record >> 208);
        uint32 sequence = uint32(record >> 176);
        uint40 at = uint40(record >> 136);
        uint16 alarms = uint16(record >> 120);
        Status storage s = _status[machine];
        (uint32 lastSequence, uint40 lastAt, uint16 from) = (s.sequence, s.at, s.alarms);
        AlarmSkip reason;
        if (sequence <= lastSequence) reason = AlarmSkip.SequenceOld;
        else if (sequence - lastSequence > MAX_SEQUENCE_STEP) reason = AlarmSkip.SequenceJump;
        else if (at < lastAt) reason = AlarmSkip.TimeOld;
        else if (at > block.timestamp + MAX_AHEAD) reason = AlarmSkip.TimeAhead;
        else if (_isForeign(machine, epoch, s.epoch)) reason = AlarmSkip.EpochOther;
        if (reason != AlarmSkip.None) {
            emit AlarmSkipped(round, machine, sequence, reason);
            return;
        }
        (s.at, s.sequence, s.epoch, s.alarms) = (at, sequence, epoch, alarms);
        emit AlarmsChanged(round, machine, epoch, sequence, at, from, alarms);
    }

    /// @dev Of an earlier device, or of one that was never bound.
    function _isForeign(uint32 machine, uint16 epoch, uint16 known) internal view returns (bool) {
        return epoch < known || (epoch != known && equipment.deviceIn(machine, epoch) == address(0));
    }

    function _severity(uint16 alarms, uint256 alarm) internal pure returns (Severity) {
        return Severity(alarms >> 2 * alarm & 3);
    }
}
