"""Steps about claims: origination, circulation, dispute and settlement."""

from tests.properties.draw import MOST, Draw
from tests.properties.model import Confirmation, Refused, Registration
from tests.properties.model import receivables as claims
from tests.properties.model.participants import CORE_ENTERPRISE, SUPPLIER
from tests.properties.operations.registry import VOID_PERMIT, officer, payer, weight
from tests.properties.people import STRANGER
from tests.properties.world import OFFICER, Step

# Origination


def _registration(d: Draw, debtor: int) -> Registration:
    days = d.one((1, 2, 180, 181, 365)) if d.chance(15) else d.below(d.one((10, 30, 90))) + 1
    days = d.one((0, 366)) if d.chance(2) else days
    face = d.one((1, 2, d.below(100) + 1)) if d.chance(12) else d.below(10 ** d.one((4, 6, 8, 9))) + 1
    if d.chance(2):
        face = d.one((0, MOST, MOST))
    fingerprint, currency = d.word(), 2 if d.chance(8) else 1
    if d.chance(4):
        known = list(d.model.receivables.id_of_invoice)[-40:]
        debtor, fingerprint = d.one(known) if known else (debtor, 0)
    if d.chance(2):
        currency, fingerprint = d.one(((0, fingerprint), (3, fingerprint), (currency, 0)))
    return Registration(debtor, d.model.gate.today + days, face, currency, fingerprint, 1)


@weight(8)
def register(d: Draw) -> Step:
    supplier = d.wallet_with(SUPPLIER)
    debtor = d.party_with(CORE_ENTERPRISE)
    if d.chance(1):
        debtor = d.model.participants.party_of.get(supplier, 0)
    return Step("Receivables", "register", d.usually(supplier), (_registration(d, debtor),))


@weight(1)
def register_batch(d: Draw) -> Step:
    batch = [_registration(d, d.party_with(CORE_ENTERPRISE)) for _ in range(d.one((0, 1, 2, 3, 3)))]
    if batch and d.chance(10):
        batch.append(batch[0])
    return Step("Receivables", "registerBatch", d.usually(d.wallet_with(SUPPLIER)), (batch,))


@weight(5)
def issue(d: Draw) -> Step:
    debtor = d.party_with(CORE_ENTERPRISE)
    caller = d.usually(d.wallet_of(debtor))
    return Step("Receivables", "issue", caller, (_registration(d, debtor), d.wallet_with(SUPPLIER)))


def _fingerprint(d: Draw, id: int) -> int:
    """That of a registered receivable, which the holder and the debtor know."""
    if d.chance(4):
        return d.word()
    invoices = d.model.receivables.id_of_invoice
    return next((key[1] for key in reversed(invoices) if invoices[key] == id), 1)


def _confirmation(d: Draw, id: int) -> Confirmation:
    part, pool = d.model.receivables.parts.get(id), d.model.receivables.pools.get(id)
    if part is None or pool is None:
        return Confirmation(id, 1, 1, 1, 1, 1)
    face = 1 if d.chance(4) else part.face
    return Confirmation(id, pool.creditor, face, pool.due_day, pool.currency, _fingerprint(d, id))


def _debtor_of(d: Draw, id: int) -> int:
    part = d.model.receivables.parts.get(id)
    if part is None or d.chance(2):
        return d.one((STRANGER, *d.world.debtor_keys))
    return d.wallet_of(d.model.receivables.pools[part.root].debtor)


@weight(10)
def confirm(d: Draw) -> Step:
    id = d.in_state(claims.REGISTERED)
    return Step("Receivables", "confirm", d.usually(_debtor_of(d, id)), (_confirmation(d, id),))


@weight(1)
def confirm_batch(d: Draw) -> Step:
    ids = [d.in_state(claims.REGISTERED) for _ in range(d.one((0, 1, 1, 2)))]
    caller = _debtor_of(d, ids[0]) if ids else STRANGER
    return Step("Receivables", "confirmBatch", caller, ([_confirmation(d, id) for id in ids],))


@weight(2)
def confirm_by_signature(d: Draw) -> Step:
    id = d.in_state(claims.REGISTERED)
    signer = _debtor_of(d, id)
    known = d.world.debtor_keys
    signed_by = signer if signer in known and not d.chance(8) else d.one(list(known))
    deadline = d.model.gate.now + d.one((0, 1, 3_600, 3_600, -1))
    return Step("Receivables", "confirmBySignature", STRANGER, (_confirmation(d, id), signer, deadline, signed_by))


@weight(0.7)
def reject(d: Draw) -> Step:
    id = d.in_state(claims.REGISTERED)
    return Step("Receivables", "reject", d.usually(_debtor_of(d, id)), (id, _fingerprint(d, id), 1))


@weight(0.7)
def cancel(d: Draw) -> Step:
    id = d.in_state(claims.REGISTERED)
    return Step("Receivables", "cancel", d.holder(id), (id, _fingerprint(d, id)))


# Circulation


