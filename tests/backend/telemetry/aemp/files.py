"""Small snapshots in both forms, and the whole real ones."""

import json
from pathlib import Path
from typing import Any

from backend.telemetry import aemp
from backend.telemetry.aemp.source import NAMESPACES

FLEETS = Path(__file__).parents[4] / "data" / "iot" / "aemp"
TAKEUCHI = (FLEETS / "takeuchi_tfm_snapshot.xml").read_bytes()
KRAMER = (FLEETS / "wacker_neuson_kramer_equipcare_snapshot.xml").read_bytes()
NOW = 1_790_000_000
"""2026-09-21T13:33:20Z"""
AT = "2026-09-21T08:00:00Z"
HEADER = (
    "<EquipmentHeader><OEMName>Maker</OEMName><Model>M1</Model><SerialNumber>S1</SerialNumber><PIN>P1</PIN>"
    "</EquipmentHeader>"
)
LOCATION = f'<Location datetime="{AT}"><Latitude>39.5</Latitude><Longitude>116.3</Longitude></Location>'
HOURS = f'<CumulativeOperatingHours datetime="{AT}"><Hour>1234.56</Hour></CumulativeOperatingHours>'
SOUND = HEADER + LOCATION + HOURS


def xml(*equipment: str, namespace: str = NAMESPACES[0], head: str = "", links: str = "") -> bytes:
    body = "".join(f"<Equipment>{inner}</Equipment>" for inner in equipment)
    return f'{head}<Fleet xmlns="{namespace}" version="1">{links}{body}</Fleet>'.encode()


def parse(*equipment: str, now: int = NOW, **of_file: str) -> aemp.Snapshot:
    return aemp.parse(xml(*equipment, **of_file), now)


def machine(inner: str, now: int = NOW) -> aemp.Machine:
    return parse(inner, now=now).machines[0]


def codes(found: aemp.Machine) -> set[str]:
    """Of the oddities, each of which can be told in both languages."""
    assert all(oddity.notice("en") != oddity.notice("zh") for oddity in found.oddities)
    return {oddity.code for oddity in found.oddities}


def as_json(document: Any) -> aemp.Snapshot:
    return aemp.parse(json.dumps(document).encode(), NOW)
