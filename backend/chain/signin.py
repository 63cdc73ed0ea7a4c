"""Sign-in with Ethereum (EIP-4361): what the message that a wallet signed must say.

The `siwe` package reads the grammar. Its own verification is not used: it knows one endpoint of the chain only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from eth_account.messages import encode_defunct
from siwe import SiweMessage

from backend.chain import signatures
from backend.chain.abi import checksum
from backend.chain.rpc import Rpc
from backend.errors import HeqiError

FRESH_S = 300
SKEW_S = 60  # clocks of wallets run ahead
MOST_CHARS = 800  # the parser needs up to 0.4 ms a character of a hostile message


class SignInMessageInvalid(HeqiError):
    notice_en = "This is not a message of EIP-4361 (Sign-in with Ethereum)."
    notice_zh = "该消息不符合 EIP-4361（以太坊登录）格式。"


class SignInElsewhere(HeqiError):
    """The wallet signed for another site or chain."""

    notice_en = "The sign-in message is for another {field}; {expected} is expected."
    notice_zh = "登录消息的 {field} 不符，应为 {expected}。"
    status = 401


class SignInOutdated(HeqiError):
    notice_en = "The sign-in message does not count at present because of its {field}."
    notice_zh = "登录消息因 {field} 字段在当前时间无效。"
    status = 401


@dataclass(frozen=True)
class SignIn:
    """`wallet` claims to have signed `text`."""

    text: str
    wallet: str
    nonce: str

    def require_signed(self, rpc: Rpc, signature: str) -> None:
        """Raises SignatureWrong, RpcUnavailable."""
        signatures.require_signed(rpc, self.wallet, encode_defunct(text=self.text), signature)


def read(text: str, *, origins: tuple[str, ...], chain_id: int, now: float) -> SignIn:
    """A message for one of our sites (`https://host[:port]`), this chain and this moment (seconds since 1970).

    Raises SignInMessageInvalid, SignInElsewhere, SignInOutdated.
    """
    message = _parse(text)
    _require_here(message, origins, chain_id)
    _require_now(message, datetime.fromtimestamp(now, UTC))
    return SignIn(text, checksum(message.address), message.nonce)


def _parse(text: str) -> SiweMessage:
    if len(text) > MOST_CHARS:
        raise SignInMessageInvalid
    try:
        message = SiweMessage.from_message(text)
    except (ValueError, TypeError):  # pydantic's and the parser's errors are kinds of ValueError
        raise SignInMessageInvalid from None
    if message.prepare_message() != text:  # such as a chain id with leading zeros
        raise SignInMessageInvalid
    return message


def _require_here(message: SiweMessage, origins: tuple[str, ...], chain_id: int) -> None:
    hosts = {origin: origin.partition("://")[2] for origin in origins}
    if message.domain not in hosts.values():
        raise SignInElsewhere(field="domain", expected=", ".join(hosts.values()))
    scheme = message.scheme or message.uri.partition("://")[0]
    origin = f"{scheme}://{message.domain}"
    if origin not in hosts or message.uri.removesuffix("/") != origin:
        raise SignInElsewhere(field="uri", expected=", ".join(hosts))
    if message.chain_id != chain_id:
        raise SignInElsewhere(field="chainId", expected=chain_id)


def _require_now(message: SiweMessage, now: datetime) -> None:
    age_s = (now - _time(message.issued_at)).total_seconds()
    if not -SKEW_S <= age_s <= FRESH_S:
        raise SignInOutdated(field="issuedAt")
    if message.expiration_time is not None and now >= _time(message.expiration_time):
        raise SignInOutdated(field="expirationTime")
    if message.not_before is not None and now < _time(message.not_before):
        raise SignInOutdated(field="notBefore")


def _time(text: str) -> datetime:
    """The grammar requires a zone, so the time has one."""
    return datetime.fromisoformat(text)
