"""Routes of what machines report: for the title's holder, the lessee while its lease runs, and the bank's officers.

Whoever else asks gets the answer that there is no such machine. A lessee sees what was reported since its delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint
from sqlalchemy import Connection

from backend import days, store
from backend.api import sessions
from backend.api.context import here, page, present, reading, single, within
from backend.api.limits import SIGNED_REQUESTS, limiter
from backend.api.machine_schemas import (
    Acknowledgement,
    Credentials,
    Fleet,
    MachineAlarm,
    MachineAlarmPage,
    RefusedPage,
    Series,
    Shelving,
    Telemetry,
    Track,
    Window,
)
from backend.api.machines import LARGEST_MACHINE, MACHINE, found
from backend.api.problems import ResourceUnknown
from backend.api.schemas import Page
from backend.api.spec import documented
from backend.errors import HeqiError
from backend.readmodel import leases, machines
from backend.store import feed
from backend.telemetry import kept, topics, views
from backend.telemetry.broker import Broker
from backend.telemetry.kept import KeptAlarm
from backend.telemetry.rules import lifecycle, texts
from backend.telemetry.rules.lifecycle import OpenAlarm

LONGEST_WINDOW_S = 31 * days.DAY_S
ANSWERED = "MachineAlarmAnswered"
DEGREES, METRES = 10_000_000, 10

blueprint = Blueprint("telemetry", __name__, url_prefix="/v1/machines")
fleet = Blueprint("fleet", __name__, url_prefix="/v1/fleet")
log = structlog.get_logger(__name__)


class WindowWrong(HeqiError):
    notice_en = "The window from {since} to {until} is empty or longer than {most} seconds."
    notice_zh = "时间范围 {since} 至 {until} 为空或超过 {most} 秒。"
    status = 422


class TitleNeeded(HeqiError):
    notice_en = "Only the holder of the title of machine {machine} may do this."
    notice_zh = "仅设备 {machine} 的所有权人可执行此操作。"
    status = 403


class BrokerElsewhere(HeqiError):
    notice_en = "This service does not keep the broker's users; ask who runs the broker."
    notice_zh = "本服务不管理消息代理的用户，请联系代理的运营方。"
    status = 503


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a machine, and from which second on. `hearers`: who is told of what happens to it."""

    machine: dict[str, Any]
    who: sessions.SignedIn
    since: int

    @property
    def hearers(self) -> set[int]:
        concerned = {party for party in (self.machine["holder"], self.machine["lessee"]) if party}
        return concerned | ({feed.BANK} if self.machine["financed"] else set())


# What it reported


@fleet.get("")
@limiter.limit(SIGNED_REQUESTS)
@documented(Fleet, 401, tag="Telemetry")
def show_fleet(query: Page) -> Fleet:
    """Machines that the caller may see, by rising number, each with how it stands and its raised alarms: those whose
    title it holds or that it leases; for bank officers all."""
    who, now = sessions.signed_in(), present()
    party = None if sessions.is_officer(here(), who.wallet) else who.party
    with reading() as tx:
        rows = machines.listed(tx, party=party, after=single(query.after) or 0, limit=query.limit + 1)
        paged = page(rows, query.limit, lambda row: str(row["machine"]))
        items = [_standing(tx, row, _known_since(tx, who, row) or 0, now) for row in paged["items"]]
    return Fleet.model_validate(paged | {"items": items})


@blueprint.get("/<int:machine>/telemetry")
@documented(Telemetry, 401, 404, tag="Telemetry")
def show_telemetry(machine: int) -> Telemetry:
    """How the machine stands, and where it was last."""
    with reading() as tx:
        access = require_access(tx, machine)
        state, position = views.state(tx, machine), views.last_position(tx, machine, access.since)
    if state is None:
        raise ResourceUnknown(kind="telemetry of machine", id=machine)
    return Telemetry.model_validate(state | {"position": _fix(position) if position else None})


@blueprint.get("/<int:machine>/track")
@limiter.limit(SIGNED_REQUESTS)
@documented(Track, 401, 404, 422, tag="Telemetry")
def show_track(machine: int, query: Window) -> Track:
    """Where it was, as GeoJSON, thinned out to the number of points asked for."""
    span, rows = _records(machine, query, views.positions)
    return Track.model_validate(span | {"features": [_fix(row) for row in rows]})


