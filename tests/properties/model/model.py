"""The contracts of the model, wired as the suite is."""

from collections.abc import Mapping, Sequence

from tests.properties.model.cash import PlainCash
from tests.properties.model.factoring import Factoring
from tests.properties.model.gate import Gate
from tests.properties.model.line import CreditLine
from tests.properties.model.oracle import Oracle
from tests.properties.model.participants import Participants
from tests.properties.model.policy import Policy
from tests.properties.model.receivables import Receivables
from tests.properties.model.treasury import Treasury

FACTORING_LIENOR = 1


class Model:
    """`addresses` by the contracts' names; `cash` is what the treasury lends, `other_cash` another settlement token."""

    def __init__(
        self,
        now: int,
        officer: int,
        addresses: Mapping[str, int],
        cash: PlainCash,
        other_cash: PlainCash,
        signers: Sequence[int],
        threshold: int,
        false_signer: int,
    ) -> None:
        self.gate = Gate(now, {officer})
        self.cash, self.other_cash = cash, other_cash
        self.participants = Participants(self.gate)
        self.oracle = Oracle(self.gate, self.participants, tuple(signers), threshold, false_signer)
        self.policy = Policy(self.gate, self.oracle)
        self.treasury = Treasury(self.gate, addresses["Treasury"], self.participants, cash)
        self.receivables = Receivables(
            self.gate, addresses["Receivables"], self.participants, [cash, other_cash], FACTORING_LIENOR
        )
        self.factoring = Factoring(self.gate, self.participants, self.policy, self.treasury, self.receivables, cash)
        self.lines = CreditLine(self.gate, self.participants, self.oracle, self.policy, self.treasury, cash)
        self.contracts = {
            "Clock": self.gate,
            "Cash": cash,
            "OtherCash": other_cash,
            "Participants": self.participants,
            "CreditOracle": self.oracle,
            "RiskPolicy": self.policy,
            "Treasury": self.treasury,
            "Receivables": self.receivables,
            "Factoring": self.factoring,
            "CreditLine": self.lines,
        }
