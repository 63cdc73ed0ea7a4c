"""Machines, what is reported of them, leases and their loans: after every kind of step each figure is the chain's."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy import Engine, Table, select

from backend import days, store
from backend.chain import device_reports
from backend.chain.device_reports import AlarmRecord, Reading
from backend.readmodel import leases, loans, machines, readings, rebuild
from backend.readmodel.projection import READMODEL, shipped
from backend.telemetry.alarms import Alarm, Severity
from tests import anvil
from tests.backend.market import ADDRESSES, MILLION, YUAN, Market
from tests.backend.readmodel.mirror import FINALITY, differences, indexing
from tests.backend.rentals import FIRST_OVERDUE_DAY, FIRST_READING, LOCK_NOTICE_DAYS, MINIMUM, PAPER, REASON, Rentals

ALL = 2**96 - 1


@pytest.fixture(scope="module")
def opened() -> Iterator[Rentals]:
    with anvil.start() as node:
        market = Market(node).open()
        # At noon, so that no test's day depends on when it runs.
        node.rpc("evm_increaseTime", (days.DAY_S // 2 - market.now() - days.BEIJING_S) % days.DAY_S)
        node.mine()
        yield Rentals(market)


@pytest.fixture
def rentals(opened: Rentals) -> Iterator[Rentals]:
    """Admitted parties; what a test does is undone."""
    snapshot = opened.market.node.rpc("evm_snapshot")
    yield opened
    opened.market.node.rpc("evm_revert", snapshot)


def play_machines(rentals: Rentals) -> None:
    """Register, verify, other papers, devices, a user, a sale of the title, a replaced wallet."""
    first, second = rentals.machine(), rentals.registered()
    rentals.send("lessor", "Equipment", "setCertificate", first, PAPER)
    rentals.bind(first, 99)
    rentals.send("lessor", "Equipment", "setUser", first, ADDRESSES["stranger"], rentals.market.now() + 3_600)
    rentals.send("lessor", "Equipment", "transferFrom", ADDRESSES["lessor"], ADDRESSES["buyer"], second)
    rentals.send("bank", "Participants", "rotateWallet", ADDRESSES["buyer"], ADDRESSES["new_wallet"])
    rentals.send("stranger", "Equipment", "recover", second)


def play_reports(rentals: Rentals) -> None:
    """Readings that count and that do not, for each reason; a group twice in a report; alarms up, down and skipped."""
    first, second = rentals.machine(), rentals.registered()
    now = rentals.market.now()
    minute, stored = device_reports.minute_of(now), rentals.stored(first)
    rentals.market.travel(1)
    later = minute + 1_440
    rentals.report_words(
        {first: Reading(stored.tenths + 50, stored.litres, later - 60), second: Reading(7, 8, later)},
        {first: Reading(stored.tenths + 60, stored.litres, later - 60)},
        {first: Reading(stored.tenths + 10, stored.litres, later)},
        {first: Reading(stored.tenths + 90, stored.litres, later - 30)},
        {first: Reading(stored.tenths + 50, stored.litres - 1, later)},
        {first: Reading(stored.tenths + 50, stored.litres, later + 90)},
        {first: Reading(stored.tenths + 60, stored.litres + 5, later), second: Reading(7, 8, later)},
    )
    rentals.alarm(first, {Alarm.REGION: Severity.CRITICAL, Alarm.IDLE: Severity.MAJOR})
    rentals.alarm(first, {Alarm.IDLE: Severity.MAJOR})
    status = rentals.read("DeviceOracle", "statusOf", first)
    after = rentals.market.now()
    rentals.report_alarms(
        AlarmRecord(first, 1, status["sequence"], after, 0),
        AlarmRecord(first, 1, status["sequence"] + 70_000, after, 0),
        AlarmRecord(first, 1, status["sequence"] + 1, status["at"] - 1, 0),
        AlarmRecord(first, 1, status["sequence"] + 1, after + 4_000, 0),
        AlarmRecord(first, 0, status["sequence"] + 1, after, 0),
        AlarmRecord(second, 1, 1, after, 3),
    )
    rentals.send("bank", "DeviceOracle", "hold", first)
    rentals.send("bank", "DeviceOracle", "hold", second)
    rentals.send("bank", "DeviceOracle", "release", second)


def play_rent(rentals: Rentals) -> None:
    """Three periods by the meter, paid in part and late by others, a dispute with a credit, standby, and the return."""
    machine = rentals.machine()
    lease = rentals.delivered(machine, periods=3)
    market = rentals.market
    rentals.send("lessor", "EquipmentLease", "agreeStandby", lease, market.today() + 2, market.today() + 4, PAPER)
    rentals.send("lessor", "EquipmentLease", "agreeStandby", lease, market.today() + 9, market.today() + 8, PAPER)
    market.travel(30)
    rentals.hear(machine, 2_000)
    rentals.send("stranger", "RentLedger", "accrue", [lease])
    rentals.pay(lease, MINIMUM // 2)
    market.travel(15)
    rentals.send("lessee", "EquipmentLease", "dispute", lease, REASON)
    rentals.send("lessee", "EquipmentLease", "withdrawDispute", lease)
    rentals.send("lessee", "EquipmentLease", "dispute", lease, REASON)
    rentals.send("bank", "EquipmentLease", "resolveDispute", lease, 1_000 * YUAN, PAPER)
    rentals.send("bank", "MockCash", "mint", ADDRESSES["stranger"], MILLION)
    rentals.send("stranger", "MockCash", "approve", market.suite.address("RentLedger"), ALL)
    rentals.pay(lease, who="stranger")
    market.travel(45)
    rentals.hear(machine, 500)
    rentals.pay(lease, 10_000 * YUAN)
    rentals.pay(lease)
    rentals.send("stranger", "RentLedger", "release", lease)
    rentals.send("lessee", "EquipmentLease", "declareReturn", lease, PAPER)
    rentals.send("lessor", "EquipmentLease", "objectToReturn", lease, PAPER)
    rentals.send("lessor", "EquipmentLease", "confirmReturn", lease)
    rentals.send("stranger", "RentLedger", "releaseCredit", lease)


def play_cured(rentals: Rentals) -> None:
    """Overdue, notice, lock, unlocked and locked again, cured by a payment; then bought out. Another is cancelled."""
    machine = rentals.machine()
    lease = rentals.delivered(machine)
    rentals.market.travel(FIRST_OVERDUE_DAY)
    rentals.send("lessor", "EquipmentLease", "giveNotice", lease, PAPER)
    rentals.market.travel(LOCK_NOTICE_DAYS + 1)
    rentals.hear(machine)
    rentals.send("lessor", "EquipmentLease", "lock", lease)
    rentals.market.travel(1)
    rentals.hear(machine)
    rentals.send("lessor", "EquipmentLease", "unlock", lease)
    rentals.send("lessor", "EquipmentLease", "lock", lease)
    rentals.market.travel(2)
    rentals.pay(lease)
    rentals.market.travel(50)
    rentals.hear(machine, 1_000)
    rentals.send("lessee", "EquipmentLease", "buyOut", lease, ALL)
    other = rentals.sign(rentals.terms(rentals.machine(), deposit=0))
    rentals.send("lessor", "EquipmentLease", "cancel", other)


def play_financed(rentals: Rentals) -> None:
    """The bank pays; rent repays; overdue marked and cured; the loan repaid beside the rent; rent is the lessor's."""
    machine = rentals.machine()
    lease = rentals.delivered(machine)
    rentals.finance(lease)
    rentals.market.travel(30)
    rentals.hear(machine, 1_500)
    rentals.pay(lease)
    rentals.market.travel(45)
    rentals.send("stranger", "LeaseFinance", "markOverdue", lease)
    rentals.pay(lease, 1_000 * YUAN)
    rentals.pay(lease)
    rentals.send("bank", "LeaseFinance", "closeOffer")
    rentals.send("bank", "LeaseFinance", "setConditions", rentals.market.parameters.leases.as_struct())
    rentals.send("lessor", "LeaseFinance", "repay", lease, MILLION)
    rentals.market.travel(30)
    rentals.pay(lease)
    rentals.send("stranger", "RentLedger", "release", lease)


