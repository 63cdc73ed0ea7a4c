"""The rules over one machine's reports: state and reports in, state and changes of its alarms out. No clock, no I/O.

Cutting the reports into other batches, or saving and loading the state between them, changes nothing.
"""

import copy
from collections.abc import Sequence

import msgspec

from backend.telemetry.record import Fix, Record
from backend.telemetry.rules import fixes, fuel, idle, region, theft, tow
from backend.telemetry.rules.annex import Annex, Region
from backend.telemetry.rules.board import Board
from backend.telemetry.rules.conditions import NOTHING, OVER, UNCLEAR, Level, Moment, Seen
from backend.telemetry.rules.context import Context, unpaused
from backend.telemetry.rules.drawing import EVENTS, draw
from backend.telemetry.rules.fixes import Place
from backend.telemetry.rules.input import Breach, Input, Sealed, Transition
from backend.telemetry.rules.ruleset import Rule, RuleSet
from backend.telemetry.rules.screen import skim
from backend.telemetry.rules.state import NOWHERE, State

OF_THE_DEVICE = (
    "fuel_sensor",
    "fuel_jump",
    "rollback",
    "fuel_rollback",
    "too_fast",
    "stuck",
    "fork",
    "bad_signature",
    "power_cut",
    "antenna",
    "jamming",
)
UNIT = 3600  # hundredths of a second in a hundredth of an hour


def evaluate(
    rules: RuleSet, annex: Annex | None, context: Context, state: State, inputs: Sequence[Input]
) -> tuple[State, list[Transition]]:
    """The state after the inputs, and the alarms' changes in order. `state` itself stays as it was."""
    run = _Run(rules, annex, context, copy.copy(state))
    place = 0
    while place < len(inputs):
        screen = run.state.screen
        if screen and screen.basis == run.basis:
            place = skim(rules, run.state, screen, inputs, place)
            if place == len(inputs):
                break
        run.take(inputs[place])
        place += 1
    return run.state, run.board.transitions


