"""Proposals as JSON, between database, relay and signers."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from backend.chain.reports import ScoreReport
from backend.oracle.errors import ProposalInvalid

PATH = "/sign"  # where a signer takes proposals
DEADLINE_S = 3_600  # after the facts, in which a proposal can be relayed
MOST_RECORDS = 500  # first scores of as many parties fit into the gas of one transaction

Second = Annotated[int, Field(ge=0, lt=2**40)]
Packed = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class _Proposal(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)

    round: Annotated[int, Field(ge=1, lt=2**64)]
    signer_set: Annotated[int, Field(ge=0, lt=2**32)]
    deadline: Second
    model_id: Annotated[int, Field(ge=0, lt=2**16)]
    issued_at: Second
    valid_until: Second
    records: Annotated[list[Packed], Field(min_length=1, max_length=MOST_RECORDS)]


def to_json(report: ScoreReport) -> dict[str, Any]:
    fields = {to_camel(name): getattr(report, name) for name in _Proposal.model_fields}
    return fields | {"records": ["0x" + packed.hex() for packed in report.records]}


def from_json(value: Any) -> ScoreReport:
    """Raises ProposalInvalid."""
    try:
        fields = _Proposal.model_validate(value).model_dump()
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "body"
        raise ProposalInvalid(place=place, rule=fault["msg"]) from None
    return ScoreReport(**fields | {"records": tuple(bytes.fromhex(packed[2:]) for packed in fields["records"])})


def digest_of(report: ScoreReport) -> str:
    """SHA-256 of the proposal's canonical JSON."""
    return digest_of_json(to_json(report))


def digest_of_json(proposal: dict[str, Any]) -> str:
    """SHA-256 of a proposal as canonical JSON."""
    text = json.dumps(proposal, sort_keys=True, separators=(",", ":"))
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
