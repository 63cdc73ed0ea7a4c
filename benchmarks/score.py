"""Merchants' scores: one at a time, in batches, and a million of them packed into signed reports.

One core. Everything is real but the figures of the million merchants, which are drawn from those of the synthetic
population. The baseline is RandomForest(100) on the same figures, without figures from records, reasons or packing.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.chain import reports
from backend.chain.keys import development_key
from backend.chain.reports import ScoreRecord, ScoreReport
from backend.days import BEIJING_S, DAY_S
from backend.oracle.merchants import find
from backend.oracle.proposals import MOST_RECORDS
from backend.scoring import baseline, features, model, table, training
from backend.scoring.merchants import population
from backend.scoring.merchants.features import LineUse, figures
from backend.scoring.model import Batch, Scorer
from backend.scoring.modelspec import ROOT

SPEC, MODEL = "merchant", 10
P99_BUDGET_MS, BATCH_BUDGET = 50, 20_000
SINGLES, SHOPS = 2_000, 40
BATCH, REPEATS = 20_000, 5
CHUNK = 20 * MOST_RECORDS
ALL = 1_000_000
ORACLE = "0x" + "0a" * 20
SIGNERS = [development_key(index) for index in (11, 12)]
TODAY = 20_779
NOW = TODAY * DAY_S - BEIJING_S
USE = LineUse(400_000, 1_000_000)
PAGE = resource.getpagesize()
PICTURE = ROOT / "docs" / "img" / "score-million.svg"
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """After `done` merchants: rows a second since the last sample, and resident memory in MiB."""

    done: int
    rate: float
    memory: float


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="score", description=__doc__)
    parser.add_argument("--count", type=int, default=ALL, help="merchants packed into signed reports")
    count = parser.parse_args(argv).count
    if count < 2 * CHUNK:
        parser.error(f"--count is {count}; it must be at least {2 * CHUNK}")
    scorer = model.load(SPEC)
    learned, judged = training.split(scorer.spec, table.read(scorer.spec.data, scorer.spec))
    known = features.matrix(scorer.spec, judged.columns)
    million = _million(scorer, known, count)  # first: memory that others left free would hide growth
    forest = baseline.fit(scorer.spec, learned)
    rows = baseline.plain(scorer.spec, judged.columns)
    report = {
        **_single(scorer, lambda row: forest.predict_proba(rows[row % len(rows)][None])),
        **_batches(scorer, known, forest.predict_proba),
        **million,
    }
    _show(report)
    print(json.dumps(report))


def _single(scorer: Scorer, tutorial: Callable[[int], Any]) -> dict[str, Any]:
    """From a shop's records to its score with reasons and hashes; the oracle adds flags and limit."""
    shops = [population.records(1, number, TODAY - 700, TODAY - 1) for number in range(SHOPS)]
    ours = _milliseconds(lambda turn: scorer.score([figures(shops[turn % SHOPS], NOW, USE)]))
    whole = _milliseconds(lambda turn: find(shops[turn % SHOPS], NOW, USE, scorer))
    theirs = _milliseconds(tutorial)
    return {
        "single": SINGLES,
        "records_per_shop": round(float(np.mean([len(shop) for shop in shops]))),
        "single_p50_ms": round(ours[0], 2),
        "single_p99_ms": round(ours[1], 2),
        "with_flags_and_limit_p50_ms": round(whole[0], 2),
        "with_flags_and_limit_p99_ms": round(whole[1], 2),
        "baseline": "RandomForest(100), figures given, no reasons",
        "baseline_p50_ms": round(theirs[0], 2),
        "baseline_p99_ms": round(theirs[1], 2),
        "single_ratio": round(theirs[0] / ours[0], 1),
        "single_within_budget": ours[1] < P99_BUDGET_MS,
    }


def _milliseconds(work: Callable[[int], Any]) -> tuple[float, float]:
    """Median and 99th percentile."""
    took = []
    for turn in range(SINGLES):
        began = time.perf_counter()
        work(turn)
        took.append((time.perf_counter() - began) * 1e3)
    return float(np.median(took)), float(np.quantile(took, 0.99))


def _batches(scorer: Scorer, known: Matrix, tutorial: Callable[[Matrix], Any]) -> dict[str, Any]:
    """Figures → probability, score, exact reasons → packed records."""
    matrix = next(_drawn(known, BATCH, BATCH))

    def pack() -> None:
        _packed(matrix, scorer.batch(matrix), 0)

    ours, scores_only, theirs = (
        _rate(work) for work in (pack, lambda: scorer.margins(matrix), lambda: tutorial(matrix))
    )
    return {
        "batch_rows_per_second": round(ours),
        "batch_without_reasons_rows_per_second": round(scores_only),
        "baseline_rows_per_second": round(theirs),
        "batch_without_reasons_ratio": round(scores_only / theirs, 1),
        "batch_within_budget": ours >= BATCH_BUDGET,
    }


def _rate(work: Callable[[], Any]) -> float:
    """Rows a second of processor time, the median of several runs."""
    took = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return BATCH / float(np.median(took))


