"""What is done without messages: silent machines, and records past their time."""

import pytest
from sqlalchemy import Engine

from backend import store
from backend.days import DAY_S
from backend.telemetry import kept
from backend.telemetry.alarms import Alarm, Severity, alarm_word
from backend.telemetry.consumer import Consumer
from backend.telemetry.kept import KeptAlarm
from backend.telemetry.record import Message
from backend.telemetry.tending import FULL_S, GRACE_S, KEPT_S, QUARANTINE_S, WATCH_EVERY_S, Tending
from tests.backend.telemetry.machines import DOMAIN, START, Bound, Broker, Device, registered

HOUR_S = 3_600


class Tended:
    """A consumer and what is done beside it, on a clock of its own."""

    def __init__(self, engine: Engine, registry: Bound, now: int = START) -> None:
        self.engine, self.now = engine, now
        self.source = Broker()
        self.consumer = Consumer(engine, self.source, registry, DOMAIN)
        self.tending = Tending(engine, registry, self.consumer, range(16))

    def take(self, *messages: Message) -> None:
        """Now, or as soon as the device's clock has come to them."""
        self.now = max(self.now, *(message.received_at for message in messages))
        self.source.waiting.append([message._replace(received_at=self.now) for message in messages])
        self.consumer.step(0)

    def wait(self, seconds: int, *, is_behind: bool = False) -> None:
        self.now += seconds
        self.tending.step(self.now, is_behind=is_behind)

    def alarms(self) -> list[KeptAlarm]:
        with store.reading(self.engine) as tx:
            return kept.alarms(tx, 7, None, 10)

    def standing(self) -> kept.Standing:
        with store.reading(self.engine) as tx:
            return kept.standings(tx, [7])[7]


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def tended(engine: Engine, device: Device) -> Tended:
    made = Tended(engine, Bound(registered(device)))
    made.wait(0)
    made.take(*device.records(5), device.checkpoint())
    return made


def test_a_silent_machine_is_offline_ever_more_gravely_and_back_when_it_signs(tended: Tended, device: Device):
    seen = []
    for hours in (5, 1, 18, 48):
        tended.wait(hours * HOUR_S)
        seen.append([alarm.alarm.severity for alarm in tended.alarms()])
    assert seen == [[], [Severity.WARN], [Severity.MAJOR], [Severity.CRITICAL]]
    word = tended.standing()
    assert (word.alarms, word.alarms_sequence) == (alarm_word({Alarm.OFFLINE: Severity.CRITICAL}), 3)
    assert word.alarms_at == tended.now
    tended.take(*device.records(5))
    tended.wait(WATCH_EVERY_S)
    assert tended.standing().alarms == word.alarms, "not signed yet"
    tended.take(device.checkpoint())
    tended.wait(WATCH_EVERY_S)
    (alarm,) = tended.alarms()
    assert (alarm.alarm.cleared_at, tended.standing().alarms) == (tended.now, 0)


def test_a_machine_that_only_sends_its_backlog_is_offline(tended: Tended, device: Device):
    tended.wait(7 * HOUR_S)
    tended.take(*(message._replace(topic=message.topic.replace("record", "backlog")) for message in device.records(5)))
    tended.take(device.checkpoint())
    tended.wait(WATCH_EVERY_S)
    assert [alarm.alarm.cleared_at for alarm in tended.alarms()] == [None]


def test_a_machine_that_never_spoke_is_offline_from_its_binding_on(engine: Engine, device: Device):
    tended = Tended(engine, Bound(registered(device)))
    tended.wait(0)
    tended.wait(6 * HOUR_S - 1)
    assert tended.alarms() == []
    tended.wait(WATCH_EVERY_S)
    assert [alarm.alarm.alarm for alarm in tended.alarms()] == [Alarm.OFFLINE]
    tended.take(device.record())
    assert tended.standing().epoch == 1


def test_nobody_is_called_silent_before_what_waits_was_read(tended: Tended):
    tended.wait(24 * HOUR_S, is_behind=True)
    assert tended.alarms() == []
    tended.wait(1)
    assert len(tended.alarms()) == 1


def test_nobody_is_called_silent_for_the_time_that_we_were_away(tended: Tended, device: Device):
    again = Tended(tended.engine, Bound(registered(Device())), tended.now + 24 * HOUR_S)
    again.wait(0)
    again.wait(GRACE_S - 1)
    assert again.alarms() == []
    again.wait(1)
    assert len(again.alarms()) == 1


def test_old_records_are_thinned_to_one_in_ten_minutes_and_hours_stay(tended: Tended, device: Device):
    tended.take(*device.records(595))
    before = tended.standing()
    tended.wait(FULL_S + DAY_S)
    with store.reading(tended.engine) as tx:
        track = [record for record, _ in kept.track(tx, 7, 0, tended.now, 1_000)]
    assert [record.at % 600 < 60 for record in track[1:]] == [True] * 60
    assert track[0].sequence == 1
    after = tended.standing()
    assert (after.hours, after.sealed_hours) == (before.hours, before.sealed_hours)
    tended.take(*device.records(5))
    assert tended.standing().hours == device.hours


def test_what_came_again_after_thinning_is_still_known(tended: Tended, device: Device):
    messages = device.records(60)
    tended.take(*messages)
    tended.wait(FULL_S + DAY_S)
    tended.take(*messages)
    with store.reading(tended.engine) as tx:
        assert kept.counts(tx)["duplicate"] == 60


def test_records_and_refused_messages_go_when_their_time_is_over(tended: Tended, device: Device):
    tended.take(device.message(b"{"))
    tended.wait(QUARANTINE_S)
    with store.reading(tended.engine) as tx:
        assert len(kept.quarantine(tx, None, None, 10)) == 1
    tended.wait(KEPT_S)
    with store.reading(tended.engine) as tx:
        assert kept.quarantine(tx, None, None, 10) == []
        assert kept.track(tx, 7, 0, tended.now, 10) == []
        assert len(kept.checkpoints_of(tx, 7, 1)) == 1
