"""`python -m backend.telemetry.simulator run | devices | calibration`

The chain, the broker and the contract `Equipment` are those of the settings (HEQI_…). Results go to stdout, logs to
stderr. A named error is one line on stderr and exit status 2.
"""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, TextIO

import click

from backend import clock, days, log, loop
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.days import DAY_S
from backend.errors import HeqiError
from backend.telemetry.checkpoints import Domain
from backend.telemetry.link import Link
from backend.telemetry.mqtt import Access
from backend.telemetry.simulator import fleet, incidents
from backend.telemetry.simulator.device import Device, Schedule
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.incidents import Incident, Scripted
from backend.telemetry.simulator.memory import Folder
from backend.telemetry.simulator.publisher import Pace, Publisher, command_topic

STEP_S = 0.2
REPEATED_S = 30 * DAY_S


class Machines(click.ParamType):
    """`3,7,10-12`"""

    name = "machines"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        try:
            ranges = [part.partition("-") for part in value.split(",")]
            return [each for low, _, high in ranges for each in range(int(low), int(high or low) + 1)]
        except ValueError:
            self.fail(f"{value!r} is not like 3,7,10-12", param, ctx)


class Event(NamedTuple):
    """`when`: a date, for the incident's usual hour of that day; minutes from now with a plus; or those, how long it
    lasts and how often it comes again, all in minutes."""

    machine: int
    incident: Incident
    when: str

    def scripted(self, now: int) -> list[Scripted]:
        """Raises ValueError."""
        if not self.when.startswith("+"):
            return [incidents.script(self.incident, days.number_of(date.fromisoformat(self.when)))]
        begins, *again = (60 * int(part) for part in self.when.split("/"))
        if not again:
            return [incidents.begun(self.incident, now + begins)]
        lasts, every = again
        return [Scripted(self.incident, start, start + lasts) for start in range(now + begins, now + REPEATED_S, every)]


class EventType(click.ParamType):
    """`7:escape:2026-09-08`, `7:escape:+15` or `7:escape:+15/10/120`."""

    name = "event"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Event:
        try:
            machine, incident, when = value.split(":")
            event = Event(int(machine), Incident(incident), when)
            event.scripted(0)
        except ValueError:
            self.fail(f"{value!r} is not like 7:escape:2026-09-08, 7:escape:+15 or 7:escape:+15/10/120", param, ctx)
        return event


machines_option = click.option(
    "--machines", type=Machines(), required=True, help="Numbers on chain, for example 3,7,10-12."
)
seed_option = click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same fleet.")


@click.group()
def cli() -> None:
    """Machines that do not exist, at a real broker."""


@cli.command()
@machines_option
@seed_option
def devices(*, machines: list[int], seed: int) -> None:
    """Print what binding each machine's first device on chain takes, and the kind of machine, as one JSON a line."""
    domain = _domain(Settings.load())
    for machine in machines:
        identity, assignment = fleet.draw_identity(seed, machine, domain), fleet.draw_assignment(seed, machine)
        hours = fleet.draw_device(seed, identity, assignment, int(time.time())).hours
        told = {
            "machine": machine,
            "device": identity.address,
            "meterStart": hours,
            "signature": identity.binding(hours),
            "model": assignment.model.name,
            "tank": 10 * assignment.model.tank,
        }
        click.echo(json.dumps(told))


@cli.command()
@machines_option
@seed_option
@click.option("--party", type=int, required=True, help="The lessor's number on chain: the tenant in the topics.")
@click.option(
    "--passwords",
    type=click.File(encoding="utf-8"),
    required=True,
    help="Lines such as `m7 password`, as `backend.telemetry.broker admit` prints them; - for standard input.",
)
@click.option(
    "--event",
    "events",
    type=EventType(),
    multiple=True,
    help="An incident: 7:escape:2026-09-08, 7:escape:+15 for minute 15, or +15/10/120 for ten minutes every two hours.",
)
@click.option("--from", "start", type=datetime.fromisoformat, help="Begin at this time in the past; now by default.")
@click.option("--speed", type=click.FloatRange(min=1), default=1.0, help="Faster than the clock until it is caught up.")
@click.option(
    "--every",
    type=(int, int, int),
    default=tuple(Schedule()),
    show_default=True,
    help="Seconds between records while the engine runs, while it is off, and between signatures.",
)
@click.option(
    "--memories",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/simulator"),
    show_default=True,
    help="Folder in which devices remember where their chains stand.",
)
def run(
    *,
    machines: list[int],
    seed: int,
    party: int,
    passwords: TextIO,
    events: tuple[Event, ...],
    start: datetime | None,
    speed: float,
    every: tuple[int, int, int],
    memories: Path,
) -> None:
    """Send what the machines report until Ctrl-C, and obey what they are told."""
    settings = Settings.load()
    log.configure(settings.log_level, settings.log_format)
    now = clock.of(settings, Rpc.connect(settings))
    pace = Pace(now, int(start.timestamp()) if start else now(), now(), speed)
    if unknown := {event.machine for event in events} - set(machines):
        raise click.UsageError(f"an event is of machine {min(unknown)}, which is not played")
    domain, known, folder = _domain(settings), _passwords(passwords), Folder(memories)

    def device(machine: int) -> Device:
        scripts = [each for event in events if event.machine == machine for each in event.scripted(now())]
        identity, assignment = fleet.draw_identity(seed, machine, domain), fleet.draw_assignment(seed, machine, scripts)
        schedule, memory = Schedule(*every), folder.recall(machine)
        return fleet.draw_device(seed, identity, assignment, pace.start, schedule=schedule, memory=memory)

    with ExitStack() as opened:
        links = {
            machine: opened.enter_context(
                Link(_access(settings, f"m{machine}", known), [command_topic(party, machine)])
            )
            for machine in machines
        }
        _play(Publisher(Fleet(map(device, machines)), links, party, pace, folder))


@cli.command()
def calibration() -> None:
    """Print how simulated machines compare with real ones: the table of docs/simulator.md."""
    from backend.telemetry.simulator import calibration as figures  # noqa: PLC0415

    click.echo(figures.table(figures.compare()))


def _play(publisher: Publisher) -> None:
    loop.run("simulator", publisher.step, STEP_S, _stop_on_signals())
    publisher.flush()
    click.echo(f"{publisher.sent} messages sent")


def _domain(settings: Settings) -> Domain:
    return Domain(settings.chain_id, Suite.load(settings).address("Equipment"))


def _passwords(lines: Iterable[str]) -> dict[str, str]:
    try:
        return dict(line.split() for line in lines)
    except ValueError:
        raise click.UsageError("a line of the passwords is not a machine's name and its password") from None


def _access(settings: Settings, user: str, passwords: Mapping[str, str]) -> Access:
    if user not in passwords:
        raise click.UsageError(f"{user} has no password")
    return Access.of(settings, user, passwords[user])


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
