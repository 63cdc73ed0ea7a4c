"""The whole system on one machine, with the story played on it and people to go on with: `make demo`.

It runs until Ctrl-C and keeps its chain: the next start goes on where this one stopped.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import click
from eth_account.hdaccount import ETHEREUM_DEFAULT_PATH

from backend import days
from backend.chain.keys import DEVELOPMENT_MNEMONIC, development_key
from backend.errors import HeqiError
from backend.oracle import assessment
from backend.scoring import companies
from scripts import _fleet, _machine, lease_story, merchant_story, receivable_story, stack, story
from scripts._narrator import LANGUAGES, Narrator, preferred
from scripts._shop import Shop
from scripts._stage import Story, tell_score
from scripts.market import CORE_ENTERPRISE, MERCHANT, OFFICERS, Invoice, Market, Person, Role, text_hash
from scripts.plan import ROOT
from scripts.stack import CHAIN_ID, KEYS, Place, Stack

FOLDER = ROOT / "var"
SIGNERS = 3
TICK_S = 1.0
BLOCK_EVERY_S = 300.0  # without a transaction the chain's date would stand still

# More core enterprises than the story has, so that every grade can be seen.
NEWCOMERS = {
    "strong": Role("Jinshan Electronics", "金山电子", 13, CORE_ENTERPRISE),
    "medium": Role("Longteng Shipbuilding", "龙腾船舶", 14, CORE_ENTERPRISE),
    "weak": Role("Xishan Mining", "西山矿业", 15, CORE_ENTERPRISE),
}
BOOKSHOP = Role("Linxi Books", "林溪书店", 25, MERCHANT)
OFFICERS_ZH = {
    "admin": "银行：管理员",
    "risk_officer": "银行：风险官",
    "risk_manager": "银行：风险经理",
    "compliance": "银行：合规部门",
    "compliance_release": "银行：合规解冻",
    "guardian": "银行：守护者",
}
BOOKSHOP_NUMBER = 21  # of the synthetic population
MACHINES = 2


@click.command()
@click.option("--lang", type=click.Choice(LANGUAGES), default=preferred, help="Default: that of the terminal.")
@click.option("--rpc-port", default=8545, show_default=True)
@click.option("--api-port", default=8000, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Where to keep everything; default var/.")
def main(lang: str, rpc_port: int, api_port: int, folder: Path | None) -> None:
    """Start everything, play the story once, and run until Ctrl-C."""
    stack.end_in_order_on_signals()
    place = place_of(rpc_port, api_port, folder)
    if not _told(place).exists():
        place.forget()  # an earlier start was interrupted before the story ended
    try:
        with stack.started(place, _say) as running:
            if not _told(place).exists():
                _play(running, Narrator(lang))
            _serve(running)
    except KeyboardInterrupt:
        _say("stopped; the chain is kept" if _told(place).exists() else "stopped before the story ended")


def place_of(rpc_port: int, api_port: int, folder: Path | None) -> Place:
    """The record of the usual demo lies where `make console` and `make deploy` look for it."""
    home = (folder or FOLDER).resolve()
    deployments = home if folder else ROOT / "deployments"
    broker_port, *signer_ports = stack.free_ports(1 + SIGNERS)
    chain = home / "chain" / "state.json"
    return Place(home, deployments, chain, rpc_port, api_port, signer_ports, broker_port, _people())


def _told(place: Place) -> Path:
    """Marks a chain on which the story was played to its end; it goes with the chain."""
    return place.folder / "chain" / "story-played"


def _machines(place: Place) -> Path:
    """Which machines the demo has; it goes with the chain too."""
    return place.folder / "chain" / "machines.json"


def _play(running: Stack, tell: Narrator) -> None:
    market = Market(running)
    populate(story.play(market, tell))
    _told(running.place).touch()


def populate(told: Story) -> None:
    """Core enterprises of every grade, and receivables in every state, as of the day on which the story ended."""
    market, tell = told.market, told.tell
    tell.act("Business goes on", "业务继续")
    newcomers = _admit_newcomers(told)
    tomorrow = market.today() + 1
    _receivables(told, newcomers, tomorrow)
    tell.step(None, "receivables in every state wait for you", "各种状态的应收账款已就绪，等您操作")
    _line(told)
    _leases(told)


def _admit_newcomers(told: Story) -> dict[str, Person]:
    market = told.market
    newcomers = {role: market.admit(newcomer) for role, newcomer in NEWCOMERS.items()}
    market.open_facilities(list(newcomers.values()))
    # The story took the first company of each role; the last wins here.
    statements = {company.role: company.filings[0] for company in companies.cast(assessment.scorer())}
    for role, newcomer in newcomers.items():
        market.consent(newcomer)
        market.file(newcomer, statements[role])
    for newcomer in newcomers.values():
        tell_score(told, newcomer, market.next_score(newcomer, 0))
    return newcomers


def _receivables(told: Story, newcomers: Mapping[str, Person], tomorrow: int) -> None:
    market = told.market
    strong, medium, weak = (newcomers[role] for role in ("strong", "medium", "weak"))
    market.register(told.mingda, strong, Invoice("JS-3001", "420000.00"), tomorrow + 60)
    market.confirmed(told.mingda, strong, Invoice("JS-3002", "880000.00"), tomorrow + 90)
    market.confirmed(told.donghai, weak, Invoice("XS-7001", "150000.00"), tomorrow + 45)
    disputed = market.confirmed(told.ruifeng, told.huaxing, Invoice("HX-2026-1190", "95000.00"), tomorrow + 30)
    told.huaxing.wallet.send("Receivables", "dispute", disputed, text_hash("Price differs from the contract"))
    receivable_story.finance(
        told, told.donghai, market.confirmed(told.donghai, medium, Invoice("LT-5001", "310000.00"), tomorrow)
    )
    whole = market.confirmed(told.mingda, strong, Invoice("JS-3003", "600000.00"), tomorrow + 120)
    kept, passed = receivable_story.split(told, told.mingda, whole, ["350000.00", "250000.00"])
    receivable_story.pass_on(told, passed, told.mingda, told.xiaohe)
    receivable_story.finance(told, told.mingda, kept)


def _line(told: Story) -> None:
    """A merchant with an open line, half of it drawn."""
    market = told.market
    told.shop = Shop(market, market.admit(BOOKSHOP), BOOKSHOP_NUMBER, market.today() - merchant_story.AGE)
    merchant_story.agree_and_open(told)
    merchant_story.draw(told, int(told.shop.limit()["available"]) // 2)


def _leases(told: Story) -> None:
    """Two machines on lease that report live: the bank has paid for the first, the second waits for its money."""
    market = told.market
    machines = [
        _machine.registered_live(market, told.taihe, f"TH-2026-09{number:02}", _fleet.SEED)
        for number in range(MACHINES)
    ]
    market.mint(told.changqing.wallet, MACHINES * lease_story.DEPOSIT, "RentLedger")
    leases = [lease_story.sign(told, machine, told.changqing, market.today()) for machine in machines]
    fleet = _fleet.Fleet(told.taihe.party, [machine.number for machine in machines], leases[-1].number)
    fleet.keep(_machines(market.stack.place))
    with _fleet.reporting(market.stack, fleet):
        for lease in leases:
            lease_story.deliver(told, lease)
        lease_story.finance(told, leases[0])


def _serve(running: Stack) -> None:
    """Until Ctrl-C, with machines that report; on SIGUSR1 one of them leaves its region at once."""
    fleet, leave = _fleet.kept(_machines(running.place)), threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: leave.set())
    try:
        with _fleet.reporting(running, fleet, _fleet.LEAVES_AFTER_MIN):
            _show(running, fleet)
            _run(running, leave)
        while True:
            with _fleet.reporting(running, fleet, 0):
                _say(f"machine {fleet.runaway} leaves its region now")
                _run(running, leave)
    except KeyboardInterrupt:
        # The next start goes on from the newest block; devices would have to wait for it to reach their last records.
        running.rpc.call("anvil_mine", "0x1")
        raise


def _show(running: Stack, fleet: _fleet.Fleet) -> None:
    """How to get in: accounts for a wallet, addresses, hints."""
    place, market = running.place, Market(running)
    _say(f"accounts of the development mnemonic `{DEVELOPMENT_MNEMONIC}` ({ETHEREUM_DEFAULT_PATH[:-1]}<index>):")
    for account, who in sorted(_accounts().items()):
        print(f"   {account:>3}  {development_key(account).address}  {who}")
    _say(f"wallet: network with RPC {place.rpc_url}, chain id {CHAIN_ID}; the chain's date is {_date(market)}")
    if place.deployments == ROOT / "deployments":
        _say("console: make console")
    _say(f"API: {place.api_url}/docs, for example {place.api_url}/v1/receivables")
    _say(
        f"machine {fleet.runaway} leaves its region in {_fleet.LEAVES_AFTER_MIN} minutes for {_fleet.AWAY_MIN}, and "
        f"again every {_fleet.AGAIN_EVERY_MIN}; meanwhile the bank pays nothing for it: "
        f"{place.api_url}/v1/leases/{fleet.lease}/quote"
    )
    _say(f"make it leave now: kill -USR1 {os.getpid()}")
    print(f"ready: {place.api_url}", flush=True)


def _people() -> list[dict[str, str]]:
    """Parties and officers, as the dApp's demo wallet names them."""
    parties = [(role.account, role.name_zh, role.name) for role in _roles()]
    officers = [(OFFICERS[role], zh, f"Bank: {role.replace('_', ' ')}") for role, zh in OFFICERS_ZH.items()]
    return [{"account": development_key(index).address, "zh": zh, "en": en} for index, zh, en in (*officers, *parties)]


def _roles() -> list[Role]:
    return [*story.PEOPLE.values(), *NEWCOMERS.values(), BOOKSHOP]


def _accounts() -> dict[int, str]:
    people = {role.account: role.name for role in _roles()}
    officers = {account: f"bank, {role.replace('_', ' ')}" for role, account in OFFICERS.items()}
    keys = {account: f"oracle, {duty.value.replace('_', ' ')}" for duty, account in KEYS.items()}
    return people | officers | keys


def _date(market: Market) -> str:
    return days.date_of(market.today()).isoformat()


def _run(running: Stack, leave: threading.Event) -> None:
    """Until Ctrl-C, `leave`, or until a process ends by itself. Raises ProcessEnded."""
    leave.clear()
    next_block = time.monotonic() + BLOCK_EVERY_S
    while not leave.wait(TICK_S):
        running.require_running()
        if time.monotonic() > next_block:
            running.rpc.call("anvil_mine", "0x1")
            next_block = time.monotonic() + BLOCK_EVERY_S


def _say(line: str) -> None:
    print(f"demo: {line}", flush=True)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HeqiError as error:
        sys.exit(f"demo: {error}")
