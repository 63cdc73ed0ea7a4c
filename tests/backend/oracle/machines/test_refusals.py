"""What a leader cannot get signed about a machine: signers look for themselves, and name what is wrong."""

import dataclasses

import pytest
from sqlalchemy import Engine, delete, update

from backend import store
from backend.chain.device_reports import (
    LANES,
    AlarmReport,
    Reading,
    ReadingReport,
    decode_record,
    decode_word,
    encode_record,
    encode_word,
)
from backend.config import Duty
from backend.oracle import errors
from backend.oracle.errors import ProposalInvalid, Refusal
from backend.oracle.machines import errors as refusals
from backend.oracle.machines import proposals, rounds
from backend.oracle.machines.proposals import DEADLINE_S, Lane
from backend.oracle.rounds import State
from backend.store.tables import machine_alarms, machine_checkpoints, machine_records, machine_states
from backend.telemetry.alarms import Alarm, Severity
from tests.backend.oracle.machines.site import STRANGER, Bulldozer, Site

ROLLBACK = 4_000  # what an hour meter shows that was turned back
METER, TAMPER = 2 * Alarm.HOUR_METER, 2 * Alarm.TAMPER


def heard(site: Site) -> Bulldozer:
    """A machine whose first alarm record and first reading are on chain."""
    device = site.machine()
    site.take(*device.work(5))
    site.push(Lane.ALARMS)
    site.push(Lane.READINGS)
    return device


def alarmed(site: Site) -> tuple[Bulldozer, AlarmReport]:
    """An honest proposal: the hour meter was turned back."""
    device = heard(site)
    site.take(device.record(hours=ROLLBACK))
    report = site.leaders[Lane.ALARMS].step()
    assert isinstance(report, AlarmReport)
    return device, report


def read(site: Site, minutes: int = 60) -> tuple[Bulldozer, ReadingReport]:
    """An honest proposal of a reading."""
    device = heard(site)
    site.take(*device.work(minutes))
    report = site.leaders[Lane.READINGS].step()
    assert isinstance(report, ReadingReport)
    return device, report


def with_record(report: AlarmReport, **changes: int) -> AlarmReport:
    record = decode_record(report.records[0])._replace(**changes)
    return dataclasses.replace(report, records=(encode_record(record),))


def with_reading(report: ReadingReport, machine: int, **changes: int) -> ReadingReport:
    readings = decode_word(report.words[0])
    readings[machine % LANES] = readings[machine % LANES]._replace(**changes)
    return dataclasses.replace(report, words=(encode_word(readings),))


def sign(site: Site, report: AlarmReport | ReadingReport, engine: Engine | None = None) -> bytes:
    lane = Lane.ALARMS if isinstance(report, AlarmReport) else Lane.READINGS
    return site.signer(Duty.AUDITOR, engine).sign(lane, report)


# The batch


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"round": 7}, errors.RoundWrong),
        ({"signer_set": 2}, errors.SignerSetChanged),
    ],
)
def test_a_proposal_for_another_round_or_set_is_refused(site: Site, changes: dict[str, int], refusal: type[Refusal]):
    _, honest = alarmed(site)
    sign(site, honest)
    with pytest.raises(refusal):
        sign(site, dataclasses.replace(honest, **changes))


@pytest.mark.parametrize("moved", [-DEADLINE_S, DEADLINE_S])
def test_facts_of_another_time_are_refused(site: Site, moved: int):
    _, honest = alarmed(site)
    with pytest.raises(errors.FactsNotOfNow):
        sign(site, dataclasses.replace(honest, deadline=honest.deadline + moved))


def test_while_reports_are_stopped_nothing_is_proposed_and_nothing_signed(site: Site):
    device, honest = alarmed(site)
    site.market.send("bank", "DeviceOracle", "pauseReports")
    with pytest.raises(errors.ReportsStopped):
        sign(site, honest)
    site.relays[Lane.ALARMS].step()
    assert site.last(Lane.ALARMS).reason["code"] == "QuorumRefused"
    site.take(device.record())
    assert site.leaders[Lane.ALARMS].step() is None


# Alarms


def test_an_alarm_of_which_nothing_is_found_is_refused(site: Site):
    _, honest = alarmed(site)
    word = decode_record(honest.records[0]).alarms | Severity.CRITICAL << 2 * Alarm.REGION
    with pytest.raises(refusals.AlarmOverstated, match="region"):
        sign(site, with_record(honest, alarms=word))


def test_an_alarm_may_be_told_in_part_but_not_beyond(site: Site):
    _, honest = alarmed(site)
    sign(site, with_record(honest, alarms=Severity.MAJOR << METER))
    with pytest.raises(refusals.AlarmOverstated, match="tamper"):
        sign(site, with_record(honest, alarms=Severity.CRITICAL << METER | Severity.MAJOR << TAMPER))


