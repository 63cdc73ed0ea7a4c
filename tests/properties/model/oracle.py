"""Mirror of the contract CreditOracle, as far as a quorum's signatures and one-record reports reach."""

from dataclasses import dataclass, field, replace

from tests.properties.model.gate import Gate
from tests.properties.model.participants import Participants
from tests.properties.model.refused import require

DAY_S = 86_400
MIN_VALUE, MAX_VALUE = 300, 850
MAX_DELAY = 6 * 3600
MAX_VALIDITY = 40 * DAY_S
MAX_RISE = 60
MAX_SEQUENCE_STEP = 1 << 16
HELD = 1
SCORING, TRAINING = 0, 1


@dataclass(slots=True)
class Consent:
    epoch: int = 0
    given: bool = False


@dataclass(slots=True)
class ScoringModel:
    hash: int
    approved: bool = False
    retired: bool = False


@dataclass(slots=True)
class Score:
    value: int = 0
    issued_at: int = 0
    valid_until: int = 0
    sequence: int = 0
    model: int = 0
    epoch: int = 0
    flags: int = 0
    consented: bool = False
    limit_code: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A report of one record, with the number of each key that signs it, in the order of the signatures."""

    round: int
    deadline: int
    model: int
    issued_at: int
    valid_until: int
    party: int
    value: int
    sequence: int
    epoch: int
    flags: int
    limit_code: int
    keys: tuple[int, ...]


@dataclass(slots=True)
class Oracle:
    """Keys 0, 1 … belong to the signers in rising order of address; a key beyond them is unknown to the contract."""

    gate: Gate
    participants: Participants
    signers: tuple[int, ...]
    threshold: int
    stranger: int
    round: int = 0
    paused: bool = False
    scores: dict[int, Score] = field(default_factory=dict)
    held: dict[int, Score] = field(default_factory=dict)
    models: dict[int, ScoringModel] = field(default_factory=dict)
    training: dict[int, Consent] = field(default_factory=dict)
    """Consents to training by party; those to scoring stand in the scores."""

    def score_of(self, party: int) -> Score:
        return self.scores.get(party) or self.scores.setdefault(party, Score())

    def grant_consent(self, caller: int, purpose: int, text_hash: int) -> int:
        party = self._party(caller)
        require(text_hash, "ConsentTextEmpty")
        epoch, given = self.consent_of(party, purpose)
        require(not given, "ConsentGiven", party, purpose)
        if purpose == TRAINING:
            self.training[party] = Consent(epoch + 1, True)
        else:
            score = self.score_of(party)
            score.epoch, score.consented, score.valid_until = epoch + 1, True, 0
        return epoch + 1

    def revoke_consent(self, caller: int, purpose: int) -> None:
        party = self._party(caller)
        _, given = self.consent_of(party, purpose)
        require(given, "ConsentMissing", party, purpose)
        if purpose == TRAINING:
            self.training[party].given = False
        else:
            self.score_of(party).consented = False

    def consent_of(self, party: int, purpose: int) -> tuple[int, bool]:
        """Number of consents given to the purpose so far, and whether the last still stands."""
        if purpose == TRAINING:
            consent = self.training.get(party, Consent())
            return consent.epoch, consent.given
        score = self.score_of(party)
        return score.epoch, score.consented

    def submit_scores(self, _caller: int, r: Report) -> None:
        self._accept(r)
        self._require_sound(r)
        self.round = r.round
        old = self.score_of(r.party)
        if self._is_skipped(r, old):
            return
        new = Score(
            r.value, r.issued_at, r.valid_until, r.sequence, r.model, r.epoch, r.flags, old.consented, r.limit_code
        )
        if self._rises_too_fast(old, new):
            self.held[r.party] = new
            old.sequence = r.sequence
            old.flags |= HELD
            return
        if old.flags & HELD:
            new.flags |= HELD
            self.held.pop(r.party, None)
        self.scores[r.party] = new

    def hold(self, caller: int, party: int) -> None:
        require(caller in self.signers or caller in self.gate.officers, "NotSignerOrGuardian", caller)
        self.participants.known(party)
        self.score_of(party).flags |= HELD

    def release(self, caller: int, party: int, sequence: int) -> None:
        self.gate.restricted(caller)
        score = self.score_of(party)
        require(score.flags & HELD, "NotOnHold", party)
        if sequence:
            held = self.held.get(party) or Score()
            require(held.sequence == sequence, "HeldScoreUnknown", party, sequence)
            require(score.consented and held.epoch == score.epoch, "ConsentMissing", party, SCORING)
            score = replace(held)
        score.flags &= ~HELD
        self.scores[party] = score
        self.held.pop(party, None)

    def pause_reports(self, caller: int) -> None:
        require(caller in self.signers or caller in self.gate.officers, "NotSignerOrGuardian", caller)
        self.paused = True

    def resume_reports(self, caller: int) -> None:
        self.gate.restricted(caller)
        require(self.paused, "ReportsNotPaused")
        self.paused = False

    def register_model(self, caller: int, model: int, model_hash: int) -> None:
        self.gate.restricted(caller)
        require(model_hash, "ModelHashZero")
        require(model not in self.models, "ModelKnown", model)
        self.models[model] = ScoringModel(model_hash)

    def approve_model(self, caller: int, model: int, model_hash: int) -> None:
        self.gate.restricted(caller)
        require(model in self.models, "ModelUnknown", model)
        known = self.models[model]
        require(not known.retired, "ModelIsRetired", model)
        require(not known.approved, "ModelApprovedBefore", model)
        require(known.hash == model_hash, "ModelHashWrong", model, known.hash, model_hash)
        known.approved = True

    def retire_model(self, caller: int, model: int) -> None:
        self.gate.restricted(caller)
        require(model in self.models, "ModelUnknown", model)
        require(not self.models[model].retired, "ModelIsRetired", model)
        self.models[model].retired = True

    def usable_score(self, party: int) -> Score:
        s = self.score_of(party)
        require(s.consented, "ConsentMissing", party, SCORING)
        require(not s.flags & HELD, "ScoreOnHold", party)
        require(s.value, "ScoreMissing", party)
        require(self.gate.now <= s.valid_until, "ScoreExpired", party, s.valid_until)
        require(s.model not in self.models or not self.models[s.model].retired, "ModelIsRetired", s.model)
        return s

    def _party(self, caller: int) -> int:
        party = self.participants.party_of.get(caller, 0)
        require(party, "WalletUnknown", caller)
        return party

    def _accept(self, r: Report) -> None:
        require(not self.paused, "ReportsArePaused")
        require(self.gate.now <= r.deadline, "ReportExpired", r.deadline)
        require(r.round > self.round, "RoundPassed", r.round, self.round)
        require(len(r.keys) == self.threshold, "QuorumMissed", len(r.keys), self.threshold)
        previous = 0
        for key in r.keys:
            require(key < len(self.signers), "SignerUnknown", self.stranger)
            signer = self.signers[key]
            require(signer > previous, "SignersOutOfOrder", signer, previous)
            previous = signer

    def _require_sound(self, r: Report) -> None:
        require(r.model in self.models, "ModelUnknown", r.model)
        require(not self.models[r.model].retired, "ModelIsRetired", r.model)
        require(self.models[r.model].approved, "ModelNotApproved", r.model)
        earliest = self.gate.now - MAX_DELAY
        require(earliest <= r.issued_at <= self.gate.now, "ReportTimeWrong", r.issued_at, earliest)
        latest = r.issued_at + MAX_VALIDITY
        require(self.gate.now < r.valid_until <= latest, "ReportValidityWrong", r.valid_until, latest)

    def _is_skipped(self, r: Report, old: Score) -> bool:
        return (
            not MIN_VALUE <= r.value <= MAX_VALUE
            or r.flags & HELD != 0
            or not old.consented
            or r.epoch != old.epoch
            or not 0 < r.sequence - old.sequence <= MAX_SEQUENCE_STEP
            or r.issued_at < old.issued_at
        )

    def _rises_too_fast(self, old: Score, new: Score) -> bool:
        if old.value == 0 or new.value <= old.value:
            return False
        elapsed = min(new.issued_at - old.issued_at, DAY_S)
        return new.value - old.value > MAX_RISE * elapsed // DAY_S
