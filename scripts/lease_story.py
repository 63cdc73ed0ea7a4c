"""The story of equipment leases: eight weeks of one excavator, and a second one that is taken back.

The machines are simulated; what they send goes through the broker, the rules and the oracle as a real machine's would.
Distances between days are played in seconds: the chain's clock is moved, and every process follows it.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from eth_account.messages import encode_typed_data

from backend import days
from backend.chain import eip712
from backend.chain.reverts import ContractError
from backend.chain.wallet import Reverted
from backend.rent import ENDLESS
from backend.telemetry.alarms import Alarm, Severity
from backend.telemetry.metering import SECONDS_PER_HUNDREDTH
from backend.telemetry.simulator import incidents
from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.simulator.machine import LOCK_GRACE_S
from backend.telemetry.simulator.sites import draw_ground
from scripts import _machine
from scripts._machine import HOUR_S, Lease, Machine
from scripts._stage import Story, expect_refusal, percent, refusal, tell_refusal, tell_score
from scripts.market import DAY_S, LESSEE, MANUFACTURER, SUPPLIER, Market, Person, Role, expect, fen, text_hash, yuan
from scripts.stack import CHAIN_ID

PEOPLE = {
    "taihe": Role("Taihe Machinery (lessor)", "泰和机械（出租人）", 26, MANUFACTURER),
    "changqing": Role("Changqing Earthworks (lessee)", "长青土方（承租人）", 27, LESSEE),
    "xinda": Role("Xinda Building (lessee)", "信达建筑（承租人）", 28, LESSEE),
    "yuantong": Role("Yuantong Used Machines", "远通二手机械", 29, SUPPLIER),
}
UNIFIED_LIMIT = fen("2,000,000.00")
PURSE = fen("600,000.00")
DEPOSIT = fen("30,000.00")
PERIOD_DAYS, DUE_DAYS, CURE_DAYS, LOCK_NOTICE_DAYS = 14, 7, 10, 3
PERIODS = 26
TIERS = [  # the price of an hour falls with the hours since delivery
    {"throughTenths": 1_000, "rate": fen("260.00")},
    {"throughTenths": 2_500, "rate": fen("215.00")},
    {"throughTenths": ENDLESS, "rate": fen("170.00")},
]
ESCAPE, THEFT, OUTAGE = 10, 20, 31  # days after delivery


# The acts


def title_and_lease(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("An excavator with a title, a device and a lease", "一台有权属、有终端、有租约的挖掘机")
    story.people |= {name: market.admit(role) for name, role in PEOPLE.items()}
    market.delayed(
        "risk_manager",
        [("Treasury", "setLimit", (person.party, UNIFIED_LIMIT)) for person in (story.changqing, story.xinda)],
    )
    for person, company in ((story.changqing, "strong"), (story.xinda, "medium")):
        market.consent(person)
        market.file(person, story.companies[company][0])
        tell_score(story, person, market.next_score(person, 0))
        market.mint(person.wallet, PURSE, "RentLedger")
    begins = market.today()
    scripts = [
        incidents.script(Incident.ESCAPE, begins + ESCAPE),
        incidents.script(Incident.FUEL_THEFT, begins + THEFT),
        incidents.script(Incident.OUTAGE, begins + OUTAGE),
    ]
    machine = _machine.registered(market, story.taihe, "TH-2026-0815", draw_ground(Random(8)), scripts)
    tell.step(
        story.taihe,
        f"registers excavator {machine.number} and binds its device; the bank has checked the certificate",
        f"登记挖掘机 {machine.number} 并绑定车载终端；银行已核验登记证书",
    )
    story.lease = sign(story, machine, story.changqing, begins)
    deliver(story, story.lease)


def night_escape(story: Story) -> None:
    market, tell, lease = story.market, story.tell, story.lease
    tell.act("By night the excavator leaves its region", "夜间驶离约定区域")
    lease.live_until(ESCAPE, 2 * HOUR_S)
    begun = time.monotonic()
    until_alarm(lease, Alarm.REGION, Severity.CRITICAL)
    seconds = time.monotonic() - begun
    tell.step(
        None,
        f"at 02:00 it is on a truck outside its region: critical on the chain after {seconds:.1f} seconds",
        f"凌晨 2 点设备被拖车运出区域：{seconds:.1f} 秒后链上告警为“严重”",
    )
    lease.expect_fresh()
    refused = refusal(story, story.taihe, "LeaseFinance", "finance", lease.number, 1, 2_400, market.now() + 600)
    expect_refusal(story, refused, "MachineAlarmed", machine=lease.machine.number, alarm=int(Alarm.REGION))
    tell.step(story.taihe, "asks the bank to pay for the machine", "向银行申请放款")
    tell_refusal(story, refused)
    lease.live_until(ESCAPE, 12 * HOUR_S)
    until_clear(lease, Alarm.REGION)
    until_clear(lease, Alarm.TOW)
    tell.step(
        None,
        "by noon it is back, the signed records say so, and the alarm is cleared",
        "中午设备已返回，签名记录予以证实，告警解除",
    )


def financed(story: Story) -> None:
    story.tell.act("The bank pays for the machine", "银行放款")
    finance(story, story.lease)


def falling_rent(story: Story) -> None:
    market, tell, lease = story.market, story.tell, story.lease
    tell.act("The more it works, the less its hour costs", "用得越多，单位租金越低")
    lease.live_to_statement(1, PERIOD_DAYS)
    first = unit_rent(story, lease)
    pay(story, lease, lease.owed["rent"])
    lease.live_until(THEFT, 3 * HOUR_S)
    until_alarm(lease, Alarm.FUEL_THEFT, Severity.MAJOR)
    lease.expect_fresh()
    usable = market.suite.call(market.rpc, "LeaseFinance", "conditions")
    market.suite.call(
        market.rpc, "DeviceOracle", "requireUsable", lease.machine.number, usable["maxReadingAge"], usable["gates"]
    )
    tell.step(
        None,
        f"in the night of day {THEFT} a third of the tank is gone: the bank is told, but no gate closes",
        f"第 {THEFT} 天夜间油箱少了三分之一：银行收到告警，但不阻断放款",
    )
    lease.live_to_statement(2, PERIOD_DAYS)
    second = unit_rent(story, lease)
    expect("an hour has become cheaper", second < first, True)
    pay(story, lease, lease.owed["rent"])


def outage(story: Story) -> None:
    market, tell, lease = story.market, story.tell, story.lease
    tell.act("A day and a half without a connection", "断网一天半")
    lease.live_until(OUTAGE, 8 * HOUR_S)
    lease.expect_metered()
    before = lease.machine.tenths
    lease.live_until(OUTAGE + 1, 10 * HOUR_S)
    until_alarm(lease, Alarm.OFFLINE, Severity.MAJOR)
    expect("hours on the chain meanwhile", lease.machine.tenths, before)
    lease.live_until(OUTAGE + 2, 12 * HOUR_S)
    lease.expect_metered()
    until_clear(lease, Alarm.OFFLINE)
    expect("alarms raised by what came late", lease.machine.status["alarms"], 0)
    tell.step(
        None,
        f"what the device had kept arrives and counts: {(lease.machine.tenths - before) / 10:.1f} hours more, no alarm",
        f"终端缓存的数据补传并计量：增加 {(lease.machine.tenths - before) / 10:.1f} 小时，未触发任何告警",
    )
    market.catch_up()


def overdue_and_cured(story: Story) -> None:
    market, tell, lease = story.market, story.tell, story.lease
    tell.act("Rent is overdue, notice is given, and it is cured", "租金逾期、催告、补救")
    lease.live_to_statement(3, PERIOD_DAYS)
    lease.live_until(3 * PERIOD_DAYS + DUE_DAYS + 1)
    market.until("the loan to be marked overdue", lambda: lease.read("LeaseFinance", "loanOf")["status"] == 2)
    overdue = lease.owed["overdue"]
    notice = market.officer("risk_officer").send(
        "EquipmentLease", "giveNotice", lease.number, text_hash("Notice of default")
    )
    through = notice.event("LeaseNoticeGiven")["cureThroughDay"]
    tell.step(
        None,
        f"{yuan(overdue)} yuan are overdue; the bank gives notice, to be cured through {days.date_of(through)}",
        f"逾期 {yuan(overdue)} 元；银行发出催告，补救期至 {days.date_of(through)}",
    )
    refused = _officer_refusal(story, "declareDefault", lease)
    expect_refusal(story, refused, "CureRuns", day=through)
    tell_refusal(story, refused)
    lease.live_until(3 * PERIOD_DAYS + DUE_DAYS + 5)
    owed = lease.owed
    expect("late interest runs", owed["late"] > 0, True)
    pay(story, lease, owed["rent"] + owed["late"])
    expect("status after the payment", lease.status, 3)
    expect("status of the loan", lease.read("LeaseFinance", "loanOf")["status"], 1)
    tell.step(None, "everything overdue is paid: the notice is void", "逾期款项已付清，催告失效")


def bought_out(story: Story) -> None:
    market, tell, lease = story.market, story.tell, story.lease
    tell.act("After eight weeks the lessee buys the machine", "八周后承租人买断设备")
    lease.live_to_statement(4, PERIOD_DAYS)
    unit_rent(story, lease)
    price = int(lease.read("EquipmentLease", "buyOutOf"))
    market.mint(lease.lessee.wallet, price, "RentLedger")
    receipt = lease.lessee.wallet.send("EquipmentLease", "buyOut", lease.number, price)
    earn(story, receipt)
    expect(
        "owner of the title",
        market.suite.call(market.rpc, "Equipment", "ownerOf", lease.machine.number),
        lease.lessee.address,
    )
    expect("the loan", lease.read("LeaseFinance", "loanOf")["status"], 5)
    tell.step(
        lease.lessee,
        f"pays {yuan(price)} yuan: all rent that is fixed and the price of the title; the bank is repaid from it",
        f"支付 {yuan(price)} 元（剩余固定租金与设备价款），银行融资随之清偿",
    )
    settle_up(story, lease)
    lease.machine.leave()


def taken_back(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A second lease ends in rescission, with a surplus for the lessee", "第二份租约解除，处置余款归承租人")
    machine = _machine.registered(market, story.taihe, "TH-2026-0816", draw_ground(Random(9)), ())
    lease = sign(story, machine, story.xinda, market.today())
    deliver(story, lease)
    finance(story, lease)
    lease.live_until(2 * PERIOD_DAYS + DUE_DAYS + 1)
    lease.expect_metered()
    officer = market.officer("risk_officer")
    officer.send("EquipmentLease", "giveNotice", lease.number, text_hash("Notice of default"))
    tell.step(
        None,
        f"two statements are unpaid, {yuan(lease.owed['overdue'])} yuan; the bank gives notice",
        f"两期租金未付，共 {yuan(lease.owed['overdue'])} 元；银行催告",
    )
    lease.live_until(2 * PERIOD_DAYS + DUE_DAYS + 1 + LOCK_NOTICE_DAYS + 1)
    market.until("a fresh report on the chain", lambda: machine.reading["at"] > market.now() - DAY_S)
    officer.send("EquipmentLease", "lock", lease.number)
    market.until("the command to reach the device", machine.is_locked)
    hours = machine.device.hours
    tell.step(
        None,
        "after three more days the machine is locked: its device is told, and from then on no rent runs",
        "三天后锁机：指令送达车载终端，自此停止计租",
    )
    lease.live_until(2 * PERIOD_DAYS + DUE_DAYS + 1 + CURE_DAYS + 1)
    most = LOCK_GRACE_S / SECONDS_PER_HUNDREDTH + 1
    expect("the locked engine ran on for ten minutes at most", machine.device.hours - hours <= most, True)
    officer.send("EquipmentLease", "declareDefault", lease.number)
    earn(story, officer.send("EquipmentLease", "rescind", lease.number))
    owed = lease.owed
    claim = owed["rent"] + owed["late"]
    tell.step(
        None,
        f"the bank declares default and rescinds; its claim is {yuan(claim)} yuan after the deposit",
        f"银行宣布违约并解除租约；抵扣保证金后债权为 {yuan(claim)} 元",
    )
    price = claim + fen("80,000.00")
    officer.send("EquipmentLease", "offerSale", lease.number, story.yuantong.address, price, text_hash("Appraisal"))
    market.mint(story.yuantong.wallet, price, "RentLedger")
    before = market.cash(lease.lessee.address)
    sold = story.yuantong.wallet.send("EquipmentLease", "buy", lease.number, price)
    earn(story, sold)
    surplus = sold.event("MachineSold")["surplus"]
    expect("surplus", surplus, fen("80,000.00"))
    settle_up(story, lease)
    expect("what the lessee got", market.cash(lease.lessee.address) - before, surplus)
    tell.step(
        story.yuantong,
        f"buys it at the appraised {yuan(price)} yuan; {yuan(surplus)} go to the lessee",
        f"以评估价 {yuan(price)} 元买下；余款 {yuan(surplus)} 元归承租人",
    )
    machine.leave()


ACTS: tuple[Callable[[Story], None], ...] = (
    title_and_lease,
    night_escape,
    financed,
    falling_rent,
    outage,
    overdue_and_cured,
    bought_out,
    taken_back,
)


# What several acts do


def sign(story: Story, machine: Machine, lessee: Person, begins: int) -> Lease:
    lease = agree(story.market, machine, lessee, begins)
    story.tell.step(
        lessee,
        f"and the lessor sign lease {lease.number}: at least 12,000.00 and at most 32,000.00 yuan for 14 days, an hour "
        "at 260.00, from 100 hours 215.00, from 250 hours 170.00 yuan; the deposit is paid",
        f"与出租人签署租约 {lease.number}：每 14 天最低 12,000.00 元、最高 32,000.00 元；每小时 260.00 元，"
        "满 100 小时后 215.00 元，满 250 小时后 170.00 元；保证金已付",
    )
    return lease


def agree(market: Market, machine: Machine, lessee: Person, begins: int, **others: Any) -> Lease:
    """Both parties sign the same terms, the story's but for `others`; the lessee relays them and pays the deposit."""
    lessor = machine.owner
    since = days.start_of(begins)
    annex = machine.annex(since, since + (PERIODS + 4) * PERIOD_DAYS * DAY_S)
    terms = {
        "machine": machine.number,
        "lessor": lessor.party,
        "lessee": lessee.party,
        "price": fen("650,000.00"),
        "deposit": DEPOSIT,
        "buyOutPrice": fen("20,000.00"),
        "minimum": fen("12,000.00"),
        "cap": fen("32,000.00"),
        "periods": PERIODS,
        "periodDays": PERIOD_DAYS,
        "dueDays": DUE_DAYS,
        "cureDays": CURE_DAYS,
        "lockNoticeDays": LOCK_NOTICE_DAYS,
        "lateRateBps": 1_800,
        "tiers": TIERS,
        "rulesHash": bytes.fromhex(annex.hash[2:]),
        "documentHash": text_hash("Lease of an excavator"),
        "salt": machine.number,
        "deadline": market.now() + DAY_S,
    } | others
    typed = encode_typed_data(full_message=eip712.lease_terms(terms, market.suite.address("EquipmentLease"), CHAIN_ID))
    signed = [bytes(person.wallet.account.sign_message(typed).signature) for person in (lessor, lessee)]
    arguments = (terms, lessor.address, signed[0], lessee.address, signed[1])
    number = int(lessee.wallet.send("EquipmentLease", "sign", *arguments).event("LeaseSigned")["id"])
    lessee.wallet.send("RentLedger", "payDeposit", number)
    market.catch_up()
    return Lease(market, number, machine, lessor, lessee)