def test_an_alarm_without_the_record_that_showed_it_is_refused(site: Site):
    device, honest = alarmed(site)
    with store.writing(site.engine) as tx:
        tx.execute(delete(machine_records).where(machine_records.c.last == device.sequence))
    with pytest.raises(refusals.AlarmUnfounded, match="hour_meter"):
        sign(site, honest)


def test_an_alarm_with_a_reason_of_another_one_is_refused(site: Site):
    _, honest = alarmed(site)
    with store.writing(site.engine) as tx:
        tx.execute(update(machine_alarms).values(evidence={"reason": "region"}))
    with pytest.raises(refusals.AlarmUnfounded):
        sign(site, honest)


@pytest.mark.parametrize(
    ("field", "by", "refusal"),
    [
        ("sequence", 1, refusals.AlarmSequenceWrong),
        ("epoch", 1, refusals.AlarmEpochWrong),
        ("at", 3_600, refusals.AlarmTimeWrong),
        ("at", -86_400, refusals.AlarmTimeWrong),
    ],
)
def test_a_record_of_another_place_is_refused(site: Site, field: str, by: int, refusal: type[Refusal]):
    _, honest = alarmed(site)
    record = decode_record(honest.records[0])
    with pytest.raises(refusal):
        sign(site, with_record(honest, **{field: getattr(record, field) + by}))


def test_a_machine_that_this_signer_never_heard_of_is_refused(site: Site, other_engine: Engine):
    _, honest = alarmed(site)
    with pytest.raises(refusals.MachineNotHeard):
        sign(site, honest, other_engine)


def test_a_device_that_the_chain_does_not_know_is_refused(site: Site):
    _, honest = alarmed(site)
    with store.writing(site.engine) as tx:
        tx.execute(update(machine_states).values(epoch=2))
    with pytest.raises(refusals.AlarmEpochWrong):
        sign(site, with_record(honest, epoch=2))


def test_a_machine_twice_and_bits_that_no_record_has_are_refused(site: Site):
    _, honest = alarmed(site)
    with pytest.raises(refusals.MachineTwice):
        sign(site, dataclasses.replace(honest, records=honest.records * 2))
    dirty = (int.from_bytes(honest.records[0]) | 1).to_bytes(32)
    with pytest.raises(ProposalInvalid):
        sign(site, dataclasses.replace(honest, records=(dirty,)))


def cleared(site: Site) -> tuple[Bulldozer, AlarmReport]:
    """An honest proposal: a signed record shows that the hour meter runs again."""
    device = heard(site)
    site.take(device.record(hours=ROLLBACK))
    site.push(Lane.ALARMS)
    site.take(*device.work(10))
    report = site.leaders[Lane.ALARMS].step()
    assert isinstance(report, AlarmReport)
    assert decode_record(report.records[0]).alarms == 0
    return device, report


def test_an_end_that_no_device_signed_is_neither_proposed_nor_signed(site: Site):
    device, honest = cleared(site)
    sign(site, honest)
    with store.writing(site.engine) as tx:
        tx.execute(delete(machine_checkpoints).where(machine_checkpoints.c.sequence > 5))
    with pytest.raises(refusals.ClearNotSealed, match="hour_meter"):
        sign(site, honest)
    site.relays[Lane.ALARMS].step()
    assert site.leaders[Lane.ALARMS].step() is None
    site.take(*device.work(1))
    assert site.leaders[Lane.ALARMS].step() is not None


def test_an_end_that_somebody_else_signed_is_refused(site: Site):
    device, honest = cleared(site)
    forged = device.checkpoint(STRANGER)
    signature = forged.payload.partition(b'"signature": "')[2][:132].decode()
    with store.writing(site.engine) as tx:
        tx.execute(update(machine_checkpoints).values(signature=signature))
    with pytest.raises(refusals.ClearNotSealed):
        sign(site, honest)


def test_a_machine_is_not_heard_again_because_the_table_says_so(site: Site):
    device = heard(site)
    site.rentals.alarm(device.machine, {Alarm.OFFLINE: Severity.CRITICAL})
    site.market.travel(1)
    with pytest.raises(refusals.ClearNotSealed, match="offline"):
        sign(site, _clear(site, device))
    device.at = site.market.now()
    site.take(*device.work(1))
    with store.writing(site.engine) as tx:
        tx.execute(machine_alarms.insert().values(**_offline_row(device)))
    sign(site, _clear(site, device))


