"""What the API takes and gives about machines: titles, what the chain knows of them, and what they report."""

from typing import Annotated, Any, Literal

from pydantic import Field

from backend.api.schemas import Answer, Asked, Hash, Page, PartyNumber, Texts, Time, Wallet

MOST_POINTS = 2_000
LATEST = 2**40 - 1

Second = Annotated[int, Field(ge=0, le=LATEST)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


# On chain


class MachineQuery(Page):
    """`party`: who holds the title or leases the machine."""

    party: PartyNumber | None = None


class Reading(Answer):
    """Cumulative, as signed reports brought it on chain: hours in tenths, fuel in litres; `at`: to the minute."""

    tenths: int
    litres: int
    at: Time
    reported_at: Time


class RaisedAlarm(Answer):
    """An alarm that the chain knows, and how grave it is; `gates` tells that nothing is paid out meanwhile."""

    alarm: str
    name: Texts
    severity: str
    severity_name: Texts
    gates: bool


class Machine(Answer):
    """A title and what the chain knows of the machine. `holder`: party of the title's wallet, null when it is nobody's.

    `lease`: the one that binds the title; `lessee`: while it runs. `verifiedAt` null: the bank has not compared the
    certificate with the public register. `held`: nothing new is paid out on it.
    """

    machine: int
    maker: int
    holder: int | None
    holder_wallet: Wallet
    serial_hash: Hash
    certificate_hash: Hash
    verified_at: Time
    device: Wallet | None
    epoch: int
    lienor: Wallet | None
    lease: int | None
    lessee: int | None
    financed: bool
    reading: Reading | None
    alarms: list[RaisedAlarm]
    held: bool
    registered_at: Time


class MachinePage(Answer):
    items: list[Machine]
    next: str | None


class Binding(Answer):
    """`meterStart`: what the hour meter showed then, in hundredths of an hour."""

    epoch: int
    device: Wallet
    meter_start: int
    at: Time


class Standstill(Answer):
    """A lock by the lessor, or agreed standby; `endsAt` null while it lasts."""

    kind: Literal["lock", "standby"]
    lease: int
    starts_at: Time
    ends_at: Time


class AlarmChange(Answer):
    """`before` and `after`: severity of each alarm that is not clear."""

    sequence: int
    epoch: int
    at: Time
    before: dict[str, str]
    after: dict[str, str]
    reported_at: Time
    transaction_hash: Hash


class MachineDetail(Machine):
    user: Wallet | None
    user_expires: Time
    verified_by: Wallet | None
    bindings: list[Binding]
    standstills: list[Standstill]
    alarm_changes: list[AlarmChange]


class ReportedReading(Reading):
    round: int
    transaction_hash: Hash


class ReadingPage(Answer):
    items: list[ReportedReading]
    next: str | None


# Telemetry: for title holder, lessee and bank


class Window(Asked):
    """From second `since` until before `until`, by the device's clock: by default the last day. `points`: at most."""

    since: Second | None = None
    until: Second | None = None
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = 500


class Point(Answer):
    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class FixProperties(Answer):
    """`accuracy` in metres (1 sigma), `speed` in km/h. `late`: the device kept it while it had no connection."""

    at: Time
    accuracy: float
    satellites: int
    speed: float
    engine: bool
    late: bool


class Fix(Answer):
    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: FixProperties


class Track(Answer):
    """GeoJSON: positions in WGS 84, longitude first, as the device gave them, oldest first. Of `bucket` seconds at most
    one is told."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    machine: int
    since: Time
    until: Time
    bucket: int
    features: list[Fix]


class Counted(Answer):
    """As the device of that epoch showed: hours in hundredths, fuel in tenths of a litre, `level` in tenths of a per
    cent of the tank, null without such a sensor."""

    at: Time
    epoch: int
    hours: int
    fuel: int
    level: int | None
    engine: bool
    late: bool


class Series(Answer):
    """The last record of each `bucket` seconds, oldest first."""

    machine: int
    since: Time
    until: Time
    bucket: int
    items: list[Counted]


class Telemetry(Answer):
    """How the machine stands. `hours` and `fuel`: metered over all devices by all records, in hundredths of an hour and
    tenths of a litre; `sealed…`: by what the device signed, which is what rent counts. `liveAt`: newest signed live
    record by the device's clock, `heardAt`: when it came."""

    machine: int
    epoch: int
    at: Time
    hours: int
    fuel: int
    sealed_hours: int
    sealed_fuel: int
    live_at: Time
    heard_at: Time
    position: Fix | None


class MachineAlarm(Answer):
    """`text` says in words what `evidence` says in figures. `silentUntil`: people asked not to be told before."""

    id: int
    alarm: str
    name: Texts
    phase: str
    phase_name: Texts
    severity: str
    severity_name: Texts
    text: Texts
    evidence: dict[str, Any]
    seen_at: Time
    raised_at: Time
    changed_at: Time
    cleared_at: Time
    answered_by: int | None
    answered_at: Time
    answer: str
    silent_until: Time
    silent: bool


class FleetMachine(Answer):
    """`telemetry` null before the first record; `alarms`: raised and not cleared."""

    machine: int
    holder: int | None
    lessee: int | None
    telemetry: Telemetry | None
    alarms: list[MachineAlarm]


class Fleet(Answer):
    items: list[FleetMachine]
    next: str | None


class MachineAlarmPage(Answer):
    items: list[MachineAlarm]
    next: str | None


class Acknowledgement(Asked):
    reason: Reason


class Shelving(Asked):
    """For so many seconds, a week at most. It stays on chain, and worse ends the silence."""

    reason: Reason
    seconds: Annotated[int, Field(ge=1, le=7 * 86_400)]


class Refused(Answer):
    """A message of the machine that was not taken in, and why; `details` has the error's values."""

    id: int
    topic: str
    reason: str
    details: dict[str, Any]
    bytes: int
    times: int
    first_at: Time
    last_at: Time


class RefusedPage(Answer):
    items: list[Refused]
    next: str | None


class Credentials(Answer):
    """What the device needs at the broker. `password` is shown once; a new one replaces it. `certificate`: of the
    authority that signed the broker's, null without encryption."""

    machine: int
    url: str
    user: str
    password: str
    certificate: str | None
    topics: dict[str, str]
