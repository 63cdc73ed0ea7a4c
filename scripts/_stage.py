"""What the stories of all products share: the people in them, what is told, and what every act checks."""

from dataclasses import dataclass, field
from typing import Any

import socketio

from backend.chain.reverts import ContractError
from backend.errors import HeqiError
from backend.oracle.trace import trail
from scripts._machine import Lease
from scripts._narrator import Narrator
from scripts._shop import Shop
from scripts.market import Market, Person, expect, fen

LENT = fen("20,000,000.00")
COVER = fen("1,000,000.00")


@dataclass
class Story:
    """What the acts share. `receivables` by what the story calls them; `companies`: statements by role; `income`: every
    yuan that the bank earned; `shop`: the merchant's; `token`: its platform's; `better`: trail of its last good score;
    `lease`: the one that is told from beginning to end.
    """

    market: Market
    tell: Narrator
    people: dict[str, Person] = field(default_factory=dict)
    receivables: dict[str, int] = field(default_factory=dict)
    companies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    income: int = 0
    shop: Shop = field(init=False)
    token: str = field(init=False)
    better: dict[str, Any] = field(init=False)
    lease: Lease = field(init=False)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


class Listener:
    """A dApp's ear: everything in the feed must also have come over Socket.IO, as long as the connection held. One that
    was lost is a dApp's to mend, by reading the feed from where it stood."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._heard: set[str] = set()
        self._client = socketio.Client()
        self._client.on("event", lambda message: self._heard.add(message["cursor"]))
        self._client.on("disconnect", self._lose)
        self._held = True

    def __enter__(self) -> "Listener":
        self._client.connect(self._market.stack.place.api_url, transports=["polling"])
        self._client.call("subscribe", {"rooms": ["all"]})
        self._since = self._market.api.get("/v1/status")["feed"]
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()

    def _lose(self, *_: object) -> None:
        self._held = False

    def expect_everything(self) -> None:
        self._market.catch_up()
        cursor, told = self._since, set()
        while page := self._market.api.get("/v1/feed", after=cursor, limit=500)["items"]:
            told |= {item["cursor"] for item in page}
            cursor = page[-1]["cursor"]
        self._market.until("every event of the feed over Socket.IO", lambda: told <= self._heard or not self._held)


# What several acts do


def refusal(story: Story, person: Person, contract: str, function: str, *arguments: Any) -> ContractError:
    """The contract's reason for refusing the person's transaction."""
    try:
        person.wallet.send(contract, function, *arguments)
    except ContractError as refused:
        return refused
    expect(f"{contract}.{function} by {person.name}", "done", "refused")
    raise AssertionError


def expect_refusal(story: Story, refused: ContractError, code: str, **values: Any) -> None:
    expect("reason of the refusal", refused.code, code)
    expect(f"values of {code}", {name: refused.values[name] for name in values}, values)


def tell_refusal(story: Story, refused: ContractError) -> None:
    story.tell.step(
        None, f"refused, {refused.code}: {refused.notice('en')}", f"被拒绝，{refused.code}：{refused.notice('zh')}"
    )


def tell_score(story: Story, person: Person, score: dict[str, Any]) -> dict[str, Any]:
    """A score with its reasons, traced back to the facts and to those who signed it; returns the trail."""
    traced = story.market.until("the round of the score to be final", lambda: _traced(story, person, score["sequence"]))
    expect("traced score", traced["score"], score["value"])
    reason = score["reasons"][0]["text"]
    default_rate = f"{score['pdPpm'] / 10_000:.2f} %"
    story.tell.step(
        person,
        f"score {score['value']}, default probability {default_rate}, round {traced['round']} "
        f"signed by {len(traced['signers'])} of 3; first reason: {reason['en']}",
        f"评分 {score['value']}，违约概率 {default_rate}，"
        f"第 {traced['round']} 轮由 3 方中的 {len(traced['signers'])} 方签署；"
        f"首要原因：{reason['zh']}",
    )
    return traced


def _traced(story: Story, person: Person, sequence: int) -> dict[str, Any] | None:
    try:
        found = trail(story.market.engine, person.party)
    except HeqiError:
        return None
    return found if found["sequence"] == sequence else None


def share_price(story: Story) -> float:
    """Net assets per share; a share has six decimals more than the cash."""
    value = story.market.api.get("/v1/treasury/value")
    return int(value["netAssets"]) * 10**6 / int(value["shares"])


def percent(bps: int) -> str:
    return f"{bps / 100:.2f} %"
