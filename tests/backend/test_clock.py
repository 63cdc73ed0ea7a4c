"""The backend's clock follows a local chain that was moved ahead, and no other."""

import time

from backend import clock
from backend.chain.rpc import Rpc
from backend.config import Settings
from tests import anvil

WEEK = 7 * 86_400


def test_on_a_local_chain_time_moves_with_the_chain(monkeypatch):
    monkeypatch.setattr(clock, "LOOK_AGAIN_S", 0)
    with anvil.start() as node:
        settings = Settings(rpc_urls=node.url, chain_id=anvil.LOCAL_CHAIN_ID)
        rpc = Rpc.connect(settings)
        now = clock.of(settings, rpc)
        assert abs(now() - clock.wall()) <= 2
        rpc.call("evm_increaseTime", WEEK)
        rpc.call("anvil_mine", "0x1")
        moved = now()
        assert abs(moved - clock.wall() - WEEK) <= 2
        time.sleep(2.1)
        assert now() >= moved + 2, "time stands still between blocks"
        assert abs(clock.of(settings, rpc)() - now()) <= 1, "who looks later sees another time"


def test_on_any_other_chain_it_is_the_machines():
    settings = Settings(chain_id=11_155_111)
    assert clock.of(settings, Rpc.connect(settings)) is clock.wall
