"""Files of rows, read as a stream: their encoding, and their rows as CSV or as a JSON array."""

import codecs
import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, TextIO

from backend.errors import HeqiError
from backend.records.business.rows import Fault, shown
from backend.records.business.schema import columns
from backend.scoring.merchants.records import Kind

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
MOST_LINE = 4_096
CHUNK = 64 * 1024
SPACE = " \t\r\n"
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Cells = tuple[int, Mapping[str, Any] | Fault]
"""A line or place and its cells by column, or what keeps them from being read."""


class UploadTooLarge(HeqiError):
    notice_en = "The file exceeds {most} bytes; bring it in parts."
    notice_zh = "文件超过 {most} 字节，请分批上传。"
    status = 413


class Unreadable(Exception):
    """From here on the file cannot be read, so none of it counts."""

    def __init__(self, line: int, rule: str, **values: Any) -> None:
        super().__init__(rule)
        self.fault = Fault(line, rule, values=values)


@dataclass(frozen=True)
class Spooled:
    """A whole file on disk, nameless. `hash`: SHA-256 of its bytes, 0x and 64 hex digits."""

    file: IO[bytes]
    hash: str
    bytes: int


@contextmanager
def spooled(stream: IO[bytes], most: int) -> Iterator[Spooled]:
    """The stream on disk until the block ends; it never stands in memory whole. Raises UploadTooLarge."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise UploadTooLarge(most=most)
            digest.update(chunk)
            file.write(chunk)
        yield Spooled(file, "0x" + digest.hexdigest(), size)


def encoding_of(file: IO[bytes]) -> str:
    """`utf-8-sig`, `utf-16`, `utf-8` or `gbk`: by byte order mark, else the first that fits all of it.

    Raises Unreadable. A zero character is in no table: it tells of UTF-16 or UTF-32 without a mark.
    """
    file.seek(0)
    start = file.read(4)
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark)), None)
    for name in [marked] if marked else ["utf-8", "gbk"]:
        if _fits(file, name):
            return name
    raise Unreadable(1, "file_encoding")


def _fits(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def rows_of(file: IO[bytes], form: str, encoding: str) -> Iterator[Cells]:
    """Rows of a `csv` or `json` file, each with its line or place. Raises Unreadable."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield from FORMS[form](text)
    finally:
        text.detach()


# CSV


def _csv_rows(text: TextIO) -> Iterator[Cells]:
    lines = csv.reader(_lines(text), strict=True)
    try:
        header = _header(next(lines, []))
        last = lines.line_num
        for cells in lines:
            line, last = last + 1, lines.line_num
            if any(cell.strip() for cell in cells):
                yield line, _named(line, header, cells)
    except csv.Error:
        raise Unreadable(max(1, lines.line_num), "csv_quotes") from None


def _lines(text: TextIO) -> Iterator[str]:
    number = 1
    while line := text.readline(MOST_LINE + 1):
        if len(line) > MOST_LINE:
            raise Unreadable(number, "csv_line_long", most=MOST_LINE)
        number += 1
        yield line


def _header(cells: list[str]) -> list[str]:
    """Names of the columns; blank ones at the end, as spreadsheets leave them, are none."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable(1, "file_empty")
    for name in names:
        if name not in columns():
            raise Unreadable(1, "csv_header", name=shown("", name) or "''", known=", ".join(columns()))
        if names.count(name) > 1:
            raise Unreadable(1, "csv_header_twice", name=name)
    for name, column in columns().items():
        if column.needed == frozenset(Kind) and name not in names:
            raise Unreadable(1, "csv_header_missing", name=name)
    return names


def _named(line: int, header: list[str], cells: list[str]) -> Mapping[str, Any] | Fault:
    surplus = [cell for cell in cells[len(header) :] if cell.strip()]
    if surplus or len(cells) < len(header):
        return Fault(line, "row_cells", values={"found": len(cells), "expected": len(header)})
    return dict(zip(header, cells, strict=False))


# JSON


def _json_rows(text: TextIO) -> Iterator[Cells]:
    for place, element in enumerate(_Array(text).elements(), start=1):
        if not isinstance(element, tuple):
            yield place, Fault(place, "row_form")
            continue
        cells = dict(element)
        names = [name for name, _ in element]
        twice = next((name for name in names if names.count(name) > 1), None) if len(cells) < len(names) else None
        yield place, cells if twice is None else Fault(place, "column_twice", shown("", twice))


class _Array:
    """Elements of a JSON array one by one; objects come as tuples of pairs, numbers as their text."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._buffer, self._at, self._place = text, "", 0, 1
        self._decode = json.JSONDecoder(
            object_pairs_hook=tuple, parse_float=str, parse_int=str, parse_constant=str
        ).raw_decode

    def elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._at += 1
        else:
            yield from self._listed()
        if self._next():
            raise self._broken()

    def _listed(self) -> Iterator[Any]:
        while True:
            yield self._element()
            self._place += 1
            if self._next() == "]":
                self._at += 1
                return
            self._expect(",")

    def _element(self) -> Any:
        self._next()
        if len(self._buffer) - self._at < MOST_LINE:
            self._fill()
        window = self._buffer[self._at : self._at + MOST_LINE]
        try:
            element, length = self._decode(window)
        except (ValueError, RecursionError):
            raise self._broken() from None
        self._at += length
        return element

    def _next(self) -> str:
        """The next character that is no space, which becomes the present one; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in SPACE:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _expect(self, char: str) -> None:
        if self._next() != char:
            raise self._broken()
        self._at += 1

    def _fill(self) -> bool:
        more = self._text.read(CHUNK)
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return bool(more)

    def _broken(self) -> Unreadable:
        return Unreadable(self._place, "json_form")


FORMS: Mapping[str, Callable[[TextIO], Iterator[Cells]]] = {"csv": _csv_rows, "json": _json_rows}
