"""The steps of a run: for each function of the suite, who calls it and with what, and how often."""

from tests.properties.operations import hostile, lending, lines, receivables, rules
from tests.properties.operations.registry import HOSTILE, OPERATIONS

__all__ = ["HOSTILE", "OPERATIONS", "hostile", "lending", "lines", "receivables", "rules"]
