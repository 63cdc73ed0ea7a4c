"""The demo's institutions and coordinator on one machine: processes that share nothing but HTTP and public keys."""

import csv
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.federation import partition, roster
from backend.federation.messages import Identity
from backend.scoring.modelspec import ROOT, ModelSpec
from backend.scoring.table import Table

COORDINATOR = "coordinator"
READY_WITHIN_S = 90.0

Process = subprocess.Popen[str]


@dataclass(frozen=True)
class Site:
    """Where one of the four keeps its files."""

    name: str
    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def data(self) -> Path:
        return self.folder / "clients.csv.gz"

    @property
    def consents(self) -> Path:
        return self.folder / "consents.txt"

    @property
    def roster(self) -> Path:
        return self.folder / "roster.json"

    @property
    def log(self) -> Path:
        return self.folder / "institution.log"

    def identity(self) -> Identity:
        return roster.read_key(self.key, self.name)


@dataclass(frozen=True)
class Running:
    """An institution's process and where it answers."""

    process: Process
    url: str


def prepare(spec: ModelSpec, training: Table, folder: Path) -> dict[str, Site]:
    """Each institution's rows, consents, key and roster in a folder of its own; the coordinator's without rows."""
    sites = {name: Site(name, folder / name) for name in (*partition.SHARES, COORDINATOR)}
    for site in sites.values():
        site.folder.mkdir(parents=True)
        roster.create_key(site.key)
    content = _roster(sites)
    for site in sites.values():
        site.roster.write_text(content, encoding="utf-8")
    for name, mask in partition.masks(training.keys, training.columns[partition.COLUMN]).items():
        keys = training.take(mask).keys
        _write_rows(spec, sites[name].data, frozenset(keys))
        sites[name].consents.write_text("\n".join(keys) + "\n", encoding="utf-8")
    return sites


@contextmanager
def institutions(sites: Mapping[str, Site]) -> Iterator[dict[str, Running]]:
    """The institutions' processes, once all of them answer; their logs are in their folders."""
    with ExitStack() as stack:
        started = {name: stack.enter_context(_institution(sites[name])) for name in partition.SHARES}
        yield {name: Running(process, _told_address(sites[name], process)) for name, process in started.items()}


def tell_addresses(site: Site, addresses: Mapping[str, str]) -> None:
    """The site's roster says where each institution answers; only the coordinator needs to know."""
    known = json.loads(site.roster.read_text(encoding="utf-8"))
    for place in known["institutions"]:
        place["url"] = addresses[place["name"]]
    site.roster.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def coordinate(sites: Mapping[str, Site], runs: Path) -> dict[str, str]:
    """One run in a process of its own, its progress on stderr: session, log and scorecard. Exits as it exits."""
    command = [*_command(COORDINATOR, sites[COORDINATOR]), "--runs", str(runs.absolute())]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


def environment() -> dict[str, str]:
    """One thread of arithmetic each: four processes share a machine."""
    return os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@contextmanager
def _institution(site: Site) -> Iterator[Process]:
    command = _command("institution", site)
    command += ["--name", site.name, "--data", str(site.data.absolute()), "--consents", str(site.consents.absolute())]
    command += ["--port", "0"]
    with site.log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=output, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _command(name: str, site: Site) -> list[str]:
    """The paths are absolute: the processes start in the project's folder."""
    files = ["--key", str(site.key.absolute()), "--roster", str(site.roster.absolute())]
    return [sys.executable, "-m", "backend.federation", name, *files]


def _told_address(site: Site, process: Process) -> str:
    """Where the process says that it answers. Raises RuntimeError with the end of its log when it does not."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        first, end, _ = site.log.read_text(encoding="utf-8").partition("\n")
        if end:
            return str(json.loads(first)["url"])
        time.sleep(0.1)
    raise RuntimeError(f"{site.name} does not answer: {site.log.read_text(encoding='utf-8')[-2000:]}")


def _roster(sites: Mapping[str, Site]) -> str:
    members = {name: site.identity().member.model_dump() for name, site in sites.items()}
    coordinator = members.pop(COORDINATOR)
    return json.dumps({"coordinator": coordinator, "institutions": list(members.values())}, indent=1) + "\n"


def _write_rows(spec: ModelSpec, path: Path, keys: frozenset[str]) -> None:
    with gzip.open(spec.data, "rt", encoding="utf-8", newline="") as source, gzip.open(path, "wt", newline="") as out:
        rows = csv.DictReader(source)
        writer = csv.DictWriter(out, rows.fieldnames or ())
        writer.writeheader()
        writer.writerows(row for row in rows if row[spec.key] in keys)
