"""Pairwise masks: what one of a pair adds the other takes away, so that only the sum of all is left.

Practical Secure Aggregation (Bonawitz et al. 2017, doi 10.1145/3133956.3133982) without recovery of drop-outs: X25519
(RFC 7748) per pair, HKDF-SHA256 (RFC 5869) to a secret per session and a key per round, ChaCha20 (RFC 8439) as stream.
The request is part of a round's key: who was asked something else masks differently, and the sum is noise.
"""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from backend.federation import fixed
from backend.federation.errors import KeyUnusable
from backend.federation.fixed import Words
from backend.federation.messages import PROTOCOL

NO_NONCE = bytes(16)  # a key masks one vector only


def agree(own: X25519PrivateKey, name: str, peer: str, public: str, session: str) -> bytes:
    """The 32 bytes that only `name` and `peer` know in this session. Raises KeyUnusable for a key of low order."""
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public)))
    except ValueError:
        raise KeyUnusable(name=peer) from None
    pair = ":".join(sorted((name, peer)))
    info = f"{PROTOCOL}:pair:{pair}".encode()
    return HKDF(SHA256(), length=32, salt=bytes.fromhex(session), info=info).derive(shared)


def masked(words: Words, name: str, secrets: Mapping[str, bytes], context: str) -> Words:
    """The words (n,) under the masks that `name` shares with each peer; `context` is never used twice in a session."""
    total = words.copy()
    for peer, secret in secrets.items():
        mask = _stream(secret, context, len(words))
        total = total + mask if name < peer else total - mask
    return total


def context(round: int, vector: str, request: str) -> str:
    """What a mask is for: round, vector, and the digest of the request as this institution received it."""
    return f"{round}:{vector}:{request}"


def _stream(secret: bytes, context: str, length: int) -> Words:
    key = HKDFExpand(SHA256(), length=32, info=f"{PROTOCOL}:mask:{length}:{context}".encode()).derive(secret)
    stream = Cipher(ChaCha20(key, NO_NONCE), mode=None).encryptor().update(bytes(8 * length))
    return fixed.from_bytes(stream)
