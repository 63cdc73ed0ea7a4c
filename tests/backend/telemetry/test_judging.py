"""By which papers a machine is judged."""

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from backend import store
from backend.telemetry import consumer, kept
from backend.telemetry.alarms import Alarm
from backend.telemetry.judging import Papers, judging, pauses, read
from backend.telemetry.registry import Binding, Machine, Window
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.context import FOREVER, Pause
from tests.backend.telemetry.machines import PARTY, Bound, Device, registered, run
from tests.backend.telemetry.rules.machine import annex_of, square

AWAY = {"lat": 400_000_000, "lon": 1_163_000_000, "acc": 25, "sats": 9}


def leased(annex: Annex, device: Device) -> Machine:
    machine = registered(device)
    return Machine(machine.id, machine.party, machine.bindings, rules_hash=annex.hash)


def test_without_a_lease_the_newest_rules_apply_anywhere():
    machine = Machine(7, PARTY, ())
    found = judging(machine, Papers({}, {}))
    assert (found.rules, found.annex) == (ruleset.load(), None)
    assert (found.context.pauses, found.context.model, found.context.tank) == ((), None, None)


def test_a_lease_brings_its_rules_and_region_and_the_profile_model_and_tank():
    annex = square(1_000)
    machine = leased(annex, Device())
    found = judging(machine, Papers({annex.hash: annex}, {7: ("excavator_21t", 4_000)}))
    assert (found.rules.hash, found.annex) == (annex.rules_hash, annex)
    assert (found.context.model, found.context.tank) == ("excavator_21t", 4_000)


@pytest.mark.parametrize(
    ("standby", "locks", "merged"),
    [
        ([(10, 20)], [(30, 40)], [(10, 20), (30, 40)]),
        ([(30, 40)], [(10, 30)], [(10, 40)]),
        ([(10, 50)], [(20, 30)], [(10, 50)]),
        ([(10, 20)], [(15, None)], [(10, FOREVER)]),
        ([], [(5, None), (1, 2)], [(1, 2), (5, FOREVER)]),
    ],
)
def test_pauses_are_in_order_and_apart(standby, locks, merged):
    windows = [tuple(Window(*each) for each in kind) for kind in (standby, locks)]
    machine = Machine(7, PARTY, (Binding(1, "0x", 0, 0),), None, *windows)
    assert pauses(machine) == tuple(Pause(*each) for each in merged)


def test_an_annex_that_cannot_be_read_harms_no_other_lease():
    annex = annex_of(None)
    document = ruleset.canonical(annex.document)
    assert read({"0x01": b"{", annex.hash: document}) == {"0x01": None, annex.hash: annex}


def test_a_machine_is_judged_by_the_annex_that_is_kept(engine: Engine):
    device, annex = Device(), square(1_000)
    registry = Bound(leased(annex, device))
    with store.writing(engine) as tx:
        kept.put_annex(tx, annex)
        kept.put_annex(tx, annex)
    run(engine, registry, [[*device.records(5), *(device.record(fix=AWAY) for _ in range(40))]])
    with store.reading(engine) as tx:
        assert [each.alarm.alarm for each in kept.alarms(tx, 7, None, 10)] == [Alarm.REGION]


def test_without_its_annex_a_machine_is_judged_without_a_region(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    device = Device()
    registry = Bound(leased(square(1_000), device))
    monkeypatch.setattr(consumer, "REFRESH_S", 0)
    with capture_logs() as logs:
        run(engine, registry, [[device.record(fix=AWAY) for _ in range(20)] for _ in range(3)])
    assert registry.asked >= 3
    assert [line["event"] for line in logs] == ["annexes_missing"], "told once"
    with store.reading(engine) as tx:
        assert kept.alarms(tx, 7, None, 10) == []


def test_a_profile_is_replaced(engine: Engine):
    with store.writing(engine) as tx:
        kept.put_profile(tx, 7, "excavator_6t", None)
        kept.put_profile(tx, 7, "excavator_21t", 4_000)
        assert kept.profiles(tx) == {7: ("excavator_21t", 4_000)}
