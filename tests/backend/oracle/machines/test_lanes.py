"""From what machines report to readings and alarms on chain: two of three, each lane on its own."""

from backend import store
from backend.chain.device_reports import minute_of, second_of
from backend.chain.keys import development_key
from backend.chain.wallet import Wallet
from backend.config import Duty
from backend.oracle.machines.proposals import Lane
from backend.oracle.rounds import State
from backend.records import device_rounds
from backend.telemetry.alarms import Alarm, Severity
from tests.backend.oracle.machines.site import STRANGER, Site
from tests.backend.oracle.parts import SIGNERS


def severity(site: Site, machine: int, alarm: Alarm) -> Severity:
    return Severity(site.market.read("DeviceOracle", "severityOf", machine, alarm))


def test_a_device_that_speaks_for_the_first_time_is_told_to_the_chain(site: Site):
    device = site.machine()
    site.take(*device.work(5))
    counted = site.push(Lane.ALARMS)
    assert (counted.state, len(counted.signatures)) == (State.COUNTED, 2)
    assert site.status(device.machine) == {
        "at": site.status(device.machine)["at"],
        "sequence": 1,
        "epoch": 1,
        "alarms": 0,
        "held": False,
    }


def test_sealed_hours_and_fuel_become_a_reading(site: Site):
    device = site.machine()
    site.take(*device.work(120))
    assert site.push(Lane.READINGS).state is State.COUNTED
    assert site.reading(device.machine) == {
        "tenths": device.hours // 10,
        "litres": device.fuel // 10,
        "at": second_of(minute_of(device.at)),
    }


def test_an_alarm_goes_on_chain_and_clears_by_signed_records_only(site: Site):
    device = site.machine()
    site.take(*device.work(5))
    site.push(Lane.ALARMS)
    site.take(device.record(hours=4_000))
    site.push(Lane.ALARMS)
    assert severity(site, device.machine, Alarm.HOUR_METER) is Severity.CRITICAL
    site.take(*device.records(10))
    assert site.leaders[Lane.ALARMS].step() is None
    site.take(device.checkpoint())
    site.push(Lane.ALARMS)
    assert severity(site, device.machine, Alarm.HOUR_METER) is Severity.CLEAR
    assert site.status(device.machine)["sequence"] == 3


def test_a_forged_checkpoint_is_an_alarm(site: Site):
    device = site.machine()
    site.take(*device.work(5), *device.records(3), device.checkpoint(STRANGER))
    site.push(Lane.ALARMS)
    assert severity(site, device.machine, Alarm.TAMPER) >= Severity.MAJOR


def test_a_signer_holds_a_machine_and_a_hold_changes_no_alarm(site: Site):
    device = site.machine()
    site.take(*device.work(5))
    site.push(Lane.ALARMS)
    wallet = Wallet(site.market.rpc, site.market.suite, development_key(SIGNERS[Duty.AUDITOR]))
    wallet.send("DeviceOracle", "hold", device.machine)
    site.take(device.record(hours=4_000))
    site.push(Lane.ALARMS)
    assert site.status(device.machine)["held"] is True
    assert severity(site, device.machine, Alarm.HOUR_METER) is Severity.CRITICAL


def test_rounds_are_counted_by_lane_and_state(site: Site):
    device = site.machine()
    site.take(*device.work(5))
    site.push(Lane.ALARMS)
    site.leaders[Lane.READINGS].step()
    with store.reading(site.engine) as tx:
        assert device_rounds.counts(tx) == {("alarms", "counted"): 1, ("readings", "proposed"): 1}
