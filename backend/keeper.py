"""The keeper: brings settlements and rent to those they belong to, closes statements, notes what is overdue, lowers
limits and ends what only waits for it, with calls that anyone may make.

It decides nothing: the contracts fix amount and receiver, and refuse what is not due. Without a keeper the parties make
the same calls themselves.
"""

import threading

import structlog
from sqlalchemy import Connection, Engine, inspect

from backend import days, loop, store
from backend.chain import outbox, start
from backend.chain.contracts import Suite
from backend.chain.keys import Keyring
from backend.chain.rpc import Rpc
from backend.config import Duty, Settings
from backend.readmodel import deliveries, indexer, lease_deliveries
from backend.readmodel.deliveries import Delivery

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Deliver until `stop` is set. Raises what makes a start impossible."""
    sender = Keyring.load(settings)[Duty.RELAYER].address
    rpc, engine = start.connect(settings, suite)
    keeper = Keeper(engine, rpc, suite, sender)
    loop.run("keeper", keeper.step, settings.poll_interval, stop)


class Keeper:
    """`step` puts every pending call into the outbox."""

    def __init__(self, engine: Engine, rpc: Rpc, suite: Suite, sender: str) -> None:
        self._engine = engine
        self._rpc = rpc
        self._suite = suite
        self._sender = sender

    def step(self) -> list[str]:
        """Keys of the calls that were put into the outbox."""
        now = self._rpc.head().timestamp
        today = days.day_of(now)
        with store.reading(self._engine) as tx:
            if not inspect(tx).has_table(indexer.progress.name):
                return []
            possible = [*deliveries.pending(tx, now), *lease_deliveries.pending(tx, now)]
            wanted = {key_of(delivery, today): delivery for delivery in possible}
            new = {key: wanted[key] for key in wanted.keys() - outbox.known(tx, wanted)}
        if new:
            with store.writing(self._engine) as tx:
                for key, delivery in new.items():
                    self._enqueue(tx, key, delivery)
        return sorted(new)

    def _enqueue(self, tx: Connection, key: str, delivery: Delivery) -> None:
        target = self._suite.address(delivery.contract)
        data = self._suite.calldata(delivery.contract, delivery.function, *delivery.arguments)
        outbox.enqueue(tx, key=key, sender=self._sender, target=target, data=data)
        log.info("delivery_queued", call=delivery.function, arguments=delivery.arguments)


def key_of(delivery: Delivery, today: int) -> str:
    """One attempt a day, and one more when the debtor has paid in full: a stream of tiny payments must not empty the
    relayer, and a payee whose token blocks it gets another chance. A batch counts as one, whoever is in it."""
    subject = "-".join(str(argument) for argument in delivery.arguments)
    if delivery.batch is not None:
        subject = f"batch-{delivery.batch}"
    call = f"{delivery.function}-{delivery.contract}"
    return f"keeper-{call}-{subject}-{today}-{'whole' if delivery.complete else 'part'}"
