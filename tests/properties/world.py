"""One deployed suite beside its model: every step is taken in both, and both must end the same."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from eth_utils.address import to_checksum_address

from backend.chain import abi
from scripts import plan
from tests.properties import evm as chain
from tests.properties import signing
from tests.properties.evm import Evm, artifacts, hex_address, interface, words
from tests.properties.model import Conditions, Model, Refused
from tests.properties.model.cash import BlockingCash, FeeCash, NoReturnCash, PlainCash, ReentrantCash
from tests.properties.model.oracle import ScoringModel
from tests.properties.model.policy import Terms

TOKENS: dict[str, type[PlainCash]] = {
    "MockCash": PlainCash,
    "MockFeeCash": FeeCash,
    "MockBlockingCash": BlockingCash,
    "MockNoReturnCash": NoReturnCash,
    "MockReentrantCash": ReentrantCash,
}
PLAIN = "MockCash"
DEPLOYER, OFFICER = 0xD0, 0xD1
SUITE = ("Participants", "CreditOracle", "RiskPolicy", "Treasury", "Receivables", "Factoring", "CreditLine")
NEW_WALLET = {"admit": 0, "addWallet": 1, "rotateWallet": 1}  # which argument it is
ChainAt = Callable[[int], Evm]
"""Makes a chain whose block time is the given second."""
ENDLESS = 2**256 - 1


class Step(NamedTuple):
    """A call as data, so that a run can be written down and repeated. `Clock.passTime` is the block's time."""

    contract: str
    function: str
    caller: int
    arguments: tuple[Any, ...]

    @property
    def name(self) -> str:
        return f"{self.contract}.{self.function}"


class Mismatch(AssertionError):
    """The chain did not do what the model says."""


class PlanExecutor:
    """Runs the plan of the suite in process."""

    deployer = to_checksum_address(hex_address(DEPLOYER))

    def __init__(self, evm: Evm) -> None:
        self.evm = evm
        self.addresses: dict[str, int] = {}

    def abi(self, contract: str) -> Sequence[abi.Entry]:
        return artifacts().abi(contract)

    def deploy(self, contract: str, arguments: Sequence[Any]) -> str:
        code = artifacts().creation_code(contract) + artifacts().encode_constructor(contract, arguments)
        self.addresses[contract] = self.evm.deploy(DEPLOYER, code)
        return to_checksum_address(hex_address(self.addresses[contract]))

    def attach(self, contract: str, address: str) -> None:
        self.addresses[contract] = int(address, 16)

    def call(self, contract: str, function: str, arguments: Sequence[Any]) -> None:
        data = abi.encode_call(artifacts().function(contract, function), arguments)
        self.evm.call(DEPLOYER, self.addresses[contract], data)


