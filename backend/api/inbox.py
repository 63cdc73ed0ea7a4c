"""Routes of what needs the caller now, and of what happened to it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend import days
from backend.api import sessions
from backend.api.context import here, present, reading, vault_currency
from backend.api.desk_schemas import Inbox, NotificationQuery, Notifications
from backend.api.feed import LARGEST_POSITION
from backend.api.limits import SIGNED_REQUESTS, limiter
from backend.api.rooms import BANK_ROOM, private_room, rooms_of
from backend.api.spec import documented
from backend.desk import inbox, news
from backend.desk.inbox import Bank, Desk, Item, Severity
from backend.readmodel import worklists
from backend.store import feed
from backend.telemetry import views
from backend.telemetry.alarms import Severity as Gravity
from backend.telemetry.rules import texts

MOST_SHOWN = 200
BATCH, MOST_BATCHES = 500, 20

blueprint = Blueprint("inbox", __name__, url_prefix="/v1")


@blueprint.get("/inbox")
@limiter.limit(SIGNED_REQUESTS)
@documented(Inbox, 401, tag="Inbox")
def show_inbox() -> Inbox:
    """What needs the caller now, the most urgent first: of its party, and for a bank officer what waits for the bank.

    Every item comes from the read model and goes when its cause is gone; docs/operations.md lists the kinds.
    """
    who, now = sessions.signed_in(), present()
    is_officer = sessions.is_officer(here(), who.wallet)
    with reading() as tx:
        items = [*(_of_party(tx, who.party, now) if who.party else ()), *(_of_bank(tx, now) if is_officer else ())]
        currency = vault_currency(tx)
    shown = inbox.ordered(items)
    counts = Counter(item.severity for item in shown)
    return Inbox.model_validate(
        {
            "day": days.day_of(now),
            "currency": currency,
            "items": [_item(item) for item in shown[:MOST_SHOWN]],
            "counts": {severity.name.lower(): counts[severity] for severity in Severity},
        }
    )


@blueprint.get("/notifications")
@limiter.limit(SIGNED_REQUESTS)
@documented(Notifications, 400, 401, tag="Inbox")
def list_notifications(query: NotificationQuery) -> Notifications:
    """The newest events that concern the caller's party, each as a sentence; looked for among the newest 10,000."""
    who = sessions.signed_in()
    after = feed.Cursor.parse(query.after)
    if max(after.xid, after.id) > LARGEST_POSITION:
        raise feed.CursorInvalid(cursor=query.after)
    ours = _rooms(who)
    items: list[dict[str, Any]] = []
    with reading() as tx:
        batch = feed.backward(tx, after, None, BATCH)
        newest, batches = batch[0].cursor if batch else after, 1
        while batch and len(items) < query.limit:
            items += [_told(item, who.party) for item in _concerning(tx, batch, ours)]
            batch = feed.backward(tx, after, batch[-1].cursor, BATCH) if batches < MOST_BATCHES else []
            batches += 1
    return Notifications.model_validate({"items": items[: query.limit], "next": str(newest)})


# Inside


def _of_party(tx: Connection, party: int, now: int) -> list[Item]:
    rows = worklists.of_party(tx, party, days.day_of(now))
    if rows is None:
        return []
    return inbox.of_party(Desk(**rows, alarms=_alarms(tx, worklists.machines_of(tx, party), now)), now)


def _of_bank(tx: Connection, now: int) -> list[Item]:
    rows = worklists.of_bank(tx, now, now + inbox.CHECK_DAYS * days.DAY_S)
    steps = {"operations": [row | {"step": _step(row)} for row in rows["operations"]]}
    return inbox.of_bank(Bank(**rows | steps, alarms=_alarms(tx, worklists.financed_machines(tx), now)), now)


def _step(row: dict[str, Any]) -> str:
    """What a scheduled operation calls; the target alone when it is not of the suite."""
    call = here().words.call(row["target"], bytes.fromhex(row["data"][2:]))
    return f"{call.contract}.{call.function}" if call else row["target"]


def _alarms(tx: Connection, machines: list[int], now: int) -> list[dict[str, Any]]:
    """Raised alarms of these machines that nobody has answered or silenced."""
    return [
        {
            "machine": row.machine,
            "name": texts.alarm(row.alarm.alarm),
            "critical": row.alarm.severity == Gravity.CRITICAL,
        }
        for row in views.unanswered(tx, machines)
        if not row.alarm.is_silent(now)
    ]


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "subject": {"type": item.subject, "id": str(item.id)},
        "due": item.due,
        "amount": item.amount,
        "severity": item.severity.name.lower(),
        "text": item.text,
    }


def _rooms(who: sessions.SignedIn) -> set[str]:
    """Where what concerns the caller is announced."""
    own = {f"party:{who.party}", private_room(who.party)} if who.party else set()
    return own | ({BANK_ROOM} if sessions.is_officer(here(), who.wallet) else set())


def _concerning(tx: Connection, batch: list[feed.Item], ours: set[str]) -> Iterator[feed.Item]:
    for item, rooms in zip(batch, rooms_of(tx, batch), strict=True):
        if ours & set(rooms) and news.is_told(item.topic, item.kind):
            yield item


def _told(item: feed.Item, party: int) -> dict[str, Any]:
    """What is private has no arguments of a contract: its payload says what happened."""
    facts = item.payload if item.topic == feed.PRIVATE else item.payload["arguments"]
    return {
        "cursor": str(item.cursor),
        "kind": item.kind,
        "subject": news.subject(item.topic, facts, party),
        "at": item.payload.get("timestamp"),
        "text": news.sentence(item.topic, item.kind, facts, party),
        "transaction_hash": item.payload.get("transaction"),
    }
