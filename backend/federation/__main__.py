"""`python -m backend.federation key | institution | coordinator | audit | demo`

Results go to stdout, progress and logs to stderr. A named error is one line on stderr and exit status 2.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from backend import log
from backend.errors import HeqiError
from backend.federation import audit as auditing
from backend.federation import client, messages, roster, server
from backend.federation.coordinator import Coordinator
from backend.federation.errors import RosterUnusable
from backend.federation.institution import Institution
from backend.federation.runlog import RunLog
from backend.scoring import specs

SCORECARD = "scorecard.json"
SPEC = "uci_credit_card"

a_file = click.Path(path_type=Path, dir_okay=False)
a_folder = click.Path(path_type=Path, file_okay=False)
key_option = click.option("--key", type=a_file, required=True, help="Private key file, from the command `key`.")
roster_option = click.option("--roster", "members", type=a_file, required=True, help="Who may take part, as JSON.")


# Four processes start at once: only the demo waits for the libraries of the trees.


@click.group()
def cli() -> None:
    """Train one scorecard between institutions that keep their rows to themselves."""


@cli.command()
@click.argument("file", type=a_file)
@click.option("--name", required=True, help="The owner's name on the roster.")
def key(file: Path, name: str) -> None:
    """Make a private key in FILE and print the member for everybody's roster."""
    roster.create_key(file)
    click.echo(json.dumps(roster.read_key(file, name).member.model_dump()))


@cli.command()
@click.option("--name", required=True, help="This institution's name on the roster.")
@key_option
@roster_option
@click.option("--data", type=a_file, required=True, help="CSV file of own rows, plain or gzip, with key and label.")
@click.option("--consents", type=a_file, required=True, help="Keys of the rows that may be trained on, one a line.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), required=True, help="Port to answer on; 0 takes a free one and logs it."
)
def institution(*, name: str, key: Path, members: Path, data: Path, consents: Path, host: str, port: int) -> None:
    """Answer the coordinator, under masks, from own rows."""
    log.configure("info")
    spec = specs.find(SPEC)
    identity, known = roster.read_key(key, name), roster.read_roster(members)
    server.serve(Institution(identity, known, spec, lambda: roster.read_rows(spec, data, consents)), host, port)


@cli.command()
@key_option
@roster_option
@click.option("--runs", type=a_folder, required=True, help="Folder that gets a folder for this run.")
def coordinator(key: Path, members: Path, runs: Path) -> None:
    """Run one training with everybody on the roster."""
    known = roster.read_roster(members)
    if unknown := [place.name for place in known.places if not place.url]:
        raise RosterUnusable(path=members.name, rule=f"it has no url of {', '.join(unknown)}")
    identity = roster.read_key(key, known.coordinator.name)
    leading = Coordinator(identity, known, specs.find(SPEC), client.post, _progress)
    start = leading.new_session()
    session = messages.digest(start.model_dump())
    run = RunLog(runs / session[:16])
    _progress(f"run log: {run.path}")
    card = leading.run(start, run)
    (run.folder / SCORECARD).write_text(json.dumps(card.as_dict(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    click.echo(json.dumps({"session": session, "log": str(run.path), "scorecard": str(run.folder / SCORECARD)}))


@cli.command()
@click.argument("log", type=a_file)
@click.option("--roster", "members", type=a_file, help="The keys must be those on this roster.")
def audit(log: Path, members: Path | None) -> None:
    """Check a run LOG: chain, signatures, sums, and that the scorecard follows from them."""
    found = auditing.audit(log, roster.read_roster(members) if members else None)
    click.echo(json.dumps(asdict(found)))


@cli.command()
@click.option("--folder", type=a_folder, help="A folder that is not there yet; else one under var/federation.")
def demo(folder: Path | None) -> None:
    """Three institutions and a coordinator as processes; compares with pooled and lone training."""
    from backend.federation import comparison, showing  # noqa: PLC0415

    own = folder or Path("var/federation") / datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    if own.exists():
        raise click.UsageError(f"{own} is there already")
    shown = showing.show(specs.find(SPEC), own, _progress)
    for line in comparison.table(shown.compared):
        click.echo(line)
    click.echo(json.dumps(shown.as_dict()))


def _progress(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
