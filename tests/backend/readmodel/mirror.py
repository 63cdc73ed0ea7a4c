"""The read model of a market, and whether every figure in it is what the contracts say."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from backend import store
from backend.readmodel import (
    financings,
    leases,
    lines,
    loans,
    machines,
    parties,
    readings,
    receivables,
    scores,
    treasury,
)
from backend.readmodel.indexer import Indexer
from backend.readmodel.projection import shipped
from tests.backend.market import ADDRESSES, Market

FINALITY = 64
STATES = ("None", *receivables.STATES[:4], "Split", "Settled", "Rejected", "Cancelled")
NOBODY = "0x" + "0" * 40
CLOCKS = ("None", "Waiting", "Running", "LateOnly", "Stopped")  # IRentLedger.Clock
ACCRUAL_UNIT = 10_000 * 360  # Interest.ACCRUAL_UNIT


@contextmanager
def indexing(market: Market, engine: Engine) -> Iterator[Indexer]:
    with store.sole_writer(engine, "indexer") as fence:
        yield Indexer(engine, market.rpc, market.suite, shipped(), fence, finality_depth=FINALITY)


def differences(market: Market, engine: Engine) -> list[Any]:
    """(what, in the read model, on chain) for everything that differs."""
    with store.reading(engine) as tx:
        pairs = [
            *_receivables(market, tx),
            *_financings(market, tx),
            *_lines(market, tx),
            *_machines(market, tx),
            *_leases(market, tx),
            *_loans(market, tx),
            *_scores(market, tx),
            *_parties(market, tx),
            *_treasury(market, tx),
        ]
    assert pairs
    return [pair for pair in pairs if pair[1] != pair[2]]


def _receivables(market: Market, tx: Connection) -> Iterator[Any]:
    last = market.read("Receivables", "lastId")
    yield "number of receivables", tx.scalar(select(func.count()).select_from(receivables.receivables)), last
    for id_ in range(1, last + 1):
        row = receivables.found(tx, id_)
        part, claim = market.read("Receivables", "partOf", id_), market.read("Receivables", "claimOf", id_)
        pool = market.read("Receivables", "poolOf", id_)
        mine = {
            "state": row["state"],
            "holder": row["holder"] or NOBODY,
            "debtor": row["debtor"],
            "outstanding": row["outstanding"],
            "claimable": row["claimable"],
            "claimed": row["claimed"],
            "tier": row["tier"],
            "lienor": row["lienor"],
            "root": row["pool"],
            "paid": row["pool_paid"],
            "creditor": row["creditor"],
            "dueDay": row["due_day"],
            "currency": row["currency"],
            "registration": row["registry_reference"] or "0x" + "0" * 64,
        }
        theirs = {
            **{name: claim[name] for name in ("holder", "outstanding", "claimable")},
            **{name: part[name] for name in ("claimed", "tier", "lienor", "root")},
            **{name: pool[name] for name in ("debtor", "paid", "creditor", "dueDay", "currency")},
            "state": STATES[claim["state"]],
            "registration": market.read("Factoring", "registrationOf", id_),
        }
        yield f"receivable {id_}", dict(sorted(mine.items())), dict(sorted(theirs.items()))
    for holder in ADDRESSES.values():
        mine = {credit["currency"]: credit["amount"] for credit in receivables.credits_of(tx, [holder])}
        yield f"credit of {holder}", mine.get(1, 0), market.read("Receivables", "creditOf", holder, 1)


def _financings(market: Market, tx: Connection) -> Iterator[Any]:
    for id_ in range(1, market.read("Receivables", "lastId") + 1):
        chain = market.read("Factoring", "financingOf", id_)
        turns = financings.turns(tx, id_)
        if not turns:
            yield f"financing {id_}", "None", financings.STATUSES[chain["status"]]
            continue
        row = turns[0]
        mine = {
            "principal": row["advance"],
            "outstanding": row["outstanding"],
            "startDay": row["start_day"],
            "dueDay": row["due_day"],
            "income": row["discount"] + row["fee"],
            "seller": row["seller"],
            "debtor": row["debtor"],
            "lateRateBps": row["late_rate_bps"],
            "lateCapBps": row["late_cap_bps"],
            "basis": row["basis"],
            "graceDays": row["grace_days"],
            "cureDays": row["cure_days"],
            "status": financings.STATUSES.index(row["status"]),
            "recourse": row["recourse"],
            "overdueImpairmentBps": row["overdue_impairment_bps"],
            "latePaid": row["late_paid"],
            "impaired": row["impaired"],
            "fromCover": row["from_cover"],
            "noticeDay": row["notice_day"] or 0,
        }
        yield f"financing {id_}", mine, {name: chain[name] for name in mine}


def _lines(market: Market, tx: Connection) -> Iterator[Any]:
    """Interest apart, which has no events, a line is the chain's on the day of its last event."""
    known = {row["party"]: row for row in lines.listed(tx, limit=1_000)}
    for party in range(1, market.read("Participants", "partyCount") + 1):
        chain, row = market.read("CreditLine", "lineOf", party), known.get(party)
        if row is None:
            yield f"line {party}", "None", lines.STATUSES[chain["status"]]
            continue
        mine = {
            "drawn": row["drawn"],
            "perDay": row["per_day"],
            "status": lines.STATUSES.index(row["status"]),
            "frozen": row["frozen"],
            "dueInterest": row["due_interest"],
            "nextCloseDay": row["next_close_day"],
            "duePrincipal": row["billed"] - row["due_interest"],
            "overdue": row["overdue"],
            "dueDay": row["due_day"] or 0,
            "noticeDay": row["notice_day"] or 0,
            "limit": row["limit"],
            "riseDay": row["rise_day"],
            "openedDay": row["opened_day"],
            "maturityDay": row["maturity_day"],
            "openingLimit": row["opening_limit"],
            "cycleDays": row["cycle_days"],
            "dueDays": row["due_days"],
            "instalmentBps": row["instalment_bps"],
            "lateRateBps": row["late_rate_bps"],
            "cureDays": row["cure_days"],
            "overdueImpairmentBps": row["overdue_impairment_bps"],
            "impaired": row["impaired"],
            "fromCover": row["from_cover"],
        }
        yield f"line {party}", mine, {name: chain[name] for name in mine}
        yield f"account of line {party}", row["booked"], chain["drawn"] + chain["dueInterest"]
    for name, value in market.read("CreditLine", "conditions").items():
        column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        yield f"conditions: {name}", (lines.conditions_in_force(tx) or {}).get(column), value


