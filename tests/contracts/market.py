"""A suite open for business: one core enterprise scored and with a facility, lenders and cover paid in."""

from collections.abc import Mapping

from ape.api import AccountAPI

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


def open_market(suite: Suite, actors: Mapping[str, AccountAPI], quorum: Quorum) -> None:
    manager, debtor = actors["risk_manager"], Party.CORE_ENTERPRISE
    schedule(suite, manager, suite.factoring.setFacility, debtor, FACILITY)
    schedule(suite, manager, suite.treasury.setLimit, debtor, LIMIT)
    clock.travel(DELAY)
    suite.factoring.setFacility(debtor, FACILITY, sender=manager)
    suite.treasury.setLimit(debtor, LIMIT, sender=manager)
    suite.oracle.grantConsent(SCORING, CONSENT_TEXT, sender=actors["core_enterprise"])
    quorum.score(debtor, SCORE, sender=actors["stranger"])
    fund(suite, actors["lender"], suite.treasury, LENT)
    suite.treasury.deposit(LENT, actors["lender"], sender=actors["lender"])
    fund(suite, actors["cover_provider"], suite.treasury, COVER)
    suite.treasury.depositCover(COVER, sender=actors["cover_provider"])