def _million(scorer: Scorer, known: Matrix, count: int) -> dict[str, Any]:
    samples, size, began = [], 0, time.perf_counter()
    for done, chunk in enumerate(_drawn(known, count, CHUNK)):
        since = time.perf_counter()
        for packed, signatures in _reports(scorer, chunk, first=done * CHUNK):
            size += 32 * len(packed.records) + sum(map(len, signatures))
        samples.append(Sample(done * CHUNK + len(chunk), len(chunk) / (time.perf_counter() - since), _memory()))
    seconds = time.perf_counter() - began
    warm = samples[len(samples) // 10 :]
    if count == ALL:
        PICTURE.write_text(_picture(samples), encoding="utf-8")
    return {
        "merchants": count,
        "reports": -(-count // MOST_RECORDS),
        "signatures": len(SIGNERS) * -(-count // MOST_RECORDS),
        "megabytes": round(size / 1e6, 1),
        "seconds": round(seconds, 1),
        "merchants_per_second": round(count / seconds),
        "memory_after_a_tenth_mib": round(warm[0].memory, 1),
        "memory_at_the_end_mib": round(warm[-1].memory, 1),
        "memory_highest_mib": round(max(own.memory for own in samples), 1),
        "memory_flat": max(own.memory for own in warm) <= 1.05 * warm[0].memory,
    }


def _drawn(known: Matrix, count: int, chunk: int) -> Iterator[Matrix]:
    """Figures of `count` merchants, a chunk at a time: real rows of the population, each figure a little moved."""
    draw = np.random.default_rng(7)
    for start in range(0, count, chunk):
        rows = min(chunk, count - start)
        yield known[draw.integers(len(known), size=rows)] * draw.normal(1, 0.05, (rows, known.shape[1]))


def _packed(matrix: Matrix, batch: Batch, first: int) -> list[bytes]:
    """Records of parties numbered from `first` + 1. A month's turnover stands in for the limit."""
    limits = np.nan_to_num(matrix[:, 0]).astype(np.int64).tolist()
    return [
        reports.encode_record(
            ScoreRecord(
                party=party,
                value=value,
                pd_ppm=ppm,
                limit_code=reports.encode_limit(max(limit, 0)),
                sequence=1,
                reasons=tuple(code for code in codes if code),
                consent_epoch=1,
            )
        )
        for party, (ppm, value, codes, limit) in enumerate(zip(*batch.lists(), limits, strict=True), start=first + 1)
    ]


def _reports(scorer: Scorer, matrix: Matrix, first: int) -> Iterator[tuple[ScoreReport, list[bytes]]]:
    """Reports of at most 500 records, each with the signatures of two signers."""
    records = _packed(matrix, scorer.batch(matrix), first)
    for start in range(0, len(records), MOST_RECORDS):
        report = ScoreReport(
            round=(first + start) // MOST_RECORDS + 1,
            signer_set=1,
            deadline=NOW + 3_600,
            model_id=MODEL,
            issued_at=NOW,
            valid_until=NOW + 30 * DAY_S,
            records=tuple(records[start : start + MOST_RECORDS]),
        )
        yield report, [reports.sign(report, 31_337, ORACLE, key) for key in SIGNERS]


def _memory() -> float:
    """Resident, MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


def _show(report: dict[str, Any]) -> None:
    for title, times in (
        ("one score from records", "single"),
        ("the same with flags and limit", "with_flags_and_limit"),
        ("RandomForest(100), one row", "baseline"),
    ):
        print(f"{title + ', p50 / p99':44} {report[times + '_p50_ms']:>9} / {report[times + '_p99_ms']} ms")
    for title, rate in (
        ("batch with exact reasons, packed", "batch"),
        ("the same without reasons and packing", "batch_without_reasons"),
        ("RandomForest(100), probabilities only", "baseline"),
    ):
        print(f"{title:44} {report[rate + '_rows_per_second']:>9,} rows/s a core")
    print(f"{'scored, packed and signed twice':44} {report['merchants']:>9,} in {report['seconds']} s")
    memory = f"{report['memory_after_a_tenth_mib']} → {report['memory_at_the_end_mib']} MiB"
    print(f"{'memory after a tenth and at the end':44} {memory}")


WIDTH, HEIGHT, LEFT, TOP, GAP = 620, 150, 70, 40, 70


def _picture(samples: list[Sample]) -> str:
    """Memory above, throughput below, over the merchants done."""
    done = [own.done for own in samples]
    panels = (
        _panel(TOP, "Resident memory, MiB", done, [own.memory for own in samples]),
        _panel(
            TOP + HEIGHT + GAP, "Merchants a second: scored, packed, signed twice", done, [own.rate for own in samples]
        ),
    )
    total = TOP + 2 * HEIGHT + GAP + 60
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {total}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{LEFT + WIDTH + 40}" height="{total}" fill="#fff"/>',
            *panels,
            "</svg>\n",
        )
    )


def _panel(top: int, title: str, done: list[int], values: list[float]) -> str:
    bottom, highest, last = top + HEIGHT, 1.25 * max(values), done[-1]
    points = " ".join(
        f"{LEFT + WIDTH * x / last:.1f},{bottom - HEIGHT * y / highest:.1f}" for x, y in zip(done, values, strict=True)
    )
    scale = "".join(
        f'<text x="{LEFT - 6}" y="{bottom - HEIGHT * share + 4:.0f}" text-anchor="end">{highest * share:,.0f}</text>'
        for share in (0, 0.5, 1)
    )
    return (
        f'<text x="{LEFT}" y="{top - 12}" font-weight="bold">{title}</text>\n'
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>\n{scale}\n'
        f'<polyline points="{points}" fill="none" stroke="#0b5394" stroke-width="2"/>\n'
        f'<text x="{LEFT}" y="{bottom + 18}">0</text>'
        f'<text x="{LEFT + WIDTH}" y="{bottom + 18}" text-anchor="end">{last:,} merchants</text>'
    )