def deliver(story: Story, lease: Lease) -> None:
    market = story.market
    market.travel(HOUR_S)
    lease.machine.report()
    accept(lease)
    story.tell.step(lease.lessee, "takes the machine over; rent runs", "验收设备，开始计租")


def accept(lease: Lease) -> None:
    """The lessee takes over a machine that has reported."""
    market, machine = lease.market, lease.machine
    market.until("the first reading on the chain", lambda: machine.reading["at"] > 0)
    market.until("the device to be known to the oracle", lambda: machine.status["epoch"] == 1)
    lease.lessee.wallet.send("EquipmentLease", "acceptDelivery", lease.number, text_hash("Protocol of delivery"))
    lease.start = market.today()
    market.catch_up()


def finance(story: Story, lease: Lease) -> None:
    market, lessor = story.market, lease.lessor
    lease.machine.report()
    lease.expect_fresh()
    quote = market.until("a fresh score of the lessee", lambda: _quote(lease))
    before = market.cash(lessor.address)
    arguments = (lease.number, quote["net"], quote["annualRateBps"], market.now() + 600)
    receipt = lessor.wallet.send("LeaseFinance", "finance", *arguments)
    financed = receipt.event("LeaseFinanced")
    expect("cash in the lessor's wallet", market.cash(lessor.address) - before, quote["net"])
    story.income += financed["fee"]
    market.catch_up()
    story.tell.step(
        lessor,
        f"is paid {yuan(financed['net'])} yuan at {percent(financed['annualRateBps'])} a year, read from a report of "
        "the machine not two hours old",
        f"收到放款 {yuan(financed['net'])} 元，年利率 {percent(financed['annualRateBps'])}，依据两小时内的设备数据",
    )


