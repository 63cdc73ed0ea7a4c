"""Keys and their duties (CASES 48)."""

import json
from pathlib import Path

import pytest
from eth_account import Account

from backend.chain.keys import KeyMissing, Keyring, KeySharedByTwoDuties, KeyUnreadable, development_key
from backend.config import DevelopmentKeyOffLocalChain, Duty, Settings

SEPOLIA = 11155111
PASSWORD = "correct horse battery staple"


def keystore(folder: Path, name: str, private_key: bytes, password: str = PASSWORD) -> dict[str, str]:
    file, password_file = folder / f"{name}.json", folder / f"{name}.password"
    file.write_text(json.dumps(Account.encrypt(private_key, password, iterations=2)), encoding="utf-8")
    password_file.write_text(PASSWORD + "\n", encoding="utf-8")
    return {"keystore": str(file), "password_file": str(password_file)}


def test_development_keys_are_those_of_anvil():
    assert development_key(0).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_a_keystore_opens_on_any_chain(tmp_path: Path):
    key = b"\x11" * 32
    settings = Settings.load(chain_id=SEPOLIA, keys={"relayer": keystore(tmp_path, "relayer", key)})
    assert Keyring.load(settings)[Duty.RELAYER].address == Account.from_key(key).address


def test_a_development_key_hidden_in_a_keystore_is_refused_off_the_local_chain(tmp_path: Path):
    source = keystore(tmp_path, "platform", bytes(development_key(3).key))
    with pytest.raises(DevelopmentKeyOffLocalChain):
        Keyring.load(Settings.load(chain_id=SEPOLIA, keys={"platform": source}))


def test_two_duties_with_one_key_are_refused():
    with pytest.raises(KeySharedByTwoDuties) as refused:
        Keyring.load(Settings.load(keys={"platform": {"development": 1}, "auditor": {"development": 1}}))
    assert refused.value.values == {"duties": "auditor, platform", "address": development_key(1).address}


def test_a_wrong_password_is_named_without_password_or_key(tmp_path: Path):
    source = keystore(tmp_path, "relayer", b"\x11" * 32, password="another")
    with pytest.raises(KeyUnreadable) as refused:
        Keyring.load(Settings.load(keys={"relayer": source}))
    assert refused.value.values["reason"] == "wrong password or file"
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"crypto": {"kdf": "rot13"}, "version": 3}', "\x00\xff"])
def test_a_broken_keystore_is_named(tmp_path: Path, content: str):
    source = keystore(tmp_path, "relayer", b"\x11" * 32)
    Path(source["keystore"]).write_text(content, encoding="utf-8")
    with pytest.raises(KeyUnreadable):
        Keyring.load(Settings.load(keys={"relayer": source}))


def test_a_missing_file_is_named(tmp_path: Path):
    source = keystore(tmp_path, "relayer", b"\x11" * 32) | {"keystore": str(tmp_path / "absent.json")}
    with pytest.raises(KeyUnreadable, match=r"absent\.json.*No such file"):
        Keyring.load(Settings.load(keys={"relayer": source}))


def test_a_duty_without_a_key_is_named():
    with pytest.raises(KeyMissing, match="auditor"):
        Keyring.load(Settings.load())[Duty.AUDITOR]
