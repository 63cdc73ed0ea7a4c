"""What a hostile or broken file does: a named refusal, before it takes up memory."""

import json
import tracemalloc

import pytest

from backend.strictjson import JsonInvalid
from backend.telemetry import aemp
from backend.telemetry.aemp.source import MOST_BYTES, MOST_TEXT, MOST_VALUES, NAMESPACES
from tests.backend.telemetry.aemp.files import NOW, SOUND, xml


def refused(data: bytes) -> str:
    with pytest.raises(aemp.FleetInvalid) as refusal:
        aemp.parse(data, NOW)
    return refusal.value.values["rule"]


def too_large(data: bytes) -> dict[str, object]:
    with pytest.raises(aemp.FleetTooLarge) as refusal:
        aemp.parse(data, NOW)
    return refusal.value.values


def test_entities_that_would_expand_to_gigabytes_are_refused_with_their_document_type():
    bomb = '<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    assert refused(xml("&c;", head=bomb)) == "it declares a document type"


def test_an_entity_that_would_read_a_file_of_the_server_is_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("key")
    head = f'<!DOCTYPE f [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    assert refused(xml("<EquipmentHeader><PIN>&x;</PIN></EquipmentHeader>", head=head)) == "it declares a document type"


def test_an_outer_document_type_and_parameter_entities_are_refused():
    assert refused(xml(SOUND, head='<!DOCTYPE f SYSTEM "http://stranger.example/f.dtd">')) == refused(
        xml(SOUND, head='<!DOCTYPE f [<!ENTITY % p SYSTEM "http://stranger.example/p"> %p;]>')
    )


def test_an_undeclared_entity_is_refused():
    assert refused(xml("&pin;")).startswith("undefined entity")


def test_a_file_of_50_megabytes_is_refused_before_it_is_parsed():
    data = b"<" + b"x" * (50 << 20)
    tracemalloc.start()
    assert too_large(data) == {"most": MOST_BYTES >> 20, "unit": "MB"}
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_file_of_tiny_elements_is_refused_at_the_limit_of_values():
    assert too_large(xml("<a/>" * (MOST_VALUES + 1))) == {"most": MOST_VALUES, "unit": "values"}


def test_json_of_tiny_members_is_refused_at_the_limit_of_values():
    many = json.dumps({"Equipment": [{"a": 1}] * MOST_VALUES}).encode()
    assert too_large(many) == {"most": MOST_VALUES, "unit": "values"}


@pytest.mark.parametrize("text", ["9" * (MOST_TEXT + 1), " x" * MOST_TEXT], ids=["digits", "spaces"])
def test_a_value_of_thousands_of_characters_is_refused(text):
    values = {"most": MOST_TEXT, "unit": "characters in one value"}
    assert too_large(xml(f"<CumulativeOperatingHours><Hour>{text}</Hour></CumulativeOperatingHours>")) == values
    assert too_large(json.dumps({"Equipment": [{"Model": text}]}).encode()) == values


def test_megabytes_of_white_space_between_elements_are_only_white_space():
    found = aemp.parse(xml(SOUND).replace(b"<Equipment>", b"\n" * (4 << 20) + b"<Equipment>"), NOW)
    assert len(found.machines) == 1


def test_deep_nesting_is_refused():
    assert refused(xml("<a>" * 100_000 + "</a>" * 100_000)) == "it is nested too deeply"
    assert refused(b'{"Equipment":' + b"[" * 500 + b"]" * 500 + b"}") == "it is nested too deeply"
    with pytest.raises(JsonInvalid):
        aemp.parse(b'{"Equipment":' + b"[" * 200_000 + b"]" * 200_000 + b"}", NOW)


@pytest.mark.parametrize(
    "data",
    [
        xml(SOUND).decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="GBK"?>' + xml(SOUND),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xml(SOUND),
        xml(SOUND.replace("M1", "挖掘机")).decode().encode("gbk"),
        json.dumps({"Equipment": []}).encode("utf-16"),
    ],
    ids=["utf-16", "declared gbk", "declared latin", "gbk", "json utf-16"],
)
def test_another_encoding_than_utf_8_is_refused(data):
    assert refused(data)


def test_a_byte_order_mark_and_chinese_names_are_read():
    found = aemp.parse("\ufeff".encode() + xml(SOUND.replace("M1", "挖掘机")), NOW)
    assert found.machines[0].model == "挖掘机"


@pytest.mark.parametrize(
    "data", [b"", b" ", b"Fleet", b"\x00\x01", b"<", b"<Fleet", b"[]", b"{}", b"1", b'"a"', b"[1]"]
)
def test_what_is_no_snapshot_is_refused(data):
    assert refused(data)


def test_another_root_element_and_another_namespace_are_refused():
    assert refused(xml(SOUND).replace(b"Fleet", b"Feet")) == "it begins with 'Feet', not with 'Fleet'"
    assert refused(xml(SOUND, namespace="urn:stranger")) == "its namespace is 'urn:stranger'"
    assert refused(xml(SOUND).replace(f' xmlns="{NAMESPACES[0]}"'.encode(), b"")) == "its namespace is ''"


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_json_with_a_number_that_is_none_is_refused(figure):
    document = b'{"Equipment":[{"CumulativeOperatingHours":{"Hour":%s}}]}' % figure.encode()
    with pytest.raises(JsonInvalid):
        aemp.parse(document, NOW)


def test_json_with_a_member_twice_is_refused():
    with pytest.raises(JsonInvalid):
        aemp.parse(b'{"Equipment":[],"Equipment":[]}', NOW)
