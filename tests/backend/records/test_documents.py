"""docs/business-records.md says what the code does."""

import csv
import io
import re

from backend.api import pushed
from backend.api.limits import UPLOADS_OF_A_PARTY
from backend.records.business import files, kept, rows, uploads
from scripts.business_tables import DOCUMENT, tables, written

TEXT = DOCUMENT.read_text(encoding="utf-8")
NOW = 1_800_000_000


def test_the_tables_are_fresh():
    assert written(TEXT) == TEXT
    assert all(table in TEXT for table in tables().values())


def test_the_example_file_is_valid():
    (example,) = re.findall(r"```\n(kind,.*?)```", TEXT, re.DOTALL)
    read = [
        rows.read(line, cells, NOW, NOW) for line, cells in enumerate(csv.DictReader(io.StringIO(example)), start=2)
    ]
    assert len(read) == 6
    assert [row.faults for row in read] == [[]] * 6


def test_the_limits_are_the_real_ones():
    limits = {
        "20 MiB": files.MOST_BYTES == 20 * 2**20,
        "200,000 rows": files.MOST_ROWS == 200_000,
        "4,096 characters": files.MOST_LINE == 4_096,
        "10 billion yuan": uploads.MOST_SUM == 10 * 10**9 * 100,
        "500,000 records": uploads.MOST_RECORDS == 500_000,
        "60 an hour": str(UPLOADS_OF_A_PARTY) == "60 per 1 hour",
        "1 MiB": pushed.MOST_BYTES == 2**20,
        "first 24 characters": rows.SHOWN == 24,
        "200 faults": kept.MOST_TOLD == 200,
    }
    assert [stated for stated, holds in limits.items() if not holds or stated not in TEXT] == []
