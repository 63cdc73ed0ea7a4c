"""The agreements that merchants sign by opening a line, by name with version, in Chinese and English."""

from importlib import resources

from backend.records import bilingual
from backend.records.bilingual import Text

CHINESE = ".zh.md"


def agreement(name: str) -> Text:
    """Raises FileNotFoundError."""
    return bilingual.read(__name__, name)


def with_hash(hash_: str) -> Text | None:
    """The agreement whose hash stands on chain."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    texts = (agreement(name.removesuffix(CHINESE)) for name in files if name.endswith(CHINESE))
    return next((text for text in texts if text.hash == hash_), None)
