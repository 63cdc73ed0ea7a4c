"""Writes page, figures and picture of the simulation into `docs`."""

import json
from pathlib import Path

from backend.scoring.merchants.simulation import measures, picture, report
from backend.scoring.merchants.simulation.panel import suppliers
from backend.scoring.modelspec import ROOT

DOCS = ROOT / "docs"


def rendered() -> dict[str, str]:
    """File below `docs` → content."""
    panel = suppliers()
    figures = measures.measured(panel)
    return {
        "limit-simulation.md": report.page(figures),
        "limit-simulation.json": json.dumps(figures, indent=2) + "\n",
        "img/moving-limit.svg": picture.render(measures.with_limit(panel)),
    }


def main(docs: Path = DOCS) -> None:
    for name, content in rendered().items():
        (docs / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
