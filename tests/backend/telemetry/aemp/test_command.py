"""`python -m backend.telemetry.aemp import FILE`."""

import json

import pytest
from click.testing import CliRunner, Result

from backend.telemetry.aemp import FleetInvalid
from backend.telemetry.aemp.__main__ import cli
from tests.backend.telemetry.aemp.files import FLEETS, xml

KRAMER = FLEETS / "wacker_neuson_kramer_equipcare_snapshot.xml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, arguments)], catch_exceptions=False)


def test_a_fleet_is_shown_machine_by_machine_with_what_is_odd():
    lines = run(KRAMER).output.splitlines()
    assert lines[0].split() == ["place", "machine", "model", "hours", "litres", "last", "report", "odd"]
    assert lines[20].split() == ["20", "PIN-0019", "5085", "93.60", "0.0", "2021-05-05T13:48:28Z", "1"]
    assert any(line.startswith("   20  fuel_sensor_dead: The fuel used is 0 after 93.60") for line in lines)
    assert lines[-2].startswith("96 machines, trust level 0; model_missing 16, times_apart 9,")
    assert "next https://telematics.example/public/api/aemp/v2/15143/-3/Fleet/2" in lines[-1]


def test_the_sentences_are_shown_in_chinese():
    assert "运行 93.60 小时后累计油耗仍为 0" in run(KRAMER, "--language", "zh").output


def test_everything_that_was_read_is_one_json_object():
    whole = json.loads(run(KRAMER, "--json").output)
    assert (whole["trust"], len(whole["machines"]), whole["more"]) == (0, 96, True)
    machine = whole["machines"][19]
    assert machine["readings"]["hours"] == {"value": 9_360, "at": 1_620_222_508}
    assert machine["position"]["at"] == 1_620_222_508
    assert [oddity["code"] for oddity in machine["oddities"]] == ["fuel_sensor_dead"]


def test_a_file_that_is_no_snapshot_is_refused_by_name(tmp_path):
    bomb = tmp_path / "bomb.xml"
    bomb.write_bytes(xml(head='<!DOCTYPE f [<!ENTITY a "ha">]>'))
    with pytest.raises(FleetInvalid):
        run(bomb)


def test_nothing_of_a_file_reaches_the_terminal_that_could_steer_it(tmp_path):
    hostile = tmp_path / "hostile.json"
    header = {"PIN": "P\u001b[2J1", "Model": "M\u202e1", "OEMName": "\u001b]0;x\u0007"}
    links = [{"rel": "next", "href": "/\u001b[2J\u202e"}, {"rel": "last", "href": "/\u001b"}]
    hostile.write_text(json.dumps({"Equipment": [{"EquipmentHeader": header, "x\u001b[2J": 1}], "Links": links}))
    shown = run(hostile).output
    assert all(character.isprintable() or character == "\n" for character in shown)
