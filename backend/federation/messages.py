"""Signed messages between coordinator and institutions: strict shapes, canonical bytes, one envelope.

`{"kind": …, "signer": …, "body": {…}, "signature": …}`: Ed25519 (RFC 8032) over the protocol's name, the kind and the
canonical JSON of the body. A message of one kind can never pass for another, nor for one of another protocol.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from backend.federation.errors import MessageInvalid, SignatureWrong, SignerUnknown

PROTOCOL = "heqi-federation-1"
MOST_BYTES = 1_000_000
MOST_FEATURES = 200

Kind = Literal["start", "offer", "keys", "request", "answer", "stop", "log"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
PerFeature = Annotated[list[Annotated[list[Figure], Field(max_length=500)]], Field(max_length=MOST_FEATURES)]


class _Message(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
    )


class Member(_Message):
    """An institution's name and Ed25519 public key."""

    name: Name
    identity: Hex32


class Sealed(_Message):
    """A body with its signature."""

    kind: Kind
    signer: Name
    body: dict[str, Any]
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class Start(_Message):
    """The session is named by the digest of this body. `terms` must be the institution's own."""

    nonce: Hex32
    started_at: Annotated[int, Field(ge=0, lt=2**40)]
    terms: dict[str, str | int | float]
    participants: Annotated[list[Member], Field(max_length=64)]


class Offer(_Message):
    """A participant's X25519 public key for this session alone."""

    session: Hex32
    key: Hex32


class Keys(_Message):
    session: Hex32
    offers: Annotated[list[Sealed], Field(max_length=64)]


class Asked(_Message):
    """A request of a round; its fields are those of `vectors.Request`."""

    session: Hex32
    round: Annotated[int, Field(ge=1, le=1_000)]
    vector: Literal["histogram", "counts", "slopes"]
    edges: PerFeature
    evidence: PerFeature
    coefficients: Annotated[list[Figure], Field(max_length=MOST_FEATURES + 1)]


class Answered(_Message):
    """What a participant signs of a masked vector. `request` is the digest of the request's body."""

    session: Hex32
    round: Annotated[int, Field(ge=1, le=1_000)]
    request: Hex32
    vector: Literal["histogram", "counts", "slopes"]
    length: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    masked: Hex32


class Answer(_Message):
    """The signed facts and, in base64, the masked vector itself."""

    answer: Sealed
    masked: Annotated[str, Field(max_length=MOST_BYTES)]


class Stop(_Message):
    """The end of a session: the digest of the scorecard, or the error that aborted it."""

    session: Hex32
    outcome: Literal["completed", "aborted"]
    detail: Annotated[str, Field(max_length=500)]


class Closing(_Message):
    """The coordinator's signature under the whole log: the hash of its last line but this one."""

    session: Hex32
    head: Hex32


Shape = TypeVar("Shape", bound=_Message)


class Identity:
    """A name with its private key."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name = name
        self._key = key

    @property
    def member(self) -> Member:
        return Member(name=self.name, identity=self._key.public_key().public_bytes_raw().hex())

    def seal(self, kind: Kind, body: _Message) -> Sealed:
        plain = body.model_dump()
        signature = self._key.sign(_signed(kind, plain)).hex()
        return Sealed(kind=kind, signer=self.name, body=plain, signature=signature)


def canonical(content: Any) -> bytes:
    """Bytes that depend on the content alone."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(content: Any) -> str:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(content)).hexdigest()


def parse(shape: type[Shape], value: Any) -> Shape:
    """Raises MessageInvalid."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "body"
        raise MessageInvalid(place=place, rule=fault["msg"]) from None


def unseal(shape: type[Shape], kind: Kind, sealed: Sealed, known: Mapping[str, str]) -> Shape:
    """The body, signed by one of the `known` (name to public key). Raises SignerUnknown, SignatureWrong."""
    if sealed.kind != kind:
        raise MessageInvalid(place="kind", rule=f"{kind} is expected")
    if sealed.signer not in known:
        raise SignerUnknown(signer=sealed.signer, kind=kind)
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(known[sealed.signer]))
        public.verify(bytes.fromhex(sealed.signature), _signed(kind, sealed.body))
    except (InvalidSignature, ValueError):
        raise SignatureWrong(kind=kind, signer=sealed.signer) from None
    return parse(shape, sealed.body)


def _signed(kind: str, body: Mapping[str, Any]) -> bytes:
    return b"\n".join((PROTOCOL.encode(), kind.encode(), canonical(body)))
