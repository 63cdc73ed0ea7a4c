"""From the broker to the database: nothing lost, nothing twice, whatever fails and whenever."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from coincurve import PrivateKey
from sqlalchemy import URL, Engine, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from backend import store
from backend.crashpoints import crash_point
from backend.store import feed
from backend.store.tables import (
    feed as feed_rows,
)
from backend.store.tables import (
    machine_alarms,
    machine_checkpoints,
    machine_quarantine,
    machine_states,
)
from backend.telemetry import consumer, kept
from backend.telemetry.alarms import Alarm, Phase, alarm_word
from backend.telemetry.consumer import Consumer
from backend.telemetry.record import Message, Record
from backend.telemetry.registry import Machine
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.topics import Kind
from tests.backend.telemetry.machines import DOMAIN, START, Bound, Broker, Device, registered, run

HOUR_S = 3_600
LESSOR, LESSEE = 3, 9
CRASH_POINTS = ("messages_received", "messages_written", "messages_committed")


class PowerCut(BaseException):
    """The process is gone."""


def rows(engine: Engine, table: Any, *but: str) -> list[tuple[Any, ...]]:
    """All of a table in a fixed order, without the columns `but`."""
    columns = [each for each in table.columns if each.name not in but]
    with store.reading(engine) as tx:
        return sorted((tuple(row) for row in tx.execute(select(*columns))), key=repr)


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """What must not depend on failures, duplicates and batches."""
    return {
        "records": records(engine),
        "checkpoints": rows(engine, machine_checkpoints),
        "states": rows(engine, machine_states),
        "alarms": rows(engine, machine_alarms, "id"),
        "quarantine": rows(engine, machine_quarantine, "id", "times", "last_at", "first_at"),
        "told": [
            (row[0], row[1], {name: value for name, value in row[2].items() if name != "id"})
            for row in rows(engine, feed_rows, "id", "xid", "block", "topic")
        ],
    }


def records(engine: Engine) -> list[tuple[Record, bool]]:
    """Of all machines, with whether they were late."""
    with store.reading(engine) as tx:
        machines = sorted(kept.standings(tx))
        return [each for machine in machines for each in sorted(kept.track(tx, machine, 0, 1 << 40))]


def standing(engine: Engine, machine: int = 7) -> kept.Standing:
    with store.reading(engine) as tx:
        return kept.standings(tx, [machine])[machine]


def counted(engine: Engine) -> dict[str, int]:
    with store.reading(engine) as tx:
        return kept.counts(tx)


def batches(messages: Sequence[Message], size: int = 500) -> list[Sequence[Message]]:
    return [messages[start : start + size] for start in range(0, len(messages), size)]


def hearing(device: Device) -> Bound:
    machine = registered(device)
    return Bound(Machine(machine.id, machine.party, machine.bindings, hearers=(LESSOR, LESSEE)))


# What is kept


def test_what_a_machine_reports_is_kept_metered_and_counted(engine: Engine):
    device = Device()
    registry = Bound(registered(device))
    messages = [*device.records(60), device.checkpoint(), *device.records(3, Kind.BACKLOG)]
    run(engine, registry, [messages])
    found = standing(engine)
    assert (found.epoch, found.at, found.hours, found.fuel) == (1, device.at, device.hours, device.fuel)
    assert (found.sealed_hours, found.sealed_fuel) == (device.hours - 5, device.fuel - 9)
    assert (found.live_at, found.heard_at) == (START + 3_600, START + 3_601)
    assert counted(engine) == {"record": 60, "late": 3, "checkpoint": 1}
    with store.reading(engine) as tx:
        track = kept.track(tx, 7, START, device.at + 1, 10)
        signed = kept.checkpoints_of(tx, 7, 1)
    assert [(record.sequence, late) for record, late in track[-4:]] == [(60, False), (61, True), (62, True), (63, True)]
    assert track[-1][0].hash == device.head
    assert [(each.sequence, each.hours) for each in signed] == [(60, found.sealed_hours)]


def test_case_35_what_is_refused_is_quarantined_with_its_reason_and_the_rest_goes_on(engine: Engine):
    device, stranger = Device(), Device(machine=8)
    registry = Bound(registered(device))
    good = device.record()
    refused = {
        "PayloadInvalid": [device.message(b"{"), device.message(good.payload.replace(b":12", b":NaN"))],
        "PayloadTooLarge": [device.message(b" " * 10_000_000)],
        "KeyRepeated": [device.message(good.payload.replace(b'"v":1', b'"v":1,"v":1'))],
        "TopicForeign": [good._replace(topic="heqi/1/p3/s07/m7/command"), good._replace(topic="\ud800\0x" * 90)],
        "MachineOther": [good._replace(topic="heqi/1/p3/s08/m8/record")],
        "TenantOther": [good._replace(topic="heqi/1/p4/s07/m7/record")],
        "DeviceUnbound": [stranger.record()],
        "EpochUnbound": [Device(epoch=2).record()],
        "ClockAhead": [good._replace(received_at=good.received_at - 3_600)],
        "ChainForked": [device.message(good.payload.replace(b":12", b":13"))],
        "SignatureForged": [device.checkpoint(PrivateKey())],
    }
    messages = [message for each in refused.values() for message in each]
    fork = messages.index(refused["ChainForked"][0])
    run(engine, registry, [[*messages[:fork], good, *messages[fork:], device.record()]])
    assert counted(engine) == {"record": 2} | {reason: len(each) for reason, each in refused.items()}
    with store.reading(engine) as tx:
        found = kept.quarantine(tx, None, None, 100)
        of_machine = kept.quarantine(tx, 7, None, 100)
        page = kept.quarantine(tx, None, found[4]["id"], 2)
    assert {row["reason"] for row in found} == set(refused)
    assert len(of_machine) == len(found) - 4
    assert list(page) == list(found[5:7])
    too_large = next(row for row in found if row["reason"] == "PayloadTooLarge")
    assert (len(too_large["payload"]), too_large["bytes"]) == (2_048, 10_000_000)
    assert next(row for row in found if row["reason"] == "MachineOther")["details"] == {"topic": 8, "machine": 7}


def test_case_35_the_same_refused_message_again_takes_no_more_room(engine: Engine):
    device = Device()
    message = device.message(b"{")
    run(engine, Bound(registered(device)), [[message, message], [message._replace(received_at=START + 99)]])
    with store.reading(engine) as tx:
        (row,) = kept.quarantine(tx, None, None, 10)
    assert (row["times"], row["first_at"], row["last_at"]) == (3, START + 1, START + 99)
    assert counted(engine) == {"PayloadInvalid": 3}


def test_a_device_that_was_just_bound_is_asked_for_before_its_message_is_refused(engine: Engine):
    device = Device()

    class JustBound(Bound):
        def refresh(self) -> bool:
            if self.asked:
                self.known[7] = registered(Device())
            return super().refresh()

    registry = JustBound()
    other = Device(machine=8)
    registry.known[8] = registered(other)
    run(engine, registry, [[other.record()], [device.record()]])
    assert counted(engine) == {"record": 2}


def test_the_chain_is_looked_at_though_nobody_speaks(engine: Engine):
    bound = Bound()
    assert Consumer(engine, Broker(), bound, DOMAIN).step(0) == 0
    assert bound.asked == 1


def test_a_fault_over_one_machine_stops_no_other_and_does_not_stay(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    good, unlucky = Device(), Device(machine=8)
    registry = Bound(registered(good), registered(unlucky))

    def faulty(rules, annex, context, state, inputs):
        if any(each.machine == 8 and each.sequence == 2 for each in inputs):
            raise ZeroDivisionError
        return evaluate(rules, annex, context, state, inputs)

    monkeypatch.setattr(consumer, "evaluate", faulty)
    run(engine, registry, [[good.record(), unlucky.record()] for _ in range(3)])
    assert counted(engine) == {"record": 5, "NotJudged": 1}
    assert standing(engine, 8).hours == unlucky.hours
    with store.reading(engine) as tx:
        (row,) = kept.quarantine(tx, 8, None, 10)
    assert row["details"] == {"machine": 8, "fault": "ZeroDivisionError"}


# Alarms


def test_an_alarm_has_one_open_row_and_reaches_those_who_may_hear_it(engine: Engine):
    device = Device()
    registry = hearing(device)
    run(engine, registry, [[*device.records(2), device.checkpoint(PrivateKey())]])
    with store.reading(engine) as tx:
        (alarm,) = kept.alarms(tx, 7, None, 10)
        told = feed.tail(tx, feed.Cursor())
    assert (alarm.alarm.alarm, alarm.alarm.phase) == (Alarm.TAMPER, Phase.ACTIVE)
    assert [(item.topic, item.key, item.kind) for item in told] == [
        (feed.PRIVATE, str(LESSOR), "MachineAlarmed"),
        (feed.PRIVATE, str(LESSEE), "MachineAlarmed"),
    ]
    assert told[0].payload == {
        "machine": 7,
        "id": alarm.id,
        "alarm": "tamper",
        "severity": alarm.alarm.severity.name.lower(),
        "at": alarm.alarm.changed_at,
    }
    word = alarm_word({Alarm.TAMPER: alarm.alarm.severity})
    assert (standing(engine).alarms, standing(engine).alarms_sequence) == (word, 2 if word else 1)


def test_the_database_refuses_a_second_open_alarm_of_a_kind(engine: Engine):
    device = Device()
    run(engine, Bound(registered(device)), [[*device.records(2), device.checkpoint(PrivateKey())]])
    with store.reading(engine) as tx:
        (alarm,) = kept.open_alarms(tx, [7]).values()
    again = kept.KeptAlarm(0, 7, 1, 1, alarm.alarm)
    with pytest.raises(IntegrityError), store.writing(engine) as tx:
        kept.put_alarm(tx, again)


# Failures


def cut_at(monkeypatch: pytest.MonkeyPatch, wanted: str, turn: int = 1) -> None:
    """Ends the consumer when it comes to a crash point for that time."""
    turns = iter(range(1, 1_000_000))

    def cut(name: str) -> None:
        if name == wanted and next(turns) == turn:
            raise PowerCut
        crash_point(name)

    monkeypatch.setattr(consumer, "crash_point", cut)


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_case_37_a_consumer_that_dies_at_any_point_loses_nothing_and_meters_nothing_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, point: str
):
    device = Device()
    registry = Bound(registered(device))
    messages = [*device.records(200), device.checkpoint()]
    source = Broker(batches(messages, 50))
    cut_at(monkeypatch, point, turn=2)
    dying = Consumer(engine, source, registry, DOMAIN)
    with pytest.raises(PowerCut):
        while dying.step(0):
            pass
    monkeypatch.undo()
    run(engine, registry, source.broken().waiting)
    assert (standing(engine).hours, standing(engine).sealed_hours) == (device.hours, device.hours)
    assert len(records(engine)) == 200
    assert counted(engine)["record"] == 200


def test_case_37_after_an_outage_a_burst_of_buffered_messages_meters_and_alarms_nobody(engine: Engine):
    """Twenty machines were away for 2,000 minutes each, in which nothing worked: idle for more than a day."""
    devices = [Device(number) for number in range(1, 21)]
    registry = Bound(*(registered(device) for device in devices))
    before = [device.record() for device in devices]
    for device in devices:
        device.works = False
    burst = [message for device in devices for message in device.records(1_999, Kind.BACKLOG)]
    assert len(burst) == 39_980
    run(engine, registry, [before, *batches(burst, 2_000)])
    found = counted(engine)
    assert (found["record"], found["late"], sum(found.values())) == (20, 39_980, 40_000)
    assert rows(engine, machine_alarms) == []
    assert {standing(engine, device.machine).at for device in devices} == {START + 2_000 * 60}


def test_case_37_a_transaction_that_fails_at_its_end_is_done_again_from_the_start(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    device = Device()
    source = Broker([[device.record()], [*device.records(50), device.checkpoint()]])
    living = Consumer(engine, source, Bound(registered(Device())), DOMAIN)
    assert living.step(0) == 1

    def fails(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as full:
        full.setattr(kept, "count", fails)
        with pytest.raises(OperationalError):
            living.step(0)
    assert (len(records(engine)), source.given != []) == (1, True)
    assert living.step(0) == 51
    assert counted(engine) == {"record": 51, "checkpoint": 1}
    assert (standing(engine).sealed_hours, len(records(engine))) == (device.hours, 51)


@contextmanager
def locked(engine: Engine) -> Iterator[threading.Event]:
    """The machine's row is held by somebody else until the event is set."""
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writing(engine) as tx:
            tx.execute(text("UPDATE machine_states SET epoch = epoch"))
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        yield release
    finally:
        release.set()
        thread.join()


def test_case_37_a_locked_database_delays_messages_and_loses_none(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    device = Device()
    registry = Bound(registered(device))
    run(engine, registry, [[device.record()]])
    monkeypatch.setattr("backend.store.engine.BUSY_TIMEOUT_MS", 50)
    impatient = store.connect(_impatient(engine.url))
    source = Broker([device.records(50)])
    waiting = Consumer(impatient, source, registry, DOMAIN)
    with locked(engine):
        for _ in range(2):
            with pytest.raises(OperationalError):
                waiting.step(0)
        assert source.given, "acknowledged before the commit"
    assert waiting.step(0) == 50
    assert (source.given, counted(engine)["record"], standing(engine).hours) == ([], 51, device.hours)
    impatient.dispose()


def _impatient(url: URL) -> str:
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"options": f"{url.query['options']} -clock_timeout=50"})
    return url.render_as_string(hide_password=False)
