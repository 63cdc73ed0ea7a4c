"""Counting what the contracts refuse to those who ask for themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from backend import days, store
from backend.api import sessions
from backend.api.context import here, present, reading
from backend.chain.reverts import ContractError
from backend.records import refusals
from backend.records.refusals import Application

ApplicantOf = Callable[[Connection, int], int | None]
"""From a snapshot and the subject's number to the party that may apply; None when nobody may."""


@contextmanager
def counted(asked: Application, applicant_of: ApplicantOf) -> Iterator[None]:
    """Count a refusal by the contract when the caller is the applicant, and let it go on."""
    try:
        yield
    except ContractError as refusal:
        note(asked, applicant_of, refusal)
        raise


def note(asked: Application, applicant_of: ApplicantOf, refusal: ContractError) -> None:
    """As `counted`, for a refusal that is no failure of the request."""
    caller = _caller()
    if refusal.code not in refusals.DECISIONS or not caller:
        return
    today = days.day_of(present())
    with reading() as tx:
        if applicant_of(tx, asked.subject) != caller or refusals.is_marked(tx, asked, today):
            return
    with store.writing(here().engine) as tx:
        refusals.count(tx, asked, refusal.code, today)


def _caller() -> int | None:
    """The signed-in party, None without one."""
    try:
        return sessions.signed_in().party or None
    except sessions.SignInNeeded:
        return None
