"""Whatever fails, whenever it fails: no alarm and no hour is lost, and none counts twice (CASES 26, 33, 34)."""

import socket

import pytest
from sqlalchemy import delete, update

from backend import store
from backend.chain import device_reports
from backend.chain.device_reports import AlarmReport
from backend.config import Duty
from backend.crashpoints import crash_point
from backend.oracle import relay
from backend.oracle.machines import rounds
from backend.oracle.machines.proposals import DEADLINE_S, Lane, issued_at
from backend.oracle.rounds import State
from backend.store.tables import device_rounds, machine_states
from backend.telemetry.alarms import Alarm, Severity
from tests.backend.market import Refused
from tests.backend.oracle.machines.site import STRANGER, Bulldozer, Site
from tests.backend.oracle.parts import RELAYER

CRITICAL_METER = Severity.CRITICAL << 2 * Alarm.HOUR_METER


class PowerCut(BaseException):
    pass


def alarmed(site: Site) -> Bulldozer:
    """The hour meter of a machine that the chain knows was turned back; the chain has still to be told."""
    device = site.machine()
    site.take(*device.work(20))
    site.push(Lane.ALARMS)
    site.take(device.record(hours=4_000))
    return device


def sent(site: Site) -> int:
    return site.market.rpc.transaction_count(RELAYER.address)


# Power cuts


@pytest.mark.parametrize("point", ["report_signed", "report_enqueued"])
def test_a_power_cut_in_the_relay_loses_nothing_and_doubles_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, point: str
):
    def cut(name: str) -> None:
        if name == point:
            raise PowerCut
        crash_point(name)

    device, before = alarmed(site), sent(site)
    site.leaders[Lane.ALARMS].step()
    with monkeypatch.context() as broken, pytest.raises(PowerCut):
        broken.setattr(relay, "crash_point", cut)
        site.relays[Lane.ALARMS].step()
    site.restart()
    site.push(Lane.ALARMS)
    assert (site.status(device.machine)["alarms"], site.status(device.machine)["sequence"]) == (CRITICAL_METER, 2)
    assert sent(site) == before + 1


def test_a_leader_that_starts_anew_goes_on_where_the_chain_stands(site: Site):
    device = alarmed(site)
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    site.restart()
    assert [leader.step() for leader in site.leaders.values()] == [None, None]
    site.take(*device.work(15))
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    assert site.status(device.machine)["sequence"] == 3


def test_a_lost_telemetry_database_tells_the_chain_no_less(site: Site):
    """Its numbers begin anew; those on chain go on."""
    device = alarmed(site)
    site.push(Lane.ALARMS)
    with store.writing(site.engine) as tx:
        tx.execute(update(machine_states).values(alarms_sequence=1))
    site.restart()
    site.take(*device.work(10))
    site.push(Lane.ALARMS)
    assert (site.status(device.machine)["alarms"], site.status(device.machine)["sequence"]) == (0, 3)


# Signers


@pytest.mark.parametrize("silent", [Duty.PLATFORM, Duty.AUDITOR])
def test_two_of_three_signers_are_enough_and_the_third_is_not_waited_for(site: Site, silent: Duty):
    device = alarmed(site)
    site.urls[silent] = "http://127.0.0.1:1"
    site.restart()
    assert len(site.push(Lane.ALARMS).signatures) == 2
    assert site.status(device.machine)["alarms"] == CRITICAL_METER


def test_one_signer_alone_is_not_enough_and_is_asked_again(site: Site):
    device, honest = alarmed(site), dict(site.urls)
    site.urls |= dict.fromkeys((Duty.PLATFORM, Duty.AUDITOR), "http://127.0.0.1:1")
    site.restart()
    assert site.push(Lane.ALARMS).state is State.PROPOSED
    site.urls |= honest
    site.restart()
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["alarms"] == CRITICAL_METER


def test_a_signer_that_never_answers_holds_up_nobody(site: Site):
    device = alarmed(site)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        site.urls[Duty.RISK_DESK] = f"http://127.0.0.1:{mute.getsockname()[1]}"
        site.restart()
        for _ in range(len(site.urls) + 1):  # more rounds than there are signers to be asked
            assert site.push(Lane.ALARMS).state is State.COUNTED
            site.take(*device.work(10))
            assert site.push(Lane.ALARMS).state is State.COUNTED
            site.take(device.record(hours=device.hours - 100 - device.sequence))
    assert site.status(device.machine)["sequence"] >= 3


def test_two_signers_who_heard_nothing_stop_the_round_and_not_the_other_machines(site: Site, other_engine):
    device, other = alarmed(site), site.machine()
    deaf = {duty: site.serve(site.signer(duty, other_engine)) for duty in (Duty.PLATFORM, Duty.AUDITOR)}
    site.urls |= deaf
    site.restart()
    lost = site.push(Lane.ALARMS)
    assert {problem["code"] for problem in lost.refusals.values()} == {"MachineNotHeard"}
    messages = other.work(5)
    site.take(*messages)
    site.take(*messages, engine=other_engine)
    site.leaders[Lane.ALARMS]._desk.refused([device.machine])
    site.leaders[Lane.ALARMS]._desk._aside[device.machine] = float("inf")
    site.push(Lane.ALARMS)
    assert site.status(other.machine)["epoch"] == 1


