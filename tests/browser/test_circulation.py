"""What becomes of a claim on its way: issued, passed on, refused, disputed, repaid, and delivered by anybody."""

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from backend import days
from backend.chain.keys import development_key
from scripts import receivable_story
from scripts.market import fen, yuan
from tests.browser.acts import ANOTHER_PAPER, PAPER, do, fill_invoice, fold, go_on_as, open_as
from tests.browser.conftest import STRANGER
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

NEW_WALLET = 33
"""A development account that takes the place of a lost one."""
REASON = "合同第 7 条约定的验收未完成，\n短交铸件 12 件。"


def press(page: Page, name: str) -> None:
    fold(page, name).get_by_role("button", name=name, exact=True).click()


def row(page: Page, number: int) -> Locator:
    """Of that receivable in the page's table."""
    link = page.get_by_role("link", name=f"应收账款 {number}", exact=True)
    return page.get_by_role("row").filter(has=link)


def state(page: Page) -> Locator:
    return page.get_by_role("main").locator(".tiles .state")


def holder(town: Town, number: int) -> str:
    return str(town.market.suite.call(town.market.rpc, "Receivables", "ownerOf", number))


def test_an_issued_claim_is_passed_on_and_the_next_supplier_is_paid(town: Town, page: Page, wallet: Wallet):
    market, debtor, first, second = town.market, town.debtor, town.supplier, town.second_supplier
    market.mint(debtor.wallet, fen("80000.00"), "Receivables")
    with town.without_relay():
        number = issue(town, page, wallet, "80000.00")
        expect(row(page, number)).to_contain_text("已确权")

        page.goto(f"/receivables/{number}")
        paying = fold(page, "付款")
        paying.get_by_label("付款金额").fill("20,000")
        paying.get_by_role("button", name="付款", exact=True).click()
        assert "¥60,000.00" in do(page, wallet, signatures=2)

        go_on_as(page, wallet, first, f"/receivables/{number}")
        passing = fold(page, "转让")
        passing.get_by_label("受让人").select_option(str(second.party))
        passing.get_by_role("button", name="转让", exact=True).click()
        shown = do(page, wallet)
        assert "转出债权" in shown and "¥60,000.00" in shown and "0 → 1" in shown
        assert "仍归您" in shown and "¥20,000.00" in shown
        assert holder(town, number) == second.address

        page.goto("/receivables")
        waiting = page.get_by_role("alert").filter(has_text="¥20,000.00 待领取")
        before = market.cash(first.address)
        waiting.get_by_role("button", name="领取").click()
        do(page, wallet)
        assert market.cash(first.address) - before == fen("20000.00")
        expect(waiting).to_have_count(0)

        go_on_as(page, wallet, second, f"/receivables/{number}")
        before, net = market.cash(second.address), int(market.quote(number)["net"])
        page.get_by_role("button", name="申请融资").click()
        assert f"¥{yuan(net)}" in do(page, wallet)
        assert market.cash(second.address) - before == net

        market.settle(debtor, number, fen("10000.00"))
        advance = int(market.financing(number)["outstanding"])
        go_on_as(page, wallet, STRANGER, f"/receivables/{number}")
        press(page, "归集还款")
        shown = do(page, wallet)
        assert "归银行" in shown and "¥10,000.00" in shown
        market.catch_up()
        left = int(market.financing(number)["outstanding"])
        assert advance - left == fen("10000.00")

        go_on_as(page, wallet, second, f"/receivables/{number}")
        press(page, "偿还融资")
        assert f"¥{yuan(left)}" in do(page, wallet, signatures=2)
        expect(state(page)).to_have_text("已确权")
        expect(page.get_by_text("已还清", exact=True)).to_be_visible()

        go_on_as(page, wallet, debtor, "/receivables/obligations")
        row(page, number).get_by_role("button", name="付款").click()
        assert "¥50,000.00" in do(page, wallet, signatures=2)
        expect(row(page, number)).to_have_count(0)

        before = market.cash(second.address)
        go_on_as(page, wallet, STRANGER, f"/receivables/{number}")
        press(page, "领取款项")
        assert second.address in do(page, wallet)
        assert market.cash(second.address) - before == fen("50000.00")
        expect(state(page)).to_have_text("已结清")


