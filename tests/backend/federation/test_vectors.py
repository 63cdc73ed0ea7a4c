"""What leaves an institution, before any mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.federation import grids, vectors
from backend.federation.errors import CellTooSmall, GridMissing
from backend.federation.vectors import LEAST_CELL, Request, Rows
from backend.scoring import scorecard, specs

SPEC = specs.find("uci_credit_card")
EVERY_EDGE = Request("counts", edges=((50_000.0,), *((0.0,) for _ in SPEC.features[1:])))


def histogram(spec, own):
    return vectors.split(vectors.answer(spec, own, Request("histogram")), grids.of_spec(spec))


def test_a_histogram_counts_every_row_of_every_feature_once(spec, rows):
    own = rows["county_bank"]
    for table in histogram(spec, own):
        assert table.sum(axis=1).tolist() == [int((own.labels == label).sum()) for label in (0, 1)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=30))
def test_no_cell_of_a_histogram_counts_a_few_rows_only(cells):
    table = np.array(cells, dtype=float).T
    merged = vectors._merged(table)
    rows = merged.sum(axis=0)
    assert ((rows == 0) | (rows >= LEAST_CELL)).all()
    present, missing = table[:, :-1].sum(), table[:, -1].sum()
    assert merged[:, :-1].sum() == (present if present >= LEAST_CELL else 0)
    assert merged[:, -1].sum() == (missing if missing >= LEAST_CELL else 0)


def test_a_cell_with_too_few_rows_goes_up_and_the_last_goes_down():
    merged = vectors._merged(np.array([[4, 5, 20, 3, 9], [1, 2, 0, 0, 1]], dtype=float))
    assert merged.tolist() == [[0, 9, 23, 0, 9], [0, 3, 0, 0, 1]]


def one_feature(spec, values):
    """Rows whose first feature has these values, all others zero."""
    matrix = np.zeros((len(values), len(spec.features)))
    matrix[:, 0] = values
    return Rows(matrix, np.arange(len(values)) % 2)


@pytest.mark.parametrize("few", [1, LEAST_CELL - 1])
def test_a_bin_of_a_few_rows_is_refused(spec, few):
    with pytest.raises(CellTooSmall, match="LIMIT_BAL"):
        vectors.answer(spec, one_feature(spec, [80_000] * few + [20_000] * 100), EVERY_EDGE)


@pytest.mark.parametrize("count", [0, LEAST_CELL])
def test_a_bin_of_none_or_of_enough_rows_is_counted(spec, count):
    own = one_feature(spec, [80_000] * count + [20_000] * 100)
    counts = vectors.split(vectors.answer(spec, own, EVERY_EDGE), EVERY_EDGE.edges)
    assert counts[0].sum(axis=0).tolist() == [100, count, 0]


def test_a_value_on_an_edge_belongs_above_and_missing_to_the_last(spec):
    own = one_feature(spec, [50_000] * 10 + [49_999] * 20 + [np.nan] * 30)
    assert vectors.split(vectors.answer(spec, own, EVERY_EDGE), EVERY_EDGE.edges)[0].sum(axis=0).tolist() == [
        20,
        10,
        30,
    ]


def test_slopes_are_the_derivatives_of_the_loss():
    draw = np.random.default_rng(7)
    design = np.column_stack([np.ones(200), draw.normal(size=(200, 3))])
    labels, at = draw.integers(0, 2, 200), draw.normal(size=4)

    def loss(coefficients):
        margins = design @ coefficients
        return float(np.sum(np.log1p(np.exp(margins)) - labels * margins))

    def gradient(coefficients):
        return vectors.unpack_slopes(vectors.slopes(design, labels, coefficients), 4)[0]

    steps = np.eye(4) * 1e-5
    found, hessian = vectors.unpack_slopes(vectors.slopes(design, labels, at), 4)
    assert found == pytest.approx([(loss(at + step) - loss(at - step)) / 2e-5 for step in steps], abs=1e-4)
    assert hessian == pytest.approx(
        np.array([(gradient(at + step) - gradient(at - step)) / 2e-5 for step in steps]), abs=1e-4
    )


def test_slopes_of_parts_add_up_to_those_of_all(spec, rows):
    edges = tuple((0.0,) for _ in spec.features)
    request = Request("slopes", edges, tuple((-0.5, 0.5, 0.0) for _ in edges), (0.1,) * (len(edges) + 1))
    together = Rows(*(np.concatenate([getattr(own, part) for own in rows.values()]) for part in ("matrix", "labels")))
    apart = sum(vectors.answer(spec, own, request) for own in rows.values())
    assert apart == pytest.approx(vectors.answer(spec, together, request), rel=1e-9)


@pytest.mark.parametrize("asked", [Request("histogram"), EVERY_EDGE], ids=["histogram", "counts"])
def test_the_length_of_an_answer_is_known_before(spec, asked):
    own = one_feature(spec, [20_000] * 50 + [80_000] * 50)
    assert len(vectors.answer(spec, own, asked)) == vectors.length(spec, asked)


def test_grids_are_public_ascending_and_hold_zero(spec):
    for grid in grids.of_spec(spec):
        assert list(grid) == sorted(set(grid))
    assert all(0.0 in grids.GRIDS[unit] for unit in ("1", "TWD"))


def test_a_unit_without_a_grid_is_told():
    with pytest.raises(GridMissing, match="people"):
        grids.of_spec(specs.find("sba_loans"))


def test_a_scorecard_is_its_stored_form_again():
    card = scorecard.Scorecard(600, (scorecard.Attribute("late", 0, (1.0, 3.0), (40, -25, -90, 7)),))
    assert scorecard.Scorecard.from_dict(card.as_dict()) == card
