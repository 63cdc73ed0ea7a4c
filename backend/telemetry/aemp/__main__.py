"""`python -m backend.telemetry.aemp import FILE`: what a fleet snapshot says, machine by machine, and what is odd."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from backend.errors import HeqiError
from backend.figures import SEPARATORS
from backend.telemetry import aemp
from backend.telemetry.aemp.machine import Machine, decimal, moment
from backend.telemetry.aemp.snapshot import Snapshot
from backend.telemetry.aemp.source import MOST_BYTES

COLUMNS = f"{'place':>5}  {'machine':24} {'model':16} {'hours':>10} {'litres':>10}  {'last report':20}  odd"
ABSENT = "–"


@click.group()
def cli() -> None:
    """Fleet snapshots after ISO 15143-3 (AEMP 2.0)."""


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything that was read as one JSON object.")
@click.option("--language", type=click.Choice(list(SEPARATORS)), default="en", show_default=True)
def import_file(file: Path, as_json: bool, language: str) -> None:
    """Read the snapshot FILE (XML or JSON) and report it. Readings are unsigned: they meter nothing, gate nothing."""
    with file.open("rb") as stream:
        snapshot = aemp.parse(stream.read(MOST_BYTES + 1), int(time.time()))
    lines = [json.dumps(_plain(snapshot, language), ensure_ascii=False)] if as_json else _lines(snapshot, language)
    for line in lines:
        click.echo(line)


def _plain(snapshot: Snapshot, language: str) -> dict[str, object]:
    machines = [_plain_machine(machine, language) for machine in snapshot.machines]
    whole = {"version": snapshot.version, "taken_at": snapshot.taken_at, "links": snapshot.links, "more": snapshot.more}
    return {"trust": aemp.TRUST, **whole, "machines": machines}


def _plain_machine(machine: Machine, language: str) -> dict[str, object]:
    oddities = [asdict(oddity) | {"notice": oddity.notice(language)} for oddity in machine.oddities]
    readings = {name: reading._asdict() for name, reading in machine.readings.items()}
    placed = {
        "position": machine.position and machine.position._asdict(),
        "engine": machine.engine and machine.engine._asdict(),
    }
    return asdict(machine) | placed | {"identity": machine.identity, "readings": readings, "oddities": oddities}


def _lines(snapshot: Snapshot, language: str) -> Iterator[str]:
    yield COLUMNS
    for machine in snapshot.machines:
        yield _row(machine)
    yield ""
    for machine in snapshot.machines:
        for oddity in machine.oddities:
            yield f"{machine.place:>5}  {oddity.code}: {oddity.notice(language)}"
    yield ""
    counts = ", ".join(f"{code} {count}" for code, count in snapshot.counts().items())
    yield f"{len(snapshot.machines)} machines, trust level {aemp.TRUST}; {counts or 'nothing odd'}"
    if snapshot.more:
        yield f"The feed has further pages: next {snapshot.links['next']}, last {snapshot.links.get('last', ABSENT)}"


def _row(machine: Machine) -> str:
    hours, fuel, times = machine.readings.get("hours"), machine.readings.get("fuel"), machine.times()
    figures = (
        decimal(hours.value, 2) if hours else ABSENT,
        decimal(fuel.value, 1) if fuel else ABSENT,
        moment(times[-1]) if times else ABSENT,
    )
    named = machine.identity or machine.equipment_id or ABSENT
    codes = len({oddity.code for oddity in machine.oddities})
    return (
        f"{machine.place:>5}  {named[:24]:24} {(machine.model or ABSENT)[:16]:16} "
        f"{figures[0]:>10} {figures[1]:>10}  {figures[2]:20}  {codes}"
    )


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.exit(str(error))
