"""The model's input matrix and the hash of the figures it came from."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from backend.scoring import formula
from backend.scoring.formula import Column
from backend.scoring.modelspec import ModelSpec

# A derived feature is mostly a share, of total assets or of a limit, and accounts are material to 0.1 %. Finer residues
# between ratios of accounts tell from which report template a statement was typed, and there the template gives the
# outcome away.
DERIVED_DECIMALS = 3


def matrix(spec: ModelSpec, columns: Mapping[str, Column]) -> NDArray[np.float64]:
    """Rows by features in the order of the specification; missing is NaN."""
    return np.column_stack(
        [
            np.round(formula.evaluate(feature.formula, columns), DERIVED_DECIMALS)
            if feature.formula
            else columns[feature.id]
            for feature in spec.features
        ]
    )


def snapshot_hash(spec: ModelSpec, figures: Mapping[str, float]) -> str:
    """`0x` SHA-256 over the canonical JSON of the inputs: sorted keys, shortest exact decimals, null where missing."""
    canonical = {name: None if np.isnan(figures[name]) else float(figures[name]) + 0.0 for name in spec.inputs}
    text = json.dumps({"spec": spec.name, "figures": canonical}, sort_keys=True, separators=(",", ":"))
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
