"""The EVM in process is only worth something if it does what a real node does."""

import pytest

from tests import anvil
from tests.properties import anvil_chain
from tests.properties.driver import Run

STEPS = 250
SEED = "lines on a node"
TAKEN = {"Factoring.finance", "CreditLine.draw", "CreditLine.repay"}


@pytest.mark.parametrize("token", ["MockCash", "MockReentrantCash"])
def test_a_real_node_takes_the_same_steps_with_the_same_gas_events_and_state(token: str) -> None:
    with anvil.start(options=anvil_chain.NODE_OPTIONS) as node:
        on_node = Run(SEED, token, anvil_chain.at(node))
        in_process = Run(SEED, token)
        for _ in range(STEPS):
            on_node.step()
            in_process.step()
        on_node.compare_everything()
        in_process.compare_everything()
        assert on_node.history == in_process.history
        assert on_node.world.done == in_process.world.done
        assert on_node.world.refused == in_process.world.refused
        assert set(on_node.world.done) >= TAKEN
        assert on_node.world.evm.transactions >= STEPS // 2
