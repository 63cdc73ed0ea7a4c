"""The offline ladder, by the server's clock."""

import pytest

from backend.telemetry.alarms import Severity
from backend.telemetry.rules.offline import offline
from backend.telemetry.rules.ruleset import load

HOUR_S = 3_600


@pytest.mark.parametrize(
    ("silent_s", "severity"),
    [
        (-60, Severity.CLEAR),
        (6 * HOUR_S - 1, Severity.CLEAR),
        (6 * HOUR_S, Severity.WARN),
        (24 * HOUR_S - 1, Severity.WARN),
        (24 * HOUR_S, Severity.MAJOR),
        (72 * HOUR_S - 1, Severity.MAJOR),
        (72 * HOUR_S, Severity.CRITICAL),
    ],
)
def test_silence_is_graver_after_6_24_and_72_hours(silent_s: int, severity: Severity):
    assert offline(load(), 1_800_000_000, 1_800_000_000 + silent_s) is severity
