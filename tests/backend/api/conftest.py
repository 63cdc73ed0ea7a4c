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
from tests.backend.market import Market
from tests.backend.readmodel.mirror import indexing
from tests.backend.readmodel.test_products import (
    play_life,
    play_line,
    play_losses,
    play_lost_line,
    play_scores,
)


@pytest.fixture(scope="package")
def market() -> Iterator[Market]:
    """Everything of the life, loss, score and line plays: party 8 lost a line that was recovered, party 9 uses one."""
    with anvil.start() as node:
        market = Market(node).open()
        play_life(market)
        play_lost_line(market)
        market.score({1: 720, 7: 660})
        play_losses(market)
        play_scores(market)
        play_line(market)
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
