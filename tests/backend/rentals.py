"""Machines, what is reported of them, and leases on a market's chain: `Rentals(market)`.

A machine is verified, has a device, and has reported. Amounts in fen; days count from delivery: with nothing paid, the
first statement closes on day 30 and is overdue on day 41, the second on day 71.
"""

from collections.abc import Mapping
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from backend import days
from backend.chain import device_reports, eip712
from backend.chain.device_reports import AlarmRecord, AlarmReport, DeviceReport, Reading, ReadingReport
from backend.chain.reports import in_order
from backend.readmodel.treasury import PRODUCTS
from backend.telemetry.alarms import Alarm, Severity
from tests.anvil import LOCAL_CHAIN_ID
from tests.backend.market import (
    ADDRESSES,
    CONSENT_TEXT,
    KEYS,
    LESSEE,
    MANUFACTURER,
    MILLION,
    SCORING,
    UNLIMITED,
    YUAN,
    Market,
)

LEASE = PRODUCTS.index("Lease")
PRICE, DEPOSIT, BUY_OUT = 800_000 * YUAN, 60_000 * YUAN, 1_000 * YUAN
MINIMUM, CAP = 36_000 * YUAN, 90_000 * YUAN
PERIODS, PERIOD_DAYS, DUE_DAYS, CURE_DAYS, LOCK_NOTICE_DAYS = 24, 30, 10, 15, 5
FIRST_OVERDUE_DAY, SECOND_OVERDUE_DAY = 41, 71
LATE_RATE = 900
# Through 1,000.0 h, through 3,000.0 h, beyond.
TIERS = [(10_000, 300 * YUAN), (30_000, 240 * YUAN), (2**32 - 1, 180 * YUAN)]
FIRST_READING = (500, 600)  # tenths of hours, litres
CERTIFICATE, RULES, PAPER, REASON = ("0x" + digits * 32 for digits in ("ce", "a1", "dd", "ee"))
LANES = device_reports.LANES


def device_key(machine: int, epoch: int) -> LocalAccount:
    """Of the machine's device of that epoch."""
    key: LocalAccount = Account.from_key((machine << 16 | epoch).to_bytes(32))
    return key


