"""Sessions at the API over HTTP, and sign-in with Ethereum as a dApp does it."""

import requests
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from requests.adapters import HTTPAdapter
from urllib3 import Retry

TIMEOUT_S = 30
WAIT_WHEN_TOLD = Retry(
    total=8, connect=0, read=0, other=0, status_forcelist=[429], allowed_methods=None, raise_on_status=False
)
"""A refused request took no effect, whatever its method; it is sent anew once `Retry-After` has passed."""


def open_session(base_url: str) -> requests.Session:
    """For the API at `base_url`; waits when the API says that there were too many requests."""
    http_session = requests.Session()
    http_session.mount(base_url, HTTPAdapter(max_retries=WAIT_WHEN_TOLD))
    return http_session


def sign_in(http_session: requests.Session, base_url: str, account: LocalAccount) -> None:
    """Sign in to the API at `base_url` (`http://host:port`); the session's later requests carry cookie and Origin.

    Raises requests.HTTPError when the API refuses.
    """
    http_session.headers["Origin"] = base_url
    wanted = _post(http_session, f"{base_url}/v1/session/nonce", {})
    message = compose(wanted, account.address)
    signature = bytes(account.sign_message(encode_defunct(text=message)).signature).hex()
    _post(http_session, f"{base_url}/v1/session", {"message": message, "signature": "0x" + signature})


def compose(wanted: dict[str, str], wallet: str) -> str:
    """The EIP-4361 message that the API asked for, from the answer of `POST /v1/session/nonce`."""
    return (
        f"{wanted['domain']} wants you to sign in with your Ethereum account:\n"
        f"{wallet}\n\n"
        f"{wanted['statement']}\n\n"
        f"URI: {wanted['uri']}\n"
        f"Version: {wanted['version']}\n"
        f"Chain ID: {wanted['chainId']}\n"
        f"Nonce: {wanted['nonce']}\n"
        f"Issued At: {wanted['issuedAt']}\n"
        f"Expiration Time: {wanted['expirationTime']}"
    )


def _post(http_session: requests.Session, url: str, body: dict[str, str]) -> dict[str, str]:
    answer = http_session.post(url, json=body, timeout=TIMEOUT_S)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found
