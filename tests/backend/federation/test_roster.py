"""The files a process starts from, and the demo's division of the rows."""

import csv
import gzip
import json

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from backend.federation import partition, roster, vectors
from backend.federation.errors import ConsentsUnusable, KeyFileUnusable, RosterUnusable
from backend.federation.vectors import Request
from backend.strictjson import JsonInvalid
from tests.backend.federation.parts import identity

MEMBER = {"name": "bank", "identity": "ab" * 32}
PLACE = MEMBER | {"url": "https://bank.example:8443"}


# Keys


def test_a_key_file_is_its_owners_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "key.pem"
    roster.create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    first = roster.read_key(path, "bank").member
    with pytest.raises(KeyFileUnusable, match=r"key\.pem"):
        roster.create_key(path)
    assert roster.read_key(path, "bank").member == first


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "key.pem"
    roster.create_key(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileUnusable, match="others"):
        roster.read_key(path, "bank")


def test_a_key_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "key.pem"
    path.touch(0o600)
    for content, rule in (
        (b"no key", "PEM"),
        (X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "Ed25519"),
    ):
        path.write_bytes(content)
        with pytest.raises(KeyFileUnusable, match=rule):
            roster.read_key(path, "bank")


# Rosters


def test_a_roster_is_read(tmp_path):
    path = tmp_path / "roster.json"
    path.write_text(json.dumps({"coordinator": identity("coordinator").member.model_dump(), "institutions": [PLACE]}))
    known = roster.read_roster(path)
    assert known.institutions == {"bank": "ab" * 32}
    assert list(known.coordinators) == ["coordinator"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"coordinator": MEMBER},
        {"coordinator": MEMBER, "institutions": [PLACE | {"url": 8443}]},
        {"coordinator": MEMBER, "institutions": [PLACE], "more": 1},
        {"coordinator": MEMBER, "institutions": [PLACE | {"identity": "AB" * 32}]},
        {"coordinator": MEMBER, "institutions": [PLACE | {"name": "../bank"}]},
        {"coordinator": MEMBER, "institutions": [PLACE | {"url": "https://user:secret@bank.example"}]},
        {"coordinator": MEMBER, "institutions": [PLACE | {"url": "ftp://bank.example"}]},
    ],
)
def test_a_roster_of_another_shape_is_refused(tmp_path, content):
    path = tmp_path / "roster.json"
    path.write_text(json.dumps(content))
    with pytest.raises(RosterUnusable, match=r"roster\.json"):
        roster.read_roster(path)


def test_a_roster_that_is_not_there_or_no_json_is_told(tmp_path):
    path = tmp_path / "roster.json"
    with pytest.raises(RosterUnusable):
        roster.read_roster(path)
    path.write_text("{")
    with pytest.raises(JsonInvalid):
        roster.read_roster(path)


# Consents


@pytest.fixture
def files(spec, learned, tmp_path):
    """Data and consents of an institution with the first 600 rows; `consents` lists all of them."""
    keys = learned.keys[:600]
    data, consents = tmp_path / "clients.csv.gz", tmp_path / "consents.txt"
    with gzip.open(spec.data, "rt", newline="") as source, gzip.open(data, "wt", newline="") as out:
        rows = csv.DictReader(source)
        writer = csv.DictWriter(out, rows.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in rows if row["ID"] in keys)
    consents.write_text("\n".join(keys) + "\n")
    return data, consents, keys


def test_a_withdrawn_consent_takes_the_row_out_of_every_count(spec, files):
    data, consents, keys = files
    before = roster.read_rows(spec, data, consents)
    consents.write_text("\n".join(keys[1:]) + "\n")
    after = roster.read_rows(spec, data, consents)
    assert len(after.labels) == len(before.labels) - 1
    counts = [vectors.answer(spec, own, Request("histogram")) for own in (before, after)]
    assert sum(counts[0] - counts[1]) == len(spec.features)
    assert sum(before.labels) - sum(after.labels) == before.labels[0]


def test_without_a_consent_nothing_is_read_and_foreign_keys_add_nothing(spec, files):
    data, consents, keys = files
    consents.write_text("")
    assert len(roster.read_rows(spec, data, consents).labels) == 0
    consents.write_text(f"{keys[3]}\nsomebody-else\n\n")
    assert len(roster.read_rows(spec, data, consents).labels) == 1


@pytest.mark.parametrize("content", [b"1\n2\n1\n", b"\xff\xfe1"])
def test_a_list_of_consents_in_disorder_is_refused(spec, files, content):
    data, consents, _ = files
    consents.write_bytes(content)
    with pytest.raises(ConsentsUnusable, match=r"consents\.txt"):
        roster.read_rows(spec, data, consents)


def test_a_missing_list_of_consents_is_no_consent(spec, files):
    data, consents, _ = files
    consents.unlink()
    with pytest.raises(ConsentsUnusable):
        roster.read_rows(spec, data, consents)


# The demo's division


def test_every_row_has_one_holder_in_the_stated_shares(learned):
    parts = partition.masks(learned.keys, learned.columns[partition.COLUMN])
    assert (sum(mask.astype(int) for mask in parts.values()) == 1).all()
    shares = [mask.mean() for mask in parts.values()]
    assert shares == pytest.approx([0.15, 0.25, 0.60], abs=0.001)


def test_the_institutions_have_customers_of_different_kinds(learned):
    limits = learned.columns[partition.COLUMN]
    medians = {name: np.median(limits[mask]) for name, mask in partition.masks(learned.keys, limits).items()}
    assert medians["county_bank"] < medians["card_issuer"] < medians["city_bank"]


def test_the_division_does_not_depend_on_the_order_of_rows(learned):
    order = np.random.default_rng(3).permutation(len(learned.keys))
    limits = learned.columns[partition.COLUMN]
    straight = partition.masks(learned.keys, limits)
    shuffled = partition.masks([learned.keys[row] for row in order], limits[order])
    for name, mask in straight.items():
        assert (mask[order] == shuffled[name]).all()
