"""Signing keys, one per duty."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from backend.chain.abi import checksum
from backend.config import DevelopmentKeyOffLocalChain, Duty, KeySource, Settings
from backend.errors import HeqiError

DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk"
PUBLIC_KEYS_CHECKED = 20

Account.enable_unaudited_hdwallet_features()


class KeyUnreadable(HeqiError):
    notice_en = "The key of {duty} cannot be read from {keystore}: {reason}."
    notice_zh = "无法从 {keystore} 读取 {duty} 的密钥：{reason}。"


class KeySharedByTwoDuties(HeqiError):
    notice_en = "{duties} share the key {address}; every duty needs its own."
    notice_zh = "{duties} 共用密钥 {address}；每项职责必须使用独立密钥。"


class KeyMissing(HeqiError):
    notice_en = "No key is configured for {duty}."
    notice_zh = "未配置 {duty} 的密钥。"


class Keyring(Mapping[Duty, LocalAccount]):
    """The keys that this process holds, by duty."""

    def __init__(self, accounts: Mapping[Duty, LocalAccount]) -> None:
        self._accounts = dict(accounts)
        by_address: dict[str, list[str]] = {}
        for duty, account in self._accounts.items():
            by_address.setdefault(account.address, []).append(duty.value)
        for address, duties in by_address.items():
            if len(duties) > 1:
                raise KeySharedByTwoDuties(duties=", ".join(sorted(duties)), address=address)

    @classmethod
    def load(cls, settings: Settings) -> "Keyring":
        """Open every configured key.

        Raises KeyUnreadable, KeySharedByTwoDuties, DevelopmentKeyOffLocalChain (also for a development key that
        hides in a keystore).
        """
        settings.refuse_development_keys()
        keyring = cls({duty: _open(duty, source) for duty, source in settings.keys.items()})
        if not settings.on_local_chain and keyring:
            _refuse_public_keys(keyring, settings.chain_id)
        return keyring

    def secrets(self) -> tuple[str, ...]:
        """The private keys, for the log's redaction only."""
        return tuple("0x" + bytes(account.key).hex() for account in self._accounts.values())

    def __getitem__(self, duty: Duty) -> LocalAccount:
        try:
            return self._accounts[duty]
        except KeyError:
            raise KeyMissing(duty=Duty(duty).value) from None

    def __contains__(self, duty: object) -> bool:
        return duty in self._accounts

    def __iter__(self) -> Iterator[Duty]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(f'{duty.value}={account.address}' for duty, account in self._accounts.items())})"


def addresses(settings: Settings) -> dict[Duty, str]:
    """Whose keys are configured, without opening them: a keystore that tells no address is left out."""
    found = {duty: _address(source) for duty, source in settings.keys.items()}
    return {duty: address for duty, address in found.items() if address}


def development_key(index: int) -> LocalAccount:
    """The account that every Anvil funds; its key is public."""
    account: LocalAccount = Account.from_mnemonic(DEVELOPMENT_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return account


def _address(source: KeySource) -> str | None:
    if source.development is not None:
        return development_key(source.development).address
    assert source.keystore is not None
    try:
        return checksum(json.loads(source.keystore.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _open(duty: Duty, source: KeySource) -> LocalAccount:
    if source.development is not None:
        return development_key(source.development)
    keystore, password_file = source.keystore, source.password_file
    assert keystore is not None and password_file is not None
    return _decrypt(duty, keystore, password_file)


def _decrypt(duty: Duty, keystore: Path, password_file: Path) -> LocalAccount:
    try:
        password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
        account: LocalAccount = Account.from_key(Account.decrypt(keystore.read_text(encoding="utf-8"), password))
    except OSError as error:
        raise KeyUnreadable(duty=duty.value, keystore=str(keystore), reason=error.strerror or "unreadable") from None
    except Exception:  # whatever a broken keystore or a wrong password raises may quote its input
        raise KeyUnreadable(duty=duty.value, keystore=str(keystore), reason="wrong password or file") from None
    return account


def _refuse_public_keys(keyring: Keyring, chain_id: int) -> None:
    public = {development_key(index).address for index in range(PUBLIC_KEYS_CHECKED)}
    for duty, account in keyring.items():
        if account.address in public:
            raise DevelopmentKeyOffLocalChain(duty=duty.value, chain_id=chain_id)
