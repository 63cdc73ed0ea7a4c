"""Settings: what is wrong is named, what is secret is not shown (CASES 48)."""

import json
from pathlib import Path

import pytest

from backend.config import DevelopmentKeyOffLocalChain, Duty, SettingInvalid, Settings, UnknownSetting

TOKEN = "s3cr3t-access-token"


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(f"HEQI_{name}", value)
    return Settings.load()


def test_without_any_environment_the_local_chain_is_configured():
    settings = Settings.load()
    assert (settings.chain_id, settings.on_local_chain, settings.confirmations) == (417417, True, 1)
    assert settings.deployments_dir == Path("deployments")


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch):
    settings = load(monkeypatch, RPC_URLS="http://a:1, https://b/key", ALLOWED_ORIGINS="https://heqi.example")
    assert [url.get_secret_value() for url in settings.rpc_urls] == ["http://a:1", "https://b/key"]
    assert settings.allowed_origins == ("https://heqi.example",)


def test_shards_are_numbers_split_at_commas(monkeypatch: pytest.MonkeyPatch):
    assert load(monkeypatch).mqtt_shards == tuple(range(16))
    assert load(monkeypatch, MQTT_SHARDS="3, 0").mqtt_shards == (3, 0)


def test_keys_come_as_json_or_one_by_one(monkeypatch: pytest.MonkeyPatch):
    keys = {"relayer": {"development": 5}}
    settings = load(monkeypatch, KEYS=json.dumps(keys), KEYS__AUDITOR__DEVELOPMENT="6")
    assert settings.keys[Duty.RELAYER].development == 5
    assert settings.keys[Duty.AUDITOR].development == 6


def test_settings_cannot_be_changed():
    settings = Settings.load()
    with pytest.raises(ValueError, match="frozen"):
        settings.chain_id = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RPC_URLS", ""),
        ("RPC_URLS", f"ftp://{TOKEN}@host"),
        ("RPC_URLS", "localhost:8545"),
        ("CHAIN_ID", "sepolia"),
        ("CONFIRMATIONS", "0"),
        ("CONFIRMATIONS", "65"),
        ("FINALITY_DEPTH", "-1"),
        ("POLL_INTERVAL", "0"),
        ("POLL_INTERVAL", "nan"),
        ("API_PORT", "65536"),
        ("LOG_LEVEL", "verbose"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://heqi.example/path"),
        ("SIGNER_URLS", "{not json"),
        ("SIGNER_URLS", '{"treasurer": "http://127.0.0.1:8101"}'),
        ("SIGNER_URLS", '{"relayer": "http://127.0.0.1:8101"}'),
        ("SIGNER_URLS", '{"platform": "127.0.0.1:8101"}'),
        ("SIGNER_URLS", '{"platform": "http://127.0.0.1"}'),
        ("SIGNER_URLS", f'{{"platform": "http://{TOKEN}@127.0.0.1:8101"}}'),
        ("MQTT_URL", "http://127.0.0.1:1883"),
        ("MQTT_URL", "mqtt://"),
        ("MQTT_URL", f"mqtt://heqi:{TOKEN}@127.0.0.1"),
        ("MQTT_SHARDS", "0,16"),
        ("MQTT_SHARDS", ""),
        ("KEYS", "{not json"),
        ("KEYS", '{"treasurer": {"development": 1}}'),
        ("KEYS", '{"relayer": {}}'),
        ("KEYS", '{"relayer": {"development": 1, "keystore": "k.json", "password_file": "p"}}'),
        ("KEYS", '{"relayer": {"keystore": "k.json"}}'),
        ("KEYS", f'{{"relayer": {{"private_key": "{TOKEN}"}}}}'),
    ],
)
def test_an_unusable_value_is_refused_by_name_without_being_shown(monkeypatch, name: str, value: str):
    with pytest.raises(SettingInvalid) as refused:
        load(monkeypatch, **{name: value})
    assert refused.value.values["setting"].startswith("HEQI_")
    assert TOKEN not in str(refused.value)


def test_a_misspelt_setting_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UnknownSetting, match="HEQI_CONFIRMATION"):
        load(monkeypatch, CONFIRMATION="3")


def test_case_48_a_development_key_is_refused_off_the_local_chain(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(DevelopmentKeyOffLocalChain) as refused:
        load(monkeypatch, CHAIN_ID="11155111", KEYS='{"platform": {"development": 0}}')
    assert refused.value.values == {"duty": "platform", "chain_id": 11155111}


@pytest.mark.parametrize("chain_id", ["417417", "31337"])
def test_a_development_key_is_accepted_on_local_chains(monkeypatch: pytest.MonkeyPatch, chain_id: str):
    assert load(monkeypatch, CHAIN_ID=chain_id, KEYS='{"platform": {"development": 0}}').keys


def test_printing_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch):
    settings = load(
        monkeypatch, RPC_URLS=f"https://node.example/{TOKEN}", DATABASE_URL=f"postgresql://heqi:{TOKEN}@db/heqi"
    )
    assert TOKEN not in f"{settings!r} {settings} {settings.model_dump_json()}"