def _machines(market: Market, tx: Connection) -> Iterator[Any]:
    last = market.read("Equipment", "lastId")
    yield "number of machines", len(machines.listed(tx, limit=1_000)), last
    for id_ in range(1, last + 1):
        row, chain = machines.found(tx, id_), market.read("Equipment", "machineOf", id_)
        mine = {
            "device": row["device"] or NOBODY,
            "epoch": row["epoch"],
            "meterStart": row["meter_start"] or 0,
            "verified": row["verified_at"] is not None,
            "lienor": row["lienor"] or NOBODY,
            "serialHash": row["serial_hash"],
            "certificateHash": row["certificate_hash"],
        }
        yield f"machine {id_}", mine, chain
        owner = market.read("Equipment", "ownerOf", id_)
        yield f"title of {id_}", row["holder_wallet"], owner
        yield f"holder of {id_}", row["holder"] or 0, market.read("Participants", "partyOf", owner)
        yield f"use of {id_}", row["user_expires"] or 0, market.read("Equipment", "userExpires", id_)
        yield f"lease that binds {id_}", row["lease"] or 0, market.read("EquipmentLease", "leaseOfMachine", id_)
        for binding in machines.bindings_of(tx, id_):
            device = market.read("Equipment", "deviceIn", id_, binding["epoch"])
            yield f"device of {id_} in epoch {binding['epoch']}", binding["device"], device
        reading = readings.reading_of(tx, id_) or {"tenths": 0, "litres": 0, "at": 0}
        said = market.read("DeviceOracle", "readingOf", id_)
        yield f"reading of {id_}", {name: reading[name] for name in said}, said
        status = readings.status_of(tx, id_)
        told = market.read("DeviceOracle", "statusOf", id_)
        yield f"status of {id_}", {name: status[name] for name in told}, told


