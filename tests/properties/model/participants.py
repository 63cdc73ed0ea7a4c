"""Mirror of the contract Participants."""

from dataclasses import dataclass

from tests.properties.model.gate import Gate
from tests.properties.model.refused import require

SUPPLIER, CORE_ENTERPRISE, LENDER, COVER_PROVIDER, MERCHANT = 1, 2, 4, 8, 16
LESSEE, MANUFACTURER = 32, 64
ALL_ROLES = SUPPLIER | CORE_ENTERPRISE | LENDER | COVER_PROVIDER | MERCHANT | LESSEE | MANUFACTURER
OBLIGOR = CORE_ENTERPRISE | MERCHANT
"""Whose score and limit count."""
MAX_VALIDITY = 3 * 365 * 86_400


@dataclass(slots=True)
class Party:
    roles: int
    valid_until: int
    frozen: bool = False


class Participants:
    """Parties by number (from 1), wallets by address."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.parties: dict[int, Party] = {}
        self.party_of: dict[int, int] = {}
        self.successor: dict[int, int] = {}

    def admit(self, caller: int, wallet: int, roles: int, valid_until: int, _kyc_hash: int) -> int:
        self.gate.restricted(caller)
        self._require_valid(roles, valid_until)
        number = len(self.parties) + 1
        self._require_free(wallet)
        self.parties[number] = Party(roles, valid_until)
        self.party_of[wallet] = number
        return number

    def renew(self, caller: int, party: int, roles: int, valid_until: int, _kyc_hash: int) -> None:
        self.gate.restricted(caller)
        p = self.known(party)
        self._require_valid(roles, valid_until)
        p.roles, p.valid_until = roles, valid_until

    def freeze(self, caller: int, party: int, _reason: int) -> None:
        self.gate.restricted(caller)
        self.known(party).frozen = True

    def unfreeze(self, caller: int, party: int) -> None:
        self.gate.restricted(caller)
        p = self.known(party)
        require(p.frozen, "PartyNotFrozen", party)
        p.frozen = False

    def add_wallet(self, caller: int, party: int, wallet: int) -> None:
        self.gate.restricted(caller)
        self.known(party)
        self._require_free(wallet)
        self.party_of[wallet] = party

    def rotate_wallet(self, caller: int, old: int, new: int) -> None:
        self.gate.restricted(caller)
        party = self.party_of.get(old, 0)
        require(party, "WalletUnknown", old)
        self._require_free(new)
        self.party_of[new] = party
        del self.party_of[old]
        self.successor[old] = new

    def heir_of(self, wallet: int) -> int:
        while wallet in self.successor:
            wallet = self.successor[wallet]
        return wallet

    def known(self, party: int) -> Party:
        require(party in self.parties, "PartyUnknown", party)
        return self.parties[party]

    def require_verified(self, wallet: int, role: int) -> int:
        party = self.party_of.get(wallet, 0)
        require(party, "WalletUnknown", wallet)
        self.require_verified_party(party, role)
        return party

    def require_verified_party(self, party: int, role: int) -> None:
        p = self.known(party)
        require(not p.frozen, "PartyIsFrozen", party)
        require(self.gate.now < p.valid_until, "PartyExpired", party, p.valid_until)
        require(p.roles & role, "RoleMissing", party, role)

    def is_verified(self, wallet: int, role: int) -> bool:
        p = self.parties.get(self.party_of.get(wallet, 0))
        return p is not None and not p.frozen and self.gate.now < p.valid_until and p.roles & role != 0

    def _require_free(self, wallet: int) -> None:
        require(wallet, "WalletZero")
        require(wallet not in self.party_of, "WalletTaken", wallet, self.party_of.get(wallet, 0))
        heir = self.party_of.get(self.heir_of(wallet), 0)
        require(wallet not in self.successor, "WalletTaken", wallet, heir)

    def _require_valid(self, roles: int, valid_until: int) -> None:
        require(roles and not roles & ~ALL_ROLES, "RolesInvalid", roles)
        latest = self.gate.now + MAX_VALIDITY
        require(self.gate.now < valid_until <= latest, "ValidityInvalid", valid_until, latest)
