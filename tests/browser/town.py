"""A small town for the browser: a running stack with a bank, an enterprise that is good for its debts, suppliers, a
merchant with an open line, and a machine on lease. Faster than the stories, and as real.
"""

import json
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import requests

from backend.telemetry.simulator.sites import draw_ground
from scripts import _machine, dapp, lease_story, merchant_story, receivable_story, stack
from scripts._machine import Lease
from scripts._narrator import Narrator
from scripts._shop import Shop
from scripts._stage import Story
from scripts.market import Invoice, Market, Person
from scripts.stack import Place, Stack, free_ports

PEOPLE = receivable_story.PEOPLE | merchant_story.PEOPLE | lease_story.PEOPLE
ADMITTED = ("bank", "guarantor", "huaxing", "mingda", "ruifeng", "teahouse", "taihe", "changqing")
API_WITHIN_S = 240.0
LOCK_S = 1.0


@dataclass
class Town:
    """People by what they are; `told` has the helpers of the stories."""

    told: Story
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def market(self) -> Market:
        return self.told.market

    @property
    def stack(self) -> Stack:
        return self.market.stack

    @property
    def place(self) -> Place:
        return self.stack.place

    @property
    def debtor(self) -> Person:
        """A core enterprise with a good score and an open facility."""
        return self.told.huaxing

    @property
    def supplier(self) -> Person:
        return self.told.mingda

    @property
    def second_supplier(self) -> Person:
        return self.told.ruifeng

    @property
    def merchant(self) -> Person:
        """With an open line, nothing drawn."""
        return self.told.shop.person

    @property
    def lender(self) -> Person:
        return self.told.bank

    @property
    def lease(self) -> Lease:
        """Delivered, not financed: the lessor may ask the bank for money once `lease.machine.report()` is fresh."""
        return self.told.lease

    @property
    def lessor(self) -> Person:
        return self.told.taihe

    @property
    def lessee(self) -> Person:
        return self.told.changqing

    def invoice(self, total: str = "100000.00") -> Invoice:
        """One that nobody has registered yet."""
        return Invoice(f"B-{next(self.numbers):04}", total)

    def registered(self, total: str = "100000.00", days: int = 90) -> int:
        """A receivable of the supplier that waits for the debtor's word."""
        due = self.market.today() + days
        number = int(self.market.register(self.supplier, self.debtor, self.invoice(total), due)["id"])
        self.market.catch_up()
        return number

    def confirmed(self, total: str = "100000.00", days: int = 90) -> int:
        """A receivable of the supplier that can be financed."""
        due = self.market.today() + days
        return self.market.confirmed(self.supplier, self.debtor, self.invoice(total), due)

    def newest(self) -> int:
        """The receivable that was registered last."""
        self.market.catch_up()
        return int(self.market.api.get("/v1/receivables?limit=1")["items"][0]["id"])

    @contextmanager
    def without_relay(self) -> Iterator[None]:
        """Nothing is delivered and nothing marked unless somebody does it: the keeper sleeps, and no reports come."""
        log = self.stack.processes["backend"][1].read_text(encoding="utf-8")
        relay = int(re.findall(r"relay started \(process (\d+)\)", log)[-1])
        os.kill(relay, signal.SIGSTOP)
        try:
            while not self._may_write():
                # It fell asleep over a write, which would keep the indexer from its own.
                os.kill(relay, signal.SIGCONT)
                os.kill(relay, signal.SIGSTOP)
            yield
        finally:
            os.kill(relay, signal.SIGCONT)

    def _may_write(self) -> bool:
        with closing(sqlite3.connect(self.place.database, timeout=LOCK_S)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True


@contextmanager
def open_town(folder: Path) -> Iterator[Town]:
    """The stack serves the dApp as it goes to networks, without the demo's wallet."""
    with stack.started(Place.temporary(folder), print) as running:
        dapp.bake(dapp.BUILD, record(running), running.place.dapp)
        told = Story(Market(running), Narrator("en"))
        _populate(told)
        yield Town(told)


def record(running: Stack) -> dict[str, object]:
    found: dict[str, object] = json.loads(running.place.record.read_text(encoding="utf-8"))
    return found


def _populate(told: Story) -> None:
    market = told.market
    told.people = {name: market.admit(PEOPLE[name]) for name in ADMITTED}
    receivable_story.deposit(market, told.bank, told.guarantor)
    market.open_facilities([told.huaxing])
    market.delayed("risk_manager", [("Treasury", "setLimit", (told.changqing.party, lease_story.UNIFIED_LIMIT))])
    statements = receivable_story.cast()
    for person, company in ((told.huaxing, "strong"), (told.changqing, "medium")):
        market.consent(person)
        market.file(person, statements[company][0])
    told.shop = Shop(market, told.teahouse, merchant_story.NUMBER, market.today() - merchant_story.AGE)
    merchant_story.agree_and_open(told)
    told.lease = _lease(told)
    for person in (told.huaxing, told.changqing):
        market.next_score(person, 0)


def _lease(told: Story) -> Lease:
    market = told.market
    market.mint(told.changqing.wallet, lease_story.PURSE, "RentLedger")
    machine = _machine.registered(market, told.taihe, "TH-2026-0701", draw_ground(Random(8)), ())
    lease = lease_story.sign(told, machine, told.changqing, market.today())
    lease_story.deliver(told, lease)
    return lease


@contextmanager
def another_api(running: Stack, page: Path) -> Iterator[str]:
    """A second API over the same database that serves the dApp from `page`; yields its address. It may be ended before
    the block ends: `running.processes["another-api"]`."""
    [port] = free_ports(1)
    environment = running.place.environment() | {"HEQI_API_PORT": str(port), "HEQI_DAPP_DIR": str(page)}
    command = [sys.executable, "-m", "backend", "api"]
    url = f"http://127.0.0.1:{port}"
    with stack.process(running, "another-api", command, environment):
        deadline = time.monotonic() + API_WITHIN_S
        while not _answers(url):
            assert time.monotonic() < deadline, stack.tail(running.processes["another-api"][1])
            time.sleep(0.1)
        yield url


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/v1/status", timeout=5).ok
    except requests.ConnectionError:
        return False
