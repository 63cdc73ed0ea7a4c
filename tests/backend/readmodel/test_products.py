"""The product projections against the contracts: after every kind of step each figure is the chain's."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from backend import store
from backend.chain.reports import encode_limit
from backend.readmodel import financings, rebuild, receivables, scores, treasury
from backend.readmodel.projection import shipped
from tests import anvil
from tests.backend.market import ADDRESSES, MILLION, SCORING, TRAINING, YUAN, Market
from tests.backend.readmodel.mirror import FINALITY, differences, indexing

DOCUMENT = "0x" + "dd" * 32
REASON = "0x" + "ee" * 32


@pytest.fixture(scope="module")
def opened() -> Iterator[Market]:
    with anvil.start() as node:
        yield Market(node).open()


@pytest.fixture
def market(opened: Market) -> Iterator[Market]:
    """An open market; what a test does to it is undone."""
    snapshot = opened.node.rpc("evm_snapshot")
    yield opened
    opened.node.rpc("evm_revert", snapshot)


def play_life(market: Market) -> None:
    """Register, confirm, split, pass on, finance twice, settle in pieces, refinance, claim."""
    whole = market.confirmed(1_000_001 * YUAN)
    market.send("bank", "Factoring", "recordRegistration", whole, DOCUMENT)
    first, second, third = market.split(whole, [600_000 * YUAN, 300_000 * YUAN, 100_001 * YUAN])
    market.pass_on(second, "supplier", "second_supplier")
    market.finance(first)
    market.finance(second, "second_supplier")
    market.send("core_enterprise", "Receivables", "settle", whole, 333_333 * YUAN + 33)
    market.pass_on(third, "supplier", "third_supplier")
    market.send("third_supplier", "Factoring", "collect", first)
    market.send("second_supplier", "Factoring", "repay", second, 300_000 * YUAN)
    market.finance(second, "second_supplier")
    market.send("core_enterprise", "Receivables", "settle", whole, 1_000_001 * YUAN)
    for id_ in (first, second):
        market.send("stranger", "Factoring", "collect", id_)
        market.send("stranger", "Receivables", "release", id_)
    market.send("stranger", "Receivables", "release", third)
    market.send("stranger", "Receivables", "releaseCredit", ADDRESSES["supplier"], 1)


def play_disputes(market: Market) -> None:
    """Reject, cancel, dispute a part, credit notes, a nested split after a dispute."""
    registered = [market.register(50_000 * YUAN) for _ in range(2)]
    first, second = registered
    market.send("core_enterprise", "Receivables", "reject", first, market.fingerprints[first], REASON)
    market.send("supplier", "Receivables", "cancel", second, market.fingerprints[second])
    whole = market.confirmed(90_001 * YUAN)
    parts = market.split(whole, [30_000 * YUAN, 30_000 * YUAN, 30_001 * YUAN])
    market.send("core_enterprise", "Receivables", "dispute", parts[0], REASON)
    market.send("core_enterprise", "Receivables", "settle", whole, 10_000 * YUAN + 1)
    market.send("bank", "Receivables", "resolveDispute", parts[0], 5_000 * YUAN, DOCUMENT)
    market.split(parts[0], [20_000 * YUAN, 5_000 * YUAN])
    market.send("supplier", "Receivables", "issueCreditNote", parts[1], 1_000 * YUAN, DOCUMENT)
    market.send("core_enterprise", "Receivables", "dispute", parts[2], REASON)
    market.send("core_enterprise", "Receivables", "withdrawDispute", parts[2])


def play_losses(market: Market) -> None:
    """Overdue, notice, default, write-off, recovery in two pieces; another one cured late."""
    lost = market.confirmed(200_000 * YUAN, term=10)
    late = market.confirmed(100_000 * YUAN, term=10, debtor=7)
    market.send("bank", "Factoring", "recordRegistration", lost, DOCUMENT)
    market.finance(lost)
    market.finance(late)
    market.travel(15)
    for id_ in (lost, late):
        market.send("stranger", "Factoring", "markOverdue", id_)
        market.send("bank", "Factoring", "giveNotice", id_, DOCUMENT)
    market.send("second_core_enterprise", "Receivables", "settle", late, 40_000 * YUAN)
    market.send("stranger", "Factoring", "collect", late)
    market.travel(11)
    market.send("bank", "Factoring", "declareDefault", lost)
    market.send("bank", "Factoring", "writeOff", lost)
    market.send("supplier", "Factoring", "repay", late, 100_000 * YUAN)
    market.send("core_enterprise", "Receivables", "settle", lost, 120_000 * YUAN)
    market.send("stranger", "Factoring", "collect", lost)
    market.send("core_enterprise", "Receivables", "settle", lost, 80_000 * YUAN)
    market.send("stranger", "Factoring", "collect", lost)


def play_write_off(market: Market) -> None:
    """More is lost than the cover bears, and nothing happens after it."""
    lost = market.confirmed(2_000_000 * YUAN, term=10)
    market.finance(lost)
    market.travel(15)
    market.send("stranger", "Factoring", "markOverdue", lost)
    market.send("bank", "Factoring", "giveNotice", lost, DOCUMENT)
    market.travel(11)
    market.send("bank", "Factoring", "declareDefault", lost)
    market.send("bank", "Factoring", "writeOff", lost)


def play_scores(market: Market) -> None:
    """Held, overtaken, released, skipped for each reason, a batch that names a party twice, consent anew."""
    market.score({1: 845})
    market.score({1: 700})
    market.send("bank", "CreditOracle", "release", 1, 0)
    market.score({1: 840})
    market.send("bank", "CreditOracle", "release", 1, market.read("CreditOracle", "heldScoreOf", 1)["sequence"])
    market.send("bank", "CreditOracle", "hold", 7)
    twin = market.record_of(1, 650)
    market.report(
        [
            market.record_of(7, 655),
            market.record_of(2, 700),
            market.record_of(1, 900, sequence=twin.sequence),
            market.record_of(1, 600, sequence=twin.sequence, consent_epoch=9),
            twin,
            market.record_of(1, 640, sequence=twin.sequence),
            market.record_of(1, 299, sequence=twin.sequence),
            market.record_of(1, 650, sequence=twin.sequence + 70_000),
            market.record_of(4_000_000_000, 650, flags=1),
        ]
    )
    market.send("core_enterprise", "CreditOracle", "revokeConsent", SCORING)
    market.score({1: 640})
    market.send("core_enterprise", "CreditOracle", "grantConsent", SCORING, REASON)
    market.score({1: 640}, consent_epoch=2, reasons=())
    market.send("core_enterprise", "CreditOracle", "grantConsent", TRAINING, REASON)
    market.send("core_enterprise", "CreditOracle", "revokeConsent", TRAINING)
    market.send("second_core_enterprise", "CreditOracle", "grantConsent", TRAINING, DOCUMENT)
    market.send("second_core_enterprise", "CreditOracle", "revokeConsent", SCORING)
    market.send("second_core_enterprise", "CreditOracle", "grantConsent", SCORING, REASON)


def play_parties(market: Market) -> None:
    """Freeze, renew, a replaced wallet whose claim is moved, limits, cover, lenders, pauses."""
    id_ = market.confirmed(10_000 * YUAN, who="third_supplier")
    market.send("bank", "Participants", "rotateWallet", ADDRESSES["third_supplier"], ADDRESSES["new_wallet"])
    market.send("stranger", "Receivables", "recover", id_)
    market.send("bank", "Participants", "freeze", 3, REASON)
    market.send("bank", "Participants", "freeze", 4, REASON)
    market.send("bank", "Participants", "unfreeze", 4)
    market.send("bank", "Participants", "renew", 2, 1, market.now() + 86_400, DOCUMENT)
    market.send("bank", "Treasury", "cutLimit", 7, 5)
    market.send("cover_provider", "Treasury", "depositCover", 5_000 * YUAN)
    market.send("bank", "Treasury", "withdrawCover", ADDRESSES["bank"], 1_000 * YUAN)
    market.send("lender", "Treasury", "withdraw", 7 * YUAN, ADDRESSES["stranger"], ADDRESSES["lender"])
    market.send("bank", "CreditOracle", "retireModel", market.parameters.models[0].id)
    for contract in ("Treasury", "Receivables", "Factoring"):
        market.send("bank", contract, "pause")
    market.send("bank", "Factoring", "unpause")


def play_line(market: Market) -> None:
    """Open, draw, statement, late payment, cure, freeze, a limit that falls and rises, payment, close, reopen."""
    party = market.open_line(200_000)
    market.draw(60_000 * YUAN)
    market.travel(9)
    market.score({party: 670}, limit_code=encode_limit(190_000))
    market.draw(30_000 * YUAN + 1)
    market.travel(21)
    market.send("stranger", "CreditLine", "accrue", [party])
    market.send("merchant", "CreditLine", "repay", party, 2_000 * YUAN)
    market.travel(12)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    market.send("stranger", "MockCash", "approve", market.suite.address("CreditLine"), 2**256 - 1)
    market.send("bank", "MockCash", "mint", ADDRESSES["stranger"], 1_000 * YUAN)
    market.send("stranger", "CreditLine", "repay", party, 1_000 * YUAN)
    market.send("bank", "CreditLine", "giveNotice", party, DOCUMENT)
    market.send("merchant", "CreditLine", "repay", party, 20_000 * YUAN)
    market.send("bank", "CreditLine", "freeze", party, REASON)
    market.send("bank", "CreditLine", "unfreeze", party)
    market.score({party: 720}, limit_code=encode_limit(150_000))
    market.send("stranger", "CreditLine", "syncLimit", party)
    market.travel(20)
    market.send("merchant", "CreditLine", "repay", party, 10_000 * YUAN)
    market.score({party: 720}, limit_code=encode_limit(400_000))
    market.draw(10_000 * YUAN)
    market.send("bank", "CreditLine", "closeOffer")
    market.travel(3)
    market.send("merchant", "CreditLine", "repay", party, MILLION)
    market.send("merchant", "CreditLine", "close")
    market.send("bank", "CreditLine", "setConditions", market.parameters.lines.as_struct())
    market.score({party: 720}, limit_code=encode_limit(80_000))
    market.send("merchant", "CreditLine", "open", market.agreement())
    market.travel(65)
    market.score({party: 720}, limit_code=encode_limit(80_000))
    market.draw(5_000 * YUAN)


def play_lost_line(market: Market) -> None:
    """Two statements unpaid, default, a write-off that the cover bears in part, recovery in three pieces."""
    party = market.open_line(100_000, who="second_merchant")
    market.draw(50_000 * YUAN, "second_merchant")
    market.send("bank", "Treasury", "withdrawCover", ADDRESSES["bank"], market.read("Treasury", "book")["cover"])
    market.send("cover_provider", "Treasury", "depositCover", 20_000 * YUAN)
    market.travel(65)
    market.send("stranger", "CreditLine", "markDelinquent", party)
    market.send("bank", "CreditLine", "giveNotice", party, DOCUMENT)
    market.travel(11)
    market.send("bank", "CreditLine", "declareDefault", party)
    market.travel(20)
    market.send("second_merchant", "CreditLine", "repay", party, 3_000 * YUAN)
    market.send("bank", "CreditLine", "writeOff", party)
    for amount in (1_000 * YUAN, 40_000 * YUAN, MILLION):
        market.travel(1)
        market.send("second_merchant", "CreditLine", "repay", party, amount)


PLAYS = [
    play_life,
    play_disputes,
    play_losses,
    play_write_off,
    play_scores,
    play_line,
    play_lost_line,
    play_parties,
]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__.removeprefix("play_"))
def test_every_figure_is_the_chains_after(play, market: Market, engine: Engine):
    play(market)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
        assert differences(market, engine) == []


def test_case_33_every_figure_is_the_chains_after_each_block_is_undone_and_redone(market: Market, engine: Engine):
    with indexing(market, engine) as indexer:
        indexer.catch_up()
        for play in (play_life, play_losses, play_scores, play_line):
            snapshot = market.node.rpc("evm_snapshot")
            play(market)
            indexer.catch_up()
            market.node.rpc("evm_revert", snapshot)
            market.node.mine()
            indexer.catch_up()
            assert differences(market, engine) == []


def test_a_rebuild_brings_exactly_the_same_rows(market: Market, engine: Engine):
    for play in PLAYS:
        play(market)
    with indexing(market, engine) as indexer:
        while indexer.step():
            pass
    _, tables = rebuild.verify(engine, market.rpc, market.suite, shipped(), FINALITY)
    assert [table.table for table in tables if not table.equal] == []
    empty = {table.table for table in tables if not table.rows}
    of_leases = {name for name in empty if name.startswith(("lease", "machine"))}  # test_leases.py fills them
    assert empty - of_leases == {"score_notices", "operations"}  # test_changes.py fills the latter


def test_a_timeline_tells_a_part_what_happened_before_it_was_split_off(market: Market, engine: Engine):
    whole = market.confirmed(100 * YUAN)
    part, _ = market.split(whole, [60 * YUAN, 40 * YUAN])
    market.pass_on(part, "supplier", "second_supplier")
    market.send("core_enterprise", "Receivables", "settle", whole, 100 * YUAN)
    market.send("stranger", "Receivables", "release", part)
    with indexing(market, engine) as indexer, store.reading(engine) as tx:
        indexer.catch_up()
        told = [(row["receivable"], row["event"]) for row in receivables.events_of(tx, part)]
    assert told == [
        (whole, "ReceivableRegistered"),
        (whole, "ReceivableConfirmed"),
        (whole, "ReceivableSplit"),
        (part, "ReceivablePassedOn"),
        (whole, "ReceivableSettled"),
        (part, "ProceedsClaimed"),
    ]


def test_the_history_of_a_score_tells_what_became_of_every_record(market: Market, engine: Engine):
    play_scores(market)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    with store.reading(engine) as tx:
        history = [(row["outcome"], row["skip_reason"], row["value"]) for row in scores.history(tx, 1, limit=20)]
        rest = scores.history(tx, 1, before=(1, 2, 0), limit=20)
    assert history == [
        ("accepted", None, 640),
        ("skipped", "consent_missing", 640),
        ("skipped", "sequence_jump", 650),
        ("skipped", "malformed", 299),
        ("skipped", "sequence_old", 640),
        ("accepted", None, 650),
        ("skipped", "consent_missing", 600),
        ("skipped", "malformed", 900),
        ("held", None, 840),
        ("accepted", None, 700),
        ("held", None, 845),
        ("accepted", None, 720),
    ]
    assert [row["value"] for row in rest] == [720]


def test_the_history_of_a_score_outlives_its_signers(market: Market, engine: Engine):
    market.score({1: 700})
    market.rotate_signers("CreditOracle")
    market.score({1: 690})
    with indexing(market, engine) as indexer:
        indexer.catch_up()
        market.score({1: 680})
        indexer.catch_up()
    with store.reading(engine) as tx:
        whole = scores.history(tx, 1, limit=20)
        rest = scores.history(tx, 1, before=(2, 1, 0), limit=20)
    assert [(row["signer_set"], row["round"], row["value"]) for row in whole] == [
        (2, 2, 680),
        (2, 1, 690),
        (1, 2, 700),
        (1, 1, 720),
    ]
    assert rest == whole[2:]


def test_lists_are_filtered_and_paged(market: Market, engine: Engine):
    today = market.today()
    for term in (10, 20, 30):
        market.confirmed(100 * YUAN, term=term)
    other = market.confirmed(100 * YUAN, term=20, debtor=7)
    market.finance(other)
    market.register(100 * YUAN)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    with store.reading(engine) as tx:

        def ids(**filters: object) -> list[int]:
            return [row["id"] for row in receivables.listed(tx, **({"limit": 10} | filters))]

        last = ids()[0]
        assert ids(debtor=7) == [other]
        assert ids(states=["Registered"]) == [last]
        assert ids(states=["Registered", "Financed"]) == [last, other]
        assert ids(holder=3) == []
        assert ids(creditor=2, limit=2) == [last, other]
        assert ids(before=other, limit=2) == [other - 1, other - 2]
        assert ids(due_from=today + 11, due_to=today + 20) == [other, other - 2]
        assert [row["receivable"] for row in financings.listed(tx, debtor=7, status="Active", limit=5)] == [other]
        assert financings.listed(tx, before=(other, 1), limit=5) == []
        assert [row["party"] for row in treasury.listed_exposures(tx, after=1, limit=5)] == [7]


def test_a_settled_receivable_is_found_as_such(market: Market, engine: Engine):
    id_ = market.confirmed(100 * YUAN)
    market.send("core_enterprise", "Receivables", "settle", id_, 100 * YUAN)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    with store.reading(engine) as tx:
        assert [row["id"] for row in receivables.listed(tx, states=["Settled"], limit=5)] == [id_]
        assert receivables.listed(tx, states=["Confirmed"], limit=5) == []
