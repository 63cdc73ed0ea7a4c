"""Routes of the explorer: blocks, transactions and addresses, in the words of the suite."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint

from backend.api.context import currencies, here, page, pair, reading
from backend.api.explorer_schemas import (
    LARGEST_BLOCK,
    AddressDetail,
    AddressQuery,
    BlockDetail,
    BlockPage,
    BlockQuery,
    ChainTransaction,
)
from backend.api.limits import CHAIN_READS, limiter
from backend.api.problems import LANGUAGES, ResourceUnknown
from backend.api.spec import documented
from backend.api.who import People, senders
from backend.chain.abi import checksum, to_json
from backend.chain.history import Answer
from backend.chain.reverts import ContractError
from backend.readmodel import events

HASH = re.compile(r"0x[0-9a-fA-F]{64}")
SELECTOR_CHARS = 10

Shown = dict[str, Any]

blueprint = Blueprint("explorer", __name__, url_prefix="/v1/explorer")


@blueprint.get("/blocks")
@limiter.limit(CHAIN_READS)
@documented(BlockPage, tag="Explorer")
def list_blocks(query: BlockQuery) -> BlockPage:
    """Blocks as the node has them, newest first."""
    head = here().history.head()
    highest = head if query.before is None else min(head, query.before - 1)
    lowest = max(0, highest - query.limit + 1)
    found = here().history.blocks(range(highest, lowest - 1, -1))
    rows = [_block(block, head) for block in found]
    return BlockPage.model_validate({"head": head, "items": rows, "next": lowest if rows and lowest > 0 else None})


@blueprint.get("/blocks/<int:number>")
@limiter.limit(CHAIN_READS)
@documented(BlockDetail, 404, tag="Explorer")
def show_block(number: int) -> BlockDetail:
    """A block with its transactions."""
    found = here().history.blocks([number], whole=True) if number <= LARGEST_BLOCK else []
    if not found:
        raise ResourceUnknown(kind="block", id=number)
    transactions: Sequence[Answer] = found[0]["transactions"]
    receipts = here().history.receipts([transaction["hash"] for transaction in transactions])
    with reading() as tx:
        people = People(tx)
        items = [_row(people, transaction, receipts.get(transaction["hash"])) for transaction in transactions]
    return BlockDetail.model_validate(_block(found[0], here().history.head()) | {"items": items})


@blueprint.get("/transactions/<transaction>")
@limiter.limit(CHAIN_READS)
@documented(ChainTransaction, 404, tag="Explorer")
def show_transaction(transaction: str) -> ChainTransaction:
    """A transaction with its call, its events and, when it failed, the contract's reason."""
    unknown = ResourceUnknown(kind="transaction", id=transaction[:66])
    if not HASH.fullmatch(transaction):
        raise unknown
    history, hash_ = here().history, transaction.lower()
    found = history.transactions([hash_]).get(hash_)
    if found is None:
        raise unknown
    receipt = history.receipts([hash_]).get(hash_)
    with reading() as tx:
        people = People(tx)
        shown = _transaction(people, found, receipt)
        logs = receipt["logs"] if receipt else []
        people.learn(log["address"] for log in logs)
        shown["logs"] = [_log(people, log) for log in logs]
    return ChainTransaction.model_validate(shown)


@blueprint.get("/addresses/<address>")
@limiter.limit(CHAIN_READS)
@documented(AddressDetail, 404, tag="Explorer")
def show_address(address: str, query: AddressQuery) -> AddressDetail:
    """Who an account is, what it has, and what happened that names it or its party."""
    account = address_of(address)
    if account is None:
        raise ResourceUnknown(kind="address", id=address[:42])
    with reading() as tx:
        people = People(tx)
        who = people.who(account)
        subjects = [account, *([events.party(who["party"])] if who["party"] else [])]
        about: Shown = {"contract": who["contract"]} if who["contract"] else {"subjects": subjects}
        rows = events.listed(tx, **about, before=pair(query.after), limit=query.limit + 1)
        total = events.number_of_transactions(tx, **about)
        known = currencies(tx)
        by = senders(rows[: query.limit])
        told = [people.told(row, by.get(row["transaction_hash"])) for row in rows]
    balances = here().history.balances(account, [currency["token"] for currency in known.values()])
    amounts = zip(known.values(), balances, strict=True)
    shown = {
        "address": account,
        "kind": _kind(who),
        "who": who,
        "balances": [{"currency": currency, "amount": amount} for currency, amount in amounts],
        "transactions": total,
    }
    return AddressDetail.model_validate(shown | page(told, query.limit, place_of))


