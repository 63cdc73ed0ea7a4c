"""Routes of the feed: everything that happened, in order."""

from typing import Any

from flask import Blueprint

from backend.api.context import reading
from backend.api.rooms import rooms_of
from backend.api.schemas import Feed, FeedQuery
from backend.api.spec import documented
from backend.store import feed

LARGEST_POSITION = 2**63 - 1

blueprint = Blueprint("feed", __name__, url_prefix="/v1/feed")


@blueprint.get("")
@documented(Feed, 400, tag="Feed")
def show_feed(query: FeedQuery) -> Feed:
    """Events after a cursor, oldest first. The same events come over Socket.IO as they happen."""
    after = feed.Cursor.parse(query.after)
    if max(after.xid, after.id) > LARGEST_POSITION:
        raise feed.CursorInvalid(cursor=query.after)
    with reading() as tx:
        items = feed.latest(tx, query.limit) if query.latest else feed.public_tail(tx, after, query.limit)
        told = announcements(tx, items)
    return Feed.model_validate({"items": told, "next": str(items[-1].cursor if items else after)})


def announcements(tx: Any, items: list[feed.Item]) -> list[dict[str, Any]]:
    """Feed items as the API tells them."""
    return [
        {
            "cursor": str(item.cursor),
            "topic": item.topic,
            "key": item.key,
            "kind": item.kind,
            "block": item.block,
            "payload": item.payload,
            "rooms": rooms,
        }
        for item, rooms in zip(items, rooms_of(tx, items), strict=True)
    ]
