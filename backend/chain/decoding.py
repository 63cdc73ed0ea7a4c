"""Calls and logs of the suite in words: which function of which contract, with every argument and its unit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic.alias_generators import to_camel

from backend.chain import abi, device_reports, reports
from backend.chain.contracts import Suite
from backend.chain.reports import ScoreReport

DEEPEST_CALLS = 4
MOST_PARTS = 50
SELECTOR_BYTES = 4

# What numbers stand for, by name; types and endings decide first (`unit_of`).
UNITS: Mapping[str, tuple[str, ...]] = {
    "amount": ("amount", "value", "assets", "net", "principal", "limit", "face", "allowance"),
    "shares": ("shares",),
    "day": ("day",),
    "time": ("at", "deadline", "validUntil", "issuedAt", "schedule", "since", "readAt", "expires", "when"),
    "grade": ("grade",),
    "seconds": ("maxAge", "maxReadingAge", "delay", "lockedSeconds", "newDelay", "executionDelay", "grantDelay"),
    "party": ("party", "debtor", "creditor", "seller", "lessee", "lessor"),
    "receivable": ("receivable", "pool", "root", "firstPart", "parent"),
    "lease": ("lease",),
    "machine": ("machine",),
    "role": ("roleId", "admin", "guardian"),
}
# Members of the enumerations that calls and events carry, in the order of the contracts.
ENUMS: Mapping[str, tuple[str, ...]] = {
    "IRiskPolicy.Product": ("Receivables", "CreditLine", "Lease"),
    "ICreditOracle.Purpose": ("Scoring", "Training"),
    "ICreditOracle.Skip": ("None", "Malformed", "ConsentMissing", "SequenceOld", "SequenceJump", "FactsOld"),
    "IDeviceOracle.Alarm": (
        "Idle",
        "Region",
        "FuelUse",
        "FuelTheft",
        "HourMeter",
        "Offline",
        "Tamper",
        "Tow",
    ),
    "IDeviceOracle.ReadingSkip": ("None", "TimeNotRisen", "TimeAhead", "HoursFell", "HoursTooFast", "FuelFell"),
    "IDeviceOracle.AlarmSkip": ("None", "SequenceOld", "SequenceJump", "TimeOld", "TimeAhead", "EpochOther"),
    "IFactoring.Status": ("None", "Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered"),
    "ICreditLine.LineStatus": ("None", "Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered"),
    "ILeaseFinance.LoanStatus": ("None", "Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered"),
}
# Roles of the Authority by their numbers, as they are set up.
ROLES = ("admin", "risk_officer", "risk_manager", "compliance", "compliance_release", "guardian")
# Reports carry records packed into words: how to read them, and the units of their fields.
RECORDS = "records"
RECORD_FIELDS: Mapping[str, tuple[Callable[[bytes], Any], Mapping[str, str | None]]] = {
    "CreditOracle": (
        reports.decode_record,
        {"party": "party"} | dict.fromkeys(name for name in reports.RECORD_BITS if name != "party"),
    ),
    "DeviceOracle": (
        device_reports.decode_record,
        dict.fromkeys(device_reports.RECORD_BITS) | {"machine": "machine", "at": "time"},
    ),
}
# `id` and `tokenId` number what the contract is about.
OF_CONTRACT = {
    "Receivables": "receivable",
    "Factoring": "receivable",
    "Equipment": "machine",
    "DeviceOracle": "machine",
    "EquipmentLease": "lease",
    "RentLedger": "lease",
    "LeaseFinance": "lease",
}
NUMBERS = {"id", "tokenId"}
UNIT_BY_NAME = {name: unit for unit, names in UNITS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Argument:
    """`value` as JSON has it, integers as decimal strings; a struct or an array has `parts` instead, a packed record
    both. `left_out`: parts of a long array beyond the first MOST_PARTS.

    `member`: the name of what a number or a selector stands for, of an enumeration, a role or a function.
    """

    name: str
    type: str
    unit: str | None
    value: str | bool | None = None
    member: str | None = None
    parts: tuple["Argument", ...] | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """`inner`: calls that a call of the Authority carries."""

    contract: str
    function: str
    signature: str
    arguments: tuple[Argument, ...]
    values: Mapping[str, Any]
    inner: tuple["Call", ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Told:
    """An event. `values`: its arguments by name."""

    contract: str
    event: str
    signature: str
    arguments: tuple[Argument, ...]
    values: Mapping[str, Any]


class Words:
    """Reads data with the ABIs of a suite."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    @cached_property
    def _contracts(self) -> dict[str, str]:
        return {address: name for name, address in self._suite.addresses.items()}

    @cached_property
    def _functions(self) -> dict[tuple[str, bytes], tuple[abi.Entry, abi.Decoder]]:
        return {
            (name, abi.selector_of(entry)): (entry, abi.decoder(entry["inputs"]))
            for name in self._suite.addresses
            for entry in self._suite.functions(name)
        }

    @cached_property
    def _events(self) -> dict[tuple[str, str], tuple[abi.Entry, Any]]:
        return {
            (name, abi.topic_of(entry)): (entry, abi.event_decoder(entry))
            for name in self._suite.addresses
            for entry in self._suite.events(name).values()
        }

    def contract_at(self, address: str) -> str | None:
        """The name of the suite's contract there."""
        return self._contracts.get(abi.checksum(address))

    def call(self, to: str, data: bytes, levels: int = DEEPEST_CALLS) -> Call | None:
        """None when it is no function of the suite, or the data do not fit it."""
        contract = self.contract_at(to)
        known = self._functions.get((contract, data[:SELECTOR_BYTES])) if contract else None
        if contract is None or known is None:
            return None
        entry, decode = known
        try:
            values = decode(data[SELECTOR_BYTES:])
        except abi.DataUndecodable:
            return None
        arguments = self._of(contract, entry, values)
        inner = tuple(self._inner(to, entry["name"], values, levels - 1)) if levels else ()
        return Call(contract, entry["name"], abi.signature_of(entry), arguments, values, inner)

    def event(self, log: Mapping[str, Any]) -> Told | None:
        """None when it is no event of the suite."""
        contract = self.contract_at(log["address"])
        known = self._events.get((contract, log["topics"][0])) if contract and log["topics"] else None
        if contract is None or known is None:
            return None
        entry, decode = known
        try:
            values = decode(log)
        except abi.DataUndecodable:
            return None
        return Told(contract, entry["name"], abi.signature_of(entry), self._of(contract, entry, values), values)

    def stored(self, contract: str, event: str, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        """Arguments of an event that the read model has; `values` as it has them."""
        return self._of(contract, self._suite.events(contract)[event], values)

    def _of(self, contract: str, entry: abi.Entry, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        arguments = tuple(_arguments(contract, entry["inputs"], values))
        if "target" not in values:
            return arguments
        return tuple(self._with_functions(argument, values["target"]) for argument in arguments)

    def _with_functions(self, argument: Argument, target: str) -> Argument:
        """Selectors with the names of the target's functions."""
        if argument.parts is not None:
            return replace(argument, parts=tuple(self._with_functions(part, target) for part in argument.parts))
        contract = self.contract_at(target)
        if argument.type != "bytes4" or contract is None:
            return argument
        known = self._functions.get((contract, bytes.fromhex(str(argument.value)[2:])))
        return replace(argument, member=known[0]["name"] if known else None)

    def _inner(self, to: str, function: str, values: Mapping[str, Any], levels: int) -> Iterator[Call]:
        """Calls inside `execute`, `schedule` and `multicall` of the Authority."""
        carried: list[tuple[str, str]] = []
        if function in {"execute", "schedule", "cancel"}:
            carried = [(values["target"], values["data"])]
        elif function == "multicall":
            carried = [(to, data) for data in values["data"]]
        for target, data in carried:
            call = self.call(target, bytes.fromhex(data[2:]), levels)
            if call:
                yield call


def score_report(call: Call | None) -> tuple[ScoreReport, list[bytes]] | None:
    """The report and the signatures that a call of `CreditOracle.submitScores` brings."""
    if call is None or (call.contract, call.function) != ("CreditOracle", "submitScores"):
        return None
    report, signatures = call.values["report"], call.values["signatures"]
    read = ScoreReport(
        round=report["round"],
        signer_set=report["signerSet"],
        deadline=report["deadline"],
        model_id=report["modelId"],
        issued_at=report["issuedAt"],
        valid_until=report["validUntil"],
        records=tuple(bytes.fromhex(record[2:]) for record in report["records"]),
    )
    return read, [bytes.fromhex(signature[2:]) for signature in signatures]


def unit_of(contract: str, parameter: abi.Entry) -> str | None:
    """What a value stands for: amount, shares, bps, day, time, seconds, grade, enum, role, party, receivable, lease,
    machine, account, hash or bytes; None where nothing says it."""
    kind, name = parameter["type"].partition("[")[0], parameter["name"].lstrip("_")
    if parameter.get("internalType", "").startswith("enum "):
        return "enum"
    if kind == "address":
        return "account"
    if kind.startswith("bytes"):
        return "hash" if kind == "bytes32" else "bytes"
    if not kind.startswith(("uint", "int")):
        return None
    return _unit_of_number(contract, kind, name)


def _unit_of_number(contract: str, kind: str, name: str) -> str | None:
    if name in NUMBERS:
        return OF_CONTRACT.get(contract)
    if (contract, name) == ("Treasury", "value"):
        return "shares"  # the vault is a token itself
    if name.endswith("Bps"):
        return "bps"
    if name.endswith("Day"):
        return "day"
    listed = UNIT_BY_NAME.get(name)
    if listed and (listed != "amount" or kind in {"uint96", "uint256"}):
        return listed
    return {"uint96": "amount", "uint40": "time", "uint48": "time"}.get(kind)


def _arguments(contract: str, parameters: Sequence[abi.Entry], values: Mapping[str, Any]) -> Iterator[Argument]:
    for place, parameter in enumerate(parameters):
        name = parameter["name"] or str(place)
        yield _argument(contract, parameter, name, values[name])


def _argument(contract: str, parameter: abi.Entry, name: str, value: Any) -> Argument:
    kind, unit = abi.type_of(parameter), unit_of(contract, parameter)
    if isinstance(value, list):
        item = {**parameter, "type": parameter["type"][: parameter["type"].rindex("[")]}
        shown = tuple(_argument(contract, item, str(place), inner) for place, inner in enumerate(value[:MOST_PARTS]))
        return Argument(name, kind, unit, parts=shown, left_out=len(value) - len(shown))
    if isinstance(value, Mapping):
        return Argument(name, kind, None, parts=tuple(_arguments(contract, parameter["components"], value)))
    parts = _packed(contract, parameter["name"], value)
    return Argument(name, kind, unit, value=abi.to_json(value), member=_member(parameter, unit, value), parts=parts)


def _packed(contract: str, name: str, value: Any) -> tuple[Argument, ...] | None:
    """The fields of a record of a report; None for what is none."""
    if name != RECORDS or contract not in RECORD_FIELDS:
        return None
    decode, units = RECORD_FIELDS[contract]
    record = decode(bytes.fromhex(value[2:]))
    return tuple(_field(name, unit, getattr(record, name)) for name, unit in units.items())


def _field(name: str, unit: str | None, value: Any) -> Argument:
    shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return Argument(to_camel(name), "uint", unit, value=shown)


def _member(parameter: abi.Entry, unit: str | None, value: Any) -> str | None:
    declared = parameter.get("internalType", "").removeprefix("enum ")
    members = ENUMS.get(declared, ()) if unit == "enum" else ROLES if unit == "role" else ()
    return members[int(value)] if members and int(value) < len(members) else None
