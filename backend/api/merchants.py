"""Routes of a merchant's own business records: bring, look at, take along, erase, and let platforms bring.

All of it is private: whoever is not signed in for the party gets the answer that there is no such party.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response
from sqlalchemy import Engine, RowMapping

from backend import store
from backend.api import consents, intake, sessions, sheets
from backend.api.context import here, page, reading, single
from backend.api.intake import Bringer
from backend.api.limits import count_upload, limiter
from backend.api.problems import LANGUAGES, ResourceUnknown
from backend.api.schemas import (
    ConnectionRequest,
    Connections,
    Erasure,
    Findings,
    Page,
    RecordExport,
    Records,
    RowSchema,
    Upload,
    UploadPage,
    UploadQuery,
)
from backend.api.spec import documented, documented_stream
from backend.errors import HeqiError
from backend.records.business import files, kept, platforms, schema, uploads
from backend.scoring.merchants import washtrade
from backend.scoring.merchants.records import Kind
from backend.store import feed

EXPORTS = "12/minute"
FINDINGS = "30/minute"  # they are searched for anew each time
EXPORT_PAGE = 1_000
VALUE_COLUMNS = {
    Kind.SALE: "amount",
    Kind.REFUND: "amount",
    Kind.STOCK: "amount",
    Kind.RATING: "stars",
    Kind.ARREARS: "days",
}

Rows = Iterator[dict[str, str]]

blueprint = Blueprint("merchants", __name__, url_prefix="/v1")


class PlatformSpeaksForItself(HeqiError):
    notice_en = "{platform} pushes its records itself; connect it instead of uploading them."
    notice_zh = "{platform} 会自行报送记录，请连接该平台，无需上传。"
    status = 409


@blueprint.get("/business-records/schema")
@documented(RowSchema, tag="Business records")
def show_row_schema() -> RowSchema:
    """JSON Schema of one row, and the sentence of every rule."""
    return RowSchema.model_validate({"row": schema.json_schema(), "rules": schema.rules()})


# Bringing


@blueprint.post("/merchants/<int:party>/uploads")
@documented(Upload, 400, 401, 403, 404, 409, 413, 415, 422, tag="Business records")
def take_upload(party: int, query: UploadQuery) -> Upload:
    """Bring a file of rows, as `text/csv` or as a JSON array.

    A file with faults is refused whole, with its report, unless `accept=valid`. With `dryRun` nothing is kept. The same
    rows again do no harm. Progress is pushed as `UploadRead` and `UploadTaken` to the room `party:<number>:private`.
    """
    who = sessions.require_own(party)
    count_upload(party)
    with reading() as tx:
        if platforms.pushes(tx, query.platform):
            raise PlatformSpeaksForItself(platform=query.platform)
    return intake.take(Bringer(party, query.platform, who.wallet), query, files.MOST_BYTES)


@blueprint.get("/merchants/<int:party>/uploads")
@documented(UploadPage, 401, 404, tag="Business records")
def list_uploads(party: int, query: Page) -> UploadPage:
    """Everything that was brought, newest first: who, when, which file, what became of it."""
    sessions.require_own(party)
    with reading() as tx:
        rows = uploads.listed(tx, party, single(query.after), query.limit + 1)
    return UploadPage(**page([intake.shown(row) for row in rows], query.limit, lambda upload: str(upload.upload)))


@blueprint.get("/merchants/<int:party>/uploads/<int:upload>")
@documented(Upload, 401, 404, tag="Business records")
def show_upload(party: int, upload: int) -> Upload:
    """One upload with its report; the report is gone after an erasure."""
    sessions.require_own(party)
    with reading() as tx:
        row = uploads.found(tx, party, upload) if upload < 2**63 else None
    if row is None:
        raise ResourceUnknown(kind="upload", id=upload)
    return intake.shown(row)


# Looking and taking along


@blueprint.get("/merchants/<int:party>/records")
@documented(Records, 401, 404, tag="Business records")
def show_records(party: int) -> Records:
    """What is kept, by kind, for which purpose and how long; and past erasures. A bank officer may see this too."""
    sessions.require_own_or_officer(party)
    with reading() as tx:
        found, erased = kept.summary(tx, party), kept.erasures(tx, party)
    by_kind = [
        {
            "kind": entry.kind.value,
            "records": entry.records,
            "first_at": entry.first_at,
            "last_at": entry.last_at,
            "last_received_at": entry.last_received_at,
            "purpose": kept.retention()[entry.kind].purpose,
            "retention_days": kept.retention()[entry.kind].days,
        }
        for entry in found
    ]
    total = sum(entry.records for entry in found)
    return Records.model_validate({"party": party, "records": total, "by_kind": by_kind, "erasures": erased})


@blueprint.get("/merchants/<int:party>/records.json")
@limiter.limit(EXPORTS)
@documented_stream(RecordExport, 401, 404, tag="Business records")
def export_json(party: int) -> Response:
    """All records of the party, to take along."""
    sessions.require_own(party)
    return _download(party, "json", "application/json", _json_of)


@blueprint.get("/merchants/<int:party>/records.csv")
@limiter.limit(EXPORTS)
@documented_stream(RecordExport, 401, 404, tag="Business records")
def export_csv(party: int) -> Response:
    """All records of the party as CSV, with the columns of an upload, the platform and the time of receipt.

    A text that a spreadsheet could take for a formula begins with an apostrophe.
    """
    sessions.require_own(party)
    return _download(party, "csv", intake.CSV_TYPE, _csv_of)


@blueprint.delete("/merchants/<int:party>/records")
@documented(Erasure, 401, 403, 404, tag="Business records")
def erase_records(party: int) -> Erasure:
    """Delete all records, upload reports and platform connections of the party.

    Time, reason and counts remain, and the log of uploads without reports. Until the party consents anew on chain,
    nothing more is taken in.
    """
    sessions.require_own(party)
    now = here().live.head().timestamp
    with store.writing(here().engine) as tx:
        erased = kept.erase(tx, party, now, "asked by the party", consents.last_epoch(tx, party))
        feed.tell_party(tx, party, "RecordsErased", erased)
        tombstone = kept.erasures(tx, party)[0]
    return Erasure.model_validate(dict(tombstone))


@blueprint.get("/merchants/<int:party>/findings")
@limiter.limit(FINDINGS)
@documented(Findings, 401, 404, tag="Business records")
def show_findings(party: int) -> Findings:
    """What is suspicious in the records of the last 90 days, and why. A bank officer may see this too.

    `evidence`: ids of some records, as `platform/id`.
    """
    sessions.require_own_or_officer(party)
    now = here().live.head().timestamp
    with reading() as tx:
        found = washtrade.findings(kept.known(tx, party, now), now)
    items = [
        {
            "code": finding.code,
            "measure": finding.measure,
            "threshold": finding.threshold,
            "unit": finding.unit,
            "text": {lang: finding.text(lang) for lang in LANGUAGES},
            "why": {lang: washtrade.rules()[finding.code][f"why_{lang}"] for lang in LANGUAGES},
            "evidence": finding.evidence,
        }
        for finding in found
    ]
    return Findings.model_validate({"at": now, "items": items})


# Platforms


@blueprint.get("/merchants/<int:party>/platforms")
@documented(Connections, 401, 404, tag="Business records")
def list_connections(party: int) -> Connections:
    """Platforms that may push records of the party."""
    sessions.require_own(party)
    return _connections(party)


@blueprint.post("/merchants/<int:party>/platforms")
@documented(Connections, 400, 401, 403, 404, 413, 415, 422, tag="Business records")
def connect_platform(party: int, json: ConnectionRequest) -> Connections:
    """Let a platform push records of the party from now on."""
    who = sessions.require_own(party)
    now = here().live.head().timestamp
    with store.writing(here().engine) as tx:
        if not platforms.pushes(tx, json.platform):
            raise ResourceUnknown(kind="platform", id=json.platform)
        platforms.connect(tx, party, json.platform, who.wallet, now)
    return _connections(party)


@blueprint.delete("/merchants/<int:party>/platforms/<platform>")
@documented(Connections, 401, 403, 404, tag="Business records")
def disconnect_platform(party: int, platform: str) -> Connections:
    """End a connection; what the platform brought stays until it is erased."""
    sessions.require_own(party)
    with store.writing(here().engine) as tx:
        if not platforms.disconnect(tx, party, platform):
            raise ResourceUnknown(kind="platform", id=platform[:40])
    return _connections(party)


# Inside


def _connections(party: int) -> Connections:
    with reading() as tx:
        return Connections.model_validate({"items": [dict(row) for row in platforms.connected(tx, party)]})


def _download(party: int, form: str, media_type: str, write: Callable[[Rows], Iterator[str]]) -> Response:
    response = Response(write(_exported(here().engine, party)), content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="records-{party}.{form}"'
    return response


def _exported(engine: Engine, party: int) -> Rows:
    """Page by page, each read when the one before has been sent."""
    after = None
    while True:
        with store.reading(engine) as tx:
            rows = kept.page(tx, party, after, EXPORT_PAGE)
        yield from map(_as_brought, rows)
        if len(rows) < EXPORT_PAGE:
            return
        after = (rows[-1]["platform"], rows[-1]["id"], rows[-1]["kind"])


def _as_brought(row: RowMapping) -> dict[str, str]:
    """The cells of an upload, empty where the kind has none, and two more."""
    kind = Kind(row["kind"])
    cells = dict.fromkeys(schema.columns(), "")
    cells |= {"kind": kind.value, "id": row["id"], "occurred_at": _iso(row["occurred_at"]), "buyer": row["buyer"]}
    column = VALUE_COLUMNS.get(kind)
    if column is not None:
        cells[column] = str(row["value"]) if kind is Kind.ARREARS else _decimal(row["value"])
    if column == "amount":
        cells["currency"] = "CNY"
    if row["count"] != 1:
        cells["count"] = str(row["count"])
    return cells | {"platform": row["platform"], "received_at": _iso(row["received_at"])}


def _json_of(rows: Rows) -> Iterator[str]:
    yield '{"items": ['
    for place, row in enumerate(rows):
        yield ("," if place else "") + "\n" + json.dumps(row)
    yield "\n]}\n"


def _csv_of(rows: Rows) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow([*schema.columns(), "platform", "received_at"])
    for row in rows:
        writer.writerow([sheets.safe(cell) for cell in row.values()])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _decimal(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
