"""The JSON of the standard as services really send it: wrapped, bare or in a list, in any spelling of its names."""

from typing import Any
from xml.etree import ElementTree

import pytest

from backend.telemetry import aemp
from tests.backend.telemetry.aemp.files import AT, KRAMER, NOW, TAKEUCHI, as_json, codes

MACHINE = {
    "EquipmentHeader": {"OEMName": "Maker", "Model": "M1", "SerialNumber": "S1", "PIN": "P1"},
    "Location": {"Latitude": 39.5, "Longitude": 116.3, "datetime": AT},
    "CumulativeOperatingHours": {"Hour": 1234.56, "datetime": AT},
    "EngineStatus": {"Running": True, "datetime": AT},
    "FuelUsed": {"FuelUnits": "litre", "FuelConsumed": 15600, "datetime": AT},
}
LINKS = [{"rel": "self", "href": "https://u:secret@maker.example/Fleet/1?token=secret"}, {"rel": "next", "href": "/2"}]
PAGE = {"Equipment": [MACHINE], "Links": LINKS, "snapshotTime": AT, "version": "1"}


def spelt(value: Any, spell: Any) -> Any:
    if isinstance(value, dict):
        return {spell(name): spelt(held, spell) for name, held in value.items()}
    return [spelt(held, spell) for held in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "document",
    [
        PAGE,
        {"Fleet": PAGE},
        [PAGE],
        spelt(PAGE, str.lower),
        spelt(PAGE, lambda name: name[0].upper() + name[1:]),
        spelt(PAGE, lambda name: name[0].lower() + name[1:]),
    ],
    ids=["bare", "wrapped", "list", "small", "capital", "camel"],
)
def test_every_form_says_the_same(document):
    found = as_json(document)
    (machine,) = found.machines
    assert machine.oddities == ()
    assert machine.identity == "P1"
    assert machine.readings == {"hours": (123_456, 1_789_977_600), "fuel": (156_000, 1_789_977_600)}
    assert machine.engine == (1, 1_789_977_600)
    assert (found.version, found.taken_at, found.more) == ("1", 1_789_977_600, True)


def test_no_secret_of_a_link_is_kept():
    assert as_json(PAGE).links == {"self": "https://maker.example/Fleet/1", "next": "/2"}


def test_null_and_an_empty_list_are_nothing():
    machine = as_json({"Equipment": [MACHINE | {"FuelUsed": None, "Location": []}]}).machines[0]
    assert "fuel" not in machine.readings
    assert codes(machine) == {"no_position"}


def test_two_spellings_of_one_member_are_a_repetition():
    machine = as_json({"Equipment": [MACHINE | {"fuelused": MACHINE["FuelUsed"]}]}).machines[0]
    assert "fuel" not in machine.readings
    assert codes(machine) == {"repeated"}


@pytest.mark.parametrize("wrong", [5, "text", True, [1, 2], {"Hour": {"Value": 1}}, {"Hour": [1, 2], "datetime": AT}])
def test_a_member_of_the_wrong_type_costs_only_its_own_figure(wrong):
    machine = as_json({"Equipment": [MACHINE | {"CumulativeOperatingHours": wrong}]}).machines[0]
    assert set(machine.readings) == {"fuel"}
    assert codes(machine) & {"repeated", "element_unknown"}


@pytest.mark.parametrize("number", [10**400, -5, 1e300, 200_000.5])
def test_a_huge_or_negative_number_stays_missing(number):
    hours = {"Hour": number, "datetime": AT}
    machine = as_json({"Equipment": [MACHINE | {"CumulativeOperatingHours": hours}]}).machines[0]
    assert codes(machine) == {"figure_unusable", "no_hours"}


def test_an_empty_page_has_no_machines():
    assert as_json({"Equipment": []}).machines == ()


@pytest.mark.parametrize("document", [{"Machines": []}, {"Fleet": []}, {"Fleet": [PAGE, PAGE]}, [PAGE, PAGE]])
def test_what_is_not_one_page_is_refused(document):
    with pytest.raises(aemp.FleetInvalid):
        as_json(document)


@pytest.mark.parametrize("fleet", [TAKEUCHI, KRAMER], ids=["takeuchi", "kramer"])
def test_a_real_fleet_says_the_same_in_json(fleet):
    """Converted by another parser, as a service converts its own XML."""
    whole = converted(ElementTree.fromstring(fleet))
    assert as_json({"Fleet": whole}) == aemp.parse(fleet, NOW)


def converted(element: ElementTree.Element) -> Any:
    if not len(element) and not element.attrib:
        return element.text
    block: dict[str, Any] = dict(element.attrib)
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name in {"Equipment", "Links"}:
            block.setdefault(name, []).append(converted(child))
        else:
            block[name] = converted(child)
    return block
