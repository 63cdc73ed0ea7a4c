"""The coordinator's HTTP client: bounded in bytes and in time, whatever an institution sends."""

import json
import time
from collections.abc import Mapping
from typing import Any

import requests
import urllib3

from backend import strictjson
from backend.errors import HeqiError
from backend.federation.errors import ParticipantLost, ParticipantRefused
from backend.federation.messages import MOST_BYTES
from backend.federation.roster import Place

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 60.0
CHUNK = 65_536


def post(place: Place, path: str, message: Mapping[str, Any]) -> Any:
    """The institution's JSON answer. Raises ParticipantLost, ParticipantRefused."""
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    try:
        with requests.post(
            place.url + path,
            data=json.dumps(message).encode(),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
            timeout=(CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = strictjson.parse(_body(response.raw, deadline))
            status = response.status_code
    except (requests.RequestException, urllib3.exceptions.HTTPError, TimeoutError, HeqiError) as error:
        raise ParticipantLost(name=place.name, path=path, reason=_reason(error)) from None
    if status != requests.codes.ok:
        raise refusal(place.name, path, content)
    return content


def _body(raw: urllib3.HTTPResponse, deadline: float) -> bytes:
    received = bytearray()
    while chunk := raw.read1(CHUNK):
        received += chunk
        if len(received) > MOST_BYTES:
            raise TimeoutError(f"more than {MOST_BYTES} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done within {ANSWER_TIMEOUT_S:.0f} s")
    return bytes(received)


def _reason(error: Exception) -> str:
    """Without addresses and objects in memory, which are of no use to a reader."""
    return str(error) if isinstance(error, (TimeoutError, HeqiError)) else type(error).__name__


def refusal(name: str, path: str, problem: Any) -> ParticipantRefused:
    """From the problem it answered with; its texts are cut short."""
    told = problem if isinstance(problem, dict) else {}
    code, detail = (str(told.get(key, "an unnamed error"))[:300] for key in ("code", "detail"))
    return ParticipantRefused(name=name, path=path, error=code, detail=detail)
