"""Texts that a wallet signs by their hash: the SHA-256 of the Chinese file followed by the English one, so that anybody
can check it: `cat scoring-1.zh.md scoring-1.en.md | sha256sum`.

A text that was once signed is never edited; a change is a new version, and the older ones stay readable.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Text:
    """`hash`: what stands on chain for it, 0x and 64 hex digits."""

    zh: str
    en: str

    @property
    def hash(self) -> str:
        return "0x" + hashlib.sha256(f"{self.zh}{self.en}".encode()).hexdigest()


def read(package: str, name: str) -> Text:
    """The files `<name>.zh.md` and `<name>.en.md` of a package. Raises FileNotFoundError."""
    folder = resources.files(package)
    return Text(*((folder / f"{name}.{language}.md").read_text(encoding="utf-8") for language in LANGUAGES))