def _leases(market: Market, tx: Connection) -> Iterator[Any]:
    """Hours that no statement has counted yet and late interest since the last event apart, a lease is the chain's."""
    today = market.today()
    for id_ in range(1, market.read("EquipmentLease", "lastId") + 1):
        row, lease = leases.found(tx, id_), market.read("EquipmentLease", "leaseOf", id_)
        account, owed = market.read("RentLedger", "accountOf", id_), market.read("RentLedger", "owedOf", id_)
        course = {
            "status": leases.STATUSES.index(leases.status_on(row, today)),
            "disputed": row["disputed"],
            "startDay": row["start_day"] or 0,
            "returnDay": row["return_day"] or 0,
            "machine": row["machine"],
            "lessor": row["lessor"],
            "lessee": row["lessee"],
        }
        if row["status"] in leases.CURABLE:
            course["noticeDay"] = row["notice_day"] or 0
        yield f"lease {id_}", course, {name: lease[name] for name in course}
        terms = market.read("EquipmentLease", "termsOf", id_)
        mine = {name: row[column] for column, name in leases.TERMS.items()}
        yield f"terms of lease {id_}", mine, {name: terms[name] for name in mine}
        tiers = [{"throughTenths": tier["through_tenths"], "rate": tier["rate"]} for tier in row["tiers"]]
        yield f"tiers of lease {id_}", tiers, terms["tiers"]
        yield f"overdue on lease {id_}", leases.overdue_on(row, today), owed["overdue"]
        money = {
            "clock": CLOCKS.index(row["clock"]),
            "depositPaid": row["status"] not in ("Signed", "Cancelled"),
            "startDay": row["start_day"] or 0,
            "period": row["period"],
            "cures": row["cures"],
            "lockedSince": row["locked_since"] or 0,
            "lockedBefore": row["locked_seconds"],
            "assignee": row["assignee"] or NOBODY,
            "startTenths": row["start_tenths"] or 0,
            "lessorWallet": row["lessor_wallet"],
            "lesseeWallet": row["lessee_wallet"],
            "charged": row["charged"],
            "fixedCharged": row["fixed_charged"],
            "credited": row["credited"],
            "paid": row["paid"],
            "deposit": row["deposit_held"],
            "claimable": row["received"] - row["released"],
            "lesseeCredit": row["lessee_credit"],
        }
        if row["status"] == "Cancelled":
            del money["depositPaid"]
        yield f"money of lease {id_}", money, {name: account[name] for name in money}
        nights = account["throughDay"] - (row["through_day"] or 0) if row["clock"] in leases.TICKING else 0
        passed_due = row["due_day"] is not None and today > row["due_day"]
        if not (passed_due and nights):
            late = row["late"] + nights * row["late_rate_bps"] * leases.overdue_on(row, today)
            yield f"late interest of lease {id_}", late, account["late"]
        _, entries = leases.account(tx, id_, 0, 10**9)
        yield f"account of lease {id_}", entries[-1]["balance"] if entries else 0, owed["rent"]


def _loans(market: Market, tx: Connection) -> Iterator[Any]:
    for id_ in range(1, market.read("EquipmentLease", "lastId") + 1):
        row, chain = loans.found(tx, id_), market.read("LeaseFinance", "loanOf", id_)
        if row is None:
            yield f"loan {id_}", "None", loans.STATUSES[chain["status"]]
            continue
        mine = {
            "status": loans.STATUSES.index(row["status"]),
            "principal": row["outstanding"],
            "rateBps": row["annual_rate_bps"],
            "lessee": row["lessee"],
            "impaired": row["impaired"],
            "fromCover": row["from_cover"],
        }
        yield f"loan {id_}", mine, {name: chain[name] for name in mine}
    for name, value in market.read("LeaseFinance", "conditions").items():
        column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        yield f"conditions of loans: {name}", (loans.conditions_in_force(tx) or {}).get(column), value


