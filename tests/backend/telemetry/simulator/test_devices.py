"""Messages of simulated devices are what a real device would send."""

from collections import defaultdict
from itertools import pairwise

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from backend.chain import eip712
from backend.days import DAY_S
from backend.telemetry import checkpoints, decoding
from backend.telemetry.record import CHECKPOINT_RECORDS, CHECKPOINT_SECONDS, GENESIS, Record
from backend.telemetry.simulator import fleet
from backend.telemetry.simulator.device import Device, Schedule, Sent
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.incidents import Incident, Scripted
from backend.telemetry.topics import Kind
from tests.backend.telemetry.simulator.fleets import DOMAIN, START, device

WEEK = 7 * DAY_S


def week(*devices: Device) -> list[Sent]:
    return list(Fleet(devices).messages(START + WEEK))


def records(sent: list[Sent]) -> list[Record]:
    """Without what came twice, in the order of sending."""
    payloads = dict.fromkeys(each.payload for each in sent if each.kind != Kind.CHECKPOINT)
    return [decoding.record_of(payload) for payload in payloads]


@pytest.fixture(scope="module")
def a_week() -> list[Sent]:
    return week(device(1), device(2))


def test_the_same_seed_sends_the_same_bytes(a_week: list[Sent]) -> None:
    assert week(device(1), device(2)) == a_week


def test_another_seed_sends_others(a_week: list[Sent]) -> None:
    assert not {each.payload for each in week(device(1, seed=2))} & {each.payload for each in a_week}


def test_a_machine_sends_the_same_in_any_fleet(a_week: list[Sent]) -> None:
    assert week(device(2)) == [each for each in a_week if each.machine == 2]


def test_messages_asked_for_bit_by_bit_are_the_same(a_week: list[Sent]) -> None:
    fleet = Fleet([device(1), device(2)])
    assert [each for hour in range(1, 7 * 24 + 1) for each in fleet.messages(START + 3_600 * hour)] == a_week


def test_a_fleet_sends_in_order_of_time(a_week: list[Sent]) -> None:
    times = [each.at for each in a_week]
    assert times == sorted(times)
    assert times[0] >= START and times[-1] < START + WEEK


def test_records_form_one_chain(a_week: list[Sent]) -> None:
    own = records([each for each in a_week if each.machine == 1])
    assert (own[0].sequence, own[0].previous) == (1, GENESIS)
    for before, after in pairwise(own):
        assert (after.sequence, after.previous) == (before.sequence + 1, before.hash)
        assert after.hours >= before.hours and after.fuel >= before.fuel and after.at > before.at


def test_hours_never_run_faster_than_time(a_week: list[Sent]) -> None:
    for before, after in pairwise(records([each for each in a_week if each.machine == 1])):
        assert after.hours - before.hours <= (after.at - before.at) / 36 + 1


def test_running_machines_report_each_minute_and_resting_ones_every_ten(a_week: list[Sent]) -> None:
    for before, after in pairwise(records([each for each in a_week if each.machine == 1])):
        assert after.at - before.at <= (60 if before.engine else 600)


def test_checkpoints_verify_and_cover_what_was_sent_before(a_week: list[Sent]) -> None:
    address, by_sequence = device(1).identity.address, dict[int, Record]()
    signed = []
    for each in (each for each in a_week if each.machine == 1):
        if each.kind != Kind.CHECKPOINT:
            record = decoding.record_of(each.payload)
            by_sequence[record.sequence] = record
            continue
        checkpoint = decoding.checkpoint_of(each.payload)
        record = by_sequence[checkpoint.sequence]
        assert checkpoints.is_signed_by(DOMAIN, checkpoint, address)
        assert (checkpoint.head, checkpoint.hours, checkpoint.fuel) == (record.hash, record.hours, record.fuel)
        signed.append(checkpoint)
    assert signed[-1].sequence == max(by_sequence)
    for before, after in pairwise(signed):
        assert after.sequence - before.sequence <= CHECKPOINT_RECORDS or after.at - before.at >= CHECKPOINT_SECONDS


