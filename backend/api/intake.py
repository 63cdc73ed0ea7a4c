"""How records of a merchant come in, by whichever route: admission, reading as a stream, progress, refusal."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from flask import request
from sqlalchemy import Connection, RowMapping

from backend import store
from backend.api import consents
from backend.api.context import here
from backend.api.schemas import IntakeQuery, Upload
from backend.errors import HeqiError
from backend.records.business import files, kept, uploads
from backend.records.business.uploads import Accept, Delivery, Outcome, Taken
from backend.store import feed

CSV_TYPE = "text/csv"
MOST_AT_ONCE = 4
SHOWN_FAULTS = 20

log = structlog.get_logger(__name__)


class ConsentNeeded(HeqiError):
    notice_en = "Party {party} has no consent to scoring in force that was given after its last erasure."
    notice_zh = "参与方 {party} 没有有效的评分同意，或该同意早于最近一次删除。"
    status = 409


class UploadUnderWay(HeqiError):
    notice_en = "Another upload for party {party} is under way; try again when it has ended."
    notice_zh = "参与方 {party} 的另一份上传正在处理，请待其结束后重试。"
    status = 429


class UploadRefused(HeqiError):
    """`faults`: the first of them, as in the report."""

    notice_en = "Nothing was kept: {refused} of {rows} rows have faults, or the file as a whole; see upload {upload}."
    notice_zh = "未保存任何数据：{rows} 行中有 {refused} 行存在问题，或文件整体无法使用；详见上传记录 {upload}。"
    status = 422


@dataclass(frozen=True)
class Bringer:
    """Who brings records: `name` is a wallet, or a platform's token by its number."""

    party: int
    platform: str
    name: str


class Turns:
    """Whoever brings a file for a party has one under way at a time, however slowly it comes."""

    def __init__(self) -> None:
        self._taken: set[tuple[int, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, bringer: Bringer) -> Iterator[None]:
        """Raises UploadUnderWay."""
        who = (bringer.party, bringer.name)
        with self._lock:
            if who in self._taken:
                raise UploadUnderWay(party=bringer.party)
            self._taken.add(who)
        try:
            yield
        finally:
            with self._lock:
                self._taken.discard(who)


TURNS = Turns()
# Reading rows is what costs: more than a few at once would leave too little for others. The next ones wait.
READERS = threading.BoundedSemaphore(MOST_AT_ONCE)


def take(bringer: Bringer, query: IntakeQuery, most_bytes: int) -> Upload:
    """Read the body of the request and keep it or what is valid of it; the file stands on disk, never in memory whole.

    Raises ConsentNeeded, UploadUnderWay, UploadTooLarge, RecordsTooMany, UploadRefused.
    """
    engine, admit = here().engine, _admission(bringer)
    with store.reading(engine) as tx:
        admit(tx)
    request.max_content_length = most_bytes
    with TURNS.turn(bringer), files.spooled(request.stream, most_bytes) as file, READERS:
        delivery = _delivery(bringer, query, file)
        progress = _progress(bringer.party, query.tag, file.bytes)
        if query.dry_run:
            taken = uploads.check(engine, delivery, progress)
        else:
            taken = uploads.take(engine, delivery, admit, progress)
    return _answer(delivery, taken, query.tag)


def shown(row: RowMapping | dict[str, Any]) -> Upload:
    """A line of the log."""
    return Upload.model_validate({**row, "upload": row["id"]})


def _admission(bringer: Bringer) -> Callable[[Connection], None]:
    def admit(tx: Connection) -> None:
        epoch = consents.scoring_epoch(tx, bringer.party)
        erasures = kept.erasures(tx, bringer.party)
        if epoch is None or (erasures and epoch <= erasures[0]["consent_epoch"]):
            raise ConsentNeeded(party=bringer.party)

    return admit


def _delivery(bringer: Bringer, query: IntakeQuery, file: files.Spooled) -> Delivery:
    received_at = here().live.head().timestamp
    return Delivery(
        file,
        bringer.party,
        bringer.platform,
        bringer.name,
        "csv" if request.mimetype == CSV_TYPE else "json",
        Accept(query.accept),
        received_at,
        max(received_at, int(time.time())),
    )


def _progress(party: int, tag: str | None, size: int) -> uploads.Progress:
    """Tell the party of every tenth of the file."""
    told = 0

    def tell(rows: int, read: int) -> None:
        nonlocal told
        tenth = read * 10 // max(1, size)
        if tenth > told:
            told = tenth
            _tell(party, "UploadRead", {"tag": tag, "rows": rows, "bytes": read, "of": size})

    return tell


def _tell(party: int, kind: str, payload: dict[str, Any]) -> None:
    with store.writing(here().engine) as tx:
        feed.tell_party(tx, party, kind, payload)


def _answer(delivery: Delivery, taken: Taken, tag: str | None) -> Upload:
    """Raises UploadRefused."""
    report = taken.report
    told = {"upload": taken.upload, "outcome": taken.outcome.value, "rows": report.rows, "stored": report.kept.stored}
    _tell(delivery.party, "UploadTaken", told | {"tag": tag})
    log.info("upload_taken", party=delivery.party, platform=delivery.platform, **told)
    if taken.outcome is Outcome.REFUSED:
        first = report.as_dict()["faults"][:SHOWN_FAULTS]
        raise UploadRefused(upload=taken.upload, rows=report.rows, refused=report.refused, faults=first)
    return shown(
        {
            "id": taken.upload,
            "party": delivery.party,
            "platform": delivery.platform,
            "brought_by": delivery.brought_by,
            "received_at": delivery.received_at,
            "file_hash": delivery.file.hash,
            "outcome": taken.outcome.value,
            "report": report.as_dict(),
        }
    )
