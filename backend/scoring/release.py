"""Writing a trained model: manifest, trees, their registered hash, report, model card and its picture."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from backend.scoring import card, features, model, monitoring, report, scorecard, specs, table, training
from backend.scoring.model import Scorer
from backend.scoring.modelspec import ROOT
from backend.scoring.scorecard import Scorecard
from backend.scoring.table import Table
from backend.scoring.training import Progress

CARDS = ROOT / "docs" / "models"


def release(name: str, models: Path, cards: Path, progress: Progress) -> str:
    """Train the specification of that name and write everything; returns the model hash."""
    spec = specs.find(name)
    part, held_out = training.split(spec, table.read(spec.data, spec))
    trained = training.train(spec, part, progress)
    model_hash = write_model(name, trained, models)
    progress(f"{name}: measuring")
    scorer = model.load(name, models)
    write_reference(scorer, part, models)
    challenger = scorecard.fit(spec, features.matrix(spec, part.columns), part.labels) if spec.challenger else None
    if challenger:
        write_challenger(name, challenger, models)
    measured = report.measure(scorer, part, held_out, trained.out_of_fold, challenger)
    (models / f"{name}.report.json").write_bytes(training.canonical_json(measured))
    for file, text in card.render(name, models).items():
        (cards / file).write_text(text, encoding="utf-8")
    return model_hash


def write_challenger(name: str, challenger: Scorecard, models: Path) -> None:
    """The scorecard and its hash, beside the model's."""
    content = training.canonical_json(challenger.as_dict())
    (models / f"{name}.scorecard.json").write_bytes(content)
    _register(models, f"{name}.scorecard", content)


def write_reference(scorer: Scorer, part: Table, models: Path) -> None:
    """What `monitoring` compares later rows with, and its hash."""
    name = scorer.spec.name
    content = training.canonical_json(
        {
            "model_hash": scorer.model_hash,
            "rows": len(part.labels),
            "figures": {name: asdict(own) for name, own in monitoring.reference(scorer, part.columns).items()},
        }
    )
    (models / f"{name}.reference.json").write_bytes(content)
    _register(models, f"{name}.reference", content)


def write_model(name: str, trained: training.Trained, models: Path) -> str:
    """Manifest and trees, and the manifest's hash in the register that `load` checks against."""
    (models / f"{name}.json").write_bytes(trained.manifest)
    (models / f"{name}.trees.txt").write_bytes(trained.trees)
    return "0x" + _register(models, name, trained.manifest)


def _register(models: Path, name: str, content: bytes) -> str:
    register = models / model.HASHES
    hashes: dict[str, str] = json.loads(register.read_bytes()) if register.exists() else {}
    hashes[name] = hashlib.sha256(content).hexdigest()
    register.write_bytes(training.canonical_json(hashes))
    return hashes[name]