def test_the_first_record_after_a_start_is_signed() -> None:
    started = device(1)
    first = week(started)[:2]
    woken = week(device(1, memory=started.memory()))[:2]
    for record, checkpoint in (first, woken):
        assert (record.kind, checkpoint.kind) == (Kind.RECORD, Kind.CHECKPOINT)
        assert decoding.checkpoint_of(checkpoint.payload).head == decoding.record_of(record.payload).hash


def test_a_device_signs_as_often_as_it_is_told() -> None:
    sent = Fleet([device(1, schedule=Schedule(running=20, resting=20, signing=60))]).messages(START + 3_600)
    signed = [each.at for each in sent if each.kind == Kind.CHECKPOINT]
    assert len(signed) >= 50
    assert {after - before for before, after in pairwise(signed)} <= {60, 80}


def test_a_device_signs_its_binding_for_the_contract() -> None:
    bound = device(1)
    told = {"machine": 1, "device": bound.identity.address, "epoch": 1, "meterStart": bound.hours}
    data = eip712.device_binding(told, DOMAIN.equipment, DOMAIN.chain_id)
    message = encode_typed_data(full_message=data)
    assert Account.recover_message(message, signature=bound.identity.binding(bound.hours)) == bound.identity.address


def test_an_outage_is_sent_as_backlog_in_order_and_then_signed() -> None:
    sent = week(device(3, (Incident.OUTAGE, 1)))
    outage = device(3, (Incident.OUTAGE, 1)).machine.assignment.scripts[0]
    assert not [each for each in sent if outage.start <= each.at < outage.end]
    flushed = [each for each in sent if each.at == outage.end]
    kinds = [each.kind for each in flushed]
    assert kinds == [*[Kind.BACKLOG] * (len(kinds) - 2), Kind.RECORD, Kind.CHECKPOINT]
    kept = [decoding.record_of(each.payload) for each in flushed[:-1]]
    assert kept[0].at == outage.start and [each.at for each in kept] == sorted(each.at for each in kept)
    assert decoding.checkpoint_of(flushed[-1].payload).sequence == kept[-1].sequence


def test_an_escape_of_minutes_is_out_and_back_in_its_time() -> None:
    assignment = fleet.draw_assignment(1, 2, [Scripted(Incident.ESCAPE, START + 180, START + 900)])
    escaping = fleet.draw_device(1, fleet.draw_identity(1, 2, DOMAIN), assignment, START, Schedule(10, 10))
    messages, machine = Fleet([escaping]).messages, escaping.machine
    list(messages(START + 541))
    assert assignment.ground.beyond(machine.truth().point) > 0
    list(messages(START + 901))
    assert machine.truth().point == machine.place


def test_a_clone_parts_from_the_chain_with_the_same_key() -> None:
    sent = week(device(4, (Incident.FORK, 1)))
    heads = defaultdict(set)
    for record in records(sent):
        heads[record.sequence].add((record.hash, record.previous))
    forked = sorted(sequence for sequence, found in heads.items() if len(found) == 2)
    assert forked == list(range(forked[0], forked[-1] + 1))
    assert len({previous for _, previous in heads[forked[0]]}) == 1, "both go on from the same record"
    assert len(heads[forked[-1] + 1]) == 1
    signed = [decoding.checkpoint_of(each.payload) for each in sent if each.kind == Kind.CHECKPOINT]
    assert all(checkpoints.is_signed_by(DOMAIN, each, device(4).identity.address) for each in signed)


def test_bad_signatures_are_signed_by_another_key() -> None:
    bad = device(5, (Incident.BAD_SIGNATURE, 1))
    sent, script = week(bad), bad.machine.assignment.scripts[0]
    for each in sent:
        if each.kind == Kind.CHECKPOINT:
            valid = checkpoints.is_signed_by(DOMAIN, decoding.checkpoint_of(each.payload), bad.identity.address)
            assert valid != (script.start <= each.at < script.end)
