"""Files a process starts from: its private key, the roster of who may take part, the rows and their consents."""

import os
from pathlib import Path
from typing import Annotated

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend import strictjson
from backend.federation.errors import ConsentsUnusable, KeyFileUnusable, RosterUnusable
from backend.federation.messages import Hex32, Identity, Member, Name
from backend.federation.vectors import Rows
from backend.scoring import features, table
from backend.scoring.modelspec import ModelSpec


class Place(BaseModel):
    """An institution on the roster: name, Ed25519 public key and, for the coordinator, where it answers."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    name: Name
    identity: Hex32
    url: Annotated[str, Field(pattern=r"^(https?://[^\s/@?#]+)?$", max_length=200)] = ""

    @property
    def member(self) -> Member:
        return Member(name=self.name, identity=self.identity)


class Roster(BaseModel):
    """Everybody keeps a copy of their own and believes no other."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    coordinator: Member
    places: Annotated[list[Place], Field(alias="institutions", max_length=64)]

    @property
    def coordinators(self) -> dict[str, str]:
        return {self.coordinator.name: self.coordinator.identity}

    @property
    def institutions(self) -> dict[str, str]:
        return {place.name: place.identity for place in self.places}


def read_roster(path: Path) -> Roster:
    """`{"coordinator": {name, identity}, "institutions": [{name, identity, url}, …]}`. Raises RosterUnusable."""
    try:
        return Roster.model_validate(strictjson.parse(path.read_bytes()))
    except OSError as error:
        raise RosterUnusable(path=path.name, rule=str(error.strerror)) from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise RosterUnusable(path=path.name, rule=f"{fault['loc']}: {fault['msg']}") from None


def create_key(path: Path) -> None:
    """A new private key, PKCS #8 in PEM, for its owner's eyes only. Raises KeyFileUnusable when the file exists."""
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise KeyFileUnusable(path=path.name, rule=str(error.strerror)) from None


def read_key(path: Path, name: str) -> Identity:
    """Raises KeyFileUnusable, also when others than its owner may read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileUnusable(path=path.name, rule="others than its owner may read it")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyFileUnusable(path=path.name, rule=str(error.strerror)) from None
    except (ValueError, TypeError):
        raise KeyFileUnusable(path=path.name, rule="it is not a private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileUnusable(path=path.name, rule="it is not an Ed25519 key")
    return Identity(name, key)


def read_rows(spec: ModelSpec, data: Path, consents: Path) -> Rows:
    """The rows whose key stands in the list of consents to purpose Training, one key a line."""
    labelled = table.read(data, spec)
    consented = _consents(consents)
    taking_part = labelled.take(np.array([key in consented for key in labelled.keys]))
    return Rows(features.matrix(spec, taking_part.columns), taking_part.labels)


def _consents(path: Path) -> frozenset[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConsentsUnusable(path=path.name, rule=str(error)) from None
    keys = [line.strip() for line in lines if line.strip()]
    if len(set(keys)) < len(keys):
        raise ConsentsUnusable(path=path.name, rule="a key stands in it twice")
    return frozenset(keys)