@weight(5)
def split(d: Draw) -> Step:
    id = d.in_state(claims.CONFIRMED)
    part = d.model.receivables.parts.get(id)
    face = max(part.face, 1) if part else 1
    count = d.one((2, 2, 2, 3, 4, 7, 50, 51, 1)) if d.chance(30) else 2
    cuts = sorted(d.one((1, d.below(face) + 1, d.below(face) + 1, max(face - 1, 1))) for _ in range(count - 1))
    faces = [after - before for before, after in zip([0, *cuts], [*cuts, face], strict=True)]
    if d.chance(3):
        faces[0] += d.one((1, -1)) if faces[0] else 1
    return Step("Receivables", "split", d.holder(id), (id, faces))


@weight(6)
def transfer(d: Draw) -> Step:
    id = d.in_state(claims.CONFIRMED)
    owner = d.model.receivables.owner.get(id, STRANGER)
    target = d.wallet_with(SUPPLIER) if d.chance(96) else d.one((0, STRANGER, _debtor_of(d, id)))
    source = owner if d.chance(98) else STRANGER
    return Step("Receivables", "transferFrom", d.usually(owner), (source, target, id))


@weight(1)
def pass_on_again_and_again(d: Draw) -> Step:
    """The oldest hands of a claim, towards the limit of tiers."""
    confirmed = [(part.tier, id) for id, part in d.model.receivables.parts.items() if part.state == claims.CONFIRMED]
    id = max(confirmed)[1] if confirmed else 0
    owner = d.model.receivables.owner.get(id, STRANGER)
    return Step("Receivables", "transferFrom", owner, (owner, d.wallet_with(SUPPLIER), id))


@weight(0.6)
def recover(d: Draw) -> Step:
    replaced, owner = d.model.participants.successor, d.model.receivables.owner
    was_replaced = not d.chance(10)
    id = d.receivable(lambda id, _: id in owner and (owner[id] in replaced) == was_replaced)
    return Step("Receivables", "recover", STRANGER, (id,))


# Dispute


@weight(2.5)
def dispute(d: Draw) -> Step:
    id = d.in_state(claims.CONFIRMED)
    return Step("Receivables", "dispute", d.usually(_debtor_of(d, id)), (id, 1))


@weight(1)
def withdraw_dispute(d: Draw) -> Step:
    id = d.in_state(claims.DISPUTED)
    return Step("Receivables", "withdrawDispute", d.usually(_debtor_of(d, id)), (id,))


def _outstanding(d: Draw, id: int) -> int:
    try:
        return d.model.receivables.claim_of(id).outstanding
    except Refused:
        return 1


@weight(2)
def resolve_dispute(d: Draw) -> Step:
    id = d.in_state(claims.DISPUTED)
    return officer(d, "Receivables", "resolveDispute", id, d.amount(_outstanding(d, id)), 1)


@weight(2)
def issue_credit_note(d: Draw) -> Step:
    id = d.in_state(claims.CONFIRMED if d.chance(80) else claims.DISPUTED)
    return Step("Receivables", "issueCreditNote", d.holder(id), (id, d.amount(_outstanding(d, id)), 1))


# Settlement


def _settleable(d: Draw) -> tuple[int, int]:
    """A receivable and what is due on its pool."""
    r = d.model.receivables
    id = d.receivable(lambda _, part: r.parts[part.root].face > r.pools[part.root].paid)
    part = r.parts.get(id)
    return id, r.parts[part.root].face - r.pools[part.root].paid if part else 1


@weight(7)
def settle(d: Draw) -> Step:
    id, due = _settleable(d)
    return Step("Receivables", "settle", payer(d, _debtor_of(d, id)), (id, d.amount(due)))


@weight(0.6)
def settle_with_permit(d: Draw) -> Step:
    id, due = _settleable(d)
    return Step("Receivables", "settleWithPermit", payer(d, _debtor_of(d, id)), (id, d.amount(due), VOID_PERMIT))


@weight(5)
def release(d: Draw) -> Step:
    r = d.model.receivables
    pledged = d.chance(5)
    id = d.receivable(lambda id, part: id in r.owner and bool(part.lienor) == pledged and r.claimable(part) > 0)
    return Step("Receivables", "release", d.one((STRANGER, d.holder(id))), (id,))


@weight(3)
def release_credit(d: Draw) -> Step:
    waiting = list(d.model.receivables.credit_of)
    holder, currency = d.one(waiting) if waiting and not d.chance(5) else (STRANGER, d.below(3))
    return Step("Receivables", "releaseCredit", STRANGER, (holder, currency))


@weight(0.3)
def touch_a_lien(d: Draw) -> Step:
    id = d.receivable(lambda *_: True)
    return d.one(
        (
            Step("Receivables", "pledge", STRANGER, (id,)),
            Step("Receivables", "collect", STRANGER, (id, STRANGER, 1)),
            Step("Receivables", "unpledge", OFFICER, (id,)),
        )
    )
