"""The steps of a run: for each function of the suite, who calls it and with what, and how often."""

from collections.abc import Callable
from typing import Any

from tests.model import midnight
from tests.properties.draw import MOST, Draw
from tests.properties.model import Confirmation, Refused, Registration, Report, Terms
from tests.properties.model import factoring as financings
from tests.properties.model import receivables as claims
from tests.properties.model.factoring import Facility
from tests.properties.model.oracle import HELD
from tests.properties.model.participants import CORE_ENTERPRISE, COVER_PROVIDER, LENDER, SUPPLIER
from tests.properties.model.treasury import VIRTUAL_SHARES
from tests.properties.people import COVER, DAY_S, FACILITY, PAYER, STRANGER, SUPPLIERS
from tests.properties.world import OFFICER, Step

Operation = Callable[[Draw], Step]
OPERATIONS: dict[Operation, float] = {}
VOID_PERMIT = (1, 0, 27, 1, 1)
HOSTILE: dict[str, list[tuple[Operation, float]]] = {}


def weight(often: float) -> Callable[[Operation], Operation]:
    def enter(operation: Operation) -> Operation:
        OPERATIONS[operation] = often
        return operation

    return enter


def only_with(token: str, often: float) -> Callable[[Operation], Operation]:
    """An operation that only a hostile token has."""

    def enter(operation: Operation) -> Operation:
        HOSTILE.setdefault(token, []).append((operation, often))
        return operation

    return enter


def officer(d: Draw, contract: str, function: str, *arguments: Any) -> Step:
    return Step(contract, function, d.usually(OFFICER), arguments)


# Time


@weight(11)
def pass_time(d: Draw) -> Step:
    """Seconds, hours, the edges of midnight, days, the edges of what falls due, seldom months."""
    dice = d.rng.random()
    if dice < 0.30:
        seconds = d.below(3_600)
    elif dice < 0.60:
        seconds = d.below(DAY_S)
    elif dice < 0.85:
        seconds = midnight(d.model.gate.today + 1) - d.model.gate.now + d.one((-1, 0, 1))
    elif dice < 0.95:
        seconds = d.below(4) * DAY_S
    elif dice < 0.998:
        seconds = _until_due(d)
    else:
        seconds = d.below(60) * DAY_S
    return Step("Clock", "passTime", 0, (max(seconds, 0),))


def _until_due(d: Draw) -> int:
    """To the next day, or about it, on which a financing falls due, leaves its grace or its time for cure."""
    running = (f for f in d.model.factoring.financings.values() if f.status in (financings.ACTIVE, financings.OVERDUE))
    days = [day for f in running for day in (f.due_day, f.due_day + f.grace_days, f.notice_day + f.cure_days)]
    day = min((day for day in days if day >= d.model.gate.today), default=d.model.gate.today)
    return midnight(day + d.one((0, 1, 1, 2))) - d.model.gate.now - d.below(2)


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
    replaced = d.model.participants.successor
    id = d.receivable(lambda id, _: d.model.receivables.owner.get(id) in replaced)
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


def _payer(d: Draw, debtor: int) -> int:
    return d.one((debtor, debtor, PAYER, PAYER, STRANGER))


@weight(7)
def settle(d: Draw) -> Step:
    id, due = _settleable(d)
    return Step("Receivables", "settle", _payer(d, _debtor_of(d, id)), (id, d.amount(due)))


@weight(0.6)
def settle_with_permit(d: Draw) -> Step:
    id, due = _settleable(d)
    return Step("Receivables", "settleWithPermit", _payer(d, _debtor_of(d, id)), (id, d.amount(due), VOID_PERMIT))


@weight(5)
def release(d: Draw) -> Step:
    r = d.model.receivables
    id = d.receivable(lambda id, part: id in r.owner and part.lienor == 0 and r.claimable(part) > 0)
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


# Financing


def _net(d: Draw, id: int) -> int:
    """What would be paid out, 0 where nothing is."""
    try:
        return d.model.factoring.offer(id).figures.net
    except Refused:
        return 0


