"""Search: what a number, an address or a hash is the name of."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api.context import here, reading
from backend.api.explorer import HASH, address_of
from backend.api.explorer_schemas import LARGEST_BLOCK, SearchHits, SearchQuery
from backend.api.limits import CHAIN_READS, limiter
from backend.api.schemas import LARGEST_PARTY, LARGEST_RECEIVABLE
from backend.api.spec import documented
from backend.api.who import People
from backend.chain.decoding import OF_CONTRACT
from backend.readmodel import events, leases, machines, parties, receivables

MOST_EVENTS = 50
NUMBER = re.compile(r"[1-9][0-9]{0,15}|0")
LARGEST_LEASE = LARGEST_MACHINE = 2**32 - 1
MODEL_EVENTS = {"ModelRegistered", "ModelApproved"}
OF_WHAT = ("receivable", "id", "tokenId", "lease", "machine", "party", "debtor")

Hit = dict[str, Any]

blueprint = Blueprint("search", __name__, url_prefix="/v1/search")


@blueprint.get("")
@limiter.limit(CHAIN_READS)
@documented(SearchHits, tag="Explorer")
def search(query: SearchQuery) -> SearchHits:
    """What a text may mean: a number, an address, a hash, or the name of a contract; nothing is no failure."""
    text = query.q.strip()
    with reading() as tx:
        return SearchHits.model_validate({"items": list(_hits(tx, text))})


def _hits(tx: Connection, text: str) -> Iterator[Hit]:
    if NUMBER.fullmatch(text):
        yield from _numbered(tx, int(text))
    elif HASH.fullmatch(text):
        yield from _hashed(tx, text.lower())
    elif account := address_of(text):
        yield from _account(tx, account)
    else:
        yield from _named(tx, text)


def _numbered(tx: Connection, number: int) -> Iterator[Hit]:
    if 1 <= number <= LARGEST_PARTY and parties.found(tx, number):
        yield _hit("party", number)
    if 1 <= number <= LARGEST_RECEIVABLE and receivables.found(tx, number):
        yield _hit("receivable", number)
    if 1 <= number <= LARGEST_LEASE and leases.found(tx, number):
        yield _hit("lease", number)
    if 1 <= number <= LARGEST_MACHINE and machines.found(tx, number):
        yield _hit("machine", number)
    if number <= LARGEST_BLOCK and here().history.blocks([number]):
        yield _hit("block", number)


def _account(tx: Connection, account: str) -> Iterator[Hit]:
    who = People(tx).who(account)
    if who["party"]:
        yield _hit("party", who["party"])
    yield _hit("address", account, note=who["contract"], who=who)


def _named(tx: Connection, text: str) -> Iterator[Hit]:
    people = People(tx)
    for name, address in sorted(here().suite.addresses.items()):
        if len(text) > 1 and text.lower() in name.lower():
            yield _hit("address", address, note=name, who=people.who(address))


def _hashed(tx: Connection, hash_: str) -> Iterator[Hit]:
    yield from _in_events(tx, hash_)
    if hash_ in here().history.transactions([hash_]):
        yield _hit("transaction", hash_)
    if block := here().history.block_of_hash(hash_):
        yield _hit("block", int(block["number"], 16))


def _in_events(tx: Connection, hash_: str) -> Iterator[Hit]:
    """Fingerprints, documents, models: what an event of the suite calls by this hash, each once."""
    told = set()
    for row in reversed(events.listed(tx, subjects=[hash_], limit=MOST_EVENTS)):
        for name, value in events.fields(row["arguments"]):
            hit = _of_event(row, name, hash_)
            key = (hit["kind"], hit["note"], hit["belongs_to"])
            if value == hash_ and key not in told:
                told.add(key)
                yield hit


def _of_event(row: Mapping[str, Any], name: str, hash_: str) -> Hit:
    if row["event"] in MODEL_EVENTS:
        return _hit("model", hash_, belongs_to=f"model:{row['arguments']['modelId']}")
    kind = "fingerprint" if name == "fingerprint" else "document"
    return _hit(kind, hash_, note=name, belongs_to=_subject(row))


def _subject(row: Mapping[str, Any]) -> str | None:
    """What the event is about, as `receivable:5`."""
    name = next((name for name in OF_WHAT if row["arguments"].get(name, "").isdecimal()), None)
    if name is None:
        return None
    kind = {"id": OF_CONTRACT.get(row["contract"]), "tokenId": OF_CONTRACT.get(row["contract"]), "debtor": "party"}
    return f"{kind.get(name, name)}:{row['arguments'][name]}"


def _hit(
    kind: str, id_: int | str, *, note: str | None = None, who: Hit | None = None, belongs_to: str | None = None
) -> Hit:
    return {"kind": kind, "id": str(id_), "note": note, "who": who, "belongs_to": belongs_to}
