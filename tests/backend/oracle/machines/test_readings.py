"""When readings are reported, and how much of them: dense, gathered, never faster than the contract takes."""

import itertools

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from backend.chain import eip712
from backend.chain.device_reports import (
    LANES,
    NONE,
    Reading,
    ReadingReport,
    decode_word,
    minute_of,
    second_of,
)
from backend.chain.keys import development_key
from backend.oracle.machines.proposals import MOST_ALARMS, Lane
from backend.oracle.machines.readings import GATHER_S, most_tenths, next_reading, require_reading
from backend.oracle.rounds import State
from backend.telemetry.topics import Kind
from tests.backend.oracle.machines.site import Bulldozer, Site
from tests.backend.rentals import CERTIFICATE, device_key

MINUTES = st.integers(1, 2**24 - 1)


def speak(site: Site, device: Bulldozer, minutes: int) -> None:
    site.take(*device.work(minutes))


# When


def test_a_reading_is_due_every_quarter_of_an_hour(site: Site):
    device = site.machine()
    speak(site, device, 10)
    site.push(Lane.READINGS)
    speak(site, device, 14)
    assert site.leaders[Lane.READINGS].step() is None
    speak(site, device, 1)
    assert site.leaders[Lane.READINGS].step() is not None


def test_machines_that_fall_due_one_after_the_other_share_a_report(site: Site):
    first, second, third = site.machine(), site.machine(), site.machine()
    for device in (first, second, third):
        speak(site, device, 2)
    site.push(Lane.READINGS)
    speak(site, first, 15)
    assert site.push(Lane.READINGS).number == 2
    speak(site, second, 16)
    site.leaders[Lane.READINGS].step()
    assert site.last(Lane.READINGS).number == 2
    speak(site, third, 15 + GATHER_S // 60)
    report = site.leaders[Lane.READINGS].step()
    assert isinstance(report, ReadingReport)
    moved = [each.minute for word in report.words for each in decode_word(word)]
    assert minute_of(second.at) in moved
    assert minute_of(third.at) in moved


def test_a_machine_without_a_reading_on_chain_waits_for_nobody(site: Site):
    first, second = site.machine(), site.machine()
    speak(site, first, 2)
    site.push(Lane.READINGS)
    speak(site, second, 2)
    assert site.push(Lane.READINGS).number == 2
    assert site.reading(second.machine)["at"] > 0


def test_neighbours_of_a_machine_that_is_due_go_along(site: Site):
    first, second = site.machine(), site.machine()
    speak(site, first, 2)
    speak(site, second, 2)
    site.push(Lane.READINGS)
    speak(site, first, 16)
    speak(site, second, 3)
    site.push(Lane.READINGS)
    if first.machine // LANES == second.machine // LANES:
        assert site.reading(second.machine)["at"] == second_of(minute_of(second.at))


def test_what_came_late_meters_and_moves_no_clock(site: Site):
    device = site.machine()
    speak(site, device, 20)
    site.push(Lane.READINGS)
    before = site.reading(device.machine)
    site.take(*device.records(120, Kind.BACKLOG), device.checkpoint())
    assert site.leaders[Lane.READINGS].step() is None
    speak(site, device, 1)
    site.push(Lane.READINGS)
    after = site.reading(device.machine)
    assert after["at"] == second_of(minute_of(device.at))
    assert after["tenths"] - before["tenths"] in (20, 21)


def test_a_silent_machine_is_not_reported(site: Site):
    device = site.machine()
    speak(site, device, 20)
    site.push(Lane.READINGS)
    site.market.travel(1)
    assert site.leaders[Lane.READINGS].step() is None


def test_figures_behind_the_chains_are_told_in_the_log_and_never_sent(site: Site):
    device = site.machine()
    speak(site, device, 20)
    site.rentals.report(device.machine, 10_000, 10_000, at=site.market.now() - 3_600)
    with capture_logs() as logs:
        assert site.leaders[Lane.READINGS].step() is None
    assert [each["machine"] for each in logs if each["event"] == "reading_behind_chain"] == [device.machine]


# How much


def test_hours_that_came_faster_than_time_go_on_chain_bit_by_bit(site: Site):
    device = site.machine()
    site.rentals.report(device.machine, 0, 0, at=site.market.now())
    speak(site, device, 30)
    assert device.hours // 10 > most_tenths(Reading(0, 0, 0), 30)
    assert site.push(Lane.READINGS).state is State.COUNTED
    assert site.reading(device.machine)["tenths"] == most_tenths(Reading(0, 0, 0), 30)


@given(
    st.integers(0, 100_000), st.integers(0, 100_000), MINUTES, st.integers(-5, 50_000), st.integers(-5, 5_000), MINUTES
)
def test_what_is_reported_is_what_the_contract_takes(
    tenths: int, litres: int, minute: int, more: int, burnt: int, later: int
):
    before, own = Reading(tenths, litres, minute), Reading(tenths + more, litres + burnt, later)
    after = next_reading(before, own)
    if after == before:
        assert later <= minute or more < 0 or burnt < 0
        return
    assert after.minute > minute
    assert tenths <= after.tenths <= own.tenths
    assert after.litres >= litres
    # As DeviceOracle: Δtenths · 600 ≤ Δminutes · 102 + 600.
    assert (after.tenths - tenths) * 600 <= (after.minute - minute) * 102 + 600
    require_reading(7, before, after, own)


def test_cut_into_many_reports_the_hours_arrive_all_the_same():
    """At the fastest rate that counts as sound: 102 hours in 100."""
    own = [Reading(minute * 102 // 600, minute, minute) for minute in range(1, 60_000, 7)]
    stored = own[0]
    for each in own[1:]:
        stored = next_reading(stored, each)
    assert stored == own[-1]


def test_the_first_reading_sets_where_hours_begin():
    assert next_reading(NONE, Reading(90_000, 5, 7)) == Reading(90_000, 5, 7)


# Many


@pytest.mark.parametrize("count", [300])
def test_several_hundred_machines_are_two_reports_and_none_is_left_out(site: Site, count: int):
    """First readings and first alarm records."""
    devices = _fleet(site, count)
    site.take(*itertools.chain.from_iterable(device.work(2) for device in devices))
    counted = site.push(Lane.READINGS)
    assert counted.reason is None
    assert (counted.state, len(counted.report.groups)) == (State.COUNTED, (devices[-1].machine // LANES + 1))
    told = [site.push(Lane.ALARMS).state, site.push(Lane.ALARMS).state]
    assert told == [State.COUNTED] * -(-count // MOST_ALARMS)
    asked = [(device.machine,) for device in devices]
    suite, rpc = site.market.suite, site.market.rpc
    readings = suite.call_each(rpc, "DeviceOracle", "readingOf", asked)
    assert [each["tenths"] for each in readings] == [device.hours // 10 for device in devices]
    statuses = suite.call_each(rpc, "DeviceOracle", "statusOf", asked)
    assert {(each["epoch"], each["sequence"]) for each in statuses} == {(1, 1)}


def _fleet(site: Site, count: int) -> list[Bulldozer]:
    """Registered and bound without waiting for receipts."""
    suite, node, first = site.market.suite, site.market.node, int(site.market.read("Equipment", "lastId")) + 1
    lessor, equipment = development_key(12).address, suite.address("Equipment")
    numbers = range(first, first + count)

    def send(function: str, *arguments: object) -> str:
        data = "0x" + suite.calldata("Equipment", function, *arguments).hex()
        return node.rpc("eth_sendTransaction", {"from": lessor, "to": equipment, "data": data, "gas": hex(500_000)})

    for number in numbers:
        send("register", "0x" + f"{number:064x}", CERTIFICATE)
    devices = [Bulldozer(site.market, number) for number in numbers]
    sent = ""
    for device in devices:
        sent = send("bindDevice", device.machine, device.address, device.hours, _binding(site, device))
        site.devices[device.machine] = device
        site.bound(device)
    node.receipt(sent)
    return devices


def _binding(site: Site, device: Bulldozer) -> str:
    figures = {"machine": device.machine, "device": device.address, "epoch": 1, "meterStart": device.hours}
    typed = eip712.device_binding(figures, site.market.suite.address("Equipment"), site.market.suite.chain_id)
    signed = device_key(device.machine, 1).sign_message(encode_typed_data(full_message=typed))
    return "0x" + bytes(signed.signature).hex()
