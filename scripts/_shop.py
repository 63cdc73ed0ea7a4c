"""A merchant of the synthetic population with its wallet and its session at the API: brings records, draws, repays."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests

from backend import days
from backend.chain.wallet import Receipt
from backend.scoring.merchants import population
from backend.scoring.merchants.population import AS_IT_COMES, Course
from backend.scoring.merchants.records import BusinessRecord, Kind
from scripts._session import open_session, sign_in
from scripts.market import Market, Person, read_answer, yuan

SEED = 1
PUSHED_AT_ONCE = 2_000  # rows
AMOUNTS = {Kind.SALE, Kind.REFUND, Kind.STOCK}


@dataclass
class Shop:
    """`number`: which merchant of the population plays; its life begins on day `opened`. `told`: day before which
    everything was brought.
    """

    market: Market
    person: Person
    number: int
    opened: int
    course: Course = AS_IT_COMES
    told: int = 0

    @cached_property
    def session(self) -> requests.Session:
        """Signed in with the merchant's wallet."""
        session = open_session(self._url)
        sign_in(session, self._url, self.person.wallet.account)
        return session

    def get(self, path: str, **query: Any) -> Any:
        """Also what only the merchant sees. Raises ApiProblem."""
        return read_answer(path, self.session.get(self._url + path, params=query, timeout=60))

    def post(self, path: str, body: Any, **query: Any) -> Any:
        """Raises ApiProblem."""
        return read_answer(path, self.session.post(self._url + path, json=body, params=query, timeout=120))

    # Records

    def upload(self, **query: Any) -> Any:
        """Everything up to yesterday as one file; returns the report. Raises ApiProblem."""
        today = self.market.today()
        report = self.post(f"/v1/merchants/{self.person.party}/uploads", self.rows(), **query)
        if report["outcome"] == "kept":
            self.told = today
        return report

    def push(self, token: str) -> None:
        """The platform brings what happened since the last time, up to yesterday. Raises ApiProblem."""
        today, path = self.market.today(), "/v1/push/records"
        rows, bearer = self.rows(), {"Authorization": f"Bearer {token}"}
        for first in range(0, len(rows), PUSHED_AT_ONCE):
            chunk, query = rows[first : first + PUSHED_AT_ONCE], {"party": self.person.party}
            answer = requests.post(self._url + path, json=chunk, params=query, headers=bearer, timeout=120)
            read_answer(path, answer)
        self.told = today

    def rows(self) -> list[dict[str, str]]:
        """What happened since the last time, up to yesterday, as a file has it."""
        life = population.records(SEED, self.number, self.opened, self.market.today() - 1, self.course)
        return [_row(record) for record in life if days.day_of(record.occurred_at) >= self.told]

    # Line

    def open(self) -> Receipt:
        """Under the agreement that the API shows."""
        agreement = self.get("/v1/conditions/lines")["agreement"]["hash"]
        receipt = self.person.wallet.send("CreditLine", "open", agreement)
        self.market.catch_up()
        return receipt

    def draw(self, amount: int) -> Receipt:
        """Signs net amount and rate of the offer, good for ten minutes."""
        offer = self.get(f"/v1/lines/{self.person.party}/quote", amount=amount)
        guards = int(offer["net"]), offer["annualRateBps"], self.market.now() + 600
        receipt = self.person.wallet.send("CreditLine", "draw", amount, *guards)
        self.market.catch_up()
        return receipt

    def repay(self, amount: int) -> Receipt:
        self.person.wallet.send("MockCash", "approve", self.market.suite.address("CreditLine"), amount)
        receipt = self.person.wallet.send("CreditLine", "repay", self.person.party, amount)
        self.market.catch_up()
        return receipt

    def owed(self) -> dict[str, int]:
        """Today, from the chain."""
        owed: dict[str, int] = self.market.suite.call(self.market.rpc, "CreditLine", "owedOf", self.person.party)
        return owed

    def limit(self) -> dict[str, Any]:
        limit: dict[str, Any] = self.get(f"/v1/lines/{self.person.party}/limit")
        return limit

    @property
    def _url(self) -> str:
        return self.market.stack.place.api_url


def _row(record: BusinessRecord) -> dict[str, str]:
    row = {"kind": record.kind.value, "id": record.id, "occurred_at": _iso(record.occurred_at)}
    if record.kind in AMOUNTS:
        row["amount"] = yuan(record.value).replace(",", "")
    if record.kind is Kind.RATING:
        row["stars"] = f"{record.value / 100:.2f}"
    if record.kind is Kind.ARREARS:
        row["days"] = str(record.value)
    if record.count > 1:
        row["count"] = str(record.count)
    if record.buyer:
        row["buyer"] = record.buyer
    return row


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(second))
