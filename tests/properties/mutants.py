"""Planted bugs: one line of a contract is changed, and the runs must find out."""

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from scripts.plan import ROOT
from tests.properties.driver import WORLD_STEPS, Run
from tests.properties.evm import Evm, artifacts

COMPILER = ROOT / ".tools/solcx/solc-v0.8.30"
NO_LIMIT = (
    1 << 20
)  # without the optimiser, which would take most of the time, a contract is larger than Ethereum allows

TOO_DEEP = {"CreditLine"}
"""Contracts whose variables do not fit on the stack without the compiler's slower way."""


@dataclass(frozen=True)
class Mutant:
    """`line` of the file becomes `changed`; `contract` is compiled with it."""

    name: str
    contract: str
    file: str
    line: str
    changed: str

    def source(self) -> str:
        """The changed file. Raises ValueError when the line is not in the file exactly once."""
        source = (ROOT / self.file).read_text()
        if source.count(self.line) != 1:
            raise ValueError(f"{self.name}: {self.file} has {source.count(self.line)} times {self.line!r}")
        return source.replace(self.line, self.changed)


def _in(contract: str, name: str, line: str, changed: str) -> Mutant:
    return Mutant(name, contract, f"contracts/{contract}.sol", line, changed)


def _in_revolving(name: str, line: str, changed: str) -> Mutant:
    """In the library, which CreditLine is compiled with."""
    return Mutant(name, "CreditLine", "contracts/libraries/Revolving.sol", line, changed)


