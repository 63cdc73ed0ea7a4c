"""A whole snapshot: its machines, its page, and what only shows when machines are seen side by side. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend.telemetry.aemp import machine, source
from backend.telemetry.aemp.machine import DAY_S, SKEW_S, Machine, moment, shown
from backend.telemetry.aemp.source import Block

TRUST = 0
"""Of every reading here: nobody signed it. Rent and payouts take sealed records (trust level 2) only."""
SILENT_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`version`, `taken_at`: as the file says, None where it does not; seconds since 1970.
    `links`: where the feed's other pages are, by relation, without query and user, which may hold secrets.
    They are never followed."""

    version: str | None
    taken_at: int | None
    links: Mapping[str, str]
    machines: tuple[Machine, ...]

    @property
    def more(self) -> bool:
        """The feed says that there is a next page; some makers name the page itself."""
        return "next" in self.links and self.links["next"] != self.links.get("self")

    def counts(self) -> Mapping[str, int]:
        """Machines by code of oddity, the most frequent first."""
        codes = Counter(code for found in self.machines for code in {oddity.code for oddity in found.oddities})
        return dict(sorted(codes.items(), key=lambda item: (-item[1], item[0])))


def parse(data: bytes, now: int) -> Snapshot:
    """The snapshot in an XML or JSON file. `now`: seconds since 1970.

    Raises FleetInvalid, FleetTooLarge and JsonInvalid.
    """
    fleet = source.read(data)
    found = fleet.get("equipment", [])
    blocks: list[Block] = [block if isinstance(block, dict) else {} for block in found]
    machines = [machine.read(place, block, now) for place, block in enumerate(blocks, start=1)]
    told = _tell_silent(_tell_duplicates(machines), now)
    version = _word(fleet, "version")
    return Snapshot(version and shown(version), _taken_at(fleet), _links(fleet), tuple(told))


def _tell_duplicates(machines: list[Machine]) -> list[Machine]:
    for field, attribute in (("PIN", "pin"), ("SerialNumber", "serial"), ("EquipmentID", "equipment_id")):
        keys = [_key(found, attribute) for found in machines]
        counts = Counter(key for key in keys if key)
        machines = [
            found.odd("duplicate", field=field, text=getattr(found, attribute), count=counts[key])
            if counts[key] > 1
            else found
            for found, key in zip(machines, keys, strict=True)
        ]
    return machines


def _key(found: Machine, attribute: str) -> str:
    """Letters' case and spaces identify nothing; two makers may give one serial number."""
    text = getattr(found, attribute)
    if not text:
        return ""
    return f"{found.maker if attribute == 'serial' else ''} {''.join(text.split())}".casefold()


def _tell_silent(machines: list[Machine], now: int) -> list[Machine]:
    past = [at for found in machines for at in found.times() if at <= now + SKEW_S]
    newest = max(past, default=0)
    return [_with_silence(found, newest) for found in machines]


def _with_silence(found: Machine, newest: int) -> Machine:
    times = found.times()
    if not times or newest - times[-1] <= SILENT_S:
        return found
    return found.odd("silent", last=moment(times[-1]), days=(newest - times[-1]) // DAY_S)


def _word(block: Block, name: str) -> str | None:
    match block.get(name):
        case [str() as text] if text:
            return text
        case _:
            return None


def _taken_at(fleet: Block) -> int | None:
    text = _word(fleet, "snapshottime")
    return machine.seconds(text) if text else None


def _links(fleet: Block) -> Mapping[str, str]:
    return dict(_pairs(block for block in fleet.get("links", []) if isinstance(block, dict)))


def _pairs(blocks: Iterable[Block]) -> Iterable[tuple[str, str]]:
    for block in blocks:
        relation, address = _word(block, "rel"), _word(block, "href")
        if relation and address:
            yield shown(relation.lower()), _bare(address)


def _bare(address: str) -> str:
    try:
        parts = urlsplit("".join(character for character in address if character.isprintable()))
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}" if host else parts.path
    except ValueError:
        return ""
