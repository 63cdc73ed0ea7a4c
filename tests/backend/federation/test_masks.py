"""Masks: they cancel in the sum of all, and in nothing less."""

from itertools import combinations

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from backend.federation import masks
from backend.federation.errors import KeyUnusable

SESSION = "5e" * 32
CONTEXT = masks.context(3, "slopes", "ab" * 32)
words = st.lists(st.integers(0, 2**64 - 1), min_size=4, max_size=4)


def pairs(names, session=SESSION):
    """Everybody's secrets, agreed as in a session."""
    keys = {name: X25519PrivateKey.generate() for name in names}
    public = {name: key.public_key().public_bytes_raw().hex() for name, key in keys.items()}
    return {
        name: {peer: masks.agree(keys[name], name, peer, public[peer], session) for peer in names if peer != name}
        for name in names
    }


@given(st.lists(words, min_size=2, max_size=6))
def test_the_masks_of_all_cancel_to_the_bit(vectors):
    names = [f"bank_{number}" for number in range(len(vectors))]
    secrets = pairs(names)
    given_words = {name: np.array(own, dtype=np.uint64) for name, own in zip(names, vectors, strict=True)}
    masked = [masks.masked(given_words[name], name, secrets[name], CONTEXT) for name in names]
    assert (sum(masked[1:], masked[0]) == sum(list(given_words.values())[1:], given_words[names[0]])).all()


@pytest.mark.parametrize("present", [*combinations(range(3), 1), *combinations(range(3), 2)])
def test_what_fewer_than_all_sent_stays_noise(present):
    names = ["a", "b", "c"]
    secrets = pairs(names)
    masked = [masks.masked(np.zeros(4_000, dtype=np.uint64), name, secrets[name], CONTEXT) for name in names]
    partial = sum((masked[number] for number in present[1:]), masked[present[0]])
    # Of 4,000 uniform words the mean of the highest bit lies within .5 ± .05 but for one run in billions.
    assert abs((partial >> np.uint64(63)).mean() - 0.5) < 0.05
    assert len(np.unique(partial)) == 4_000


def test_both_of_a_pair_agree_on_one_secret_and_nobody_else_does():
    secrets = pairs(["a", "b", "c"])
    assert secrets["a"]["b"] == secrets["b"]["a"]
    assert len({secrets["a"]["b"], secrets["a"]["c"], secrets["b"]["c"]}) == 3


def test_a_secret_is_of_one_session():
    own, peer = X25519PrivateKey.generate(), X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert masks.agree(own, "a", "b", peer, SESSION) != masks.agree(own, "a", "b", peer, "5f" * 32)


@pytest.mark.parametrize(
    "other",
    [
        masks.context(4, "slopes", "ab" * 32),
        masks.context(3, "counts", "ab" * 32),
        masks.context(3, "slopes", "ac" * 32),
    ],
    ids=["round", "vector", "request"],
)
def test_masks_of_another_round_vector_or_request_do_not_cancel(other):
    secrets, zeros = pairs(["a", "b"]), np.zeros(100, dtype=np.uint64)
    total = masks.masked(zeros, "a", secrets["a"], CONTEXT) + masks.masked(zeros, "b", secrets["b"], other)
    assert (total != 0).all()


def test_with_a_wrong_key_nothing_cancels():
    secrets, zeros = pairs(["a", "b", "c"]), np.zeros(100, dtype=np.uint64)
    secrets["c"] = pairs(["a", "b", "c"])["c"]
    masked = [masks.masked(zeros, name, own, CONTEXT) for name, own in secrets.items()]
    assert (masked[0] + masked[1] + masked[2] != 0).all()


def test_a_key_of_low_order_is_refused():
    with pytest.raises(KeyUnusable, match="bank_b"):
        masks.agree(X25519PrivateKey.generate(), "bank_a", "bank_b", "00" * 32, SESSION)
