"""Looking at recent rows with a shipped model: drift, calibration by grade, and the challenger in its shadow."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.scoring import model, monitoring, table
from backend.scoring.monitoring import ADVICE, Verdict


def watch(name: str, data: Path) -> dict[str, Any]:
    """Raises the named errors of `table.read_recent`, `model.load` and `model.load_reference`."""
    scorer = model.load(name)
    recent = table.read_recent(data, scorer.spec)
    then = monitoring.parse(model.load_reference(name))
    drifts = monitoring.drift(scorer, then, recent.columns)
    grades = monitoring.calibration(scorer.probability(recent.columns), recent.outcomes)
    worst = max((own.verdict for own in drifts), key=list(Verdict).index)
    shadow = (
        monitoring.shadow(scorer, model.load_challenger(name), recent.columns, recent.outcomes)
        if scorer.spec.challenger
        else None
    )
    return {
        "spec": name,
        "model_hash": scorer.model_hash,
        "rows": len(recent.outcomes),
        "verdict": str(worst),
        "advice": dict(zip(("en", "zh"), ADVICE[worst], strict=True)),
        "drift": {own.name: {"psi": round(own.index, 4), "verdict": str(own.verdict)} for own in drifts},
        "calibration": [{**asdict(own), "fits": own.fits} for own in grades],
        "shadow": shadow,
    }


def lines(seen: dict[str, Any]) -> list[str]:
    """The same for people."""
    drift = [f"{name:<24}{own['psi']:>8.4f}  {own['verdict']}" for name, own in seen["drift"].items()]
    grades = [
        f"{own['grade']:<4}{own['rows']:>8}{own['expected']:>10.2%}{own['seen']:>10.2%}"
        f"   {own['low']:.2%} … {own['high']:.2%}  {'fits' if own['fits'] else 'does not fit'}"
        for own in seen["calibration"]
    ]
    shadow = seen["shadow"]
    beside = [f"challenger: same grade for {shadow['same_grade']:.1%}, {shadow['mean_distance']:.1f} points apart"]
    return [
        f"{'stability index':<24}{'':>8}  {seen['verdict']}: {seen['advice']['en']}",
        *drift,
        *(["grade   rows  expected      seen   95 % interval", *grades] if grades else ["no outcome is known yet"]),
        *(beside if shadow else []),
    ]
