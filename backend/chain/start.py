"""What every process does first: reach chain and database, and refuse to start when they do not belong together."""

from sqlalchemy import Engine

from backend import store
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import Settings


def connect(settings: Settings, suite: Suite) -> tuple[Rpc, Engine]:
    """Raises ChainMismatch, GenesisMismatch, DatabaseOfAnotherChain, DatabaseUrlInvalid, RpcUnavailable."""
    rpc = Rpc.connect(settings)
    suite.verify_genesis(rpc)
    engine = store.connect(settings.database_url.get_secret_value())
    store.migrate(engine)
    store.bind_to_chain(engine, suite.chain_id, suite.genesis_hash)
    return rpc, engine
