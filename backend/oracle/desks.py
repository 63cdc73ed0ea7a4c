"""The desks there are."""

from backend.oracle.assessment import Desk, Sources
from backend.oracle.enterprises import Enterprises
from backend.oracle.merchants import Merchants


def desks(sources: Sources) -> tuple[Desk, ...]:
    """One of each, new."""
    return Enterprises(sources), Merchants(sources)
