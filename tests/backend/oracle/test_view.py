"""Finding the block of a second, whatever the distance of blocks."""

import pytest

from backend.chain.rpc import Header
from backend.oracle import view

TIMES = [10, 20, 21, 22, 50, 80, 81, 200]


class Chain:
    """Answers headers as a node does, and counts the questions."""

    def __init__(self) -> None:
        self.asked = 0

    def header(self, number: int) -> Header:
        self.asked += 1
        return head(number)


def head(number: int) -> Header:
    return Header(number, f"0x{number}", "0x", TIMES[number], 0)


@pytest.mark.parametrize(
    ("second", "block"), [(200, 7), (199, 6), (81, 6), (80, 5), (49, 3), (22, 3), (20, 1), (10, 0), (9, 0), (999, 7)]
)
def test_the_block_of_a_second_is_the_last_one_that_is_not_later(second: int, block: int):
    assert view.block_at(Chain(), second, head(7)) == block


def test_the_head_needs_no_question():
    chain = Chain()
    assert view.block_at(chain, 200, head(7)) == 7
    assert chain.asked == 0