# The chain


def test_a_reorganisation_that_takes_an_alarm_away_brings_it_again(site: Site):
    device = alarmed(site)
    snapshot = site.market.node.rpc("evm_snapshot")
    site.push(Lane.ALARMS)
    assert site.leaders[Lane.ALARMS].step() is None
    site.market.node.rpc("evm_revert", snapshot)
    assert site.status(device.machine)["alarms"] == 0
    site.leaders[Lane.ALARMS].step()
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["alarms"] == CRITICAL_METER


def test_a_report_that_counted_cannot_be_brought_again(site: Site):
    device = alarmed(site)
    counted = site.push(Lane.ALARMS)
    signatures = [
        bytes.fromhex(each[2:]) for _, each in sorted(counted.signatures.items(), key=lambda x: int(x[0], 16))
    ]
    message = device_reports.message_of(counted.report)
    with pytest.raises(Refused, match="RoundPassed"):
        site.market.send("stranger", "DeviceOracle", "submitAlarms", message, signatures)
    assert site.status(device.machine)["sequence"] == 2


def test_a_proposal_that_was_not_relayed_in_time_is_made_anew(site: Site):
    device = alarmed(site)
    site.leaders[Lane.ALARMS].step()
    site.market.node.rpc("evm_increaseTime", DEADLINE_S + 1)
    site.market.node.mine()
    site.relays[Lane.ALARMS].step()
    assert site.last(Lane.ALARMS).reason["code"] == "ProposalOutdated"
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["alarms"] == CRITICAL_METER


def test_a_round_that_another_report_took_is_made_anew(site: Site):
    device = alarmed(site)
    site.leaders[Lane.ALARMS].step()
    site.relays[Lane.ALARMS].step()
    site.rentals.alarm(device.machine, {Alarm.TOW: Severity.MAJOR})
    site.push(Lane.ALARMS)
    assert site.last(Lane.ALARMS).reason["code"] == "RoundPassed"
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["alarms"] & CRITICAL_METER == CRITICAL_METER


def test_a_new_set_of_signers_counts_its_rounds_from_one(site: Site):
    device = alarmed(site)
    site.push(Lane.ALARMS)
    signers = sorted((key.address for key in site.market.signers), key=lambda each: int(each, 16))
    site.market.send("bank", "DeviceOracle", "setSigners", signers, 1)
    site.take(*device.work(10))
    site.push(Lane.ALARMS)
    counted = site.last(Lane.ALARMS)
    assert (counted.report.signer_set, counted.number, counted.state) == (2, 1, State.COUNTED)
    assert site.status(device.machine)["alarms"] == 0


# Lanes


def test_an_alarm_does_not_wait_for_readings(site: Site):
    device = alarmed(site)
    assert site.leaders[Lane.READINGS].step() is not None
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["alarms"] == CRITICAL_METER
    assert site.last(Lane.READINGS).state is State.PROPOSED


def test_what_is_worse_stands_before_what_is_better(site: Site):
    better, worse, new = site.machine(), site.machine(), site.machine()
    site.take(*better.work(5), *worse.work(5), better.record(hours=4_000))
    site.push(Lane.ALARMS)
    site.take(*better.work(10), *new.work(5), worse.record(hours=4_000))
    report = site.leaders[Lane.ALARMS].step()
    assert isinstance(report, AlarmReport)
    order = [device_reports.decode_record(packed).machine for packed in report.records]
    assert order[0] == worse.machine
    assert set(order) == {better.machine, worse.machine, new.machine}


def test_a_swapped_device_is_told_and_its_machine_goes_on_metering(site: Site):
    old = site.machine()
    site.take(*old.work(60))
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    new = site.swapped(old)
    site.take(*new.work(60))
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    assert site.status(old.machine)["epoch"] == 2
    assert site.reading(old.machine)["tenths"] == new.hours // 10


def test_a_forged_signature_stops_money_within_one_report(site: Site):
    device = site.machine()
    site.take(*device.work(20))
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    gates = 0b10 << 2 * Alarm.TAMPER
    site.market.read("DeviceOracle", "requireUsable", device.machine, 21_600, gates)
    site.take(device.record(), device.checkpoint(STRANGER))
    site.push(Lane.ALARMS)
    with pytest.raises(Exception, match="MachineAlarmed"):
        site.market.read("DeviceOracle", "requireUsable", device.machine, 21_600, gates)


def test_rounds_beyond_a_number_are_let_go(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rounds, "KEPT", 2)
    report = AlarmReport(1, 1, DEADLINE_S, (bytes(32),))
    with store.writing(site.engine) as tx:
        for number in range(1, 6):
            rounds.propose(tx, Lane.ALARMS, AlarmReport(number, 1, report.deadline, report.records))
        kept = [row.round for row in tx.execute(device_rounds.select().order_by(device_rounds.c.round))]
        tx.execute(delete(device_rounds))
    assert kept == [4, 5]
    assert issued_at(report) == 0
