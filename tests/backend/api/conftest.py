"""One open market with some history, its read model, and the API over both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from backend import store
from backend.api.app import create_app
from backend.api.limits import limiter
from backend.config import Settings
from tests import anvil
from tests.backend.market import YUAN, Market
from tests.backend.readmodel.mirror import indexing
from tests.backend.readmodel.test_products import play_life, play_losses, play_scores


@pytest.fixture(scope="package")
def market() -> Iterator[Market]:
    """Everything of the life, loss and score plays, more receivables, and a line that party 8 uses.

    Receivables: 10 registered, 11 confirmed, 12 disputed.
    """
    with anvil.start() as node:
        market = Market(node).open()
        play_life(market)
        play_losses(market)
        play_scores(market)
        party = market.open_line()
        market.draw(60_000 * YUAN)
        market.send("merchant", "CreditLine", "repay", party, 10_000 * YUAN)
        market.score({1: 640}, consent_epoch=2)
        yield market


@pytest.fixture(scope="package")
def database(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = store.connect(f"sqlite:///{tmp_path_factory.mktemp('api')}/heqi.db")
    store.migrate(engine)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    yield engine
    engine.dispose()


@pytest.fixture(scope="package")
def app(market: Market, database: Engine) -> Flask:
    return create_app(Settings(), market.suite, market.rpc, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    limiter.reset()
    return app.test_client()


@pytest.fixture
def empty_client(market: Market, tmp_path: Path) -> Iterator[FlaskClient]:
    """An API whose indexer has never run."""
    engine = store.connect(f"sqlite:///{tmp_path}/heqi.db")
    store.migrate(engine)
    yield create_app(Settings(), market.suite, market.rpc, engine).test_client()
    engine.dispose()
