"""Fingerprints of invoices: HMAC-SHA256 over the canonical fields, with one secret key per debtor.

The chain keeps the fingerprint of every invoice, so that one invoice is financed once, whichever supplier brings it:
the seller is not among the fields. Invoice data have little entropy (numbers run in order, totals are round), so a
plain hash on a public chain would give the invoices away; without the key nobody can test a guess. The debtor
recomputes the fingerprint from its own copy of the invoice before it confirms: a field that the supplier changed to
dodge the check makes the confirmation fail.

Keys are the secret of this backend: they stand in the database, whose file the service alone can read on SQLite, and
never in a log, an answer or an error. A lost key cannot be replaced, for old fingerprints would no longer be found.
"""

import hashlib
import hmac
import os
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from backend import store
from backend.errors import HeqiError
from backend.store.tables import debtor_keys

KEY_BYTES = 32
VERSION = "heqi-invoice-1"
SEPARATOR = "\x1f"
LARGEST_TOTAL = Decimal(10) ** 15


class InvoiceFieldInvalid(HeqiError):
    notice_en = "The invoice's {field} is not usable: {rule}."
    notice_zh = "发票字段 {field} 无效：{rule}。"
    status = 422


@dataclass(frozen=True)
class Invoice:
    """As printed. `code` is empty for fully digital invoices; `total` with tax, in main units; `currency` ISO 4217."""

    code: str
    number: str
    issue_date: date
    total: str
    currency: str

    def canonical(self) -> bytes:
        """The same bytes however the fields were typed: full or half width, upper or lower case, spaced or not.

        Raises InvoiceFieldInvalid.
        """
        total = _amount(_plain(self.total))
        number = _plain(self.number)
        if not number:
            raise InvoiceFieldInvalid(field="number", rule="nothing is left of it without spaces")
        fields = (VERSION, _plain(self.code), number, self.issue_date.isoformat(), total, _plain(self.currency))
        return SEPARATOR.join(fields).encode("utf-8")


def fingerprint(engine: Engine, debtor: int, invoice: Invoice) -> str:
    """0x and 64 hex digits, never zero in practice. Raises InvoiceFieldInvalid."""
    canonical = invoice.canonical()
    return "0x" + hmac.new(_key(engine, debtor), canonical, hashlib.sha256).hexdigest()


def _plain(text: str) -> str:
    """Without width, case, spaces and control characters."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "ZC")


def _amount(text: str) -> str:
    """`1,130.5` and `1130.50` are one amount."""
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise InvoiceFieldInvalid(field="total", rule="it is not a decimal number") from None
    if not (amount.is_finite() and 0 < amount < LARGEST_TOTAL and amount == round(amount, 2)):
        raise InvoiceFieldInvalid(field="total", rule="it must be above 0, below 10^15, with at most two decimals")
    return f"{amount:.2f}"


def _key(engine: Engine, debtor: int) -> bytes:
    """The debtor's key, made at its first use."""
    query = select(debtor_keys.c.key).where(debtor_keys.c.debtor == debtor)
    with store.reading(engine) as tx:
        known = tx.execute(query).scalar_one_or_none()
    if known is not None:
        return bytes(known)
    _keep_private(engine)
    insert = (sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert)(debtor_keys)
    with store.writing(engine) as tx:
        # Another process may have been faster: then its key stands.
        tx.execute(insert.values(debtor=debtor, key=secrets.token_bytes(KEY_BYTES)).on_conflict_do_nothing())
        return bytes(tx.execute(query).scalar_one())


def _keep_private(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and engine.url.database:
        for suffix in ("", "-wal", "-shm"):
            path = engine.url.database + suffix
            if os.path.exists(path):
                os.chmod(path, 0o600)
