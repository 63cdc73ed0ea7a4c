"""The commands as a user runs them: real processes, real files."""

import csv
import gzip
import json
import subprocess
import sys

import pytest

from backend.scoring.modelspec import ROOT


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "backend.scoring", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def held_out_file(spec, parts, tmp_path_factory):
    """The held-out companies, as the shipped file has them."""
    path = tmp_path_factory.mktemp("evaluate") / "held_out.csv.gz"
    with gzip.open(spec.data, "rt", newline="") as lines, gzip.open(path, "wt", newline="") as out:
        rows = csv.DictReader(lines)
        writer = csv.DictWriter(out, rows.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in rows if row["company"] in parts[1].keys)
    return path


def test_evaluate_ends_with_one_json_line_of_figures_and_beats_the_baseline(held_out_file):
    done = run("evaluate", "--spec", "polish_1year", "--data", held_out_file)
    assert done.returncode == 0, done.stderr
    *table, last = done.stdout.splitlines()
    figures = json.loads(last)
    assert list(figures) == ["rows", "auc", "ks", "brier", "ece", "baseline_auc"]
    assert figures["rows"] == 553
    assert figures["auc"] > figures["baseline_auc"]
    assert [line.split()[0] for line in table] == list(figures)
    assert "ignored columns: Attr9" in done.stderr
    assert "used in training" not in done.stderr


def test_evaluate_says_when_rows_were_used_in_training(write_csv, real_rows):
    done = run("evaluate", "--spec", "polish_1year", "--data", write_csv(real_rows))
    assert done.returncode == 0, done.stderr
    assert "of 40 rows were used in training" in done.stderr


def refused(done, *fragments):
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert all(fragment in done.stderr for fragment in fragments), done.stderr


def test_an_unknown_specification_is_one_line_and_status_2(held_out_file):
    refused(
        run("evaluate", "--spec", "polish_9year", "--data", held_out_file), "polish_9year", "polish_1year, polish_5year"
    )


def test_a_missing_file_is_one_line_and_status_2(tmp_path):
    refused(run("evaluate", "--spec", "polish_1year", "--data", tmp_path / "none.csv"), "FileMissing", "none.csv")


@pytest.mark.parametrize(
    ("column", "value", "fragments"),
    [
        ("Attr7", "abc", ("CellNotNumeric", "Row 2", "Attr7", "abc")),
        ("Attr7", "-inf", ("CellInfinite", "Row 2", "Attr7", "-inf")),
        ("default", "nan", ("LabelInvalid", "Row 2", "nan")),
    ],
)
def test_a_bad_cell_is_one_line_and_status_2(write_csv, real_rows, column, value, fragments):
    path = write_csv([{**real_rows[0], column: value}, *real_rows[1:]])
    refused(run("evaluate", "--spec", "polish_1year", "--data", path), *fragments)


@pytest.mark.parametrize("arguments", [("evaluate", "--spec", "polish_1year"), ("sing",)])
def test_wrong_arguments_are_one_line_and_status_2(arguments):
    refused(run(*arguments), "python -m backend.scoring")
