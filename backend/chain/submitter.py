"""Works off the outbox of one key: nothing lost, nothing twice, whatever crashes or is dropped.

The rules, in the order in which a step applies them:

1. What the chain says about signed nonces is recorded first. A nonce is settled when one of its variants is in a
   canonical block `confirmations` deep; a reorganisation before that makes it open again.
2. A nonce that somebody else used frees its intent only after that foreign transaction itself is settled.
3. An intent gets a nonce only after the node has estimated it. Nonce and signed bytes are saved in one database
   transaction before anybody else sees them; a nonce belongs to its intent for ever.
4. Every nonce that the chain does not count yet is (re)broadcast with the saved bytes. A stuck one is replaced at fees
   at least 12.5 % higher; what can no longer succeed is replaced by a transfer of nothing to oneself.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

import structlog
from eth_account.signers.local import LocalAccount

from backend import loop, store
from backend.chain import fees, start
from backend.chain.contracts import Suite
from backend.chain.fees import Fees
from backend.chain.keys import Keyring
from backend.chain.outbox import Intent, State
from backend.chain.reverts import ContractError, contract_error, revert_data
from backend.chain.rpc import Header, HeadUnsettled, Rpc, RpcRefused
from backend.chain.slots import NOWHERE, Slot, SlotChanges, SlotState, SlotTable, Variant
from backend.config import Duty, Settings
from backend.crashpoints import crash_point
from backend.errors import HeqiError

GAS_CAP = 1 << 24  # EIP-7825: no block takes a transaction of more
TRANSFER_GAS = 21_000
GAS_MARGIN_PERCENT = 25  # state moves between estimate and inclusion
IN_FLIGHT = 32  # nodes keep only so many pending transactions of one sender
STUCK_AFTER_BLOCKS = 6

ALREADY_KNOWN = re.compile(r"already (known|imported)|known transaction", re.IGNORECASE)
NONCE_USED = re.compile(r"nonce (is )?too low", re.IGNORECASE)
UNDERPRICED = re.compile(r"underpriced|(less than|below) block base fee", re.IGNORECASE)
NEVER = re.compile(r"gas limit|intrinsic gas|gas required exceeds|out of gas", re.IGNORECASE)

log = structlog.get_logger(__name__)


class GasAboveCap(HeqiError):
    notice_en = "The transaction needs more gas than the {cap} that a block accepts."
    notice_zh = "交易所需 gas 超过单笔上限 {cap}。"


class RevertedOnChain(HeqiError):
    notice_en = "The transaction {transaction} was executed and refused; the reason can no longer be reproduced."
    notice_zh = "交易 {transaction} 已执行但被合约拒绝，原因已无法重现。"


class NodeRefuses(HeqiError):
    notice_en = "The node will never take the transaction: {message}."
    notice_zh = "节点拒绝接收该交易：{message}。"


@dataclass(frozen=True)
class View:
    """What the node says at the beginning of a step.

    `settled` is the newest block that is `confirmations` deep, `since` the head that this process saw first.
    """

    head: Header
    since: int
    count: int
    settled: int
    settled_count: int


@dataclass(frozen=True)
class Inclusion:
    """A variant in a block of the canonical chain."""

    variant: Variant
    block: int
    block_hash: str
    succeeded: bool


class Verdict(StrEnum):
    WAITS = "waits"
    INCLUDED = "included"
    SETTLED = "settled"
    REOPENED = "reopened"
    PERHAPS_FOREIGN = "perhaps_foreign"


def judge(slot: Slot, inclusion: Inclusion | None, view: View) -> Verdict:
    """What has become of a nonce that was not settled."""
    if inclusion:
        return Verdict.SETTLED if inclusion.block <= view.settled else Verdict.INCLUDED
    if view.settled_count > slot.nonce:
        return Verdict.PERHAPS_FOREIGN
    return Verdict.REOPENED if slot.state is SlotState.INCLUDED else Verdict.WAITS


def is_stuck(slot: Slot, view: View) -> bool:
    """Only the nonce that the chain takes next can be stuck; the later ones wait for it.

    Blocks that passed while no submitter ran do not count: first the same bytes get another chance.
    """
    waited = view.head.number - max(slot.newest.signed_at_block, view.since)
    too_cheap = waited > 0 and slot.newest.fees.maximum < view.head.base_fee
    return slot.nonce == view.count and (too_cheap or waited >= STUCK_AFTER_BLOCKS)


def is_unwanted(slot: Slot, view: View) -> bool:
    """Cancellation was asked for and no no-op has been signed yet."""
    asked = slot.intent is not None and slot.intent.cancel_requested and not slot.newest.noop
    return asked and slot.newest.signed_at_block < view.head.number


def run(settings: Settings, suite: Suite, stop: threading.Event, wake: threading.Event | None = None) -> None:
    """Submit for the relayer until `stop` is set, at once when `wake` is.

    Raises what makes a start impossible, and WriterReplaced."""
    account = Keyring.load(settings)[Duty.RELAYER]
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, f"submitter-{account.address}") as fence:
        submitter = Submitter(SlotTable(engine, account.address, fence), rpc, account, settings)
        loop.run("submitter", submitter.step, settings.poll_interval, stop, wake)


class Submitter:
    """`step` once per poll. The table's fence makes this process the only one that signs with `account`."""

    def __init__(self, table: SlotTable, rpc: Rpc, account: LocalAccount, settings: Settings) -> None:
        self._table = table
        self._rpc = rpc
        self._account = account
        self._sender: str = account.address
        self._chain_id = settings.chain_id
        self._confirmations = settings.confirmations
        self._fee_ceiling = settings.max_fee_gwei * fees.GWEI
        self._since = 0

    def step(self) -> None:
        """One round. Raises RpcUnavailable, RpcRefused, HeadUnsettled (try again) and WriterReplaced (stop)."""
        view = self._look()
        self._record(view)
        market = fees.market(self._rpc, view.head.base_fee).at_most(self._fee_ceiling)
        self._prepare(view, market)
        self._fill_gap(view, market)
        self._broadcast(view, market)

    def _look(self) -> View:
        head = self._rpc.head()
        settled = head.number - self._confirmations + 1
        settled_count = self._count(settled) if settled >= 0 else 0
        self._since = self._since or head.number
        return View(head, self._since, self._count(head.number), settled, settled_count)

    def _count(self, block: int) -> int:
        return self._rpc.transaction_count(self._sender, block)

    # What the chain says about signed nonces

    def _record(self, view: View) -> None:
        unsettled = self._table.unsettled()
        inclusions = self._inclusions(unsettled, view)
        for slot in unsettled:
            inclusion = inclusions.get(slot.nonce)
            verdict = judge(slot, inclusion, view)
            if inclusion and verdict is Verdict.SETTLED:
                self._settle(slot, inclusion)
            elif inclusion:
                self._include(slot, inclusion)
            elif verdict is Verdict.REOPENED:
                self._reopen(slot)
            elif verdict is Verdict.PERHAPS_FOREIGN:
                self._free_if_foreign(slot, view)

    def _inclusions(self, unsettled: Sequence[Slot], view: View) -> dict[int, Inclusion]:
        """By nonce: the variant with a receipt in a block of the chain that leads to the view's head.

        Raises HeadUnsettled when the endpoint that answers now is on another chain than that head.
        """
        every = [(slot, variant) for slot in unsettled for variant in slot.variants]
        receipts = self._rpc.batch([("eth_getTransactionReceipt", (variant.hash,)) for _, variant in every])
        found = {
            slot.nonce: Inclusion(
                variant, int(receipt["blockNumber"], 16), receipt["blockHash"], receipt["status"] == "0x1"
            )
            for (slot, variant), receipt in zip(every, receipts, strict=True)
            if isinstance(receipt, dict) and receipt.get("blockNumber")
        }
        canonical = self._rpc.headers(sorted({view.head.number, *(inclusion.block for inclusion in found.values())}))
        if canonical[view.head.number].hash != view.head.hash:
            raise HeadUnsettled(block=view.head.number)
        return {nonce: item for nonce, item in found.items() if canonical[item.block].hash == item.block_hash}

    def _include(self, slot: Slot, inclusion: Inclusion) -> None:
        if slot.state is SlotState.INCLUDED and slot.intent and slot.intent.block_hash == inclusion.block_hash:
            return
        crash_point("receipt_seen")
        with self._table.write() as rows:
            rows.set_slot(slot, SlotState.INCLUDED)
            rows.set_intent(slot.intent, state=State.INCLUDED, **_place(inclusion))
        crash_point("inclusion_saved")

    def _settle(self, slot: Slot, inclusion: Inclusion) -> None:
        state, reason = self._outcome(slot, inclusion)
        with self._table.write() as rows:
            rows.set_slot(slot, SlotState.SETTLED)
            rows.set_intent(slot.intent, state=state, reason=reason, **_place(inclusion))
        crash_point("settlement_saved")

    def _outcome(self, slot: Slot, inclusion: Inclusion) -> tuple[State, dict[str, Any] | None]:
        known = slot.intent.reason if slot.intent else None
        if inclusion.variant.noop:
            return (State.FAILED if known else State.CANCELLED), known
        if inclusion.succeeded or slot.intent is None:
            return State.FINAL, None
        refusal = self._simulate(slot.intent, inclusion.variant.gas, inclusion.block - 1)
        return State.FAILED, _reason(refusal or RevertedOnChain(transaction=inclusion.variant.hash))

    def _reopen(self, slot: Slot) -> None:
        log.warning("transaction_reorganised_away", nonce=slot.nonce, intent=slot.intent and slot.intent.key)
        with self._table.write() as rows:
            rows.set_slot(slot, SlotState.OPEN)
            rows.set_intent(slot.intent, state=State.BROADCAST, **NOWHERE)
        crash_point("reopening_saved")

    def _free_if_foreign(self, slot: Slot, view: View) -> None:
        """The chain counts the nonce, yet none of our receipts shows: only the foreign transaction itself is proof."""
        try:
            foreign = self._transaction_at(slot.nonce, view)
        except RpcRefused as refusal:
            log.warning("foreign_transaction_not_found", nonce=slot.nonce, reason=refusal.message)
            return
        if foreign is None or foreign in {variant.hash for variant in slot.variants}:
            return  # receipts lag behind the count; a later step sees ours
        log.warning("nonce_used_by_another", nonce=slot.nonce, transaction=foreign)
        given_up = slot.intent is not None and slot.intent.reason is not None
        with self._table.write() as rows:
            rows.set_slot(slot, SlotState.FOREIGN, foreign)
            rows.set_intent(slot.intent, state=State.FAILED if given_up else State.QUEUED, **NOWHERE)
        crash_point("foreign_saved")

    def _transaction_at(self, nonce: int, view: View) -> str | None:
        """Hash of the settled transaction with the nonce, from the first block that counts it.

        The search gallops back from the newest block: only recent state is sure to be kept by the node.
        """
        low, high, width = view.settled, view.settled, 1
        while low >= 0 and self._count(low) > nonce:
            low, high, width = low - width, low, 2 * width
        low = max(low, -1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._count(middle) > nonce else (middle, high)
        wanted, head = ("eth_getBlockByNumber", (hex(high), True)), (hex(view.head.number), False)
        block, now = self._rpc.batch([wanted, ("eth_getBlockByNumber", head)])
        if not isinstance(block, dict) or not isinstance(now, dict) or now["hash"] != view.head.hash:
            raise HeadUnsettled(block=view.head.number)
        for transaction in block["transactions"]:
            if transaction["from"].lower() == self._sender.lower() and int(transaction["nonce"], 16) == nonce:
                return str(transaction["hash"])
        return None

    # From intents to signed bytes

    def _prepare(self, view: View, market: Fees) -> None:
        queued = self._table.queued(IN_FLIGHT)
        unwanted = [intent for intent in queued if intent.cancel_requested]
        wanted = [intent for intent in queued if not intent.cancel_requested]
        estimates = self._rpc.batch([("eth_estimateGas", (self._request(intent, GAS_CAP),)) for intent in wanted])
        crash_point("estimated")
        limits = [self._gas_limit(intent, estimate) for intent, estimate in zip(wanted, estimates, strict=True)]
        ready = [(intent, gas) for intent, gas in zip(wanted, limits, strict=True) if gas]
        if not ready and not unwanted:
            return
        with self._table.write() as rows:
            for intent in unwanted:
                rows.set_intent(intent, state=State.CANCELLED)
            self._sign_all(rows, ready, view, market)
            crash_point("signed")
        crash_point("saved")

    def _sign_all(self, rows: SlotChanges, ready: list[tuple[Intent, int]], view: View, market: Fees) -> None:
        for nonce, (intent, gas) in enumerate(ready, rows.next_nonce(view.count)):
            rows.open(nonce, intent, self._sign(nonce, intent, gas, market, view))
            rows.set_intent(intent, state=State.SIGNED)

    def _gas_limit(self, intent: Intent, estimate: Any) -> int | None:
        """None when the intent has to wait, or has just failed."""
        if not isinstance(estimate, RpcRefused):
            return min(int(estimate, 16) * (100 + GAS_MARGIN_PERCENT) // 100, GAS_CAP)
        if (data := revert_data(estimate)) is not None:
            self._fail(intent, contract_error(data))
        elif NEVER.search(estimate.message):
            self._fail(intent, GasAboveCap(cap=GAS_CAP))
        else:
            log.warning("estimate_unavailable", intent=intent.key, reason=estimate.message)
        return None

    def _fail(self, intent: Intent, refusal: HeqiError) -> None:
        """A refusal counts only when nothing of ours that comes before can still change the state it was judged in."""
        with self._table.write() as rows:
            if not rows.has_unfinished_before(intent):
                log.warning("intent_refused", intent=intent.key, reason=str(refusal))
                rows.set_intent(intent, state=State.FAILED, reason=_reason(refusal))

    def _fill_gap(self, view: View, market: Fees) -> None:
        """A foreign transaction below our nonces that a reorganisation took away would hold all of ours back."""
        known = self._table.numbers_from(view.count)
        gap = (nonce for nonce in range(view.count, max(known, default=view.count)) if nonce not in known)
        missing = list(islice(gap, IN_FLIGHT))
        if not missing:
            return
        log.warning("nonce_gap_filled", nonces=missing)
        with self._table.write() as rows:
            for nonce in missing:
                rows.open(nonce, None, self._sign(nonce, None, TRANSFER_GAS, market, view))

    def _sign(self, nonce: int, payload: Intent | None, gas: int, paid: Fees, view: View) -> Variant:
        """Without a payload: a transfer of nothing to oneself."""
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": nonce,
            "to": payload.target if payload else self._sender,
            "data": payload.data if payload else b"",
            "value": payload.value if payload else 0,
            "gas": gas,
            "maxFeePerGas": paid.maximum,
            "maxPriorityFeePerGas": paid.priority,
        }
        signed = self._account.sign_transaction(transaction)
        raw, hash_ = bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex()
        return Variant(hash_, raw, paid, gas, payload is None, view.head.number)

    # From signed bytes to the chain

    def _broadcast(self, view: View, market: Fees) -> None:
        uncounted = self._table.uncounted(view.count)
        answers = self._rpc.batch([("eth_getTransactionByHash", (slot.newest.hash,)) for slot in uncounted])
        for slot, answer in zip(uncounted, answers, strict=True):
            message = "" if _is_pending(answer) else self._send(slot)
            if not message:
                self._mark_broadcast(slot)
            impossible = NodeRefuses(message=message) if NEVER.search(message) and not slot.newest.noop else None
            if impossible or _is_outbid(slot, message, view) or is_stuck(slot, view) or is_unwanted(slot, view):
                self._replace(slot, view, market, impossible)

    def _send(self, slot: Slot) -> str:
        """Why the node does not take the newest variant; empty when it does, or has it."""
        answer = self._offer(slot.newest)
        crash_point("sent")
        if not isinstance(answer, RpcRefused) or ALREADY_KNOWN.search(answer.message):
            return ""
        if not NONCE_USED.search(answer.message):
            log.warning("broadcast_refused", nonce=slot.nonce, reason=answer.message)
        return answer.message

    def _offer(self, variant: Variant) -> Any:
        return self._rpc.batch([("eth_sendRawTransaction", ("0x" + variant.raw.hex(),))])[0]

    def _mark_broadcast(self, slot: Slot) -> None:
        if slot.intent and slot.intent.state is State.SIGNED:
            with self._table.write() as rows:
                rows.set_intent(slot.intent, state=State.BROADCAST)
            crash_point("broadcast_saved")

    def _replace(self, slot: Slot, view: View, market: Fees, refusal: HeqiError | None = None) -> None:
        """Sign a dearer variant for the same nonce: of the payload while it can succeed, else a no-op."""
        raised = slot.newest.fees.raised(market)
        if raised.maximum > self._fee_ceiling:
            log.warning("fee_ceiling_reached", nonce=slot.nonce, wanted=raised.maximum, ceiling=self._fee_ceiling)
            return
        refusal = refusal or self._refusal_now(slot, view)
        given_up = refusal or slot.newest.noop or is_unwanted(slot, view)
        payload, gas = (None, TRANSFER_GAS) if given_up else (slot.intent, slot.newest.gas)
        variant = self._sign(slot.nonce, payload, gas, raised, view)
        log.info("transaction_replaced", nonce=slot.nonce, noop=variant.noop, max_fee=raised.maximum)
        with self._table.write() as rows:
            rows.add(slot.nonce, variant)
            if refusal:
                rows.set_intent(slot.intent, reason=_reason(refusal))
        crash_point("replacement_saved")
        self._offer(variant)

    def _refusal_now(self, slot: Slot, view: View) -> ContractError | None:
        """Why the payload would fail if it were executed next; None also when its turn has not come."""
        if slot.intent is None or slot.newest.noop or slot.nonce != view.count:
            return None
        return self._simulate(slot.intent, slot.newest.gas, view.head.number)

    def _simulate(self, intent: Intent, gas: int, block: int) -> ContractError | None:
        answer = self._rpc.batch([("eth_call", (self._request(intent, gas), hex(block)))])[0]
        data = revert_data(answer) if isinstance(answer, RpcRefused) else None
        return None if data is None else contract_error(data)

    def _request(self, intent: Intent, gas: int) -> dict[str, str]:
        return {
            "from": self._sender,
            "to": intent.target,
            "data": "0x" + intent.data.hex(),
            "value": hex(intent.value),
            "gas": hex(gas),
        }


def _is_pending(answer: Any) -> bool:
    """A node that also knows a block for a transaction it does not count remembers a block that is gone."""
    return isinstance(answer, dict) and answer.get("blockHash") is None


def _is_outbid(slot: Slot, message: str, view: View) -> bool:
    """A dearer transaction, perhaps an earlier variant, occupies the nonce in the pool. Acted on once per block."""
    is_next = slot.nonce == view.count and slot.newest.signed_at_block < view.head.number
    return is_next and UNDERPRICED.search(message) is not None


def _place(inclusion: Inclusion) -> dict[str, Any]:
    return {
        "transaction_hash": inclusion.variant.hash,
        "block": inclusion.block,
        "block_hash": inclusion.block_hash,
    }


def _reason(error: HeqiError) -> dict[str, Any]:
    problem = error.to_problem()
    notices = {"notice_en": error.notice("en"), "notice_zh": error.notice("zh")}
    return {"code": problem["code"], "values": problem["values"], **notices}
