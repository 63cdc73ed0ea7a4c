"""ABI codec."""

import pytest
from eth_abi.abi import encode

from backend.chain import abi
from backend.chain.abi import ArgumentsInvalid, DataUndecodable

ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
INVOICE = {
    "name": "invoice",
    "type": "tuple",
    "components": [
        {"name": "debtor", "type": "address"},
        {"name": "amounts", "type": "uint128[]"},
        {"name": "document", "type": "bytes32"},
    ],
}
REGISTER = {"name": "register", "inputs": [INVOICE, {"name": "note", "type": "string"}]}
BATCH = {"name": "invoices", **{key: INVOICE[key] for key in ("components",)}, "type": "tuple[]"}


def event(*parameters: tuple[str, str, bool]) -> dict[str, object]:
    inputs = [{"name": name, "type": kind, "indexed": indexed} for name, kind, indexed in parameters]
    return {"type": "event", "name": "Moved", "inputs": inputs}


def log(topics: list[bytes], data: bytes) -> dict[str, object]:
    return {"topics": ["0x" + topic.hex() for topic in (b"\x00" * 32, *topics)], "data": "0x" + data.hex()}


def test_signatures_write_structs_out():
    assert abi.signature_of(REGISTER) == "register((address,uint128[],bytes32),string)"
    assert abi.type_of(BATCH) == "(address,uint128[],bytes32)[]"


def test_structs_encode_alike_from_mappings_and_tuples_and_decode_to_dicts():
    as_mapping = {"debtor": ACCOUNT, "amounts": [1, 2], "document": "0x" + "ab" * 32}
    as_tuple = (ACCOUNT, [1, 2], bytes.fromhex("ab" * 32))
    calldata = abi.encode_call(REGISTER, [as_mapping, "说明"])
    assert calldata == abi.encode_call(REGISTER, [as_tuple, "说明"])
    assert abi.decoder(REGISTER["inputs"])(calldata[4:]) == {"invoice": as_mapping, "note": "说明"}


def test_arrays_of_structs_go_there_and_back():
    batch = [{"debtor": ACCOUNT, "amounts": [], "document": "0x" + "00" * 32}] * 2
    calldata = abi.encode_call({"name": "registerMany", "inputs": [BATCH]}, [batch])
    assert abi.decoder([BATCH])(calldata[4:]) == {"invoices": batch}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [{"debtor": ACCOUNT}, ""],
        [(ACCOUNT, [-1], b"\x00" * 32), ""],
        [(ACCOUNT, [1 << 128], b"\x00" * 32), ""],
        [("nobody", [], b"\x00" * 32), ""],
        [(ACCOUNT, [], "0xzz"), ""],
        [(ACCOUNT, [], b"\x00" * 33), ""],
        [None, ""],
    ],
)
def test_arguments_that_do_not_fit_are_named(arguments: list[object]):
    with pytest.raises(ArgumentsInvalid) as refused:
        abi.encode_call(REGISTER, arguments)
    assert refused.value.values["function"] == "register"


def test_events_of_fixed_size_decode_in_declared_order():
    decode = abi.event_decoder(event(("amount", "uint128", False), ("to", "address", True), ("open", "bool", False)))
    values = decode(log([encode(["address"], [ACCOUNT])], encode(["uint128", "bool"], [7, True])))
    assert list(values.items()) == [("amount", 7), ("to", ACCOUNT), ("open", True)]


def test_events_with_dynamic_data_decode_beside_their_topics():
    decode = abi.event_decoder(event(("id", "uint256", True), ("codes", "uint16[]", False), ("text", "string", False)))
    values = decode(log([encode(["uint256"], [17])], encode(["uint16[]", "string"], [[1, 2], "逾期"])))
    assert values == {"id": 17, "codes": [1, 2], "text": "逾期"}


def test_an_indexed_text_is_its_hash():
    decode = abi.event_decoder(event(("text", "string", True), ("numbers", "uint8[]", True)))
    assert decode(log([b"\xaa" * 32, b"\xbb" * 32], b"")) == {"text": "0x" + "aa" * 32, "numbers": "0x" + "bb" * 32}


def test_an_event_without_arguments_is_empty():
    assert abi.event_decoder(event())(log([], b"")) == {}


@pytest.mark.parametrize("data", [b"", b"\x00" * 31, b"\xff" * 32])
def test_data_of_another_type_is_refused(data: bytes):
    with pytest.raises(DataUndecodable):
        abi.decoder([{"name": "to", "type": "address"}])(data)


def test_json_form_keeps_booleans_and_writes_integers_as_text():
    assert abi.to_json({"a": 1 << 200, "b": True, "c": [{"d": 5}], "e": "0x"}) == {
        "a": str(1 << 200),
        "b": True,
        "c": [{"d": "5"}],
        "e": "0x",
    }
