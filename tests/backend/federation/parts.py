"""A federation in memory: three institutions with the demo's rows, a coordinator, and no network."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.errors import HeqiError
from backend.federation import client
from backend.federation.institution import Institution
from backend.federation.messages import Identity, Sealed
from backend.federation.roster import Place, Roster
from backend.federation.vectors import Rows
from backend.scoring.modelspec import ModelSpec

NAMES = ("county_bank", "city_bank", "card_issuer")


def identity(name: str) -> Identity:
    return Identity(name, Ed25519PrivateKey.generate())


def place(own: Identity) -> Place:
    return Place(**own.member.model_dump(), url=f"http://{own.name.replace('_', '-')}.example")


def plain(value: Any) -> Any:
    """What is left of a message after its way over the network."""
    return json.loads(json.dumps(value))


@dataclass
class Federation:
    """`post` is the coordinator's; `before` and `after` may change what it carries, or raise."""

    spec: ModelSpec
    rows: dict[str, Rows]
    coordinator: Identity = field(default_factory=lambda: identity("coordinator"))
    identities: dict[str, Identity] = field(default_factory=lambda: {name: identity(name) for name in NAMES})
    before: Callable[[str, str, Any], Any] = lambda _name, _path, message: message
    after: Callable[[str, str, Any], Any] = lambda _name, _path, answer: answer
    posted: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.roster = Roster(
            coordinator=self.coordinator.member, institutions=[place(own) for own in self.identities.values()]
        )
        self.institutions = {
            name: Institution(own, self.roster, self.spec, lambda name=name: self.rows[name])
            for name, own in self.identities.items()
        }

    def post(self, place: Place, path: str, message: Any) -> Any:
        self.posted.append((place.name, path))
        given = self.before(place.name, path, plain(message))
        try:
            answer = self._answer(self.institutions[place.name], path, Sealed.model_validate(given))
        except HeqiError as error:
            raise client.refusal(place.name, path, error.to_problem()) from None
        return self.after(place.name, path, plain(answer))

    def _answer(self, institution: Institution, path: str, sealed: Sealed) -> Any:
        match path:
            case "/start":
                return institution.start(sealed).model_dump()
            case "/keys":
                return institution.keys(sealed) or {}
            case "/request":
                return institution.answer(sealed).model_dump()
            case "/stop":
                return institution.stop(sealed) or {}
