"""The life of one alarm of one machine: pending, active, acknowledged, cleared; its severity, and a time of silence."""

from collections.abc import Iterable

import msgspec

from backend.errors import HeqiError
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.input import Evidence, Transition

LONGEST_SHELVING_S = 7 * 86_400
LONGEST_REASON = 500


class AlarmNotActive(HeqiError):
    notice_en = "This alarm is {phase}; only an active one can be answered."
    notice_zh = "该报警当前状态为 {phase}，仅生效中的报警可处理。"
    status = 409


class ReasonMissing(HeqiError):
    notice_en = "Give a reason of 1 to {longest} characters."
    notice_zh = "请填写理由（1 至 {longest} 个字符）。"


class ShelvingOutOfBounds(HeqiError):
    notice_en = "An alarm can be silenced for 1 to {longest} seconds."
    notice_zh = "报警静默时长须为 1 至 {longest} 秒。"


class OpenAlarm(msgspec.Struct, frozen=True):
    """One row. Times are seconds since 1970: `seen_at`, `raised_at` (None while pending) and `changed_at` by the
    device's clock; `answered_at` and `silent_until` by the server's. Shelving hides from people's lists, from nothing
    else."""

    alarm: Alarm
    phase: Phase
    severity: Severity
    seen_at: int
    raised_at: int | None
    changed_at: int
    evidence: Evidence
    cleared_at: int | None = None
    answered_by: int | None = None
    answered_at: int | None = None
    answer: str = ""
    silent_until: int = 0

    def is_silent(self, now: int) -> bool:
        """Whether people are not to be bothered with it at second `now`."""
        return now < self.silent_until


def changed(alarm: OpenAlarm | None, transition: Transition) -> OpenAlarm | None:
    """The machine's alarm of this number after a transition; `alarm`: the one open before, if any.

    With phase cleared it is closed: a row that was never raised may be deleted, another stays as history. None: nothing
    was open and nothing opens.
    """
    if transition.phase is Phase.CLEARED:
        return alarm and _closed(alarm, transition)
    if alarm is None:
        raised_at = transition.at if transition.phase is Phase.ACTIVE else None
        return OpenAlarm(
            alarm=transition.alarm,
            phase=transition.phase,
            severity=transition.severity,
            seen_at=transition.at,
            raised_at=raised_at,
            changed_at=transition.at,
            evidence=transition.evidence,
        )
    return _moved(alarm, transition)


def _closed(alarm: OpenAlarm, transition: Transition) -> OpenAlarm:
    return msgspec.structs.replace(
        alarm, phase=Phase.CLEARED, severity=Severity.CLEAR, changed_at=transition.at, cleared_at=transition.at
    )


def _moved(alarm: OpenAlarm, transition: Transition) -> OpenAlarm:
    """A graver alarm is a new question: an answer to, or silence about, the milder one does not hold for it."""
    moved = msgspec.structs.replace(
        alarm, severity=transition.severity, changed_at=transition.at, evidence=transition.evidence
    )
    if alarm.phase is Phase.PENDING and transition.phase is Phase.ACTIVE:
        return msgspec.structs.replace(moved, phase=Phase.ACTIVE, raised_at=transition.at)
    if transition.severity > alarm.severity:
        return msgspec.structs.replace(moved, phase=transition.phase, silent_until=0)
    return moved


def acknowledged(alarm: OpenAlarm, by: int, reason: str, at: int) -> OpenAlarm:
    """A party `by` answers for an alarm. It stays on chain. Raises AlarmNotActive or ReasonMissing."""
    if alarm.phase is not Phase.ACTIVE:
        raise AlarmNotActive(phase=alarm.phase.value)
    return msgspec.structs.replace(
        alarm, phase=Phase.ACKNOWLEDGED, answered_by=by, answered_at=at, answer=_reason(reason)
    )


def shelved(alarm: OpenAlarm, by: int, reason: str, at: int, until: int) -> OpenAlarm:
    """A party silences an alarm for a while. It stays on chain, and worse ends the silence. Raises AlarmNotActive,
    ReasonMissing or ShelvingOutOfBounds."""
    if alarm.phase not in (Phase.ACTIVE, Phase.ACKNOWLEDGED):
        raise AlarmNotActive(phase=alarm.phase.value)
    if not 0 < until - at <= LONGEST_SHELVING_S:
        raise ShelvingOutOfBounds(longest=LONGEST_SHELVING_S)
    return msgspec.structs.replace(alarm, silent_until=until, answered_by=by, answered_at=at, answer=_reason(reason))


def severities(alarms: Iterable[OpenAlarm]) -> dict[Alarm, Severity]:
    """What goes into the alarm word: raised alarms, acknowledged and silenced ones included."""
    return {alarm.alarm: alarm.severity for alarm in alarms if alarm.phase in (Phase.ACTIVE, Phase.ACKNOWLEDGED)}


def _reason(text: str) -> str:
    kept = text.strip()
    if not 0 < len(kept) <= LONGEST_REASON:
        raise ReasonMissing(longest=LONGEST_REASON)
    return kept
