"""`python -m backend.records`: tokens of platforms, and the end of the records' time."""

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from backend import store
from backend.days import DAY_S
from backend.records.__main__ import TokenNotInForce, cli
from backend.records.business import kept, platforms
from backend.records.business.platforms import PlatformNameInvalid
from backend.scoring.merchants.records import BusinessRecord, Kind


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    """One command on the test's database; its output, or the named error."""
    monkeypatch.setenv("HEQI_DATABASE_URL", engine.url.render_as_string(hide_password=False))

    def command(*arguments: str) -> str:
        outcome = CliRunner().invoke(cli, arguments)
        if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
            raise outcome.exception
        return outcome.output

    return command


def bearer(engine: Engine, token: str):
    with store.reading(engine) as tx:
        return platforms.bearer(tx, token)


def test_a_token_is_issued_listed_and_revoked(engine: Engine, run):
    said = run("issue-token", "taobao")
    token = re.fullmatch(r"token 1 of taobao: (heqi_\S{43})\n", said)[1]
    assert bearer(engine, token) == platforms.Token(1, "taobao")
    listed = run("tokens")
    assert "taobao" in listed and "in force" in listed and token not in listed
    assert run("revoke-token", "1") == "token 1 revoked\n"
    assert bearer(engine, token) is None
    assert "revoked 20" in run("tokens")


@pytest.mark.parametrize("name", ["own", "Tao Bao", "x", "-a", "1688", "a" * 33, "淘宝"])
def test_a_platform_needs_a_plain_name_that_is_not_the_merchants_own(run, name: str):
    with pytest.raises(PlatformNameInvalid):
        run("issue-token", "--", name)


@pytest.mark.parametrize("number", ["1", "99"])
def test_only_a_token_in_force_can_be_revoked(run, number: str):
    run("issue-token", "taobao")
    run("revoke-token", "1")
    with pytest.raises(TokenNotInForce):
        run("revoke-token", number)


def test_two_tokens_of_a_platform_are_in_force_side_by_side(engine: Engine, run):
    first, second = (run("issue-token", "jd").split()[-1] for _ in range(2))
    run("revoke-token", "1")
    assert (bearer(engine, first), bearer(engine, second)) == (None, platforms.Token(2, "jd"))


@pytest.mark.parametrize("text", ["", "heqi_", "heqi_" + "x" * 43, "\ud800", "x" * 100_000])
def test_no_other_text_is_a_token(engine: Engine, run, text: str):
    run("issue-token", "jd")
    assert bearer(engine, text) is None


def test_purge_deletes_what_is_past_its_time(engine: Engine, run):
    with store.writing(engine) as tx:
        old, new = DAY_S * 15_000, DAY_S * 30_000
        batch = [BusinessRecord("1", Kind.SALE, old, old, 1), BusinessRecord("2", Kind.SALE, new, new, 1)]
        kept.keep(tx, 7, "own", batch, old)
    assert run("purge") == "1 records purged\n"
    assert run("purge") == "0 records purged\n"
