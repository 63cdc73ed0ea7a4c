"""What an institution computes from its own rows for a request: a histogram, counts, or slopes. Pure.

`histogram`  per feature and cell of its public grid, missing last: survivors, then defaults
`counts`     per feature and bin between the chosen edges, missing last: survivors, then defaults
`slopes`     of the logistic loss over the weights of evidence: gradient, then the upper triangle of the Hessian
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.federation import grids
from backend.federation.errors import CellTooSmall
from backend.federation.fixed import Figures
from backend.federation.grids import Edges
from backend.scoring import scorecard
from backend.scoring.metrics import Labels
from backend.scoring.modelspec import ModelSpec

LEAST_CELL = 10  # rows; a cell or bin of one institution holds none or at least as many
Vector = Literal["histogram", "counts", "slopes"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """An institution's rows by features, missing NaN, and their labels."""

    matrix: Matrix
    labels: Labels


@dataclass(frozen=True)
class Request:
    """What is asked of every institution alike. `edges` and `evidence` per feature, `coefficients` intercept first."""

    vector: Vector
    edges: tuple[Edges, ...] = ()
    evidence: tuple[tuple[float, ...], ...] = ()
    coefficients: tuple[float, ...] = ()


def length(spec: ModelSpec, request: Request) -> int:
    """How many figures an answer to the request has."""
    match request.vector:
        case "histogram":
            return sum(2 * cells(edges) for edges in grids.of_spec(spec))
        case "counts":
            return sum(2 * cells(edges) for edges in request.edges)
        case "slopes":
            width = len(spec.features) + 1
            return width + width * (width + 1) // 2


def answer(spec: ModelSpec, rows: Rows, request: Request) -> Figures:
    """The figures (n,) of one institution, before any mask. Raises CellTooSmall."""
    match request.vector:
        case "histogram":
            return np.concatenate([_merged(table).ravel() for table in _tables(rows, grids.of_spec(spec))])
        case "counts":
            tables = _tables(rows, request.edges)
            for feature, table in zip(spec.features, tables, strict=True):
                _require_large_cells(feature.id, table)
            return np.concatenate([table.ravel() for table in tables])
        case "slopes":
            return slopes(_design(rows.matrix, request), rows.labels, np.array(request.coefficients))


def cells(edges: Edges) -> int:
    """Below the first edge, from each edge up, and missing."""
    return len(edges) + 2


def split(figures: Figures, all_edges: Sequence[Edges]) -> list[Matrix]:
    """Tables (2, cells) of survivors and defaults, one a feature, from a histogram or counts."""
    parts = np.split(figures, np.cumsum([2 * cells(edges) for edges in all_edges])[:-1])
    return [part.reshape(2, -1) for part in parts]


def unpack_slopes(figures: Figures, width: int) -> tuple[Figures, Matrix]:
    """Gradient (width,) and symmetric Hessian (width, width)."""
    hessian = np.zeros((width, width))
    hessian[np.triu_indices(width)] = figures[width:]
    return figures[:width], hessian + np.triu(hessian, 1).T


def slopes(design: Matrix, labels: Labels, coefficients: Figures) -> Figures:
    """Gradient and Hessian of -ln(likelihood) at the coefficients; the first column of the design is one."""
    with np.errstate(over="ignore"):  # the probability is zero then
        probabilities = 1 / (1 + np.exp(-design @ coefficients))
    gradient = design.T @ (probabilities - labels)
    hessian = (design.T * (probabilities * (1 - probabilities))) @ design
    return np.concatenate([gradient, hessian[np.triu_indices(len(coefficients))]])


def _design(matrix: Matrix, request: Request) -> Matrix:
    columns = [
        np.array(of_bin)[scorecard.bins(matrix[:, position], edges)]
        for position, (edges, of_bin) in enumerate(zip(request.edges, request.evidence, strict=True))
    ]
    return np.column_stack([np.ones(len(matrix)), *columns])


def _tables(rows: Rows, all_edges: Sequence[Edges]) -> list[Matrix]:
    return [_table(rows.matrix[:, position], rows.labels, edges) for position, edges in enumerate(all_edges)]


def _table(column: Figures, labels: Labels, edges: Edges) -> Matrix:
    of_row = scorecard.bins(column, edges)
    return np.array([np.bincount(of_row[labels == label], minlength=cells(edges)) for label in (0, 1)], dtype=float)


def _merged(table: Matrix) -> Matrix:
    """The same rows in fewer cells: one with too few passes them on upward, the last too few go down.

    Too few missing figures are left out, and so are too few rows in all.
    """
    merged, held = np.zeros_like(table), np.zeros(2)
    last = None
    for cell in range(table.shape[1] - 1):
        held = held + table[:, cell]
        if held.sum() >= LEAST_CELL:
            merged[:, cell], held, last = held, np.zeros(2), cell
    if last is not None:
        merged[:, last] += held
    if table[:, -1].sum() >= LEAST_CELL:
        merged[:, -1] = table[:, -1]
    return merged


def _require_large_cells(feature: str, table: Matrix) -> None:
    rows = table.sum(axis=0)
    if bool(np.any((rows > 0) & (rows < LEAST_CELL))):
        raise CellTooSmall(feature=feature, least=LEAST_CELL)
