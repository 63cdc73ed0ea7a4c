"""Mirrors of the settlement tokens: the plain one and the hostile ones."""

from collections.abc import Callable
from typing import Any

from tests.model import BPS
from tests.properties.model.refused import require


class PlainCash:
    """MockCash: an OpenZeppelin ERC-20. Every actor has given every contract an endless allowance."""

    decimals = 2

    def __init__(self, address: int) -> None:
        self.address = address
        self.balances: dict[int, int] = {}

    def mint(self, _caller: int, to: int, amount: int) -> None:
        self.balances[to] = self.balances.get(to, 0) + amount

    def require_movable(self, source: int, target: int, amount: int) -> None:
        balance = self.balances.get(source, 0)
        require(balance >= amount, *self._short(source, balance, amount))

    def move(self, source: int, target: int, amount: int) -> int:
        """Move `amount`; returns what arrived of it."""
        self.require_movable(source, target, amount)
        self.balances[source] = self.balances.get(source, 0) - amount
        kept = self.kept(amount)
        self.balances[target] = self.balances.get(target, 0) + amount - kept
        return amount - kept

    def kept(self, _amount: int) -> int:
        return 0

    def _short(self, source: int, balance: int, amount: int) -> tuple[str, int, int, int]:
        return "ERC20InsufficientBalance", source, balance, amount


class FeeCash(PlainCash):
    """MockFeeCash: from some day on a share of every transfer is burnt."""

    fee_bps = 0

    def set_fee(self, _caller: int, fee_bps: int) -> None:
        self.fee_bps = fee_bps

    def kept(self, amount: int) -> int:
        return amount * self.fee_bps // BPS


class BlockingCash(PlainCash):
    """MockBlockingCash: the issuer stops it, or blocks accounts."""

    def __init__(self, address: int) -> None:
        super().__init__(address)
        self.stopped = False
        self.blocked: set[int] = set()

    def set_stopped(self, _caller: int, stopped: int) -> None:
        self.stopped = bool(stopped)

    def set_blocked(self, _caller: int, account: int, blocked: int) -> None:
        (self.blocked.add if blocked else self.blocked.discard)(account)

    def require_movable(self, source: int, target: int, amount: int) -> None:
        require(not self.stopped, "MockTransfersStopped")
        require(source not in self.blocked, "MockAccountBlocked", source)
        require(target not in self.blocked, "MockAccountBlocked", target)
        super().require_movable(source, target, amount)


class ReentrantCash(PlainCash):
    """MockReentrantCash: calls a target of anyone's choice, in its own name, in the middle of the next transfer.

    `perform` takes the call in the model and returns what it returned or the Refused that it raised.
    """

    def __init__(self, address: int) -> None:
        super().__init__(address)
        self.armed: Any = None
        self.called = False
        self.answer: Any = None
        self.perform: Callable[[Any], Any] = lambda _: None

    def call_back(self, _caller: int, call: Any) -> None:
        self.armed = call

    def mint(self, caller: int, to: int, amount: int) -> None:
        super().mint(caller, to, amount)
        self._call()

    def move(self, source: int, target: int, amount: int) -> int:
        """A call that takes money from the target meanwhile leaves less as arrived."""
        before = self.balances.get(target, 0)
        super().move(source, target, amount)
        self._call()
        return min(max(self.balances[target] - before, 0), amount)

    def _call(self) -> None:
        call, self.armed = self.armed, None
        if call is not None:
            self.answer, self.called = self.perform(call), True


class NoReturnCash(PlainCash):
    """MockNoReturnCash: transfers return nothing, and a unit is a millionth."""

    decimals = 6

    def _short(self, source: int, balance: int, amount: int) -> tuple[str, int, int, int]:
        return "MockBalanceShort", source, balance, amount
