"""The agreements that merchants sign by opening a line, by name with version, in Chinese and English."""

from backend.records import bilingual
from backend.records.bilingual import Text


def agreement(name: str) -> Text:
    """Raises FileNotFoundError."""
    return bilingual.read(__name__, name)
