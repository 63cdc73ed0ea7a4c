"""What has to be said wherever a score of a model is shown, such as that it learned from made-up merchants."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

MODELS = Path(__file__).with_name("models")


def notice(model_hash: str) -> Mapping[str, str] | None:
    """In `en` and `zh`, of the shipped model with that hash; None where there is nothing to say."""
    return _notices().get(model_hash)


@cache
def _notices() -> dict[str, Mapping[str, str]]:
    hashes: dict[str, str] = json.loads((MODELS / "hashes.json").read_bytes())
    manifests = {name: json.loads((MODELS / f"{name}.json").read_bytes()) for name in hashes}
    return {"0x" + hashes[name]: manifest["notice"] for name, manifest in manifests.items() if "notice" in manifest}
