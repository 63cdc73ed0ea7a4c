"""Simulated machines for the tests."""

import datetime

from backend.days import number_of
from backend.telemetry.checkpoints import Domain
from backend.telemetry.simulator import fleet, incidents, shifts
from backend.telemetry.simulator.device import Device, Schedule
from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.simulator.memory import Memory

DOMAIN = Domain(417417, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
MONDAY = number_of(datetime.date(2026, 9, 7))
START = shifts.start_of(MONDAY)
SEED = 1


def device(
    number: int,
    *events: tuple[Incident, int],
    seed: int = SEED,
    memory: Memory | None = None,
    schedule: Schedule | None = None,
) -> Device:
    """Machine `number` from that Monday on; `events`: incidents and the day of each, the Monday being 0."""
    scripts = [incidents.script(incident, MONDAY + day) for incident, day in events]
    assignment = fleet.draw_assignment(seed, number, scripts)
    identity = fleet.draw_identity(seed, number, DOMAIN)
    return fleet.draw_device(seed, identity, assignment, START, schedule, memory=memory)
