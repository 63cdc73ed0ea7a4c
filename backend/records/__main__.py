"""`python -m backend.records issue-token PLATFORM | revoke-token NUMBER | tokens | purge`"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection

from backend import figures, store
from backend.config import Settings
from backend.errors import HeqiError
from backend.records.business import kept, platforms


class TokenNotInForce(HeqiError):
    notice_en = "There is no token {number} in force."
    notice_zh = "不存在有效的令牌 {number}。"
    status = 404


@click.group()
def cli() -> None:
    """Tokens of platforms that push business records, and the end of the records' time."""


@cli.command()
@click.argument("platform")
def issue_token(platform: str) -> None:
    """Print a new token for PLATFORM. It is shown this once and kept only as a hash."""
    with _writing() as tx:
        number, token = platforms.issue(tx, platform, int(time.time()))
    click.echo(f"token {number} of {platform}: {token}")


@cli.command()
@click.argument("number", type=int)
def revoke_token(number: int) -> None:
    """Refuse the token with this NUMBER from now on."""
    with _writing() as tx:
        if not platforms.revoke(tx, number, int(time.time())):
            raise TokenNotInForce(number=number)
    click.echo(f"token {number} revoked")


@cli.command()
def tokens() -> None:
    """List every token that was issued."""
    with _writing() as tx:
        rows = platforms.tokens(tx)
    for row in rows:
        ended = f"revoked {figures.time(row['revoked_at'])}" if row["revoked_at"] else "in force"
        click.echo(f"{row['id']:>6}  {row['platform']:32}  issued {figures.time(row['issued_at'])}  {ended}")


@cli.command()
def purge() -> None:
    """Delete the records that are older than their kind is kept, as the process `credit` does every day."""
    with _writing() as tx:
        count = kept.purge(tx, int(time.time()))
    click.echo(f"{count} records purged")


@contextmanager
def _writing() -> Iterator[Connection]:
    engine = store.connect(Settings.load().database_url.get_secret_value())
    try:
        store.migrate(engine)
        with store.writing(engine) as tx:
            yield tx
    finally:
        engine.dispose()


if __name__ == "__main__":
    try:
        cli(standalone_mode=True)
    except HeqiError as error:
        sys.exit(str(error))
