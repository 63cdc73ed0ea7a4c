"""Re-read a deployment and compare it with its record, the plan and the parameters: `ape run check --network …`."""

import ape
import click
from ape.api import ProviderAPI
from ape.cli import ConnectedProviderCommand

from scripts._artifacts import Artifacts
from scripts._audit import Row, rows
from scripts._network import connect, named_errors, parameters_of
from scripts._record import Record


@click.command(cls=ConnectedProviderCommand)
@click.option("--parameters", "file", help="Parameters file; default scripts/parameters/<network>.json.")
def cli(provider: ProviderAPI, file: str | None) -> None:
    """Compare the deployed suite with its record; exit status 1 when anything deviates."""
    with named_errors():
        rpc, chain = connect(provider)
        parameters = parameters_of(chain, file)
        ape.project.load_contracts()
        record = Record.read(chain)
        compared = list(rows(rpc, record, Artifacts.load(), parameters))
    for row in compared:
        click.echo(line(row))
    deviations = sum(row.deviates for row in compared)
    click.echo(f"{len(compared)} facts of {record.path} compared, {deviations} deviate")
    if deviations:
        raise SystemExit(1)


def line(row: Row) -> str:
    if row.deviates:
        return f"DEVIATES  {row.subject}\n          expected {row.expected}\n          found    {row.found}"
    return f"ok        {row.subject}"
