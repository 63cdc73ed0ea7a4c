"""The course of a training: which requests follow from which sums, until the scorecard stands.

Written once as a generator over sums: the coordinator drives it over HTTP, the audit with the sums of a log, a test in
memory. Whatever leaves it is rounded to decimals, so that another machine comes to the same requests.
"""

from collections.abc import Generator, Sequence

import numpy as np

from backend.federation import grids, vectors
from backend.federation.errors import NotConverged, SumImplausible
from backend.federation.fixed import Figures
from backend.federation.grids import Edges
from backend.federation.vectors import Matrix, Request
from backend.scoring import scorecard
from backend.scoring.modelspec import Binning, Feature, ModelSpec
from backend.scoring.scorecard import Scorecard

MOST_ROUNDS = 60
MOST_ROWS = 2**40
DECIMALS = 9
PENALTY = 1.0  # on squared slopes, as in the pooled regression (C = 1)
CONVERGED = 1e-3  # the last Newton step; what is left after it is of the order of its square

Course = Generator[Request, Figures, Scorecard]


def course(spec: ModelSpec) -> Course:
    """Yields requests, takes sums over all institutions. The specification has a challenger and equal weights."""
    if spec.challenger is None or spec.class_weights != (1.0, 1.0):
        raise ValueError(f"{spec.name} has no challenger, or weighs its rows")
    all_grids = grids.of_spec(spec)
    histogram = vectors.split(_counted("histogram", (yield Request("histogram"))), all_grids)
    edges = tuple(
        _edges(feature, spec.challenger, grid, table)
        for feature, grid, table in zip(spec.features, all_grids, histogram, strict=True)
    )
    counts = vectors.split(_counted("counts", (yield Request("counts", edges))), edges)
    classes = _classes(counts)
    evidence = tuple(tuple(np.round(scorecard.evidence(*table), DECIMALS).tolist()) for table in counts)
    coefficients = yield from _newton(edges, evidence, classes)
    slopes = {position: slope for position, slope in enumerate(coefficients[1:].tolist()) if slope}
    return scorecard.assemble(spec, edges, [np.array(own) for own in evidence], slopes, float(coefficients[0]))


def _counted(vector: str, total: Figures) -> Figures:
    """Masks that do not cancel leave noise of the order of 2^63, half of it negative."""
    if total.min() < 0 or total.max() > MOST_ROWS:
        raise SumImplausible(vector=vector, rule="a count is negative or too large")
    return total


def _classes(counts: Sequence[Matrix]) -> Figures:
    """Survivors and defaults in all. Raises SumImplausible unless every feature counts the same rows."""
    classes = [table.sum(axis=1) for table in counts]
    if any(not np.array_equal(own, classes[0]) for own in classes) or classes[0].min() == 0:
        raise SumImplausible(vector="counts", rule="its features do not count the same rows, or only one class")
    found: Figures = classes[0]
    return found


def _edges(feature: Feature, binning: Binning, grid: Edges, table: Matrix) -> Edges:
    """The pooled scorecard's tree, grown over cells that weigh what they count; its cuts lie on the grid."""
    present = table[:, :-1]
    of_class = np.repeat([0, 1], present.shape[1])
    cell = np.tile(np.arange(present.shape[1], dtype=float), 2)
    filled = present.ravel() > 0
    found = scorecard.cuts(feature, binning, cell[filled], of_class[filled], present.ravel()[filled])
    return tuple(grid[int(np.ceil(between)) - 1] for between in found)


def _newton(
    edges: tuple[Edges, ...], evidence: tuple[tuple[float, ...], ...], classes: Figures
) -> Generator[Request, Figures, Figures]:
    """Intercept and slopes (features + 1,); a feature that would count the wrong way round has slope zero."""
    width = len(edges) + 1
    kept = [0, *(position for position, of_bin in enumerate(evidence, start=1) if np.ptp(of_bin) > 0)]
    coefficients = np.zeros(width)
    for _ in range(MOST_ROUNDS - 2):
        request = Request("slopes", edges, evidence, tuple(coefficients.tolist()))
        gradient, hessian = vectors.unpack_slopes((yield request), width)
        if not 0 < hessian[0, 0] <= classes.sum() / 4 + 1:
            raise SumImplausible(vector="slopes", rule="it belongs to another number of rows")
        step = _step(gradient, hessian, coefficients, kept)
        coefficients = np.round(coefficients - step, DECIMALS)
        if np.max(np.abs(step)) > CONVERGED:
            continue
        wrong = [position for position in kept[1:] if coefficients[position] <= 0]
        if not wrong:
            return coefficients
        kept = [position for position in kept if position not in wrong]
        coefficients[wrong] = 0
    raise NotConverged(rounds=MOST_ROUNDS)


def _step(gradient: Figures, hessian: Matrix, coefficients: Figures, kept: Sequence[int]) -> Figures:
    """The Newton step (features + 1,) of the penalised loss, zero where not kept."""
    penalty = np.full(len(coefficients), PENALTY)
    penalty[0] = 0
    own = np.ix_(kept, kept)
    step = np.zeros(len(coefficients))
    step[kept] = np.linalg.solve((hessian + np.diag(penalty))[own], (gradient + penalty * coefficients)[kept])
    return step
