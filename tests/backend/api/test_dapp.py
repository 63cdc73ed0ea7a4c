"""The dApp's page: served for every path that is nothing else, with a policy of its own."""

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from backend.api.app import create_app
from backend.config import Settings
from tests.backend.api.test_refusals import refused
from tests.backend.market import Market


@pytest.mark.parametrize("path", ["/", "/receivables", "/receivables/17", "/tx/0x12"])
def test_every_page_is_the_one_page(path: str, client: FlaskClient):
    answer = client.get(path)
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-store"


def test_scripts_and_styles_need_the_nonce_of_this_very_answer(client: FlaskClient):
    first, second = client.get("/"), client.get("/")
    nonces = [set(re.findall(r'nonce="([^"]+)"', answer.text)) for answer in (first, second)]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    (nonce,) = nonces[0]
    policy = first.headers["Content-Security-Policy"]
    assert f"script-src 'self' 'nonce-{nonce}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(("chain_id", "sources"), [(417417, "'self' http://127.0.0.1:8545"), (11155111, "'self'")])
def test_the_page_may_reach_the_node_on_the_local_chain_alone(
    chain_id: int, sources: str, market: Market, database: Engine
):
    settings = Settings(chain_id=chain_id, allowed_origins="https://heqi.example")
    page = create_app(settings, market.suite, market.rpc, database).test_client().get("/")
    assert f"connect-src {sources};" in page.headers["Content-Security-Policy"]


def test_assets_may_be_kept_for_ever(client: FlaskClient):
    (path,) = re.findall(r'src="(/assets/[^"]+)"', client.get("/").text)
    with client.get(path) as asset:
        assert "immutable" in asset.headers["Cache-Control"]


def test_who_takes_gzip_gets_an_asset_as_it_was_zipped(market: Market, database: Engine, tmp_path: Path):
    script = b"'" + b"0" * 2_000 + b"'"
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a-1.js").write_bytes(script)
    (tmp_path / "assets" / "a-1.js.gz").write_bytes(gzip.compress(script))
    client = create_app(Settings(dapp_dir=tmp_path), market.suite, market.rpc, database).test_client()
    with client.get("/assets/a-1.js", headers={"Accept-Encoding": "gzip, br"}) as zipped:
        assert (zipped.mimetype, zipped.content_encoding) == ("text/javascript", "gzip")
        assert "immutable" in zipped.headers["Cache-Control"]
        assert gzip.decompress(zipped.data) == script
    with client.get("/assets/a-1.js") as plain:
        assert (plain.content_encoding, plain.data) == (None, script)
        assert "Accept-Encoding" in plain.vary


@pytest.mark.parametrize("path", ["/assets/nothing.js", "/assets/../index.html", "/index.html", "/.vite/manifest.json"])
def test_other_files_are_not_served(path: str, client: FlaskClient):
    assert client.get(path).status_code == 404


def test_without_a_build_the_page_says_so(market: Market, database: Engine, tmp_path: Path):
    app = create_app(Settings(dapp_dir=tmp_path), market.suite, market.rpc, database)
    refused(app.test_client().get("/"), 503, "DappMissing")
