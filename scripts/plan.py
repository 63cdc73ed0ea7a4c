"""The suite as data: contracts, wiring, roles and parameters, run by anything that can deploy and call.

`build` deploys and wires the suite and leaves the deployer its administrator; `hand_over` ends that. Both take an
`Executor`, so that a chain, a fork and an EVM in process get exactly the same suite.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from eth_utils.address import is_address, to_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from backend.chain import abi
from backend.chain.abi import Entry
from backend.errors import HeqiError
from backend.records.agreements import agreement
from backend.telemetry.alarms import ON_CHAIN, Alarm, Severity

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = ROOT / "scripts" / "parameters"
MODEL_HASHES = ROOT / "backend" / "scoring" / "models" / "hashes.json"

PRODUCTS = {"receivables": 0, "credit_line": 1, "lease": 2}  # IRiskPolicy.Product
TRIAL = 10_000  # Receivables.TRIAL: what a token is tried with before it is allowed


class ParametersInvalid(HeqiError):
    notice_en = "The parameters in {path} are not usable: {place}: {rule}."
    notice_zh = "参数文件 {path} 无效：{place}：{rule}。"


class ModelHashUnknown(HeqiError):
    notice_en = "Model {model} has no hash in the parameters and none in {path}."
    notice_zh = "模型 {model} 未在参数中给出哈希，{path} 中也没有。"


# CONTRACTS


@dataclass(frozen=True, slots=True)
class Address:
    """Stands for the address of a contract of the suite, or of the deployer."""

    of: str


DEPLOYER = Address("deployer")


@dataclass(frozen=True, slots=True)
class Contract:
    """`arguments` of the constructor; an Address or Parameter among them is filled in when it is deployed."""

    name: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Stands for the value of this name in the Parameters."""

    name: str


AUTHORITY = Address("Authority")
CASH = Address("MockCash")
PARTICIPANTS = Address("Participants")
ORACLE = Address("CreditOracle")
POLICY = Address("RiskPolicy")
TREASURY = Address("Treasury")
RECEIVABLES = Address("Receivables")
FACTORING = Address("Factoring")
CREDIT_LINE = Address("CreditLine")
EQUIPMENT = Address("Equipment")
DEVICES = Address("DeviceOracle")
RENT_LEDGER = Address("RentLedger")
LEASES = Address("EquipmentLease")
LEASE_FINANCE = Address("LeaseFinance")

CONTRACTS = (
    Contract("Authority", (DEPLOYER,)),
    Contract("MockCash"),
    Contract("Participants", (AUTHORITY,)),
    Contract("CreditOracle", (AUTHORITY, PARTICIPANTS)),
    Contract("RiskPolicy", (AUTHORITY, ORACLE, Parameter("grade_floors"))),
    Contract("Treasury", (AUTHORITY, PARTICIPANTS, CASH)),
    Contract("Receivables", (AUTHORITY, PARTICIPANTS)),
    Contract("Factoring", (AUTHORITY, PARTICIPANTS, POLICY, TREASURY, RECEIVABLES)),
    Contract("CreditLine", (AUTHORITY, PARTICIPANTS, ORACLE, POLICY, TREASURY)),
    Contract("Equipment", (AUTHORITY, PARTICIPANTS)),
    Contract("DeviceOracle", (AUTHORITY, EQUIPMENT)),
    Contract("RentLedger", (AUTHORITY, PARTICIPANTS, DEVICES, CASH)),
    Contract("EquipmentLease", (AUTHORITY, PARTICIPANTS, EQUIPMENT, DEVICES, RENT_LEDGER)),
    Contract(
        "LeaseFinance",
        (AUTHORITY, PARTICIPANTS, EQUIPMENT, DEVICES, LEASES, RENT_LEDGER, POLICY, TREASURY),
    ),
)


# ROLES


@dataclass(frozen=True, slots=True)
class Role:
    """`functions` by contract. `guardian` may cancel what is scheduled under a delayed role; the administrator's
    own operations are cancelled by administrators alone."""

    id: int
    name: str
    functions: Mapping[str, tuple[str, ...]]
    delayed: bool = False
    guardian: str | None = None