class World:
    """`token` names the settlement token. `done` counts successful steps by function, `refused` refusals by error;
    `taken` is what the last step did, a call in the middle of a transfer included.
    """

    def __init__(self, now: int, token: str, chain_at: ChainAt) -> None:
        self.evm = chain_at(now)
        self.signers = signing.keys(1_000, 3)
        self.false_signer = signing.Key(2_000)
        self.debtor_keys = {key.address: key for key in signing.keys(3_000, 3)}
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.taken: set[str] = set()
        self._deploy(token)
        self.model = self._model(now, token)
        self.separators = {
            "submitScores": signing.domain("Heqi CreditOracle", self.addresses["CreditOracle"]),
            "confirmBySignature": signing.domain("Heqi Receivables", self.addresses["Receivables"]),
        }

    # Setting up

    def _deploy(self, token: str) -> None:
        executor = PlanExecutor(self.evm)
        parameters = self._parameters()
        if token != plan.CASH.of:
            executor.deploy(token, ())
            executor.call(token, "mint", (executor.deployer, plan.TRIAL))
            address = to_checksum_address(hex_address(executor.addresses[token]))
            parameters = parameters.model_copy(update={"cash": address})
        plan.build(executor, parameters)
        plan.hand_over(executor, parameters)
        self.addresses = {name: executor.addresses[name] for name in SUITE}
        self.addresses["Cash"] = executor.addresses[plan.CASH.of]
        executor.deploy(plan.CASH.of, ())
        self.addresses["OtherCash"] = executor.addresses[plan.CASH.of]
        self._admit(self.addresses["OtherCash"])
        self.interfaces = {name: interface(name) for name in SUITE}
        self.interfaces |= {"Cash": interface(token), "OtherCash": interface(plan.CASH.of)}

    def _parameters(self) -> plan.Parameters:
        """Those of the local chain with one officer in every role, without delays."""
        officer = to_checksum_address(hex_address(OFFICER))
        return plan.local_parameters().model_copy(
            update={
                "officers": {role: [officer] for role in plan.ROLE_NAMES},
                "delays": dict.fromkeys(plan.DELAYED_ROLE_NAMES, 0),
                "signers": [to_checksum_address(hex_address(key.address)) for key in self.signers],
            }
        )

    def _admit(self, token: int) -> None:
        """Admit a further settlement token."""
        mock = interface(plan.CASH.of)
        self.evm.call(OFFICER, token, mock.data("mint", OFFICER, plan.TRIAL))
        self.evm.call(OFFICER, token, mock.data("approve", self.addresses["Receivables"], plan.TRIAL))
        data = interface("Receivables").data("allowCurrency", token)
        self.evm.call(OFFICER, self.addresses["Receivables"], data)

    def _model(self, now: int, token: str) -> Model:
        parameters = self._parameters()
        cash, other = TOKENS[token](self.addresses["Cash"]), PlainCash(self.addresses["OtherCash"])
        if isinstance(cash, ReentrantCash):
            cash.perform = self._outcome
        cash.balances[DEPLOYER] = other.balances[OFFICER] = plan.TRIAL
        signers = [key.address for key in self.signers]
        threshold, false_signer = parameters.threshold, self.false_signer.address
        model = Model(now, OFFICER, self.addresses, cash, other, signers, threshold, false_signer)
        for known in parameters.models:
            model.oracle.models[known.id] = ScoringModel(int.from_bytes(known.content_hash()), approved=True)
        for product, number in plan.PRODUCTS.items():
            for grade, terms in enumerate(parameters.terms_of(product)):
                if terms:
                    model.policy.terms[number, grade] = Terms(*map(int, terms.as_struct()))
        model.lines.conditions = conditions_of(parameters.lines)
        return model

    def fund(self, actor: int, amount: int) -> None:
        for token in ("Cash", "OtherCash"):
            self.apply(Step(token, "mint", DEPLOYER, (actor, amount)))

    def allow(self, actor: int) -> None:
        """Let every contract take the actor's tokens; new wallets of parties are allowed by themselves."""
        for token in ("Cash", "OtherCash"):
            for spender in ("Receivables", "Factoring", "CreditLine", "Treasury"):
                data = self.interfaces[token].data("approve", self.addresses[spender], ENDLESS)
                self._call_as(actor, self.addresses[token], data)

    def _call_as(self, actor: int, to: int, data: bytes) -> None:
        """A contract cannot send a transaction; the re-entrant token calls in the middle of a transfer of nothing."""
        cash, interface = self.addresses["Cash"], self.interfaces["Cash"]
        if actor != cash:
            self.evm.call(actor, to, data)
            return
        self.evm.call(DEPLOYER, cash, interface.data("callBack", to, data))
        self.evm.call(DEPLOYER, cash, interface.data("mint", DEPLOYER, 0))

    # Steps

    def apply(self, step: Step) -> int | None:
        """Take a step in the model and on the chain; returns the result, None when both refuse. Raises Mismatch."""
        self.taken = {step.name}
        result, refusal = self._expect(step)
        if step.contract == "Clock":
            self.evm.set_time(self.model.gate.now)
            return None
        try:
            returned = self.evm.call(step.caller, self.addresses[step.contract], self.calldata(step))
        except chain.Reverted as reverted:
            if refusal is None:
                raise Mismatch(f"{step}: reverted with {chain.describe(reverted.data)}, not refused") from None
            self._require_same(step, "refusal", chain.revert_data(refusal.name, refusal.values), reverted.data)
            self.refused[refusal.name] += 1
            return None
        if refusal is not None:
            raise Mismatch(f"{step}: went through, but must be refused: {refusal.args}")
        if result is not None and int.from_bytes(returned[:32]) != result:
            raise Mismatch(f"{step}: returned {int.from_bytes(returned[:32])}, not {result}")
        self.done[step.name] += 1
        if step.function in NEW_WALLET:
            self.allow(step.arguments[NEW_WALLET[step.function]])
        return result or 0

    def calldata(self, step: Step) -> bytes:
        if step.function == "submitScores":
            keys = [*self.signers, self.false_signer]
            packed = signing.report_data(step.arguments[0], keys, self.separators["submitScores"])
            return self.interfaces[step.contract].data(step.function) + packed
        arguments = step.arguments
        if step.function == "callBack":
            (inner,) = arguments
            arguments = self.addresses[inner.contract], self.calldata(inner)
        if step.function == "confirmBySignature":
            arguments = (*arguments[:3], self._confirmation(*arguments))
        return self.interfaces[step.contract].data(step.function, *arguments)

    def _confirmation(self, c: Any, signer: int, deadline: int, signed_by: int) -> bytes:
        debtor = self.model.participants.party_of.get(signer, 0)
        separator = self.separators["confirmBySignature"]
        return signing.sign_confirmation(c, debtor, deadline, self.debtor_keys[signed_by], separator)

    def _expect(self, step: Step) -> tuple[Any, Refused | None]:
        method = getattr(self.model.contracts[step.contract], snake_case(step.function))
        try:
            return method(step.caller, *step.arguments), None
        except Refused as refusal:
            return None, refusal

    def _outcome(self, step: Step) -> Any:
        result, refusal = self._expect(step)
        self.taken.add(step.name)
        if refusal is not None:
            self.refused[refusal.name] += 1
        return refusal or result

    # Reading

    def view(self, contract: str, function: str, *arguments: Any) -> bytes:
        return self.evm.call(0, self.addresses[contract], self.interfaces[contract].data(function, *arguments))

    def compare(self, what: str, expected: bytes, contract: str, function: str, *arguments: Any) -> None:
        try:
            found = self.view(contract, function, *arguments)
        except chain.Reverted as reverted:
            raise Mismatch(f"{what}: {function}{arguments} reverted with {chain.describe(reverted.data)}") from None
        self._require_same(what, f"{function}{arguments}", expected, found)

    def compare_receivable(self, id: int) -> None:
        receivables = self.model.receivables
        part = receivables.parts[id]
        state = receivables.state_of(part)
        p = part.face, part.claimed, part.root, state, part.tier, part.lienor
        self.compare("part", words(*p), "Receivables", "partOf", id)
        pool = receivables.pools[part.root]
        q = pool.debtor, pool.creditor, pool.due_day, pool.currency, pool.paid
        self.compare("pool", words(*q), "Receivables", "poolOf", id)
        self.compare("claim", words(*receivables.claim_of(id)), "Receivables", "claimOf", id)
        self.compare_financing(id)

    def compare_financing(self, id: int) -> None:
        f = self.model.factoring.financings.get(id)
        if f is None:
            return
        values = (getattr(f, name) for name in f.__slots__)
        self.compare("financing", words(*values), "Factoring", "financingOf", id)
        self.compare("owed", words(*self.model.factoring.owed_of(id)), "Factoring", "owedOf", id)
        account = self.model.treasury.account(f.debtor)
        a = account.limit, account.outstanding, account.arrears
        self.compare("account", words(*a), "Treasury", "accountOf", f.debtor)

    def compare_book(self) -> None:
        self.compare("book", words(*self.model.treasury.book()), "Treasury", "book")
        accrued, per_day = self.model.treasury.accrual()
        self.compare("accrual", words(accrued, per_day, self.model.gate.today), "Treasury", "accrual")

    def compare_line(self, party: int) -> None:
        lines, account = self.model.lines, self.model.treasury.account(party)
        self.compare("line", words(*lines.line_words(party)), "CreditLine", "lineOf", party)
        self.compare("owed", words(*lines.owed_words(party)), "CreditLine", "owedOf", party)
        a = account.limit, account.outstanding, account.arrears
        self.compare("account", words(*a), "Treasury", "accountOf", party)

    def compare_draw(self, party: int, amount: int) -> None:
        """Today's limit, and the quote of a draw, to the last figure, or the reason why there is none."""
        lines = self.model.lines
        self._compare_offer("limit", lambda: lines.limit_words(party), "CreditLine", "limitOf", party)
        self._compare_offer("draw", lambda: lines.quote_words(party, amount), "CreditLine", "quote", party, amount)

    def compare_shares(self) -> None:
        t = self.model.treasury
        self.compare("shares", words(t.supply), "Treasury", "totalSupply")
        self.compare("value", words(t.gross()), "Treasury", "grossAssets")
        self.compare("value", words(t.net()), "Treasury", "totalAssets")
        for owner, shares in t.shares.items():
            self.compare("shares", words(shares), "Treasury", "balanceOf", owner)
            self.compare("shares", words(t.max_withdraw(owner)), "Treasury", "maxWithdraw", owner)
            self.compare("shares", words(t.max_redeem(owner)), "Treasury", "maxRedeem", owner)

    def compare_quote(self, id: int) -> None:
        """The offer to the last figure, or the reason why there is none."""
        factoring, today = self.model.factoring, self.model.gate.today
        self._compare_offer("quote", lambda: factoring.quote(0, id).words(today), "Factoring", "quote", id)

    def _compare_offer(
        self, what: str, expect: Callable[[], tuple[Any, ...]], contract: str, function: str, *arguments: int
    ) -> None:
        try:
            expected = words(*expect())
        except Refused as refusal:
            expected = chain.revert_data(refusal.name, refusal.values)
        try:
            found = self.view(contract, function, *arguments)
        except chain.Reverted as reverted:
            found = reverted.data
        self._require_same(what, f"of {arguments}", expected, found)

    def compare_balance(self, token: str, holder: int) -> None:
        expected = self.model.contracts[token].balances.get(holder, 0)
        self.compare(token, words(expected), token, "balanceOf", holder)

    def compare_answer(self) -> None:
        """What became of the last call that a re-entrant token made."""
        answer = self.model.cash.answer
        if not self.model.cash.called:
            return
        if isinstance(answer, Refused):
            expected = chain.revert_data(answer.name, answer.values)
            self.compare("nested", chain.arguments([expected]), "Cash", "answer")
        self.compare("nested", words(not isinstance(answer, Refused)), "Cash", "succeeded")

    @staticmethod
    def _require_same(step: Any, what: str, expected: bytes, found: bytes) -> None:
        if expected == found:
            return
        if what == "refusal":
            raise Mismatch(f"{step}: {chain.describe(found)}, not {chain.describe(expected)}")
        values = [[int.from_bytes(data[at : at + 32]) for at in range(0, len(data), 32)] for data in (found, expected)]
        raise Mismatch(f"{step} {what}: {values[0]}, not {values[1]}")


def conditions_of(lines: plan.LineConditions) -> Conditions:
    *figures, agreement_hash = lines.as_struct()
    return Conditions(*map(int, figures), int.from_bytes(agreement_hash))


@cache
def snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)
