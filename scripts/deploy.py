"""Deploy the suite, or what an earlier run left undone: `ape run deploy --network … --account …`."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ape
import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand
from ape_accounts import KeyfileAccount

from backend.errors import HeqiError
from scripts._artifacts import Artifacts
from scripts._deployer import Deployer, refuse_development_keys
from scripts._network import connect, named_errors, parameters_of
from scripts._record import Chain, Record


class AccountUnknown(HeqiError):
    notice_en = "Ape has no account {alias}; import one with `ape accounts import {alias}`."
    notice_zh = "Ape 中没有账户 {alias}，请用 `ape accounts import {alias}` 导入。"


class AccountMissing(HeqiError):
    notice_en = "Name the account that deploys on {network} with --account."
    notice_zh = "请用 --account 指定在 {network} 上部署的账户。"


class PassphraseMissing(HeqiError):
    notice_en = "The account {alias} is locked: set {variable}, or run from a terminal."
    notice_zh = "账户 {alias} 已锁定：请设置环境变量 {variable}，或在终端中运行。"


@click.command(cls=ConnectedProviderCommand)
@click.option(
    "--account", "alias", help="Ape account that pays and signs; local chains use the first development account."
)
@click.option("--parameters", "file", help="Parameters file; default scripts/parameters/<network>.json.")
def cli(provider: ProviderAPI, alias: str | None, file: str | None) -> None:
    """Deploy the suite, or verify and complete what is there."""
    with named_errors():
        rpc, chain = connect(provider)
        parameters = parameters_of(chain, file)
        ape.project.load_contracts()
        account = account_of(chain, alias)
        refuse_development_keys(chain, account.address, parameters)
        record = Record.open(chain, account.address, parameters, click.echo)
        deployer = Deployer(rpc, record, Artifacts.load(), signer(account), click.echo)
        deployer.run(parameters, provider.network.required_confirmations)
        click.echo(f"{record.path}: {len(record.contracts)} contracts verified, {deployer.sent} transactions sent")


def account_of(chain: Chain, alias: str | None) -> AccountAPI:
    """Raises AccountUnknown, AccountMissing."""
    if alias is None and chain.is_local:
        return ape.accounts.test_accounts[0]
    if alias is None:
        raise AccountMissing(network=chain.network)
    if alias not in ape.accounts.aliases:
        raise AccountUnknown(alias=alias)
    return ape.accounts.load(alias)


def signer(account: AccountAPI) -> Callable[[Mapping[str, Any]], bytes]:
    """Signs a transaction's fields; the account is unlocked for the first one, once."""

    @cache
    def unlock() -> None:
        if isinstance(account, KeyfileAccount):
            _require_passphrase(account.alias)
            account.set_autosign(True)

    def sign(fields: Mapping[str, Any]) -> bytes:
        unlock()
        transaction = ape.networks.ethereum.create_transaction(**fields)
        return bytes(account.sign_transaction(transaction).serialize_transaction())

    return sign


def _require_passphrase(alias: str) -> None:
    variable = f"APE_ACCOUNTS_{alias}_PASSPHRASE"
    if not os.environ.get(variable) and not sys.stdin.isatty():
        raise PassphraseMissing(alias=alias, variable=variable)
