"""The models there are."""

from collections.abc import Mapping
from functools import cache

from backend.scoring.errors import UnknownSpec
from backend.scoring.modelspec import ModelSpec
from backend.scoring.specs import merchant, polish, sba, uci


@cache
def known() -> Mapping[str, ModelSpec]:
    """All specifications by name."""
    specs = (
        polish.specification(
            "polish_1year",
            "Core enterprises, long view",
            "bankruptcy within five years",
            "1year.csv.gz",
            "5year.csv.gz",
        ),
        polish.specification(
            "polish_5year", "Core enterprises, short view", "bankruptcy within one year", "5year.csv.gz", "1year.csv.gz"
        ),
        uci.specification(),
        sba.specification(),
        merchant.specification(),
    )
    return {spec.name: spec for spec in specs}


def find(name: str) -> ModelSpec:
    """The specification of that name, or `UnknownSpec` with the known names."""
    if name not in known():
        raise UnknownSpec(name=name, known=", ".join(known()))
    return known()[name]