ADMIN_ID = 0

ROLES = (
    Role(
        ADMIN_ID,
        "admin",
        {
            "CreditOracle": ("setSigners", "resumeReports"),
            "Treasury": ("unpause", "allowProduct"),
            "Receivables": ("unpause", "allowLienor"),
            "Factoring": ("unpause",),
            "CreditLine": ("unpause",),
            "Equipment": ("allowLienor",),
            "DeviceOracle": ("setSigners", "resumeReports"),
            "RentLedger": ("allowAssignee", "setLeaseContract"),
            "LeaseFinance": ("unpause",),
        },
        delayed=True,
    ),
    Role(
        1,
        "risk_officer",
        {
            "RiskPolicy": ("tightenTerms",),
            "Treasury": ("cutLimit",),
            "CreditOracle": ("approveModel", "retireModel"),
            "Factoring": ("closeFacility", "recordRegistration", "giveNotice", "declareDefault", "writeOff"),
            "CreditLine": ("closeOffer", "freeze", "giveNotice", "declareDefault", "writeOff"),
            "Equipment": ("verify",),
            # While the rent is assigned to the bank; otherwise these are the lessor's.
            "EquipmentLease": (
                "giveNotice",
                "lock",
                "unlock",
                "declareDefault",
                "accelerate",
                "rescind",
                "offerSale",
            ),
            "LeaseFinance": ("closeOffer", "writeOff"),
        },
    ),
    Role(
        2,
        "risk_manager",
        {
            "RiskPolicy": ("setTerms",),
            "Treasury": ("setLimit", "withdrawCover"),
            "CreditOracle": ("registerModel", "release"),
            "Factoring": ("setFacility",),
            "CreditLine": ("setConditions", "unfreeze"),
            "DeviceOracle": ("release",),
            "LeaseFinance": ("setConditions",),
            "Receivables": ("allowCurrency",),
        },
        delayed=True,
        guardian="guardian",
    ),
    Role(
        3,
        "compliance",
        {
            "Participants": ("admit", "renew", "freeze", "addWallet", "rotateWallet"),
            "Receivables": ("resolveDispute",),
            "Equipment": ("replaceDevice",),
            "EquipmentLease": ("resolveDispute",),
        },
    ),
    Role(4, "compliance_release", {"Participants": ("unfreeze",)}, delayed=True, guardian="guardian"),
    Role(
        5,
        "guardian",
        {
            "Treasury": ("pause",),
            "Receivables": ("pause",),
            "Factoring": ("pause",),
            "CreditLine": ("pause",),
            "LeaseFinance": ("pause",),
            "CreditOracle": ("pauseReports", "hold"),
            "DeviceOracle": ("pauseReports", "hold"),
        },
    ),
)
ROLE_BY_NAME = {role.name: role for role in ROLES}
ROLE_NAMES = frozenset(ROLE_BY_NAME)
DELAYED_ROLE_NAMES = frozenset(role.name for role in ROLES if role.delayed)


# PARAMETERS


def _checked_address(text: str) -> str:
    if not is_address(text) or to_checksum_address(text) != text:
        raise ValueError(f"{text} is not a checksummed address")
    return text


AccountAddress = Annotated[str, AfterValidator(_checked_address)]
Bps = Annotated[int, Field(ge=0, le=10_000)]
Seconds = Annotated[int, Field(ge=0, lt=2**32)]
STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


class Terms(BaseModel):
    """`IRiskPolicy.Terms`, in its order. Amounts in the cash token's smallest unit, times in seconds."""

    model_config = STRICT

    open: bool
    advance_bps: Bps
    annual_rate_bps: Annotated[int, Field(ge=0, le=2_400)]
    fee_bps: Annotated[int, Field(ge=0, le=300)]
    limit_cap: Annotated[int, Field(ge=0, lt=2**96)]
    max_age: Annotated[int, Field(ge=0, le=40 * 86_400)]
    blocking_flags: Annotated[int, Field(ge=0, lt=2**8)]

    def as_struct(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in type(self).model_fields)


