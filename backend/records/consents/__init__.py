"""The texts that a party consents to, by purpose and version; see `backend.records.bilingual` for what is signed."""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources

from backend.records import bilingual
from backend.records.bilingual import Text


class Purpose(IntEnum):
    """Order of ICreditOracle.Purpose."""

    SCORING = 0
    TRAINING = 1


@dataclass(frozen=True)
class ConsentText(Text):
    """What `grantConsent` takes is its hash."""

    purpose: Purpose
    version: int


@cache
def texts() -> tuple[ConsentText, ...]:
    """All that were ever offered, by purpose, the newest version first."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    named = (re.fullmatch(r"((scoring|training)-([0-9]+))\.zh\.md", file) for file in files)
    found = [
        ConsentText(**vars(bilingual.read(__name__, name[1])), purpose=Purpose[name[2].upper()], version=int(name[3]))
        for name in named
        if name
    ]
    return tuple(sorted(found, key=lambda text: (text.purpose, -text.version)))


def current(purpose: Purpose) -> ConsentText:
    """The one that is offered now."""
    return next(text for text in texts() if text.purpose is purpose)