@weight(17)
def finance(d: Draw) -> Step:
    r, today = d.model.receivables, d.model.gate.today
    if d.chance(85):
        id = d.receivable(lambda id, part: part.state == claims.CONFIRMED and _net(d, id) > 0)
    else:
        id = d.receivable(lambda _, part: r.state_of(part) == claims.CONFIRMED and r.pools[part.root].due_day > today)
    holder, net = r.owner.get(id, STRANGER), _net(d, id)
    signed = net + 1 if d.chance(3) else d.one((0, net))
    deadline = d.model.gate.now + (-1 if d.chance(2) else d.one((0, 60)))
    return Step("Factoring", "finance", d.usually(holder), (id, signed, deadline))


@weight(5)
def collect(d: Draw) -> Step:
    r = d.model.receivables
    id = d.receivable(lambda _, part: part.lienor != 0 and r.claimable(part) > 0)
    return Step("Factoring", "collect", STRANGER, (id,))


def _repayable(d: Draw) -> tuple[int, int, int]:
    """A receivable, who may repay for it, and how much."""
    id = d.financing(*financings.OPEN)
    principal, late, _ = d.model.factoring.owed_of(id)
    owed = d.one((principal, principal + late, late, principal - 1)) if principal else late
    return id, _payer(d, d.model.receivables.owner.get(id, STRANGER)), d.amount(owed)


@weight(6)
def repay(d: Draw) -> Step:
    id, payer, amount = _repayable(d)
    return Step("Factoring", "repay", payer, (id, amount))


@weight(0.6)
def repay_with_permit(d: Draw) -> Step:
    id, payer, amount = _repayable(d)
    return Step("Factoring", "repayWithPermit", payer, (id, amount, VOID_PERMIT))


@weight(2)
def mark_overdue(d: Draw) -> Step:
    return Step("Factoring", "markOverdue", STRANGER, (d.financing(financings.ACTIVE),))


@weight(2)
def give_notice(d: Draw) -> Step:
    return officer(d, "Factoring", "giveNotice", d.financing(financings.OVERDUE), 1)


@weight(2)
def declare_default(d: Draw) -> Step:
    return officer(d, "Factoring", "declareDefault", d.financing(financings.OVERDUE))


@weight(1)
def write_off(d: Draw) -> Step:
    return officer(d, "Factoring", "writeOff", d.financing(financings.DEFAULTED))


# Treasury


