"""One frozen `Settings` from the environment (`HEQI_…`); everything else receives it."""

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.errors import HeqiError

SHARDS = 16  # of machines, by their number: one machine's records stay in one queue and in order
LOCAL_CHAIN_IDS = frozenset({417417, 31337})
PREFIX = "HEQI_"
NOT_SETTINGS = ("HEQI_TEST_", "HEQI_CRASH_AT")


Shard = Annotated[int, Field(ge=0, lt=SHARDS)]


class SettingInvalid(HeqiError):
    notice_en = "The setting {setting} is not usable: {rule}."
    notice_zh = "配置项 {setting} 无效：{rule}。"


class UnknownSetting(HeqiError):
    notice_en = "There is no setting {setting}."
    notice_zh = "不存在配置项 {setting}。"


class DevelopmentKeyOffLocalChain(HeqiError):
    notice_en = "The key of {duty} is a public development key; it is refused on chain {chain_id}."
    notice_zh = "{duty} 使用的是公开的开发密钥，不能用于链 {chain_id}。"


class Duty(StrEnum):
    """What a key of the backend is for. No duty can move the money of users or of the bank."""

    RELAYER = "relayer"
    PLATFORM = "platform"
    RISK_DESK = "risk_desk"
    AUDITOR = "auditor"


# Where the oracle's signers answer on one machine.
SIGNER_URLS = {
    Duty.PLATFORM: "http://127.0.0.1:8101",
    Duty.RISK_DESK: "http://127.0.0.1:8102",
    Duty.AUDITOR: "http://127.0.0.1:8103",
}


class KeySource(BaseModel):
    """A keystore v3 file with a password file, or the index of one of Anvil's development keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keystore: Path | None = None
    password_file: Path | None = None
    development: Annotated[int, Field(ge=0, lt=100)] | None = None

    @model_validator(mode="after")
    def _exactly_one_source(self) -> Self:
        from_file = self.keystore is not None and self.password_file is not None
        if from_file == (self.development is not None) or (self.keystore is None) != (self.password_file is None):
            raise ValueError("give either keystore and password_file, or development")
        return self


class Settings(BaseSettings):
    """Every knob of the backend, with the value it has on the local chain.

    `rpc_urls`: JSON-RPC endpoints of one chain, comma separated, the first is preferred. They may carry access
    tokens, so they are never printed whole. `confirmations`: depth at which a transaction counts as final, its own
    block included. `finality_depth`: the deepest reorganisation the read model undoes. `mqtt_url`: the message broker,
    mqtt:// or, encrypted, mqtts://. `mqtt_shards`: those whose machines this process reads, comma separated.
    `dapp_dir`: the built dApp with its deployment. Times in seconds.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="ignore")

    rpc_urls: Annotated[tuple[SecretStr, ...], NoDecode] = (SecretStr("http://127.0.0.1:8545"),)
    chain_id: int = 417417
    deployments_dir: Path = Path("deployments")
    database_url: SecretStr = SecretStr("sqlite:///var/heqi.db")
    confirmations: Annotated[int, Field(ge=1, le=256)] = 1
    finality_depth: Annotated[int, Field(ge=1, le=4096)] = 64
    poll_interval: Annotated[float, Field(gt=0, le=60)] = 0.5
    rpc_timeout: Annotated[float, Field(gt=0, le=120)] = 10.0
    max_fee_gwei: Annotated[int, Field(gt=0)] = 500
    keys: dict[Duty, KeySource] = Field(default_factory=dict)
    signer_urls: dict[Duty, str] = Field(default_factory=lambda: dict(SIGNER_URLS))
    mqtt_url: str = "mqtt://127.0.0.1:1883"
    mqtt_user: str = "heqi"
    mqtt_password_file: Path | None = None
    mqtt_commands_user: str = "heqi-commands"
    mqtt_commands_password_file: Path | None = None
    mqtt_ca_file: Path | None = None
    mqtt_shards: Annotated[tuple[Shard, ...], NoDecode, Field(min_length=1)] = tuple(range(SHARDS))
    dapp_dir: Path = Path("frontend/dist")
    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @field_validator("rpc_urls", "allowed_origins", "mqtt_shards", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("rpc_urls")
    @classmethod
    def _are_http_urls(cls, urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not urls:
            raise ValueError("at least one endpoint is needed")
        for url in urls:
            parts = urlsplit(url.get_secret_value())
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("every endpoint is an http or https address")
        return urls

    @field_validator("mqtt_url")
    @classmethod
    def _is_a_broker(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.username or parts.path:
            raise ValueError("the broker is mqtt://host[:port] or mqtts://host[:port], without user or password")
        return url

    @field_validator("signer_urls")
    @classmethod
    def _are_signers(cls, urls: dict[Duty, str]) -> dict[Duty, str]:
        for duty, url in urls.items():
            parts = urlsplit(url)
            if duty is Duty.RELAYER or parts.scheme not in {"http", "https"} or not parts.port or parts.username:
                raise ValueError("every signer duty has an address like http://host:port")
        return urls

    @field_validator("allowed_origins")
    @classmethod
    def _are_exact_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or "*" in origin:
                raise ValueError("an origin is scheme://host[:port], without path or wildcard")
        return origins

    @model_validator(mode="after")
    def _is_final_before_it_halts(self) -> Self:
        if self.confirmations > self.finality_depth:
            raise ValueError("confirmations must not exceed finality_depth")
        return self

    @property
    def on_local_chain(self) -> bool:
        return self.chain_id in LOCAL_CHAIN_IDS

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Settings of this process.

        Raises SettingInvalid, UnknownSetting, DevelopmentKeyOffLocalChain; none of them shows a secret.
        """
        _refuse_unknown(os.environ)
        try:
            settings = cls(**overrides)
        except ValidationError as error:
            raise _named(error) from None
        except ValueError as error:  # an environment value that is not the JSON it should be
            raise SettingInvalid(setting=PREFIX, rule=type(error).__name__ + ": " + str(error)) from None
        settings.refuse_development_keys()
        return settings

    def refuse_development_keys(self) -> None:
        for duty, source in self.keys.items():
            if source.development is not None and not self.on_local_chain:
                raise DevelopmentKeyOffLocalChain(duty=duty.value, chain_id=self.chain_id)


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in environment:
        if name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS) and name.split("__")[0] not in known:
            raise UnknownSetting(setting=name)


def _named(error: ValidationError) -> SettingInvalid:
    """The first fault, without its input: that might be a secret."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = "__".join(str(part) for part in fault["loc"]).upper()
    return SettingInvalid(setting=PREFIX + place, rule=json.dumps(fault["msg"], ensure_ascii=False).strip('"'))
