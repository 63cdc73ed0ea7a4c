"""Machines and leases brought into any state: the fixture `rentals`.

Days count from delivery; with nothing paid, the first statement closes on day 30 and is overdue on day 41, the second
on day 71. Every builder makes what it needs or goes on from the lease it is given, and returns the lease's number.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from backend.chain import eip712
from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.fleet import Fleet
from tests.contracts.situations import DOCUMENT, NOBODY, PURSE, REASON
from tests.contracts.suite import ACCOUNTS, Party, Suite, fund

PRODUCT = 2  # IRiskPolicy.Product
PRICE, DEPOSIT, BUY_OUT = 800_000_00, 60_000_00, 1_000_00
MINIMUM, CAP = 36_000_00, 90_000_00
PERIODS, PERIOD_DAYS, DUE, CURE, LOCK_NOTICE = 24, 30, 10, 15, 5
LATE_RATE = 900
ENDLESS = 2**32 - 1
# Through 1,000.0 h at 300.00, through 3,000.0 h at 240.00, then 180.00.
TIERS = [(10_000, 300_00), (30_000, 240_00), (ENDLESS, 180_00)]
FIRST_OVERDUE_DAY, SECOND_OVERDUE_DAY = PERIOD_DAYS + DUE + 1, 2 * PERIOD_DAYS + DUE + 1
LATE_DAY = 9_00  # of MINIMUM at 9 %
CONTRACTED = MINIMUM * PERIODS
FIRST_READING = (500, 600)  # tenths of hours and litres of a machine that was just delivered

# Of the loan at grade A: 80 % of the price at 4.95 % a year, 0.30 % fee.
PRINCIPAL = 640_000_00
LOAN_FEE = 1_920_00
LOAN_NET = PRINCIPAL - LOAN_FEE
LOAN_RATE = 495
LOAN_DAY = 88_00  # interest of a day
MAX_AGE = 6 * clock.HOUR
GATES = 0b10_10_10_10_00_00_10_00  # major: region, hour meter, offline, tamper, tow
IMPAIRMENT = 160_000_00  # a quarter of the principal

CHECKPOINT = {
    "machine": "uint32",
    "epoch": "uint16",
    "sequence": "uint64",
    "at": "uint40",
    "hours": "uint32",
    "fuel": "uint32",
    "head": "bytes32",
}
CHECKPOINT_TYPE = [{"name": name, "type": kind} for name, kind in CHECKPOINT.items()]
RULES = bytes.fromhex("a1" * 32)
CERTIFICATE = bytes.fromhex("ce" * 32)


class LeaseStatus(IntEnum):
    """IEquipmentLease.LeaseStatus."""

    NONE = 0
    SIGNED = 1
    SECURED = 2
    ACTIVE = 3
    OVERDUE = 4
    DEFAULTED = 5
    ACCELERATED = 6
    RESCINDED = 7
    SOLD = 8
    RETURNED = 9
    BOUGHT_OUT = 10
    CANCELLED = 11


class LoanStatus(IntEnum):
    """ILeaseFinance.LoanStatus."""

    NONE = 0
    ACTIVE = 1
    OVERDUE = 2
    DEFAULTED = 3
    WRITTEN_OFF = 4
    REPAID = 5
    RECOVERED = 6


class Clock(IntEnum):
    """IRentLedger.Clock."""

    NONE = 0
    WAITING = 1
    RUNNING = 2
    LATE_ONLY = 3
    STOPPED = 4


def key_of(name: str) -> LocalAccount:
    return development_key(ACCOUNTS[name])


def serial(machine: int) -> bytes:
    return b"serial".ljust(24, b"\0") + machine.to_bytes(8)


class Rentals:
    """Builders over a deployed suite; amounts in fen. Who pays has cash and has approved it."""

    def __init__(self, suite: Suite, actors: Mapping[str, AccountAPI], fleet: Fleet) -> None:
        self.suite = suite
        self.actors = actors
        self.fleet = fleet
        self.equipment, self.leases, self.ledger, self.loans = (
            suite.equipment,
            suite.leases,
            suite.ledger,
            suite.loans,
        )
        self.lessor, self.lessee = actors["lessor"], actors["lessee"]
        for name in ("lessor", "lessee", "buyer", "stranger"):
            fund(suite, actors[name], suite.ledger, PURSE)
            suite.cash.approve(suite.loans, PURSE, sender=actors[name])
        self.machine = self.ready()

    # MACHINES

    def registered(self) -> int:
        """A machine of the lessor, of which nothing is verified and nothing speaks."""
        machine = self.equipment.lastId() + 1
        self.equipment.register(serial(machine), CERTIFICATE, sender=self.lessor)
        return machine

    def ready(self, device: str = "device") -> int:
        """Verified, with a device that has reported and raised no alarm."""
        machine = self.registered()
        self.equipment.verify(machine, CERTIFICATE, sender=self.actors["risk_officer"])
        self.bind(machine, device)
        self.fleet.alarm(machine, {}, epoch=1)
        self.fleet.read(machine, *FIRST_READING)
        return machine

    def bind(self, machine: int, device: str = "device", meter_start: int = 5_000) -> ReceiptAPI:
        signature = self.binding(machine, device, meter_start)
        address = self.actors[device]
        return self.equipment.bindDevice(machine, address, meter_start, signature, sender=self.lessor)

    def binding(self, machine: int, device: str, meter_start: int, /, **changes: Any) -> bytes:
        """A device's signature for its place on a machine; `changes` of its fields and of the domain."""
        message = {
            "machine": machine,
            "device": self.actors[device].address,
            "epoch": self.equipment.machineOf(machine).epoch + 1,
            "meterStart": meter_start,
        }
        return self._signed_by(
            key_of(device), "Equipment", self.equipment, {"DeviceBinding": eip712.DEVICE_BINDING_TYPE}, message, changes
        )

    def checkpoint(self, machine: int, /, **changes: Any) -> tuple[Any, ...]:
        """IEquipment.Checkpoint; `changes` by field as EIP-712 names it."""
        fields = {
            "machine": machine,
            "epoch": 1,
            "sequence": 60,
            "at": clock.now(),
            "hours": 5_100,
            "fuel": 6_100,
            "head": bytes.fromhex("4e" * 32),
        }
        assert changes.keys() <= fields.keys()
        return tuple((fields | changes).values())

    def sign_checkpoint(self, checkpoint: tuple[Any, ...], device: str = "device", **domain: Any) -> bytes:
        message = dict(zip(CHECKPOINT, checkpoint, strict=True))
        return self._signed_by(
            key_of(device), "Equipment", self.equipment, {"Checkpoint": CHECKPOINT_TYPE}, message, domain
        )

    # LEASES

    def terms(self, **changes: Any) -> dict[str, Any]:
        """IEquipmentLease.Terms of the next lease of the machine; `changes` by field."""
        fields = {
            "machine": self.machine,
            "lessor": int(Party.LESSOR),
            "lessee": int(Party.LESSEE),
            "price": PRICE,
            "deposit": DEPOSIT,
            "buyOutPrice": BUY_OUT,
            "minimum": MINIMUM,
            "cap": CAP,
            "periods": PERIODS,
            "periodDays": PERIOD_DAYS,
            "dueDays": DUE,
            "cureDays": CURE,
            "lockNoticeDays": LOCK_NOTICE,
            "lateRateBps": LATE_RATE,
            "tiers": TIERS,
            "rulesHash": RULES,
            "documentHash": DOCUMENT,
            "salt": self.leases.lastId() + 1,
            "deadline": clock.now() + clock.DAY,
        }
        assert changes.keys() <= fields.keys()
        return fields | changes

    def sign_terms(self, terms: Mapping[str, Any], key: LocalAccount, **domain: Any) -> bytes:
        """A wallet's EIP-712 signature; `domain` changes EIP-712 fields."""
        tiers = [{"throughTenths": through, "rate": rate} for through, rate in terms["tiers"]]
        types = {"LeaseTerms": eip712.LEASE_TERMS_TYPE, "Tier": eip712.TIER_TYPE}
        return self._signed_by(key, "EquipmentLease", self.leases, types, {**terms, "tiers": tiers}, domain)

    def offer(self, **changes: Any) -> tuple[Any, ...]:
        """Arguments of `sign`: terms with both parties' wallets and signatures; `changes` of the terms."""
        terms = self.terms(**changes)
        parties = (
            part for name in ("lessor", "lessee") for part in (self.actors[name], self.sign_terms(terms, key_of(name)))
        )
        return (terms, *parties)

    def sign(self, **changes: Any) -> ReceiptAPI:
        return self.leases.sign(*self.offer(**changes), sender=self.actors["stranger"])

    def signed(self, **changes: Any) -> int:
        self.sign(**changes)
        return self.leases.lastId()

    def secured(self, **changes: Any) -> int:
        lease = self.signed(**changes)
        if changes.get("deposit", DEPOSIT):
            self.ledger.payDeposit(lease, sender=self.lessee)
        return lease

    def delivered(self, **changes: Any) -> int:
        lease = self.secured(**changes)
        self.leases.acceptDelivery(lease, DOCUMENT, sender=self.lessee)
        return lease

    def finance(self, lease: int, min_net: int = 0, max_rate_bps: int = 2_400) -> ReceiptAPI:
        return self.loans.finance(lease, min_net, max_rate_bps, clock.now() + clock.HOUR, sender=self.lessor)

    def financed(self, **changes: Any) -> int:
        lease = self.delivered(**changes)
        self.finance(lease)
        return lease

    def billed(self, lease: int | None = None) -> int:
        """The first statement closed today."""
        lease = lease or self.delivered()
        clock.pass_days(PERIOD_DAYS)
        return lease

    def overdue(self, lease: int | None = None) -> int:
        """Since today, with the first statement."""
        lease = lease or self.delivered()
        clock.pass_days(FIRST_OVERDUE_DAY)
        return lease

    def noticed(self, lease: int | None = None) -> int:
        lease = self.overdue(lease)
        self.leases.giveNotice(lease, DOCUMENT, sender=self.creditor(lease))
        return lease

    def locked(self, lease: int | None = None) -> int:
        """On the first possible day."""
        lease = self.noticed(lease)
        clock.pass_days(LOCK_NOTICE + 1)
        self.fleet.hear(self.machine)
        self.leases.lock(lease, sender=self.creditor(lease))
        return lease

    def two_behind(self, lease: int | None = None) -> int:
        """Two statements are overdue since today; notice was given of the first."""
        lease = self.noticed(lease)
        clock.pass_days(SECOND_OVERDUE_DAY - FIRST_OVERDUE_DAY)
        return lease

    def defaulted(self, lease: int | None = None) -> int:
        lease = self.two_behind(lease)
        self.leases.declareDefault(lease, sender=self.creditor(lease))
        return lease

    def accelerated(self, lease: int | None = None) -> int:
        lease = self.defaulted(lease)
        self.leases.accelerate(lease, sender=self.creditor(lease))
        return lease

    def rescinded(self, lease: int | None = None) -> int:
        lease = self.defaulted(lease)
        self.leases.rescind(lease, sender=self.creditor(lease))
        return lease

    def disputed(self, lease: int | None = None) -> int:
        lease = lease or self.delivered()
        self.leases.dispute(lease, REASON, sender=self.lessee)
        return lease

    # PAYING

    def pay(self, lease: int, amount: int, by: AccountAPI | None = None) -> ReceiptAPI:
        return self.ledger.pay(lease, amount, sender=by or self.lessee)

    def pay_all(self, lease: int) -> ReceiptAPI:
        """What is charged and late interest."""
        return self.pay(lease, self.owed(lease))

    # READING

    def creditor(self, lease: int) -> AccountAPI:
        """The bank's officer while rent is assigned, the lessor otherwise."""
        return self.lessor if self.ledger.assigneeOf(lease) == NOBODY else self.actors["risk_officer"]

    def status(self, lease: int) -> int:
        return self.leases.leaseOf(lease).status

    def owed(self, lease: int) -> int:
        owed = self.ledger.owedOf(lease)
        return owed.rent + owed.late

    def check_money(self) -> None:
        """The ledger's cash is what it owes to lessors, assignees and lessees, to the unit."""
        accounts = [self.ledger.accountOf(lease) for lease in range(1, self.leases.lastId() + 1)]
        held = sum(account.deposit + account.claimable + account.lesseeCredit for account in accounts)
        assert self.suite.cash.balanceOf(self.ledger) == held

    # SIGNING

    def _signed_by(
        self,
        key: LocalAccount,
        name: str,
        contract: Any,
        types: Mapping[str, eip712.Fields],
        message: Mapping[str, Any],
        changes: Mapping[str, Any],
    ) -> bytes:
        """EIP-712; `changes` of the message where it has such a field, of the domain otherwise."""
        place = {"chainId": chain.chain_id, "verifyingContract": contract.address}
        domain = {"name": f"Heqi {name}", "version": "1"} | place
        domain |= {field: value for field, value in changes.items() if field not in message}
        message = {field: changes.get(field, value) for field, value in message.items()}
        typed = encode_typed_data(domain, dict(types), message)
        return bytes(key.sign_message(typed).signature)
