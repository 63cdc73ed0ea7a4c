"""Mirror of the contract Treasury. What is earned is computed from the open terms, not by walking days."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.line_model import ACCRUAL_UNIT
from tests.model import ceil_div
from tests.properties.model.cash import PlainCash
from tests.properties.model.gate import Gate, Switch, guarded
from tests.properties.model.participants import COVER_PROVIDER, LENDER, Participants
from tests.properties.model.refused import Refused, require

MAX_ASSETS = 2**96 - 1
VIRTUAL_SHARES = 10**6
DUST_SHARES = 10**8


@dataclass(slots=True)
class Account:
    limit: int = 0
    outstanding: int = 0
    arrears: int = 0


class Treasury(Switch):
    def __init__(self, gate: Gate, address: int, participants: Participants, cash: PlainCash) -> None:
        super().__init__(gate)
        self.address = address
        self.participants = participants
        self.token = cash
        self.cash = self.impaired = self.cover = 0
        self.outstanding_of: Counter[int] = Counter()
        """Principal owed, by product."""
        self.accrual: Callable[[], tuple[int, int]] = lambda: (0, 0)
        """Interest of lines in order and what they bear a day, added up from the lines, not booked."""
        self.ends_on: Counter[int] = Counter()
        """Daily earnings by the last day of their term."""
        self.accounts: dict[int, Account] = {}
        self.shares: Counter[int] = Counter()
        self.supply = 0

    # Limits

    def account(self, party: int) -> Account:
        return self.accounts.get(party) or self.accounts.setdefault(party, Account())

    def set_limit(self, caller: int, party: int, limit: int) -> None:
        self.gate.restricted(caller)
        self.participants.known(party)
        self.account(party).limit = limit

    def cut_limit(self, caller: int, party: int, limit: int) -> None:
        self.gate.restricted(caller)
        self.participants.known(party)
        account = self.account(party)
        require(limit <= account.limit, "NotACut", party, limit, account.limit)
        account.limit = limit

    # Lending, by the products; `book_arrears` as anybody else may try it

    def book_arrears(self, caller: int, _party: int) -> None:
        raise Refused("NotProduct", caller)

    def require_disbursable(self, party: int, net: int, principal: int, cap: int) -> None:
        self.require_running()
        self.require_not_entered()
        self.require_fundable(party, net, principal, cap)

    def require_fundable(self, party: int, net: int, principal: int, cap: int) -> None:
        account = self.account(party)
        require(account.arrears == 0, "PartyInArrears", party, account.arrears)
        limit, would_owe = min(account.limit, cap), account.outstanding + principal
        require(would_owe <= limit, "LimitExceeded", party, would_owe, limit)
        require(net <= self.cash, "CashShort", self.cash, net)

    @guarded
    def disburse(self, product: int, party: int, to: int, net: int, principal: int, end_day: int) -> None:
        self.account(party).outstanding += principal
        self.cash -= net
        self.outstanding_of[product] += principal
        self.ends_on[end_day] += (principal - net) // (end_day - self.gate.today)
        self.token.move(self.address, to, net)

    def book_repayment(self, product: int, party: int, principal: int, income: int) -> None:
        self.account(party).outstanding -= principal
        self.cash += principal + income
        self.outstanding_of[product] -= principal

    def end_earning(self, end_day: int, daily: int) -> None:
        if end_day > self.gate.today:
            self.ends_on[end_day] -= daily

    def book_loss(self, product: int, party: int, principal: int, impaired: int) -> int:
        from_cover = min(self.cover, principal)
        self.account(party).outstanding -= principal
        self.outstanding_of[product] -= principal
        self.impaired -= impaired
        self.cover -= from_cover
        self.cash += from_cover
        return from_cover

    # Lenders

    def deposit(self, caller: int, assets: int, receiver: int) -> int:
        self._require_may_enter(receiver)
        require(assets <= MAX_ASSETS, "ERC4626ExceededMaxDeposit", receiver, assets, MAX_ASSETS)
        shares = assets * (self.supply + VIRTUAL_SHARES) // (self.gross() + 1)
        self._enter(caller, assets, shares, receiver)
        return shares

    def mint(self, caller: int, shares: int, receiver: int) -> int:
        self._require_may_enter(receiver)
        most = MAX_ASSETS * (self.supply + VIRTUAL_SHARES) // (self.gross() + 1)
        require(shares <= most, "ERC4626ExceededMaxMint", receiver, shares, most)
        assets = ceil_div(shares * (self.gross() + 1), self.supply + VIRTUAL_SHARES)
        self._enter(caller, assets, shares, receiver)
        return assets

    def withdraw(self, caller: int, assets: int, receiver: int, owner: int) -> int:
        self.require_running()
        most = self.max_withdraw(owner)
        require(assets <= most, "ERC4626ExceededMaxWithdraw", owner, assets, most)
        shares = ceil_div(assets * (self.supply + VIRTUAL_SHARES), self.net() + 1)
        self._leave(caller, assets, shares, receiver, owner)
        return shares

    def redeem(self, caller: int, shares: int, receiver: int, owner: int) -> int:
        self.require_running()
        most = self.max_redeem(owner)
        require(shares <= most, "ERC4626ExceededMaxRedeem", owner, shares, most)
        assets = self._assets_down(shares)
        self._leave(caller, assets, shares, receiver, owner)
        return assets

    def transfer(self, caller: int, to: int, shares: int) -> int:
        self.participants.require_verified(to, LENDER)
        balance = self.shares[caller]
        require(shares <= balance, "ERC20InsufficientBalance", caller, balance, shares)
        self.shares[caller] -= shares
        self.shares[to] += shares
        return 1

    # Cover

    @guarded
    def deposit_cover(self, caller: int, amount: int) -> None:
        self.participants.require_verified(caller, COVER_PROVIDER)
        self.cover += self.token.move(caller, self.address, amount)

    def withdraw_cover(self, caller: int, to: int, amount: int) -> None:
        self.gate.restricted(caller)
        self.require_running()
        self._pay_cover(to, amount)

    @guarded
    def _pay_cover(self, to: int, amount: int) -> None:
        require(amount <= self.cover, "CoverShort", self.cover, amount)
        self.token.require_movable(self.address, to, amount)
        self.cover -= amount
        self.token.move(self.address, to, amount)

    # Reading

    @property
    def outstanding(self) -> int:
        return self.outstanding_of.total()

    def headroom(self, party: int, cap: int) -> int:
        account = self.account(party)
        return 0 if account.arrears else max(min(account.limit, cap) - account.outstanding, 0)

    def max_withdraw(self, owner: int) -> int:
        return 0 if self.paused else min(self._assets_down(self.shares[owner]), self.cash)

    def max_redeem(self, owner: int) -> int:
        if self.paused:
            return 0
        if self._assets_down(self.shares[owner]) <= self.cash:
            return self.shares[owner]
        return self.cash * (self.supply + VIRTUAL_SHARES) // (self.net() + 1)

    def daily_earning(self) -> int:
        today = self.gate.today
        return sum(daily for end, daily in self.ends_on.items() if end > today)

    def unearned(self) -> int:
        today = self.gate.today
        return sum(daily * (end - today) for end, daily in self.ends_on.items() if end > today)

    def gross(self) -> int:
        accrued, _ = self.accrual()
        return self.cash + self.outstanding - self.unearned() + accrued // ACCRUAL_UNIT

    def net(self) -> int:
        return self.gross() - self.impaired

    def book(self) -> tuple[int, ...]:
        """In the order of the contract's struct."""
        unearned, daily = self.unearned(), self.daily_earning()
        return self.cash, self.outstanding, self.gate.today, unearned, daily, self.impaired, self.cover

    # Internal

    def _require_may_enter(self, receiver: int) -> None:
        self.participants.require_verified(receiver, LENDER)
        require(self.supply <= DUST_SHARES or self.gross() != 0, "VaultWipedOut", self.supply)

    def _assets_down(self, shares: int) -> int:
        return shares * (self.net() + 1) // (self.supply + VIRTUAL_SHARES)

    @guarded
    def _enter(self, caller: int, assets: int, shares: int, receiver: int) -> None:
        kept = self.token.kept(assets)
        if kept == 0 or self.token.balances.get(caller, 0) < assets:
            self.token.move(caller, self.address, assets)
        require(kept == 0, "DepositKeptFee", assets, assets - kept)
        self.cash += assets
        self.shares[receiver] += shares
        self.supply += shares

    @guarded
    def _leave(self, caller: int, assets: int, shares: int, receiver: int, owner: int) -> None:
        require(caller == owner or shares == 0, "ERC20InsufficientAllowance", caller, 0, shares)
        self.token.require_movable(self.address, receiver, assets)
        self.cash -= assets
        self.shares[owner] -= shares
        self.supply -= shares
        self.token.move(self.address, receiver, assets)
