"""From sums to a scorecard, without a network and without masks."""

from itertools import cycle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from backend.federation import course, grids, vectors
from backend.federation.errors import NotConverged, SumImplausible
from backend.scoring import scale, scorecard, specs


def train(spec, rows, change=lambda _request, total: total):
    """The scorecard and every request on the way."""
    running = course.course(spec)
    request, asked = next(running), []
    while True:
        asked.append(request)
        total = sum(vectors.answer(spec, own, request) for own in rows.values())
        try:
            request = running.send(change(request, total))
        except StopIteration as done:
            return done.value, asked


@pytest.fixture(scope="module")
def trained(spec, rows):
    return train(spec, rows)


def test_the_requests_are_a_histogram_counts_and_then_slopes(trained):
    vectors_ = [request.vector for request in trained[1]]
    assert vectors_[:2] == ["histogram", "counts"]
    assert set(vectors_[2:]) == {"slopes"}
    assert len(vectors_) <= course.MOST_ROUNDS


def test_every_edge_lies_on_the_public_grid_and_bins_are_as_coarse_as_agreed(spec, rows, trained):
    edges = trained[1][1].edges
    labels = np.concatenate([own.labels for own in rows.values()])
    for own, grid, position in zip(edges, grids.of_spec(spec), range(len(edges)), strict=True):
        assert set(own) <= set(grid)
        assert len(own) < spec.challenger.bins
        column = np.concatenate([part.matrix[:, position] for part in rows.values()])
        sizes = np.bincount(scorecard.bins(column, own), minlength=len(own) + 2)[:-1]
        # Merged cells may move a few rows of each institution across an edge.
        assert sizes.min() >= spec.challenger.least_share * len(labels) - 3 * vectors.LEAST_CELL


def test_points_keep_to_the_direction_of_their_feature(spec, trained):
    for own in trained[0].attributes:
        steps = np.diff(own.points[:-1])
        assert (steps * spec.features[own.position].direction <= 0).all(), own.feature


def test_the_points_are_those_of_a_regression_over_all_rows_at_once(spec, rows, trained):
    card, asked = trained
    last = asked[-1]
    matrix = np.concatenate([own.matrix for own in rows.values()])
    labels = np.concatenate([own.labels for own in rows.values()])
    kept = [own.position for own in card.attributes]
    columns = np.column_stack(
        [np.array(last.evidence[place])[scorecard.bins(matrix[:, place], last.edges[place])] for place in kept]
    )
    fitted = LogisticRegression(C=1.0, max_iter=2_000, tol=1e-8).fit(columns, labels)
    assert card.base == pytest.approx(scale.OFFSET - scale.FACTOR * fitted.intercept_[0], abs=0.51)
    for own, slope in zip(card.attributes, fitted.coef_[0], strict=True):
        exact = -scale.FACTOR * slope * np.array(last.evidence[own.position])
        assert own.points == pytest.approx(exact, abs=0.51)


def spoil(vector, change):
    return lambda request, total: change(total) if request.vector == vector else total


def set_first(value):
    def change(total):
        total[0] = value
        return total

    return change


@pytest.mark.parametrize("vector", ["histogram", "counts"])
@pytest.mark.parametrize("value", [-1.0, 2.0**41])
def test_counts_that_cannot_be_are_refused(spec, rows, vector, value):
    with pytest.raises(SumImplausible, match=vector):
        train(spec, rows, spoil(vector, set_first(value)))


def test_features_that_count_different_rows_are_refused(spec, rows):
    with pytest.raises(SumImplausible, match="same rows"):
        train(spec, rows, spoil("counts", set_first(17.0)))


def test_slopes_of_another_number_of_rows_are_refused(spec, rows):
    with pytest.raises(SumImplausible, match="number of rows"):
        train(spec, rows, spoil("slopes", lambda total: total * 2))


def test_a_regression_that_does_not_converge_ends(spec, rows):
    signs = cycle([300.0, -300.0])

    def push(total):
        total[0] += next(signs)  # the intercept is sent to and fro
        return total

    with pytest.raises(NotConverged, match=str(course.MOST_ROUNDS)):
        train(spec, {"one": rows["county_bank"]}, spoil("slopes", push))


@pytest.mark.parametrize("name", ["polish_1year", "sba_loans"])
def test_a_specification_without_challenger_or_with_weighed_rows_is_told(name):
    with pytest.raises(ValueError, match=name):
        next(course.course(specs.find(name)))
