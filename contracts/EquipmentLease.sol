// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IDeviceOracle} from "./interfaces/IDeviceOracle.sol";
import {IEquipment} from "./interfaces/IEquipment.sol";
import {IEquipmentLease} from "./interfaces/IEquipmentLease.sol";
import {ILending} from "./interfaces/ILending.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRentLedger} from "./interfaces/IRentLedger.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Interest} from "./libraries/Interest.sol";
import {LeaseTerms} from "./libraries/LeaseTerms.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of IEquipmentLease, where every call, event and error is documented
contract EquipmentLease is IEquipmentLease, ILending, EIP712, AccessManaged {
    using LeaseTerms for Terms;

    /// @notice Overdue rent that lets the creditor declare default, as a share of all fixed rent, or else two statements: the judicial interpretation of Civil Code art. 752.
    uint16 public constant DEFAULT_BPS = 1_500;
    uint32 public constant RETURN_OBJECTION_DAYS = 15;
    /// @notice What a machine is doing is known for this long after its last report: older, it is neither taken over nor locked.
    uint256 public constant MAX_SILENCE = 1 days;

    struct Sale {
        address buyer;
        uint96 price;
    }

    IParticipants public immutable participants;
    IEquipment public immutable equipment;
    IDeviceOracle public immutable devices;
    IRentLedger public immutable ledger;

    uint256 public lastId;
    mapping(uint256 id => Lease) internal _leases;
    mapping(uint256 id => Terms) internal _terms;
    mapping(uint256 id => Sale) public saleOf;
    mapping(bytes32 digest => uint256) public idOfTerms;
    /// @notice The lease that binds a machine's title, 0 when none does. The lien is this contract's: without this an ended lease could free what a later one holds.
    mapping(uint32 machine => uint256) public leaseOfMachine;

    constructor(
        address authority,
        IParticipants participants_,
        IEquipment equipment_,
        IDeviceOracle devices_,
        IRentLedger ledger_
    ) EIP712("Heqi EquipmentLease", "1") AccessManaged(authority) {
        participants = participants_;
        equipment = equipment_;
        devices = devices_;
        ledger = ledger_;
    }

    /* SIGNING */

    function sign(
        Terms calldata t,
        address lessorWallet,
        bytes calldata lessorSignature,
        address lesseeWallet,
        bytes calldata lesseeSignature
    ) external returns (uint256 id) {
        t.requireSound();
        require(block.timestamp <= t.deadline, OfferExpired(t.deadline));
        bytes32 digest = termsDigest(t);
        require(idOfTerms[digest] == 0, LeaseSignedBefore(idOfTerms[digest]));
        _requireSigned(t.lessor, Roles.MANUFACTURER, lessorWallet, digest, lessorSignature);
        _requireSigned(t.lessee, Roles.LESSEE, lesseeWallet, digest, lesseeSignature);
        require(equipment.ownerOf(t.machine) == lessorWallet, IEquipment.NotTitleHolder(t.machine, lessorWallet));
        id = ++lastId;
        idOfTerms[digest] = id;
        _terms[id] = t;
        Lease storage l = _leases[id];
        (l.status, l.machine, l.lessor, l.lessee) = (LeaseStatus.Signed, t.machine, t.lessor, t.lessee);
        emit LeaseSigned(id, t.machine, t.lessee, lessorWallet, lesseeWallet, digest, t);
        leaseOfMachine[t.machine] = id;
        equipment.pledge(t.machine);
        ledger.open(id, _conditions(t), lessorWallet, lesseeWallet);
    }

    function cancel(uint256 id) external {
        Lease storage l = _known(id);
        uint32 party = participants.partyOf(msg.sender);
        require(party != 0 && (party == l.lessor || party == l.lessee), NotLeaseParty(msg.sender, l.lessee));
        _requireStatus(id, l.status, LeaseStatus.Signed);
        l.status = LeaseStatus.Cancelled;
        emit LeaseCancelled(id, msg.sender);
        ledger.stop(id);
        _free(l.machine);
    }

    function acceptDelivery(uint256 id, bytes32 documentHash) external {
        Lease storage l = _known(id);
        require(participants.requireVerified(msg.sender, Roles.LESSEE) == l.lessee, NotLeaseParty(msg.sender, l.lessee));
        _requireStatus(id, l.status, LeaseStatus.Signed);
        require(ledger.accountOf(id).depositPaid, DepositMissing(id));
        IDeviceOracle.Reading memory r = _requireHeard(l.machine);
        (l.status, l.startDay) = (LeaseStatus.Active, Calendar.today());
        emit MachineDelivered(id, l.startDay, r.tenths, documentHash);
        ledger.start(id, r.tenths);
        uint256 endDay = l.startDay + uint256(_terms[id].periods) * _terms[id].periodDays;
        equipment.setUser(l.machine, msg.sender, uint64(Calendar.startOf(endDay)));
    }

    function agreeStandby(uint256 id, uint32 fromDay, uint32 throughDay, bytes32 documentHash) external {
        Lease storage l = _known(id);
        _requireParty(l.lessor);
        require(_isOpen(l.status), LeaseStatusWrong(id, l.status));
        emit StandbyAgreed(id, fromDay, throughDay, documentHash);
    }

    /* DISPUTE */

    function dispute(uint256 id, bytes32 reasonHash) external {
        Lease storage l = _known(id);
        _requireParty(l.lessee);
        require(_isOpen(l.status), LeaseStatusWrong(id, l.status));
        require(!l.disputed, LeaseInDispute(id));
        l.disputed = true;
        emit LeaseDisputed(id, reasonHash);
    }

    function withdrawDispute(uint256 id) external {
        _requireParty(_known(id).lessee);
        _endDispute(id, 0, 0);
    }

    function resolveDispute(uint256 id, uint96 credit, bytes32 documentHash) external restricted {
        _endDispute(id, credit, documentHash);
        if (credit != 0) ledger.credit(id, credit);
    }

    /* ARREARS */

    function giveNotice(uint256 id, bytes32 documentHash) external {
        (Lease memory l, IRentLedger.Owed memory o) = _asCreditor(id);
        require(o.overdue != 0, LeaseNotOverdue(id));
        _requireStatus(id, l.status, LeaseStatus.Overdue);
        require(l.noticeDay == 0, NoticeGivenBefore(l.noticeDay));
        Lease storage stored = _leases[id];
        // A default that was cured since leaves no trace in the next.
        stored.status = LeaseStatus.Active;
        (stored.noticeDay, stored.noticeCures) = (Calendar.today(), ledger.accountOf(id).cures);
        emit LeaseNoticeGiven(id, stored.noticeDay, stored.noticeDay + _terms[id].cureDays, documentHash);
    }

    function lock(uint256 id) external {
        (Lease memory l,) = _asCreditor(id);
        _requireStatus(id, l.status, LeaseStatus.Overdue);
        require(l.noticeDay != 0, LeaseNoticeMissing(id));
        uint32 through = l.noticeDay + _terms[id].lockNoticeDays;
        require(Calendar.today() > through, LockTooEarly(id, through));
        _requireHeard(l.machine);
        ledger.lock(id);
    }

    function unlock(uint256 id) external {
        _requireCreditor(id, _known(id).lessor);
        ledger.unlock(id);
    }

    function declareDefault(uint256 id) external {
        (Lease memory l, IRentLedger.Owed memory o) = _asCreditor(id);
        _requireStatus(id, l.status, LeaseStatus.Overdue);
        require(l.noticeDay != 0, LeaseNoticeMissing(id));
        uint32 through = l.noticeDay + _terms[id].cureDays;
        require(Calendar.today() > through, CureRuns(through));
        uint96 total = _terms[id].minimum * _terms[id].periods;
        require(
            o.twoBehind || o.overdue >= Interest.shareUp(total, DEFAULT_BPS),
            DefaultTooSlight(o.overdue, total, DEFAULT_BPS)
        );
        _leases[id].status = LeaseStatus.Defaulted;
        emit LeaseDefaulted(id, o.overdue);
    }

    function accelerate(uint256 id) external {
        (Lease memory l,) = _asCreditor(id);
        _requireStatus(id, l.status, LeaseStatus.Defaulted);
        _leases[id].status = LeaseStatus.Accelerated;
        emit LeaseAccelerated(id);
        ledger.chargeAll(id, 0, true);
    }

    function rescind(uint256 id) external {
        (Lease memory l,) = _asCreditor(id);
        _requireStatus(id, l.status, LeaseStatus.Defaulted);
        _leases[id].status = LeaseStatus.Rescinded;
        emit LeaseRescinded(id);
        ledger.chargeAll(id, _terms[id].buyOutPrice, false);
        equipment.setUser(l.machine, address(0), 0);
    }

    function offerSale(uint256 id, address buyer, uint96 price, bytes32 appraisalHash) external {
        Lease storage l = _known(id);
        _requireCreditor(id, l.lessor);
        _requireSaleable(id, l);
        saleOf[id] = Sale(buyer, price);
        emit SaleOffered(id, buyer, price, appraisalHash);
    }

    function buy(uint256 id, uint96 most) external {
        Sale memory s = saleOf[id];
        require(s.price != 0 && s.buyer == msg.sender && s.price <= most, SaleNotOffered(id, msg.sender, most));
        participants.requireVerified(msg.sender, Roles.ALL);
        Lease storage l = _known(id);
        _requireSaleable(id, l);
        // A machine that was given back is the lessor's: all of its price goes to whom the rent goes.
        bool isLessors = l.status == LeaseStatus.Returned;
        l.status = LeaseStatus.Sold;
        delete saleOf[id];
        (uint96 toClaim, uint96 surplus) = ledger.sell(id, msg.sender, s.price, isLessors);
        emit MachineSold(id, msg.sender, s.price, toClaim, surplus);
        _convey(l.machine, msg.sender);
    }

    /* END */

    function buyOut(uint256 id, uint96 most) external {
        Lease storage l = _known(id);
        _requireParty(l.lessee);
        require(_isOpen(l.status) && l.status != LeaseStatus.Rescinded, LeaseStatusWrong(id, l.status));
        (l.status, l.disputed) = (LeaseStatus.BoughtOut, false);
        uint96 paid = ledger.buyOut(id, msg.sender, _terms[id].buyOutPrice, most);
        emit MachineBoughtOut(id, msg.sender, paid);
        _convey(l.machine, msg.sender);
    }

    function redeem(uint256 id) external {
        Lease storage l = _known(id);
        _requireStatus(id, l.status, LeaseStatus.Rescinded);
        IRentLedger.Owed memory o = ledger.owedOf(id);
        require(o.rent + o.late == 0, LeaseStillOwed(id, o.rent + o.late));
        (l.status, l.disputed) = (LeaseStatus.BoughtOut, false);
        delete saleOf[id];
        ledger.stop(id);
        address to = participants.heirOf(ledger.accountOf(id).lesseeWallet);
        emit MachineBoughtOut(id, to, 0);
        _convey(l.machine, to);
    }

    function declareReturn(uint256 id, bytes32 documentHash) external {
        Lease storage l = _known(id);
        _requireParty(l.lessee);
        _requireOver(id);
        l.returnDay = Calendar.today();
        emit ReturnDeclared(id, l.returnDay, documentHash);
    }

    function objectToReturn(uint256 id, bytes32 documentHash) external {
        Lease storage l = _known(id);
        _requireParty(l.lessor);
        require(l.returnDay != 0, ReturnNotDeclared(id));
        require(l.status != LeaseStatus.Returned, LeaseStatusWrong(id, l.status));
        l.returnDay = 0;
        emit ReturnObjected(id, documentHash);
    }

    function confirmReturn(uint256 id) external {
        Lease storage l = _known(id);
        _requireOver(id);
        // The lessor may do without a declaration: it gives up its claim to the deposit, nothing else.
        if (participants.partyOf(msg.sender) != l.lessor) {
            require(l.returnDay != 0, ReturnNotDeclared(id));
            uint32 through = l.returnDay + RETURN_OBJECTION_DAYS;
            require(Calendar.today() > through, ReturnObjectionRuns(id, through));
        }
        l.status = LeaseStatus.Returned;
        emit MachineReturned(id);
        ledger.stop(id);
        equipment.setUser(l.machine, address(0), 0);
        if (ledger.assigneeOf(id) == address(0)) _free(l.machine);
    }

    function freeTitle(uint256 id) external {
        Lease storage l = _known(id);
        _requireStatus(id, l.status, LeaseStatus.Returned);
        require(leaseOfMachine[l.machine] == id, TitleFreedBefore(id));
        require(ledger.assigneeOf(id) == address(0), IRentLedger.LeaseAssignedBefore(id));
        _free(l.machine);
    }

    /* READING */

    function leaseOf(uint256 id) external view returns (Lease memory l) {
        (l,) = _current(id);
        if (l.status == LeaseStatus.Signed && ledger.accountOf(id).depositPaid) l.status = LeaseStatus.Secured;
    }

    function termsOf(uint256 id) external view returns (Terms memory) {
        _known(id);
        return _terms[id];
    }

    function buyOutOf(uint256 id) external view returns (uint96) {
        LeaseStatus status = _known(id).status;
        IRentLedger.Owed memory o = ledger.owedOf(id);
        if (!_isOpen(status)) return 0;
        return o.rent + o.late + o.remaining + (status == LeaseStatus.Rescinded ? 0 : _terms[id].buyOutPrice);
    }

    function termsDigest(Terms calldata t) public view returns (bytes32) {
        return _hashTypedDataV4(t.structHash());
    }

    /* INTERNAL */

    function _conditions(Terms calldata t) internal pure returns (IRentLedger.Conditions memory) {
        return IRentLedger.Conditions({
            machine: t.machine,
            deposit: t.deposit,
            minimum: t.minimum,
            cap: t.cap,
            periods: t.periods,
            periodDays: t.periodDays,
            dueDays: t.dueDays,
            lateRateBps: t.lateRateBps,
            tiers: t.tiers
        });
    }

    /// @dev Paying all that was overdue ends notice and default until the creditor has chosen what follows.
    function _current(uint256 id) internal view returns (Lease memory l, IRentLedger.Owed memory o) {
        l = _known(id);
        if (l.status != LeaseStatus.Active && l.status != LeaseStatus.Defaulted) return (l, o);
        o = ledger.owedOf(id);
        if (l.noticeDay != 0 && l.noticeCures != ledger.accountOf(id).cures) {
            (l.status, l.noticeDay) = (LeaseStatus.Active, 0);
        }
        if (l.status == LeaseStatus.Active && o.overdue != 0) l.status = LeaseStatus.Overdue;
    }

    function _asCreditor(uint256 id) internal returns (Lease memory l, IRentLedger.Owed memory o) {
        (l, o) = _current(id);
        _requireCreditor(id, l.lessor);
        require(!l.disputed, LeaseInDispute(id));
    }

    /// @dev While rent is assigned the bank acts through its officers; otherwise any wallet of the lessor.
    function _requireCreditor(uint256 id, uint32 lessor) internal {
        if (ledger.assigneeOf(id) != address(0)) _checkCanCall(msg.sender, msg.data);
        else require(participants.partyOf(msg.sender) == lessor, NotLeaseCreditor(id, msg.sender));
    }

    function _free(uint32 machine) internal {
        delete leaseOfMachine[machine];
        equipment.unpledge(machine);
    }

    function _convey(uint32 machine, address to) internal {
        delete leaseOfMachine[machine];
        equipment.convey(machine, to);
    }

    function _requireSigned(uint32 party, uint16 role, address wallet, bytes32 digest, bytes calldata signature)
        internal
        view
    {
        require(participants.requireVerified(wallet, role) == party, NotLeaseParty(wallet, party));
        require(SignatureChecker.isValidSignatureNow(wallet, digest, signature), LeaseSignatureInvalid(wallet));
    }

    function _requireHeard(uint32 machine) internal view returns (IDeviceOracle.Reading memory r) {
        r = devices.readingOf(machine);
        require(r.at + MAX_SILENCE >= block.timestamp, MachineSilent(machine, r.at));
    }

    function _requireSaleable(uint256 id, Lease storage l) internal view {
        bool isLessors = l.status == LeaseStatus.Returned && ledger.assigneeOf(id) != address(0);
        require(isLessors || l.status == LeaseStatus.Rescinded, LeaseStatusWrong(id, l.status));
        require(!l.disputed, LeaseInDispute(id));
    }

    /// @dev All periods are charged and paid, and the lessee has the machine.
    function _requireOver(uint256 id) internal view {
        (Lease memory l,) = _current(id);
        require(
            l.status == LeaseStatus.Active || l.status == LeaseStatus.Accelerated, LeaseStatusWrong(id, l.status)
        );
        uint16 left = _terms[id].periods - ledger.accountOf(id).period;
        require(left == 0, LeaseRuns(id, left));
        IRentLedger.Owed memory o = ledger.owedOf(id);
        require(o.rent + o.late == 0, LeaseStillOwed(id, o.rent + o.late));
    }

    function _requireParty(uint32 party) internal view {
        require(participants.partyOf(msg.sender) == party, NotLeaseParty(msg.sender, party));
    }

    function _requireStatus(uint256 id, LeaseStatus status, LeaseStatus wanted) internal pure {
        require(status == wanted, LeaseStatusWrong(id, status));
    }

    /// @dev In these states the machine is with the lessee or claimed from it.
    function _isOpen(LeaseStatus s) internal pure returns (bool) {
        return s == LeaseStatus.Active || s == LeaseStatus.Defaulted || s == LeaseStatus.Accelerated
            || s == LeaseStatus.Rescinded;
    }

    function _endDispute(uint256 id, uint96 credit, bytes32 documentHash) internal {
        require(_known(id).disputed, LeaseNotInDispute(id));
        _leases[id].disputed = false;
        emit LeaseDisputeEnded(id, credit, documentHash);
    }

    function _known(uint256 id) internal view returns (Lease storage l) {
        l = _leases[id];
        require(l.status != LeaseStatus.None, LeaseUnknown(id));
    }
}
