"""Fees of transactions (EIP-1559), in wei per gas."""

from dataclasses import dataclass

from backend.chain.rpc import Rpc, RpcRefused

GWEI = 10**9
REPLACEMENT_PER_MILLE = 125  # nodes drop a replacement that raises either fee by less than 10 %; 12.5 % is geth's sum
USUAL_PRIORITY_FEE = GWEI


@dataclass(frozen=True)
class Fees:
    maximum: int
    priority: int

    def raised(self, market: "Fees") -> "Fees":
        """At least 12.5 % above these, and at least the market's."""
        return Fees(max(_raise(self.maximum), market.maximum), max(_raise(self.priority), market.priority))

    def at_most(self, ceiling: int) -> "Fees":
        return Fees(min(self.maximum, ceiling), min(self.priority, ceiling))


def market(rpc: Rpc, base_fee: int) -> Fees:
    """What the next blocks cost: room for the base fee to double."""
    try:
        priority = int(rpc.call("eth_maxPriorityFeePerGas"), 16)
    except RpcRefused:
        priority = USUAL_PRIORITY_FEE
    return Fees(2 * base_fee + priority, priority)


def _raise(fee: int) -> int:
    return -(-fee * (1000 + REPLACEMENT_PER_MILLE) // 1000) or 1
