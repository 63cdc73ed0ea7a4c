"""Device proposals as JSON, between database, relay and signers."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from backend.chain.device_reports import AlarmReport, DeviceReport, ReadingReport
from backend.oracle.errors import ProposalInvalid
from backend.oracle.proposals import PATH, Packed, Second, digest_of_json

DEADLINE_S = 600  # after the facts, in which a proposal can be relayed
MOST_GROUPS = 250  # of four machines: all of them new fit into the gas of one transaction
MOST_ALARMS = 250


class Lane(StrEnum):
    """`IDeviceOracle` has rounds of its own for each."""

    READINGS = "readings"
    ALARMS = "alarms"

    @property
    def key(self) -> bytes:
        """The lane's name on chain."""
        return self.value.encode().ljust(32, b"\0")

    @property
    def path(self) -> str:
        """Where a signer takes the lane's proposals."""
        return f"{PATH}/{self.value}"

    @property
    def function(self) -> str:
        """The contract's, that takes a report."""
        return f"submit{self.value.capitalize()}"


class _Proposal(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)

    round: Annotated[int, Field(ge=1, lt=2**64)]
    signer_set: Annotated[int, Field(ge=0, lt=2**32)]
    deadline: Second


class _Alarms(_Proposal):
    records: Annotated[list[Packed], Field(min_length=1, max_length=MOST_ALARMS)]

    def report(self) -> AlarmReport:
        records = tuple(bytes.fromhex(packed[2:]) for packed in self.records)
        return AlarmReport(self.round, self.signer_set, self.deadline, records)


class _Readings(_Proposal):
    groups: Annotated[list[Annotated[int, Field(ge=0, lt=2**32)]], Field(min_length=1, max_length=MOST_GROUPS)]
    words: list[Packed]

    @model_validator(mode="after")
    def _a_word_for_each_group(self) -> "_Readings":
        if len(self.words) != len(self.groups):
            raise ValueError("there must be one word for each group")
        return self

    def report(self) -> ReadingReport:
        words = tuple(int(word, 16) for word in self.words)
        return ReadingReport(self.round, self.signer_set, self.deadline, tuple(self.groups), words)


FORMS: dict[Lane, type[_Alarms] | type[_Readings]] = {Lane.ALARMS: _Alarms, Lane.READINGS: _Readings}


def to_json(report: DeviceReport) -> dict[str, Any]:
    head = {"round": report.round, "signerSet": report.signer_set, "deadline": report.deadline}
    if isinstance(report, AlarmReport):
        return {**head, "records": ["0x" + packed.hex() for packed in report.records]}
    return {**head, "groups": list(report.groups), "words": [f"0x{word:064x}" for word in report.words]}


def from_json(lane: Lane, value: Any) -> DeviceReport:
    """Raises ProposalInvalid."""
    try:
        return FORMS[lane].model_validate(value).report()
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "body"
        raise ProposalInvalid(place=place, rule=fault["msg"]) from None


def digest_of(report: DeviceReport) -> str:
    """SHA-256 of the proposal's canonical JSON."""
    return digest_of_json(to_json(report))


def issued_at(report: DeviceReport) -> int:
    """Second of the facts."""
    return report.deadline - DEADLINE_S