class LineConditions(BaseModel):
    """`ICreditLine.Conditions`, in its order. `agreement`: the text that merchants sign, by its name and version."""

    model_config = STRICT

    open: bool
    term_days: Annotated[int, Field(ge=1, le=1_096)]
    cycle_days: Annotated[int, Field(ge=28, le=255)]
    due_days: Annotated[int, Field(ge=1, le=254)]
    instalment_bps: Bps
    late_rate_bps: Annotated[int, Field(ge=0, le=2_400)]
    cure_days: Annotated[int, Field(ge=0, le=255)]
    overdue_impairment_bps: Bps
    line_cap: Annotated[int, Field(ge=0, lt=2**80)]
    portfolio_cap: Annotated[int, Field(ge=0, lt=2**96)]
    agreement: Annotated[str, Field(pattern="^[a-z_]+-[0-9]+$")]

    @model_validator(mode="after")
    def _cycles_fit(self) -> "LineConditions":
        _require(self.due_days < self.cycle_days, f"dueDays {self.due_days} must be less than a cycle's days")
        _require(self.term_days % self.cycle_days == 0, f"termDays {self.term_days} must be a whole number of cycles")
        return self

    def as_struct(self) -> tuple[Any, ...]:
        """Raises FileNotFoundError when there is no such agreement."""
        figures = tuple(getattr(self, name) for name in type(self).model_fields if name != "agreement")
        return (*figures, bytes.fromhex(agreement(self.agreement).hash[2:]))


class LeaseConditions(BaseModel):
    """`ILeaseFinance.Conditions`, in its order. `gates`: by alarm the least severity that refuses a payout; an alarm
    that is not named lets it pass."""

    model_config = STRICT

    open: bool
    max_reading_age: Annotated[int, Field(ge=0, le=7 * 86_400)]
    gates: dict[str, Literal["warn", "major", "critical"]]
    overdue_impairment_bps: Bps
    portfolio_cap: Annotated[int, Field(ge=0, lt=2**96)]

    @model_validator(mode="after")
    def _alarms_are_the_contracts(self) -> "LeaseConditions":
        known = [alarm.name.lower() for alarm in Alarm if alarm < ON_CHAIN]
        for name in self.gates:
            _require(name in known, f"gates.{name} is none of {', '.join(known)}")
        return self

    def as_struct(self) -> tuple[Any, ...]:
        gates = sum(Severity[least.upper()] << 2 * Alarm[name.upper()] for name, least in self.gates.items())
        return (self.open, self.max_reading_age, gates, self.overdue_impairment_bps, self.portfolio_cap)


class Model(BaseModel):
    """A scoring model by its number on chain; `hash` None takes the one of the shipped model of that name."""

    model_config = STRICT

    id: Annotated[int, Field(ge=0, lt=2**16)]
    name: str
    hash: Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")] | None = None

    def content_hash(self) -> bytes:
        """Raises ModelHashUnknown."""
        known = self.hash or _shipped_hashes().get(self.name)
        if known is None:
            raise ModelHashUnknown(model=self.name, path=MODEL_HASHES.relative_to(ROOT))
        return bytes.fromhex(known.removeprefix("0x"))