def address_of(text: str) -> str | None:
    """The checksummed address; None for what is none."""
    try:
        return checksum(text) if text.lower().startswith("0x") else None
    except ValueError:
        return None


def place_of(row: Mapping[str, Any]) -> str:
    """The cursor behind an event."""
    return f"{row['block']}-{row['log_index']}"


def _kind(who: Shown) -> str:
    if who["contract"]:
        return "contract"
    if here().history.code(who["address"]):
        return "wallet" if who["party"] else "other_contract"
    return "wallet" if who["party"] else "account"


def _block(block: Answer, head: int) -> Shown:
    number = _number(block["number"])
    return {
        "number": number,
        "hash": block["hash"],
        "parent": block["parentHash"],
        "at": _number(block["timestamp"]),
        "final": here().history.is_final(number, head),
        "transactions": len(block["transactions"]),
        "gas_used": _number(block["gasUsed"]),
        "gas_limit": _number(block["gasLimit"]),
        "base_fee": _number(block.get("baseFeePerGas") or "0x0"),
    }


def _row(people: People, transaction: Answer, receipt: Answer | None) -> Shown:
    to = transaction.get("to")
    call = here().words.call(to, _bytes(transaction["input"])) if to else None
    return {
        "hash": transaction["hash"],
        "index": _number(transaction["transactionIndex"]),
        "succeeded": None if receipt is None else _number(receipt["status"]) == 1,
        "sender": people.who(transaction["from"]),
        "to": people.maybe(to),
        "call": f"{call.contract}.{call.function}" if call else None,
        "gas_used": None if receipt is None else _number(receipt["gasUsed"]),
    }


def _transaction(people: People, transaction: Answer, receipt: Answer | None) -> Shown:
    to, data = transaction.get("to"), transaction["input"]
    call = here().words.call(to, _bytes(data)) if to else None
    shown = {
        "hash": transaction["hash"],
        "nonce": _number(transaction["nonce"]),
        "sender": people.who(transaction["from"]),
        "to": people.maybe(to),
        "value": _number(transaction["value"]),
        "gas_limit": _number(transaction["gas"]),
        "call": people.call(call),
        "selector": data[:SELECTOR_CHARS] if call is None and to and len(data) >= SELECTOR_CHARS else None,
        "input": data,
    }
    return shown | (_waiting(transaction) if receipt is None else _done(people, transaction, receipt))


def _waiting(transaction: Answer) -> Shown:
    price = transaction.get("maxFeePerGas") or transaction["gasPrice"]
    nothing_yet = ("block", "at", "index", "created", "gas_used", "fee", "failure")
    return {"status": "pending", "confirmations": 0, "final": False, "gas_price": _number(price)} | dict.fromkeys(
        nothing_yet
    )


def _done(people: People, transaction: Answer, receipt: Answer) -> Shown:
    history, number = here().history, _number(receipt["blockNumber"])
    head = history.head()
    block = history.blocks([number])
    succeeded = _number(receipt["status"]) == 1
    gas_used, price = _number(receipt["gasUsed"]), _number(receipt["effectiveGasPrice"])
    return {
        "status": "succeeded" if succeeded else "failed",
        "block": {"number": number, "hash": receipt["blockHash"]},
        "at": _number(block[0]["timestamp"]) if block else None,
        "confirmations": max(0, head - number + 1),
        "final": history.is_final(number, head),
        "index": _number(receipt["transactionIndex"]),
        "created": people.maybe(receipt.get("contractAddress")),
        "gas_used": gas_used,
        "gas_price": price,
        "fee": gas_used * price,
        "failure": None if succeeded else _failure(history.refusal(transaction)),
    }


def _failure(refusal: ContractError | None) -> Shown | None:
    if refusal is None:
        return None
    notices = {language: refusal.notice(language) for language in LANGUAGES}
    return {"code": refusal.code, "values": to_json(refusal.values), "notices": notices}


def _log(people: People, log: Answer) -> Shown:
    told = here().words.event(log)
    return {
        "log_index": _number(log["logIndex"]),
        "address": checksum(log["address"]),
        "contract": here().words.contract_at(log["address"]),
        "event": told.event if told else None,
        "signature": told.signature if told else None,
        "arguments": people.arguments(told.arguments) if told else [],
        "topics": log["topics"],
        "data": log["data"],
    }


def _number(text: str) -> int:
    return int(text, 16)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
