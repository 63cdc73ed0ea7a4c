"""Nights of simulated fleets: how many machines the nightly comparison calls odd in normal use, and which incidents it
finds, beside the tutorial's way (an isolation forest over the day's raw figures that calls 2 % of them outliers)."""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import IsolationForest

from backend.days import day_of
from backend.telemetry import decoding
from backend.telemetry.checkpoints import Domain
from backend.telemetry.fleet.days import FIGURES, Day, aggregate
from backend.telemetry.fleet.peers import SEED, TREES, WINDOW_DAYS, judge
from backend.telemetry.record import Record
from backend.telemetry.simulator import fleet, shifts
from backend.telemetry.simulator.device import Schedule, Sent
from backend.telemetry.simulator.incidents import Incident, script
from backend.telemetry.topics import Kind

MACHINES, DAYS, BEGIN = 24, 56, 20_703
JUDGED_FROM = 14
INCIDENT_DAY = 42
"""Counted from the first; the last two weeks are for its end."""
SPARSE = Schedule(180, 900)
CHAIN = Domain(417_417, "0x" + "00" * 19 + "01")
OUTLIERS = 0.02
FRESH = 11
"""Seeds from here on: the limits were chosen on fleets 1 to 3."""


Fleet = tuple[list[Day], dict[int, str]]
"""Days, and models by machine."""


class Nights(NamedTuple):
    """Machines called odd, by night counted from the first day; how many machine-nights were judged."""

    odd: Mapping[int, Sequence[int]]
    judged: int


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="fleet", description=__doc__)
    parser.add_argument("--count", type=int, default=3, help="fleets in normal use")
    count = parser.parse_args(argv).count
    normal = [_play(seed, {}) for seed in range(FRESH, FRESH + count)]
    incidents = dict(enumerate(Incident, start=1))
    troubled = _play(0, incidents)
    figures = {"heqi": _judged(normal), "tutorial": _tutorial(normal)}
    for name, nights in figures.items():
        print(f"{name:9} {_per_month(nights):6.2f} odd machines a machine-month of normal use")
    found = _found(_judged([troubled]), incidents)
    for incident, nights in found.items():
        print(f"{incident:14} {f'found in night {nights[0]}' if nights else 'left to its own rule'}")
    print(json.dumps(_summary(figures, found)))


def _play(seed: int, incidents: Mapping[int, Incident]) -> Fleet:
    """Days and models of a fleet; machines by number have that incident on `INCIDENT_DAY`."""
    days, models = [], {}
    for machine in range(1, MACHINES + 1):
        scripts = [script(incidents[machine], BEGIN + INCIDENT_DAY)] if machine in incidents else []
        assignment = fleet.draw_assignment(seed, machine, scripts)
        models[machine] = assignment.model.name
        identity = fleet.draw_identity(seed, machine, CHAIN)
        device = fleet.draw_device(seed, identity, assignment, shifts.start_of(BEGIN), schedule=SPARSE)
        days += _days(machine, fleet.Fleet([device]).messages(shifts.start_of(BEGIN + DAYS)))
    return days, models


def _days(machine: int, messages: Iterator[Sent]) -> list[Day]:
    records: dict[int, list[Record]] = defaultdict(list)
    for sent in messages:
        if sent.kind is Kind.RECORD:
            record = decoding.record_of(sent.payload)
            records[day_of(record.at)].append(record)
    return [found for day, of_day in records.items() if (found := aggregate(machine, day, of_day))]


def _windows(fleets: Sequence[Fleet]) -> Iterator[tuple[int, list[Day], dict[int, str]]]:
    """Night by night what is known by then, and the machines' models."""
    for days, models in fleets:
        for night in range(JUDGED_FROM, DAYS):
            today = BEGIN + night
            yield night, [day for day in days if today - WINDOW_DAYS < day.day <= today], models


def _judged(fleets: Sequence[Fleet]) -> Nights:
    odd: dict[int, list[int]] = defaultdict(list)
    judged = 0
    for night, window, models in _windows(fleets):
        verdicts = judge(window, BEGIN + night, models)
        judged += len(verdicts)
        odd[night] += [verdict.machine for verdict in verdicts if verdict.odd]
    return Nights(odd, judged)


def _tutorial(fleets: Sequence[Fleet]) -> Nights:
    odd: dict[int, list[int]] = defaultdict(list)
    judged = 0
    for night, window, _ in _windows(fleets):
        raw = np.array([[getattr(day, figure.name) or 0 for figure in FIGURES] for day in window])
        forest = IsolationForest(n_estimators=TREES, contamination=OUTLIERS, random_state=SEED, n_jobs=1)
        told_of = zip(window, forest.fit_predict(raw), strict=True)
        today = [(day, told) for day, told in told_of if day.day == BEGIN + night]
        odd[night] += [day.machine for day, told in today if told < 0]
        judged += len(today)
    return Nights(odd, judged)


def _per_month(nights: Nights) -> float:
    return 30 * sum(len(machines) for machines in nights.odd.values()) / nights.judged


def _found(nights: Nights, incidents: Mapping[int, Incident]) -> dict[str, list[int]]:
    """Nights, counted from that after the incident began, in which its machine was called odd."""
    return {
        incident.value: [
            night - INCIDENT_DAY + 1 for night in range(INCIDENT_DAY, DAYS) if machine in nights.odd[night]
        ]
        for machine, incident in incidents.items()
    }


def _summary(figures: Mapping[str, Nights], found: Mapping[str, list[int]]) -> dict[str, object]:
    return {
        "machine_nights": figures["heqi"].judged,
        "odd_per_machine_month": round(_per_month(figures["heqi"]), 4),
        "baseline": "isolation forest over raw figures, contamination 2 %",
        "baseline_odd_per_machine_month": round(_per_month(figures["tutorial"]), 4),
        "found_in_night": {incident: nights[0] for incident, nights in found.items() if nights},
    }
