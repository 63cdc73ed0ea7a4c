"""`python -m backend.oracle file | hold | pause | hold-machine | pause-machines | trace`: what people do by hand."""

import json
import sys
from typing import Any

import click
from sqlalchemy import Engine

from backend import log
from backend.chain import start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.rpc import Rpc
from backend.chain.wallet import Receipt, Wallet
from backend.config import SIGNER_URLS, Duty, Settings
from backend.errors import HeqiError

SCORES, MACHINES = "CreditOracle", "DeviceOracle"
PARTY = click.IntRange(1, 2**32 - 1)
party_option = click.option("--party", type=PARTY, required=True, help="Number of the party.")
duty_option = click.option(
    "--duty", type=click.Choice([duty.value for duty in SIGNER_URLS]), required=True, help="Which signer's key to use."
)


# Only the commands that need the model wait for its libraries.


@click.group()
def cli() -> None:
    """File statements, stop the oracle or what it says of a machine, trace a score."""


@cli.command()
@party_option
@click.option("--company", required=True, help="Held-out row of the source data, for example 1year-02209.")
def file(party: int, company: str) -> None:
    """File a statement for a party: the figures of a company of the source data."""
    from backend.oracle.statements import file_statement  # noqa: PLC0415

    _, _, rpc, engine = _open()
    number = file_statement(engine, rpc, party, company)
    click.echo(f"statement {number} filed for party {party}")


@cli.command()
@party_option
@duty_option
def hold(party: int, duty: str) -> None:
    """Put a party on hold at once, with a signer's key. Only the bank's delayed role ends a hold."""
    click.echo(f"party {party} is on hold since block {_send(duty, 'hold', party).block}")


@cli.command()
@duty_option
def pause(duty: str) -> None:
    """Stop all score reports at once, with a signer's key. Only the delayed administrator resumes them."""
    click.echo(f"reports are paused since block {_send(duty, 'pauseReports').block}")


@cli.command()
@click.option("--machine", type=click.IntRange(1, 2**32 - 1), required=True, help="Number of the machine's title.")
@duty_option
def hold_machine(machine: int, duty: str) -> None:
    """Let a machine stand for no new money, at once, with a signer's key. Only the bank's delayed role ends it."""
    click.echo(f"machine {machine} is on hold since block {_send(duty, 'hold', machine, contract=MACHINES).block}")


@cli.command()
@duty_option
def pause_machines(duty: str) -> None:
    """Stop readings and alarms at once, with a signer's key. Only the delayed administrator resumes them."""
    click.echo(f"reports on machines are paused since block {_send(duty, 'pauseReports', contract=MACHINES).block}")


@cli.command()
@party_option
def trace(party: int) -> None:
    """From a party's last counted score to its model, figures, reasons, limit, signers and transaction, as JSON."""
    from backend.oracle.trace import trail  # noqa: PLC0415

    _, _, _, engine = _open()
    click.echo(json.dumps(trail(engine, party), ensure_ascii=False, indent=2))


def _send(duty: str, function: str, *arguments: Any, contract: str = SCORES) -> Receipt:
    settings, suite, rpc, _ = _open()
    return Wallet(rpc, suite, Keyring.load(settings)[Duty(duty)]).send(contract, function, *arguments)


def _open() -> tuple[Settings, Suite, Rpc, Engine]:
    settings = Settings.load()
    log.configure(settings.log_level, settings.log_format)
    suite = Suite.load(settings)
    rpc, engine = start.connect(settings, suite)
    return settings, suite, rpc, engine


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.exit(str(error))
