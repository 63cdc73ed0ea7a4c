"""`python -m backend.oracle file | hold | pause | trace`: what people do with the oracle by hand."""

import json
import sys
from typing import Any

import click
from sqlalchemy import Engine

from backend import log, store
from backend.chain import outbox, start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.reports import decode_record
from backend.chain.rpc import Rpc
from backend.chain.wallet import Receipt, Wallet
from backend.config import SIGNER_URLS, Duty, Settings
from backend.errors import HeqiError
from backend.oracle import assessment, rounds
from backend.records import filings
from backend.scoring import companies, features, reasons

PARTY = click.IntRange(1, 2**32 - 1)
party_option = click.option("--party", type=PARTY, required=True, help="Number of the party.")
duty_option = click.option(
    "--duty", type=click.Choice([duty.value for duty in SIGNER_URLS]), required=True, help="Which signer's key to use."
)


class ScoreUntraceable(HeqiError):
    notice_en = "No counted report names party {party}."
    notice_zh = "没有任何已生效的报告包含参与方 {party}。"
    status = 404


@click.group()
def cli() -> None:
    """File statements, stop the oracle, trace a score."""


@cli.command()
@party_option
@click.option("--company", required=True, help="Held-out row of the source data, for example 1year-02209.")
def file(party: int, company: str) -> None:
    """File a statement for a party: the figures of a company of the source data."""
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
@party_option
def trace(party: int) -> None:
    """From a party's last counted score to its model, statement, reasons, signers and transaction, as JSON."""
    _, _, _, engine = _open()
    click.echo(json.dumps(trail(engine, party), ensure_ascii=False, indent=2))


def file_statement(engine: Engine, rpc: Rpc, party: int, company: str) -> int:
    """Returns the statement's number. Raises UnknownCompany, CompanyInTraining."""
    figures = companies.figures(company)
    hash_ = features.snapshot_hash(assessment.scorer().spec, figures)
    now = rpc.head().timestamp
    with store.writing(engine) as tx:
        return filings.file(tx, party=party, company=company, figures=figures, features_hash=hash_, filed_at=now)


def trail(engine: Engine, party: int) -> dict[str, Any]:
    """Raises ScoreUntraceable."""
    with store.reading(engine) as tx:
        at = rounds.last_of(tx, party)
        if at is None:
            raise ScoreUntraceable(party=party)
        intent = outbox.find(tx, at.intent_key)
    record = next(found for found in map(decode_record, at.report.records) if found.party == party)
    return {
        "party": party,
        "score": record.value,
        "pdPpm": record.pd_ppm,
        "sequence": record.sequence,
        "reasons": [{"code": code, "text": reasons.catalogue()[code].en} for code in record.reasons],
        "round": at.number,
        "issuedAt": at.report.issued_at,
        "modelId": at.report.model_id,
        "modelHash": at.model_hash,
        **next(source for source in at.sources if source["party"] == party),
        "signers": sorted(at.signatures),
        "transaction": intent.transaction_hash,
        "block": intent.block,
    }


def _send(duty: str, function: str, *arguments: Any) -> Receipt:
    settings, suite, rpc, _ = _open()
    return Wallet(rpc, suite, Keyring.load(settings)[Duty(duty)]).send("CreditOracle", function, *arguments)


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
