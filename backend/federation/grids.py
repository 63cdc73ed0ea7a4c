"""Public grids: the only edges a bin may have, fixed by a feature's unit before anybody looks at a row.

Amounts and shares follow the preferred numbers of ISO 3 (series R10, ten steps a decade), on both sides of zero.
"""

from backend.federation.errors import GridMissing
from backend.scoring.modelspec import Feature, ModelSpec

R10 = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
Edges = tuple[float, ...]


def _preferred(lowest_decade: int, decades: int) -> Edges:
    steps = [round(step * 10.0**decade, 4) for decade in range(lowest_decade, lowest_decade + decades) for step in R10]
    steps.append(10.0 ** (lowest_decade + decades))
    return (*(-step for step in reversed(steps)), 0.0, *steps)


GRIDS: dict[str, Edges] = {
    "1": _preferred(-3, 4),  # shares: .001 to 10
    "TWD": _preferred(2, 4),  # amounts: 100 to 1,000,000
    "months": tuple(float(month) for month in (*range(1, 13), 15, 18, 24, 30, 36, 48)),
}


def of_feature(feature: Feature) -> Edges:
    """Ascending; a value on an edge belongs to the cell above it. Raises GridMissing."""
    if feature.unit not in GRIDS:
        raise GridMissing(feature=feature.id, unit=feature.unit)
    return GRIDS[feature.unit]


def of_spec(spec: ModelSpec) -> tuple[Edges, ...]:
    """One grid a feature, in the order of the specification."""
    return tuple(of_feature(feature) for feature in spec.features)