class Parameters(BaseModel):
    """What differs from chain to chain.

    `cash`: an existing settlement token, None deploys MockCash. `terms`: by product one entry per grade, None where the
    grade is refused. `lines`: conditions of credit lines. `leases`: conditions of loans on leases. `delays`: seconds by
    delayed role. `officers`: accounts by role. `signers`: the oracles'.
    """

    model_config = STRICT

    cash: AccountAddress | None
    grade_floors: Annotated[list[Annotated[int, Field(ge=300, le=850)]], Field(min_length=1, max_length=15)]
    terms: dict[str, list[Terms | None]]
    lines: LineConditions
    leases: LeaseConditions
    delays: dict[str, Seconds]
    officers: dict[str, Annotated[list[AccountAddress], Field(min_length=1)]]
    signers: Annotated[list[AccountAddress], Field(min_length=1, max_length=16)]
    threshold: Annotated[int, Field(ge=1)]
    models: list[Model]

    @model_validator(mode="after")
    def _belongs_together(self) -> "Parameters":
        floors = self.grade_floors
        _require(floors == sorted(set(floors), reverse=True), f"gradeFloors {floors} must fall from grade to grade")
        _require_names("terms", self.terms, frozenset(map(to_camel, PRODUCTS)))
        for product, terms in self.terms.items():
            _require(len(terms) == len(floors), f"{len(terms)} {product} terms for {len(floors)} grades")
        _require_names("delays", self.delays, DELAYED_ROLE_NAMES)
        _require_names("officers", self.officers, ROLE_NAMES)
        both = sorted({*self.officers["risk_officer"]} & {*self.officers["risk_manager"]})
        _require(not both, f"{', '.join(both)} would register and approve models alone")
        _require(len(set(self.signers)) == len(self.signers), "a signer is named twice")
        _require(self.threshold <= len(self.signers), f"threshold {self.threshold} of {len(self.signers)} signers")
        _require(len({model.id for model in self.models}) == len(self.models), "two models have one id")
        return self

    def terms_of(self, product: str) -> list[Terms | None]:
        """By grade; `product` as in PRODUCTS."""
        return self.terms[to_camel(product)]

    def delay_of(self, role: Role) -> int:
        """Seconds between scheduling and executing a call under the role."""
        return self.delays[role.name] if role.delayed else 0


def load(path: Path) -> Parameters:
    """Parameters of a file of `scripts/parameters`. Raises ParametersInvalid."""
    try:
        return Parameters.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ParametersInvalid(path=path, place="file", rule=error.strerror) from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "file"
        raise ParametersInvalid(path=path, place=place, rule=fault["msg"].removeprefix("Value error, ")) from None


def local_parameters() -> Parameters:
    """Those of the demo chain and the tests."""
    return load(PARAMETERS / "local.json")


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(rule)


def _require_names(place: str, given: Mapping[str, Any], expected: frozenset[str]) -> None:
    for name in sorted(expected.symmetric_difference(given)):
        raise ValueError(f"{place}.{name} is {'missing' if name in expected else 'unknown'}")


@cache
def _shipped_hashes() -> dict[str, str]:
    return json.loads(MODEL_HASHES.read_bytes()) if MODEL_HASHES.exists() else {}


# RUNNING


class Executor(Protocol):
    """Something that can deploy and call as `deployer`. It keeps the address of every contract by its name."""

    deployer: str

    def abi(self, contract: str) -> Sequence[Entry]:
        """The contract's JSON ABI."""

    def deploy(self, contract: str, arguments: Sequence[Any]) -> str:
        """The address of the new contract."""

    def attach(self, contract: str, address: str) -> None:
        """Use a contract that exists already."""

    def call(self, contract: str, function: str, arguments: Sequence[Any]) -> None:
        """Send a transaction; structs are tuples. Raises when it reverts."""


Addresses = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction to a contract of the suite."""

    contract: str
    function: str
    arguments: tuple[Any, ...]


def build(executor: Executor, parameters: Parameters) -> dict[str, str]:
    """Deploy, wire and set roles; returns addresses by name. The deployer stays administrator until `hand_over`."""
    addresses = deploy(executor, parameters)
    for call in wiring(parameters, addresses, executor.deployer):
        executor.call(call.contract, call.function, call.arguments)
    _send_together(executor, role_calls(parameters, addresses, executor))
    return addresses


def hand_over(executor: Executor, parameters: Parameters) -> None:
    """The deployer gives its power to the administrators and keeps none. Nothing can be set up after this."""
    _send_together(executor, hand_over_calls(parameters, executor.deployer))


def deploy(executor: Executor, parameters: Parameters) -> dict[str, str]:
    addresses = {DEPLOYER.of: executor.deployer}
    for contract in CONTRACTS:
        if contract.name == CASH.of and parameters.cash:
            executor.attach(contract.name, parameters.cash)
            addresses[contract.name] = parameters.cash
        else:
            arguments = constructor_arguments(contract, parameters, addresses)
            addresses[contract.name] = executor.deploy(contract.name, arguments)
    del addresses[DEPLOYER.of]
    return addresses


def constructor_arguments(contract: Contract, parameters: Parameters, addresses: Addresses) -> list[Any]:
    """With every Address and Parameter filled in; `addresses` includes the deployer's."""

    def value(argument: Address | Parameter) -> Any:
        return addresses[argument.of] if isinstance(argument, Address) else getattr(parameters, argument.name)

    return [value(argument) for argument in contract.arguments]


