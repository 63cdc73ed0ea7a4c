"""Which messages count, and for what: metered hours, refusals, what the rules are told."""

from dataclasses import replace

import pytest
from coincurve import PrivateKey

from backend.telemetry import consumer, intake
from backend.telemetry.errors import (
    ChainForked,
    CheckpointContradicted,
    ClockAhead,
    DeviceUnbound,
    EpochOver,
    EpochUnbound,
    MachineOther,
    SequenceAhead,
    SignatureForged,
    TenantOther,
)
from backend.telemetry.intake import MOST_AHEAD_S, MOST_AT_ONCE, Intake, Outcome, Reading
from backend.telemetry.record import Message, Record
from backend.telemetry.registry import Machine
from backend.telemetry.rules.input import Breach, Sealed
from backend.telemetry.runs import MOST_RUNS
from backend.telemetry.topics import Kind
from tests.backend.telemetry.machines import DOMAIN, MINUTE, START, Device, registered

HOUR = 100
"""Of a meter."""


class Taker:
    """A machine whose messages are taken in, with a memory of all its records as the database has it."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.intake, self.records = machine, Intake(), {}

    def take(self, *messages: Message) -> Outcome:
        batch = consumer.sort(messages)
        arrivals = batch.arrivals.get(self.machine.id, [])
        outcome = intake.take(self.machine, DOMAIN, self.intake, arrivals, self.recall)
        for record in (arrival.content for arrival in outcome.kept):
            assert self.records.setdefault((record.epoch, record.sequence), record) is record
        outcome.refused += batch.refused
        return outcome

    def recall(self, epoch: int, first: int, last: int) -> dict[int, Record]:
        return {each: found for each in range(first, last + 1) if (found := self.records.get((epoch, each)))}

    @property
    def seen(self) -> Reading:
        return intake.seen(self.machine, self.intake)

    @property
    def sealed(self) -> Reading:
        return intake.sealed(self.machine, self.intake)


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def taker(device: Device) -> Taker:
    return Taker(registered(device))


def reasons(outcome: Outcome) -> list[type]:
    return [type(refusal.reason) for refusal in outcome.refused]


def sequences(outcome: Outcome) -> list[int]:
    return [arrival.content.sequence for arrival in outcome.kept]


def breaches(outcome: Outcome) -> list[str]:
    return [each.reason for each in outcome.inputs if isinstance(each, Breach)]


def live(outcome: Outcome) -> list[int]:
    return [each.sequence for each in outcome.inputs if isinstance(each, Record)]


def seals(outcome: Outcome) -> list[int]:
    return [each.sequence for each in outcome.inputs if isinstance(each, Sealed)]


# Order


def test_records_in_order_are_kept_metered_and_told_to_the_rules(taker: Taker, device: Device):
    outcome = taker.take(*device.records(60))
    assert (sequences(outcome), live(outcome)) == (list(range(1, 61)),) * 2
    assert taker.seen == (device.hours, device.fuel)
    assert taker.sealed == (registered(Device()).bindings[0].meter_start, 0)


def test_case_36_a_duplicate_is_counted_and_changes_nothing(taker: Taker, device: Device):
    messages = device.records(10)
    taker.take(*messages)
    before = taker.seen
    outcome = taker.take(*messages, *messages[::-1])
    assert (outcome.duplicates, outcome.kept, outcome.refused, outcome.inputs) == (20, [], [], [])
    assert taker.seen == before


def test_case_36_a_duplicate_within_a_batch_counts_once(taker: Taker, device: Device):
    one, two = device.records(2)
    outcome = taker.take(one, one, two, one, two)
    assert (sequences(outcome), outcome.duplicates) == ([1, 2], 3)


def test_case_36_a_replay_of_everything_much_later_is_known_without_its_records(taker: Taker, device: Device):
    messages = device.records(10)
    taker.take(*messages)
    taker.records.clear()  # as after the time for which single records are kept
    assert taker.take(*messages[:-1]).duplicates == 9


def test_case_36_a_gap_loses_no_hour(taker: Taker, device: Device):
    messages = device.records(10)
    outcome = taker.take(*messages[:3], *messages[7:])
    assert (sequences(outcome), live(outcome)) == ([1, 2, 3, 8, 9, 10],) * 2
    assert taker.seen.hours == device.hours


def test_case_36_what_fills_a_gap_is_history_it_meters_nothing_and_alarms_nobody(taker: Taker, device: Device):
    messages = device.records(10)
    taker.take(*messages[:3], *messages[7:])
    before = taker.seen
    outcome = taker.take(*messages[3:7])
    assert (sequences(outcome), outcome.history, outcome.inputs) == ([4, 5, 6, 7], 4, [])
    assert taker.seen == before


@pytest.mark.parametrize("order", [[2, 1, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]])
def test_case_36_order_does_not_change_what_is_metered(taker: Taker, device: Device, order: list[int]):
    messages = device.records(3)
    for place in order:
        taker.take(messages[place])
    assert len(taker.records) == 3
    assert taker.seen == (device.hours, device.fuel)
    assert taker.intake.devices[1].runs.items[0].last == 3
    assert len(taker.intake.devices[1].runs.items) == 1


def test_more_gaps_than_are_remembered_lose_no_record_and_find_forks(taker: Taker, device: Device):
    messages = device.records(4 * MOST_RUNS)
    taker.take(*messages[::2])
    assert len(taker.intake.devices[1].runs.items) == MOST_RUNS
    forged = device.message(messages[5].payload.replace(b'"speed":12', b'"speed":13'))
    outcome = taker.take(forged, *messages)
    assert reasons(outcome) == [ChainForked]
    assert (len(taker.records), outcome.duplicates) == (4 * MOST_RUNS, 2 * MOST_RUNS)


# Forks


def test_case_36_another_record_of_the_same_number_is_a_fork(taker: Taker, device: Device):
    twin = Device()
    taker.take(*device.records(5))
    outcome = taker.take(twin.record(hours=device.hours + 50))
    assert (reasons(outcome), outcome.kept, breaches(outcome)) == ([ChainForked], [], ["fork"])


def test_case_36_a_second_head_of_one_chain_is_a_fork(taker: Taker, device: Device):
    """A device copied after record 5 goes on in two places."""
    twin = Device()
    taker.take(*device.records(5))
    for _ in range(5):
        twin.payload()
    one, other = device.record(speed=1), twin.record(speed=2)
    outcome = taker.take(one, other, device.record())
    assert (sequences(outcome), reasons(outcome)) == ([6, 7], [ChainForked])
    assert taker.take(twin.record()).refused[0].reason.values == {"machine": 7, "sequence": 7}


def test_case_36_history_that_fits_no_neighbour_is_a_fork(taker: Taker, device: Device):
    messages = device.records(7)
    taker.take(*messages[:2], *messages[5:])
    not_after_2 = messages[3].payload.replace(b'"sequence":4', b'"sequence":3')
    not_before_6 = messages[4].payload.replace(b'"speed":12', b'"speed":13')
    outcome = taker.take(device.message(not_after_2), device.message(not_before_6), *messages[2:5])
    assert (reasons(outcome), sequences(outcome)) == ([ChainForked] * 2, [3, 4, 5])


def test_case_36_a_chain_that_begins_with_another_than_zeros_is_a_fork(taker: Taker, device: Device):
    assert reasons(taker.take(device.record(previous="1" * 64))) == [ChainForked]


def test_case_36_a_fork_shows_tampering_once_however_often_it_comes(taker: Taker, device: Device):
    taker.take(*device.records(2))
    forged = Device().record(speed=99)
    assert breaches(taker.take(forged, forged)) == ["fork"]
    assert breaches(taker.take(forged)) == []


def test_case_36_a_number_far_ahead_does_not_make_history_of_what_follows(taker: Taker, device: Device):
    taker.take(device.record())
    most = 1 + MINUTE + MOST_AT_ONCE
    ahead = [Device().message(Device().payload(at=device.at + MINUTE, sequence=each)) for each in (most + 1, 2**48 - 1)]
    assert reasons(taker.take(*ahead)) == [SequenceAhead] * 2
    assert live(taker.take(*device.records(3))) == [2, 3, 4]
    at_most = Device().message(Device().payload(at=device.at + MINUTE, sequence=4 + MINUTE + MOST_AT_ONCE))
    assert reasons(taker.take(at_most)) == []


# Late


def test_case_37_late_records_meter_but_are_not_told_to_the_rules(taker: Taker, device: Device):
    taker.take(*device.records(2))
    outcome = taker.take(*device.records(5, Kind.BACKLOG))
    assert (len(outcome.kept), outcome.inputs) == (5, [])
    assert taker.seen == (device.hours, device.fuel)
    assert live(taker.take(device.record())) == [8]


def test_case_37_a_late_fork_is_refused_without_an_alarm(taker: Taker, device: Device):
    taker.take(*device.records(2))
    outcome = taker.take(Device().record(Kind.BACKLOG, speed=99))
    assert (reasons(outcome), outcome.inputs) == ([ChainForked], [])


def test_a_machine_that_only_sends_backlog_is_not_heard(taker: Taker, device: Device):
    taker.take(*device.records(5), device.checkpoint())
    heard = taker.intake.signed
    assert (heard.sequence, heard.at, heard.received_at) == (5, device.at, device.at + 1)
    taker.take(*device.records(5, Kind.BACKLOG), device.checkpoint())
    assert taker.intake.signed == heard
    assert taker.sealed.hours == device.hours


def test_a_machine_is_heard_as_far_as_its_live_records_are_signed(taker: Taker, device: Device):
    messages = device.records(5)
    signed = device.checkpoint()
    taker.take(*messages)
    assert taker.intake.signed.sequence == 0
    taker.take(device.record(), signed)  # a record overtakes the checkpoint
    assert taker.intake.signed.sequence == 1
    taker.take(device.record(), device.checkpoint())
    assert taker.intake.signed.sequence == 7


# Signatures


def test_a_checkpoint_seals_what_is_linked_to_it(taker: Taker, device: Device):
    outcome = taker.take(*device.records(60), device.checkpoint())
    assert seals(outcome) == [60]
    assert taker.sealed == taker.seen == (device.hours, device.fuel)
    assert taker.intake.devices[1].runs.items[0].sealed == 60


def test_a_checkpoint_that_comes_before_its_record_waits_for_it(taker: Taker, device: Device):
    *messages, last = device.records(5)
    outcome = taker.take(*messages, device.checkpoint())
    assert (seals(outcome), reasons(outcome)) == ([], [])
    assert taker.sealed.hours == device.hours
    assert seals(taker.take(last)) == [5]


def test_case_36_a_record_other_than_the_signed_one_is_a_fork(taker: Taker, device: Device):
    messages = device.records(5)
    taker.take(*messages[:4], device.checkpoint())
    forged = device.message(messages[4].payload.replace(b'"speed":12', b'"speed":13'))
    assert reasons(taker.take(forged)) == [ChainForked]
    assert seals(taker.take(messages[4])) == [5]


def test_case_36_a_checkpoint_by_another_key_meters_nothing_and_shows_tampering(taker: Taker, device: Device):
    messages = device.records(5)
    forged = device.checkpoint(PrivateKey())
    outcome = taker.take(*messages, forged, forged)
    assert (reasons(outcome), breaches(outcome)) == ([SignatureForged] * 2, ["bad_signature"])
    assert (outcome.checkpoints, seals(outcome), taker.sealed.fuel) == ([], [], 0)


@pytest.mark.parametrize("figure", ["at", "hours", "fuel"])
def test_case_36_a_checkpoint_that_says_other_figures_than_its_record_is_refused(taker, device: Device, figure: str):
    taker.take(*device.records(5))
    outcome = taker.take(device.checkpoint(**{figure: getattr(device, figure) + 1}))
    assert (reasons(outcome), breaches(outcome)) == ([CheckpointContradicted], ["fork"])
    assert taker.sealed.fuel == 0


def test_case_36_a_checkpoint_over_another_head_is_refused(taker: Taker, device: Device):
    messages = device.records(5)
    taker.take(*messages)
    for sequence in (3, 5):
        record = taker.records[1, sequence]
        figures = {"sequence": sequence, "at": record.at, "hours": record.hours, "fuel": record.fuel}
        assert reasons(taker.take(device.checkpoint(**figures, head="1" * 64))) == [CheckpointContradicted]
        assert reasons(taker.take(device.checkpoint(**figures, head=record.hash))) == []


def test_an_older_checkpoint_meters_nothing(taker: Taker, device: Device):
    messages = device.records(5)
    older = device.checkpoint()
    messages += device.records(5)
    taker.take(*messages, device.checkpoint())
    before = taker.sealed
    outcome = taker.take(older)
    assert (len(outcome.checkpoints), taker.sealed) == (1, before)


def test_what_is_not_linked_to_a_checkpoint_is_not_sealed_by_it(taker: Taker, device: Device):
    messages = device.records(10)
    taker.take(*messages[:3], *messages[5:], device.checkpoint())
    runs = taker.intake.devices[1].runs.items
    assert [(run.first, run.last, run.sealed) for run in runs] == [(1, 3, 0), (6, 10, 10)]
    taker.take(*messages[3:5])
    assert [(run.first, run.last, run.sealed) for run in runs] == [(1, 10, 10)]


def test_the_first_seal_after_a_break_is_not_told_to_the_rules(taker: Taker, device: Device):
    """Who can send as the device, but not sign, must not clear an alarm: its record stands before the break."""
    assert seals(taker.take(*device.records(5), device.checkpoint())) == [5]
    forger = Device()
    forger.sequence, forger.head, forger.at, forger.hours = device.sequence, device.head, device.at, device.hours
    assert live(taker.take(forger.record(speed=0))) == [6]
    outcome = taker.take(*device.records(5), device.checkpoint())
    assert (reasons(outcome), live(outcome), seals(outcome)) == ([ChainForked] * 2, [8, 9, 10], [])
    assert seals(taker.take(*device.records(5), device.checkpoint())) == [15]
    assert seals(taker.take(*device.records(5), device.checkpoint())) == [20]


def test_a_seal_over_a_gap_that_was_filled_is_told(taker: Taker, device: Device):
    messages = device.records(10)
    taker.take(*messages[:3], *messages[5:], *messages[3:5])
    assert seals(taker.take(device.checkpoint())) == [10]


# Clocks


def test_case_36_a_clock_up_to_five_minutes_ahead_is_believed(taker: Taker, device: Device):
    message = device.record(at=device.at + MINUTE)
    for ahead, expected in ((MOST_AHEAD_S, []), (MOST_AHEAD_S + 1, [ClockAhead])):
        early = message._replace(received_at=device.at - ahead)
        assert reasons(Taker(taker.machine).take(early)) == expected


def test_case_36_a_clock_behind_is_kept_and_gives_no_time_to_meter(taker: Taker, device: Device):
    taker.take(*device.records(10))
    before = taker.seen.hours
    outcome = taker.take(device.record(at=START + 1, hours=before + 10 * HOUR))
    assert (len(outcome.kept), reasons(outcome)) == (1, [])
    assert taker.seen.hours - before <= HOUR // 10


# Meters


def test_case_39_a_meter_that_is_turned_back_is_frozen_until_it_is_past_where_it_was(taker: Taker, device: Device):
    taker.take(*device.records(60))
    before = taker.seen.hours
    device.hours -= 10 * HOUR
    outcome = taker.take(*device.records(60))
    assert (len(outcome.kept), len(live(outcome)), taker.seen.hours) == (60, 60, before)
    taker.take(*device.records(60 * 9 - 30))
    assert taker.seen.hours == before
    taker.take(*device.records(90))
    assert taker.seen.hours == device.hours > before


def test_case_39_a_meter_that_jumps_ahead_is_followed_no_faster_than_time(taker: Taker, device: Device):
    taker.take(*device.records(60))
    before = taker.seen.hours
    device.hours += 500 * HOUR
    taker.take(*device.records(120))
    assert before + 2 * HOUR <= taker.seen.hours <= before + 2 * HOUR * 102 // 100 + HOUR // 10


def test_case_39_one_wrong_reading_costs_a_tenth_of_an_hour_at_most(taker: Taker, device: Device):
    taker.take(*device.records(60))
    taker.take(device.record(hours=device.hours + 900 * HOUR))
    taker.take(*device.records(60))
    assert device.hours <= taker.seen.hours <= device.hours + HOUR // 10


def test_case_39_a_meter_that_stands_meters_nothing_and_goes_on_from_where_it_stood(taker: Taker, device: Device):
    stood = device.hours
    for _ in range(300):
        taker.take(device.record(hours=stood))
    assert taker.seen.hours == stood
    device.hours = stood
    taker.take(*device.records(60))
    assert taker.seen.hours == device.hours == stood + HOUR


def test_case_39_a_meter_in_steps_of_a_tenth_of_an_hour_is_followed_exactly(taker: Taker, device: Device):
    device.step = HOUR // 10
    for _ in range(600):
        taker.take(device.record())
        assert taker.seen.hours == device.shown
    assert taker.seen.hours == device.hours


def test_case_39_fuel_that_falls_is_metered_as_what_it_was(taker: Taker, device: Device):
    taker.take(*device.records(10))
    before = taker.seen.fuel
    taker.take(device.record(fuel=5))
    assert taker.seen.fuel == before


def test_case_39_a_swapped_device_goes_on_from_the_signed_start(taker: Taker, device: Device):
    taker.take(*device.records(600), device.checkpoint())
    first = taker.seen
    second = Device(epoch=2, hours=3 * HOUR, at=device.at + 3600)
    taker.machine = replace(taker.machine, bindings=(*taker.machine.bindings, second.binding))
    taker.take(*second.records(600), second.checkpoint())
    assert taker.seen.hours == first.hours + 10 * HOUR
    assert taker.sealed.hours == first.hours + 10 * HOUR
    assert taker.seen.fuel == first.fuel + 599 * 3


def test_case_39_a_device_that_shows_less_than_at_its_binding_takes_nothing_away(taker: Taker, device: Device):
    taker.take(*device.records(600))
    first = taker.seen.hours
    second = Device(epoch=2, hours=3 * HOUR, at=device.at + 3600)
    taker.machine = replace(taker.machine, bindings=(*taker.machine.bindings, second.binding))
    second.hours = 0
    taker.take(*second.records(60))
    assert taker.seen.hours == first


def test_case_39_the_backlog_of_a_replaced_device_meters_until_its_replacement_only(taker: Taker, device: Device):
    taker.take(*device.records(60))
    second = Device(epoch=2, hours=0, at=device.at + 30 * MINUTE)
    taker.machine = replace(taker.machine, bindings=(*taker.machine.bindings, second.binding))
    taker.take(*second.records(5))
    before = taker.seen.hours
    outcome = taker.take(*device.records(60))
    assert (sequences(outcome), live(outcome)) == (list(range(61, 91)), [])
    assert reasons(outcome) == [EpochOver] * 30
    assert taker.seen.hours == before + HOUR // 2


# Whose


@pytest.mark.parametrize("epoch", [2, 65_535])
def test_case_36_a_device_that_is_not_bound_is_refused(taker: Taker, epoch: int):
    stranger = Device(epoch=epoch)
    outcome = taker.take(stranger.record(), stranger.checkpoint())
    assert reasons(outcome) == [EpochUnbound] * 2
    assert outcome.refused[0].reason.values == {"machine": 7, "epoch": epoch, "bound": 1}


def test_case_35_a_message_of_another_tenant_or_machine_is_refused(taker: Taker, device: Device):
    message = device.record()
    of_another = message._replace(topic=message.topic.replace("p3", "p4"))
    not_its_own = message._replace(topic="heqi/1/p3/s08/m8/record")
    assert reasons(taker.take(of_another, not_its_own)) == [TenantOther, MachineOther]


def test_every_message_of_a_machine_without_a_device_is_refused(device: Device):
    arrivals = consumer.sort([device.record(), device.checkpoint()]).arrivals[7]
    outcome = intake.refuse(arrivals)
    assert reasons(outcome) == [DeviceUnbound] * 2


# Batches


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_case_36_cutting_messages_into_other_batches_changes_nothing(device: Device, size: int):
    messages: list[Message] = []
    for _ in range(6):
        messages += [*device.records(20), *device.records(3, Kind.BACKLOG), device.checkpoint()]
    del messages[30:35]
    messages += messages[10:20]
    whole, parts = Taker(registered(Device())), Taker(registered(Device()))
    told = whole.take(*messages).inputs
    told_in_parts = [
        each for start in range(0, len(messages), size) for each in parts.take(*messages[start : start + size]).inputs
    ]
    assert (told_in_parts, parts.intake, parts.records) == (told, whole.intake, whole.records)
