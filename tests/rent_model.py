"""The account of a lease, night by night: what RentLedger must show, to the unit.

Written from the specification (docs/leasing.md). The contract jumps from call to call; the model lives through every
night between two calls. Both know the machine's hours only when somebody calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.rent import Bounds, Tier, account_down
from tests.line_model import units_up
from tests.model import day_of, midnight

DAY_S = 86_400


@dataclass
class Bill:
    """A charged period."""

    fixed: int
    variable: int
    close_day: int
    due_day: int


@dataclass
class RentModel:
    """`now` in seconds; `late` in units × bps × days; hours in tenths since delivery."""

    tiers: Sequence[Tier]
    minimum: int
    cap: int
    periods: int
    period_days: int
    due_days: int
    late_rate_bps: int
    now: int
    tenths: int = 0
    charged: int = 0
    fixed_charged: int = 0
    credited: int = 0
    paid: int = 0
    due_charged: int = 0
    due_before: int = 0
    due_day: int = 0
    late: int = 0
    cures: int = 0
    locked_since: int | None = None
    locked_before: int = 0
    claimable: int = 0
    runs: bool = True
    counts_late: bool = True
    bills: list[Bill] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start_day = self.day = day_of(self.now)

    # What is owed

    @property
    def rent_owed(self) -> int:
        return self.charged - self.credited - self.paid

    @property
    def owed(self) -> int:
        return self.rent_owed + units_up(self.late)

    @property
    def overdue(self) -> int:
        return max(0, self.due_charged - self.credited - self.paid)

    @property
    def two_behind(self) -> bool:
        return self.due_before > self.credited + self.paid

    @property
    def end_day(self) -> int:
        return self.start_day + self.periods * self.period_days

    def locked(self, until: int) -> int:
        running = max(0, until - self.locked_since) if self.locked_since is not None else 0
        return self.locked_before + running

    def rent(self, until: int, locked_until: int) -> tuple[int, int]:
        """Fixed part, capped, and total."""
        bounds = Bounds(self.minimum, self.cap, self.period_days * DAY_S)
        elapsed = until - midnight(self.start_day)
        account = account_down(self.tiers, bounds, elapsed, self.locked(locked_until), self.tenths)
        return min(account.fixed, account.most), account.total

    @property
    def remaining(self) -> int:
        if not self.runs or len(self.bills) == self.periods:
            return 0
        end = midnight(self.end_day)
        return max(0, self.rent(end, min(self.now, end))[1] - self.charged)

    # Time

    def settle(self, now: int, tenths: int, read_at: int) -> None:
        """Somebody calls at `now`, when the machine's last report, of `read_at`, says `tenths` since delivery."""
        self.now = now
        while self.day < day_of(now):
            if self.due_day == self.day:
                self.due_before, self.due_charged, self.due_day = self.due_charged, self.charged, 0
            if self.counts_late:
                self.late += self.overdue * self.late_rate_bps
            self.day += 1
            self._close(tenths, read_at)
        if self.runs:
            self.tenths = max(self.tenths, tenths)

    def _close(self, tenths: int, read_at: int) -> None:
        elapsed, rest = divmod(self.day - self.start_day, self.period_days)
        if not self.runs or rest or not 0 < elapsed <= self.periods:
            return
        end = midnight(self.day)
        if read_at <= end or elapsed == self.periods:
            self.tenths = max(self.tenths, tenths)
        fixed_sum, total = self.rent(end, end)
        charge = max(0, total - self.charged)
        fixed = min(charge, max(0, fixed_sum - self.fixed_charged))
        self.charged += charge
        self.fixed_charged += fixed
        self.due_day = self.day + self.due_days
        self.bills.append(Bill(fixed, charge - fixed, self.day, self.due_day))

    # Steps

    def pay(self, amount: int) -> None:
        before = self.overdue
        late = min(amount, units_up(self.late))
        self.late = max(0, self.late - late * 10_000 * 360)
        self.paid += amount - late
        self.claimable += amount
        self._cure(before)

    def credit(self, amount: int) -> None:
        before = self.overdue
        self.credited += amount
        self._cure(before)

    def lock(self) -> None:
        self.locked_since = self.now

    def unlock(self) -> None:
        assert self.locked_since is not None
        self.locked_before += self.now - self.locked_since
        self.locked_since = None

    def charge_all(self, more: int, deposit: int, *, late: bool) -> int:
        """What is left of the deposit."""
        self.charged += self.remaining + more
        if late and self.locked_since is not None:
            self.unlock()
        self.due_charged, self.due_day = self.charged, 0
        self.runs, self.counts_late = False, late
        applied = min(deposit, self.owed)
        if applied:
            self.pay(applied)
        return deposit - applied

    def _cure(self, overdue_before: int) -> None:
        if overdue_before and not self.overdue:
            self.cures += 1
            if self.locked_since is not None:
                self.unlock()