@blueprint.get("/<int:machine>/series")
@limiter.limit(SIGNED_REQUESTS)
@documented(Series, 401, 404, 422, tag="Telemetry")
def show_series(machine: int, query: Window) -> Series:
    """Hour meter and fuel counter over time, thinned out to the number of points asked for."""
    span, rows = _records(machine, query, views.counters)
    return Series.model_validate(span | {"items": rows})


@blueprint.get("/<int:machine>/refused")
@documented(RefusedPage, 401, 404, tag="Telemetry")
def list_refused(machine: int, query: Page) -> RefusedPage:
    """Messages of the machine that were not taken in, the newest first, and why."""
    with reading() as tx:
        access = require_access(tx, machine)
        rows = kept.quarantine(tx, machine, single(query.after), query.limit + 1)
    paged = page([dict(row) for row in rows], query.limit, lambda row: str(row["id"]))
    items = [row for row in paged["items"] if row["last_at"] >= access.since]
    return RefusedPage.model_validate(paged | {"items": items})


# Alarms


@blueprint.get("/<int:machine>/alarms")
@documented(MachineAlarmPage, 401, 404, tag="Telemetry")
def list_alarms(machine: int, query: Page) -> MachineAlarmPage:
    """Alarms, open and past, the newest first, each with its evidence in figures and words."""
    with reading() as tx:
        access = require_access(tx, machine)
        rows = kept.alarms(tx, machine, single(query.after), query.limit + 1)
    now = present()
    paged = page(rows, query.limit, lambda row: str(row.id))
    items = [_alarm(row, now) for row in paged["items"] if (row.alarm.cleared_at or now) >= access.since]
    return MachineAlarmPage.model_validate(paged | {"items": items})


@blueprint.post("/<int:machine>/alarms/<int:alarm>/acknowledgement")
@documented(MachineAlarm, 400, 401, 403, 404, 409, 413, 415, 422, tag="Telemetry")
def acknowledge(machine: int, alarm: int, json: Acknowledgement) -> MachineAlarm:
    """Answer for an alarm, with a reason. It stays on chain until it clears."""
    return _answer(machine, alarm, lambda opened, by, now: lifecycle.acknowledged(opened, by, json.reason, now))


@blueprint.post("/<int:machine>/alarms/<int:alarm>/shelving")
@documented(MachineAlarm, 400, 401, 403, 404, 409, 413, 415, 422, tag="Telemetry")
def shelve(machine: int, alarm: int, json: Shelving) -> MachineAlarm:
    """Silence an alarm for a while, with a reason. It stays on chain, and worse ends the silence."""
    return _answer(
        machine, alarm, lambda opened, by, now: lifecycle.shelved(opened, by, json.reason, now, now + json.seconds)
    )


# The device's place at the broker


@blueprint.post("/<int:machine>/credentials")
@limiter.limit(SIGNED_REQUESTS)
@documented(Credentials, 400, 401, 403, 404, 413, 415, tag="Telemetry")
def issue_credentials(machine: int) -> Credentials:
    """A password for the machine's device at the broker, instead of the one before; the title's holder. The body is
    `{}`."""
    access, broker = _require_title(machine), _broker()
    name = user_of(machine)
    password = broker.admit([name])[name]
    _tell(access, "MachineCredentialsIssued", {"machine": machine})
    certificate = here().settings.mqtt_ca_file
    return Credentials(
        machine=machine,
        url=here().settings.mqtt_url,
        user=name,
        password=password,
        certificate=Path(certificate).read_text(encoding="utf-8") if certificate else None,
        topics={kind.value: topics.topic(access.machine["party"], machine, kind) for kind in topics.Kind},
    )


@blueprint.delete("/<int:machine>/credentials")
@limiter.limit(SIGNED_REQUESTS)
@documented(None, 401, 403, 404, tag="Telemetry")
def revoke_credentials(machine: int) -> tuple[str, int]:
    """Cut the machine's device off from the broker; the title's holder."""
    access, broker = _require_title(machine), _broker()
    broker.revoke([user_of(machine)])
    _tell(access, "MachineCredentialsRevoked", {"machine": machine})
    return "", 204


def user_of(machine: int) -> str:
    """The machine's name at the broker."""
    return f"m{machine}"


def require_access(tx: Connection, machine: int) -> Access:
    """Raises SignInNeeded, ResourceUnknown."""
    within(MACHINE, machine, LARGEST_MACHINE)
    who, row = sessions.signed_in(), found(tx, machine)
    since = _known_since(tx, who, row)
    if since is None and not sessions.is_officer(here(), who.wallet):
        raise ResourceUnknown(kind=MACHINE, id=machine)
    return Access(row, who, since or 0)