def _scores(market: Market, tx: Connection) -> Iterator[Any]:
    for party in range(1, market.read("Participants", "partyCount") + 1):
        row = scores.found(tx, party)
        chain = market.read("CreditOracle", "scoreOf", party)
        held = market.read("CreditOracle", "heldScoreOf", party)
        if row is None:
            yield f"score {party}", 0, chain["consentEpoch"]
            continue
        yield f"score {party}", _figures(row, row["flags"] | row["held"]), _word(chain)
        yield f"consent of {party}", row["consented"], chain["consented"]
        for number, purpose in enumerate(scores.PURPOSES):
            given = [consent for consent in scores.consents_of(tx, party) if consent["purpose"] == purpose]
            state = {"epoch": len(given), "given": bool(given) and given[-1]["revoked_at"] is None}
            yield f"{purpose} consent of {party}", state, market.read("CreditOracle", "consentOf", party, number)
        proposal = row["proposal"]
        yield f"held score {party}", _figures(proposal, proposal["flags"]) if proposal else None, _word(held)


def _figures(row: dict[str, Any], flags: int) -> dict[str, Any]:
    names = ("value", "pd_ppm", "limit_code", "issued_at", "valid_until", "sequence", "model", "consent_epoch")
    return {name: row[name] for name in names} | {"reasons": row["reasons"], "flags": flags}


def _word(score: dict[str, Any]) -> dict[str, Any] | None:
    if not score["sequence"] and not score["consentEpoch"] and not score["flags"]:
        return None
    return {
        "value": score["value"],
        "pd_ppm": score["pdPpm"],
        "limit_code": score["limitCode"],
        "issued_at": score["issuedAt"],
        "valid_until": score["validUntil"],
        "sequence": score["sequence"],
        "model": score["modelId"],
        "consent_epoch": score["consentEpoch"],
        "reasons": [code for code in score["reasons"].to_bytes(4) if code],
        "flags": score["flags"],
    }


def _parties(market: Market, tx: Connection) -> Iterator[Any]:
    for party in range(1, market.read("Participants", "partyCount") + 1):
        row, chain = parties.found(tx, party), market.read("Participants", "partyData", party)
        yield f"party {party}", (row["roles"], row["frozen"], row["valid_until"]), tuple(chain.values())
    for wallet in ADDRESSES.values():
        yield f"wallet {wallet}", parties.number_of(tx, wallet) or 0, market.read("Participants", "partyOf", wallet)


def _treasury(market: Market, tx: Connection) -> Iterator[Any]:
    mine, chain = treasury.summary(tx), market.read("Treasury", "book")
    for name in ("cash", "outstanding", "impaired", "cover"):
        yield f"book: {name}", mine[name], chain[name]
    yield "shares", mine["shares"], market.read("Treasury", "totalSupply")
    for number, product in enumerate(treasury.PRODUCTS):
        yield product, mine["products"][product], market.read("Treasury", "outstandingOf", number)
    accrual = market.read("Treasury", "accrual")
    nights = accrual["throughDay"] - mine["accrual"]["through_day"] if mine["accrual"] else 0
    accrued = mine["accrual"]["accrued"] + nights * mine["accrual"]["per_day"] if mine["accrual"] else 0
    yield "accrual", accrued, accrual["accrued"]
    yield "accrual per day", mine["accrual"]["per_day"] if mine["accrual"] else 0, accrual["perDay"]
    gross = mine["cash"] + mine["outstanding"] - chain["unearned"] + accrued // ACCRUAL_UNIT
    yield "gross assets", gross, market.read("Treasury", "grossAssets")
    for party in range(1, market.read("Participants", "partyCount") + 1):
        row, account = treasury.exposure(tx, party), market.read("Treasury", "accountOf", party)
        yield f"account {party}", {name: row[name] for name in account}, account
    shares = {row["wallet"]: row["shares"] for row in treasury.lenders(tx)}
    for wallet in ADDRESSES.values():
        yield f"shares of {wallet}", shares.get(wallet, 0), market.read("Treasury", "balanceOf", wallet)
