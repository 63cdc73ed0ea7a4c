"""How well the rules tell what happens: simulated machines through intake and rules, held against their labels."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from backend.days import DAY_S, day_of
from backend.telemetry import intake, topics
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.checkpoints import Domain
from backend.telemetry.consumer import sort
from backend.telemetry.intake import Intake
from backend.telemetry.judging import Papers, judging
from backend.telemetry.record import Message
from backend.telemetry.registry import Binding, Window
from backend.telemetry.registry import Machine as Registered
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.annex import Annex, Region
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.input import Transition
from backend.telemetry.rules.offline import offline
from backend.telemetry.rules.state import State
from backend.telemetry.simulator import fleet, incidents
from backend.telemetry.simulator.device import Device, Sent
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.incidents import Incident, Scripted
from backend.telemetry.simulator.machine import Assignment
from backend.telemetry.simulator.shifts import HOUR_S, rest_windows, start_of

SEED = 1
FIRST_DAY = 20_703
"""Monday, 2026-09-07."""
MONTH = 30
INCIDENT_DAY = 15
"""Tuesday of the third week: by then a machine's own fuel use is known."""
GRACE_S = 6 * HOUR_S
"""An alarm may still be raised so long after its incident has ended."""
YEAR_S = 365 * DAY_S
PARTY = 1
CHAIN = Domain(417_417, "0x" + "00" * 19 + "01")


@dataclass
class Episode:
    """An alarm of a machine from `raised_at` until `cleared_at`, with the gravest severity it had."""

    machine: int
    alarm: Alarm
    severity: Severity
    raised_at: int
    reason: str
    cleared_at: int | None = None


class Case(NamedTuple):
    """Some days of a machine: its incident, if any, when it was first outside the fence, and the alarms that were
    raised. `refused`: messages by reason."""

    machine: int
    scripted: Scripted | None
    outside_since: int | None
    episodes: Sequence[Episode]
    refused: Counter[str]


def play(seed: int, number: int, incident: Incident | None = None, day: int = INCIDENT_DAY, days: int = MONTH) -> Case:
    """The first `days` of a machine, with that incident on day `day`, counted from 0."""
    scripts = [incidents.script(incident, FIRST_DAY + day)] if incident else []
    return watch(seed, number, fleet.draw_assignment(seed, number, scripts), days)


def watch(seed: int, number: int, assignment: Assignment, days: int) -> Case:
    """The first `days` of a machine on that assignment, with one incident at most."""
    start = start_of(FIRST_DAY)
    device = fleet.draw_device(seed, fleet.draw_identity(seed, number, CHAIN), assignment, start)
    desk, played = Desk(device), Fleet([device])
    for hour in range(start, start + days * DAY_S, HOUR_S):
        desk.take(played.messages(hour + HOUR_S))
        desk.look(hour + HOUR_S)
    scripted = next(iter(assignment.scripts), None)
    return Case(number, scripted, device.machine.outside_since, desk.episodes, desk.refused)


def machines(seed: int, first: int, incident: Incident) -> Iterator[int]:
    """Numbers from `first` on of machines on which the incident can show: a theft of fuel needs a level sensor."""
    for number in count(first):
        if incident is not Incident.FUEL_THEFT or fleet.draw_assignment(seed, number).model.level_sensor:
            yield number


class Desk:
    """What the consumer does for one machine: intake, rules, and the offline ladder by the clock."""

    def __init__(self, device: Device) -> None:
        start = device.next_at
        annex = _annex(device.machine.assignment, start)
        self._machine = _registered(device, annex, start)
        model = device.machine.assignment.model
        self._judging = judging(
            self._machine, Papers({annex.hash: annex}, {device.identity.machine: (model.name, 10 * model.tank)})
        )
        self._intake, self._state = Intake(), State()
        self._open: dict[Alarm, Episode] = {}
        self.episodes: list[Episode] = []
        self.refused: Counter[str] = Counter()

    def take(self, sent: Iterable[Sent]) -> None:
        """Messages in the order they came."""
        batch = sort([_message(each) for each in sent])
        for arrivals in batch.arrivals.values():
            outcome = intake.take(self._machine, CHAIN, self._intake, arrivals, lambda *_: {})
            self.refused.update(refusal.reason.code for refusal in outcome.refused)
            self._state, transitions = evaluate(*self._judging, self._state, outcome.inputs)
            for transition in transitions:
                self._note(transition)

    def look(self, now: int) -> None:
        """Whether the machine is heard of."""
        if self._intake.signed.received_at:
            severity = offline(self._judging.rules, self._intake.signed.received_at, now)
            phase = Phase.ACTIVE if severity else Phase.CLEARED
            self._note(Transition(Alarm.OFFLINE, phase, severity, now, 0, {"reason": "offline"}))

    def _note(self, transition: Transition) -> None:
        known = self._open.get(transition.alarm)
        if transition.phase is Phase.CLEARED:
            if known:
                self._open.pop(transition.alarm).cleared_at = transition.at
        elif transition.phase is Phase.ACTIVE and known:
            known.severity = max(known.severity, transition.severity)
        elif transition.phase is Phase.ACTIVE:
            reason = str(transition.evidence["reason"])
            raised = Episode(self._machine.id, transition.alarm, transition.severity, transition.at, reason)
            self._open[transition.alarm] = raised
            self.episodes.append(raised)


