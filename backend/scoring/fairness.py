"""Approval rates of groups of people, compared by attributes that the model never sees."""

from typing import Any

import numpy as np

from backend.scoring import scale
from backend.scoring.metrics import Probabilities
from backend.scoring.modelspec import Groups
from backend.scoring.table import Table

APPROVED_FROM = "D"  # the lowest grade for which the deployed terms are open


def compare(groups: Groups, rows: Table, probabilities: Probabilities) -> dict[str, Any]:
    """Rows, approval rate and seen default rate of each group, and the lowest approval rate over the highest."""
    values = np.array(rows.context[groups.column], dtype=float)
    floor = scale.GRADE_FLOORS[APPROVED_FROM]
    approved = np.array([scale.score(scale.pd_ppm(probability)) >= floor for probability in probabilities])
    inside = {name: (low <= values) & (values <= high) for name, (low, high) in groups.bounds.items()}
    rates = {name: float(approved[mask].mean()) for name, mask in inside.items()}
    table = [
        {
            "group": name,
            "rows": int(mask.sum()),
            "approved": rates[name],
            "defaulted": float(rows.labels[mask].mean()),
        }
        for name, mask in inside.items()
    ]
    return {"column": groups.column, "groups": table, "ratio": min(rates.values()) / max(rates.values())}
