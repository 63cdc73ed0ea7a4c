"""From MQTT publish to the gate that refuses money: how long an alarm takes to the chain, through the whole stack.

Real broker, consumer, rules, leader, three signers, relay, submitter and Anvil, each a process of its own. A device
sends a record with an hour meter that was turned back; the clock stops when `DeviceOracle.requireUsable`, the gate that
`LeaseFinance.finance` passes, refuses the machine in the newest block. First with a block for every transaction, then
with blocks at a fixed interval, where a transaction waits for the next block whatever the backend does.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from eth_account import Account
from eth_account.messages import encode_typed_data

from backend.chain import eip712
from backend.chain.reverts import ContractError
from backend.telemetry.link import Link
from backend.telemetry.record import Message
from scripts import stack
from scripts.lease_story import MANUFACTURER
from scripts.market import Market, Person, Role, text_hash
from tests.backend.oracle.machines.site import Bulldozer

SAMPLES = 30
BLOCK_S = 2
TURNED_BACK = 4_000  # hundredths of an hour
POLL_S = 0.005
APART_S = 1.0  # alarms of different machines, not a burst that shares a report
WITHIN_S = 60.0


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="alarm-latency", description=__doc__)
    parser.add_argument("--count", type=int, default=SAMPLES, help="alarms of each kind of chain")
    count = parser.parse_args(argv).count
    with tempfile.TemporaryDirectory(prefix="heqi-") as folder, ExitStack() as running:
        market = Market(running.enter_context(stack.started(stack.Place.temporary(Path(folder)), print)))
        devices = _fleet(market, 2 * count)
        links = _links(market, devices, running)
        _begin(market, devices, links)
        at_once = [_measure(market, device, links[device.machine]) for device in devices[:count]]
        with _blocks_every(market, BLOCK_S):
            pauses = Random(4)
            at_interval = [_measure(market, device, links[device.machine], pauses) for device in devices[count:]]
    report = {
        "alarms": count,
        "quorum": "2-of-3",
        "block_at_once": _distribution(at_once),
        "block_interval_s": BLOCK_S,
        "block_at_interval": _distribution(at_interval),
        "within_block_and_second": sum(seconds <= 1 for seconds in at_once)
        + sum(seconds <= BLOCK_S + 1 for seconds in at_interval),
        "of": 2 * count,
    }
    _show(report)
    print(json.dumps(report))


def _show(report: dict[str, Any]) -> None:
    print(f"{'MQTT publish → money refused, seconds':44} {'p50':>6} {'p90':>6} {'p99':>6} {'most':>6}")
    for name, key in (
        ("a block for every transaction", "block_at_once"),
        (f"a block every {BLOCK_S} s", "block_at_interval"),
    ):
        figures = report[key]
        print(f"{name:44} " + " ".join(f"{figures[each]:6.2f}" for each in ("p50", "p90", "p99", "most")))
    print(f"{'within one block plus a second':44} {report['within_block_and_second']:6} of {report['of']}")


def _distribution(seconds: Sequence[float]) -> dict[str, float]:
    p50, p90, p99 = np.percentile(seconds, [50, 90, 99])
    figures = {"p50": p50, "p90": p90, "p99": p99, "most": max(seconds)}
    return {name: round(float(figure), 3) for name, figure in figures.items()}


# Machines


def _fleet(market: Market, count: int) -> list[Bulldozer]:
    """Machines of one maker, each with a device."""
    maker = market.admit(Role("Maker", "制造商", 26, MANUFACTURER))
    devices = [_machine(market, maker, serial) for serial in range(count)]
    market.catch_up()
    return devices


def _machine(market: Market, maker: Person, serial: int) -> Bulldozer:
    receipt = maker.wallet.send("Equipment", "register", text_hash(f"serial {serial}"), text_hash("certificate"))
    device = Bulldozer(market, int(receipt.event("MachineRegistered")["id"]), party=maker.party)
    binding = {"machine": device.machine, "device": device.address, "epoch": 1, "meterStart": device.hours}
    typed = eip712.device_binding(binding, device.domain.equipment, market.suite.chain_id)
    signature = Account.from_key(device.key.secret).sign_message(encode_typed_data(full_message=typed)).signature
    maker.wallet.send("Equipment", "bindDevice", device.machine, device.address, device.hours, bytes(signature))
    return device


def _links(market: Market, devices: Sequence[Bulldozer], running: ExitStack) -> dict[int, Link]:
    broker = market.stack.place.broker
    passwords = broker.admit([f"m{device.machine}" for device in devices])
    return {
        device.machine: running.enter_context(
            Link(broker.access(f"m{device.machine}", passwords[f"m{device.machine}"]))
        )
        for device in devices
    }


def _begin(market: Market, devices: Sequence[Bulldozer], links: dict[int, Link]) -> None:
    """Until every machine may stand for money."""
    for device in devices:
        device.at = market.now() - 300
        _publish(links[device.machine], device.work(3))
    for device in devices:
        market.until(f"machine {device.machine} on chain", lambda device=device: not _is_refused(market, device))


def _publish(link: Link, messages: Sequence[Message]) -> None:
    for message in messages:
        link.publish(message.topic, message.payload)
    link.flush()


# Measuring


def _measure(market: Market, device: Bulldozer, link: Link, pauses: Random | None = None) -> float:
    """Seconds from publishing until money is refused. `pauses`: begin anywhere between two blocks."""
    time.sleep(APART_S + (pauses.random() * BLOCK_S if pauses else 0))
    record = device.record(hours=TURNED_BACK)
    begun = time.perf_counter()
    link.publish(record.topic, record.payload)
    while not _is_refused(market, device):
        if time.perf_counter() - begun > WITHIN_S:
            raise RuntimeError(f"machine {device.machine} was not refused within {WITHIN_S} s")
        time.sleep(POLL_S)
    return time.perf_counter() - begun


def _is_refused(market: Market, device: Bulldozer) -> bool:
    conditions = market.suite.call(market.rpc, "LeaseFinance", "conditions")
    try:
        gate = (device.machine, conditions["maxReadingAge"], conditions["gates"])
        market.suite.call(market.rpc, "DeviceOracle", "requireUsable", *gate)
    except ContractError:
        return True
    return False


@contextmanager
def _blocks_every(market: Market, seconds: int) -> Iterator[None]:
    market.rpc.call("evm_setAutomine", False)
    market.rpc.call("evm_setIntervalMining", seconds)
    try:
        yield
    finally:
        market.rpc.call("evm_setIntervalMining", 0)
        market.rpc.call("evm_setAutomine", True)
