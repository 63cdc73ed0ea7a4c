"""The suite in process with one machine under one lease, for tests that move it day by day."""

from typing import Any

from eth_utils.crypto import keccak

from backend.chain import abi
from backend.rent import Tier
from scripts import plan
from tests.model import midnight
from tests.properties import signing
from tests.properties.evm import Evm, Reverted, artifacts, describe, words
from tests.properties.line_chain import ENDLESS, OFFICER, PLENTY, STRANGER, account
from tests.properties.model import Report
from tests.properties.world import PlanExecutor

LENDER_ROLE, LESSEE_ROLE, MANUFACTURER_ROLE = 4, 32, 64
FIRST_DAY = 21_000
LAST_DAY = FIRST_DAY + 900
"""A verification is good for three years."""
LENDER, BUYER = 0xB1, 0xC1
READING_TYPE = keccak(
    text="ReadingReport(uint64 round,uint32 signerSet,uint40 deadline,uint32[] groups,uint256[] words)"
)
ALARM_TYPE = keccak(text="AlarmReport(uint64 round,uint32 signerSet,uint40 deadline,bytes32[] records)")
BINDING_TYPE = keccak(text="DeviceBinding(uint32 machine,address device,uint16 epoch,uint32 meterStart)")
READINGS_START = 1_735_689_600
START_TENTHS = 7_310
MODEL, SCORE = 1, 720
NOTHING = b"\1" * 32


