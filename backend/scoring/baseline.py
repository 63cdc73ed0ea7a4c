"""The tutorial model every figure is compared with: a random forest of 100 trees on median-imputed inputs."""

from collections.abc import Mapping

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from backend.scoring.formula import Column
from backend.scoring.metrics import Probabilities
from backend.scoring.modelspec import ModelSpec
from backend.scoring.table import Table


def probabilities(spec: ModelSpec, training: Table, columns: Mapping[str, Column]) -> Probabilities:
    """Trained on `training`, applied to `columns`; the model's input columns as they are."""
    forest = make_pipeline(SimpleImputer(strategy="median"), RandomForestClassifier(100, random_state=0, n_jobs=1))
    forest.fit(_plain(spec, training.columns), training.labels)
    return np.asarray(forest.predict_proba(_plain(spec, columns))[:, 1])


def _plain(spec: ModelSpec, columns: Mapping[str, Column]) -> Column:
    return np.column_stack([columns[name] for name in spec.inputs])
