"""The alarm rules on simulated machines: every incident is told, normal use raises nothing."""

import json
from collections import Counter
from random import Random

import pytest

from backend.scoring.modelspec import ROOT
from backend.telemetry.alarms import Alarm, Severity
from backend.telemetry.rules import ruleset
from backend.telemetry.simulator import fleet, picture, quality, report
from backend.telemetry.simulator.incidents import COURSES, Incident, script
from backend.telemetry.simulator.quality import FIRST_DAY, Case, Episode
from backend.telemetry.simulator.sites import draw_ground

DOCS = ROOT / "docs"
WEEK_2 = 8
"""Day of the incidents, a Tuesday: a week is enough for ten windows of fuel use."""
LAST_DAY = {Incident.IDLE: 15, Incident.FUEL_USE: 12, Incident.FUEL_SENSOR: 12, Incident.HOURS_STUCK: 12}


@pytest.mark.parametrize("machine", [1, 2, 5, 9])
def test_a_fortnight_of_normal_use_raises_no_alarm(machine: int) -> None:
    case = quality.play(quality.SEED, machine, days=14)
    assert list(case.episodes) == []
    assert not case.refused


@pytest.mark.parametrize("incident", Incident)
def test_an_incident_raises_its_alarms_and_no_others(incident: Incident) -> None:
    machine = next(quality.machines(quality.SEED, 20_001, incident))
    case = quality.play(quality.SEED, machine, incident, WEEK_2, LAST_DAY.get(incident, 11))
    assert {alarm for alarm in COURSES[incident].raises if quality.found(case, alarm) is None} == set()
    assert quality.false_alarms(case) == []


@pytest.mark.parametrize("middle", [(-16.8, 180.0), (78.2, 15.6)], ids=["antimeridian", "Svalbard"])
def test_fences_hold_anywhere_on_earth(middle: tuple[float, float]) -> None:
    drift = script(Incident.DRIFT, FIRST_DAY + 1)
    assignment = fleet.draw_assignment(quality.SEED, 1, [drift])._replace(ground=draw_ground(Random(1), middle))
    case = quality.watch(quality.SEED, 1, assignment, 3)
    assert quality.found(case, Alarm.REGION)
    assert quality.false_alarms(case) == []


REFUSED = {
    Incident.FORK: {"ChainForked", "CheckpointContradicted"},
    Incident.BAD_SIGNATURE: {"SignatureForged"},
    Incident.CLOCK_AHEAD: {"ClockAhead"},
}


@pytest.mark.parametrize("incident", [*REFUSED, Incident.OUTAGE])
def test_what_is_forged_or_ahead_is_refused_and_what_is_late_is_not(incident: Incident) -> None:
    case = quality.play(quality.SEED, 20_002, incident, 1, 4)
    assert set(case.refused) == REFUSED.get(incident, set())


# Judging


def case(incident: Incident | None, *episodes: Episode) -> Case:
    scripted = script(incident, FIRST_DAY + 15) if incident else None
    return Case(1, scripted, None, episodes, Counter())


def episode(alarm: Alarm, at: int) -> Episode:
    return Episode(1, alarm, Severity.MAJOR, at, "reason")


def test_an_alarm_is_false_without_a_label_of_another_kind_or_at_another_time() -> None:
    jam = script(Incident.JAMMER, FIRST_DAY + 15)
    told = episode(Alarm.TAMPER, jam.start)
    assert quality.false_alarms(case(Incident.JAMMER, told)) == []
    for wrong in (
        episode(Alarm.REGION, jam.start),
        episode(Alarm.TAMPER, jam.start - 1),
        episode(Alarm.TAMPER, jam.end + quality.GRACE_S + 1),
    ):
        assert quality.false_alarms(case(Incident.JAMMER, wrong)) == [wrong]
    assert quality.false_alarms(case(None, told)) == [told]


def test_delays_count_from_the_incident_and_those_of_region_from_the_fence() -> None:
    escape = script(Incident.ESCAPE, FIRST_DAY + 15)
    crossed = escape.start + 300
    both = episode(Alarm.TOW, escape.start + 60), episode(Alarm.REGION, crossed + 120)
    figures = quality.measured([], [Case(1, escape, crossed, both, Counter())])
    alarms = figures["incidents"]["escape"]["alarms"]
    assert (alarms["TOW"]["delays_s"], alarms["REGION"]["delays_s"]) == ([60], [120])
    assert figures["false_alarms"] == 0 and figures["machine_months"] == 1


# Documents


def test_page_and_picture_in_the_documents_show_the_figures_beside_them() -> None:
    figures = json.loads((DOCS / "alarm-quality.json").read_text(encoding="utf-8"))
    assert (DOCS / "alarm-quality.md").read_text(encoding="utf-8") == report.page(figures)
    assert (DOCS / "img" / "alarm-quality.svg").read_text(encoding="utf-8") == picture.render(figures)


def test_the_figures_in_the_documents_are_of_the_rules_in_force() -> None:
    figures = json.loads((DOCS / "alarm-quality.json").read_text(encoding="utf-8"))
    assert figures["rules"] == ruleset.load().hash, "play the months again: make bench NAME=alarms, with --write"


@pytest.mark.parametrize(("seconds", "told"), [(0, "0 min"), (119, "2 min"), (7_199, "120 min"), (7_200, "2.0 h")])
def test_delays_are_told_in_minutes_or_hours(seconds: int, told: str) -> None:
    assert report.delay(seconds) == told