def _annex(assignment: Assignment, start: int) -> Annex:
    rules = ruleset.load()
    rings = tuple(tuple((east, north) for east, north in ring) for ring in assignment.ground.polygon())
    return Annex(rules.id, rules.hash, Region(rings, start, start + YEAR_S), "Asia/Shanghai")


def _registered(device: Device, annex: Annex, start: int) -> Registered:
    """Under a lease that agrees to the days of rest."""
    identity = device.identity
    binding = Binding(identity.epoch, identity.address, device.hours, start)
    rests = rest_windows(device.machine.assignment.roster, day_of(start), day_of(start) + MONTH)
    standby = tuple(Window(*rest) for rest in rests)
    return Registered(identity.machine, PARTY, (binding,), annex.hash, standby)


def _message(sent: Sent) -> Message:
    return Message(topics.topic(PARTY, sent.machine, sent.kind), sent.payload, sent.at)


# Judging


def explained(case: Case, episode: Episode) -> bool:
    """The label says that this alarm may come now."""
    if case.scripted is None:
        return False
    course = case.scripted.course
    in_time = case.scripted.start <= episode.raised_at <= case.scripted.end + GRACE_S
    return in_time and episode.alarm in course.raises | course.allows


def false_alarms(case: Case) -> list[Episode]:
    return [episode for episode in case.episodes if not explained(case, episode)]


def found(case: Case, alarm: Alarm) -> Episode | None:
    """The first episode of the alarm that the incident explains."""
    return next((each for each in case.episodes if each.alarm is alarm and explained(case, each)), None)


def began(case: Case, alarm: Alarm) -> int:
    """What delays count from."""
    if alarm is Alarm.REGION and case.outside_since:
        return case.outside_since
    return case.scripted.start if case.scripted else start_of(FIRST_DAY)


def measured(normal: Sequence[Case], troubled: Sequence[Case], days: int = MONTH) -> dict[str, Any]:
    """Figures for people and machines: false alarms over all months, detections and their delays by incident."""
    cases = (*normal, *troubled)
    false = [episode for case in cases for episode in false_alarms(case)]
    months = len(cases) * days / MONTH
    return {
        "rules": ruleset.load().hash,
        "machine_months": months,
        "of_normal_use": len(normal) * days / MONTH,
        "false_alarms": len(false),
        "false_alarms_in_normal_use": sum(len(case.episodes) for case in normal),
        "false_by_reason": dict(sorted(Counter(episode.reason for episode in false).items())),
        "incidents": {
            incident.value: _detection([case for case in troubled if case.scripted and case.scripted[0] is incident])
            for incident in Incident
        },
    }


def _detection(cases: Sequence[Case]) -> dict[str, Any]:
    raises = sorted({alarm for case in cases if case.scripted for alarm in case.scripted.course.raises})
    return {"cases": len(cases), "alarms": {alarm.name: _of_alarm(cases, alarm) for alarm in raises}}


def _of_alarm(cases: Sequence[Case], alarm: Alarm) -> dict[str, Any]:
    """`delays_s`: from the beginning of the incident, or of being outside, to the alarm; ascending."""
    episodes = [(case, episode) for case in cases if (episode := found(case, alarm))]
    return {
        "found": len(episodes),
        "delays_s": sorted(episode.raised_at - began(case, alarm) for case, episode in episodes),
        "severities": sorted({episode.severity.name.lower() for _, episode in episodes}),
        "cleared": sum(episode.cleared_at is not None for _, episode in episodes),
    }