class _Run:
    """One call of `evaluate`, record by record. What is in the state is replaced, never changed."""

    def __init__(self, rules: RuleSet, annex: Annex | None, context: Context, state: State) -> None:
        self.rules, self.context, self.state = rules, context, state
        self.region: Region | None = annex.region if annex else None
        self.basis = f"{rules.hash[2:10]} {annex.hash[2:18] if annex else ''} {context.tank}"
        self.board = Board(rules, state)

    def take(self, given: Input) -> None:
        if isinstance(given, Record):
            self._record(given)
        elif isinstance(given, Sealed):
            self._sealed(given)
        else:
            self._breach(given)

    def _rule(self, name: str) -> Rule:
        return self.rules.rules[name]

    def _sealed(self, seal: Sealed) -> None:
        if seal.epoch == self.state.epoch and seal.sequence > self.state.sealed:
            self.state.sealed = seal.sequence
            self.board.settle()

    def _breach(self, breach: Breach) -> None:
        moment = Moment(self.state.clock, breach.at, self.state.sequence)
        self.board.see(breach.reason, Seen(True, False, {"count": 1}), moment)
        self.state.screen = None

    def _record(self, record: Record) -> None:
        state = self.state
        if (record.epoch, record.sequence) <= (state.epoch, state.sequence):
            return
        passed = max(0, record.at - state.at) if state.epoch else 0
        state.clock += passed
        moment = Moment(state.clock, record.at, record.sequence)
        if record.epoch != state.epoch:
            self._new_epoch(record, moment)
        self._idle(record, moment)
        self._meter(record, passed, moment)
        self._stuck(record, passed, moment)
        self._fuel(record, moment)
        self._tank(record, moment)
        last = Place(state.latitude, state.longitude, state.placed) if state.placed != NOWHERE else None
        fix = self._believed(record, last)
        self._region(record, fix, moment)
        self._tow(record, fix, last, moment)
        self._jamming(record, fix, passed, moment)
        self._device(record, moment)
        self._quiet(moment)
        state.epoch, state.sequence = record.epoch, record.sequence
        state.at, state.hours, state.fuel = record.at, record.hours, record.fuel
        state.level, state.engine = record.level, record.engine
        if state.conditions:
            self.board.settle()
        state.screen = draw(self.basis, self.rules, self.region, self.context.tank, state) if fix else None

    def _new_epoch(self, record: Record, moment: Moment) -> None:
        """Another device, with another meter: only what is known of the machine itself remains."""
        state, board = self.state, self.board
        board.restart(record.sequence)
        for name in OF_THE_DEVICE:
            board.end(name, moment)
        state.sealed = state.excess = state.blind_s = state.travel_s = 0
        state.hours = state.top_hours = record.hours
        state.fuel = state.top_fuel = record.fuel
        state.level = state.tank = state.doubted = None
        state.moved = moment.clock
        online_s = state.idle.online_s + unpaused(self.context, state.idle.through, state.at)
        state.idle = idle.Idle(online_s, (), state.idle.idle_s, record.at)
        state.at = record.at
        state.window = fuel.begin(self._rule("fuel_use"), record.hours, record.fuel, state.window.rates)
        state.parked = state.parked and msgspec.structs.replace(state.parked, hours=record.hours)

    # HOURS

    def _idle(self, record: Record, moment: Moment) -> None:
        state, rule = self.state, self._rule("idle")
        is_online = 0 <= record.at - state.at <= rule.reading["gap_s"]
        working_s = unpaused(self.context, state.idle.through, record.at if is_online else state.at)
        if self.board.level("stuck") > Level.PENDING:
            working_s = 0  # nobody knows
        was = state.idle if record.hours >= state.hours else msgspec.structs.replace(state.idle, samples=())
        state.idle, seen = idle.observe(rule, was, record.hours, working_s, record.at)
        self.board.see("idle", seen, moment)

    def _meter(self, record: Record, passed: int, moment: Moment) -> None:
        """Rollback of either counter, and hours that come faster than time."""
        state = self.state
        top_hours, top_fuel = max(state.top_hours, state.hours), max(state.top_fuel, state.fuel)
        back, fuel_back = top_hours - record.hours, top_fuel - record.fuel if record.fuel else 0
        holds = back >= self._rule("rollback").activation["back_from"]
        measures = {"back": back, "top": top_hours, "shown": record.hours}
        self.board.see("rollback", Seen(True, False, measures) if holds else OVER, moment)
        holds = fuel_back >= self._rule("fuel_rollback").activation["back_from"]
        measures = {"fuel_back": fuel_back, "fuel_top": top_fuel, "fuel_shown": record.fuel}
        self.board.see("fuel_rollback", Seen(True, False, measures) if holds else OVER, moment)
        rule = self._rule("too_fast")
        if record.at >= state.at:
            state.excess = max(0, state.excess + max(0, -back) * UNIT - passed * rule.reading["time_percent"])
        if state.excess > rule.activation["ahead_from"] * UNIT:
            self.board.see("too_fast", Seen(True, False, {"ahead": state.excess // UNIT}), moment)
            state.excess = 0
        state.top_hours, state.top_fuel = max(top_hours, record.hours), max(top_fuel, record.fuel)

    def _stuck(self, record: Record, passed: int, moment: Moment) -> None:
        state, rule = self.state, self._rule("stuck")
        moves = record.hours != state.hours
        if moves or not (record.engine and state.engine) or passed > rule.reading["gap_s"]:
            state.moved = moment.clock
        running_s = moment.clock - state.moved
        holds = running_s >= rule.activation["running_s"]
        self.board.see("stuck", Seen(holds, moves, {"running_s": running_s, "hours": record.hours}), moment)

    # FUEL

    def _fuel(self, record: Record, moment: Moment) -> None:
        state, board, use = self.state, self.board, self._rule("fuel_use")
        if record.hours < state.hours or record.fuel < state.fuel:
            state.window = fuel.begin(use, record.hours, record.fuel, state.window.rates)
            if record.fuel == 0 < state.fuel:
                board.see("fuel_sensor", Seen(True, False, {"worked": 0}), moment)
        elif record.hours >= state.window.look_at:
            is_dead = board.level("fuel_sensor") > Level.PENDING
            prior = self.rules.models.get(self.context.model) if self.context.model else None
            state.window, readings = fuel.observe(
                use,
                self._rule("fuel_sensor"),
                prior,
                state.window,
                hours=record.hours,
                fuel=record.fuel,
                is_dead=is_dead,
            )
            for name, seen in readings.items():
                board.see(name, seen, moment)

    def _tank(self, record: Record, moment: Moment) -> None:
        state, rule = self.state, self._rule("fuel_theft")
        goes_on = record.hours >= state.hours and record.fuel >= state.fuel
        was, now = state.tank if goes_on else None, theft.shown(record.level, record.fuel, record.hours, moment.clock)
        state.tank, seen = theft.observe(
            rule, self.context.tank, was, before=state.level, engine=record.engine, now=now
        )
        self.board.see("fuel_theft", seen, moment)
        if seen.holds and now and state.tank and self.board.level("fuel_theft") > Level.PENDING:
            state.tank = theft.begin(now, still=state.tank.still, off_since=state.tank.off_since)

    # PLACE

    def _believed(self, record: Record, last: Place | None) -> Fix | None:
        state = self.state
        if record.fix is None or not fixes.is_sound(self.rules.fixes, record.fix):
            return None
        place, state.doubted = fixes.believed(self.rules.fixes, last, state.doubted, record.fix, state.clock)
        if place is None:
            return None
        state.latitude, state.longitude, state.placed = place.latitude, place.longitude, place.clock
        if place.confirmed:
            state.parked = None  # no truck leaps
        return record.fix

    def _region(self, record: Record, fix: Fix | None, moment: Moment) -> None:
        state = self.state
        if self.region is None or not self.region.applies(record.at):
            state.known = None
            self.board.end("region", moment)
        elif fix and region.is_known(state.known, self.basis, fix):
            self.board.see("region", OVER, moment)
        elif fix:
            condition = state.conditions.get("region", NOTHING)
            seen = region.observe(self._rule("region"), self.region, condition, fix, moment.clock)
            self.board.see("region", seen, moment)
            state.known = region.surely_inside(self.region, self.basis, fix) if seen.over else None

    def _tow(self, record: Record, fix: Fix | None, last: Place | None, moment: Moment) -> None:
        state = self.state
        if record.engine:
            state.parked = None
            self.board.see("tow", OVER, moment)
        elif fix:
            is_raised = self.board.level("tow") > Level.PENDING
            state.parked, seen = tow.observe(
                self._rule("tow"), state.parked, fix, last, hours=record.hours, clock=moment.clock, is_raised=is_raised
            )
            self.board.see("tow", seen, moment)

    # DEVICE

    def _jamming(self, record: Record, fix: Fix | None, passed: int, moment: Moment) -> None:
        state, rule = self.state, self._rule("jamming")
        if fix:
            state.blind_s = state.travel_s = 0
            self.board.see("jamming", OVER, moment)
        elif record.engine and state.engine and passed <= rule.reading["gap_s"]:
            state.blind_s += passed
            state.travel_s += passed if record.speed >= rule.reading["travel_from"] else 0
            holds = state.blind_s >= rule.activation["blind_s"]
            measures = {"blind_s": state.blind_s, "travel_s": state.travel_s}
            self.board.see("jamming", Seen(holds, False, measures), moment)

    def _device(self, record: Record, moment: Moment) -> None:
        cut_s, off_s = self._lasting("power_cut", moment), self._lasting("antenna", moment)
        cut = {"cut_s": cut_s, "cut_running_s": cut_s if record.engine else 0}
        self.board.see("power_cut", OVER if record.power else Seen(True, False, cut), moment)
        self.board.see("antenna", OVER if record.antenna else Seen(True, False, {"off_s": off_s}), moment)

    def _lasting(self, name: str, moment: Moment) -> int:
        condition = self.state.conditions.get(name, NOTHING)
        return moment.clock - condition.since if condition.sightings else 0

    def _quiet(self, moment: Moment) -> None:
        """What happened once is over when it has not happened again for a while; what was only suspected, at once."""
        for name in EVENTS:
            condition = self.state.conditions.get(name)
            if condition and condition.clock < moment.clock:
                quiet = moment.clock - condition.clock >= self._rule(name).hysteresis["quiet_s"]
                self.board.see(name, OVER if quiet else UNCLEAR, moment)
