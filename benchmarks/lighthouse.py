"""What Lighthouse says of the dApp's pages: `make bench NAME=lighthouse`. It is fetched by npx, and takes minutes."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.places import known
from tests.browser.town import open_town

LIGHTHOUSE = "lighthouse@12.2.3"
"""The last that runs on Node 20."""
PAGES = ("/", "/receivables", "/receivables/$id", "/credit/lines/$party", "/leases/$lease", "/bank", "/audit")
ATTEMPTS = 4
"""It loses its trace of a page now and then (NO_NAVSTART)."""
CATEGORIES = ("performance", "accessibility", "best-practices")


def main(_arguments: Sequence[str]) -> None:
    """Without a wallet, as a stranger meets them; performance as Lighthouse simulates a mid-range phone on slow 4G, and
    on a desktop."""
    with tempfile.TemporaryDirectory(prefix="heqi-lighthouse-") as folder, open_town(Path(folder)) as town:
        places, found = known(town), {}
        print(f"{'page':<24}{'device':<10}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for path in PAGES:
            for device in ("mobile", "desktop"):
                report = audit(town.place.api_url + places.url(path), device, Path(folder) / "report.json")
                scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
                print(f"{path:<24}{device:<10}" + "".join(f"{scores[name]:>16}" for name in CATEGORIES), flush=True)
                for fault in faults(report):
                    print(f"    {fault}", flush=True)
                found[f"{path} {device}"] = scores
    print(json.dumps(found))


def audit(url: str, device: str, out: Path) -> dict[str, Any]:
    flags = " ".join(ARGUMENTS)
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={out}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-path={executable()}", f"--chrome-flags={flags}"]
    if device == "desktop":
        command.append("--preset=desktop")
    last = ATTEMPTS - 1
    for attempt in range(ATTEMPTS):
        if subprocess.run(command, check=attempt == last).returncode == 0:
            break
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


def faults(report: dict[str, Any]) -> list[str]:
    """What cost points in accessibility and best practices."""
    audits = report["audits"]
    return [
        f"{name}: {audits[part['id']]['title']}"
        for name in CATEGORIES[1:]
        for part in report["categories"][name]["auditRefs"]
        if part["weight"] and (score := audits[part["id"]]["score"]) is not None and score < 1
    ]
