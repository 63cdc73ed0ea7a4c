"""The tutorial model every figure is compared with: a random forest of 100 trees on median-imputed inputs."""

from collections.abc import Mapping

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline

from backend.scoring.formula import Column
from backend.scoring.metrics import Probabilities
from backend.scoring.modelspec import ModelSpec
from backend.scoring.table import Table


def probabilities(spec: ModelSpec, training: Table, columns: Mapping[str, Column]) -> Probabilities:
    """Trained on `training`, applied to `columns`; the model's input columns as they are."""
    return np.asarray(fit(spec, training).predict_proba(plain(spec, columns))[:, 1])


def fit(spec: ModelSpec, training: Table) -> Pipeline:
    """The forest, for rows as `plain` makes them."""
    forest = make_pipeline(SimpleImputer(strategy="median"), RandomForestClassifier(100, random_state=0, n_jobs=1))
    return forest.fit(plain(spec, training.columns), training.labels)


def plain(spec: ModelSpec, columns: Mapping[str, Column]) -> Column:
    """Input columns side by side."""
    return np.column_stack([columns[name] for name in spec.inputs])