@weight(3)
def deposit(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    amount = d.one((d.amount(1_000), d.amount(10**6), d.amount(10**9), d.amount(d.model.treasury.gross())))
    if d.chance(1):
        amount = 2**96
    return Step("Treasury", "deposit", lender, (amount, d.usually(lender)))


@weight(1)
def mint_shares(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    shares = 2**200 if d.chance(3) else d.amount(d.one((1, VIRTUAL_SHARES, d.model.treasury.supply // 2 + 1)))
    return Step("Treasury", "mint", lender, (shares, d.usually(lender)))


@weight(2)
def withdraw(d: Draw) -> Step:
    t, lender = d.model.treasury, d.wallet_with(LENDER)
    worth = t.shares[lender] * (t.net() + 1) // (t.supply + VIRTUAL_SHARES)
    amount = d.amount(d.one((worth, t.cash, min(worth, t.cash), min(worth, t.cash) // 2)))
    return Step("Treasury", "withdraw", d.usually(lender), (amount, lender, lender))


@weight(1.5)
def redeem(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    shares = d.model.treasury.shares[lender]
    return Step("Treasury", "redeem", d.usually(lender), (d.amount(d.one((shares, shares // 3))), lender, lender))


@weight(0.7)
def transfer_shares(d: Draw) -> Step:
    lender = d.wallet_with(LENDER)
    target = d.usually(d.wallet_with(LENDER))
    return Step("Treasury", "transfer", lender, (target, d.amount(d.model.treasury.shares[lender])))


@weight(1.5)
def deposit_cover(d: Draw) -> Step:
    provider = d.wallet_with(COVER_PROVIDER)
    return Step("Treasury", "depositCover", d.usually(provider), (d.amount(d.one((1, 10**4, 10**7))) % MOST,))


@weight(0.8)
def withdraw_cover(d: Draw) -> Step:
    return officer(d, "Treasury", "withdrawCover", COVER, d.amount(d.model.treasury.cover))


@weight(1.5)
def set_limit(d: Draw) -> Step:
    party = d.party_with(CORE_ENTERPRISE)
    owed = d.model.treasury.account(party).outstanding
    return officer(d, "Treasury", "setLimit", party, d.one((d.amount(owed), 10**8, 10**10, 10**10, MOST)))


@weight(0.6)
def cut_limit(d: Draw) -> Step:
    party = d.party_with(CORE_ENTERPRISE)
    return officer(d, "Treasury", "cutLimit", party, d.amount(d.model.treasury.account(party).limit))


@weight(0.2)
def touch_the_book(d: Draw) -> Step:
    return Step("Treasury", "bookArrears", d.one((STRANGER, OFFICER)), (d.party_with(CORE_ENTERPRISE),))


# Terms and facilities


@weight(1.5)
def set_facility(d: Draw) -> Step:
    facility = Facility(
        open=not d.chance(4),
        recourse=d.below(2),
        registration_required=d.chance(10),
        max_term_days=d.one((1, 30, 180, 180, 365, 365, 365)),
        basis=d.one((360, 365)),
        grace_days=d.one((0, 1, 3, 255)) if d.chance(30) else 3,
        cure_days=d.one((0, 1, 10, 255)) if d.chance(30) else 10,
        late_rate_bps=d.one((0, 1, 1_800, 2_400)),
        late_cap_bps=d.one((0, 10, 1_000, 10_000)),
        overdue_impairment_bps=d.one((0, 1, 2_500, 10_000)),
    )
    if d.chance(8):
        facility = FACILITY._replace(
            **d.one(({"max_term_days": 366}, {"basis": 364}, {"late_rate_bps": 2_401}, {"late_cap_bps": 10_001}))
        )
    return officer(d, "Factoring", "setFacility", d.party_with(CORE_ENTERPRISE), facility)


@weight(0.1)
def close_facility(d: Draw) -> Step:
    return officer(d, "Factoring", "closeFacility", d.party_with(CORE_ENTERPRISE))


@weight(2)
def record_registration(d: Draw) -> Step:
    return officer(d, "Factoring", "recordRegistration", d.in_state(claims.CONFIRMED), d.one((0, 1, 1, 1, 1)))


@weight(1.2)
def set_terms(d: Draw) -> Step:
    terms = Terms(
        open=not d.chance(8),
        advance_bps=d.one((9_000, 8_000, 10_000, 10_000, d.below(10_001))),
        annual_rate_bps=d.one((435, 850, 2_400, d.below(2_401))),
        fee_bps=d.one((0, 20, 300, d.below(301))),
        limit_cap=d.one((10**8, 5 * 10**9, MOST, MOST)),
        max_age=d.one((7, 30, 30, 40)) * DAY_S,
        blocking_flags=d.one((2, 2, 0, 6)),
    )
    if d.chance(5):
        terms = terms._replace(advance_bps=10_001)
    return officer(d, "RiskPolicy", "setTerms", 0, 5 if d.chance(2) else d.below(5), terms)


@weight(0.5)
def tighten_terms(d: Draw) -> Step:
    grade = d.below(5)
    terms = d.model.policy.terms_of(0, grade)
    change = d.one(({"advance_bps": terms.advance_bps * 9 // 10}, {"fee_bps": 0}, {"limit_cap": terms.limit_cap // 2}))
    return officer(d, "RiskPolicy", "tightenTerms", 0, grade, terms._replace(**change))


# Scores


@weight(5)
def submit_scores(d: Draw) -> Step:
    oracle, now = d.model.oracle, d.model.gate.now
    old_ones = [party for party, score in oracle.scores.items() if score.valid_until < now or score.value < 500]
    party = d.one(old_ones) if old_ones and d.chance(70) else d.party_with(CORE_ENTERPRISE)
    old = oracle.score_of(party)
    jump = d.chance(10)
    value = d.one((299, 300, 480, 499, 500, 700, 850, 851)) if jump else (old.value or 650) + d.below(81) - 30
    models = [number for number, retired in oracle.models.items() if not retired]
    report = Report(
        round=oracle.round + (0 if d.chance(3) else 1),
        deadline=now + (-1 if d.chance(2) else 60),
        model=d.below(9) if d.chance(2) or not models else d.one(models),
        issued_at=now - d.one((0, 0, 0, 3_600, 6 * 3_600)) + d.chance(2),
        valid_until=now + d.one((30, 30, 30, 39, 1, 0, 41)) * DAY_S if d.chance(40) else now + 30 * DAY_S,
        party=party,
        value=min(max(value, 299), 851),
        sequence=old.sequence + d.one((1, 1, 1, 1, 1, 1, 0, 65_537)),
        epoch=old.epoch + (1 if d.chance(3) else 0),
        flags=d.one((0, 0, 0, 2, 4, 1)) if d.chance(20) else 0,
        keys=(0, 1) if not d.chance(8) else d.one(((0, 2), (1, 2), (0,), (1, 0), (0, 0), (0, 3), (0, 1, 2))),
    )
    return Step("CreditOracle", "submitScores", STRANGER, (report,))


@weight(1)
def grant_consent(d: Draw) -> Step:
    silent = [party for party, score in d.model.oracle.scores.items() if not score.consented]
    party = d.one(silent) if silent and d.chance(90) else d.party_with(CORE_ENTERPRISE)
    return Step("CreditOracle", "grantConsent", d.wallet_of(party), (1,))


@weight(0.2)
def revoke_consent(d: Draw) -> Step:
    return Step("CreditOracle", "revokeConsent", d.wallet_with(CORE_ENTERPRISE), ())


@weight(0.2)
def hold(d: Draw) -> Step:
    caller = d.one((OFFICER, d.world.signers[0].address, STRANGER))
    return Step("CreditOracle", "hold", caller, (d.party_with(CORE_ENTERPRISE),))


@weight(2)
def end_hold(d: Draw) -> Step:
    held = [party for party, score in d.model.oracle.scores.items() if score.flags & HELD]
    party = d.one(held) if held else d.party_with(CORE_ENTERPRISE)
    waiting = d.model.oracle.held.get(party)
    sequence = waiting.sequence if waiting and d.chance(70) else 7 if d.chance(5) else 0
    return officer(d, "CreditOracle", "release", party, sequence)


@weight(0.1)
def pause_reports(d: Draw) -> Step:
    return Step("CreditOracle", "pauseReports", d.one((OFFICER, d.world.signers[1].address, STRANGER)), ())


@weight(0.5)
def resume_reports(d: Draw) -> Step:
    return officer(d, "CreditOracle", "resumeReports")


@weight(0.3)
def register_model(d: Draw) -> Step:
    known = d.model.oracle.models
    return officer(d, "CreditOracle", "registerModel", d.one((1, len(known) + 10)), 0 if d.chance(5) else 1)


@weight(0.05)
def retire_model(d: Draw) -> Step:
    return officer(d, "CreditOracle", "retireModel", d.one((99, *d.model.oracle.models)))


# Parties


@weight(0.3)
def admit(d: Draw) -> Step:
    wallet = d.one((0, d.one(SUPPLIERS), *(0xF000 + d.below(4_096) for _ in range(6))))
    roles = d.one((0, 16, SUPPLIER, SUPPLIER, LENDER, SUPPLIER | CORE_ENTERPRISE))
    return officer(d, "Participants", "admit", wallet, roles, d.model.gate.now + _validity(d), 1)


def _validity(d: Draw) -> int:
    return d.one((0, 1, 3 * 365 * DAY_S + 1)) if d.chance(5) else d.below(3 * 365) * DAY_S + 1


@weight(1)
def renew(d: Draw) -> Step:
    """Mostly those whose check is over, with the roles they had."""
    parties, now = d.model.participants.parties, d.model.gate.now
    over = [number for number, party in parties.items() if party.valid_until <= now]
    number = d.one(over) if over else d.below(len(parties) + 2)
    roles = parties[number].roles if number in parties and not d.chance(3) else d.below(17)
    return officer(d, "Participants", "renew", number, roles, now + _validity(d), 1)


@weight(0.2)
def freeze(d: Draw) -> Step:
    return officer(d, "Participants", "freeze", d.below(len(d.model.participants.parties) + 2), 1)


@weight(1)
def unfreeze(d: Draw) -> Step:
    parties = d.model.participants.parties
    frozen = [number for number, party in parties.items() if party.frozen]
    return officer(d, "Participants", "unfreeze", d.one(frozen) if frozen else d.below(len(parties) + 2))


@weight(0.15)
def add_wallet(d: Draw) -> Step:
    parties = d.model.participants.parties
    wallet = d.one((0xF000 + d.below(4_096), 0xF000 + d.below(4_096), SUPPLIERS[0], 0))
    return officer(d, "Participants", "addWallet", d.below(len(parties) + 2), wallet)


@weight(0.3)
def rotate_wallet(d: Draw) -> Step:
    """Suppliers and lenders only: the debtors' keys sign."""
    old = d.wallet_with(SUPPLIER if d.chance(80) else LENDER)
    new = d.one((0xF000 + d.below(4_096), 0xF000 + d.below(4_096), *d.model.participants.successor, SUPPLIERS[1]))
    return officer(d, "Participants", "rotateWallet", old if old not in d.world.debtor_keys else STRANGER, new)


# Stopping


@weight(0.3)
def pause(d: Draw) -> Step:
    return officer(d, d.one(("Treasury", "Receivables", "Factoring")), "pause")


@weight(2)
def unpause(d: Draw) -> Step:
    names = ("Treasury", "Receivables", "Factoring")
    paused = [name for name in names if d.model.contracts[name].paused]
    return officer(d, d.one(paused or names), "unpause")


# Hostile tokens


@only_with("MockFeeCash", 1)
def set_fee(d: Draw) -> Step:
    return Step("Cash", "setFee", STRANGER, (d.one((0, 0, 1, 100, 5_000, 10_000)),))


@only_with("MockReentrantCash", 20)
def call_back(d: Draw) -> Step:
    """Any step at all, in the token's name, in the middle of the next transfer."""
    operation = d.one([operation for operation in OPERATIONS if operation not in (pass_time, submit_scores)])
    step = operation(d)
    token, arguments = d.world.addresses["Cash"], step.arguments
    if step.function in ("deposit", "mint"):
        arguments = (arguments[0], token)
    if step.function in ("withdraw", "redeem"):
        shares = d.model.treasury.shares[token]
        worth = shares * (d.model.treasury.net() + 1) // (d.model.treasury.supply + VIRTUAL_SHARES)
        arguments = (d.amount(worth if step.function == "withdraw" else shares), token, token)
    return Step("Cash", "callBack", STRANGER, (step._replace(caller=token, arguments=arguments),))


@only_with("MockBlockingCash", 1)
def set_stopped(d: Draw) -> Step:
    return Step("Cash", "setStopped", STRANGER, (d.chance(20),))


@only_with("MockBlockingCash", 2)
def set_blocked(d: Draw) -> Step:
    account = d.one((*d.model.participants.party_of, PAYER, d.world.addresses["Treasury"]))
    return Step("Cash", "setBlocked", STRANGER, (account, d.chance(40)))
