"""Leases from draft to payout, and a machine whose alarm stops money while its page is open."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from backend.telemetry.alarms import Alarm, Severity
from backend.telemetry.simulator import incidents
from backend.telemetry.simulator.incidents import Incident, Scripted
from backend.telemetry.simulator.sites import draw_ground
from scripts import _machine, lease_story
from scripts._machine import HOUR_S, Lease, Machine
from scripts.market import Person, fen
from tests.browser.acts import close, connect, do, in_phase, send_dialog, sign_in, step
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

PAPER: FilePayload = {"name": "contract.txt", "mimeType": "text/plain", "buffer": b"Lease of an excavator"}
LIVE_WITHIN_MS = 30_000
ACTIVE, SECURED = 3, 2


@dataclass
class Yard:
    """A lessor with machines and a lessee with a good score."""

    town: Town
    lessor: Person
    lessee: Person
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def machine(self, *scripts: Scripted) -> Machine:
        number = next(self.numbers)
        return _machine.registered(self.town.market, self.lessor, f"B-{number}", draw_ground(Random(number)), scripts)

    def delivered(self, *scripts: Scripted) -> Lease:
        # A permit that was used up has left no allowance.
        self.town.market.mint(self.lessee.wallet, lease_story.PURSE, "RentLedger")
        lease = lease_story.sign(self.town.told, self.machine(*scripts), self.lessee, self.town.market.today())
        lease_story.deliver(self.town.told, lease)
        return lease


@pytest.fixture(scope="module")
def yard(town: Town) -> Yard:
    return Yard(town, town.lessor, town.lessee)


def draft(page: Page, machine: Machine, lessee: Person) -> None:
    page.get_by_label("设备编号").fill(str(machine.number))
    page.get_by_label("承租人（参与方编号）").fill(str(lessee.party))
    page.get_by_label("合同文本（供人阅读的版本）").set_input_files(PAPER)
    page.get_by_role("button", name="生成待签条款").click()


def test_both_parties_sign_and_the_lessee_takes_the_machine_over(
    yard: Yard, page: Page, wallet: Wallet, tmp_path: Path
):
    market, machine = yard.town.market, yard.machine()
    page.goto("/leases/sign")
    connect(page, wallet, yard.lessor)
    sign_in(page, wallet)
    draft(page, machine, yard.lessee)
    expect(page.get_by_text("一致 ✓", exact=True)).to_be_visible()
    page.get_by_role("button", name="以出租人身份签署").click()
    assert "LeaseTerms" in wallet.confirm()
    expect(page.get_by_text("已签署，签名有效")).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载文件").click()
    packet = tmp_path / "lease.json"
    saved.value.save_as(packet)

    wallet.act_as(yard.lessee)
    page.goto("/leases/sign")
    page.get_by_role("tab", name="打开对方交来的文件").click()
    page.get_by_label("文件", exact=True).set_input_files(packet)
    expect(page.get_by_text("与条款中的哈希一致 ✓")).to_be_visible()
    page.get_by_role("button", name="以承租人身份签署").click()
    wallet.confirm()
    page.get_by_role("button", name="提交双方签名上链").click()
    assert "¥12,000.00" in do(page, wallet)

    market.catch_up()
    [found] = market.api.get("/v1/leases", machine=machine.number)["items"]
    lease = Lease(market, found["lease"], machine, yard.lessor, yard.lessee)
    page.goto(f"/leases/{lease.number}")
    step(page, "payDeposit").get_by_role("button").click()
    assert "¥30,000.00" in do(page, wallet, signatures=2)
    assert lease.status == SECURED

    market.travel(HOUR_S)
    machine.report()
    market.until("the first reading on the chain", lambda: machine.reading["at"] > 0)
    accept = step(page, "acceptDelivery")
    accept.get_by_role("button", name="核对并").click()
    expect(accept.get_by_role("alert")).to_have_text("请选择文件。")
    accept.get_by_label("相关文件").set_input_files(PAPER)
    accept.get_by_role("button", name="核对并").click()
    assert "每期租金上限" in do(page, wallet)
    assert lease.status == ACTIVE
    machine.leave()


def test_terms_that_were_changed_on_the_way_are_shown_to_be_unsigned(
    yard: Yard, page: Page, wallet: Wallet, tmp_path: Path
):
    machine = yard.machine()
    page.goto("/leases/sign")
    connect(page, wallet, yard.lessor)
    sign_in(page, wallet)
    draft(page, machine, yard.lessee)
    page.get_by_role("button", name="以出租人身份签署").click()
    wallet.confirm()
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载文件").click()
    packet = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    packet["terms"]["buyOutPrice"] = str(fen("1.00"))

    wallet.act_as(yard.lessee)
    page.goto("/leases/sign")
    page.get_by_role("tab", name="打开对方交来的文件").click()
    page.get_by_label("或粘贴内容").fill(json.dumps(packet))
    expect(page.get_by_text("签名无效：不是该方钱包对这些条款的签名")).to_be_visible()


def test_a_machine_that_leaves_its_region_stops_the_payout_until_it_is_back(
    yard: Yard, page: Page, wallet: Wallet, watch: Watch
):
    watch.allow("status of 409")
    market = yard.town.market
    lease = yard.delivered(incidents.script(Incident.ESCAPE, market.today() + 1))
    machine = lease.machine
    lease.expect_fresh()
    page.goto(f"/leases/machines/{machine.number}")
    connect(page, wallet, yard.lessor)
    sign_in(page, wallet)
    expect(page.locator("[data-gate=open]")).to_be_visible(timeout=LIVE_WITHIN_MS)

    lease.live_until(1, 2 * HOUR_S)
    lease_story.until_alarm(lease, Alarm.REGION, Severity.MAJOR)
    stopped = page.locator("[data-gate=stopped]")
    expect(stopped.locator("[data-code=MachineAlarmed]")).to_be_visible(timeout=LIVE_WITHIN_MS)
    alarm = page.get_by_role("listitem").filter(has_text="超出约定区域").first
    expect(alarm).to_contain_text("设备位于约定区域外")
    alarm.get_by_role("button", name="确认").click()
    page.get_by_role("dialog").get_by_label("理由").fill("已联系司机")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("确\\s?认")).click()
    expect(alarm).to_contain_text("已联系司机")
    page.get_by_role("tab", name="轨迹").click()
    expect(page.locator(".map-region")).to_be_visible()
    expect(page.get_by_text("越界告警：设备在约定区域外。")).to_be_visible()

    lease.live_until(1, 12 * HOUR_S)
    lease_story.until_clear(lease, Alarm.REGION)
    lease_story.until_clear(lease, Alarm.TOW)
    expect(page.locator("[data-gate=open]")).to_be_visible(timeout=LIVE_WITHIN_MS)
    lease.expect_fresh()
    page.goto(f"/leases/{lease.number}")
    page.get_by_role("tab", name="银行融资").click()
    net, before = int(lease.read("LeaseFinance", "quote")["net"]), market.cash(yard.lessor.address)
    page.get_by_role("button", name="申请放款").click()
    do(page, wallet)
    assert market.cash(yard.lessor.address) - before == net
    expect(page.get_by_text("今日清偿额")).to_be_visible()
    machine.leave()


def test_case_47_figures_that_the_service_makes_up_are_not_signed(yard: Yard, page: Page, wallet: Wallet):
    lease = yard.delivered()
    lease.expect_fresh()
    page.route(re.compile(rf"/v1/leases/{lease.number}/quote"), _with_another_net)
    page.goto(f"/leases/{lease.number}")
    connect(page, wallet, yard.lessor)
    page.get_by_role("tab", name="银行融资").click()
    page.get_by_role("button", name="申请放款").click()
    expect(in_phase(page, "failed")).to_contain_text("服务给出的数字与链上不符")
    close(page)
    expect(send_dialog(page)).to_have_count(0)
    lease.machine.leave()


def _with_another_net(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"net": "1"})
