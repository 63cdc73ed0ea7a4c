"""Which machines of a fleet are odd today, and the figures that make them so. Pure.

A figure deviates when it is out of line both with the machine's peers and with its own past: who always works at night
is no news, and neither is a day on which all work longer. Deviations are robust z values (distance from the median
in units of 1.4826 times the median absolute deviation). An isolation forest over the whole fleet's deviations judges
them together; it takes a fleet of some size, so a small one is judged by its largest deviation alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.telemetry.fleet.days import FIGURES, Day

WINDOW_DAYS = 28
LEAST_OWN_DAYS = 7
"""Of a figure in a machine's window, before it is judged by it."""
LEAST_PEERS = 3
"""Machines of one model, to be each other's peers; fewer are compared with the whole fleet."""
LEAST_MACHINES, LEAST_ROWS = 8, 100
"""For a forest."""
ODD_Z = 5.0
"""Odd in any fleet, whatever the forest says."""
ODD_SCORE, TOLD_Z = 0.65, 3.5
"""Odd together: deep in the forest (0 to 1; half is as deep as a random point), with a deviation to tell."""
MOST_Z = 12.0
TREES, SEED = 100, 20_190_501
MAD_TO_SIGMA = 1.4826

Matrix = NDArray[np.float64]


class Deviation(NamedTuple):
    """`z`: robust, in tenths, the milder of both comparisons; `peers`, `own`: the medians compared with."""

    figure: str
    value: int
    peers: int
    own: int
    z: int


class Verdict(NamedTuple):
    """`score`: of the forest in 0.001, None in a fleet too small for one. `deviations`: the largest first."""

    machine: int
    odd: bool
    score: int | None
    deviations: tuple[Deviation, ...]


def judge(days: Sequence[Day], day: int, models: Mapping[int, str | None]) -> list[Verdict]:
    """Of the machines with a row on `day`; `days`: rows of one fleet, of the `WINDOW_DAYS` that end with `day`."""
    rows = sorted(days, key=lambda row: (row.machine, row.day))
    if not any(row.day == day for row in rows):
        return []
    compared = _Compared(rows, models)
    scores = _scores(compared.z, rows)
    return [_verdict(compared, place, scores) for place, row in enumerate(rows) if row.day == day]


class _Compared:
    """Rows of a fleet beside their machines' own past and their peers. `z`: the deviations, a row each."""

    def __init__(self, rows: Sequence[Day], models: Mapping[int, str | None]) -> None:
        self.rows = rows
        values = _values(rows)
        self._own = _Usual(values, [row.machine for row in rows])
        self._peers = _Usual(values, _groups(rows, models))
        z = _milder(self._own.z(), self._peers.z())
        z[self._own.counts() < LEAST_OWN_DAYS] = 0
        self.z = _less_common(z, np.array([row.day for row in rows]))

    def deviations(self, place: int) -> tuple[Deviation, ...]:
        """Those to tell of a row, the largest first."""
        found = [self._deviation(place, k) for k in range(len(FIGURES)) if abs(self.z[place, k]) >= TOLD_Z]
        return tuple(sorted(found, key=lambda deviation: -abs(deviation.z)))

    def _deviation(self, place: int, k: int) -> Deviation:
        name, z = FIGURES[k].name, round(10 * float(self.z[place, k]))
        usual = self._peers.median(place, k), self._own.median(place, k)
        return Deviation(name, getattr(self.rows[place], name), *usual, z)


def _values(rows: Iterable[Day]) -> Matrix:
    """A row of figures each; not a number where a figure is missing."""
    found = [[getattr(row, figure.name) for figure in FIGURES] for row in rows]
    return np.array([[np.nan if value is None else value for value in row] for row in found], dtype=np.float64)


def _groups(rows: Sequence[Day], models: Mapping[int, str | None]) -> list[str]:
    """The model of each row's machine where it has peers, else one group for the rest."""
    machines = Counter(models.get(machine) or "" for machine in {row.machine for row in rows})
    named = (models.get(row.machine) or "" for row in rows)
    return [name if machines[name] >= LEAST_PEERS else "" for name in named]


class _Usual:
    """Median, spread and number of each figure over the rows with the same key."""

    def __init__(self, values: Matrix, keys: Sequence[int | str]) -> None:
        self._values = values
        self._place = np.unique(np.array(keys), return_inverse=True)[1]
        of_keys = [values[self._place == place] for place in range(self._place.max() + 1)]
        self._medians = np.array([_median(rows) for rows in of_keys])
        floors = np.array([figure.spread for figure in FIGURES])
        spreads = [_median(np.abs(rows - middle)) for rows, middle in zip(of_keys, self._medians, strict=True)]
        self._spreads = np.maximum(MAD_TO_SIGMA * np.array(spreads), floors)
        self._counts = np.array([np.sum(~np.isnan(rows), axis=0) for rows in of_keys])

    def z(self) -> Matrix:
        """Of every row; 0 where a figure is missing."""
        z = (self._values - self._medians[self._place]) / self._spreads[self._place]
        clipped: Matrix = np.clip(np.nan_to_num(z, nan=0.0), -MOST_Z, MOST_Z)
        return clipped

    def counts(self) -> Matrix:
        found: Matrix = self._counts[self._place]
        return found

    def median(self, row: int, figure: int) -> int:
        return round(float(self._medians[self._place[row], figure]))


def _median(rows: Matrix) -> Matrix:
    """By column, 0 where nothing is known."""
    known = ~np.isnan(rows)
    return np.array([np.median(rows[known[:, k], k]) if known[:, k].any() else 0.0 for k in range(rows.shape[1])])


def _milder(own: Matrix, peers: Matrix) -> Matrix:
    """The smaller of two deviations to the same side; 0 where they point apart or to the side that is never odd."""
    sides = np.array([figure.side for figure in FIGURES])
    together = np.where(np.sign(own) == np.sign(peers), np.sign(own) * np.minimum(np.abs(own), np.abs(peers)), 0.0)
    return np.where(sides * together < 0, 0.0, together)


def _less_common(z: Matrix, days: NDArray[np.int64]) -> Matrix:
    """Without what the fleet's median machine does on the same day, as in a rush or a heat wave."""
    own = z.copy()
    for day in np.unique(days):
        of_day = days == day
        if np.count_nonzero(of_day) >= LEAST_PEERS:
            common = np.median(z[of_day], axis=0)
            own[of_day] = np.where(z[of_day] * common > 0, z[of_day] - common, z[of_day])
            own[of_day] = np.where(own[of_day] * z[of_day] > 0, own[of_day], 0.0)
    return own


def _scores(z: Matrix, rows: Sequence[Day]) -> Matrix | None:
    """Of the forest, 0 to 1; None when the fleet is too small for one."""
    if len({row.machine for row in rows}) < LEAST_MACHINES or len(rows) < LEAST_ROWS:
        return None
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415  small fleets do without its 100 MB

    forest = IsolationForest(n_estimators=TREES, random_state=SEED, n_jobs=1).fit(z)
    return -np.asarray(forest.score_samples(z))


def _verdict(compared: _Compared, place: int, scores: Matrix | None) -> Verdict:
    largest = float(np.max(np.abs(compared.z[place])))
    score = None if scores is None else float(scores[place])
    together = score is not None and score >= ODD_SCORE and largest >= TOLD_Z
    shown = None if score is None else round(1_000 * score)
    odd = largest >= ODD_Z or together
    return Verdict(compared.rows[place].machine, odd, shown, compared.deviations(place))
