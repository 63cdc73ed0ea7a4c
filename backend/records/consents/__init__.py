"""The texts that a party consents to, by purpose and version, in Chinese and English.

What a wallet signs is the SHA-256 of the Chinese file followed by the English one, so that anybody can check it:
`cat scoring-1.zh.md scoring-1.en.md | sha256sum`. A text that was once signed is never edited; a change is a new
version, and the older ones stay readable.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources

LANGUAGES = ("zh", "en")


class Purpose(IntEnum):
    """Order of ICreditOracle.Purpose."""

    SCORING = 0
    TRAINING = 1


@dataclass(frozen=True)
class ConsentText:
    """`hash`: what `grantConsent` takes as its text, 0x and 64 hex digits."""

    purpose: Purpose
    version: int
    zh: str
    en: str

    @property
    def hash(self) -> str:
        return "0x" + hashlib.sha256(f"{self.zh}{self.en}".encode()).hexdigest()


@cache
def texts() -> tuple[ConsentText, ...]:
    """All that were ever offered, by purpose, the newest version first."""
    folder = resources.files("backend.records.consents")
    names = [re.fullmatch(r"(scoring|training)-([0-9]+)\.zh\.md", entry.name) for entry in folder.iterdir()]
    found = [
        ConsentText(
            Purpose[name[1].upper()],
            int(name[2]),
            *(folder.joinpath(f"{name[1]}-{name[2]}.{lang}.md").read_text(encoding="utf-8") for lang in LANGUAGES),
        )
        for name in names
        if name
    ]
    return tuple(sorted(found, key=lambda text: (text.purpose, -text.version)))


def current(purpose: Purpose) -> ConsentText:
    """The one that is offered now."""
    return next(text for text in texts() if text.purpose is purpose)
