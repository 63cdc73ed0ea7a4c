"""The alarms a machine can raise, and how grave they are. The first eight are the contract's, in its order."""

from enum import IntEnum, StrEnum


class Alarm(IntEnum):
    """Number of the alarm; `IDeviceOracle.Alarm` has those below `ON_CHAIN`."""

    IDLE = 0
    REGION = 1
    FUEL_USE = 2
    FUEL_THEFT = 3
    HOUR_METER = 4
    OFFLINE = 5
    TAMPER = 6
    TOW = 7
    FUEL_SENSOR = 8
    FLEET = 9


ON_CHAIN = 8


class Severity(IntEnum):
    """`MAJOR` and above go on chain."""

    CLEAR = 0
    WARN = 1
    MAJOR = 2
    CRITICAL = 3


class Phase(StrEnum):
    """Of one alarm: `pending` has been seen but not long enough to be told, `acknowledged` was answered by a person."""

    PENDING = "pending"
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


def alarm_word(severities: dict[Alarm, Severity]) -> int:
    """The contract's 16 bits: two per alarm, the first lowest; what is less than major counts as clear."""
    return sum(
        severity << 2 * alarm
        for alarm, severity in severities.items()
        if alarm < ON_CHAIN and severity >= Severity.MAJOR
    )
