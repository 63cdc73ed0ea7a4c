"""A wallet for the tests: announced to the page by EIP-6963, signing for real with keys that stay here.

It talks to the node itself, so that it works while the API does not. What changes anything waits in a dialog of the
page until the test presses a button: `confirm()` or `reject()`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from playwright.sync_api import BrowserContext, Locator, expect

from backend.chain.keys import development_key
from scripts.market import Person

SCRIPT = Path(__file__).with_name("wallet.js")
TIMEOUT_S = 20
GAS_MARGIN_PERCENT = 30
GWEI = 10**9
SIGNING = {
    "wallet_requestPermissions",
    "eth_requestAccounts",
    "personal_sign",
    "eth_signTypedData_v4",
    "eth_sendTransaction",
    "wallet_switchEthereumChain",
    "wallet_addEthereumChain",
}
UNRECOGNIZED_CHAIN, UNAUTHORIZED, DISCONNECTED = 4902, 4100, 4900

Answer = dict[str, Any]


class WalletRefuses(Exception):
    """What the page gets as an EIP-1193 error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "data": data}


@dataclass
class Wallet:
    """`chains`: those it knows, `node_url` serves the one it is on; `sent`: its transactions as they were signed."""

    context: BrowserContext
    node_url: str
    chain_id: int
    account: LocalAccount
    connected: bool = False
    chains: set[int] = field(default_factory=set)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = self.chain_id
        self.chains |= {self.chain_id, 1}
        self.context.expose_binding("testWallet", lambda _source, request: self._answer(**request))
        self.context.add_init_script(path=SCRIPT)

    @property
    def address(self) -> str:
        return self.account.address

    # What the user does

    def confirm(self) -> str:
        """Press Confirm; returns what the dialog showed."""
        return self._press("Confirm")

    def reject(self) -> str:
        """Press Reject; returns what the dialog showed."""
        return self._press("Reject")

    @property
    def dialog(self) -> Locator:
        return self.context.pages[-1].locator("test-wallet dialog")

    def act_as(self, who: Person | int) -> None:
        """Choose a person's account, or a development account by number."""
        self.account = development_key(who) if isinstance(who, int) else who.wallet.account
        if self.connected:
            self._emit("accountsChanged", [self.address])

    def go_to_chain(self, chain_id: int) -> None:
        """As the user does inside the wallet."""
        self.chain_id = chain_id
        self._emit("chainChanged", hex(chain_id))

    def disconnect(self) -> None:
        """As the user does inside the wallet."""
        self.connected = False
        self._emit("accountsChanged", [])

    def replace(self, **changes: Any) -> str:
        """Send the last transaction anew with twice the fee, and these fields; returns its hash."""
        last = self.sent[-1]
        fees = {name: 2 * last[name] for name in ("maxFeePerGas", "maxPriorityFeePerGas")}
        return self._send(last | fees | changes)

    def cancel(self) -> str:
        """As wallets cancel: nothing to oneself in the place of the last transaction."""
        return self.replace(to=self.address, data="0x", value=0)

    def _press(self, name: str) -> str:
        expect(self.dialog).to_be_visible()
        shown = self.dialog.locator("pre").inner_text()
        self.dialog.get_by_role("button", name=name).click()
        return shown

    def _emit(self, event: str, value: Any) -> None:
        for page in self.context.pages:
            page.evaluate("([event, value]) => window.testWalletEmit?.(event, value)", [event, value])

    # What the page asks

    def _answer(self, method: str, params: Any, confirmed: bool) -> Answer:
        if method in SIGNING and not confirmed and not (method == "eth_requestAccounts" and self.connected):
            return {"ask": f"{method}\n{json.dumps(params, ensure_ascii=False, indent=1)}"}
        try:
            return self._handle(method, params)
        except WalletRefuses as refusal:
            return {"error": refusal.error}

    def _handle(self, method: str, params: Any) -> Answer:
        match method:
            case "eth_accounts":
                result: Any = [self.address] if self.connected else []
            case "eth_requestAccounts":
                self.connected = True
                result = [self.address]
            case "wallet_requestPermissions":
                self.connected = True
                caveat = {"type": "restrictReturnedAccounts", "value": [self.address]}
                result = [{"parentCapability": "eth_accounts", "caveats": [caveat]}]
            case "wallet_revokePermissions":
                self.connected, result = False, None
            case "eth_chainId":
                result = hex(self.chain_id)
            case "wallet_switchEthereumChain":
                return self._switch(int(params[0]["chainId"], 16))
            case "wallet_addEthereumChain":
                self.chains.add(int(params[0]["chainId"], 16))
                return self._switch(int(params[0]["chainId"], 16))
            case "personal_sign":
                result = self._sign(encode_defunct(hexstr=params[0]), params[1])
            case "eth_signTypedData_v4":
                result = self._sign(encode_typed_data(full_message=json.loads(params[1])), params[0])
            case "eth_sendTransaction":
                result = self._send(self._filled(params[0]))
            case _:
                result = self._ask_node(method, params)
        return {"result": result}

    def _switch(self, chain_id: int) -> Answer:
        if chain_id not in self.chains:
            raise WalletRefuses(UNRECOGNIZED_CHAIN, f"Unrecognized chain ID {chain_id}.")
        self.chain_id = chain_id
        return {"result": None, "events": [["chainChanged", hex(chain_id)]]}

    def _require_own(self, address: str) -> None:
        if not self.connected or address.lower() != self.address.lower():
            raise WalletRefuses(UNAUTHORIZED, f"{address} is not connected.")

    def _sign(self, message: Any, address: str) -> str:
        self._require_own(address)
        return "0x" + bytes(self.account.sign_message(message).signature).hex()

    def _filled(self, asked: dict[str, str]) -> dict[str, Any]:
        """A transaction with everything in it, as the wallet estimates it itself."""
        self._require_own(asked["from"])
        base = {"to": asked["to"], "data": asked.get("data", "0x"), "value": int(asked.get("value", "0x0"), 16)}
        gas = int(asked["gas"], 16) if "gas" in asked else self._estimate(asked)
        price = int(self._ask_node("eth_getBlockByNumber", ["latest", False])["baseFeePerGas"], 16)
        nonce = int(self._ask_node("eth_getTransactionCount", [self.address, "pending"]), 16)
        fees = {"maxFeePerGas": 2 * price + GWEI, "maxPriorityFeePerGas": GWEI}
        return base | fees | {"type": 2, "chainId": self.chain_id, "nonce": nonce, "gas": gas}

    def _estimate(self, asked: dict[str, str]) -> int:
        return int(self._ask_node("eth_estimateGas", [asked]), 16) * (100 + GAS_MARGIN_PERCENT) // 100

    def _send(self, fields: dict[str, Any]) -> str:
        raw = "0x" + bytes(self.account.sign_transaction(fields).raw_transaction).hex()
        transaction: str = self._ask_node("eth_sendRawTransaction", [raw])
        self.sent.append(fields)
        return transaction

    def _ask_node(self, method: str, params: Sequence[Any]) -> Any:
        if self.chain_id != self.home:
            raise WalletRefuses(DISCONNECTED, f"chain {self.chain_id} does not answer")
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = requests.post(self.node_url, json=request, timeout=TIMEOUT_S).json()
        if error := answer.get("error"):
            raise WalletRefuses(error["code"], error["message"], error.get("data"))
        return answer["result"]
