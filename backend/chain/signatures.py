"""Whether a wallet signed a message: with its own key, or as a contract (ERC-1271)."""

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import SignableMessage
from eth_utils.crypto import keccak

from backend.chain.abi import checksum
from backend.chain.rpc import Rpc, RpcRefused
from backend.errors import HeqiError

IS_VALID_SIGNATURE = bytes.fromhex("1626ba7e")  # selector of isValidSignature(bytes32,bytes), and its answer for yes
MOST_GAS = 1_000_000  # a contract that somebody names is run by our node


class SignatureWrong(HeqiError):
    notice_en = "The signature over this request is not by {wallet}."
    notice_zh = "该请求的签名并非来自 {wallet}。"
    status = 401


def require_signed(rpc: Rpc, wallet: str, message: SignableMessage, signature: str) -> None:
    """`signature` is 0x… in hex. Raises SignatureWrong, RpcUnavailable."""
    if not (_by_key(wallet, message, signature) or _by_contract(rpc, wallet, message, signature)):
        raise SignatureWrong(wallet=wallet)


def _by_key(wallet: str, message: SignableMessage, signature: str) -> bool:
    try:
        signer = Account.recover_message(message, signature=signature)
    except Exception:  # eth_account and its curve library raise kinds of their own for bytes that are no signature
        return False
    return bool(signer == checksum(wallet))


def _by_contract(rpc: Rpc, wallet: str, message: SignableMessage, signature: str) -> bool:
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    arguments = encode(["bytes32", "bytes"], [digest, bytes.fromhex(signature[2:])])
    request = {"to": wallet, "data": "0x" + (IS_VALID_SIGNATURE + arguments).hex(), "gas": hex(MOST_GAS)}
    try:
        answer = bytes.fromhex(rpc.call("eth_call", request, "latest")[2:])
    except RpcRefused:
        return False
    return answer == IS_VALID_SIGNATURE.ljust(32, b"\x00")
