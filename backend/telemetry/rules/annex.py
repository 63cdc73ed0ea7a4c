"""The annex of a lease: which rules apply and where the machine may be. The lease's terms on chain hold its hash."""

from functools import cached_property
from typing import Annotated, Any

import msgspec

from backend import strictjson
from backend.errors import HeqiError
from backend.telemetry.rules import polygon, ruleset
from backend.telemetry.rules.fence import Fence, Ring

MOST_BYTES = 64 * 1024
LATEST = 2**40 - 1

Second = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]


class AnnexInvalid(HeqiError):
    notice_en = "The annex of the lease is not usable at {place}: {rule}."
    notice_zh = "租约附件的 {place} 无效：{rule}。"


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", dict=True):
    """Where the machine may be from second `valid_from` through `valid_through`: `polygon` is an outer ring and its
    holes, each closed."""

    polygon: tuple[Ring, ...]
    valid_from: Second
    valid_through: Second

    @cached_property
    def fence(self) -> Fence:
        return Fence(self.polygon)

    def applies(self, at: int) -> bool:
        """Whether the machine is bound to the region at a second."""
        return self.valid_from <= at <= self.valid_through

    def unchanged_s(self, at: int) -> int:
        """For how many seconds from `at` on that stays as it is, at least."""
        return next((change - at for change in (self.valid_from, self.valid_through + 1) if change > at), LATEST)


class Annex(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", dict=True):
    """`rules`: id of a rule set, `rules_hash` its hash; `region` None: anywhere; `timezone`: IANA name, for people."""

    rules: str
    rules_hash: str
    region: Region | None
    timezone: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$", max_length=64)]

    @cached_property
    def document(self) -> Any:
        """As JSON has it."""
        return msgspec.to_builtins(self)

    @cached_property
    def hash(self) -> str:
        """keccak-256 of the document's canonical JSON, as in the lease's terms."""
        return ruleset.hash_of(self.document)


def parse(data: bytes) -> Annex:
    """Raises JsonInvalid or AnnexInvalid."""
    if len(data) > MOST_BYTES:
        raise AnnexInvalid(place="document", rule=f"more than {MOST_BYTES} bytes")
    try:
        annex = msgspec.convert(strictjson.parse(data), Annex)
    except msgspec.ValidationError as fault:
        raise AnnexInvalid(place="document", rule=str(fault)) from None
    _check_rules(annex)
    if annex.region:
        _check_region(annex.region)
    return annex


def _check_rules(annex: Annex) -> None:
    if annex.rules not in ruleset.IDS:
        raise AnnexInvalid(place="rules", rule="no such rule set")
    if annex.rules_hash != ruleset.load(annex.rules).hash:
        raise AnnexInvalid(place="rulesHash", rule="not the hash of that rule set")


def _check_region(region: Region) -> None:
    fault = next(polygon.faults(region.polygon), None)
    if fault:
        raise AnnexInvalid(place="region.polygon", rule=fault)
    if region.valid_from > region.valid_through:
        raise AnnexInvalid(place="region.validThrough", rule="earlier than validFrom")
