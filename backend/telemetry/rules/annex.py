"""The annex of a lease: which rules apply and where the machine may be. The lease's terms on chain hold its hash."""

from typing import Annotated

import msgspec

from backend import strictjson
from backend.errors import HeqiError
from backend.telemetry.rules.ruleset import canonical, hash_of

Point = tuple[int, int]
"""Longitude and latitude in 1e-7 degrees, the order of GeoJSON."""
Ring = tuple[Point, ...]
MOST_BYTES = 64 * 1024


class AnnexInvalid(HeqiError):
    notice_en = "The annex of the lease is not usable at {place}: {rule}."
    notice_zh = "租约附件的 {place} 无效：{rule}。"


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Where the machine may be: `polygon` is an outer ring and its holes, each closed. Valid from second `valid_from`
    through `valid_through`."""

    polygon: tuple[Ring, ...]
    valid_from: int
    valid_through: int


class Annex(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`rules`: id of a rule set, `rules_hash` its hash; `region` None: anywhere; `timezone`: IANA name, for people."""

    rules: str
    rules_hash: Annotated[str, msgspec.Meta(pattern="^0x[0-9a-f]{64}$")]
    region: Region | None
    timezone: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

    @property
    def document(self) -> bytes:
        """Canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @property
    def hash(self) -> str:
        """keccak-256 of `document`, as in the lease's terms."""
        return hash_of(msgspec.to_builtins(self))


def parse(data: bytes) -> Annex:
    """Raises JsonInvalid or AnnexInvalid."""
    if len(data) > MOST_BYTES:
        raise AnnexInvalid(place="document", rule=f"at most {MOST_BYTES} bytes")
    try:
        return msgspec.convert(strictjson.parse(data), Annex)
    except msgspec.ValidationError as fault:
        raise AnnexInvalid(place="document", rule=str(fault)) from None