MUTANTS = (
    _in(
        "Factoring",
        "collect takes more than is owed",
        "receivables.collect(receivable, address(treasury), f.outstanding + late)",
        "receivables.collect(receivable, address(treasury), type(uint96).max)",
    ),
    _in(
        "Factoring",
        "a receivable is financed again after a loss",
        "status == Status.None || status == Status.Repaid,",
        "status == Status.None || !_isOpen(status),",
    ),
    _in(
        "Factoring",
        "late interest runs from the due day, without grace",
        "Math.max(f.lateThroughDay, f.dueDay + f.graceDays)",
        "Math.max(f.lateThroughDay, f.dueDay)",
    ),
    _in(
        "Factoring",
        "late interest forgets what the debtor paid in time",
        "* (today - from) - covered;",
        "* (today - from);",
    ),
    _in(
        "Factoring",
        "late interest has no cap",
        "return uint96(Math.min(late, cap) - f.latePaid);",
        "cap; return uint96(late - f.latePaid);",
    ),
    _in(
        "Factoring",
        "overdue a day early",
        "uint32 from = f.dueDay + f.graceDays + 1;",
        "uint32 from = f.dueDay + f.graceDays;",
    ),
    _in(
        "Factoring",
        "a default is declared on the last day of cure",
        "require(Calendar.today() > through,",
        "require(Calendar.today() >= through,",
    ),
    _in(
        "Factoring",
        "late interest is waived with recourse too",
        "if (f.recourse || f.outstanding != 0",
        "if (f.outstanding != 0",
    ),
    _in(
        "Factoring",
        "repayment leaves the impairment",
        "f.impaired -= released;",
        "released = released;",
    ),
    _in(
        "Factoring",
        "the cover is made whole before the lenders",
        "Math.saturatingSub(f.fromCover, f.outstanding)",
        "Math.min(f.fromCover, payment)",
    ),
    _in(
        "Factoring",
        "financing goes on while paused",
        "        whenNotPaused\n        nonReentrant",
        "        nonReentrant",
    ),
    _in("Factoring", "the signed net amount is ignored", "require(q.net >= minNet,", "require(q.net >= 0,"),
    _in(
        "Receivables",
        "a part takes a share rounded up",
        "uint96(Math.mulDiv(paid, part.face, whole))",
        "uint96(Math.mulDiv(paid, part.face, whole, Math.Rounding.Ceil))",
    ),
    _in(
        "Receivables",
        "parts may add up to less",
        "require(sum == whole.face,",
        "require(sum <= whole.face,",
    ),
    _in(
        "Receivables",
        "a part that leaves its pool takes too much along",
        "uint96 paid = _entitled(part, pool.paid);",
        "uint96 paid = uint96(Math.min(part.face, pool.paid));",
    ),
    _in(
        "Receivables",
        "the new holder gets what was paid before",
        "        _creditHolder(id, from);",
        "",
    ),
    _in(
        "Receivables",
        "more is settled than is owed",
        "pull(msg.sender, address(this), Math.min(amount, due))",
        "pull(msg.sender, address(this), amount)",
    ),
    _in(
        "Receivables",
        "a dispute leaves the pool as it was",
        "        _detach(id);\n        _parts[id].state",
        "        _parts[id].state",
    ),
    _in("Receivables", "a late payment counts from its due day", "if (today <= pool.dueDay) return;", "return;"),
    _in("Receivables", "an invoice may be registered again", "require(_idOfInvoice[key] == 0,", "require(true,"),
    _in("Receivables", "credit is paid twice", "creditOf[holder][currency] = 0;", ""),
    _in(
        "Receivables",
        "a receiver is not verified",
        "uint32 taker = participants.requireVerified(to, Roles.SUPPLIER);",
        "uint32 taker = participants.partyOf(to);",
    ),
    _in("Treasury", "arrears do not stop a payout", "require(account.arrears == 0,", "require(true,"),
    _in("Treasury", "the limit is exceeded by a unit", "require(wouldOwe <= limit,", "require(wouldOwe <= limit + 1,"),
    _in(
        "Treasury",
        "the cash runs out below zero covers",
        "require(net <= _ledger.cash,",
        "require(net <= _ledger.cash + _cover,",
    ),
    _in(
        "Treasury",
        "discount is earned a day longer",
        "b.unearned -= daily * (endDay - b.throughDay);",
        "b.unearned -= daily * (endDay - b.throughDay - 1);",
    ),
    _in("Treasury", "earning goes on after the term", "            b.dailyEarning -= _endsOn[day];\n", ""),
    _in(
        "Treasury",
        "lenders enter below the impairment",
        "Math.mulDiv(assets, totalSupply() + 10 ** _decimalsOffset(), grossAssets() + 1)",
        "Math.mulDiv(assets, totalSupply() + 10 ** _decimalsOffset(), totalAssets() + 1)",
    ),
    _in(
        "Treasury", "lenders leave before the impairment", "return grossAssets() - _impaired;", "return grossAssets();"
    ),
    _in(
        "Treasury",
        "lenders leave while paused",
        "        whenNotPaused\n        returns (uint256)\n    {\n        return super.redeem",
        "        returns (uint256)\n    {\n        return super.redeem",
    ),
    _in(
        "Treasury",
        "shares are rounded up",
        "totalSupply() + 10 ** _decimalsOffset(), grossAssets() + 1);",
        "totalSupply() + 10 ** _decimalsOffset(), grossAssets() + 1, Math.Rounding.Ceil);",
    ),
    _in("Treasury", "interest of lines is worth nothing", " + Interest.unitsDown(accrual().accrued);", ";"),
    _in("Treasury", "lenders count on rounded interest", "Interest.unitsDown(accrual()", "Interest.unitsUp(accrual()"),
    _in(
        "Treasury",
        "interest of lines stands still",
        "if (a.perDay != 0) a.accrued +=",
        "if (a.perDay == 1) a.accrued +=",
    ),
    _in(
        "CreditOracle",
        "a model needs no second officer",
        "require(model.approved, ModelNotApproved(r.modelId));",
        "",
    ),
    _in(
        "CreditLine", "a limit rises again at once", "if (Calendar.today() < l.riseDay + RISE_DAYS) return l.limit;", ""
    ),
    _in("CreditLine", "a rise is forgotten", "if (m.limit > l.limit) l.riseDay = Calendar.today();", ""),
    _in("CreditLine", "a closed line is forgotten", "if (!anew) _carryOver(l, last);", ""),
    _in("CreditLine", "anybody raises a limit", "if (m.limit < l.limit) _lower(party, m);", "_lower(party, m);"),
    _in(
        "CreditLine",
        "a unit more than the limit is drawn",
        "require(wouldOwe <= m.limit,",
        "require(wouldOwe <= uint256(m.limit) + 1,",
    ),
    _in(
        "CreditLine",
        "a frozen line is drawn on",
        "LinesNotOffered());\n        require(!l.frozen, LineIsFrozen(party));",
        "LinesNotOffered());",
    ),
    _in("CreditLine", "an overdue line is drawn on", "require(l.overdue == 0, LineOverdue(party, l.overdue));", ""),
    _in(
        "CreditLine",
        "a line is drawn on at maturity",
        "require(l.throughDay < l.maturityDay,",
        "require(l.throughDay <= l.maturityDay,",
    ),
    _in("CreditLine", "the cap of all lines is ignored", "require(amount <= _portfolioRoom(),", "require(true,"),
    _in("CreditLine", "the signed rate is ignored", "require(q.annualRateBps <= maxRateBps,", "require(true,"),
    _in(
        "CreditLine",
        "a draw leaves the treasury's interest a day",
        "treasury.bookAccrual(l.interest, l.interest, perDay, l.perDay);",
        "perDay;",
    ),
    _in(
        "CreditLine",
        "a payment is booked on the line as it was before the token's turn",
        """        uint96 owed = _settleTime(party).owed();
        require(owed != 0, LineNotOwed(party));
        paid = cash.pull(msg.sender, address(treasury), Math.min(amount, owed));
        // Read after the token had its turn.
        _apply(party, _load(party), paid);""",
        """        Line memory early = _settleTime(party);
        require(early.owed() != 0, LineNotOwed(party));
        paid = cash.pull(msg.sender, address(treasury), Math.min(amount, early.owed()));
        _apply(party, early, paid);""",
    ),
    _in(
        "CreditLine",
        "nothing is repaid while paused",
        "uint96 amount) public nonReentrant",
        "uint96 amount) public whenNotPaused nonReentrant",
    ),
    _in(
        "CreditLine",
        "a delinquent line's interest is counted on",
        "treasury.bookAccrual(l.interest, 0, l.perDay, 0);",
        "",
    ),
    _in("CreditLine", "a cured line's interest is not", "treasury.bookAccrual(0, l.interest, 0, l.perDay);", ""),
    _in("CreditLine", "a cured line stays impaired", "l.status == LineStatus.Open ? 0 : uint96", "uint96"),
    _in(
        "CreditLine",
        "any payment ends arrears",
        "arrearsEnded: l.status != before",
        "arrearsEnded: before != LineStatus.Open",
    ),
    _in(
        "CreditLine",
        "a line is in default on the last day of cure",
        "require(Calendar.today() > through,",
        "require(Calendar.today() >= through,",
    ),
    _in(
        "CreditLine",
        "the cover gets a line's money before the lenders",
        "Math.saturatingSub(l.fromCover, l.drawn)",
        "l.fromCover",
    ),
    _in_revolving(
        "a bill is overdue on its last day", "l.dueDay != 0 && day > l.dueDay", "l.dueDay != 0 && day >= l.dueDay"
    ),
    _in_revolving("late interest runs from the last look", "            _run(l, l.dueDay);\n", ""),
    _in_revolving(
        "a bill is rounded down",
        "Interest.unitsUp(l.interest).toUint96();\n        l.duePrincipal = _billed",
        "Interest.unitsDown(l.interest).toUint96();\n        l.duePrincipal = _billed",
    ),
    _in_revolving("not all is billed at maturity", "day >= l.maturityDay ||", "day > l.maturityDay ||"),
    _in_revolving("the average rate is rounded down", "Math.Rounding.Ceil", "Math.Rounding.Floor"),
    _in_revolving("what is paid stays overdue", "l.overdue = uint96(Math.saturatingSub(l.overdue, billed));", ""),
    _in_revolving("a draw bears no interest", "l.perDay += (uint256(amount) * rateBps).toUint104();", "rateBps;"),
    _in_revolving(
        "principal is paid before other interest",
        "otherInterest = Math.min(left, otherInterest);",
        "otherInterest = Math.min(Math.saturatingSub(left, l.drawn), otherInterest);",
    ),
    _in_revolving(
        "what goes back on the day of its draw bears nothing",
        "if (principal == 0) return 0;\n        return Math.ceilDiv(",
        "if (principal >= 0) return 0;\n        return Math.ceilDiv(",
    ),
    _in_revolving(
        "what goes back after a night bears the day of its draw too", "if (elapsed != 0) l.drawnToday = 0;", ""
    ),
    _in_revolving("looking ends the day of a draw", "if (elapsed != 0) l.drawnToday = 0;", "l.drawnToday = 0;"),
    _in_revolving(
        "a payment too small for today's draws is used up by their day",
        "uint96(left >= today + whole ? whole : left * whole / (today + whole))",
        "uint96(Math.min(left, whole))",
    ),
    Mutant(
        "the day begins at midnight in Greenwich",
        "Factoring",
        "contracts/libraries/Calendar.sol",
        "return uint32((timestamp + OFFSET) / 1 days);",
        "return uint32(timestamp / 1 days);",
    ),
    Mutant(
        "a fee of the token is credited",
        "Receivables",
        "contracts/libraries/Cash.sol",
        "Math.min(Math.saturatingSub(token.balanceOf(to), before), amount)",
        "amount",
    ),
    Mutant(
        "what arrives by a nested payment counts twice",
        "Treasury",
        "contracts/libraries/Cash.sol",
        "Math.min(Math.saturatingSub(token.balanceOf(to), before), amount)",
        "token.balanceOf(to) - before",
    ),
)


