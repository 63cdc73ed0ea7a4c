"""False alarms, detections and their delays of the alarm rules, over months of simulated machines with labels."""

import argparse
import json
import sys
from itertools import islice
from pathlib import Path

from backend.scoring.modelspec import ROOT
from backend.telemetry.simulator import picture, quality, report
from backend.telemetry.simulator.incidents import Incident

DOCS = ROOT / "docs"
CASES = 4
TROUBLED_FROM = 10_001


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="machine-months of normal use")
    parser.add_argument("--seed", type=int, default=quality.SEED, help="of the fleet; another plays other machines")
    parser.add_argument("--write", action="store_true", help="write page, figures and picture into docs")
    options = parser.parse_args(argv)
    figures = quality.measured(_normal(options.seed, options.count), _troubled(options.seed))
    print(report.table(figures))
    print(f"{figures['machine_months']:.0f} machine-months, {figures['false_alarms']} false alarms")
    if options.write:
        write(figures, DOCS)
    print(json.dumps(_summary(figures)))


def write(figures: report.Figures, docs: Path) -> None:
    (docs / "alarm-quality.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (docs / "alarm-quality.md").write_text(report.page(figures), encoding="utf-8")
    (docs / "img" / "alarm-quality.svg").write_text(picture.render(figures), encoding="utf-8")


def _normal(seed: int, count: int) -> list[quality.Case]:
    return [_told(quality.play(seed, number)) for number in range(1, count + 1)]


def _troubled(seed: int) -> list[quality.Case]:
    return [
        _told(quality.play(seed, number, incident))
        for place, incident in enumerate(Incident)
        for number in islice(quality.machines(seed, TROUBLED_FROM + 100 * place, incident), CASES)
    ]


def _told(case: quality.Case) -> quality.Case:
    """Progress and what is wrong, with the number by which it can be played again."""
    name = case.scripted.incident if case.scripted else "normal use"
    for episode in quality.false_alarms(case):
        print(f"false: machine {case.machine} ({name}) {episode}", file=sys.stderr)
    for alarm in case.scripted.course.raises if case.scripted else ():
        if quality.found(case, alarm) is None:
            print(f"missed: machine {case.machine} ({name}) {alarm.name}", file=sys.stderr)
    return case


def _summary(figures: report.Figures) -> dict[str, object]:
    alarms = [alarm for each in figures["incidents"].values() for alarm in each["alarms"].values()]
    asked = [each["cases"] * len(each["alarms"]) for each in figures["incidents"].values()]
    return {
        "rules": figures["rules"],
        "machine_months": figures["machine_months"],
        "false_alarms": figures["false_alarms"],
        "false_alarms_per_machine_month": round(figures["false_alarms"] / figures["machine_months"], 4),
        "detected": sum(alarm["found"] for alarm in alarms),
        "to_detect": sum(asked),
        "median_delay_s": {
            incident: {
                alarm: report.median(found["delays_s"]) for alarm, found in each["alarms"].items() if found["found"]
            }
            for incident, each in figures["incidents"].items()
        },
    }
