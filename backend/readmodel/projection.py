"""Which events are projected into which tables. A product module declares both:

parties = Table("parties", READMODEL, Column("party_id", BigInteger, primary_key=True), …)

@handles("Participants", "PartyRegistered")
def register(rows: Rows, event: Event) -> None:
    rows.put(parties, party_id=event["partyId"], …)
"""

import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import MetaData, Table
from sqlalchemy.schema import CreateTable

import backend.readmodel
from backend.chain.contracts import Event, Suite
from backend.readmodel.rows import Rows

Handler = Callable[[Rows, Event], None]


@dataclass(frozen=True)
class Subscription:
    """Handlers of one event; `key` is the argument under which the feed announces it (default: the first)."""

    handlers: tuple[Handler, ...]
    key: str | None


class Projection:
    """Tables and the handlers that fill them."""

    def __init__(self) -> None:
        self.metadata = MetaData()
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self.witnesses: list[Handler] = []

    def handles(self, contract: str, event: str, key: str | None = None) -> Callable[[Handler], Handler]:
        """Call the function for every such event, in the order of the chain."""

        def register(handler: Handler) -> Handler:
            known = self.subscriptions.get((contract, event), Subscription((), None))
            self.subscriptions[contract, event] = Subscription((*known.handlers, handler), key or known.key)
            return handler

        return register

    def witness(self, handler: Handler) -> Handler:
        """Call the function for every event that anything handles, after its own handlers."""
        self.witnesses.append(handler)
        return handler

    def fingerprint(self, suite: Suite) -> str:
        """Changes when existing rows no longer fit: other tables, other events, other contracts."""
        parts = [str(CreateTable(table)) for table in self.metadata.sorted_tables]
        parts += [f"{contract}.{event}={suite.address(contract)}" for contract, event in sorted(self.subscriptions)]
        parts.append(f"{suite.genesis_hash}@{suite.start_block}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def table(self, name: str) -> Table:
        return self.metadata.tables[name]


_SHIPPED = Projection()
READMODEL = _SHIPPED.metadata
handles = _SHIPPED.handles
witness = _SHIPPED.witness


def shipped() -> Projection:
    """The projection of all product modules of this package."""
    for module in pkgutil.iter_modules(backend.readmodel.__path__):
        if module.name != "__main__":
            importlib.import_module(f"backend.readmodel.{module.name}")
    return _SHIPPED
