// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISignedReports} from "./ISignedReports.sol";

/// @title What machines measured and what is wrong with them
/// @notice Readings are cumulative, so that late, missing or repeated ones change no total. Alarms have a lane of their own. Whether a machine is offline is told from the age of its last reading, by whoever asks.
interface IDeviceOracle is ISignedReports {
    enum Alarm {
        Idle,
        Region,
        FuelUse,
        FuelTheft,
        HourMeter,
        Offline,
        Tamper,
        Tow
    }

    enum Severity {
        Clear,
        Warn,
        Major,
        Critical
    }

    enum ReadingSkip {
        None,
        TimeNotRisen,
        TimeAhead,
        HoursFell,
        HoursTooFast,
        FuelFell
    }

    enum AlarmSkip {
        None,
        SequenceOld,
        SequenceJump,
        TimeOld,
        TimeAhead,
        EpochOther
    }

    /// @param tenths Cumulative hours in tenths of an hour.
    /// @param litres Cumulative fuel.
    /// @param at Second of the machine's last report, to the minute; 0 before the first.
    struct Reading {
        uint32 tenths;
        uint32 litres;
        uint40 at;
    }

    /// @param at Second of the last change by the machine's clock.
    /// @param sequence Number of the last alarm record.
    /// @param epoch Device that the alarms are told of.
    /// @param alarms Severity of each alarm, two bits each, the first lowest.
    /// @param held True while a signer or the guardian holds the machine.
    struct Status {
        uint40 at;
        uint32 sequence;
        uint16 epoch;
        uint16 alarms;
        bool held;
    }

    /// @param groups Group g holds machines 4g to 4g+3.
    /// @param words Four lanes of 64 bits each, machine 4g in the lowest: tenths of hours 20 bits, litres 20 bits, minutes since 2025-01-01T00:00Z 24 bits. A lane equal to what is stored is no news.
    struct ReadingReport {
        uint64 round;
        uint32 signerSet;
        uint40 deadline;
        uint32[] groups;
        uint256[] words;
    }

    /// @param records From the high bits: machine 32, epoch 16, sequence 32, at 40, alarms 16; the rest zero.
    struct AlarmReport {
        uint64 round;
        uint32 signerSet;
        uint40 deadline;
        bytes32[] records;
    }

    /// @notice Readings were reported, as the words stand in the report.
    event ReadingsReported(uint64 indexed round, address indexed relayer, uint32[] groups, uint256[] words);
    /// @notice A machine's reading in a report did not count.
    event ReadingSkipped(uint64 indexed round, uint32 indexed machine, ReadingSkip reason);
    /// @notice The alarms of a machine changed.
    event AlarmsChanged(
        uint64 indexed round, uint32 indexed machine, uint16 epoch, uint32 sequence, uint40 at, uint16 from, uint16 to
    );
    /// @notice A machine's alarm record in a report did not count.
    event AlarmSkipped(uint64 indexed round, uint32 indexed machine, uint32 sequence, AlarmSkip reason);
    /// @notice A machine stands for no new money until it is released.
    event MachineHeld(uint32 indexed machine, address indexed by);
    /// @notice The hold ended.
    event MachineHoldReleased(uint32 indexed machine);

    /// @notice The report has {groups} groups and {words} words; there must be as many of each, from 1 to {most}.
    /// @custom:zh 报告含 {groups} 个分组和 {words} 个数据字；两者须相等，且为 1 至 {most}。
    error ReadingBatchWrong(uint256 groups, uint256 words, uint256 most);
    /// @notice The report has {count} alarm records; there must be 1 to {most}.
    /// @custom:zh 报告含 {count} 条告警记录，须为 1 至 {most} 条。
    error AlarmBatchWrong(uint256 count, uint256 most);
    /// @notice No reading of machine {machine} has been reported.
    /// @custom:zh 尚无设备 {machine} 的上报数据。
    error ReadingMissing(uint32 machine);
    /// @notice Machine {machine} last reported at {at}; nothing older than {maxAge} seconds counts.
    /// @custom:zh 设备 {machine} 最近一次上报时间为 {at}，超过允许的 {maxAge} 秒。
    error ReadingStale(uint32 machine, uint40 at, uint32 maxAge);
    /// @notice The reports on machine {machine} are of device {reported}; device {bound} is bound by now.
    /// @custom:zh 设备 {machine} 的上报来自第 {reported} 号终端，现已绑定第 {bound} 号终端。
    error DeviceEpochBehind(uint32 machine, uint16 reported, uint16 bound);
    /// @notice Machine {machine} is on hold.
    /// @custom:zh 设备 {machine} 已被暂挂。
    error MachineOnHold(uint32 machine);
    /// @notice Machine {machine} is not on hold.
    /// @custom:zh 设备 {machine} 未被暂挂。
    error MachineNotHeld(uint32 machine);
    /// @notice Machine {machine} stands for no new money: alarm {alarm}, {severity}.
    /// @custom:zh 设备 {machine} 存在告警“{alarm}”（{severity}），暂停放款。
    error MachineAlarmed(uint32 machine, Alarm alarm, Severity severity);

    /// @notice Takes a report of readings. Anyone may relay it; a reading that does not fit what is known is skipped.
    function submitReadings(ReadingReport calldata report, bytes[] calldata signatures) external;

    /// @notice Takes a report of alarms. Anyone may relay it.
    function submitAlarms(AlarmReport calldata report, bytes[] calldata signatures) external;

    /// @notice Keeps a machine from standing for new money. Any signer or the guardian.
    function hold(uint32 machine) external;

    /// @notice Ends a hold. Restricted to the delayed risk role.
    function release(uint32 machine) external;

    function readingOf(uint32 machine) external view returns (Reading memory);

    function statusOf(uint32 machine) external view returns (Status memory);

    /// @return Severity of an alarm as last reported.
    function severityOf(uint32 machine, Alarm alarm) external view returns (Severity);

    /// @notice Reverts with the named reason unless the machine reports, is not held, and has no blocking alarm.
    /// @param maxAge Oldest reading that counts, in seconds.
    /// @param gates Least severity that blocks, two bits per alarm; 0 lets the alarm pass.
    function requireUsable(uint32 machine, uint32 maxAge, uint16 gates) external view returns (Reading memory);
}
