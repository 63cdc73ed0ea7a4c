"""What the read model says of the bank's business and of what waits for whom, against the contracts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from backend import days, store
from backend.chain.reports import encode_limit
from backend.desk import inbox
from backend.desk import portfolio as rules
from backend.desk.inbox import Bank, Desk
from backend.readmodel import flows, portfolio, treasury, worklists
from tests import anvil
from tests.backend.market import YUAN, Market
from tests.backend.readmodel.mirror import indexing
from tests.backend.readmodel.test_products import DOCUMENT, REASON, play_life, play_losses, play_lost_line
from tests.backend.rentals import Rentals

DEBTOR, SUPPLIER, SECOND_SUPPLIER = 1, 2, 3
FACILITY_WITHOUT_RECOURSE = (True, False, False, 180, 360, 3, 10, 1_800, 1_000, 2_500)


@pytest.fixture(scope="module")
def opened() -> Iterator[Rentals]:
    """An open market at noon, with a lessor and a lessee."""
    with anvil.start() as node:
        market = Market(node).open()
        node.rpc("evm_increaseTime", (days.DAY_S // 2 - market.now() - days.BEIJING_S) % days.DAY_S)
        node.mine()
        yield Rentals(market)


@pytest.fixture
def rentals(opened: Rentals) -> Iterator[Rentals]:
    """What a test does is undone."""
    snapshot = opened.market.node.rpc("evm_snapshot")
    yield opened
    opened.market.node.rpc("evm_revert", snapshot)


@pytest.fixture
def market(rentals: Rentals) -> Market:
    return rentals.market


def read(market: Market, engine: Engine, query: Callable[[Connection], Any]) -> Any:
    """From a read model that stands at the chain's head."""
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    with store.reading(engine) as tx:
        return query(tx)


def ages(market: Market, engine: Engine) -> dict[str, int]:
    """Days past due by product, of products with one loan each."""
    today = market.today()
    loans = read(market, engine, lambda tx: portfolio.outstanding_loans(tx, today))
    return {loan["product"]: rules.days_past_due(loan, today) for loan in loans}


def kinds(market: Market, engine: Engine, party: int) -> list[tuple[str, Any]]:
    """What the party's inbox holds, alarms apart."""
    rows = read(market, engine, lambda tx: worklists.of_party(tx, party, market.today()))
    assert rows is not None
    return [(item.kind, item.id) for item in inbox.of_party(Desk(**rows), market.now())]


# Business


def test_what_flowed_is_what_is_owed_and_what_the_book_says(market: Market, rentals: Rentals, engine: Engine):
    play_life(market)
    play_losses(market)
    rentals.finance(rentals.delivered(rentals.machine()))
    play_lost_line(market)
    flowed, book, loans = read(
        market,
        engine,
        lambda tx: (
            flows.listed(tx),
            treasury.summary(tx),
            portfolio.outstanding_loans(tx, market.today()),
        ),
    )
    chain = market.read("Treasury", "book")
    for number, product in enumerate(treasury.PRODUCTS):
        sums = rules.sums([row for row in flowed if row["product"] == number], flows.FIGURES)
        owed = sum(loan["amount"] for loan in loans if loan["product"] == product)
        assert sums["disbursed"] - sums["repaid"] - sums["written_off"] == owed == book["products"][product]
    whole = rules.sums(flowed, flows.FIGURES)
    assert whole["disbursed"] - whole["repaid"] - whole["written_off"] == chain["outstanding"]
    assert {name: whole[name] for name in ("written_off", "from_cover", "recovered")} == {
        name: book[name] for name in ("written_off", "from_cover", "recovered")
    }
    assert whole["written_off"] > whole["from_cover"] > 0


def test_loans_age_from_the_due_day_of_their_oldest_unpaid_part(market: Market, rentals: Rentals, engine: Engine):
    market.finance(market.confirmed(100_000 * YUAN, term=10))
    party = market.open_line(200_000)
    market.draw(60_000 * YUAN)
    lease = rentals.delivered(rentals.machine())
    rentals.finance(lease)
    market.travel(40)
    market.send("stranger", "CreditLine", "accrue", [party])
    market.send("stranger", "RentLedger", "accrue", [lease])
    assert ages(market, engine) == {"Receivables": 30, "CreditLine": 0, "Lease": 0}
    market.travel(1)
    assert ages(market, engine) == {"Receivables": 31, "CreditLine": 1, "Lease": 1}
    market.travel(24)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    rentals.pay(lease)
    assert ages(market, engine) == {"Receivables": 55, "CreditLine": 25, "Lease": 0}


