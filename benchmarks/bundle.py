"""What a browser loads before the first page of the dApp can be used, gzipped: `make bench NAME=bundle`."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.dapp import BUILD

KIB = 1024
BUDGET_KIB = 340
# The entry, the first page, and the texts of one language; whatever they import comes with them.
FIRST = (
    "index.html",
    "src/features/account/Home.tsx",
    *(f"src/text/zh/{part}.ts" for part in ("common", "next", "account")),
)

Manifest = Mapping[str, Mapping[str, Any]]


def main(_arguments: Sequence[str]) -> None:
    sizes = first_route()
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size / KIB:8.1f} KiB  {name}")
    total = sum(sizes.values()) / KIB
    print(f"{total:8.1f} KiB  of at most {BUDGET_KIB}")
    assets = (path for path in (BUILD / "assets").iterdir() if path.suffix != ".gz")
    whole = sum(_gzipped(path.relative_to(BUILD).as_posix()) for path in assets) / KIB
    print(json.dumps({"first_route_kib": round(total, 1), "budget_kib": BUDGET_KIB, "whole_kib": round(whole, 1)}))


def first_route() -> dict[str, int]:
    """Bytes by file, gzipped, of everything that the first page needs. Raises FileNotFoundError without a build."""
    manifest: Manifest = json.loads((BUILD / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    return {name: _gzipped(name) for chunk in FIRST for name in _files(manifest, chunk)} | {
        "index.html": _gzipped("index.html")
    }


def _files(manifest: Manifest, chunk: str) -> Iterator[str]:
    entry = manifest[chunk]
    yield entry["file"]
    yield from entry.get("css", ())
    for imported in entry.get("imports", ()):
        yield from _files(manifest, imported)


def _gzipped(name: str) -> int:
    return len(gzip.compress((BUILD / name).read_bytes(), 9))
