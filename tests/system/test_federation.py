"""Federated training as its operators run it: four processes over HTTP, on the real rows."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import requests

from backend.federation import audit, fixed, processes, roster, runlog, vectors
from backend.federation.errors import LogBroken
from backend.federation.partition import SHARES
from backend.federation.processes import COORDINATOR, Running, Site
from backend.federation.vectors import Request
from backend.scoring import specs
from tests.anvil import ROOT

SPEC = specs.find("uci_credit_card")
VICTIM = "city_bank"


def run(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.federation", *map(str, arguments)],
        cwd=ROOT, env=processes.environment(), capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


# A clean run


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The last line of the demo, `lines` with what it printed before, `folder` with what it left."""
    folder = tmp_path_factory.mktemp("federation") / "demo"
    done = run("demo", "--folder", folder)
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    return json.loads(last) | {"lines": lines, "progress": done.stderr, "folder": folder}


def test_federated_training_reaches_pooled_training_and_beats_the_smallest_institution(shown: dict):
    auc = {row["learned_from"]: row["auc"] for row in shown["rows"]}
    smallest = min((row for row in shown["rows"] if row["learned_from"].endswith("alone")), key=lambda row: row["rows"])
    assert abs(auc["all rows, pooled"] - auc["all rows, federated"]) <= 0.005
    assert auc["all rows, federated"] > smallest["auc"]
    assert shown["lead"][1] > 0, "the lead's interval holds zero"
    assert all(row["low"] < row["auc"] < row["high"] for row in shown["rows"])


def test_the_table_shows_every_figure_of_the_last_line(shown: dict):
    header, *lines = shown["lines"]
    assert header.split()[:3] == ["learned", "from", "rows"]
    for row, line in zip(shown["rows"], lines, strict=False):
        assert line.startswith(row["learned_from"])
        assert f"{row['auc']:.4f}" in line
    assert "result replayed: True" in shown["progress"]


def test_the_document_shows_the_figures_of_the_run(shown: dict):
    document = (ROOT / "docs" / "federated-training.md").read_text(encoding="utf-8")
    for row in shown["rows"]:
        cells = (
            row["learned_from"], f"{row['rows']:,}", f"{100 * row['defaulted']:.1f} %", f"{row['features']}",
            f"{row['auc']:.4f}", f"{row['low']:.4f} … {row['high']:.4f}",
        )  # fmt: skip
        assert f"| {' | '.join(cells)} |" in document
    for words in (f"{shown['held_out']:,} clients", f"{shown['rounds']} rounds in the demo"):
        assert words in document


def test_the_run_was_computed_again_from_its_log_and_a_touched_line_is_found(shown: dict, tmp_path: Path):
    assert shown["replayed"]
    lines = Path(shown["log"]).read_text(encoding="utf-8").splitlines()
    lines[6] = lines[6].replace('"length": ', '"length": 1')
    touched = tmp_path / runlog.FILE
    touched.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(LogBroken, match="Line 7 "):
        audit.audit(touched, None)


def test_no_private_key_and_no_row_is_in_logs_or_with_the_coordinator(shown: dict):
    folder = shown["folder"]
    assert sorted(file.name for file in (folder / COORDINATOR).iterdir()) == ["key.pem", "roster.json"]
    written = [*folder.glob("*/institution.log"), *folder.glob("runs/*/*.json*")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in written)
    for name in SHARES:
        secret = (folder / name / "key.pem").read_text().splitlines()[1]
        assert secret not in text
    assert "Traceback" not in text


# An institution that dies in the middle


@contextmanager
def interposed(victim: Running, fatal: int) -> Iterator[str]:
    """An address that leads to an institution, until its death when the request of round `fatal` comes by."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if json.loads(body)["body"].get("round") == fatal:
                victim.process.kill()
                victim.process.wait()
            try:
                answer = requests.post(victim.url + self.path, data=body, timeout=60)
            except requests.ConnectionError:
                return  # this connection closes without an answer, too
            self.send_response(answer.status_code)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_one_killed_in_mid_round_aborts_the_run_and_leaves_no_sum(shown: dict, tmp_path: Path):
    sites = {name: Site(name, shown["folder"] / name) for name in (*SHARES, COORDINATOR)}
    own = sites[COORDINATOR]
    with processes.institutions(sites) as running, interposed(running[VICTIM], fatal=2) as way:
        processes.tell_addresses(own, {name: other.url for name, other in running.items()} | {VICTIM: way})
        done = run("coordinator", "--key", own.key, "--roster", own.roster, "--runs", tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1].startswith(f"ParticipantLost: {VICTIM} did not answer /request")

    (log,) = tmp_path.glob(f"*/{runlog.FILE}")
    lines = runlog.read(log)
    assert [line["event"] for line in lines[-3:]] == ["request", "aborted", "closed"]
    assert lines[-2]["error"]["code"] == "ParticipantLost"
    assert sum(line["event"] == "sum" for line in lines) == 1, "only round 1 has one"
    assert not (log.parent / "scorecard.json").exists()
    assert not list((log.parent / runlog.MASKED).glob("002-*")), "an answer of the aborted round was kept"
    for name in SHARES.keys() - {VICTIM}:
        last = json.loads(sites[name].log.read_text().splitlines()[-1])
        assert (last["event"], last["outcome"]) == ("session_closed", "aborted")


def test_what_two_of_three_sent_in_a_round_says_nothing_about_their_figures(shown: dict):
    """Had the third died in round 1: the sum of the others' vectors is noise, that of all three is the histogram."""
    folder, asked = shown["folder"], Request("histogram")
    data = {name: Site(name, folder / name) for name in SHARES}
    own = {name: roster.read_rows(SPEC, site.data, site.consents) for name, site in data.items()}
    figures = {name: fixed.encode("histogram", vectors.answer(SPEC, rows, asked), 3) for name, rows in own.items()}
    masked = {
        name: fixed.from_bytes(runlog.masked_file(Path(shown["log"]).parent, 1, name).read_bytes()) for name in SHARES
    }
    others = [name for name in SHARES if name != VICTIM]
    partial = sum((masked[name] - figures[name] for name in others), np.zeros(len(masked[VICTIM]), dtype=np.uint64))
    assert len(np.unique(partial)) == len(partial)
    assert abs((partial >> np.uint64(63)).mean() - 0.5) < 0.05
    assert (partial + masked[VICTIM] == figures[VICTIM]).all()
