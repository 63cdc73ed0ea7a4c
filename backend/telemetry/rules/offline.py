"""Offline: how long the server has heard nothing signed of a machine, by the server's clock."""

from backend.telemetry.alarms import Severity
from backend.telemetry.rules.ruleset import RuleSet


def offline(rules: RuleSet, last_live_at: int, now: int) -> Severity:
    """`last_live_at`: server time at which the newest sealed live record came in. CLEAR below the first rung."""
    return rules.rules["offline"].rung({"silent_s": now - last_live_at})
