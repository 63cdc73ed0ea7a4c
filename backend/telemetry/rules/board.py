"""What is told of the conditions: worse at once, better only when the records that show it are signed."""

import msgspec

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.conditions import NOT_LOWERED, NOTHING, Condition, Level, Moment, Seen, ended, follow
from backend.telemetry.rules.input import Evidence, Transition
from backend.telemetry.rules.ruleset import TERMS, RuleSet
from backend.telemetry.rules.state import State


class Board:
    """The conditions in a machine's state, and the transitions of its alarms while they move. An alarm is as grave as
    the gravest of its conditions."""

    def __init__(self, rules: RuleSet, state: State) -> None:
        self.rules, self.state = rules, state
        self.transitions: list[Transition] = []

    def level(self, name: str) -> int:
        """Of a condition, by the records so far."""
        return self.state.conditions.get(name, NOTHING).level

    def see(self, name: str, seen: Seen, moment: Moment) -> None:
        """A rule's reading."""
        was = self.state.conditions.get(name)
        if was or seen.holds:
            now = follow(self.rules.rules[name], was or NOTHING, seen, moment)
            if now is not was:
                self._put(name, now, moment)

    def end(self, name: str, moment: Moment) -> None:
        """A condition that can no longer be."""
        was = self.state.conditions.get(name)
        if was:
            self._put(name, ended(was, {}, moment), moment)

    def restart(self, sequence: int) -> None:
        """A new epoch begins with this record: signatures of the old one cover nothing more."""
        self.state.conditions = {
            name: condition
            if condition.lowered == NOT_LOWERED
            else msgspec.structs.replace(condition, lowered=sequence)
            for name, condition in self.state.conditions.items()
        }

    def settle(self) -> None:
        """Tell what is over and signed."""
        for name, condition in list(self.state.conditions.items()):
            if condition.lowered != NOT_LOWERED and self._may_fall(name, condition):
                moment = Moment(self.state.clock, condition.at, condition.lowered)
                self._tell(name, msgspec.structs.replace(condition, told=Level.CALM, lowered=NOT_LOWERED), moment)

    def _put(self, name: str, now: Condition, moment: Moment) -> None:
        if now.level > now.told or now.told == Level.PENDING:
            now = msgspec.structs.replace(now, told=now.level)
        self._tell(name, now, moment)

    def _may_fall(self, name: str, condition: Condition) -> bool:
        """Signed, and long enough calm if the alarm has been flapping."""
        if condition.lowered > self.state.sealed:
            return False
        guard, clock = self.rules.flapping, self.state.clock
        raises = [at for at in self.state.raises.get(TERMS[name].alarm, ()) if clock - at <= guard.within_s]
        return len(raises) < guard.raises or clock - condition.clock >= guard.quiet_s

    def _tell(self, name: str, now: Condition, moment: Moment) -> None:
        alarm = TERMS[name].alarm
        before = self._gravest(alarm)[1].told
        self.state.conditions = {kept: other for kept, other in self.state.conditions.items() if kept != name}
        if now.level or now.told:
            self.state.conditions[name] = now
        gravest, condition = self._gravest(alarm)
        if condition.told > before:
            self._rise(alarm, before, condition.told, _evidence(name, now), moment)
        elif condition.told < before:
            shown = _evidence(gravest, condition) if condition.told else _evidence(name, now)
            self._fall(alarm, before, condition.told, shown, moment)

    def _gravest(self, alarm: Alarm) -> tuple[str, Condition]:
        """The condition that tells most of an alarm; with several, the first by name."""
        conditions = self.state.conditions
        own = [(-condition.told, name) for name, condition in conditions.items() if TERMS[name].alarm is alarm]
        name = min(own)[1] if own else ""
        return name, conditions.get(name, NOTHING)

    def _rise(self, alarm: Alarm, before: int, after: int, evidence: Evidence, moment: Moment) -> None:
        if before <= Level.PENDING < after:
            kept = (*self.state.raises.get(alarm, ()), moment.clock)[-self.rules.flapping.raises :]
            self.state.raises = {**self.state.raises, alarm: kept}
        self._announce(alarm, after, evidence, moment)

    def _fall(self, alarm: Alarm, before: int, after: int, evidence: Evidence, moment: Moment) -> None:
        if after <= Level.PENDING:
            self.transitions.append(
                Transition(alarm, Phase.CLEARED, Severity.CLEAR, moment.at, moment.sequence, evidence)
            )
        if after:
            self._announce(alarm, after, evidence, moment)

    def _announce(self, alarm: Alarm, level: int, evidence: Evidence, moment: Moment) -> None:
        phase = Phase.PENDING if level == Level.PENDING else Phase.ACTIVE
        self.transitions.append(Transition(alarm, phase, Level(level).severity, moment.at, moment.sequence, evidence))


def _evidence(name: str, condition: Condition) -> Evidence:
    return {"reason": name, **condition.measures}
