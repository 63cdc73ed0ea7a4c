"""The suite as the tests deploy it, through the same plan as every other chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any

import ape
from ape.api import AccountAPI, ReceiptAPI
from ape.contracts import ContractInstance

from backend.chain import abi
from scripts import plan
from tests.contracts import clock
from tests.contracts.answers import Refusal, refusal

# Indices of the development accounts. Officers and signers stand in scripts/parameters/local.json as well.
ACCOUNTS = {
    "deployer": 0,
    "admin": 1,
    "risk_officer": 2,
    "risk_manager": 3,
    "compliance": 4,
    "compliance_release": 5,
    "guardian": 6,
    "core_enterprise": 10,
    "core_enterprise2": 11,
    "supplier": 12,
    "supplier2": 13,
    "supplier3": 14,
    "lender": 15,
    "cover_provider": 16,
    "stranger": 17,
    "spare": 18,
    "product": 19,
    "merchant": 20,
    "merchant2": 21,
    "lessor": 22,
    "lessee": 23,
    "buyer": 24,
    "device": 25,
    "device2": 26,
}
SIGNERS = (7, 8, 9)

SCORING, TRAINING = 0, 1  # ICreditOracle.Purpose
DELAY = 3_600  # of every delayed role on local chains
KYC_DAYS = 365
KYC_HASH = bytes.fromhex("4b" * 32)


class Party(IntEnum):
    """Party numbers, in the order of admission."""

    CORE_ENTERPRISE = 1
    CORE_ENTERPRISE2 = 2
    SUPPLIER = 3
    SUPPLIER2 = 4
    SUPPLIER3 = 5
    LENDER = 6
    COVER_PROVIDER = 7
    MERCHANT = 8
    MERCHANT2 = 9
    LESSOR = 10
    LESSEE = 11
    BUYER = 12


class Role(IntFlag):
    """Bits of `Roles.sol`."""

    SUPPLIER = 1
    CORE_ENTERPRISE = 2
    LENDER = 4
    COVER_PROVIDER = 8
    MERCHANT = 16
    LESSEE = 32
    MANUFACTURER = 64


ROLE_OF = {
    Party.CORE_ENTERPRISE: Role.CORE_ENTERPRISE,
    Party.CORE_ENTERPRISE2: Role.CORE_ENTERPRISE,
    Party.SUPPLIER: Role.SUPPLIER,
    Party.SUPPLIER2: Role.SUPPLIER,
    Party.SUPPLIER3: Role.SUPPLIER,
    Party.LENDER: Role.LENDER,
    Party.COVER_PROVIDER: Role.COVER_PROVIDER,
    Party.MERCHANT: Role.MERCHANT,
    Party.MERCHANT2: Role.MERCHANT,
    Party.LESSOR: Role.MANUFACTURER,
    Party.LESSEE: Role.LESSEE,
    Party.BUYER: Role.LESSEE,
}


@dataclass(frozen=True)
class Suite:
    """Every contract of the suite."""

    authority: ContractInstance
    cash: ContractInstance
    participants: ContractInstance
    oracle: ContractInstance
    policy: ContractInstance
    treasury: ContractInstance
    receivables: ContractInstance
    factoring: ContractInstance
    line: ContractInstance
    equipment: ContractInstance
    devices: ContractInstance
    ledger: ContractInstance
    leases: ContractInstance
    loans: ContractInstance


class ApeExecutor:
    """Runs the plan on Ape's chain; see `plan.Executor`."""

    def __init__(self, account: AccountAPI) -> None:
        self._account = account
        self.deployer = account.address
        self.contracts: dict[str, ContractInstance] = {}

    def abi(self, contract: str) -> Sequence[abi.Entry]:
        return _abi(contract)

    def deploy(self, contract: str, arguments: Sequence[Any]) -> str:
        self.contracts[contract] = self._account.deploy(getattr(ape.project, contract), *arguments)
        return self.contracts[contract].address

    def attach(self, contract: str, address: str) -> None:
        self.contracts[contract] = getattr(ape.project, contract).at(address)

    def call(self, contract: str, function: str, arguments: Sequence[Any]) -> None:
        getattr(self.contracts[contract], function)(*arguments, sender=self._account)


def deploy(deployer: AccountAPI, cash: str | None = None) -> Suite:
    """Deploy with the local parameters, over an existing token if one is given, and hand over to the officers."""
    executor, parameters = ApeExecutor(deployer), plan.local_parameters().model_copy(update={"cash": cash})
    plan.build(executor, parameters)
    plan.hand_over(executor, parameters)
    found = executor.contracts
    return Suite(
        authority=found["Authority"],
        cash=found["MockCash"],
        participants=found["Participants"],
        oracle=found["CreditOracle"],
        policy=found["RiskPolicy"],
        treasury=found["Treasury"],
        receivables=found["Receivables"],
        factoring=found["Factoring"],
        line=found["CreditLine"],
        equipment=found["Equipment"],
        devices=found["DeviceOracle"],
        ledger=found["RentLedger"],
        leases=found["EquipmentLease"],
        loans=found["LeaseFinance"],
    )


def admit(suite: Suite, compliance: AccountAPI, wallet: Any, roles: int) -> int:
    """Admit a party for KYC_DAYS; returns its number."""
    valid_until = clock.now() + KYC_DAYS * clock.DAY
    suite.participants.admit(wallet, roles, valid_until, KYC_HASH, sender=compliance)
    return suite.participants.partyCount()


def schedule(suite: Suite, sender: AccountAPI, method: Any, *arguments: Any) -> bytes:
    """Schedule a call of a delayed role, e.g. `schedule(suite, risk_manager, suite.treasury.setLimit, 1, 0)`.

    Returns the calldata, by which Authority knows the operation. It may run after DELAY, by calling `method`.
    """
    data = method.encode_input(*arguments)
    suite.authority.schedule(method.contract.address, data, 0, sender=sender)
    return data


def after_delay(suite: Suite, sender: AccountAPI, method: Any, *arguments: Any) -> ReceiptAPI:
    """Schedule a call of a delayed role, wait for its delay, and make it; its first event is the Authority's."""
    schedule(suite, sender, method, *arguments)
    clock.travel(DELAY)
    return method(*arguments, sender=sender)


def refusal_after_delay(suite: Suite, sender: AccountAPI, method: Any, *arguments: Any) -> Refusal | None:
    """What such a call is refused with once its delay is over."""
    schedule(suite, sender, method, *arguments)
    clock.travel(DELAY)
    return refusal(method, *arguments, sender=sender)


def fund(suite: Suite, account: AccountAPI, spender: Any, amount: int) -> None:
    """Give an account cash and let `spender` take it."""
    suite.cash.mint(account, amount, sender=account)
    suite.cash.approve(spender, amount, sender=account)


@cache
def _abi(contract: str) -> Sequence[abi.Entry]:
    return [entry.model_dump(mode="json") for entry in getattr(ape.project, contract).contract_type.abi]
