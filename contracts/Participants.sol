// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of IParticipants, where every call, event and error is documented
contract Participants is IParticipants, AccessManaged {
    /// @notice A KYC check is repeated at least this often.
    uint256 public constant MAX_VALIDITY = 3 * 365 days;

    uint32 public partyCount;
    mapping(address wallet => uint32) public partyOf;
    mapping(uint32 party => Party) internal _parties;
    mapping(address wallet => address) internal _successor;

    constructor(address authority) AccessManaged(authority) {}

    /* ADMISSION */

    function admit(address wallet, uint16 roles, uint40 validUntil, bytes32 kycHash)
        external
        restricted
        returns (uint32 party)
    {
        _requireValid(roles, validUntil);
        party = ++partyCount;
        _parties[party] = Party({roles: roles, frozen: false, validUntil: validUntil});
        _bind(wallet, party);
        emit PartyAdmitted(party, wallet, roles, validUntil, kycHash);
    }

    function renew(uint32 party, uint16 roles, uint40 validUntil, bytes32 kycHash) external restricted {
        Party storage p = _known(party);
        _requireValid(roles, validUntil);
        (p.roles, p.validUntil) = (roles, validUntil);
        emit PartyRenewed(party, roles, validUntil, kycHash);
    }

    function freeze(uint32 party, bytes32 reason) external restricted {
        _known(party).frozen = true;
        emit PartyFrozen(party, reason);
    }

    function unfreeze(uint32 party) external restricted {
        Party storage p = _known(party);
        require(p.frozen, PartyNotFrozen(party));
        p.frozen = false;
        emit PartyUnfrozen(party);
    }

    /* WALLETS */

    function addWallet(uint32 party, address wallet) external restricted {
        _known(party);
        _bind(wallet, party);
        emit WalletAdded(party, wallet);
    }

    function rotateWallet(address from, address to) external restricted {
        uint32 party = partyOf[from];
        require(party != 0, WalletUnknown(from));
        _bind(to, party);
        delete partyOf[from];
        _successor[from] = to;
        emit WalletRotated(party, from, to);
    }

    /* READING */

    function partyData(uint32 party) external view returns (Party memory) {
        return _known(party);
    }

    function heirOf(address wallet) public view returns (address) {
        // A replaced wallet can never be bound again, so the chain of successors has no cycle.
        while (_successor[wallet] != address(0)) wallet = _successor[wallet];
        return wallet;
    }

    function requireVerified(address wallet, uint16 role) external view returns (uint32 party) {
        party = partyOf[wallet];
        require(party != 0, WalletUnknown(wallet));
        requireVerifiedParty(party, role);
    }

    function requireVerifiedParty(uint32 party, uint16 role) public view {
        Party memory p = _known(party);
        require(!p.frozen, PartyIsFrozen(party));
        require(block.timestamp < p.validUntil, PartyExpired(party, p.validUntil));
        require(p.roles & role != 0, RoleMissing(party, role));
    }

    function isVerified(address wallet, uint16 role) external view returns (bool) {
        Party memory p = _parties[partyOf[wallet]];
        return !p.frozen && block.timestamp < p.validUntil && p.roles & role != 0;
    }

    /* INTERNAL */

    function _bind(address wallet, uint32 party) internal {
        require(wallet != address(0), WalletZero());
        require(partyOf[wallet] == 0, WalletTaken(wallet, partyOf[wallet]));
        require(_successor[wallet] == address(0), WalletTaken(wallet, partyOf[heirOf(wallet)]));
        partyOf[wallet] = party;
    }

    function _known(uint32 party) internal view returns (Party storage p) {
        p = _parties[party];
        require(p.validUntil != 0, PartyUnknown(party));
    }

    function _requireValid(uint16 roles, uint40 validUntil) internal view {
        require(roles != 0 && roles & ~Roles.ALL == 0, RolesInvalid(roles));
        uint256 latest = block.timestamp + MAX_VALIDITY;
        require(validUntil > block.timestamp && validUntil <= latest, ValidityInvalid(validUntil, latest));
    }
}
