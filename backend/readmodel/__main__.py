"""`python -m backend.readmodel rebuild | verify`"""

import sys

import click
from sqlalchemy import Engine

from backend import log
from backend.chain import start
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.errors import HeqiError
from backend.readmodel import rebuild as rebuilding
from backend.readmodel.projection import shipped


@click.group()
def cli() -> None:
    """Rebuild the read model from the chain, or verify that a rebuild would change nothing."""


@cli.command()
def rebuild() -> None:
    """Drop the read model and build it from the deployment's first block. The indexer must not be running."""
    settings = Settings.load()
    engine, rpc, suite = _open(settings)
    at = rebuilding.rebuild(engine, rpc, suite, shipped(), settings.finality_depth)
    click.echo(f"rebuilt up to block {at.number} ({at.hash})")


@cli.command()
def verify() -> None:
    """Compare every row with a rebuild from the first block; exit status 1 when one differs."""
    settings = Settings.load()
    engine, rpc, suite = _open(settings)
    at, tables = rebuilding.verify(engine, rpc, suite, shipped(), settings.finality_depth)
    for item in tables:
        verdict = "equal" if item.equal else f"DIFFERS: rebuilt {item.rebuilt_rows} rows, {item.rebuilt_digest}"
        click.echo(f"{item.table:32} {item.rows:>10} rows  {item.digest}  {verdict}")
    click.echo(f"at block {at.number} ({at.hash})")
    sys.exit(0 if all(item.equal for item in tables) else 1)


def _open(settings: Settings) -> tuple[Engine, Rpc, Suite]:
    log.configure(settings.log_level, settings.log_format)
    suite = Suite.load(settings)
    rpc, engine = start.connect(settings, suite)
    return engine, rpc, suite


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.exit(str(error))
