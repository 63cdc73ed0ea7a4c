"""Databases and chains for the tests of the backend.

With HEQI_TEST_POSTGRES_URL set, whatever uses `engine` runs a second time on that PostgreSQL, in a schema of its own.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from backend import store
from tests import anvil

POSTGRES_URL = os.environ.get("HEQI_TEST_POSTGRES_URL")
DATABASES = ["sqlite", "postgresql"] if POSTGRES_URL else ["sqlite"]


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database, empty."""
    if request.param == "sqlite":
        created = store.connect(f"sqlite:///{tmp_path}/heqi.db")
        store.migrate(created)
        yield created
        created.dispose()
    else:
        yield from _postgres_schema(POSTGRES_URL or "")


def _postgres_schema(url: str) -> Iterator[Engine]:
    schema = f"heqi_test_{secrets.token_hex(4)}"
    whole = store.connect(url)
    with store.writing(whole) as tx:
        tx.execute(text(f"CREATE SCHEMA {schema}"))
    inside = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
    created = store.connect(inside.render_as_string(hide_password=False))
    store.migrate(created)
    yield created
    created.dispose()
    with store.writing(whole) as tx:
        tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    whole.dispose()


@pytest.fixture
def node() -> Iterator[anvil.Node]:
    """A chain that mines a block for every transaction."""
    with anvil.start() as started:
        yield started


@pytest.fixture
def held_node() -> Iterator[anvil.Node]:
    """A chain that mines only on request."""
    with anvil.start(mining=False) as started:
        yield started
