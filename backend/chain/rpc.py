"""JSON-RPC over HTTP with several endpoints of one chain."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog

from backend.config import Settings
from backend.errors import HeqiError

BATCH_SIZE = 100
BUSY = {-32005, -32097}  # request limits of hosted nodes: another endpoint may have capacity

log = structlog.get_logger(__name__)


class RpcUnavailable(HeqiError):
    notice_en = "No endpoint of the chain answers: {endpoints}."
    notice_zh = "区块链节点均无响应：{endpoints}。"
    status = 503


class RpcRefused(HeqiError):
    """The node answered with a JSON-RPC error; `data` is the revert data where there is some."""

    notice_en = "The node refused {method}: {message}."
    notice_zh = "节点拒绝了 {method}：{message}。"
    status = 502

    def __init__(self, method: str, message: str, rpc_code: int = 0, data: Any = None) -> None:
        super().__init__(method=method, message=message, rpc_code=rpc_code)
        self.message = message
        self.data = data


class ChainMismatch(HeqiError):
    notice_en = "The endpoint {endpoint} serves chain {found}; chain {expected} is configured."
    notice_zh = "节点 {endpoint} 属于链 {found}，而配置的是链 {expected}。"
    status = 503


class HeadUnsettled(HeqiError):
    """The node contradicts itself about the head: a block it has announced is missing, or the head fell back. Retry."""

    notice_en = "The node does not show block {block} yet."
    notice_zh = "节点暂未提供区块 {block}。"
    status = 503


class _EndpointDown(Exception):
    pass


@dataclass(frozen=True)
class Header:
    """What the backend needs of a block's header."""

    number: int
    hash: str
    parent: str
    timestamp: int
    base_fee: int

    @classmethod
    def parse(cls, block: dict[str, Any]) -> "Header":
        return cls(
            number=int(block["number"], 16),
            hash=block["hash"],
            parent=block["parentHash"],
            timestamp=int(block["timestamp"], 16),
            base_fee=int(block.get("baseFeePerGas") or "0x0", 16),
        )


class Rpc:
    """A client that stays with one endpoint while it answers and moves to the next when it does not.

    An endpoint is used only after it has shown the expected chain id.
    """

    def __init__(self, urls: Sequence[str], chain_id: int, timeout: float = 10.0) -> None:
        self._urls = tuple(urls)
        self._chain_id = chain_id
        self._timeout = timeout
        self._current = 0
        self._verified: set[str] = set()
        self._sessions = threading.local()
        self._ids = itertools.count(1)

    @classmethod
    def connect(cls, settings: Settings) -> "Rpc":
        urls = [url.get_secret_value() for url in settings.rpc_urls]
        return cls(urls, settings.chain_id, settings.rpc_timeout)

    def call(self, method: str, *params: Any) -> Any:
        """One request. Raises RpcRefused, RpcUnavailable, ChainMismatch."""
        answer = self.batch([(method, params)])[0]
        if isinstance(answer, RpcRefused):
            raise answer
        return answer

    def batch(self, requests_: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Several requests; a refused one has its RpcRefused in its place."""
        answers: list[Any] = []
        for start in range(0, len(requests_), BATCH_SIZE):
            answers += self._send(requests_[start : start + BATCH_SIZE])
        return answers

    def header(self, block: int | str) -> Header:
        """Header of a block number or tag. Raises HeadUnsettled when the node has none (yet)."""
        found = self.call("eth_getBlockByNumber", hex(block) if isinstance(block, int) else block, False)
        if found is None:
            raise HeadUnsettled(block=block)
        return Header.parse(found)

    def head(self) -> Header:
        """The newest block. Raises HeadUnsettled when the node does not stand by it."""
        head = self.header("latest")
        if self.header(head.number).hash != head.hash:
            raise HeadUnsettled(block=head.number)
        return head

    def headers(self, numbers: Sequence[int]) -> dict[int, Header]:
        """Headers by number. Raises HeadUnsettled for the first one that is missing."""
        blocks = self.batch([("eth_getBlockByNumber", (hex(number), False)) for number in numbers])
        for number, block in zip(numbers, blocks, strict=True):
            if block is None or isinstance(block, RpcRefused):
                raise HeadUnsettled(block=number)
        return {number: Header.parse(block) for number, block in zip(numbers, blocks, strict=True)}

    def transaction_count(self, address: str, block: int | str = "latest") -> int:
        return int(self.call("eth_getTransactionCount", address, hex(block) if isinstance(block, int) else block), 16)

    def _send(self, requests_: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        faults = []
        for _ in self._urls:
            url = self._urls[self._current]
            try:
                self._verify(url)
                return self._post(url, requests_)
            except _EndpointDown as fault:
                faults.append(f"{_shown(url)} ({fault})")
                log.warning("endpoint_down", endpoint=_shown(url), reason=str(fault))
                self._current = (self._current + 1) % len(self._urls)
        raise RpcUnavailable(endpoints=", ".join(faults))

    def _verify(self, url: str) -> None:
        if url in self._verified:
            return
        answer = self._post(url, [("eth_chainId", ())])[0]
        if isinstance(answer, RpcRefused):
            raise _EndpointDown(answer.message)
        if int(answer, 16) != self._chain_id:
            raise ChainMismatch(endpoint=_shown(url), found=int(answer, 16), expected=self._chain_id)
        self._verified.add(url)

    def _post(self, url: str, requests_: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        ids = [next(self._ids) for _ in requests_]
        body: Any = [
            {"jsonrpc": "2.0", "id": id_, "method": method, "params": list(params)}
            for id_, (method, params) in zip(ids, requests_, strict=True)
        ]
        answer = self._exchange(url, body[0] if len(body) == 1 else body)
        by_id = {item.get("id"): item for item in (answer if isinstance(answer, list) else [answer])}
        return [_result(method, by_id.get(id_)) for id_, (method, _) in zip(ids, requests_, strict=True)]

    def _exchange(self, url: str, body: Any) -> Any:
        try:
            response = self._session().post(url, json=body, timeout=self._timeout)
            answer = response.json()
        except ValueError:
            raise _EndpointDown(f"status {response.status_code}, not JSON") from None
        except requests.RequestException as error:
            raise _EndpointDown(type(error).__name__) from None
        if response.status_code >= 400 and not (isinstance(answer, dict) and "error" in answer):
            raise _EndpointDown(f"status {response.status_code}")
        return answer

    def _session(self) -> requests.Session:
        """One per thread: a requests session is not made for sharing."""
        if not hasattr(self._sessions, "value"):
            self._sessions.value = requests.Session()
        session: requests.Session = self._sessions.value
        return session


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
        raise _EndpointDown("not a JSON-RPC answer")
    if "error" not in answer:
        return answer["result"]
    error = answer["error"] if isinstance(answer["error"], dict) else {"message": str(answer["error"])}
    if error.get("code") in BUSY:
        raise _EndpointDown(str(error.get("message")))
    return RpcRefused(method, str(error.get("message", "")), int(error.get("code", 0)), error.get("data"))


def _shown(url: str) -> str:
    """Host and port: paths and user names of endpoints carry access tokens."""
    parts = urlsplit(url)
    return parts.hostname + (f":{parts.port}" if parts.port else "") if parts.hostname else "?"