def play_rescinded(rentals: Rentals) -> None:
    """Default, rescission, an offer that ends and one that is taken: a surplus for the lessee, the loan repaid."""
    lease = rentals.delivered(rentals.machine())
    rentals.finance(lease)
    rentals.in_default(lease, "bank")
    rentals.send("stranger", "LeaseFinance", "markDefaulted", lease)
    rentals.send("bank", "EquipmentLease", "rescind", lease)
    rentals.send("bank", "EquipmentLease", "offerSale", lease, ADDRESSES["buyer"], 100, PAPER)
    rentals.send("bank", "EquipmentLease", "offerSale", lease, ADDRESSES["buyer"], 0, PAPER)
    rentals.send("bank", "EquipmentLease", "offerSale", lease, ADDRESSES["buyer"], 9 * MILLION // 10, PAPER)
    rentals.send("buyer", "EquipmentLease", "buy", lease, ALL)
    rentals.send("stranger", "RentLedger", "release", lease)


def play_accelerated(rentals: Rentals) -> None:
    """All rent at once while the machine is locked; a loss written off, partly recovered, then paid in full."""
    machine = rentals.machine()
    lease = rentals.delivered(machine)
    rentals.finance(lease)
    rentals.market.travel(FIRST_OVERDUE_DAY)
    rentals.send("bank", "EquipmentLease", "giveNotice", lease, PAPER)
    rentals.market.travel(30)
    rentals.hear(machine)
    rentals.send("bank", "EquipmentLease", "lock", lease)
    rentals.send("bank", "EquipmentLease", "declareDefault", lease)
    rentals.send("bank", "EquipmentLease", "accelerate", lease)
    rentals.send("stranger", "LeaseFinance", "markDefaulted", lease)
    rentals.send("bank", "LeaseFinance", "writeOff", lease)
    rentals.market.travel(5)
    rentals.pay(lease, 100_000 * YUAN)
    rentals.send("bank", "MockCash", "mint", ADDRESSES["lessee"], 50 * MILLION)
    rentals.market.travel(5)
    rentals.pay(lease)
    rentals.send("lessor", "EquipmentLease", "confirmReturn", lease)


def play_returned_in_pledge(rentals: Rentals) -> None:
    """The machine comes back while the loan is still owed, and is sold for the bank."""
    lease = rentals.delivered(rentals.machine(), periods=3)
    rentals.finance(lease)
    market = rentals.market
    market.travel(90)
    rentals.send("lessee", "EquipmentLease", "dispute", lease, REASON)
    rentals.send("bank", "EquipmentLease", "resolveDispute", lease, 2 * MINIMUM, PAPER)
    rentals.pay(lease)
    rentals.send("lessee", "EquipmentLease", "declareReturn", lease, PAPER)
    market.travel(16)
    rentals.send("stranger", "EquipmentLease", "confirmReturn", lease)
    rentals.send("bank", "EquipmentLease", "offerSale", lease, ADDRESSES["buyer"], 100_000 * YUAN, PAPER)
    rentals.send("buyer", "EquipmentLease", "buy", lease, ALL)
    rentals.send("stranger", "RentLedger", "release", lease)


PLAYS = [
    play_machines,
    play_reports,
    play_rent,
    play_cured,
    play_financed,
    play_rescinded,
    play_accelerated,
    play_returned_in_pledge,
]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__.removeprefix("play_"))
def test_every_figure_is_the_chains_after(play, rentals: Rentals, engine: Engine):
    with indexing(rentals.market, engine) as indexer:
        indexer.catch_up()
        play(rentals)
        indexer.catch_up()
        assert differences(rentals.market, engine) == []


