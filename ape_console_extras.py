"""What `ape console` starts with: the deployed suite by name, and on a local chain the officers' accounts."""

import re
from collections.abc import Mapping
from typing import Any

import ape
import click
from ape.managers.project import LocalProject

from backend.errors import HeqiError
from scripts import plan
from scripts._network import connect
from scripts._record import Chain, Record


def ape_init_extras(project: LocalProject) -> dict[str, Any]:
    """Names for the console; where nothing is deployed, none but the reason is shown."""
    try:
        _, chain = connect(ape.networks.provider)
        record = Record.read(chain)
    except HeqiError as error:
        click.echo(error.notice("en"))
        return {}
    contracts = {
        _snake_case(name): getattr(project, name).at(entry["address"], fetch_from_explorer=False, detect_proxy=False)
        for name, entry in record.contracts.items()
    }
    officers = _officers() if chain.is_local else {}
    _greet(chain, contracts, officers)
    return {**contracts, **officers}


def _officers() -> dict[str, Any]:
    """By role: the development account that holds it, to be used as `sender=`."""
    by_address = {account.address: account for account in ape.accounts.test_accounts}
    named = {role: by_address[accounts[0]] for role, accounts in plan.local_parameters().officers.items()}
    return {"deployer": ape.accounts.test_accounts[0], **named}


def _greet(chain: Chain, contracts: Mapping[str, Any], officers: Mapping[str, Any]) -> None:
    click.echo(f"Heqi on chain {chain.id} ({chain.network}), block {chain.head}")
    for title, names in (("contracts", contracts), ("officers", officers)):
        if names:
            click.echo(f"  {title}")
        for name, found in names.items():
            click.echo(f"    {name:<20}{found.address}")


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def load_ipython_extension(shell: Any) -> None:
    """Greets at once: Ape reads the extras only when a name is looked up for the first time."""
    shell.user_ns.get("authority")