def test_a_part_payment_leaves_a_line_as_old_as_it_was_and_a_whole_one_makes_it_new(market: Market, engine: Engine):
    party = market.open_line(200_000)
    market.draw(60_000 * YUAN)
    market.travel(50)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    market.send("merchant", "CreditLine", "repay", party, 1_000 * YUAN)
    assert ages(market, engine) == {"CreditLine": 10}
    market.send("merchant", "CreditLine", "repay", party, 10_000 * YUAN)
    assert market.read("CreditLine", "owedOf", party)["overdue"] == 0
    assert ages(market, engine) == {"CreditLine": 0}
    market.travel(25)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    assert ages(market, engine) == {"CreditLine": 5}
    market.travel(30)
    market.send("stranger", "CreditLine", "accrue", [party])
    assert ages(market, engine) == {"CreditLine": 35}


def test_a_default_is_non_performing_from_its_day_on(market: Market, engine: Engine):
    lost = market.confirmed(200_000 * YUAN, term=10)
    market.finance(lost)
    market.travel(15)
    market.send("stranger", "Factoring", "markOverdue", lost)
    market.send("bank", "Factoring", "giveNotice", lost, DOCUMENT)
    market.travel(11)

    def standing() -> dict[str, Any]:
        today = market.today()
        return rules.standing(read(market, engine, lambda tx: portfolio.outstanding_loans(tx, today)), today)

    assert standing()["npl_ratio_bps"] == 0
    market.send("bank", "Factoring", "declareDefault", lost)
    assert (standing()["non_performing"], standing()["npl_ratio_bps"]) == (180_000 * YUAN, 10_000)
    market.send("bank", "Factoring", "writeOff", lost)
    assert (standing()["outstanding"], standing()["npl_ratio_bps"]) == (0, None)


def test_steps_are_counted_once_per_receivable_and_once_per_financing(market: Market, rentals: Rentals, engine: Engine):
    play_life(market)
    market.register(1_000 * YUAN)
    party = market.open_line(200_000)
    market.draw(1_000 * YUAN)
    market.send("merchant", "CreditLine", "repay", party, 2_000 * YUAN)
    market.send("merchant", "CreditLine", "close")
    market.send("merchant", "CreditLine", "open", market.agreement())
    rentals.sign(rentals.terms(rentals.machine()))
    assert read(market, engine, portfolio.funnel) == {
        "Receivables": {"registered": 2, "confirmed": 1, "financed": 3},
        "CreditLine": {"opened": 2, "drawn": 1},
        "Lease": {"signed": 1, "delivered": 0, "financed": 0},
    }


# What waits for whom


def test_a_receivable_waits_for_its_debtor_then_can_be_financed_then_is_owed(market: Market, engine: Engine):
    id_ = market.register(100_000 * YUAN, term=20)
    assert kinds(market, engine, DEBTOR) == [("confirm_receivable", id_)]
    assert kinds(market, engine, SUPPLIER) == []
    market.confirm(id_)
    assert kinds(market, engine, DEBTOR) == []
    assert kinds(market, engine, SUPPLIER) == [("finance_receivable", id_)]
    market.finance(id_)
    assert kinds(market, engine, SUPPLIER) == []
    market.travel(6)
    assert kinds(market, engine, DEBTOR) == [("settle_receivable", id_)]
    market.travel(15)
    assert kinds(market, engine, DEBTOR)[0] == ("settle_overdue", id_)
    assert kinds(market, engine, SUPPLIER) == [("financing_overdue", id_)]
    market.send("core_enterprise", "Receivables", "settle", id_, 100_000 * YUAN)
    assert [kind for kind, _ in kinds(market, engine, DEBTOR)] == []


def test_parts_of_one_receivable_are_owed_once(market: Market, engine: Engine):
    whole = market.confirmed(90_000 * YUAN, term=10)
    parts = market.split(whole, [60_000 * YUAN, 30_000 * YUAN])
    market.pass_on(parts[1], "supplier", "second_supplier")
    assert kinds(market, engine, DEBTOR) == [("settle_receivable", whole)]
    assert kinds(market, engine, SECOND_SUPPLIER) == [("finance_receivable", parts[1])]
    market.send("core_enterprise", "Receivables", "dispute", parts[1], REASON)
    assert ("settle_dispute", parts[1]) in kinds(market, engine, DEBTOR)
    assert kinds(market, engine, SECOND_SUPPLIER) == [("settle_dispute", parts[1])]


