"""The runner of long-lived steps."""

import threading

import pytest

from backend import loop
from backend.chain.rpc import HeadUnsettled, RpcRefused, RpcUnavailable


@pytest.mark.parametrize(
    "passing",
    [HeadUnsettled(block=5), RpcUnavailable(endpoints="none"), RpcRefused("eth_call", "busy")],
    ids=lambda error: error.code,
)
def test_what_a_node_may_fail_at_for_a_while_is_tried_again(passing: Exception):
    stop, calls = threading.Event(), []

    def step() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise passing
        stop.set()

    loop.run("test", step, 0.001, stop)
    assert len(calls) == 3


def test_any_other_error_ends_the_loop():
    def step() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.run("test", step, 0.001, threading.Event())
