"""The texts that a wallet consents to, and whether a party's consent is in force."""

from flask import Blueprint
from sqlalchemy import Connection

from backend.api.schemas import ConsentTexts
from backend.api.spec import documented
from backend.readmodel import scores
from backend.records import consents

blueprint = Blueprint("consents", __name__, url_prefix="/v1/consent-texts")


@blueprint.get("")
@documented(ConsentTexts, tag="Consents")
def list_consent_texts() -> ConsentTexts:
    """Every text that was ever offered, by purpose, the newest version first; that one is offered now.

    `hash` is what `grantConsent(purpose, textHash)` takes: SHA-256 of the Chinese text followed by the English one.
    """
    items = [
        {
            "purpose": text.purpose.name.capitalize(),
            "number": text.purpose.value,
            "version": text.version,
            "current": text == consents.current(text.purpose),
            "hash": text.hash,
            "text": {"en": text.en, "zh": text.zh},
        }
        for text in consents.texts()
    ]
    return ConsentTexts.model_validate({"items": items})


def scoring_epoch(tx: Connection, party: int) -> int | None:
    """Epoch of the party's consent to scoring; None when there is none in force."""
    found = scores.found(tx, party)
    return found["consent_epoch"] if found and found["consented"] else None


def last_epoch(tx: Connection, party: int) -> int:
    """Epoch of the party's last consent to scoring, in force or not; 0 when it never gave one."""
    found = scores.found(tx, party)
    return found["consent_epoch"] if found else 0