def _quote(lease: Lease) -> Any:
    """None while the lessee's score, a month after the last one, is being renewed."""
    try:
        return lease.read("LeaseFinance", "quote")
    except ContractError as refused:
        if refused.code != "ScoreExpired":
            raise
        return None


def pay(story: Story, lease: Lease, amount: int) -> None:
    market = story.market
    market.mint(lease.lessee.wallet, amount, "RentLedger")
    receipt = lease.lessee.wallet.send("RentLedger", "pay", lease.number, amount)
    paid = receipt.event("RentPaid")
    expect("what was paid", paid["late"] + paid["rent"], amount)
    earn(story, receipt)
    market.catch_up()
    story.tell.step(
        lease.lessee, f"pays {yuan(amount)} yuan; it goes to the bank first", f"支付 {yuan(amount)} 元，优先归还银行"
    )


def earn(story: Story, receipt: Any) -> None:
    story.income += sum(event["interest"] for event in receipt.events if event.name == "LoanPaid")


def unit_rent(story: Story, lease: Lease) -> float:
    """Rent since delivery by the hour; told and returned."""
    market = story.market
    market.until("the statement", lambda: lease.owed["rent"] > 0)
    so_far = lease.read("RentLedger", "rentSoFar")
    hours, per_hour = so_far["tenths"] / 10, so_far["total"] / so_far["tenths"] * 10
    story.tell.figures(
        [
            ("hours since delivery", "交付以来工时", f"{hours:,.1f}"),
            ("rent since delivery", "交付以来租金", yuan(so_far["total"])),
            ("rent per hour", "每小时租金", yuan(round(per_hour))),
            ("of this statement owed", "本期应付", yuan(lease.owed["rent"])),
        ]
    )
    return per_hour


