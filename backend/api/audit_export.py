"""The auditor's export: a ZIP of tables with a manifest, the same bytes for the same block and range."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection

from backend import days
from backend.api import audit as told
from backend.api.audit_schemas import ExportQuery
from backend.api.context import here, reading
from backend.api.limits import limiter
from backend.api.sheets import safe
from backend.api.spec import documented_file
from backend.errors import HeqiError
from backend.readmodel import audit, changes, events, financings, receivables

EXPORTS = "10/minute"
MOST_ROWS = 200_000  # of a part; what is more is to be taken in shorter ranges
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can tell; the real one would change the bytes
PLAIN_FILE = 0o644 << 16
UNIX = 3

Row = dict[str, Any]

blueprint = Blueprint("audit_export", __name__, url_prefix="/v1/audit")


class ExportTooLarge(HeqiError):
    notice_en = "{part} has more than {most} rows in this range; ask for a shorter one."
    notice_zh = "所选区间内 {part} 超过 {most} 行，请缩短区间。"
    status = 413


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds; `until` is exclusive. None is open."""

    since: int | None
    until: int | None


@blueprint.get("/export")
@limiter.limit(EXPORTS)
@documented_file(413, tag="Audit")
def export(query: ExportQuery) -> Response:
    """A ZIP: each part as CSV for people and NDJSON for machines, and `manifest.json` with their SHA-256 hashes.

    The manifest names chain and block. Two exports of one range at one block are the same bytes.
    """
    range_ = Range(
        days.start_of(days.number_of(query.from_)) if query.from_ else None,
        days.start_of(days.number_of(query.to) + 1) if query.to else None,
    )
    wanted = list(PARTS) if query.what == "all" else [query.what]
    with reading() as tx:
        block = told.taken_at(tx)
        parts = {name: _bounded(name, PARTS[name](tx, range_)) for name in wanted}
    files = {path: content for name, rows in parts.items() for path, content in _files(name, rows)}
    manifest = {
        "format": "heqi-audit-1",
        "chainId": here().suite.chain_id,
        "genesisHash": here().suite.genesis_hash,
        "contracts": dict(sorted(here().suite.addresses.items())),
        "block": block,
        "what": query.what,
        "from": query.from_.isoformat() if query.from_ else None,
        "to": query.to.isoformat() if query.to else None,
        "parts": [
            {
                "name": path,
                "rows": len(parts[path.rpartition(".")[0]]),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for path, content in sorted(files.items())
        ],
    }
    files["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"
    response = Response(_zip(files), content_type="application/zip")
    name = f"heqi-audit-{here().suite.chain_id}-{block['number']}-{query.what}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# Parts


def _receivables(tx: Connection, range_: Range) -> Iterable[Row]:
    return audit.whole(tx, receivables.receivables, "registered_at", range_.since, range_.until)


def _financings(tx: Connection, range_: Range) -> Iterable[Row]:
    return audit.whole(tx, financings.financings, "financed_at", range_.since, range_.until)


def _events(tx: Connection, range_: Range) -> Iterable[Row]:
    return audit.whole(tx, events.events, "at", range_.since, range_.until)


def _changes(tx: Connection, range_: Range) -> Iterable[Row]:
    return audit.whole(tx, changes.changes, "at", range_.since, range_.until)


def _oracle(tx: Connection, range_: Range) -> Iterable[Row]:
    rows = audit.score_reports(tx, since=range_.since, until=range_.until, limit=MOST_ROWS + 1)
    signed = told.signatures(changes.signer_sets(tx), rows)
    for row in reversed(rows):
        by = signed.get(row["transaction_hash"], told.NOT_TOLD)
        signers = None if by["signers"] is None else [signer["address"] for signer in by["signers"]]
        yield row | {"signer_set": by["signer_set"], "signers": signers}


def _consents(tx: Connection, range_: Range) -> Iterable[Row]:
    return reversed(told.consent_events(tx, since=range_.since, until=range_.until))


def _signers(tx: Connection, _: Range) -> Iterable[Row]:
    return reversed(told.signer_sets(tx))


def _double_financing(tx: Connection, _: Range) -> Iterable[Row]:
    found = told.checked(audit.check(tx))
    return [{"clean": found["clean"], **found["counts"], "conflicts": found["conflicts"]}]


PARTS = {
    "receivables": _receivables,
    "financings": _financings,
    "events": _events,
    "oracle": _oracle,
    "changes": _changes,
    "consents": _consents,
    "signers": _signers,
    "double-financing": _double_financing,
}


# Files


def _bounded(part: str, rows: Iterable[Row]) -> list[Row]:
    """Raises ExportTooLarge."""
    found: list[Row] = []
    for row in rows:
        if len(found) == MOST_ROWS:
            raise ExportTooLarge(part=part, most=MOST_ROWS)
        found.append(row)
    return found


def _files(name: str, rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    yield f"{name}.ndjson", "".join(_json(row) + "\n" for row in rows).encode()
    yield f"{name}.csv", _csv(rows).encode()


def _csv(rows: Sequence[Row]) -> str:
    page = io.StringIO()
    writer = csv.writer(page)
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return page.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return safe(_json(value) if isinstance(value, (dict, list, bool)) else str(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _zip(files: Mapping[str, bytes]) -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_MOMENT)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, UNIX, PLAIN_FILE
            archive.writestr(entry, files[name])
    return page.getvalue()
