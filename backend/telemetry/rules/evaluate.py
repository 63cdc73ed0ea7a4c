"""The rules over one machine's reports: state and reports in, state and changes of its alarms out. No clock, no I/O.

Cutting the reports into other batches, or saving and loading the state between them, changes nothing.
"""

import copy
from collections.abc import Iterable

import msgspec

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import Record
from backend.telemetry.rules import idle
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.conditions import NOT_LOWERED, NOTHING, OVER, Level, Seen, follow
from backend.telemetry.rules.context import Context, unpaused
from backend.telemetry.rules.input import Breach, Input, Sealed, Transition
from backend.telemetry.rules.ruleset import ALARMS, Rule, RuleSet
from backend.telemetry.rules.state import State


def evaluate(
    rules: RuleSet, annex: Annex | None, context: Context, state: State, inputs: Iterable[Input]
) -> tuple[State, list[Transition]]:
    """The state after the inputs, and the alarms' changes in order. `state` itself stays as it was."""
    run = _Run(rules, annex, context, copy.copy(state))
    for given in inputs:
        if isinstance(given, Record):
            run.record(given)
        elif isinstance(given, Sealed):
            run.sealed(given)
        else:
            run.breach(given)
    return run.state, run.transitions


class _Run:
    """One call of `evaluate`. What is in the state is replaced, never changed."""

    def __init__(self, rules: RuleSet, annex: Annex | None, context: Context, state: State) -> None:
        self.rules, self.annex, self.context, self.state = rules, annex, context, state
        self.transitions: list[Transition] = []

    def record(self, record: Record) -> None:
        state = self.state
        if (record.epoch, record.sequence) <= (state.epoch, state.sequence):
            return
        first = not state.epoch
        passed = 0 if first else max(0, record.at - state.at)
        state.clock += passed
        rule = self.rules.rules["idle"]
        online = 0 < passed <= rule.reading["gap_s"]
        working_s = unpaused(self.context, state.at, record.at) if online else 0
        state.idle, seen = idle.observe(rule, state.idle, record.hours, working_s, record.at)
        self._follow("idle", rule, seen, record)
        if record.epoch > state.epoch:
            state.sealed = 0
        state.epoch, state.sequence = record.epoch, record.sequence
        state.at, state.hours, state.fuel, state.engine = record.at, record.hours, record.fuel, record.engine

    def sealed(self, seal: Sealed) -> None:
        if seal.epoch == self.state.epoch and seal.sequence > self.state.sealed:
            self.state.sealed = seal.sequence
            self._settle()

    def breach(self, breach: Breach) -> None:
        """Tampering that is no record."""

    def _follow(self, name: str, rule: Rule, seen: Seen, record: Record) -> None:
        state = self.state
        was = state.conditions.get(name)
        if was is None and not seen.holds:
            return
        now = follow(rule, was or NOTHING, seen, state.clock, record.at)
        now = msgspec.structs.replace(now, lowered=record.sequence if now.level < now.told else NOT_LOWERED)
        if now.level == Level.CALM and now.told <= Level.PENDING:
            state.conditions = {other: kept for other, kept in state.conditions.items() if other != name}
            self.transitions.append(
                Transition(ALARMS[rule.alarm], Phase.CLEARED, Severity.CLEAR, record.at, record.sequence, {})
            )
            return
        if now.level > now.told:
            now = msgspec.structs.replace(now, told=now.level)
            phase = Phase.PENDING if now.level == Level.PENDING else Phase.ACTIVE
            evidence: dict[str, int | str] = {"reason": name, **now.measures}
            alarm: Alarm = ALARMS[rule.alarm]
            self.transitions.append(
                Transition(alarm, phase, Level(now.level).severity, record.at, record.sequence, evidence)
            )
        state.conditions = {**state.conditions, name: now}

    def _settle(self) -> None:
        for name, condition in self.state.conditions.items():
            if condition.lowered != NOT_LOWERED and condition.lowered <= self.state.sealed:
                alarm = ALARMS[self.rules.rules[name].alarm]
                self.state.conditions = {k: v for k, v in self.state.conditions.items() if k != name}
                evidence: dict[str, int | str] = {"reason": name, **condition.measures}
                self.transitions.append(
                    Transition(alarm, Phase.CLEARED, Severity.CLEAR, condition.at, condition.lowered, evidence)
                )


__all__ = ["OVER", "evaluate"]
