"""Contracts are compiled before the first test that runs them."""

from tests.properties.build import ensure_compiled


def pytest_sessionstart() -> None:
    ensure_compiled()