# Inside


def _known_since(tx: Connection, who: sessions.SignedIn, row: dict[str, Any]) -> int | None:
    """From which second on the party may see the machine; None when it is not concerned."""
    if who.party and who.party == row["holder"]:
        return 0
    if who.party and who.party == row["lessee"]:
        lease = leases.found(tx, row["lease"])
        return lease["delivered_at"] if lease else None
    return None


def _standing(tx: Connection, row: dict[str, Any], since: int, now: int) -> dict[str, Any]:
    state, position = views.state(tx, row["machine"]), views.last_position(tx, row["machine"], since)
    return {
        "machine": row["machine"],
        "holder": row["holder"],
        "lessee": row["lessee"],
        "telemetry": state and state | {"position": _fix(position) if position else None},
        "alarms": [_alarm(raised, now) for raised in views.raised(tx, row["machine"])],
    }


def _records(
    machine: int, query: Window, select: Callable[[Connection, int, int, int, int], list[dict[str, Any]]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Raises WindowWrong."""
    until = query.until if query.until is not None else present() + 1
    since = query.since if query.since is not None else until - days.DAY_S
    if not 0 < until - since <= LONGEST_WINDOW_S:
        raise WindowWrong(since=since, until=until, most=LONGEST_WINDOW_S)
    bucket = views.bucket_of(since, until, query.points)
    with reading() as tx:
        access = require_access(tx, machine)
        rows = select(tx, machine, max(since, access.since), until, bucket)
    return {"machine": machine, "since": since, "until": until, "bucket": bucket}, rows


def _fix(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "geometry": {"coordinates": (row["longitude"] / DEGREES, row["latitude"] / DEGREES)},
        "properties": row | {"accuracy": row["accuracy"] / METRES, "speed": row["speed"] / 10},
    }


def _answer(machine: int, alarm: int, answered: Callable[[OpenAlarm, int, int], OpenAlarm]) -> MachineAlarm:
    """Raises what `answered` raises, SignInNeeded, ResourceUnknown."""
    now = present()
    with reading() as tx:
        access = require_access(tx, machine)
    with store.writing(here().engine) as tx:
        row = kept.alarm(tx, alarm)
        if row is None or row.machine != machine or (row.alarm.cleared_at or now) < access.since:
            raise ResourceUnknown(kind="alarm", id=alarm)
        after = answered(row.alarm, access.who.party, now)
        row = kept.put_alarm(tx, KeptAlarm(row.id, machine, row.epoch, row.sequence, after))
        for party in access.hearers:
            feed.tell_party(tx, party, ANSWERED, {"machine": machine, "id": alarm, "phase": after.phase.value})
    return MachineAlarm.model_validate(_alarm(row, now))


def _alarm(row: KeptAlarm, now: int) -> dict[str, Any]:
    alarm = row.alarm
    return {
        "id": row.id,
        "alarm": alarm.alarm.name.lower(),
        "name": texts.alarm(alarm.alarm),
        "phase": alarm.phase.value,
        "phase_name": texts.phase(alarm.phase),
        "severity": alarm.severity.name.lower(),
        "severity_name": texts.severity(alarm.severity),
        "text": texts.explain(alarm.evidence),
        "evidence": alarm.evidence,
        "seen_at": alarm.seen_at,
        "raised_at": alarm.raised_at,
        "changed_at": alarm.changed_at,
        "cleared_at": alarm.cleared_at,
        "answered_by": alarm.answered_by,
        "answered_at": alarm.answered_at,
        "answer": alarm.answer,
        "silent_until": alarm.silent_until,
        "silent": alarm.is_silent(now),
    }


def _require_title(machine: int) -> Access:
    """Raises SignInNeeded, ResourceUnknown, TitleNeeded."""
    with reading() as tx:
        access = require_access(tx, machine)
    if access.who.party != access.machine["holder"]:
        raise TitleNeeded(machine=machine)
    return access


def _broker() -> Broker:
    """Of the folder where our own password lies. Raises BrokerElsewhere."""
    password_file = here().settings.mqtt_password_file
    if password_file is None or not (password_file.parent / "passwords").exists():
        raise BrokerElsewhere
    return Broker(password_file.parent, 0)


def _tell(access: Access, kind: str, payload: dict[str, Any]) -> None:
    log.info("machine_credentials", change=kind, machine=access.machine["machine"], party=access.who.party)
    with store.writing(here().engine) as tx:
        feed.tell_party(tx, access.who.party, kind, payload)