def settle_up(story: Story, lease: Lease) -> None:
    """What is left goes to lessor and lessee; nothing stays in the ledger."""
    market = story.market
    for wallet, function in ((lease.lessor.wallet, "release"), (lease.lessee.wallet, "releaseCredit")):
        # Refused when nothing waits: anybody may pass money on, and the keeper may have been quicker.
        with suppress(ContractError, Reverted):
            wallet.send("RentLedger", function, lease.number)
    expect("cash that waits in the ledger", market.cash(market.suite.address("RentLedger")), 0)
    market.catch_up()


def until_alarm(lease: Lease, alarm: Alarm, least: Severity) -> None:
    lease.market.until(f"{alarm.name} on the chain", lambda: severity(lease, alarm) >= least)


def until_clear(lease: Lease, alarm: Alarm) -> None:
    lease.market.until(f"{alarm.name} cleared on the chain", lambda: severity(lease, alarm) == Severity.CLEAR)


def severity(lease: Lease, alarm: Alarm) -> int:
    return int(lease.machine.status["alarms"]) >> 2 * alarm & 3


def _officer_refusal(story: Story, function: str, lease: Lease) -> Any:
    officer = story.market.officer("risk_officer")
    try:
        officer.send("EquipmentLease", function, lease.number)
    except ContractError as refused:
        return refused
    expect(f"EquipmentLease.{function}", "done", "refused")
    raise AssertionError
