"""Every page of the dApp, as its routes name them, with a real thing for each parameter."""

import re
from dataclasses import dataclass

from scripts.market import OFFICERS, Person
from scripts.plan import ROOT
from tests.browser.town import Town

FEATURES = ROOT / "frontend" / "src" / "features"
PATH = re.compile(r'path: "([^"]+)"')


def paths() -> list[str]:
    """As TanStack Router writes them: `/receivables/$id`."""
    return [path for pages in sorted(FEATURES.glob("*/pages.ts")) for path in PATH.findall(pages.read_text("utf-8"))]


@dataclass(frozen=True)
class Places:
    """`receivable`: one that was confirmed; `transaction`: that of a block with the suite's contracts in it."""

    town: Town
    receivable: int
    transaction: str

    def url(self, path: str) -> str:
        """The path with something that is there in place of its parameter."""
        lease = self.town.lease
        things = {
            "/receivables/": self.receivable,
            "/credit/lines/": self.town.merchant.party,
            "/leases/machines/": lease.machine.number,
            "/leases/": lease.number,
            "/tx/": self.transaction,
            "/address/": self.town.market.suite.address("Factoring"),
            "/block/": self.town.market.rpc.header("latest").number,
            "/audit/receivables/": self.receivable,
            "/audit/scores/": self.town.debtor.party,
        }
        before, _, parameter = path.partition("$")
        return f"{before}{things.get(before, self.town.debtor.party)}" if parameter else path

    def somebody(self, path: str) -> Person | int:
        """Whom the page is for."""
        people: dict[str, Person | int] = {
            "credit": self.town.merchant,
            "leases": self.town.lessee,
            "bank": OFFICERS["risk_manager"],
        }
        return people.get(path.split("/")[1], self.town.supplier)


def known(town: Town) -> Places:
    """With a confirmed receivable of its own."""
    market = town.market
    registered = market.register(town.supplier, town.debtor, town.invoice("120000.00"), market.today() + 60)
    receipt = market.confirm(town.debtor, registered)
    market.catch_up()
    return Places(town, int(registered["id"]), receipt.transaction)
