import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.federation import fixed
from backend.federation.errors import ValueOutOfRange

MOST = fixed.MOST_SUM / 3 / 2**32


@given(st.lists(st.lists(st.floats(-MOST, MOST), min_size=3, max_size=3), min_size=1, max_size=3))
def test_a_sum_of_words_is_the_sum_of_the_figures(vectors):
    total = sum((fixed.encode("slopes", np.array(own), 3) for own in vectors), np.zeros(3, dtype=np.uint64))
    assert fixed.decode("slopes", total) == pytest.approx(np.sum(vectors, axis=0), rel=1e-12, abs=3 * 2**-33)


def test_counts_stay_whole():
    words = fixed.encode("counts", np.array([0.0, 1.0, 123_456_789.0]), 3)
    assert fixed.decode("counts", words + words).tolist() == [0, 2, 246_913_578]


def test_the_most_of_every_participant_at_once_does_not_wrap_around():
    edge = np.array([MOST, -MOST])
    total = sum((fixed.encode("slopes", edge, 3) for _ in range(3)), np.zeros(2, dtype=np.uint64))
    assert fixed.decode("slopes", total) == pytest.approx(3 * edge)


@pytest.mark.parametrize("figure", [MOST * (1 + 1e-9), -MOST * (1 + 1e-9), 1e300, float("inf"), float("nan")])
def test_a_figure_out_of_range_is_refused(figure):
    with pytest.raises(ValueOutOfRange, match="slopes"):
        fixed.encode("slopes", np.array([1.0, figure]), 3)


def test_bytes_are_the_words_again_and_nothing_but_whole_words():
    words = np.array([0, 1, 2**64 - 1], dtype=np.uint64)
    assert fixed.to_bytes(words)[:16].hex() == "00000000000000000100000000000000"
    assert fixed.from_bytes(fixed.to_bytes(words)).tolist() == words.tolist()
    with pytest.raises(ValueError, match="multiple"):
        fixed.from_bytes(b"seven..")
