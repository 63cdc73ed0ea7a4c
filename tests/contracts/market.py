"""A suite open for business: obligors scored and with limits, lenders and cover paid in."""

from collections.abc import Mapping

from ape.api import AccountAPI

from backend.chain.reports import encode_limit
from tests.contracts import clock
from tests.contracts.quorum import Quorum
from tests.contracts.suite import DELAY, SCORING, Party, Suite, fund, schedule

CONSENT_TEXT = bytes.fromhex("c0" * 32)
SCORE = 720
TERMS_A = (True, 9_000, 435, 20, 50_000_000_00, 30 * clock.DAY, 2)
# open, recourse, registrationRequired, maxTermDays, basis, graceDays, cureDays, late rate, late cap, impairment
FACILITY = (True, True, False, 180, 360, 3, 10, 1_800, 1_000, 2_500)
LIMIT = 50_000_000_00
LENT = 20_000_000_00
COVER = 1_000_000_00
MERCHANTS = ("merchant", "merchant2")
UNIFIED = 5_000_000_00  # what a merchant or lessee may owe over all products
REPORTED_YUAN = 200_000


def open_market(suite: Suite, actors: Mapping[str, AccountAPI], quorum: Quorum) -> None:
    manager, debtor = actors["risk_manager"], Party.CORE_ENTERPRISE
    schedule(suite, manager, suite.factoring.setFacility, debtor, FACILITY)
    schedule(suite, manager, suite.treasury.setLimit, debtor, LIMIT)
    clock.travel(DELAY)
    suite.factoring.setFacility(debtor, FACILITY, sender=manager)
    suite.treasury.setLimit(debtor, LIMIT, sender=manager)
    suite.oracle.grantConsent(SCORING, CONSENT_TEXT, sender=actors["core_enterprise"])
    quorum.score(debtor, SCORE, sender=actors["stranger"])
    pay_in(suite, actors)


def open_line_market(suite: Suite, actors: Mapping[str, AccountAPI], quorum: Quorum) -> None:
    """Merchants who may open a line of REPORTED_YUAN."""
    manager, parties = actors["risk_manager"], [Party[name.upper()] for name in MERCHANTS]
    for party in parties:
        schedule(suite, manager, suite.treasury.setLimit, party, UNIFIED)
    clock.travel(DELAY)
    for name, party in zip(MERCHANTS, parties, strict=True):
        suite.treasury.setLimit(party, UNIFIED, sender=manager)
        suite.oracle.grantConsent(SCORING, CONSENT_TEXT, sender=actors[name])
    records = [quorum.record(party, SCORE, limit_code=encode_limit(REPORTED_YUAN)) for party in parties]
    quorum.submit(quorum.report(*records), actors["stranger"])
    pay_in(suite, actors)


def open_lease_market(suite: Suite, actors: Mapping[str, AccountAPI], quorum: Quorum) -> None:
    """A lessee whose rent the bank may finance."""
    manager = actors["risk_manager"]
    schedule(suite, manager, suite.treasury.setLimit, Party.LESSEE, UNIFIED)
    clock.travel(DELAY)
    suite.treasury.setLimit(Party.LESSEE, UNIFIED, sender=manager)
    suite.oracle.grantConsent(SCORING, CONSENT_TEXT, sender=actors["lessee"])
    quorum.score(Party.LESSEE, SCORE, sender=actors["stranger"])
    pay_in(suite, actors)


def pay_in(suite: Suite, actors: Mapping[str, AccountAPI]) -> None:
    """Lenders' cash and first-loss cover."""
    fund(suite, actors["lender"], suite.treasury, LENT)
    suite.treasury.deposit(LENT, actors["lender"], sender=actors["lender"])
    fund(suite, actors["cover_provider"], suite.treasury, COVER)
    suite.treasury.depositCover(COVER, sender=actors["cover_provider"])
