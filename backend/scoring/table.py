"""Reading figures strictly: a labelled CSV file, or rows handed over by a caller.

A missing figure is an empty cell (or NA, NaN, ?) in a file and None or NaN in a row, and in a column with codes a text
without a code; everything else that is not a finite number is an error that names its row and column. Rows are counted
from 1 as a spreadsheet shows them, so the first data row of a file is row 2; rows of a caller start at 1.
"""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from numbers import Real
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.scoring.errors import (
    CellInfinite,
    CellNotNumeric,
    ColumnMissing,
    ColumnRepeated,
    FileEmpty,
    FileMissing,
    FileUnreadable,
    LabelColumnMissing,
    LabelInvalid,
    OneClassOnly,
    RowRagged,
)
from backend.scoring.formula import Column
from backend.scoring.modelspec import ModelSpec

MISSING = frozenset({"", "NA", "NaN", "nan", "?"})
LABELS: Mapping[str, int] = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
Codes = Mapping[str, float]
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Table:
    """Labelled rows: input columns by name (missing is NaN), labels (n,) of 0 and 1, keys if the file has them.

    `context` holds the texts of columns that split rows or compare groups, as far as the file has them.
    """

    columns: Mapping[str, Column]
    labels: NDArray[np.int64]
    keys: tuple[str, ...]
    ignored: tuple[str, ...]
    context: Mapping[str, tuple[str, ...]]

    def take(self, rows: NDArray[np.bool_]) -> "Table":
        """The rows where the mask is true."""
        return Table(
            columns={name: column[rows] for name, column in self.columns.items()},
            labels=self.labels[rows],
            keys=tuple(compress(self.keys, rows)),
            ignored=self.ignored,
            context={name: tuple(compress(texts, rows)) for name, texts in self.context.items()},
        )


def read(path: Path, spec: ModelSpec) -> Table:
    """A labelled CSV file, plain or gzip. The key column is optional; further columns are ignored."""
    header, rows = _cells(path)
    _check_header(path, header, spec)
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True))
    labels = _labels(by_name[spec.label], spec.label)
    return Table(
        columns=_columns(by_name, spec),
        labels=labels,
        keys=by_name.get(spec.key, ("",) * len(rows)),
        ignored=tuple(name for name in header if name not in {*spec.inputs, spec.label, spec.key}),
        context={name: by_name[name] for name in spec.context if name in by_name},
    )


@dataclass(frozen=True)
class Recent:
    """Rows a model was used on: input columns by name and outcomes (n,), NaN where none is known yet."""

    columns: Mapping[str, Column]
    outcomes: NDArray[np.float64]


def read_recent(path: Path, spec: ModelSpec) -> Recent:
    """A CSV file, plain or gzip, whose label column may be absent or have empty cells."""
    header, rows = _cells(path)
    _check_inputs(path, header, spec)
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True))
    cells = by_name.get(spec.label, ("",) * len(rows))
    outcomes = [_label(cell, row, spec.label) if cell.strip() else math.nan for row, cell in enumerate(cells, start=2)]
    return Recent(_columns(by_name, spec), np.array(outcomes, dtype=np.float64))


def from_rows(rows: Sequence[Mapping[str, object]], spec: ModelSpec) -> Mapping[str, Column]:
    """Input columns of rows given as mappings; keys that are no input are ignored."""
    for number, row in enumerate(rows, start=1):
        absent = [name for name in spec.inputs if name not in row]
        if absent:
            raise ColumnMissing(path=f"row {number}", count=len(absent), columns=", ".join(absent))
    return {
        name: np.array(
            [_figure(row[name], number, name, spec.codes.get(name)) for number, row in enumerate(rows, start=1)],
            dtype=np.float64,
        )
        for name in spec.inputs
    }


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        lines = list(csv.reader(io.StringIO(_text(path), newline=""), strict=True))
    except csv.Error as error:
        raise FileUnreadable(path=path.name, reason=str(error)) from error
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2:
        raise FileEmpty(path=path.name)
    header, *rows = lines
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise RowRagged(path=path.name, row=number, cells=len(cells), columns=len(header))
    return header, rows


def _text(path: Path) -> str:
    if not path.exists():
        raise FileMissing(path=str(path))
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise FileUnreadable(path=path.name, reason=str(error)) from error


def _check_header(path: Path, header: list[str], spec: ModelSpec) -> None:
    if spec.label not in header:
        raise LabelColumnMissing(path=path.name, column=spec.label)
    _check_inputs(path, header, spec)


def _check_inputs(path: Path, header: list[str], spec: ModelSpec) -> None:
    for name in header:
        if header.count(name) > 1:
            raise ColumnRepeated(path=path.name, column=name)
    absent = [name for name in spec.inputs if name not in header]
    if absent:
        raise ColumnMissing(path=path.name, count=len(absent), columns=", ".join(absent))


def _labels(cells: Sequence[str], name: str) -> NDArray[np.int64]:
    labels = np.array([_label(cell, row, name) for row, cell in enumerate(cells, start=2)])
    if labels.min() == labels.max():
        raise OneClassOnly(rows=len(labels), value=int(labels[0]))
    return labels


def _label(cell: str, row: int, name: str) -> int:
    if cell.strip() not in LABELS:
        raise LabelInvalid(row=row, column=name, value=cell or "an empty cell")
    return LABELS[cell.strip()]


def _columns(by_name: Mapping[str, Sequence[str]], spec: ModelSpec) -> dict[str, Column]:
    return {name: _column(by_name[name], name, spec.codes.get(name)) for name in spec.inputs}


def _column(cells: Sequence[str], name: str, codes: Codes | None) -> Column:
    if codes is not None:
        return np.array([codes.get(cell.strip(), math.nan) for cell in cells], dtype=np.float64)
    return np.array([_number(cell, number, name) for number, cell in enumerate(cells, start=2)], dtype=np.float64)


def _number(cell: str, row: int, column: str) -> float:
    if cell.strip() in MISSING:
        return math.nan
    try:
        # float() would read 1_000 as a number; a CSV file does not.
        value = float(cell.replace("_", "?"))
    except ValueError as error:
        raise CellNotNumeric(row=row, column=column, value=repr(cell)) from error
    if not math.isfinite(value):
        raise CellInfinite(row=row, column=column, value=cell)
    return value


def _figure(value: object, row: int, column: str, codes: Codes | None) -> float:
    if value is None:
        return math.nan
    if codes is not None and isinstance(value, str):
        return codes.get(value.strip(), math.nan)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise CellNotNumeric(row=row, column=column, value=repr(value))
    try:
        figure = float(value)
    except OverflowError:
        figure = math.inf
    if math.isinf(figure):
        raise CellInfinite(row=row, column=column, value=str(value)[:40])
    return figure
