"""Nothing secret reaches a log line (CASES 46)."""

import json
import logging

import pytest
import structlog

from backend import log
from backend.chain.keys import Keyring, development_key
from backend.config import Duty

KEYRING = Keyring({Duty.RELAYER: development_key(5), Duty.PLATFORM: development_key(6)})
PRIVATE_KEY = bytes(development_key(5).key).hex()
PASSWORD = "correct horse battery staple"


def configure(form: str) -> None:
    log.configure("debug", form, secrets=(*KEYRING.secrets(), PASSWORD))


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "values",
    [
        {"private_key": PRIVATE_KEY},
        {"note": f"key is 0x{PRIVATE_KEY}"},
        {"note": PRIVATE_KEY.upper()},
        {"nested": {"deep": [{"text": PRIVATE_KEY}]}},
        {"data": bytes.fromhex(PRIVATE_KEY)},
        {"error": ValueError(PRIVATE_KEY)},
        {"password": "other"},
        {"note": PASSWORD},
        {"raw_transaction": "0x02f8"},
        {"Authorization": "Bearer other"},
        {"set_cookie": "other"},
        {"signature": "other"},
        {"url": "https://user:other@node.example/v2/other?key=other"},
        {"reason": "cannot reach postgresql://heqi:other@db:5432/heqi"},
    ],
)
def test_a_secret_is_redacted_wherever_it_stands(capfd, form: str, values: dict[str, object]):
    configure(form)
    structlog.get_logger().warning("something", **values)
    text = capfd.readouterr().err
    assert "something" in text
    for secret in (PRIVATE_KEY, PRIVATE_KEY.upper(), PASSWORD, "other", "02f8"):
        assert secret not in text


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_in_exceptions_and_foreign_loggers_are_redacted(capfd, form: str):
    configure(form)
    try:
        raise ValueError(PRIVATE_KEY)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").warning("key %s", PRIVATE_KEY)
    text = capfd.readouterr().err
    assert "failed" in text
    assert "key [redacted]" in text
    assert PRIVATE_KEY not in text


def test_hosts_addresses_hashes_and_amounts_stay_readable(capfd: pytest.CaptureFixture[str]):
    log.configure("info", "json", secrets=KEYRING.secrets())
    values = {"transaction": "0x" + "ab" * 32, "address": development_key(5).address, "amount": 10**20, "drawn": 5}
    structlog.get_logger().info("settled", endpoint="https://node.example:8545/token", **values)
    line = json.loads(capfd.readouterr().err)
    assert line["endpoint"] == "https://node.example:8545"
    assert {name: line[name] for name in values} == values


def test_a_keyring_prints_addresses_only():
    assert PRIVATE_KEY not in repr(KEYRING)
    assert development_key(5).address in repr(KEYRING)
