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
