"""The keeper brings money to those it belongs to, once, marks what is overdue, and looks after lines (CASES 14, 34)."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from backend import store
from backend.chain.keys import development_key
from backend.chain.reports import encode_limit
from backend.chain.slots import SlotTable
from backend.chain.submitter import Submitter
from backend.config import Settings
from backend.keeper import Keeper
from backend.readmodel import deliveries
from backend.readmodel.indexer import Indexer
from backend.readmodel.projection import shipped
from tests import anvil
from tests.backend.market import ADDRESSES, FACILITY, SCORING, YUAN, Market, Refused

RELAYER = development_key(9)
FACE = 1_000 * YUAN
GRACE_DAYS = FACILITY[5]


@pytest.fixture(scope="module")
def opened() -> Iterator[Market]:
    with anvil.start() as node:
        yield Market(node).open()


@pytest.fixture
def market(opened: Market) -> Iterator[Market]:
    snapshot = opened.node.rpc("evm_snapshot")
    yield opened
    opened.node.rpc("evm_revert", snapshot)


@dataclass
class Office:
    market: Market
    engine: Engine
    indexer: Indexer
    submitter: Submitter

    def work(self) -> list[str]:
        """One round of indexer, keeper and submitter; returns what the keeper put into the outbox."""
        self.indexer.catch_up()
        keeper = Keeper(self.engine, self.market.rpc, self.market.suite, RELAYER.address)
        queued = keeper.step()
        self.submitter.step()
        self.submitter.step()
        return queued

    def work_through(self) -> list[str]:
        """Until nothing is left to do."""
        done: list[str] = []
        while queued := self.work():
            done += queued
        return done

    def cash(self, who: str) -> int:
        return self.market.read("MockCash", "balanceOf", ADDRESSES[who])

    def settle(self, receivable: int, amount: int) -> None:
        self.market.send("core_enterprise", "Receivables", "settle", receivable, amount)


@pytest.fixture
def office(market: Market, engine: Engine) -> Iterator[Office]:
    with ExitStack() as held:
        settings = Settings(chain_id=anvil.LOCAL_CHAIN_ID)
        fence = held.enter_context(store.sole_writer(engine, "indexer"))
        indexer = Indexer(engine, market.rpc, market.suite, shipped(), fence, finality_depth=64)
        turn = held.enter_context(store.sole_writer(engine, "submitter"))
        submitter = Submitter(SlotTable(engine, RELAYER.address, turn), market.rpc, RELAYER, settings)
        yield Office(market, engine, indexer, submitter)


def test_before_the_indexer_has_begun_there_is_nothing_to_do(market: Market, engine: Engine):
    assert Keeper(engine, market.rpc, market.suite, RELAYER.address).step() == []


def test_a_settled_receivable_is_released_to_its_holder_once(office: Office):
    receivable = office.market.confirmed(FACE)
    office.settle(receivable, FACE)
    before = office.cash("supplier")
    assert [key.split("-")[1] for key in office.work_through()] == ["release"]
    assert office.cash("supplier") == before + FACE
    assert office.work() == []


def test_a_settled_financing_is_collected_and_the_rest_goes_to_the_holder(office: Office):
    receivable = office.market.confirmed(FACE)
    office.market.finance(receivable)
    advance = office.market.read("Factoring", "financingOf", receivable)["principal"]
    before = office.cash("supplier")
    office.settle(receivable, FACE)
    assert [key.split("-")[1] for key in office.work_through()] == ["collect", "release"]
    assert office.cash("supplier") == before + FACE - advance
    assert office.market.read("Factoring", "financingOf", receivable)["outstanding"] == 0


def test_every_part_of_a_split_receivable_gets_its_share(office: Office):
    parts = office.market.split(office.market.confirmed(FACE), [FACE // 4, FACE - FACE // 4])
    office.market.pass_on(parts[1], "supplier", "second_supplier")
    before = office.cash("supplier"), office.cash("second_supplier")
    office.settle(parts[0], FACE)
    office.work_through()
    assert office.cash("supplier") == before[0] + FACE // 4
    assert office.cash("second_supplier") == before[1] + FACE - FACE // 4


def test_what_was_paid_before_a_claim_was_passed_on_goes_to_its_former_holder(office: Office):
    receivable = office.market.confirmed(FACE)
    office.settle(receivable, 300 * YUAN)
    office.market.pass_on(receivable, "supplier", "second_supplier")
    before = office.cash("supplier")
    assert [key.split("-")[1] for key in office.work_through()] == ["releaseCredit"]
    assert office.cash("supplier") == before + 300 * YUAN


def test_a_part_payment_waits_for_the_end_of_the_due_day(office: Office):
    receivable = office.market.confirmed(FACE, term=30)
    office.settle(receivable, 300 * YUAN)
    assert office.work() == []
    office.market.travel(30)
    assert office.work() == []
    office.market.travel(1)
    assert len(office.work_through()) == 1


def test_tiny_late_payments_cost_the_relayer_one_transaction_a_day(office: Office):
    receivable = office.market.confirmed(FACE, term=1)
    office.market.travel(2)
    for _ in range(3):
        office.settle(receivable, 1)
        office.work_through()
    assert office.market.rpc.transaction_count(RELAYER.address) == 1
    office.settle(receivable, FACE)
    office.work_through()
    assert office.market.rpc.transaction_count(RELAYER.address) == 2


def test_a_financing_is_marked_overdue_on_the_day_after_its_grace(office: Office):
    receivable = office.market.confirmed(FACE, term=30)
    office.market.finance(receivable)
    office.market.travel(30 + GRACE_DAYS)
    assert office.work() == []
    office.market.travel(1)
    assert [key.split("-")[1] for key in office.work_through()] == ["markOverdue"]


def test_two_keepers_deliver_once(office: Office):
    office.settle(office.market.confirmed(FACE), FACE)
    office.indexer.catch_up()
    first, second = (
        Keeper(office.engine, office.market.rpc, office.market.suite, RELAYER.address).step() for _ in range(2)
    )
    assert (len(first), second) == (1, [])


# Credit lines

DRAWN = 10_000 * YUAN
CYCLE_DAYS, DUE_DAYS = 30, 10


def functions(keys: list[str]) -> list[str]:
    return [key.split("-")[1] for key in keys]


def test_a_statement_is_closed_on_its_day_once(office: Office):
    party = office.market.open_line()
    office.market.draw(DRAWN)
    office.market.travel(CYCLE_DAYS - 1)
    assert office.work() == []
    office.market.travel(1)
    assert functions(office.work_through()) == ["accrue"]
    assert office.market.read("CreditLine", "lineOf", party)["duePrincipal"] == DRAWN // 10
    assert office.work() == []


def test_statements_of_several_lines_are_closed_by_one_call(office: Office):
    parties = [office.market.open_line(who=who) for who in ("merchant", "second_merchant")]
    for who in ("merchant", "second_merchant"):
        office.market.draw(DRAWN, who)
    office.market.travel(CYCLE_DAYS)
    assert functions(office.work_through()) == ["accrue"]
    assert [office.market.read("CreditLine", "owedOf", party)["billed"] > 0 for party in parties] == [True, True]


def test_a_batch_is_attempted_once_a_day_whoever_is_left_in_it(office: Office):
    for who in ("merchant", "second_merchant"):
        office.market.open_line(who=who)
        office.market.draw(DRAWN, who)
    office.market.travel(CYCLE_DAYS)
    office.indexer.catch_up()
    keeper = Keeper(office.engine, office.market.rpc, office.market.suite, RELAYER.address)
    assert len(keeper.step()) == 1
    office.market.send("merchant", "CreditLine", "repay", 8, DRAWN)
    office.indexer.catch_up()
    assert keeper.step() == []


def test_lines_are_called_for_in_pieces(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "LINES_PER_CALL", 1)
    for who in ("merchant", "second_merchant"):
        office.market.open_line(who=who)
        office.market.draw(DRAWN, who)
    office.market.travel(CYCLE_DAYS)
    assert functions(office.work_through()) == ["accrue", "accrue"]


def test_a_line_that_owes_nothing_gets_no_statement(office: Office):
    office.market.open_line()
    office.market.travel(CYCLE_DAYS)
    assert office.work() == []


def test_a_line_is_marked_delinquent_on_the_day_after_its_statement_was_due(office: Office):
    party = office.market.open_line()
    office.market.draw(DRAWN)
    office.market.travel(CYCLE_DAYS)
    office.work_through()
    office.market.travel(DUE_DAYS)
    assert office.work() == []
    office.market.travel(1)
    assert functions(office.work_through()) == ["markDelinquent"]
    assert office.market.read("Treasury", "accountOf", party)["arrears"] == 1
    assert office.work() == []


def test_a_statement_paid_in_time_leaves_nothing_to_mark(office: Office):
    party = office.market.open_line()
    office.market.draw(DRAWN)
    office.market.travel(CYCLE_DAYS)
    office.work_through()
    office.market.send("merchant", "CreditLine", "repay", party, DRAWN // 5)
    office.market.travel(DUE_DAYS + 1)
    assert office.work_through() == []


def report_limit(office: Office, party: int, yuan: int, **changes: int) -> None:
    office.market.score({party: 720}, limit_code=encode_limit(yuan), **changes)


def test_a_limit_follows_a_lower_report(office: Office):
    party = office.market.open_line(200_000)
    report_limit(office, party, 150_000)
    assert functions(office.work_through()) == ["syncLimit"]
    assert office.market.read("CreditLine", "lineOf", party)["limit"] == 150_000 * YUAN
    assert office.work() == []


def test_case_1_a_limit_does_not_follow_a_higher_report(office: Office):
    party = office.market.open_line(200_000)
    office.market.travel(CYCLE_DAYS)
    report_limit(office, party, 240_000)
    assert office.work() == []


@pytest.mark.parametrize("obstacle", ["frozen", "flagged", "stale", "revoked", "held", "not offered"])
def test_a_limit_that_the_gate_would_not_read_is_not_asked_for(obstacle: str, office: Office):
    party = office.market.open_line(200_000)
    report_limit(office, party, 150_000, flags=4 if obstacle == "flagged" else 0)
    obstacles = {
        "frozen": ("bank", "CreditLine", "freeze", party, "0x" + "ee" * 32),
        "revoked": ("merchant", "CreditOracle", "revokeConsent", SCORING),
        "held": ("bank", "CreditOracle", "hold", party),
        "not offered": ("bank", "CreditLine", "closeOffer"),
    }
    if obstacle == "stale":
        office.market.travel(8)
    elif obstacle in obstacles:
        office.market.send(*obstacles[obstacle])
    assert office.work() == []
    with pytest.raises(Refused):
        office.market.send("stranger", "CreditLine", "syncLimit", party)
