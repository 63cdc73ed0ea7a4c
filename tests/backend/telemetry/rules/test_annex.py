"""The annex: strict, hashed, and its polygon beyond doubt."""

import json
from typing import Any

import pytest
from eth_utils.crypto import keccak

from backend.strictjson import JsonInvalid
from backend.telemetry.rules import annex, ruleset
from backend.telemetry.rules.annex import Annex, AnnexInvalid
from backend.telemetry.rules.ruleset import load

DEGREE = 10_000_000
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]


def ring(*corners: tuple[float, float]) -> list[list[int]]:
    return [[round(longitude * DEGREE), round(latitude * DEGREE)] for longitude, latitude in corners]


HOLE = ring((1, 1), (3, 1), (3, 3), (1, 1))


def document(*rings: list[list[int]], **values: Any) -> dict[str, Any]:
    region = {"polygon": [ring(*SQUARE), *rings], "validFrom": 0, "validThrough": 2_000_000_000}
    content = {"rules": "rules-1", "rulesHash": load().hash, "region": region, "timezone": "Asia/Shanghai"}
    return content | values


def of(content: Any) -> Annex:
    return annex.parse(json.dumps(content).encode())


def of_polygon(*rings: list[list[int]]) -> Annex:
    return of(document(region={"polygon": list(rings), "validFrom": 0, "validThrough": 1}))


def test_the_hash_is_that_of_sorted_keys_without_spaces():
    content = document(ring((1, 1), (2, 1), (2, 2), (1, 1)))
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    assert of(content).hash == "0x" + keccak(canonical).hex()
    assert ruleset.canonical(of(content).document) == canonical


def test_an_annex_may_bind_to_no_region():
    content = document(region=None)
    assert of(content).region is None
    assert of(content).document == content


@pytest.mark.parametrize(
    "values",
    [
        {"rules": "rules-0"},
        {"rules": "../ruleset"},
        {"rulesHash": "0x" + "00" * 32},
        {"timezone": ""},
        {"timezone": "Asia/../etc"},
        {"timezone": "x" * 65},
        {"note": 1},
        {"region": {"polygon": [], "validFrom": 0, "validThrough": 1}},
        {"region": {"polygon": [ring(*SQUARE)], "validFrom": 2, "validThrough": 1}},
        {"region": {"polygon": [ring(*SQUARE)], "validFrom": -1, "validThrough": 1}},
        {"region": {"polygon": [ring(*SQUARE)], "validFrom": 0}},
        {"region": {"polygon": [[[0.5, 1], [2, 3], [4, 5], [0.5, 1]]], "validFrom": 0, "validThrough": 1}},
        {"region": {"polygon": [[[0, 1, 2], [2, 3], [4, 5], [0, 1, 2]]], "validFrom": 0, "validThrough": 1}},
    ],
)
def test_anything_else_is_refused(values: dict[str, Any]):
    with pytest.raises(AnnexInvalid):
        of(document(**values))


def test_a_key_that_is_missing_is_refused():
    content = document()
    del content["timezone"]
    with pytest.raises(AnnexInvalid):
        of(content)


def test_what_is_too_long_or_no_json_is_refused():
    with pytest.raises(AnnexInvalid):
        annex.parse(b" " * (annex.MOST_BYTES + 1))
    with pytest.raises(JsonInvalid):
        annex.parse(b'{"rules": "rules-1", "rules": "rules-1"}')


@pytest.mark.parametrize(
    ("name", "rings"),
    [
        ("fewer than 4 points", [ring((0, 0), (1, 1), (0, 0))]),
        ("not closed", [ring((0, 0), (4, 0), (4, 4), (0, 4))]),
        ("twice in a row", [ring((0, 0), (4, 0), (4, 0), (4, 4), (0, 0))]),
        ("beyond 180", [ring((0, 0), (181, 0), (4, 4), (0, 0))]),
        ("beyond 180", [ring((0, 0), (4, 91), (4, 4), (0, 0))]),
        ("meets", [ring((0, 0), (4, 4), (4, 0), (0, 4), (0, 0))]),
        ("meets", [ring((0, 0), (4, 0), (4, 4), (2, 0), (0, 4), (0, 0))]),
        ("meets", [ring((0, 0), (4, 0), (8, 0), (6, 0), (6, 4), (0, 0))]),
        ("meets", [ring((0, 0), (4, 0), (2, 0), (0, 0))]),
        ("meets", [ring(*SQUARE), ring((1, 1), (5, 1), (2, 2), (1, 1))]),
        ("meets", [ring(*SQUARE), ring((0, 1), (1, 1), (1, 2), (0, 1))]),
        ("a hole outside", [ring(*SQUARE), ring((5, 1), (6, 1), (6, 2), (5, 1))]),
        (
            "a hole within",
            [ring(*SQUARE), ring((1, 1), (3, 1), (3, 3), (1, 1)), ring((2, 1.5), (2.5, 1.5), (2.5, 2), (2, 1.5))],
        ),
        ("half the globe", [ring((-90, 0), (90, 0), (0, 40), (-90, 0))]),
        ("wider than half", [ring((-100, 0), (0, 0), (100, 0), (0, 40), (-100, 0))]),
        ("around a pole", [ring((0, 80), (90, 80), (180, 80), (-90, 80), (0, 80))]),
        ("no outer ring", []),
    ],
)
def test_a_doubtful_polygon_is_refused(name: str, rings: list[list[list[int]]]):
    with pytest.raises(AnnexInvalid) as refused:
        of_polygon(*rings)
    assert name in refused.value.values["rule"]


def test_500_points_are_allowed_and_501_are_not():
    def comb(points: int) -> list[list[int]]:
        steps = [(step / 100, 1 + step % 2) for step in range(points - 3)]
        return ring((0, 0), *steps, ((points - 4) / 100, 0), (0, 0))

    assert of_polygon(comb(500)).region is not None
    with pytest.raises(AnnexInvalid):
        of_polygon(comb(501))


def test_either_direction_and_a_hole_are_allowed():
    assert of_polygon(ring(*reversed(SQUARE)), ring((1, 1), (2, 1), (2, 2), (1, 1))).region is not None


def test_a_polygon_across_the_antimeridian_means_the_short_way():
    found = of_polygon(ring((179, 0), (-179, 0), (-179, 2), (179, 2), (179, 0)))
    assert found.region is not None
    assert found.region.fence.contains(DEGREE, 1_799_000_000)
    assert found.region.fence.contains(DEGREE, -1_799_000_000)
    assert not found.region.fence.contains(DEGREE, 0)


def test_a_hole_across_the_antimeridian_is_found_from_either_side():
    outer = ring((175, 0), (-175, 0), (-175, 8), (175, 8), (175, 0))
    hole = ring((-179, 2), (179, 2), (179, 4), (-179, 4), (-179, 2))
    fence = of_polygon(outer, hole).region.fence
    assert not fence.contains(3 * DEGREE, 1_795_000_000)
    assert not fence.contains(3 * DEGREE, -1_795_000_000)
    assert fence.contains(5 * DEGREE, 1_795_000_000)