def _clear(site: Site, device: Bulldozer) -> AlarmReport:
    status, last = site.status(device.machine), site.market.read("DeviceOracle", "lastRound", Lane.ALARMS.key)
    with store.reading(site.engine) as tx:
        at = tx.execute(machine_states.select()).one().alarms_at
    record = decode_record(encode_record(decode_record(bytes(32))._replace(machine=device.machine, epoch=1)))
    record = record._replace(sequence=status["sequence"] + 1, at=max(status["at"], at))
    return AlarmReport(last + 1, 1, site.market.now() + DEADLINE_S, (encode_record(record),))


def _offline_row(device: Bulldozer) -> dict[str, object]:
    return {
        "machine": device.machine,
        "alarm": int(Alarm.OFFLINE),
        "phase": "cleared",
        "severity": 0,
        "epoch": 1,
        "sequence": 0,
        "seen_at": device.at,
        "raised_at": device.at,
        "changed_at": device.at,
        "cleared_at": device.at,
        "evidence": {"reason": "offline"},
        "answer": "",
        "silent_until": 0,
    }


# Readings


@pytest.mark.parametrize(("field", "by"), [("tenths", 1), ("tenths", -2), ("litres", 1), ("litres", -6)])
def test_more_or_much_less_than_was_sealed_is_refused_by_field(site: Site, field: str, by: int):
    device, honest = read(site)
    sign(site, honest)
    reading = decode_word(honest.words[0])[device.machine % LANES]
    with pytest.raises(refusals.ReadingDiffers, match=field):
        sign(site, with_reading(honest, device.machine, **{field: getattr(reading, field) + by}))


@pytest.mark.parametrize("by", [1, -11])
def test_a_reading_of_another_time_is_refused(site: Site, by: int):
    device, honest = read(site)
    reading = decode_word(honest.words[0])[device.machine % LANES]
    with pytest.raises(refusals.ReadingNotOfNow):
        sign(site, with_reading(honest, device.machine, minute=reading.minute + by))


def test_who_heard_more_by_now_signs_the_earlier_reading(site: Site):
    device, honest = read(site)
    site.take(*device.work(1))
    sign(site, honest)


def test_a_neighbour_of_which_nothing_was_heard_is_refused(site: Site):
    device, honest = read(site)
    other = (device.machine + 1) % LANES + device.machine // LANES * LANES
    with pytest.raises(refusals.MachineNotHeard, match=str(other)):
        sign(site, with_reading(honest, other, **Reading(1, 1, 1)._asdict()))


def test_hours_that_no_device_signed_are_refused(site: Site):
    _, honest = read(site)
    with store.writing(site.engine) as tx:
        tx.execute(delete(machine_checkpoints).where(machine_checkpoints.c.sequence > 5))
    with pytest.raises(refusals.ReadingNotSealed):
        sign(site, honest)


def test_metered_hours_beyond_those_of_the_checkpoint_are_refused(site: Site):
    device, honest = read(site)
    reading = decode_word(honest.words[0])[device.machine % LANES]
    with store.writing(site.engine) as tx:
        tx.execute(update(machine_states).values(sealed_hours=(reading.tenths + 1) * 10))
    with pytest.raises(refusals.ReadingNotSealed):
        sign(site, with_reading(honest, device.machine, tenths=reading.tenths + 1))


def test_a_group_twice_is_refused(site: Site):
    _, honest = read(site)
    with pytest.raises(refusals.MachineTwice):
        sign(site, dataclasses.replace(honest, groups=honest.groups * 2, words=honest.words * 2))


# JSON


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("value", [None, [], {}, {"round": 1, "signerSet": 1, "deadline": 1}, {"round": "1"}])
def test_what_is_no_proposal_is_refused(lane: Lane, value: object):
    with pytest.raises(ProposalInvalid):
        proposals.from_json(lane, value)


def test_words_and_groups_must_be_as_many():
    report = ReadingReport(1, 1, 1_000, (1, 2), (3, 4))
    assert proposals.from_json(Lane.READINGS, proposals.to_json(report)) == report
    with pytest.raises(ProposalInvalid, match="one word for each group"):
        proposals.from_json(Lane.READINGS, proposals.to_json(report) | {"groups": [1]})


# The round of a refused proposal


def test_a_refused_proposal_loses_its_round_and_an_honest_one_takes_it(site: Site):
    device, honest = alarmed(site)
    false = with_record(honest, alarms=Severity.CRITICAL << METER | Severity.CRITICAL << TAMPER)
    with store.writing(site.engine) as tx:
        rounds.propose(tx, Lane.ALARMS, false)
    site.relays[Lane.ALARMS].step()
    lost = site.last(Lane.ALARMS)
    assert (lost.state, lost.reason["code"]) == (State.LOST, "QuorumRefused")
    assert {problem["code"] for problem in lost.refusals.values()} == {"AlarmOverstated"}
    assert site.push(Lane.ALARMS).state is State.COUNTED
    assert site.status(device.machine)["alarms"] == Severity.CRITICAL << METER
