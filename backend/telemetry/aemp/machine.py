"""One machine of a snapshot: its identifiers, its figures with the time of each, and what is odd about them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from backend.telemetry.aemp.elements import (
    CAPACITIES,
    ELEMENTS,
    NOT_TAKEN_OVER,
    PARTS_OF_HOURS,
    PLAIN_GALLON,
    Element,
    Measure,
)
from backend.telemetry.aemp.oddities import Oddity
from backend.telemetry.aemp.source import Block

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = 946_684_800
"""2000-01-01 UTC, seconds: no telematics unit is older."""
SKEW_S = 300
"""Clocks may be ahead by so much, as for signed records."""
DAY_S = 86_400
APART_S = DAY_S
"""Figures of one snapshot that are further apart describe no one moment."""
HOURS_TO_JUDGE_SENSOR = 100
"""0.01 h: a machine that has not run for an hour may have used no whole litre."""
HOURS_TO_JUDGE_RATE = 1_000
LEAST_RATE, MOST_RATE = 2, 10_000
"""0.1 l/h over a machine's life: the smallest excavators idle above 0.2 l/h, the largest shovels stay below 1,000."""
SHOWN = 60
LONGEST_IDENTIFIER = 64
UNKNOWN_SHOWN = 5

PLACEHOLDERS = frozenset(
    {"", "missing", "n/a", "na", "nan", "null", "none", "nil", "unknown", "undefined", "not available", "-", "--", "?"}
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,20})?(e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
TRUTH = {"true": 1, "1": 1, "false": 0, "0": 0}
DEGREE = 10_000_000


class Reading(NamedTuple):
    """`value` in the unit of its element; `at`: seconds since 1970, None where the file gives no time for it."""

    value: int
    at: int | None


class Position(NamedTuple):
    """In 1e-7 degrees. The standard knows neither accuracy nor satellites, so this is no fix for a geofence."""

    latitude: int
    longitude: int
    at: int | None


@dataclass(frozen=True, slots=True)
class Machine:
    """`place`: number in the file from 1. `readings`: by name of `elements.ELEMENTS`, only those that are known.
    `engine`: 1 while it runs. `installed_at`: of the telematics unit, seconds since 1970."""

    place: int
    maker: str | None
    model: str | None
    equipment_id: str | None
    serial: str | None
    pin: str | None
    installed_at: int | None
    position: Position | None
    engine: Reading | None
    readings: Mapping[str, Reading]
    oddities: tuple[Oddity, ...]

    @property
    def identity(self) -> str | None:
        """What a registered machine can be matched by: the PIN, else maker and serial number."""
        if self.pin:
            return self.pin
        return f"{self.maker} {self.serial}" if self.maker and self.serial else None

    def times(self) -> list[int]:
        """Of all figures that have one, in order."""
        held = [self.position, self.engine, *self.readings.values()]
        return sorted(figure.at for figure in held if figure is not None and figure.at is not None)

    def odd(self, code: str, **values: Any) -> "Machine":
        """The machine with one oddity more."""
        return replace(self, oddities=(*self.oddities, Oddity(code, values)))


def read(place: int, block: Block, now: int) -> Machine:
    """The machine in the block `Equipment`. `now`: seconds since 1970; what is dated later is in the future."""
    return _Reader(now).machine(place, block)


def moment(at: int) -> str:
    """`2021-05-20T11:08:34Z`"""
    return f"{EPOCH + timedelta(seconds=at):%Y-%m-%dT%H:%M:%SZ}"


def decimal(value: int, places: int) -> str:
    """`23.37` of 2337 with 2 places."""
    return str(Decimal(value).scaleb(-places))


def shown(text: str) -> str:
    """A text of the file as people may see it: cut, and without what steers a terminal or turns the line around."""
    plain = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"


class _Reader:
    """Reads one machine and notes what is odd, in the order of the standard's elements."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._oddities: list[Oddity] = []

    def machine(self, place: int, block: Block) -> Machine:
        header = self._block(block, "EquipmentHeader")
        maker, model = self._name(header, "OEMName", "maker_missing"), self._name(header, "Model", "model_missing")
        found = Machine(
            place=place,
            maker=maker,
            model=model,
            equipment_id=self._identifier(header, "EquipmentID"),
            serial=self._identifier(header, "SerialNumber"),
            pin=self._identifier(header, "PIN"),
            installed_at=self._installed_at(header),
            position=self._position(self._block(block, "Location")),
            engine=self._engine(self._block(block, "EngineStatus")),
            readings={element.name: reading for element in ELEMENTS if (reading := self._reading(element, block))},
            oddities=(),
        )
        self._tell_unknown(block)
        self._judge(found)
        return replace(found, oddities=tuple(self._oddities))

    def _tell(self, code: str, **values: Any) -> None:
        oddity = Oddity(code, values)
        if oddity not in self._oddities:
            self._oddities.append(oddity)

    # What stands in the file

    def _only(self, block: Block, name: str, element: str) -> str | Block | None:
        found = block.get(name.lower(), [])
        if len(found) > 1:
            self._tell("repeated", element=element, count=len(found))
        return found[0] if len(found) == 1 else None

    def _block(self, block: Block, name: str) -> Block:
        match self._only(block, name, name):
            case dict() as found:
                return found
            case None | "":
                return {}
            case text:
                self._tell("element_unknown", count=1, elements=shown(f"{name} {text!r}"))
                return {}

    def _text(self, block: Block, field: str, element: str) -> str | None:
        """None where nothing is said, be it in a word."""
        match self._only(block, field, element):
            case str() as text if text.lower() not in PLACEHOLDERS:
                return text
            case dict():
                self._tell("element_unknown", count=1, elements=f"{element}/…")
                return None
            case _:
                return None

    # The header

    def _name(self, header: Block, field: str, missing: str) -> str | None:
        text = self._text(header, field, field)
        if text is None:
            self._tell(missing)
        return text and shown(text)

    def _identifier(self, header: Block, field: str) -> str | None:
        found = self._only(header, field, field)
        if not isinstance(found, str) or not found:
            return None
        if found.lower() in PLACEHOLDERS or not found.isprintable() or not found.strip("0 .-_"):
            self._tell("identifier_unusable", field=field, text=shown(found))
            return None
        if len(found) > LONGEST_IDENTIFIER:
            self._tell("identifier_unusable", field=field, text=shown(found))
            return None
        return found

    def _installed_at(self, header: Block) -> int | None:
        text = self._text(header, "UnitInstallDateTime", "UnitInstallDateTime")
        if text is None:
            return None
        at = seconds(text)
        if at is None or not EARLIEST <= at <= self._now + SKEW_S:
            self._tell("install_date_implausible", text=shown(text))
            return None
        return at

    # Figures

    def _reading(self, element: Element, machine: Block) -> Reading | None:
        block, named = self._block(machine, element.element), f"{element.element}/{element.field}"
        text = self._text(block, element.field, named)
        if text is None:
            return None
        factor = self._factor(element, block)
        value = None if factor is None else self._scaled(text, factor, element.measure, named)
        if value == 0 and element.name in CAPACITIES:
            self._tell("capacity_zero", element=named)
            return None
        return None if value is None else Reading(value, self._time(block, element.element))

    def _factor(self, element: Element, block: Block) -> Decimal | None:
        """How many of ours the file's unit is."""
        if element.units is None or element.measure.words is None:
            return Decimal(element.measure.scale)
        named = f"{element.element}/{element.units}"
        word = (self._text(block, element.units, named) or "").lower()
        if word not in element.measure.words:
            self._tell("unit_unknown", element=f"{element.element}/{element.field}", text=shown(word))
            return None
        if word in PLAIN_GALLON:
            self._tell("gallon_assumed", element=f"{element.element}/{element.field}")
        return element.measure.words[word]

    def _scaled(self, text: str, factor: Decimal, measure: Measure, named: str) -> int | None:
        """Rounded to the nearest whole, a tie to the even one."""
        value = round(Decimal(text) * factor) if NUMBER.fullmatch(text) else None
        if value is None or not 0 <= value <= measure.most:
            most = f"{Decimal(measure.most) / factor:.7g}"
            self._tell("figure_unusable", element=named, text=shown(text), least="0", most=most)
            return None
        return value

    def _time(self, block: Block, element: str) -> int | None:
        text = self._text(block, "datetime", f"{element}/datetime")
        if text is None:
            self._tell("time_missing", element=element)
            return None
        at = seconds(text)
        if at is None or at < EARLIEST:
            self._tell("time_unusable", element=element, text=shown(text))
            return None
        if at > self._now + SKEW_S:
            self._tell("time_future", element=element, time=moment(at))
        return at

    def _position(self, location: Block) -> Position | None:
        latitude = self._angle(location, "Latitude", 90)
        longitude = self._angle(location, "Longitude", 180)
        if latitude is None or longitude is None:
            return None
        at = self._time(location, "Location")
        if 0 in (latitude, longitude) or latitude == longitude:
            self._tell("position_implausible", latitude=decimal(latitude, 7), longitude=decimal(longitude, 7))
            return None
        return Position(latitude, longitude, at)

    def _angle(self, location: Block, field: str, most: int) -> int | None:
        text = self._text(location, field, f"Location/{field}")
        if text is None:
            return None
        value = round(Decimal(text) * DEGREE) if NUMBER.fullmatch(text) else None
        if value is None or abs(value) > most * DEGREE:
            values = {"text": shown(text), "least": str(-most), "most": str(most)}
            self._tell("figure_unusable", element=f"Location/{field}", **values)
            return None
        return value

    def _engine(self, status: Block) -> Reading | None:
        text = self._text(status, "Running", "EngineStatus/Running")
        if text is None:
            return None
        if text.lower() not in TRUTH:
            self._tell("truth_unusable", element="EngineStatus/Running", text=shown(text))
            return None
        return Reading(TRUTH[text.lower()], self._time(status, "EngineStatus"))

    # The whole

    def _tell_unknown(self, machine: Block) -> None:
        unknown = [name for name in machine if name not in KNOWN]
        for name, fields in KNOWN.items():
            for block in machine.get(name, []):
                held = block if isinstance(block, dict) else {}
                unknown += [f"{name}/{field}" for field in held if field not in fields | NOT_TAKEN_OVER]
        if unknown:
            named = ", ".join(shown(name) for name in unknown[:UNKNOWN_SHOWN])
            self._tell("element_unknown", count=len(unknown), elements=named)

    def _judge(self, machine: Machine) -> None:
        if machine.identity is None:
            self._tell("no_identity")
        if not (machine.readings or machine.position or machine.engine):
            self._tell("nothing_reported")
            return
        if machine.position is None:
            self._tell("no_position")
        if "hours" not in machine.readings:
            self._tell("no_hours")
        self._judge_times(machine.times())
        self._judge_fuel(machine.readings)
        self._judge_parts(machine.readings)

    def _judge_times(self, times: list[int]) -> None:
        if times and times[-1] - times[0] > APART_S:
            days = (times[-1] - times[0]) // DAY_S
            self._tell("times_apart", days=days, first=moment(times[0]), last=moment(times[-1]))

    def _judge_fuel(self, readings: Mapping[str, Reading]) -> None:
        if not {"fuel", "hours"} <= readings.keys():
            return
        fuel, hours = readings["fuel"].value, readings["hours"].value
        if fuel == 0 and hours >= HOURS_TO_JUDGE_SENSOR:
            self._tell("fuel_sensor_dead", hours=decimal(hours, 2))
        elif hours >= HOURS_TO_JUDGE_RATE and not LEAST_RATE <= (rate := 100 * fuel / hours) <= MOST_RATE:
            figures = {"fuel": decimal(fuel, 1), "hours": decimal(hours, 2), "rate": f"{rate / 10:.4f}"}
            self._tell("fuel_implausible", **figures, least=decimal(LEAST_RATE, 1), most=decimal(MOST_RATE, 1))

    def _judge_parts(self, readings: Mapping[str, Reading]) -> None:
        hours = readings.get("hours")
        for element in ELEMENTS:
            part = readings.get(element.name)
            if element.name in PARTS_OF_HOURS and part and hours and part.value > hours.value:
                figures = {"part": decimal(part.value, 2), "hours": decimal(hours.value, 2)}
                self._tell("part_exceeds_whole", element=element.element, **figures)


def _known() -> Mapping[str, frozenset[str]]:
    """Elements by name in small letters, with the fields that are read."""
    fields: dict[str, set[str]] = {
        "equipmentheader": {"unitinstalldatetime", "oemname", "model", "equipmentid", "serialnumber", "pin"},
        "location": {"datetime", "latitude", "longitude"},
        "enginestatus": {"datetime", "running"},
    }
    for element in ELEMENTS:
        read_fields = {"datetime", element.field.lower(), *([element.units.lower()] if element.units else [])}
        fields.setdefault(element.element.lower(), set()).update(read_fields)
    return {name: frozenset(found) for name, found in fields.items()}


KNOWN = _known()


def seconds(text: str) -> int | None:
    """Since 1970, rounded down; None for what is no time with an offset."""
    if not TIME.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text) - EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