def test_a_seller_without_recourse_does_not_hear_of_the_debtors_delay(market: Market, engine: Engine):
    market.send("bank", "Factoring", "setFacility", DEBTOR, FACILITY_WITHOUT_RECOURSE)
    id_ = market.confirmed(100_000 * YUAN, term=5)
    market.finance(id_)
    market.travel(6)
    assert kinds(market, engine, SUPPLIER) == []
    assert kinds(market, engine, DEBTOR) == [("settle_overdue", id_)]


def test_a_line_tells_its_statement_its_delay_and_a_raised_limit(market: Market, engine: Engine):
    party = market.open_line(100_000)
    market.draw(60_000 * YUAN)
    assert kinds(market, engine, party) == []
    market.travel(30)
    market.score({party: 720}, limit_code=encode_limit(150_000))
    market.draw(1_000 * YUAN)
    found = kinds(market, engine, party)
    assert {("pay_statement", party), ("limit_raised", party)} <= set(found)
    market.travel(11)
    assert kinds(market, engine, party)[0] == ("statement_overdue", party)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    market.send("bank", "CreditLine", "giveNotice", party, DOCUMENT)
    assert kinds(market, engine, party)[0] == ("cure_line", party)


def test_a_lease_tells_each_side_its_step(market: Market, rentals: Rentals, engine: Engine):
    lease = rentals.sign(rentals.terms(rentals.machine()))
    assert kinds(market, engine, rentals.lessee) == [("pay_deposit", lease)]
    rentals.send("lessee", "RentLedger", "payDeposit", lease)
    assert kinds(market, engine, rentals.lessor) == [("deliver_machine", lease)]
    rentals.send("lessee", "EquipmentLease", "acceptDelivery", lease, DOCUMENT)
    assert kinds(market, engine, rentals.lessor) == []
    market.travel(30)
    market.score({rentals.lessee: 720})
    market.send("stranger", "RentLedger", "accrue", [lease])
    assert kinds(market, engine, rentals.lessee) == [("pay_rent", lease)]
    market.travel(11)
    assert kinds(market, engine, rentals.lessee)[0] == ("rent_overdue", lease)
    assert kinds(market, engine, rentals.lessor) == [("rent_unpaid", lease)]


def test_what_waits_for_the_bank_is_read_from_events(market: Market, rentals: Rentals, engine: Engine):
    machine = rentals.registered()
    market.send("bank", "CreditOracle", "registerModel", 9, "0x" + "09" * 32)
    market.score({DEBTOR: 850})
    year = 365 * days.DAY_S
    rows = read(market, engine, lambda tx: worklists.of_bank(tx, market.now(), market.now() + 2 * year))
    found = {(item.kind, item.id) for item in inbox.of_bank(Bank(**rows), market.now())}
    assert {("verify_machine", machine), ("approve_model", 9), ("release_score", DEBTOR)} <= found
    assert {row["party"] for row in rows["parties"]} == set(range(1, 8))
    near = read(market, engine, lambda tx: worklists.of_bank(tx, market.now(), market.now() + 30 * days.DAY_S))
    assert near["parties"] == []


def test_machines_concern_the_holder_always_the_lessee_from_delivery_and_the_bank_once_financed(
    market: Market, rentals: Rentals, engine: Engine
):
    leased, free = rentals.machine(), rentals.machine()
    lease = rentals.sign(rentals.terms(leased))

    def concerned() -> tuple[list[int], ...]:
        return read(
            market,
            engine,
            lambda tx: (
                worklists.machines_of(tx, rentals.lessor),
                worklists.machines_of(tx, rentals.lessee),
                worklists.financed_machines(tx),
            ),
        )

    assert concerned() == ([leased, free], [], [])
    rentals.send("lessee", "RentLedger", "payDeposit", lease)
    rentals.send("lessee", "EquipmentLease", "acceptDelivery", lease, DOCUMENT)
    assert concerned() == ([leased, free], [leased], [])
    rentals.finance(lease)
    assert concerned() == ([leased, free], [leased], [leased])


def test_a_party_that_was_admitted_in_a_block_not_read_yet_has_nothing_to_do(market: Market, engine: Engine):
    assert read(market, engine, lambda tx: worklists.of_party(tx, 99, market.today())) is None
