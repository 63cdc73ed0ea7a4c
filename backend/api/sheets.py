"""Statements of account as CSV, in the caller's language."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Response

from backend import figures

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8

Shown = dict[str, Any]
Words = Mapping[str, Mapping[str, str]]


def safe(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet could take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


@dataclass(frozen=True, slots=True)
class Form:
    """`kinds`: names of the entries and of the rows around them. `parts` of an amount have columns of their own; kinds
    in `paid` take from the balance. `heads`: of all columns, by language."""

    kinds: Words
    heads: Mapping[str, Sequence[str]]
    parts: tuple[str, ...]
    paid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The account as rows of cells. No cell begins like a formula: what is paid has a column instead of a sign."""

    account: Shown
    form: Form
    lang: str

    def answer(self, name: str) -> Response:
        """As a file to download."""
        response = Response(self.text(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    def text(self) -> str:
        page = io.StringIO()
        csv.writer(page).writerows(self._rows())
        return BYTE_ORDER_MARK + page.getvalue()

    def _rows(self) -> Iterator[Sequence[str]]:
        account = self.account
        yield self.form.heads[self.lang]
        yield self._row(account["from"], "opening", account["opening"])
        for entry in account["entries"]:
            yield self._entry(entry)
        yield self._row(account["to"], "closing", account["closing"])
        if account["unbilled"] is not None:
            yield self._unbilled(account["unbilled"])

    def _entry(self, entry: Shown) -> list[str]:
        side = "paid" if entry["kind"] in self.form.paid else "charged"
        cells = {side: self._money(entry["amount"])} | {part: self._money(entry[part]) for part in self.form.parts}
        row = self._row(entry["day"], entry["kind"], entry["balance"], cells)
        return [*row[:-1], entry["transaction_hash"]]

    def _unbilled(self, unbilled: Shown) -> list[str]:
        amounts = {part: unbilled[part] for part in self.form.parts if part in unbilled}
        cells = {name: self._money(amount) for name, amount in (amounts | {"charged": sum(amounts.values())}).items()}
        return self._row(unbilled["day"], "unbilled", unbilled["owed"], cells)

    def _row(self, day: int, kind: str, balance: int, cells: Mapping[str, str] = MappingProxyType({})) -> list[str]:
        middle = [cells.get(name, "") for name in ("charged", "paid", *self.form.parts)]
        return [figures.day(day), self.form.kinds[kind][self.lang], *middle, self._money(balance), ""]

    def _money(self, value: int) -> str:
        return figures.amount(value, self.account["currency"]["decimals"]).replace(",", "")
