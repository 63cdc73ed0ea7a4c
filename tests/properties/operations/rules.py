"""Steps about the rules and facts of lending: terms, scores, parties and stops."""

from tests.properties.draw import MOST, Draw
from tests.properties.model import Report, Terms
from tests.properties.model import receivables as claims
from tests.properties.model.factoring import PRODUCT as RECEIVABLES
from tests.properties.model.factoring import Facility
from tests.properties.model.line import PRODUCT as LINE
from tests.properties.model.oracle import HELD, SCORING, TRAINING
from tests.properties.model.participants import CORE_ENTERPRISE, LENDER, MERCHANT, OBLIGOR, SUPPLIER
from tests.properties.operations.registry import officer, weight
from tests.properties.people import DAY_S, FACILITY, STRANGER, SUPPLIERS
from tests.properties.world import OFFICER, Step

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


def _product(d: Draw) -> int:
    return LINE if d.chance(40) else RECEIVABLES


@weight(1.6)
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
    return officer(d, "RiskPolicy", "setTerms", _product(d), 5 if d.chance(2) else d.below(5), terms)


@weight(0.5)
def tighten_terms(d: Draw) -> Step:
    product, grade = _product(d), d.below(5)
    terms = d.model.policy.terms_of(product, grade)
    change = d.one(({"advance_bps": terms.advance_bps * 9 // 10}, {"fee_bps": 0}, {"limit_cap": terms.limit_cap // 2}))
    return officer(d, "RiskPolicy", "tightenTerms", product, grade, terms._replace(**change))


# Scores


@weight(7)
def submit_scores(d: Draw) -> Step:
    oracle, now = d.model.oracle, d.model.gate.now
    old_ones = [party for party, score in oracle.scores.items() if score.valid_until < now or score.value < 500]
    party = d.one(old_ones) if old_ones and d.chance(70) else d.party_with(OBLIGOR)
    old = oracle.score_of(party)
    jump = d.chance(10)
    value = d.one((299, 300, 480, 499, 500, 700, 850, 851)) if jump else (old.value or 650) + d.below(81) - 30
    models = [number for number, known in oracle.models.items() if known.approved and not known.retired]
    report = Report(
        round=oracle.round + (0 if d.chance(3) else 1),
        deadline=now + (-1 if d.chance(2) else 60),
        model=d.one((d.below(9), *oracle.models)) if d.chance(2) or not models else d.one(models),
        issued_at=now - d.one((0, 0, 0, 3_600, 6 * 3_600)) + d.chance(2),
        valid_until=now + d.one((30, 30, 30, 39, 1, 0, 41)) * DAY_S if d.chance(40) else now + 30 * DAY_S,
        party=party,
        value=min(max(value, 299), 851),
        sequence=old.sequence + d.one((1, 1, 1, 1, 1, 1, 0, 65_537)),
        epoch=old.epoch + (1 if d.chance(3) else 0),
        flags=d.one((0, 0, 0, 2, 4, 1)) if d.chance(20) else 0,
        limit_code=next_limit_code(d, old.limit_code),
        keys=(0, 1) if not d.chance(8) else d.one(((0, 2), (1, 2), (0,), (1, 0), (0, 0), (0, 3), (0, 1, 2))),
    )
    return Step("CreditOracle", "submitScores", STRANGER, (report,))


def next_limit_code(d: Draw, old: int) -> int:
    """A limit like the last, any other up to 10 million yuan, none, or one that no bank lends."""
    dice = d.rng.random()
    if dice < 0.5 and old >> 8:
        return min(max((old >> 8) * d.one((90, 100, 110, 150, 200)) // 100, 1), 2**16 - 1) << 8 | min(old & 0xFF, 5)
    if dice < 0.93:
        return d.below(100) + 1 << 8 | d.below(6)
    return d.one((0, 0, 5, 1 << 8 | 13, 2**24 - 1, (2**16 - 1) << 8 | 12, 1 << 8 | 12))


def _purpose(d: Draw) -> int:
    return TRAINING if d.chance(20) else SCORING


@weight(1)
def grant_consent(d: Draw) -> Step:
    silent = [party for party, score in d.model.oracle.scores.items() if not score.consented]
    party = d.one(silent) if silent and d.chance(90) else d.party_with(OBLIGOR)
    return Step("CreditOracle", "grantConsent", d.wallet_of(party), (_purpose(d), 0 if d.chance(3) else 1))


@weight(0.2)
def revoke_consent(d: Draw) -> Step:
    return Step("CreditOracle", "revokeConsent", d.wallet_with(OBLIGOR), (_purpose(d),))


@weight(0.2)
def hold(d: Draw) -> Step:
    caller = d.one((OFFICER, d.world.signers[0].address, STRANGER))
    return Step("CreditOracle", "hold", caller, (d.party_with(OBLIGOR),))


@weight(2)
def end_hold(d: Draw) -> Step:
    held = [party for party, score in d.model.oracle.scores.items() if score.flags & HELD]
    party = d.one(held) if held else d.party_with(OBLIGOR)
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


@weight(0.5)
def approve_model(d: Draw) -> Step:
    known = d.model.oracle.models
    waiting = [number for number, model in known.items() if not model.approved]
    number = d.one(waiting) if waiting and not d.chance(20) else d.one((99, *known))
    model_hash = known[number].hash if number in known and not d.chance(10) else 2
    return officer(d, "CreditOracle", "approveModel", number, model_hash)


@weight(0.05)
def retire_model(d: Draw) -> Step:
    return officer(d, "CreditOracle", "retireModel", d.one((99, *d.model.oracle.models)))


# Parties


@weight(0.3)
def admit(d: Draw) -> Step:
    wallet = d.one((0, d.one(SUPPLIERS), *(0xF000 + d.below(4_096) for _ in range(6))))
    roles = d.one((0, 128, MERCHANT, SUPPLIER, SUPPLIER, LENDER, SUPPLIER | CORE_ENTERPRISE))
    return officer(d, "Participants", "admit", wallet, roles, d.model.gate.now + _validity(d), 1)


def _validity(d: Draw) -> int:
    return d.one((0, 1, 3 * 365 * DAY_S + 1)) if d.chance(5) else d.below(3 * 365) * DAY_S + 1


@weight(1)
def renew(d: Draw) -> Step:
    """Mostly those whose check is over, with the roles they had."""
    parties, now = d.model.participants.parties, d.model.gate.now
    over = [number for number, party in parties.items() if party.valid_until <= now]
    number = d.one(over) if over else d.below(len(parties) + 2)
    roles = parties[number].roles if number in parties and not d.chance(3) else d.below(129)
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
    return officer(d, d.one(("Treasury", "Receivables", "Factoring", "CreditLine")), "pause")


@weight(2)
def unpause(d: Draw) -> Step:
    names = ("Treasury", "Receivables", "Factoring", "CreditLine")
    paused = [name for name in names if d.model.contracts[name].paused]
    return officer(d, d.one(paused or names), "unpause")
