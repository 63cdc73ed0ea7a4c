"""What the API reads from the chain at the moment of a request."""

import threading
from functools import cached_property
from typing import Any

from backend import days
from backend.api.problems import ResourceUnknown
from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.reverts import ContractError
from backend.chain.rpc import Header, Rpc

SUPPLIER = 1
CREDIT_LINE = 1  # IRiskPolicy.Product
ACCRUAL_UNIT = 10_000 * 360  # as Interest: units × bps × days that make a unit
SYMBOL: abi.Entry = {"name": "symbol", "inputs": [], "outputs": [{"name": "", "type": "string"}]}
DECIMALS: abi.Entry = {"name": "decimals", "inputs": [], "outputs": [{"name": "", "type": "uint8"}]}


class Live:
    """Reads through the suite. Every method raises RpcUnavailable, RpcRefused, and ContractError for a refusal."""

    def __init__(self, suite: Suite, rpc: Rpc) -> None:
        self.suite = suite
        self.rpc = rpc
        self._currencies: dict[str, dict[str, Any]] = {}
        self._grades: dict[int, int] = {}
        self._lock = threading.Lock()

    def head(self) -> Header:
        return self.rpc.header("latest")

    def quote(self, receivable: int) -> dict[str, Any]:
        """Figures of IFactoring.Quote. Raises ResourceUnknown."""
        try:
            quote: dict[str, Any] = self.suite.call(self.rpc, "Factoring", "quote", receivable)
        except ContractError as refusal:
            if refusal.code == "ReceivableUnknown":
                raise ResourceUnknown(kind="receivable", id=receivable) from None
            raise
        return quote

    def owed(self, receivable: int) -> dict[str, int]:
        """`principal`, `late` and `collectable` of an open financing, all 0 of a closed one."""
        owed: dict[str, int] = self.suite.call(self.rpc, "Factoring", "owedOf", receivable)
        return owed

    def day_at(self, block: int) -> int:
        return days.day_of(self.rpc.header(block).timestamp)

    def line_owed(self, party: int, block: int | str = "latest") -> dict[str, Any]:
        """Figures of ICreditLine.Owed with the `block` and the `day` they are of."""
        at = self.rpc.header(block)
        owed: dict[str, Any] = self.suite.call(self.rpc, "CreditLine", "owedOf", party, block=at.number)
        return owed | _where(at) | {"pay": owed["payDay"] or None}

    def line_quote(self, party: int, amount: int) -> dict[str, Any]:
        """Figures of ICreditLine.DrawQuote."""
        quote: dict[str, Any] = self.suite.call(self.rpc, "CreditLine", "quote", party, amount)
        return quote

    def line_limit(self, party: int) -> dict[str, Any]:
        """The `block` and `day`, and at that block: `limit`, fields of ICreditLine.Limit, and `inputs`, what they come
        from; or the `refusal`."""
        at = self.head()
        try:
            limit = self.suite.call(self.rpc, "CreditLine", "limitOf", party, block=at.number)
        except ContractError as refusal:
            return _where(at) | {"refusal": refusal}
        return _where(at) | {"limit": limit, "inputs": self._limit_inputs(party, limit, at)}

    def line_opening(self, wallet: str) -> dict[str, Any]:
        """The `block` and `day`, and the `limit` with which the wallet would open a line there, or the `refusal`."""
        at = self.head()
        agreement = self.suite.call(self.rpc, "CreditLine", "conditions", block=at.number)["agreementHash"]
        try:
            limit = self.suite.call(self.rpc, "CreditLine", "open", agreement, sender=wallet, block=at.number)
        except ContractError as refusal:
            return _where(at) | {"agreement_hash": agreement, "refusal": refusal}
        return _where(at) | {"agreement_hash": agreement, "limit": limit}

    def _limit_inputs(self, party: int, limit: dict[str, Any], at: Header) -> dict[str, int]:
        def read(contract: str, function: str, *arguments: int) -> Any:
            return self.suite.call(self.rpc, contract, function, *arguments, block=at.number)

        terms = read("RiskPolicy", "termsOf", CREDIT_LINE, limit["grade"])
        line, account = read("CreditLine", "lineOf", party), read("Treasury", "accountOf", party)
        conditions = read("CreditLine", "conditions")
        return {
            "limit_code": read("CreditOracle", "scoreOf", party)["limitCode"],
            "units_per_yuan": 10 ** self.currency(self.vault_token)["decimals"],
            "advance_bps": terms["advanceBps"],
            "cap_of_grade": terms["limitCap"],
            "cap_of_line": conditions["lineCap"],
            "limit_in_force": line["limit"],
            "opening_limit": line["openingLimit"],
            "days_since_rise": days.day_of(at.timestamp) - line["riseDay"],
            "arrears": account["arrears"],
            "party_limit": account["limit"],
            "owed_over_all": account["outstanding"],
            "portfolio_cap": conditions["portfolioCap"],
            "drawn_on_all_lines": read("Treasury", "outstandingOf", CREDIT_LINE),
            "cash_in_treasury": read("Treasury", "book")["cash"],
        }

    def value(self) -> dict[str, Any]:
        """The vault at one block: day, its book, interest of lines, gross and net assets, shares."""
        at = self.head()

        def read(function: str) -> Any:
            return self.suite.call(self.rpc, "Treasury", function, block=at.number)

        book = read("book")
        return {
            "day": days.day_of(at.timestamp),
            **{name: book[name] for name in ("cash", "outstanding", "unearned", "impaired", "cover")},
            "accrued": read("accrual")["accrued"] // ACCRUAL_UNIT,
            "gross_assets": read("grossAssets"),
            "net_assets": read("totalAssets"),
            "shares": read("totalSupply"),
        }

    def grade(self, score: int) -> int:
        """0 is the best. The scale is immutable, so each score is asked for once."""
        if score not in self._grades:
            self._grades[score] = self.suite.call(self.rpc, "RiskPolicy", "gradeOf", score)
        return self._grades[score]

    def is_verified_supplier(self, wallet: str) -> bool:
        verified: bool = self.suite.call(self.rpc, "Participants", "isVerified", wallet, SUPPLIER)
        return verified

    def party_of(self, wallet: str) -> int:
        """0 when it belongs to none."""
        party: int = self.suite.call(self.rpc, "Participants", "partyOf", wallet)
        return party

    @cached_property
    def vault_token(self) -> str:
        token: str = self.suite.call(self.rpc, "Treasury", "asset")
        return token

    def receivable_of_invoice(self, debtor: int, fingerprint: str) -> int:
        """0 when the invoice is free."""
        id_: int = self.suite.call(self.rpc, "Receivables", "idOfInvoice", debtor, fingerprint)
        return id_

    def currency(self, token: str) -> dict[str, Any]:
        """Symbol and decimals of a token; they never change, so they are read once."""
        with self._lock:
            known = self._currencies.get(token)
        if known is None:
            known = {"token": token, "symbol": self._read(token, SYMBOL), "decimals": self._read(token, DECIMALS)}
            with self._lock:
                self._currencies[token] = known
        return known

    def _read(self, token: str, function: abi.Entry) -> Any:
        request = {"to": token, "data": "0x" + abi.encode_call(function, ()).hex()}
        answer = self.rpc.call("eth_call", request, "latest")
        return next(iter(abi.decoder(function["outputs"])(bytes.fromhex(answer[2:])).values()))


def _where(at: Header) -> dict[str, Any]:
    return {"block": {"number": at.number, "hash": at.hash}, "day": days.day_of(at.timestamp)}
