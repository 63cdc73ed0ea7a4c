"""How often a caller may ask. Limits are counted per address, and per party or wallet where a signature names one."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse

from backend.api.problems import RequestsTooMany

ANY_ROUTE = "50/second"
CHAIN_READS = "20/second"
SIGNED_REQUESTS = "5/second"
SIGN_INS = "10/second;60/minute"  # reading a sign-in message and checking its signature is real work
FINGERPRINTS_OF_A_PARTY: RateLimitItem = parse("1000/hour")
SIGN_INS_OF_A_WALLET: RateLimitItem = parse("60/hour")
UPLOADS_OF_A_PARTY: RateLimitItem = parse("60/hour")
DRAFTS_OF_A_PARTY: RateLimitItem = parse("120/hour")
FEEDBACK_OF_A_PARTY: RateLimitItem = parse("30/hour")
PUSHES_OF_A_TOKEN: RateLimitItem = parse("600/minute")

limiter = Limiter(get_remote_address, default_limits=[ANY_ROUTE], storage_uri="memory://", headers_enabled=True)


def count_fingerprint(party: int) -> None:
    """Raises RequestsTooMany once the party has had its share of the hour."""
    _count(FINGERPRINTS_OF_A_PARTY, "fingerprints", str(party))


def count_sign_in(wallet: str) -> None:
    """Raises RequestsTooMany. To be counted after the signature was checked, or strangers could use the share up."""
    _count(SIGN_INS_OF_A_WALLET, "sign-ins", wallet)


def count_upload(party: int) -> None:
    """Raises RequestsTooMany."""
    _count(UPLOADS_OF_A_PARTY, "uploads", str(party))


def count_draft(party: int) -> None:
    """Raises RequestsTooMany."""
    _count(DRAFTS_OF_A_PARTY, "drafts", str(party))


def count_feedback(party: int) -> None:
    """Raises RequestsTooMany."""
    _count(FEEDBACK_OF_A_PARTY, "feedback", str(party))


def count_push(token: int) -> None:
    """Raises RequestsTooMany."""
    _count(PUSHES_OF_A_TOKEN, "pushes", str(token))


def _count(limit: RateLimitItem, what: str, whose: str) -> None:
    if not limiter.limiter.hit(limit, what, whose):
        raise RequestsTooMany(limit=str(limit))