class Rentals:
    """`lessor` made the machines and lets them to `lessee`; `buyer` buys what was taken back."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.send, self.read = market.send, market.read
        self.lessor = self._admit("lessor", MANUFACTURER)
        self.lessee = self._admit("lessee", LESSEE)
        self.buyer = self._admit("buyer", MANUFACTURER | LESSEE)
        self.send("bank", "Treasury", "setLimit", self.lessee, 30 * MILLION)
        self.send("lessee", "CreditOracle", "grantConsent", SCORING, CONSENT_TEXT)
        market.score({self.lessee: 720})

    def _admit(self, who: str, roles: int) -> int:
        until = self.market.now() + 3 * 365 * days.DAY_S
        self.send("bank", "Participants", "admit", ADDRESSES[who], roles, until, "0x" + "0b" * 32)
        self.send("bank", "MockCash", "mint", ADDRESSES[who], 50 * MILLION)
        for spender in ("RentLedger", "LeaseFinance"):
            self.send(who, "MockCash", "approve", self.market.suite.address(spender), UNLIMITED)
        return int(self.read("Participants", "partyCount"))

    # Machines

    def registered(self) -> int:
        machine = int(self.read("Equipment", "lastId")) + 1
        self.send("lessor", "Equipment", "register", "0x" + f"{machine:064x}", CERTIFICATE)
        return machine

    def machine(self) -> int:
        """Verified, with a device that has reported and raised no alarm."""
        machine = self.registered()
        self.send("bank", "Equipment", "verify", machine, CERTIFICATE)
        self.bind(machine)
        self.alarm(machine, {}, epoch=1)
        self.report(machine, *FIRST_READING)
        return machine

    def bind(self, machine: int, meter_start: int = 5_000, by: str = "lessor") -> None:
        """A new device. By `bank`: while a lien binds the machine."""
        epoch = self.read("Equipment", "machineOf", machine)["epoch"] + 1
        device = device_key(machine, epoch)
        binding = {"machine": machine, "device": device.address, "epoch": epoch, "meterStart": meter_start}
        signature = _signed(device, eip712.device_binding(binding, *self._place("Equipment")))
        function = "replaceDevice" if by == "bank" else "bindDevice"
        self.send(by, "Equipment", function, machine, device.address, meter_start, signature)

    # Reports

    def report(self, machine: int, tenths: int, litres: int, at: int | None = None) -> None:
        minute = device_reports.minute_of(self.market.now() if at is None else at)
        self.report_words({machine: Reading(tenths, litres, minute)})

    def hear(self, machine: int, more_tenths: int = 0) -> None:
        """It reports now, and has run for so many tenths of hours since it last did."""
        last = self.read("DeviceOracle", "readingOf", machine)
        self.report(machine, last["tenths"] + more_tenths, last["litres"] + more_tenths)

    def report_words(self, *batches: Mapping[int, Reading]) -> None:
        """One report; each batch of readings makes its own words, neighbours as stored."""
        groups, words = [], []
        for readings in batches:
            for group in sorted({machine // LANES for machine in readings}):
                places = range(group * LANES, (group + 1) * LANES)
                groups.append(group)
                words.append(device_reports.encode_word([readings.get(m) or self.stored(m) for m in places]))
        self._submit("submitReadings", ReadingReport(*self._facts(b"readings"), tuple(groups), tuple(words)))

    def stored(self, machine: int) -> Reading:
        last = self.read("DeviceOracle", "readingOf", machine)
        return Reading(last["tenths"], last["litres"], device_reports.minute_of(last["at"]))

    def alarm(self, machine: int, severities: Mapping[Alarm, Severity], **changes: int) -> None:
        """`changes` of AlarmRecord."""
        status = self.read("DeviceOracle", "statusOf", machine)
        word = sum(severity << 2 * alarm for alarm, severity in severities.items())
        facts = {"epoch": status["epoch"], "sequence": status["sequence"] + 1, "at": self.market.now()}
        self.report_alarms(AlarmRecord(**({"machine": machine, **facts, "alarms": word} | changes)))

    def report_alarms(self, *records: AlarmRecord) -> None:
        packed = tuple(device_reports.encode_record(record) for record in records)
        self._submit("submitAlarms", AlarmReport(*self._facts(b"alarms"), packed))

    def _facts(self, lane: bytes) -> tuple[int, int, int]:
        last = self.read("DeviceOracle", "lastRound", "0x" + lane.ljust(32, b"\0").hex())
        return last + 1, self.read("DeviceOracle", "signerSet"), self.market.now() + 600

    def _submit(self, function: str, report: DeviceReport) -> None:
        oracle = self.market.suite.address("DeviceOracle")
        signers = self.market.signers
        signatures = {key.address: device_reports.sign(report, LOCAL_CHAIN_ID, oracle, key) for key in signers}
        self.send("stranger", "DeviceOracle", function, device_reports.message_of(report), in_order(signatures))

    # Leases

    def terms(self, machine: int, **changes: Any) -> dict[str, Any]:
        """IEquipmentLease.Terms of the next lease."""
        fields = {
            "machine": machine,
            "lessor": self.lessor,
            "lessee": self.lessee,
            "price": PRICE,
            "deposit": DEPOSIT,
            "buyOutPrice": BUY_OUT,
            "minimum": MINIMUM,
            "cap": CAP,
            "periods": PERIODS,
            "periodDays": PERIOD_DAYS,
            "dueDays": DUE_DAYS,
            "cureDays": CURE_DAYS,
            "lockNoticeDays": LOCK_NOTICE_DAYS,
            "lateRateBps": LATE_RATE,
            "tiers": [{"throughTenths": through, "rate": rate} for through, rate in TIERS],
            "rulesHash": RULES,
            "documentHash": PAPER,
            "salt": self.read("EquipmentLease", "lastId") + 1,
            "deadline": self.market.now() + days.DAY_S,
        }
        assert changes.keys() <= fields.keys()
        return fields | changes

    def sign(self, terms: Mapping[str, Any]) -> int:
        """Both parties sign, anybody relays; the lease's number."""
        typed = eip712.lease_terms(terms, *self._place("EquipmentLease"))
        signed = [part for who in ("lessor", "lessee") for part in (ADDRESSES[who], _signed(KEYS[who], typed))]
        self.send("stranger", "EquipmentLease", "sign", terms, *signed)
        return int(self.read("EquipmentLease", "lastId"))

    def delivered(self, machine: int, **changes: Any) -> int:
        """Signed, secured and taken over."""
        lease = self.sign(self.terms(machine, **changes))
        if self.read("RentLedger", "conditionsOf", lease)["deposit"]:
            self.send("lessee", "RentLedger", "payDeposit", lease)
        self.send("lessee", "EquipmentLease", "acceptDelivery", lease, PAPER)
        return lease

    def finance(self, lease: int) -> None:
        """The lessee was scored and the machine heard of today."""
        self.market.score({self.lessee: 720})
        self.hear(self.machine_of(lease))
        deadline = self.market.now() + 3_600
        self.send("lessor", "LeaseFinance", "finance", lease, 0, 2_400, deadline)

    def pay(self, lease: int, amount: int | None = None, who: str = "lessee") -> None:
        """All that is charged, by default."""
        owed = self.read("RentLedger", "owedOf", lease)
        self.send(who, "RentLedger", "pay", lease, amount or owed["rent"] + owed["late"])

    def in_default(self, lease: int, creditor: str = "lessor") -> None:
        """From an unpaid start, with notice of the first statement and two overdue."""
        self.market.travel(FIRST_OVERDUE_DAY)
        self.send(creditor, "EquipmentLease", "giveNotice", lease, PAPER)
        self.market.travel(SECOND_OVERDUE_DAY - FIRST_OVERDUE_DAY)
        self.send(creditor, "EquipmentLease", "declareDefault", lease)

    def machine_of(self, lease: int) -> int:
        return int(self.read("EquipmentLease", "leaseOf", lease)["machine"])

    def _place(self, contract: str) -> tuple[str, int]:
        return self.market.suite.address(contract), LOCAL_CHAIN_ID


def _signed(key: LocalAccount, typed: dict[str, Any]) -> str:
    return "0x" + bytes(key.sign_message(encode_typed_data(full_message=typed)).signature).hex()
