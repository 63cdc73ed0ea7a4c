"""Who an account is, and arguments with whom they name, as the API tells them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from backend.api.context import here
from backend.chain.abi import checksum
from backend.chain.decoding import Argument, Call
from backend.desk import news
from backend.readmodel import parties

NOBODY = "0x" + "0" * 40

Shown = dict[str, Any]


class People:
    """Accounts by address, for one answer; what is asked for often is looked up once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[str, Shown] = {}
        self._roles: dict[int, list[str]] = {}

    def learn(self, addresses: Iterable[str]) -> None:
        """Look these up together."""
        wanted = sorted({checksum(address) for address in addresses} - self._known.keys())
        owners = parties.numbers_of(self._tx, wanted)
        for address in wanted:
            self._known[address] = self._shown(address, owners.get(address))

    def who(self, address: str) -> Shown:
        self.learn([address])
        return self._known[checksum(address)]

    def maybe(self, address: str | None) -> Shown | None:
        return self.who(address) if address else None

    def arguments(self, arguments: Iterable[Argument]) -> list[Shown]:
        """With whom they name."""
        told = list(arguments)
        self.learn(_accounts(told))
        return [self._argument(argument) for argument in told]

    def call(self, call: Call | None) -> Shown | None:
        if call is None:
            return None
        return {
            "contract": call.contract,
            "function": call.function,
            "signature": call.signature,
            "arguments": self.arguments(call.arguments),
            "inner": [self.call(inner) for inner in call.inner],
        }

    def told(self, row: Mapping[str, Any], sender: str | None = None) -> Shown:
        """An event of the read model; `sender` of its transaction."""
        arguments = here().words.stored(row["contract"], row["event"], row["arguments"])
        sentence = news.told_to_all(row["contract"], row["event"], row["arguments"])
        return {**row, "sentence": sentence, "arguments": self.arguments(arguments), "sender": self.maybe(sender)}

    def _argument(self, argument: Argument) -> Shown:
        is_account = argument.unit == "account" and isinstance(argument.value, str) and argument.value != NOBODY
        return {
            "name": argument.name,
            "type": argument.type,
            "unit": argument.unit,
            "value": argument.value,
            "member": argument.member,
            "parts": None if argument.parts is None else [self._argument(part) for part in argument.parts],
            "left_out": argument.left_out,
            "who": self.who(str(argument.value)) if is_account else None,
        }

    def _shown(self, address: str, party: int | None) -> Shown:
        return {
            "address": address,
            "contract": here().words.contract_at(address),
            "party": party,
            "roles": self._roles_of(party) if party else [],
            "duty": here().duties.get(address),
        }

    def _roles_of(self, party: int) -> list[str]:
        if party not in self._roles:
            row = parties.found(self._tx, party)
            bits = row["roles"] if row else 0
            self._roles[party] = [name for name, bit in parties.ROLES.items() if bits & bit]
        return self._roles[party]


def senders(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Who sent the transactions of these events, by hash: read from the chain."""
    hashes = sorted({row["transaction_hash"] for row in rows})
    return {hash_: checksum(found["from"]) for hash_, found in here().history.transactions(hashes).items()}


def _accounts(arguments: Iterable[Argument]) -> list[str]:
    found = []
    for argument in arguments:
        if argument.unit == "account" and isinstance(argument.value, str):
            found.append(argument.value)
        found += _accounts(argument.parts or ())
    return found
