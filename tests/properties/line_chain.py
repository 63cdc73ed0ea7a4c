"""The suite in process with one merchant's credit line, for tests that move one line day by day."""

from typing import Any

from eth_utils.address import to_checksum_address

from backend.chain import abi
from scripts import plan
from tests.model import midnight
from tests.properties import signing
from tests.properties.evm import Evm, Reverted, artifacts, describe, hex_address
from tests.properties.model import Report
from tests.properties.world import PlanExecutor

FIRST_DAY = 20_000
LAST_DAY = FIRST_DAY + 1_000
"""A verification is good for three years."""
OFFICER, MERCHANT, LENDER, STRANGER = 0xD1, 0xA1, 0xB1, 0xE1
PLENTY = 10**15
MODEL, SCORING, MERCHANT_ROLE, LENDER_ROLE = 1, 0, 16, 4
ENDLESS = 2**256 - 1


def account(number: int) -> str:
    return to_checksum_address(hex_address(number))


class Chain:
    """The suite in process with one merchant, plenty of cash, and a signed score whenever one is needed."""

    def __init__(self, conditions: dict[str, int]) -> None:
        self.now = midnight(FIRST_DAY) + 3_600
        self.evm = Evm(self.now)
        self.keys = signing.keys(1_000, 3)
        self.round = self.sequence = 0
        self._deploy(conditions)
        self.separator = signing.domain("Heqi CreditOracle", self.addresses["CreditOracle"])
        for actor, role in ((LENDER, LENDER_ROLE), (MERCHANT, MERCHANT_ROLE)):
            valid_until = midnight(LAST_DAY + 90)
            self.send(OFFICER, "Participants", "admit", (account(actor), role, valid_until, b"\1" * 32))
        self.party = self.read("Participants", "partyOf", (account(MERCHANT),))
        for actor in (LENDER, MERCHANT):
            self.send(actor, "MockCash", "mint", (account(actor), PLENTY))
            for spender in ("Treasury", "CreditLine"):
                self.send(actor, "MockCash", "approve", (account(self.addresses[spender]), ENDLESS))
        self.send(LENDER, "Treasury", "deposit", (PLENTY, account(LENDER)))
        self.send(OFFICER, "Treasury", "setLimit", (self.party, PLENTY))
        self.send(MERCHANT, "CreditOracle", "grantConsent", (SCORING, b"\1" * 32))

    def _deploy(self, conditions: dict[str, int]) -> None:
        executor = PlanExecutor(self.evm)
        parameters = plan.local_parameters()
        parameters = parameters.model_copy(
            update={
                "officers": {role: [account(OFFICER)] for role in plan.ROLE_NAMES},
                "delays": dict.fromkeys(plan.DELAYED_ROLE_NAMES, 0),
                "signers": [account(key.address) for key in self.keys],
                "lines": parameters.lines.model_copy(update=conditions),
            }
        )
        plan.build(executor, parameters)
        plan.hand_over(executor, parameters)
        self.addresses = executor.addresses
        self.parameters = parameters

    def send(self, sender: int, contract: str, function: str, arguments: tuple[Any, ...]) -> bytes:
        entry = artifacts().function(contract, function)
        try:
            return self.evm.call(sender, self.addresses[contract], abi.encode_call(entry, arguments))
        except Reverted as reverted:
            raise AssertionError(f"{function}{arguments}: {describe(reverted.data)}") from None

    def read(self, contract: str, function: str, arguments: tuple[Any, ...]) -> Any:
        """The one value that a view returns."""
        returned = self.send(0, contract, function, arguments)
        (value,) = abi.decoder(artifacts().function(contract, function)["outputs"])(returned).values()
        return value

    def line(self, sender: int, function: str, *arguments: Any) -> bytes:
        return self.send(sender, "CreditLine", function, arguments)

    def pass_days(self, days: int) -> None:
        self.now += days * 86_400
        self.evm.set_time(self.now)

    def report(self, value: int, limit_code: int) -> None:
        self.round, self.sequence = self.round + 1, self.sequence + 1
        report = Report(
            round=self.round,
            deadline=self.now,
            model=MODEL,
            issued_at=self.now,
            valid_until=self.now + 86_400,
            party=self.party,
            value=value,
            sequence=self.sequence,
            epoch=1,
            flags=0,
            limit_code=limit_code,
            keys=(0, 1),
        )
        data = artifacts().function("CreditOracle", "submitScores")
        packed = abi.selector_of(data) + signing.report_data(report, self.keys, self.separator)
        self.evm.call(STRANGER, self.addresses["CreditOracle"], packed)
