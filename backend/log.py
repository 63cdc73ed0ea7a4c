"""Structured logs with redaction: no key, password, signature or token reaches a line."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

SENSITIVE_KEY = re.compile(
    r"private|secret|password|passphrase|signature|token|cookie|authori[sz]ation|mnemonic|keystore|^raw", re.IGNORECASE
)
URL_WITH_SECRETS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?:[^\s/@]*@)?(?P<host>[^\s/?#'\")]+)[^\s'\")]*")
REDACTED = "[redacted]"


def configure(level: str, format: str = "json", secrets: Iterable[str] = ()) -> None:
    """Log to stderr; `secrets` are values that must not appear anywhere, whatever the key is called."""
    known = tuple(form for secret in secrets if secret for form in _forms(secret))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        lambda _, __, event: redact(event, known),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if format == "json" else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.raiseExceptions = False  # a line that cannot be formatted would be printed unredacted
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # urllib3 logs whole request paths at debug level, and those carry access tokens of RPC providers.
    for chatty in ("urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def redact(event: EventDict, secrets: tuple[str, ...]) -> EventDict:
    """The same event without sensitive values."""
    # Underscored entries are structlog's own and never printed.
    return {key: value if key.startswith("_") else _clean(key, value, secrets) for key, value in event.items()}


def _clean(key: str, value: Any, secrets: tuple[str, ...]) -> Any:
    if SENSITIVE_KEY.search(key):
        return REDACTED
    if isinstance(value, Mapping):
        return {inner: _clean(str(inner), item, secrets) for inner, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(key, item, secrets) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _clean_text(value.hex() if isinstance(value, (bytes, bytearray)) else str(value), secrets)


def _clean_text(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = re.sub(re.escape(secret), REDACTED, text, flags=re.IGNORECASE)
    return URL_WITH_SECRETS.sub(r"\g<scheme>\g<host>", text)


def _forms(secret: str) -> tuple[str, ...]:
    """A hex key is also a secret without its 0x."""
    return (secret, secret[2:]) if secret.startswith("0x") and len(secret) == 66 else (secret,)
