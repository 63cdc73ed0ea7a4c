"""Taking a file in: read all of it, keep all or what is valid, and log who brought what."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select

from backend import store
from backend.errors import HeqiError
from backend.records.business import kept
from backend.records.business.files import MOST_ROWS, Spooled, Unreadable, encoding_of, rows_of
from backend.records.business.kept import Kept
from backend.records.business.report import Report
from backend.records.business.rows import Fault, read
from backend.records.business.staging import Staging
from backend.scoring.merchants.records import BusinessRecord, Kind
from backend.store.tables import business_uploads

MOST_SUM = 1_000_000_000_000
"""Of the amounts in one file, fen: 10 billion yuan, above a year of any shop; a missing decimal point is not."""
MOST_RECORDS = 500_000
"""Kept of one party over all platforms: every signer reads them all. Larger shops sum up by day, buyer or hour."""
PROGRESS_ROWS = 2_000
OF_MONEY = {Kind.SALE, Kind.REFUND, Kind.STOCK}

Progress = Callable[[int, int], None]
"""Told of rows read and bytes read, every now and then."""


class RecordsTooMany(HeqiError):
    notice_en = "Party {party} would have more than {most} records; bring sums of several transactions instead."
    notice_zh = "参与方 {party} 的记录将超过 {most} 条，请改为报送汇总多笔交易的记录。"
    status = 409


class Accept(StrEnum):
    """What of a file with faults is kept: nothing, or the rows without."""

    WHOLE = "whole"
    VALID = "valid"


class Outcome(StrEnum):
    KEPT = "kept"
    REFUSED = "refused"
    CHECKED = "checked"


@dataclass(frozen=True)
class Delivery:
    """A file and where it belongs. `form`: csv or json; `brought_by`: a wallet, or a platform's token by its number.

    `received_at`: chain time of the receipt, seconds; what is later than `now` has not happened yet.
    """

    file: Spooled
    party: int
    platform: str
    brought_by: str
    form: str
    accept: Accept
    received_at: int
    now: int


@dataclass(frozen=True)
class Taken:
    """`upload`: number in the log, None for a mere check."""

    upload: int | None
    outcome: Outcome
    report: Report


class _Conflicting(Exception):
    """Nothing of the file shall stay, for some of its rows contradict what is kept."""

    def __init__(self, outcome: Kept) -> None:
        super().__init__()
        self.outcome = outcome


def check(engine: Engine, delivery: Delivery, progress: Progress) -> Taken:
    """Tell what `take` would do."""
    with Staging() as staging:
        report = _read(delivery, staging, progress)
        if not report.whole_fault:
            with store.reading(engine) as tx:
                outcome = kept.compare(tx, delivery.party, delivery.platform, staging.records(), delivery.received_at)
            _add(report, outcome, staging)
    return Taken(None, Outcome.CHECKED, report)


def take(engine: Engine, delivery: Delivery, admit: Callable[[Connection], None], progress: Progress) -> Taken:
    """Keep the file or what is valid of it, and log it; all of that in one transaction.

    Raises RecordsTooMany. `admit` raises within the transaction when the party's records may not be taken in; an
    erasure comes before it or after all.
    """
    with Staging() as staging:
        report = _read(delivery, staging, progress)
        if report.is_clean or (delivery.accept is Accept.VALID and not report.whole_fault):
            try:
                return _keep(engine, delivery, admit, staging, report)
            except _Conflicting as conflicting:
                _add(report, conflicting.outcome, staging)
                report.kept = Kept()
    with store.writing(engine) as tx:
        kept.lock(tx, delivery.party)
        admit(tx)
        return _log(tx, delivery, Outcome.REFUSED, report)


def found(tx: Connection, party: int, upload: int) -> RowMapping | None:
    """A line of the log, `report` None once it was erased."""
    query = select(business_uploads).where(business_uploads.c.party == party, business_uploads.c.id == upload)
    return tx.execute(query).mappings().one_or_none()


def listed(tx: Connection, party: int, before: int | None, limit: int) -> list[RowMapping]:
    """The log of a party, newest first; `before`: number of the last one seen."""
    query = select(business_uploads).where(business_uploads.c.party == party)
    if before is not None:
        query = query.where(business_uploads.c.id < before)
    return list(tx.execute(query.order_by(business_uploads.c.id.desc()).limit(limit)).mappings())


# Inside


def _read(delivery: Delivery, staging: Staging, progress: Progress) -> Report:
    """Read every row once; the valid ones are in the staging then."""
    reader, file = _Reader(delivery, staging), delivery.file.file
    try:
        for line, cells in rows_of(file, delivery.form, encoding_of(file)):
            reader.take(line, cells)
            if reader.report.rows % PROGRESS_ROWS == 0:
                progress(reader.report.rows, file.tell())
        if not reader.report.rows:
            raise Unreadable(1, "file_empty")
    except Unreadable as broken:
        reader.report.refuse_whole(broken.fault)
    progress(reader.report.rows, delivery.file.bytes)
    return reader.report


class _Reader:
    def __init__(self, delivery: Delivery, staging: Staging) -> None:
        self._delivery, self._staging = delivery, staging
        self._sum, self._last = 0, 0
        self.report = Report()

    def take(self, line: int, cells: Any) -> None:
        """Raises Unreadable."""
        if self.report.rows == MOST_ROWS:
            raise Unreadable(line, "file_rows", most=MOST_ROWS)
        self.report.rows += 1
        if isinstance(cells, Fault):
            self.report.refuse(cells)
            return
        row = read(line, cells, self._delivery.received_at, self._delivery.now)
        if row.record is None:
            self.report.refuse(*row.faults)
            return
        self._add(line, row.record, row.local)

    def _add(self, line: int, record: BusinessRecord, local: bool) -> None:
        first = self._staging.add(line, record)
        if first is not None:
            self.report.refuse(Fault(line, "duplicate", "id", record.id, {"first": first}))
            return
        self._sum += record.value if record.kind in OF_MONEY else 0
        if self._sum > MOST_SUM:
            raise Unreadable(line, "file_sum", most=MOST_SUM // 100)
        if local:
            self.report.note("time_local", line)
        if record.occurred_at < self._last:
            self.report.note("out_of_order", line)
        self._last = record.occurred_at


def _keep(
    engine: Engine,
    delivery: Delivery,
    admit: Callable[[Connection], None],
    staging: Staging,
    report: Report,
) -> Taken:
    with store.writing(engine) as tx:
        kept.lock(tx, delivery.party)
        admit(tx)
        outcome = kept.keep(tx, delivery.party, delivery.platform, staging.records(), delivery.received_at)
        if outcome.conflicts and delivery.accept is Accept.WHOLE:
            raise _Conflicting(outcome)
        if kept.count(tx, delivery.party) > MOST_RECORDS:
            raise RecordsTooMany(party=delivery.party, most=MOST_RECORDS)
        _add(report, outcome, staging)
        return _log(tx, delivery, Outcome.KEPT, report)


def _add(report: Report, outcome: Kept, staging: Staging) -> None:
    """What became of the valid rows; conflicts are told as faults of their lines."""
    report.kept = outcome
    for kind, id_ in outcome.conflicting:
        report.refuse(Fault(staging.line_of(kind, id_), "conflict", "id", id_))
    if untold := outcome.conflicts - len(outcome.conflicting):
        report.refused += untold
        report.by_rule["conflict"] += untold


def _log(tx: Connection, delivery: Delivery, outcome: Outcome, report: Report) -> Taken:
    row = {
        "party": delivery.party,
        "platform": delivery.platform,
        "brought_by": delivery.brought_by,
        "received_at": delivery.received_at,
        "file_hash": delivery.file.hash,
        "outcome": outcome.value,
        "report": report.as_dict(),
    }
    number: int = tx.execute(business_uploads.insert().values(**row).returning(business_uploads.c.id)).scalar_one()
    return Taken(number, outcome, report)
