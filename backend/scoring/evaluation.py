"""Scoring a labelled file with a shipped model, beside the tutorial baseline trained on the same rows."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.scoring import baseline, metrics, model, report, table, training
from backend.scoring.training import Progress


@dataclass(frozen=True)
class Evaluation:
    """Figures of the shipped model on the file, and the AUC of RandomForest(100) in the same run."""

    rows: int
    auc: float
    ks: float
    brier: float
    ece: float
    baseline_auc: float

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return asdict(self)


def evaluate(name: str, data: Path, progress: Progress) -> Evaluation:
    """Raises the named errors of `table.read` and `model.load`."""
    scorer = model.load(name)
    labelled = table.read(data, scorer.spec)
    if labelled.ignored:
        progress(f"ignored columns: {', '.join(labelled.ignored)}")
    part, _ = training.split(scorer.spec, table.read(scorer.spec.data, scorer.spec))
    learned = set(part.keys).union(*(table.read(path, scorer.spec).keys for path in scorer.spec.related))
    if seen := sum(key in learned for key in labelled.keys):
        progress(f"{seen} of {len(labelled.labels)} rows were used in training: the figures flatter the model")
    progress(f"training RandomForest(100) on {len(part.labels)} rows")
    tutorial = baseline.probabilities(scorer.spec, part, labelled.columns)
    return Evaluation(
        rows=len(labelled.labels),
        baseline_auc=metrics.auc(labelled.labels, tutorial),
        **report.values(scorer.spec, labelled.labels, scorer.probability(labelled.columns)),
    )