def issue(town: Town, page: Page, wallet: Wallet, total: str) -> int:
    """The debtor issues a claim against itself to the supplier; returns its number, on the list of receivables."""
    open_as(page, wallet, town.debtor, "/receivables/register")
    page.get_by_label("债权人（供应商）").select_option(str(town.supplier.party))
    fill_invoice(page, town.invoice(total))
    page.get_by_label("到期日").fill(str(days.date_of(town.market.today() + 90)))
    second_paper = ANOTHER_PAPER | {"name": "invoice.txt"}
    page.get_by_label("合同、发票").set_input_files([PAPER, second_paper])
    page.get_by_role("main").get_by_role("button", name="签发").click()
    wallet.confirm()
    shown = do(page, wallet)
    assert "您将承担的付款义务" in shown and "¥80,000.00" in shown and town.supplier.address in shown
    expect(page).to_have_url(re.compile("/receivables$"))
    return town.newest()


def test_a_debtor_rejects_one_claim_and_confirms_all_the_others_at_once(town: Town, page: Page, wallet: Wallet):
    rejected, cancelled, *_ = [town.registered(f"{total}.00") for total in (1_000, 2_000, 3_000, 4_000)]
    open_as(page, wallet, town.debtor, f"/receivables/{rejected}")
    rejecting = fold(page, "拒绝")
    rejecting.get_by_label("理由").fill(REASON)
    rejecting.get_by_role("button", name="拒绝").click()
    shown = do(page, wallet)
    assert "短交铸件 12 件" in shown and "SHA-256" in shown
    expect(state(page)).to_have_text("已拒绝")

    go_on_as(page, wallet, town.supplier, f"/receivables/{rejected}")
    told = page.get_by_label("理由原文")
    told.fill(REASON.replace("12", "13"))
    expect(page.get_by_text("不一致：与链上记录的理由不同")).to_be_visible()
    told.fill(f" {REASON}\n")
    expect(page.get_by_text("一致：这就是债务人拒绝的理由（SHA-256）")).to_be_visible()

    page.goto(f"/receivables/{cancelled}")
    press(page, "撤销登记")
    assert "¥2,000.00" in do(page, wallet)
    expect(state(page)).to_have_text("已撤销")

    go_on_as(page, wallet, town.debtor, "/receivables/confirm")
    waiting = of_debtor(town, "Registered")
    expect(page.locator("tbody tr")).to_have_count(len(waiting))
    page.get_by_role("button", name="全选").click()
    total = sum(int(one["face"]) for one in waiting)
    page.get_by_role("button", name=f"确权所选 {len(waiting)} 笔，共 ¥{yuan(total)}").click()
    shown = do(page, wallet)
    assert "确权不可撤销" in shown and f"¥{yuan(total)}" in shown
    expect(page.get_by_text("没有待确权的应收账款")).to_be_visible()
    town.market.catch_up()
    assert {one["id"] for one in waiting} <= {one["id"] for one in of_debtor(town, "Confirmed")}