def compile_mutant(mutant: Mutant) -> bytes:
    """Creation code of the contract with the bug. Raises ValueError with the compiler's errors."""
    main = f"contracts/{mutant.contract}.sol"
    sources = {main: {"content": (ROOT / main).read_text()}} | {mutant.file: {"content": mutant.source()}}
    settings = {
        "evmVersion": "cancun",
        "viaIR": mutant.contract in TOO_DEEP,
        "remappings": ["@openzeppelin/contracts=node_modules/@openzeppelin/contracts"],
        "outputSelection": {main: {mutant.contract: ["evm.bytecode.object"]}},
    }
    request = json.dumps({"language": "Solidity", "sources": sources, "settings": settings})
    command = [str(COMPILER), "--standard-json", "--base-path", "."]
    answer = json.loads(
        subprocess.run(command, input=request, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    )
    errors = [error["formattedMessage"] for error in answer.get("errors", ()) if error["severity"] == "error"]
    if errors:
        raise ValueError(f"{mutant.name}: {errors[0]}")
    return bytes.fromhex(answer["contracts"][main][mutant.contract]["evm"]["bytecode"]["object"])


def chain_with(contract: str, code: bytes) -> Callable[[int], Evm]:
    """A chain on which the contract is deployed with other code."""
    original = artifacts().creation_code(contract)

    class Infected(Evm):
        code_size_limit = NO_LIMIT

        def deploy(self, sender: int, creation: bytes) -> int:
            arguments = creation[len(original) :] if creation.startswith(original) else None
            return super().deploy(sender, creation if arguments is None else code + arguments)

    return Infected


def steps_to_find(mutant: Mutant, most: int, tokens: tuple[str, ...]) -> int | None:
    """Steps until a run differs, worlds of the tokens by turns; None when it takes more than `most`."""
    chain_at = chain_with(mutant.contract, compile_mutant(mutant))
    taken = 0
    for number in range(most // WORLD_STEPS):
        found = _steps_in_world(f"mutant:{number}", tokens[number % len(tokens)], chain_at)
        taken += found or WORLD_STEPS
        if found:
            return taken
    return None


def _steps_in_world(seed: str, token: str, chain_at: Callable[[int], Evm]) -> int | None:
    run = None
    with suppress(AssertionError):
        run = Run(seed, token, chain_at)
        for _ in range(WORLD_STEPS):
            run.step()
        run.compare_everything()
        return None
    return len(run.history) if run and run.history else 1
