"""Mirror of the contract Receivables."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.properties.model.cash import PlainCash
from tests.properties.model.gate import Gate, Switch, guarded
from tests.properties.model.participants import CORE_ENTERPRISE, SUPPLIER, Participants
from tests.properties.model.refused import Refused, require

NONE, REGISTERED, CONFIRMED, FINANCED, DISPUTED, SPLIT, SETTLED, REJECTED, CANCELLED = range(9)
MAX_TERM_DAYS = 365
MAX_BATCH = 100
MAX_PARTS = 50
MAX_TIER = 20


@dataclass(slots=True)
class Part:
    face: int
    claimed: int
    root: int
    state: int
    tier: int = 0
    lienor: int = 0


@dataclass(slots=True)
class Pool:
    debtor: int
    creditor: int
    due_day: int
    currency: int
    paid: int = 0
    late_days: list[tuple[int, int]] = field(default_factory=list)
    """Day after the due day on which was paid, with what had been paid before it."""


class Registration(NamedTuple):
    debtor: int
    due_day: int
    face: int
    currency: int
    fingerprint: int
    document_hash: int


class Confirmation(NamedTuple):
    id: int
    creditor: int
    face: int
    due_day: int
    currency: int
    fingerprint: int


class Claim(NamedTuple):
    state: int
    holder: int
    debtor: int
    due_day: int
    currency: int
    outstanding: int
    claimable: int


NO_PART = Part(0, 0, 0, NONE)


class Receivables(Switch):
    """`currencies[n]` is the token of currency n."""

    def __init__(
        self, gate: Gate, address: int, participants: Participants, currencies: list[PlainCash], lienor: int
    ) -> None:
        super().__init__(gate)
        self.address = address
        self.participants = participants
        self.currencies: list[PlainCash | None] = [None, *currencies]
        self.lienor = lienor
        self.last_id = 0
        self.parts: dict[int, Part] = {}
        self.pools: dict[int, Pool] = {}
        self.owner: dict[int, int] = {}
        self.id_of_invoice: dict[tuple[int, int], int] = {}
        self.credit_of: Counter[tuple[int, int]] = Counter()

    # Origination

    def register(self, caller: int, r: Registration) -> int:
        creditor = self.participants.require_verified(caller, SUPPLIER)
        self._require_registrable(r, creditor)
        return self._create(r, creditor, caller, REGISTERED)

    def register_batch(self, caller: int, registrations: list[Registration]) -> int:
        self._require_count(len(registrations), 1, MAX_BATCH)
        creditor = self.participants.require_verified(caller, SUPPLIER)
        first, seen = self.last_id + 1, {}
        for number, r in enumerate(registrations):
            self._require_registrable(r, creditor)
            twin = seen.setdefault((r.debtor, r.fingerprint), first + number)
            require(twin == first + number, "InvoiceRegistered", twin)
        for r in registrations:
            self._create(r, creditor, caller, REGISTERED)
        return first

    def issue(self, caller: int, r: Registration, creditor: int) -> int:
        debtor = self.participants.require_verified(caller, CORE_ENTERPRISE)
        require(debtor == r.debtor, "NotDebtor", 0, caller)
        party = self.participants.require_verified(creditor, SUPPLIER)
        self._require_sound(r, party)
        return self._create(r, party, creditor, CONFIRMED)

    def confirm(self, caller: int, c: Confirmation) -> None:
        debtor = self.participants.require_verified(caller, CORE_ENTERPRISE)
        self._require_confirmable(c, debtor, caller)
        self.parts[c.id].state = CONFIRMED

    def confirm_batch(self, caller: int, confirmations: list[Confirmation]) -> None:
        self._require_count(len(confirmations), 1, MAX_BATCH)
        debtor = self.participants.require_verified(caller, CORE_ENTERPRISE)
        seen = set()
        for c in confirmations:
            require(c.id not in seen, "StateWrong", c.id, CONFIRMED, REGISTERED)
            self._require_confirmable(c, debtor, caller)
            seen.add(c.id)
        for c in confirmations:
            self.parts[c.id].state = CONFIRMED

    def confirm_by_signature(self, _caller: int, c: Confirmation, signer: int, deadline: int, signed_by: int) -> None:
        """`signed_by` is the wallet whose key made the signature."""
        require(self.gate.now <= deadline, "ConfirmationExpired", deadline)
        debtor = self.participants.require_verified(signer, CORE_ENTERPRISE)
        require(signed_by == signer, "ConfirmationInvalid", c.id, debtor)
        self._require_confirmable(c, debtor, signer)
        self.parts[c.id].state = CONFIRMED

    def reject(self, caller: int, id: int, fingerprint: int, _reason: int) -> None:
        self._require_state(id, REGISTERED)
        self._require_debtor(caller, id)
        self._discard(id, fingerprint, REJECTED)

    def cancel(self, caller: int, id: int, fingerprint: int) -> None:
        self._require_state(id, REGISTERED)
        self._require_holder(caller, id)
        self.participants.require_verified(caller, SUPPLIER)
        self._discard(id, fingerprint, CANCELLED)

    # Circulation

    def split(self, caller: int, id: int, faces: list[int]) -> int:
        whole = self._require_state(id, CONFIRMED)
        self._require_holder(caller, id)
        self._require_count(len(faces), 2, MAX_PARTS)
        paid = self.pools[whole.root].paid
        require(paid == 0, "SettlementBegun", id, paid)
        require(all(faces), "AmountZero")
        require(sum(faces) == whole.face, "PartsUnequal", sum(faces), whole.face)
        first = self.last_id + 1
        for face in faces:
            self.last_id += 1
            self.parts[self.last_id] = Part(face, 0, whole.root, CONFIRMED, whole.tier)
            self.owner[self.last_id] = caller
        whole.state = SPLIT
        del self.owner[id]
        return first

    def transfer_from(self, caller: int, source: int, target: int, id: int) -> None:
        require(target, "ERC721InvalidReceiver", 0)
        owner = self.owner.get(id)
        require(owner is not None, "ERC721NonexistentToken", id)
        require(caller == owner, "ERC721InsufficientApproval", caller, id)
        self.require_running()
        part = self._require_state(id, CONFIRMED)
        self.participants.require_verified(owner, SUPPLIER)
        taker = self.participants.require_verified(target, SUPPLIER)
        debtor = self.pools[part.root].debtor
        require(taker != debtor, "DebtorCannotHold", debtor)
        require(part.tier < MAX_TIER, "TierLimit", id, part.tier)
        require(owner == source, "ERC721IncorrectOwner", source, id, owner)
        self._credit_holder(id)
        part.tier += 1
        self.owner[id] = target

    def recover(self, _caller: int, id: int) -> None:
        owner = self._require_owned(id)
        heir = self.participants.heir_of(owner)
        require(heir != owner, "WalletNotRotated", owner)
        self.owner[id] = heir

    # Dispute

    @guarded
    def dispute(self, caller: int, id: int, _reason: int) -> None:
        part = self._require_state(id, CONFIRMED)
        self._require_debtor(caller, id)
        self._require_not_overdue(id, part)
        self._detach(id, part)
        part.state = DISPUTED

    def withdraw_dispute(self, caller: int, id: int) -> None:
        part = self._require_state(id, DISPUTED)
        self._require_debtor(caller, id)
        part.state = CONFIRMED

    def resolve_dispute(self, caller: int, id: int, credit: int, _document_hash: int) -> None:
        self.gate.restricted(caller)
        self.require_not_entered()
        part = self._require_state(id, DISPUTED)
        self._require_creditable(id, part, credit)
        part.state = CONFIRMED
        part.face -= credit

    @guarded
    def issue_credit_note(self, caller: int, id: int, amount: int, _document_hash: int) -> None:
        part = self.parts.get(id, NO_PART)
        require(part.state in (CONFIRMED, DISPUTED), "StateWrong", id, part.state, CONFIRMED)
        self._require_holder(caller, id)
        self.participants.require_verified(caller, SUPPLIER)
        require(amount, "AmountZero")
        if part.root != id:
            self._require_not_overdue(id, part)
        self._require_creditable(id, part, amount)
        self._detach(id, part)
        part.face -= amount

    # Settlement

    @guarded
    def settle(self, caller: int, id: int, amount: int) -> int:
        root = self.parts.get(id, NO_PART).root
        require(root, "ReceivableUnknown", id)
        pool, whole = self.pools[root], self.parts[root]
        require(whole.state not in (REGISTERED, REJECTED, CANCELLED), "StateWrong", id, whole.state, CONFIRMED)
        due = whole.face - pool.paid
        require(due, "NothingOwed", id)
        require(amount, "AmountZero")
        settled = self.currencies[pool.currency].move(caller, self.address, min(amount, due))
        today = self.gate.today
        if today > pool.due_day and (not pool.late_days or pool.late_days[-1][0] != today):
            pool.late_days.append((today, pool.paid))
        pool.paid += settled
        return settled

    def settle_with_permit(self, caller: int, id: int, amount: int, _permit: tuple[int, ...]) -> int:
        """The permits of the runs are all void: the allowance decides."""
        self.known(id)
        return self.settle(caller, id, amount)

    @guarded
    def release(self, _caller: int, id: int) -> int:
        part = self.parts.get(id, NO_PART)
        require(part.lienor == 0, "LienForeign", id, part.lienor)
        heir = self.participants.heir_of(self._require_owned(id))
        amount = self.claimable(part)
        require(amount, "NothingToClaim")
        self._take(part, heir, amount)
        return amount

    @guarded
    def release_credit(self, _caller: int, holder: int, currency: int) -> int:
        amount = self.credit_of[holder, currency]
        require(amount, "NothingToClaim")
        token, heir = self.currencies[currency], self.participants.heir_of(holder)
        token.require_movable(self.address, heir, amount)
        del self.credit_of[holder, currency]
        token.move(self.address, heir, amount)
        return amount

    # Lien: `pledge`, `collect` and `unpledge` as anybody but Factoring may try them

    def pledge(self, caller: int, id: int) -> None:
        self.require_pledgeable(id)
        raise Refused("NotLienor", caller)

    @guarded
    def collect(self, caller: int, _id: int, _to: int, _most: int) -> int:
        raise Refused("NotLienor", caller)

    @guarded
    def unpledge(self, caller: int, _id: int) -> None:
        raise Refused("NotLienor", caller)

    def require_pledgeable(self, id: int) -> None:
        self.require_running()
        self.require_not_entered()
        self._require_state(id, CONFIRMED)

    def pledged(self, id: int) -> None:
        self._credit_holder(id)
        part = self.parts[id]
        part.state, part.lienor = FINANCED, self.lienor

    @guarded
    def collected(self, id: int, to: int, most: int) -> int:
        part = self.parts[id]
        amount = min(self.claimable(part), most)
        require(amount, "NothingToClaim")
        return self._take(part, to, amount)

    @guarded
    def unpledged(self, id: int) -> None:
        part = self.parts[id]
        part.state, part.lienor = CONFIRMED, 0

    # Reading

    def known(self, id: int) -> Part:
        require(id in self.parts, "ReceivableUnknown", id)
        return self.parts[id]

    def state_of(self, part: Part) -> int:
        is_open = part.state in (CONFIRMED, DISPUTED)
        return SETTLED if is_open and self.pools[part.root].paid == self.parts[part.root].face else part.state

    def entitled(self, part: Part, paid: int) -> int:
        whole = self.parts[part.root].face
        return paid * part.face // whole if whole else 0

    def claimable(self, part: Part) -> int:
        return self.entitled(part, self.pools[part.root].paid) - part.claimed

    def claim_of(self, id: int) -> Claim:
        part = self.known(id)
        pool = self.pools[part.root]
        entitled = self.entitled(part, pool.paid)
        outstanding, claimable = part.face - entitled, entitled - part.claimed
        if part.state in (SPLIT, REJECTED, CANCELLED):
            outstanding = claimable = 0
        currency = self.currencies[pool.currency].address
        state, holder = self.state_of(part), self.owner.get(id, 0)
        return Claim(state, holder, pool.debtor, pool.due_day, currency, outstanding, claimable)

    def covered_days(self, id: int, from_day: int, to_day: int, most: int) -> int:
        """Day by day, where the contract goes from payment to payment."""
        part = self.parts[id]
        pool = self.pools[part.root]
        if not pool.late_days:
            return (to_day - from_day) * min(self.claimable(part), most)
        total = 0
        for day in range(from_day, to_day):
            paid = next((before for late, before in pool.late_days if late > day), pool.paid)
            total += min(max(self.entitled(part, paid) - part.claimed, 0), most)
        return total

    # Internal

    def _require_registrable(self, r: Registration, creditor: int) -> None:
        self.participants.require_verified_party(r.debtor, CORE_ENTERPRISE)
        self._require_sound(r, creditor)

    def _require_sound(self, r: Registration, creditor: int) -> None:
        require(r.face, "AmountZero")
        require(r.debtor != creditor, "DebtorIsCreditor", creditor)
        today = self.gate.today
        require(today < r.due_day <= today + MAX_TERM_DAYS, "DueDayInvalid", r.due_day, today, today + MAX_TERM_DAYS)
        require(0 < r.currency < len(self.currencies), "CurrencyUnknown", r.currency)
        require(r.fingerprint, "FingerprintEmpty")
        twin = self.id_of_invoice.get((r.debtor, r.fingerprint), 0)
        require(twin == 0, "InvoiceRegistered", twin)

    def _create(self, r: Registration, creditor: int, holder: int, state: int) -> int:
        self.last_id += 1
        id = self.last_id
        self.id_of_invoice[r.debtor, r.fingerprint] = id
        self.parts[id] = Part(r.face, 0, id, state)
        self.pools[id] = Pool(r.debtor, creditor, r.due_day, r.currency)
        self.owner[id] = holder
        return id

    def _require_confirmable(self, c: Confirmation, debtor: int, signer: int) -> None:
        part = self.parts.get(c.id, NO_PART)
        require(part.state == REGISTERED, "StateWrong", c.id, part.state, REGISTERED)
        pool = self.pools[c.id]
        require(pool.debtor == debtor, "NotDebtor", c.id, signer)
        registered = part.face, pool.due_day, pool.creditor, pool.currency
        require(registered == (c.face, c.due_day, c.creditor, c.currency), "ConfirmationMismatch", c.id)
        require(self.id_of_invoice.get((debtor, c.fingerprint)) == c.id, "FingerprintWrong", c.id)

    def _discard(self, id: int, fingerprint: int, state: int) -> None:
        key = self.pools[id].debtor, fingerprint
        require(self.id_of_invoice.get(key) == id, "FingerprintWrong", id)
        del self.id_of_invoice[key]
        self.parts[id].state = state
        del self.owner[id]

    def _detach(self, id: int, part: Part) -> None:
        if part.root == id:
            return
        pool, root = self.pools[part.root], self.parts[part.root]
        paid = self.entitled(part, pool.paid)
        self.pools[id] = Pool(pool.debtor, pool.creditor, pool.due_day, pool.currency, paid)
        part.root = id
        pool.paid -= paid
        root.face -= part.face

    def _require_creditable(self, id: int, part: Part, amount: int) -> None:
        outstanding = part.face - self.entitled(part, self.pools[part.root].paid)
        require(amount <= outstanding, "CreditTooLarge", id, amount, outstanding)

    def _credit_holder(self, id: int) -> None:
        part = self.parts[id]
        amount = self.claimable(part)
        if amount:
            part.claimed += amount
            self.credit_of[self.owner[id], self.pools[part.root].currency] += amount

    def _take(self, part: Part, to: int, amount: int) -> int:
        """Returns what arrived."""
        token = self.currencies[self.pools[part.root].currency]
        token.require_movable(self.address, to, amount)
        part.claimed += amount
        return token.move(self.address, to, amount)

    def _require_state(self, id: int, needed: int) -> Part:
        part = self.known(id)
        state = self.state_of(part) if part.state == CONFIRMED else part.state
        require(state == needed, "StateWrong", id, state, needed)
        return part

    def _require_holder(self, caller: int, id: int) -> None:
        require(self.owner.get(id) == caller, "NotHolder", id, caller)

    def _require_owned(self, id: int) -> int:
        require(id in self.owner, "ERC721NonexistentToken", id)
        return self.owner[id]

    def _require_debtor(self, caller: int, id: int) -> None:
        debtor = self.pools[self.parts[id].root].debtor
        require(self.participants.party_of.get(caller, 0) == debtor, "NotDebtor", id, caller)

    def _require_not_overdue(self, id: int, part: Part) -> None:
        due_day = self.pools[part.root].due_day
        require(self.gate.today <= due_day, "DueDayPassed", id, due_day)

    @staticmethod
    def _require_count(count: int, least: int, most: int) -> None:
        require(least <= count <= most, "CountOutOfBounds", count, least, most)