def of_debtor(town: Town, state: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = town.market.api.get(
        "/v1/receivables", debtor=town.debtor.party, state=state, limit=200
    )["items"]
    return found


def test_a_dispute_ends_with_a_credit_note_and_its_reason_can_be_checked(town: Town, page: Page, wallet: Wallet):
    number = town.confirmed("100000.00", days=60)
    open_as(page, wallet, town.debtor, f"/receivables/{number}")
    disputing = fold(page, "提出异议")
    disputing.get_by_label("理由").fill(REASON)
    disputing.get_by_role("button", name="提出异议").click()
    assert "争议期间不能融资、拆分或转让" in do(page, wallet)
    expect(state(page)).to_have_text("争议中")

    go_on_as(page, wallet, town.supplier, f"/receivables/{number}")
    page.get_by_label("理由原文").fill(REASON)
    expect(page.get_by_text("一致：这就是债务人提出异议的理由（SHA-256）")).to_be_visible()
    crediting = fold(page, "开具贷项通知")
    crediting.get_by_label("减免金额").fill("5,000")
    crediting.get_by_label("红字发票").set_input_files(PAPER)
    crediting.get_by_role("button", name="开具贷项通知").click()
    shown = do(page, wallet)
    assert "¥100,000.00" in shown and "¥95,000.00" in shown
    expect(crediting.get_by_role("button", name="开具贷项通知")).to_be_disabled()
    page.get_by_label("选择单据").set_input_files(PAPER)
    expect(page.get_by_text("一致：这就是贷项通知的单据（SHA-256）")).to_be_visible()

    go_on_as(page, wallet, town.debtor, "/receivables/disputes")
    row(page, number).get_by_role("button", name="撤回异议").click()
    shown = do(page, wallet)
    assert "您将承担的付款义务" in shown and "¥95,000.00" in shown
    expect(row(page, number)).to_have_count(0)
    town.market.catch_up()
    found = town.market.receivable(number)
    assert (found["state"], found["outstanding"]) == ("Confirmed", str(fen("95000.00")))

    due = date.fromisoformat(found["due"]["date"])
    page.goto("/receivables/calendar")
    page.get_by_label("范围").select_option("owed")
    for _ in range(months_until(town, due)):
        page.get_by_role("button", name="下个月").click()
    expect(page.get_by_role("heading", name=f"{due:%Y-%m}")).to_be_visible()
    expect(page.get_by_role("cell").filter(has=page.locator(f"time[datetime='{due}']"))).to_contain_text("笔")
    expect(row(page, number)).to_contain_text("¥95,000.00")


def months_until(town: Town, day: date) -> int:
    today = days.date_of(town.market.today())
    return 12 * (day.year - today.year) + day.month - today.month


def test_who_pays_a_part_pays_its_whole_pool_and_is_told_so(town: Town, page: Page, wallet: Wallet):
    market, supplier = town.market, town.supplier
    whole = town.confirmed("100000.00")
    supplier.wallet.send("Receivables", "split", whole, [fen("60000.00"), fen("40000.00")])
    market.catch_up()
    market.mint(town.debtor.wallet, fen("100000.00"), "Receivables")
    before = market.cash(supplier.address)
    open_as(page, wallet, town.debtor, "/receivables/obligations")
    expect(row(page, whole + 2)).to_contain_text("¥40,000.00")
    row(page, whole + 2).get_by_role("button", name="付款").click()
    shown = do(page, wallet, signatures=2)
    assert f"付入结算池 {whole}" in shown and "付款前结算池未付余额" in shown and "¥100,000.00" in shown
    expect(row(page, whole + 1)).to_have_count(0)
    expect(row(page, whole + 2)).to_have_count(0)
    market.until("the keeper to deliver", lambda: market.cash(supplier.address) - before == fen("100000.00"))


def test_a_claim_follows_its_holder_to_the_wallet_that_replaced_a_lost_one(
    town: Town, page: Page, wallet: Wallet, watch: Watch
):
    watch.allow("status of 409 .*/quote")  # nobody finances from a wallet that was replaced
    market = town.market
    supplier = market.admit(receivable_story.PEOPLE["xiaohe"])
    number = market.confirmed(supplier, town.debtor, town.invoice("30000.00"), market.today() + 30)
    successor = development_key(NEW_WALLET).address
    market.officer("compliance").send("Participants", "rotateWallet", supplier.address, successor)
    market.catch_up()
    open_as(page, wallet, NEW_WALLET, f"/receivables/{number}")
    page.get_by_role("button", name="转入更换后的钱包").click()
    shown = do(page, wallet)
    assert supplier.address in shown and successor in shown and "¥30,000.00" in shown
    assert holder(town, number) == successor
    expect(page.get_by_role("button", name="转入更换后的钱包")).to_have_count(0)
    expect(page.get_by_role("button", name="申请融资")).to_be_visible()