class LeaseChain:
    """A lessor, a lessee, a bank with plenty of cash, and readings of the machine whenever one is needed."""

    def __init__(self) -> None:
        self.now = midnight(FIRST_DAY) + 36_000
        self.evm = Evm(self.now)
        self.keys = signing.keys(1_000, 3)
        self.lessor_key, self.lessee_key, self.device_key = (signing.Key(number) for number in (2_001, 2_002, 2_003))
        self.lessor, self.lessee = self.lessor_key.address, self.lessee_key.address
        self.round = self.sequence = 0
        executor = PlanExecutor(self.evm)
        parameters = plan.local_parameters()
        self.parameters = parameters.model_copy(
            update={
                "officers": {role: [account(OFFICER)] for role in plan.ROLE_NAMES},
                "delays": dict.fromkeys(plan.DELAYED_ROLE_NAMES, 0),
                "signers": [account(key.address) for key in self.keys],
                "leases": parameters.leases.model_copy(update={"portfolio_cap": PLENTY}),
            }
        )
        plan.build(executor, self.parameters)
        plan.hand_over(executor, self.parameters)
        self.addresses = executor.addresses
        self._admit()
        self.machine = self._register()
        self.tenths, self.read_at = START_TENTHS, self.now // 60 * 60
        self._send_reading()
        self._alarms(0)

    def _admit(self) -> None:
        people = {
            LENDER: LENDER_ROLE,
            self.lessor: MANUFACTURER_ROLE,
            self.lessee: LESSEE_ROLE,
            BUYER: LESSEE_ROLE,
        }
        for person, role in people.items():
            self.send(OFFICER, "Participants", "admit", account(person), role, midnight(LAST_DAY + 90), NOTHING)
            self.send(person, "MockCash", "mint", account(person), PLENTY)
            for spender in ("Treasury", "RentLedger", "LeaseFinance"):
                self.send(person, "MockCash", "approve", account(self.addresses[spender]), ENDLESS)
        self.send(LENDER, "Treasury", "deposit", PLENTY, account(LENDER))
        self.lessor_party = self.read("Participants", "partyOf", account(self.lessor))
        self.party = self.read("Participants", "partyOf", account(self.lessee))
        self.send(OFFICER, "Treasury", "setLimit", self.party, PLENTY)
        self.send(self.lessee, "CreditOracle", "grantConsent", 0, NOTHING)

    def _register(self) -> int:
        self.send(self.lessor, "Equipment", "register", b"\2" * 32, NOTHING)
        machine = int(self.read("Equipment", "lastId"))
        self.send(OFFICER, "Equipment", "verify", machine, NOTHING)
        domain = signing.domain("Heqi Equipment", self.addresses["Equipment"])
        body = keccak(BINDING_TYPE + words(machine, self.device_key.address, 1, 0))
        signature = self.device_key.sign(keccak(b"\x19\x01" + domain + body))
        self.send(self.lessor, "Equipment", "bindDevice", machine, account(self.device_key.address), 0, signature)
        return machine

    # Calls

    def send(self, sender: int, contract: str, function: str, *arguments: Any) -> bytes:
        entry = artifacts().function(contract, function)
        try:
            return self.evm.call(sender, self.addresses[contract], abi.encode_call(entry, arguments))
        except Reverted as reverted:
            raise AssertionError(f"{function}{arguments}: {describe(reverted.data)}") from None

    def read(self, contract: str, function: str, *arguments: Any) -> Any:
        """The one value that a view returns."""
        returned = self.send(0, contract, function, *arguments)
        (value,) = abi.decoder(artifacts().function(contract, function)["outputs"])(returned).values()
        return value

    def pass_seconds(self, seconds: int) -> None:
        self.now += seconds
        self.evm.set_time(self.now)

    # Facts

    def report(self, tenths: int) -> None:
        """The machine ran so many tenths of hours since its last report."""
        self.tenths += tenths
        self.read_at = self.now // 60 * 60
        self._send_reading()

    def _send_reading(self) -> None:
        self.round += 1
        lane = self.tenths << 44 | (self.read_at - READINGS_START) // 60
        group, shift = divmod(self.machine, 4)
        readings = [group], [lane << 64 * shift]
        hashed = keccak(words(*readings[0])), keccak(words(*readings[1]))
        head = words(self.round, 1, self.now, *map(int.from_bytes, hashed))
        self._submit("submitReadings", READING_TYPE + head, (self.round, 1, self.now, *readings))

    def _alarms(self, alarms: int) -> None:
        self.round += 1
        record = (((self.machine << 16 | 1) << 32 | self.round) << 40 | self.now) << 16 | alarms
        packed = (record << 120).to_bytes(32)
        head = words(self.round, 1, self.now, int.from_bytes(keccak(packed)))
        self._submit("submitAlarms", ALARM_TYPE + head, (self.round, 1, self.now, [packed]))

    def _submit(self, function: str, struct: bytes, report: tuple[Any, ...]) -> None:
        separator = signing.domain("Heqi DeviceOracle", self.addresses["DeviceOracle"])
        digest = keccak(b"\x19\x01" + separator + keccak(struct))
        self.send(STRANGER, "DeviceOracle", function, report, [key.sign(digest) for key in self.keys[:2]])

    def score(self) -> None:
        self.sequence += 1
        self.round += 1
        report = Report(
            round=self.round,
            deadline=self.now,
            model=MODEL,
            issued_at=self.now,
            valid_until=self.now + 86_400,
            party=self.party,
            value=SCORE,
            sequence=self.sequence,
            epoch=1,
            flags=0,
            limit_code=0,
            keys=(0, 1),
        )
        separator = signing.domain("Heqi CreditOracle", self.addresses["CreditOracle"])
        packed = abi.selector_of(artifacts().function("CreditOracle", "submitScores"))
        packed += signing.report_data(report, self.keys, separator)
        self.evm.call(STRANGER, self.addresses["CreditOracle"], packed)

    # The lease

    def sign(self, tiers: list[Tier], **figures: int) -> int:
        """Signed, secured and delivered; returns the lease's number."""
        terms = {
            "machine": self.machine,
            "lessor": self.lessor_party,
            "lessee": self.party,
            "lockNoticeDays": 1,
            "cureDays": 3,
            "tiers": [tuple(tier) for tier in tiers],
            "rulesHash": NOTHING,
            "documentHash": NOTHING,
            "salt": 1,
            "deadline": self.now,
            **figures,
        }
        digest = bytes.fromhex(self.read("EquipmentLease", "termsDigest", terms)[2:])
        signatures = [key.sign(digest) for key in (self.lessor_key, self.lessee_key)]
        arguments = (terms, account(self.lessor), signatures[0], account(self.lessee), signatures[1])
        self.send(STRANGER, "EquipmentLease", "sign", *arguments)
        lease = int(self.read("EquipmentLease", "lastId"))
        if terms["deposit"]:
            self.send(self.lessee, "RentLedger", "payDeposit", lease)
        self.send(self.lessee, "EquipmentLease", "acceptDelivery", lease, NOTHING)
        return lease

    def cash(self, holder: int | str) -> int:
        address = self.addresses[holder] if isinstance(holder, str) else holder
        return int(self.read("MockCash", "balanceOf", account(address)))