def wiring(parameters: Parameters, addresses: Addresses, deployer: str) -> Iterator[Call]:
    """What the contracts must know of each other and of the parameters, while the deployer may call everything."""
    receivables, factoring, cash = addresses[RECEIVABLES.of], addresses[FACTORING.of], addresses[CASH.of]
    line = addresses[CREDIT_LINE.of]
    if not parameters.cash:
        yield Call(CASH.of, "mint", (deployer, TRIAL))
    yield Call(CASH.of, "approve", (receivables, TRIAL))
    yield Call(RECEIVABLES.of, "allowCurrency", (cash,))
    yield Call(RECEIVABLES.of, "allowLienor", (factoring,))
    leases, loans = addresses[LEASES.of], addresses[LEASE_FINANCE.of]
    yield Call(EQUIPMENT.of, "allowLienor", (leases,))
    yield Call(RENT_LEDGER.of, "setLeaseContract", (leases,))
    yield Call(RENT_LEDGER.of, "allowAssignee", (loans,))
    for product in (factoring, line, loans):
        yield Call(TREASURY.of, "allowProduct", (product,))
    for model in parameters.models:
        for step in ("registerModel", "approveModel"):
            yield Call(ORACLE.of, step, (model.id, model.content_hash()))
    for oracle in (ORACLE, DEVICES):
        yield Call(oracle.of, "setSigners", (sorted(parameters.signers, key=str.lower), parameters.threshold))
    for product, number in PRODUCTS.items():
        for grade, terms in enumerate(parameters.terms_of(product)):
            if terms:
                yield Call(POLICY.of, "setTerms", (number, grade, terms.as_struct()))
    yield Call(CREDIT_LINE.of, "setConditions", (parameters.lines.as_struct(),))
    yield Call(LEASE_FINANCE.of, "setConditions", (parameters.leases.as_struct(),))


def role_calls(parameters: Parameters, addresses: Addresses, executor: Executor) -> Iterator[Call]:
    """Functions, guardians and members of every role but the administrator's, whose functions are all the others."""
    for role in ROLES:
        if role.id == ADMIN_ID:
            continue
        for contract, functions in role.functions.items():
            selectors = [abi.selector_of(_function(executor, contract, name)) for name in functions]
            yield Call(AUTHORITY.of, "setTargetFunctionRole", (addresses[contract], selectors, role.id))
        if role.guardian:
            yield Call(AUTHORITY.of, "setRoleGuardian", (role.id, ROLE_BY_NAME[role.guardian].id))
        yield from _grants(role, parameters)


def hand_over_calls(parameters: Parameters, deployer: str) -> Iterator[Call]:
    admin = ROLE_BY_NAME["admin"]
    yield from _grants(admin, parameters)
    if deployer not in parameters.officers[admin.name]:
        yield Call(AUTHORITY.of, "renounceRole", (admin.id, deployer))


def _grants(role: Role, parameters: Parameters) -> Iterator[Call]:
    for account in parameters.officers[role.name]:
        yield Call(AUTHORITY.of, "grantRole", (role.id, account, parameters.delay_of(role)))


def _send_together(executor: Executor, calls: Iterator[Call]) -> None:
    """One transaction to the Authority, for on a public chain each of thirty would wait for its own blocks."""
    data = [abi.encode_call(_function(executor, AUTHORITY.of, call.function), call.arguments) for call in calls]
    executor.call(AUTHORITY.of, "multicall", [data])


def _function(executor: Executor, contract: str, name: str) -> Entry:
    return next(entry for entry in executor.abi(contract) if entry["type"] == "function" and entry["name"] == name)
