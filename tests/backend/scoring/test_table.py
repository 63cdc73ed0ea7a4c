"""Every kind of bad file and bad row has its named error, with the row and the column."""

import gzip
import json
import math
from decimal import Decimal

import numpy as np
import pytest

from backend.scoring import errors, table


@pytest.fixture
def refused(spec, write_csv, real_rows):
    """Writes the real rows after `change` and returns the error that reading them raises."""

    def read(expected, change):
        rows = [dict(row) for row in real_rows]
        with pytest.raises(expected) as error:
            table.read(write_csv(change(rows) or rows), spec)
        return error.value.values

    return read


def set_cell(row, column, value):
    return lambda rows: rows[row].update({column: value})


def test_a_missing_file_is_named(spec, tmp_path):
    with pytest.raises(errors.FileMissing, match=r"nowhere\.csv"):
        table.read(tmp_path / "nowhere.csv", spec)


def test_a_folder_is_not_a_file(spec, tmp_path):
    with pytest.raises(errors.FileUnreadable):
        table.read(tmp_path, spec)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00d",
        gzip.compress(b"company,default\n")[:-6],
        b"\x1f\x8bnot gzip",
        b'a,b\n"open',
        "公司".encode("gbk"),
    ],
)
def test_bytes_that_are_no_csv_are_unreadable(spec, tmp_path, content):
    path = tmp_path / "bytes.csv"
    path.write_bytes(content)
    with pytest.raises(errors.FileUnreadable, match=r"bytes\.csv"):
        table.read(path, spec)


@pytest.mark.parametrize("content", ["", "\n\n", "company,Attr1,default\n"])
def test_a_file_without_data_rows_is_empty(spec, tmp_path, content):
    path = tmp_path / "empty.csv"
    path.write_text(content)
    with pytest.raises(errors.FileEmpty, match=r"empty\.csv"):
        table.read(path, spec)


def test_a_row_with_too_few_cells_is_named(spec, write_csv, real_rows):
    path = write_csv(real_rows)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], lines[4].rsplit(",", 3)[0], *lines[5:]]))
    with pytest.raises(errors.RowRagged) as error:
        table.read(path, spec)
    assert error.value.values == {"path": "companies.csv", "row": 5, "cells": 63, "columns": 66}


def test_an_empty_line_between_rows_is_named(spec, write_csv, real_rows):
    path = write_csv(real_rows)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], "", *lines[4:]]))
    with pytest.raises(errors.RowRagged, match=r"Row 5 .* 0 cells"):
        table.read(path, spec)


def test_missing_columns_are_listed(refused):
    def drop(rows):
        return [{name: cell for name, cell in row.items() if name not in ("Attr3", "Attr64")} for row in rows]

    values = refused(errors.ColumnMissing, drop)
    assert values == {"path": "companies.csv", "count": 2, "columns": "Attr3, Attr64"}


def test_a_repeated_column_is_named(spec, write_csv, real_rows):
    path = write_csv(real_rows)
    path.write_text(path.read_text().replace("Attr4,", "Attr3,", 1))
    with pytest.raises(errors.ColumnRepeated, match="Attr3"):
        table.read(path, spec)


def test_a_file_without_label_column_cannot_be_evaluated(refused):
    def drop(rows):
        return [{name: cell for name, cell in row.items() if name != "default"} for row in rows]

    assert refused(errors.LabelColumnMissing, drop) == {"path": "companies.csv", "column": "default"}


@pytest.mark.parametrize("label", ["", "nan", "2", "-1", "0.5", "yes", "True"])
def test_a_label_that_is_neither_0_nor_1_is_named_with_its_row(refused, label):
    values = refused(errors.LabelInvalid, set_cell(6, "default", label))
    assert values == {"row": 8, "column": "default", "value": label or "an empty cell"}


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_alone_cannot_be_ranked(refused, label):
    values = refused(errors.OneClassOnly, lambda rows: [row for row in rows if row["default"] == str(label)])
    assert values == {"rows": 20, "value": label}


@pytest.mark.parametrize("cell", ["abc", "1,5", "12 %", "1_000", "0x10", "--1", "=1+1", "１２a"])
def test_a_cell_that_is_no_number_is_named_with_row_and_column(refused, cell):
    values = refused(errors.CellNotNumeric, set_cell(3, "Attr12", cell))
    assert values == {"row": 5, "column": "Attr12", "value": repr(cell)}


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", "1e999", "-nan"])
def test_a_cell_that_is_not_finite_is_named_with_row_and_column(refused, cell):
    values = refused(errors.CellInfinite, set_cell(0, "Attr1", cell))
    assert values == {"row": 2, "column": "Attr1", "value": cell}


@pytest.mark.parametrize("cell", ["", " ", "NA", "NaN", "nan", "?"])
def test_an_empty_cell_is_missing(spec, write_csv, real_rows, cell):
    read = table.read(write_csv([{**real_rows[0], "Attr1": cell}, *real_rows[1:]]), spec)
    assert math.isnan(read.columns["Attr1"][0])


def test_plain_and_gzip_files_with_byte_order_mark_read_the_same(spec, write_csv, real_rows, tmp_path):
    path = write_csv(real_rows)
    zipped = tmp_path / "zipped.dat"
    zipped.write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes()))
    plain, packed = table.read(path, spec), table.read(zipped, spec)
    assert plain.keys == packed.keys
    assert np.array_equal(plain.columns["Attr5"], packed.columns["Attr5"], equal_nan=True)


def test_the_key_is_optional_and_further_columns_are_ignored_by_name(spec, write_csv, real_rows):
    rows = [{name: cell for name, cell in row.items() if name != "company"} | {"note": "x"} for row in real_rows]
    read = table.read(write_csv(rows), spec)
    assert read.ignored == ("Attr9", "note")
    assert len(read.labels) == 40


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((value, errors.CellNotNumeric) for value in ("0.1", True, [], Decimal(1))),
        *((value, errors.CellInfinite) for value in (math.inf, -math.inf, 10**400)),
    ],
)
def test_a_bad_figure_of_a_row_is_named_with_row_and_column(spec, value, expected):
    good = dict.fromkeys(spec.inputs, 0.5)
    with pytest.raises(expected) as error:
        table.from_rows([good, {**good, "Attr30": value}], spec)
    assert (error.value.values["row"], error.value.values["column"]) == (2, "Attr30")
    json.dumps(error.value.to_problem(), allow_nan=False)


def test_a_row_without_an_input_is_named(spec):
    incomplete = dict.fromkeys(spec.inputs[1:], 0.5)
    with pytest.raises(errors.ColumnMissing) as error:
        table.from_rows([incomplete], spec)
    assert error.value.values == {"path": "row 1", "count": 1, "columns": "Attr1"}


def test_none_and_nan_in_a_row_are_missing(spec):
    columns = table.from_rows([{**dict.fromkeys(spec.inputs, 1), "Attr1": None, "Attr2": math.nan}], spec)
    assert math.isnan(columns["Attr1"][0]) and math.isnan(columns["Attr2"][0]) and columns["Attr3"][0] == 1.0