def test_case_33_leases_are_the_chains_after_their_blocks_are_undone_and_redone(rentals: Rentals, engine: Engine):
    market = rentals.market
    with indexing(market, engine) as indexer:
        indexer.catch_up()
        for play in (play_reports, play_cured, play_rescinded):
            snapshot = market.node.rpc("evm_snapshot")
            play(rentals)
            indexer.catch_up()
            market.node.rpc("evm_revert", snapshot)
            market.node.mine()
            indexer.catch_up()
            assert differences(market, engine) == []


def test_a_rebuild_brings_exactly_the_same_rows_of_leases(rentals: Rentals, engine: Engine):
    market = rentals.market
    for play in PLAYS:
        snapshot = market.node.rpc("evm_snapshot") if play is play_machines else None
        play(rentals)
        if snapshot:  # the buyer's wallet is replaced there
            market.node.rpc("evm_revert", snapshot)
    with indexing(market, engine) as indexer:
        while indexer.step():
            pass
    _, tables = rebuild.verify(engine, market.rpc, market.suite, shipped(), FINALITY)
    assert [table.table for table in tables if not table.equal] == []
    ours = {table.name for module in (leases, loans, machines, readings) for table in _tables(module)}
    assert {table.table for table in tables if table.table in ours and not table.rows} == set()
    with store.reading(engine) as tx:
        assert set(leases.counted(tx)) == set(leases.ENDED) | {"Active"}
        statuses = {row.status for row in tx.execute(select(loans.loans))}
    assert statuses == {"Repaid", "Recovered"}


def _tables(module: ModuleType) -> list[Table]:
    return [value for value in vars(module).values() if isinstance(value, Table) and value.metadata is READMODEL]


def test_the_history_of_readings_outlives_its_signers(rentals: Rentals, engine: Engine):
    machine = rentals.machine()
    rentals.market.rotate_signers("DeviceOracle")
    rentals.market.travel(1)
    rentals.hear(machine, 10)
    with indexing(rentals.market, engine) as indexer, store.reading(engine) as tx:
        indexer.catch_up()
        told = readings.history_of(tx, machine, limit=10)
    first = FIRST_READING[0]
    assert [(row["round"], row["tenths"]) for row in told] == [(1, first + 10), (1, first)]
