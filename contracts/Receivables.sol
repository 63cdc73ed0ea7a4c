// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of IReceivables, where every call, event and error is documented
contract Receivables is IReceivables, ERC721, EIP712, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Cash for IERC20;
    using SafeERC20 for IERC20;

    bytes32 public constant CONFIRMATION_TYPEHASH = keccak256(
        "Confirmation(uint256 id,uint32 debtor,uint32 creditor,uint96 face,uint32 dueDay,uint16 currency,bytes32 fingerprint,uint256 deadline)"
    );

    uint32 public constant MAX_TERM_DAYS = 365;
    uint256 public constant MAX_BATCH = 100;
    uint256 public constant MAX_PARTS = 50;
    uint8 public constant MAX_TIER = 20;
    /// @notice Amount of the trial transfer that a token must pass: enough for a fee of a basis point to show.
    uint256 public constant TRIAL = 10_000;

    /// @dev A day after the due day on which the debtor paid, with what had been paid before that day.
    struct LateDay {
        uint32 day;
        uint96 paidBefore;
    }

    IParticipants public immutable participants;

    uint40 public lastId;
    uint16 public currencyCount;
    uint8 public lienorCount;
    mapping(uint16 currency => IERC20) internal _currencies;
    mapping(uint256 id => Part) internal _parts;
    mapping(uint256 root => Pool) internal _pools;
    mapping(uint256 root => LateDay[]) internal _lateDays;
    /// @dev Keyed by debtor and fingerprint, so that nobody can block another debtor's invoices.
    mapping(bytes32 key => uint40) internal _idOfInvoice;
    mapping(address product => uint8) public lienorOf;
    mapping(address holder => mapping(uint16 currency => uint256)) public creditOf;

    constructor(address authority, IParticipants participants_)
        ERC721("Heqi receivable", "HQR")
        EIP712("Heqi Receivables", "1")
        AccessManaged(authority)
    {
        participants = participants_;
    }

    /* ORIGINATION */

    function register(Registration calldata r) external returns (uint256 id) {
        return _register(r, participants.requireVerified(msg.sender, Roles.SUPPLIER));
    }

    function registerBatch(Registration[] calldata registrations) external returns (uint256 firstId) {
        _requireCount(registrations.length, 1, MAX_BATCH);
        uint32 creditor = participants.requireVerified(msg.sender, Roles.SUPPLIER);
        firstId = lastId + 1;
        for (uint256 i; i < registrations.length; ++i) {
            _register(registrations[i], creditor);
        }
    }

    function issue(Registration calldata r, address creditor) external returns (uint256 id) {
        require(participants.requireVerified(msg.sender, Roles.CORE_ENTERPRISE) == r.debtor, NotDebtor(0, msg.sender));
        id = _create(r, participants.requireVerified(creditor, Roles.SUPPLIER), creditor);
        _parts[id].state = State.Confirmed;
        emit ReceivableConfirmed(id, r.debtor, msg.sender);
    }

    function confirm(Confirmation calldata c) external {
        _confirm(c, participants.requireVerified(msg.sender, Roles.CORE_ENTERPRISE), msg.sender);
    }

    function confirmBatch(Confirmation[] calldata confirmations) external {
        _requireCount(confirmations.length, 1, MAX_BATCH);
        uint32 debtor = participants.requireVerified(msg.sender, Roles.CORE_ENTERPRISE);
        for (uint256 i; i < confirmations.length; ++i) {
            _confirm(confirmations[i], debtor, msg.sender);
        }
    }

    function confirmBySignature(
        Confirmation calldata c,
        address signer,
        uint256 deadline,
        bytes calldata signature
    ) external {
        require(block.timestamp <= deadline, ConfirmationExpired(deadline));
        uint32 debtor = participants.requireVerified(signer, Roles.CORE_ENTERPRISE);
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    CONFIRMATION_TYPEHASH,
                    c.id,
                    debtor,
                    c.creditor,
                    c.face,
                    c.dueDay,
                    c.currency,
                    c.fingerprint,
                    deadline
                )
            )
        );
        require(
            SignatureChecker.isValidSignatureNow(signer, digest, signature), ConfirmationInvalid(c.id, debtor)
        );
        _confirm(c, debtor, signer);
    }

    function reject(uint256 id, bytes32 fingerprint, bytes32 reason) external {
        _requireState(id, State.Registered);
        uint32 debtor = _requireDebtor(id);
        _discard(id, fingerprint, State.Rejected);
        emit ReceivableRejected(id, debtor, reason);
    }

    function cancel(uint256 id, bytes32 fingerprint) external {
        _requireState(id, State.Registered);
        _requireHolder(id);
        participants.requireVerified(msg.sender, Roles.SUPPLIER);
        _discard(id, fingerprint, State.Cancelled);
        emit ReceivableCancelled(id, _pools[id].creditor);
    }

    /* CIRCULATION */

    function split(uint256 id, uint96[] calldata faces) external returns (uint256 firstPart) {
        Part memory whole = _requireState(id, State.Confirmed);
        _requireHolder(id);
        _requireCount(faces.length, 2, MAX_PARTS);
        // Parts share in what is paid from here on only: what was paid before could not be divided without remainders.
        require(_pools[whole.root].paid == 0, SettlementBegun(id, _pools[whole.root].paid));
        uint40 part = lastId;
        firstPart = part + 1;
        uint256 sum;
        for (uint256 i; i < faces.length; ++i) {
            require(faces[i] != 0, AmountZero());
            sum += faces[i];
            _open(++part, faces[i], whole.root, State.Confirmed, whole.tier);
            _mint(msg.sender, part);
        }
        lastId = part;
        require(sum == whole.face, PartsUnequal(sum, whole.face));
        _parts[id].state = State.Split;
        _burn(id);
        emit ReceivableSplit(id, whole.root, firstPart, faces);
    }

    function recover(uint256 id) external {
        address from = _requireOwned(id);
        address to = participants.heirOf(from);
        require(to != from, WalletNotRotated(from));
        // Not through the gate: the party stays the same, and a frozen party keeps what it holds.
        super._update(to, id, address(0));
        emit ReceivableRecovered(id, from, to);
    }

    /* DISPUTE */

    function dispute(uint256 id, bytes32 reason) external nonReentrant {
        Part memory part = _requireState(id, State.Confirmed);
        uint32 debtor = _requireDebtor(id);
        _requireNotOverdue(id, part.root);
        _detach(id);
        _parts[id].state = State.Disputed;
        emit ReceivableDisputed(id, debtor, reason);
    }

    function withdrawDispute(uint256 id) external {
        _requireState(id, State.Disputed);
        _requireDebtor(id);
        _endDispute(id);
    }

    function resolveDispute(uint256 id, uint96 credit, bytes32 documentHash) external restricted nonReentrant {
        _requireState(id, State.Disputed);
        _endDispute(id);
        if (credit != 0) _credit(id, credit, documentHash);
    }

    function issueCreditNote(uint256 id, uint96 amount, bytes32 documentHash) external nonReentrant {
        Part memory part = _parts[id];
        require(
            part.state == State.Confirmed || part.state == State.Disputed, StateWrong(id, part.state, State.Confirmed)
        );
        _requireHolder(id);
        // Waiving gives value away: a replaced or frozen wallet must not.
        participants.requireVerified(msg.sender, Roles.SUPPLIER);
        require(amount != 0, AmountZero());
        if (part.root != id) {
            _requireNotOverdue(id, part.root);
            _detach(id);
        }
        _credit(id, amount, documentHash);
    }

    /* SETTLEMENT */

    function settle(uint256 id, uint96 amount) public nonReentrant returns (uint96 settled) {
        uint256 root = _parts[id].root;
        require(root != 0, ReceivableUnknown(id));
        Pool storage pool = _pools[root];
        State state = _parts[root].state;
        require(
            state != State.Registered && state != State.Rejected && state != State.Cancelled,
            StateWrong(id, state, State.Confirmed)
        );
        uint96 face = _parts[root].face;
        uint96 due = face - pool.paid;
        require(due != 0, NothingOwed(id));
        require(amount != 0, AmountZero());
        settled = _currencies[pool.currency].pull(msg.sender, address(this), Math.min(amount, due));
        _noteLateDay(root, pool);
        pool.paid += settled;
        emit ReceivableSettled(root, msg.sender, settled, pool.paid, face);
    }

    function settleWithPermit(uint256 id, uint96 amount, Cash.Permit calldata permit)
        external
        returns (uint96 settled)
    {
        uint256 root = _known(id).root;
        _currencies[_pools[root].currency].tryPermit(msg.sender, permit);
        return settle(id, amount);
    }

    function release(uint256 id) external nonReentrant returns (uint96 amount) {
        Part storage part = _parts[id];
        require(part.lienor == 0, LienForeign(id, part.lienor));
        address to = participants.heirOf(_requireOwned(id));
        amount = _claimable(id);
        require(amount != 0, NothingToClaim());
        _take(id, amount, to);
        _currencies[_pools[part.root].currency].safeTransfer(to, amount);
    }

    function releaseCredit(address holder, uint16 currency) external nonReentrant returns (uint256 amount) {
        amount = creditOf[holder][currency];
        require(amount != 0, NothingToClaim());
        creditOf[holder][currency] = 0;
        address to = participants.heirOf(holder);
        emit CreditPaid(holder, to, currency, amount);
        _currencies[currency].safeTransfer(to, amount);
    }

    /* LIEN */

    function pledge(uint256 id) external whenNotPaused nonReentrant {
        _requireState(id, State.Confirmed);
        uint8 lienor = _requireLienor();
        // What was paid before the lien is the holder's.
        _creditHolder(id, ownerOf(id));
        _parts[id].state = State.Financed;
        _parts[id].lienor = lienor;
        emit ReceivablePledged(id, lienor);
    }

    function collect(uint256 id, address to, uint96 most) external nonReentrant returns (uint96 amount) {
        _requireOwnLien(id);
        amount = uint96(Math.min(_claimable(id), most));
        require(amount != 0, NothingToClaim());
        _take(id, amount, to);
        return _currencies[_pools[_parts[id].root].currency].push(to, amount);
    }

    function unpledge(uint256 id) external nonReentrant {
        uint8 lienor = _requireOwnLien(id);
        _parts[id].lienor = 0;
        _parts[id].state = State.Confirmed;
        emit ReceivableReleased(id, lienor);
    }

    /* REGISTRIES */

    function allowCurrency(address token) external restricted returns (uint16 currency) {
        for (uint16 i = 1; i <= currencyCount; ++i) {
            require(address(_currencies[i]) != token, CurrencyKnown(token));
        }
        require(token.code.length != 0, CurrencyNotContract(token));
        uint8 decimals = IERC20Metadata(token).decimals();
        require(decimals <= 6, CurrencyTooFine(token, decimals));
        uint256 arrived = IERC20(token).pull(msg.sender, address(this), TRIAL);
        require(arrived == TRIAL, CurrencyKeepsFee(token, TRIAL, arrived));
        arrived = IERC20(token).push(msg.sender, TRIAL);
        require(arrived == TRIAL, CurrencyKeepsFee(token, TRIAL, arrived));
        currency = ++currencyCount;
        _currencies[currency] = IERC20(token);
        emit CurrencyAllowed(currency, token);
    }

    function allowLienor(address product) external restricted returns (uint8 lienor) {
        require(lienorOf[product] == 0, LienorKnown(product));
        lienor = ++lienorCount;
        lienorOf[product] = lienor;
        emit LienorAllowed(lienor, product);
    }

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /* READING */

    function currencyOf(uint16 currency) external view returns (IERC20) {
        require(currency != 0 && currency <= currencyCount, CurrencyUnknown(currency));
        return _currencies[currency];
    }

    function idOfInvoice(uint32 debtor, bytes32 fingerprint) external view returns (uint256) {
        return _idOfInvoice[_invoiceKey(debtor, fingerprint)];
    }

    function partOf(uint256 id) external view returns (Part memory part) {
        part = _known(id);
        part.state = _stateOf(id);
    }

    function poolOf(uint256 id) external view returns (Pool memory) {
        return _pools[_known(id).root];
    }

    function claimOf(uint256 id) external view returns (Claim memory) {
        Part memory part = _known(id);
        Pool memory pool = _pools[part.root];
        uint96 entitled = _entitled(part, pool.paid);
        bool isOwed = part.state != State.Split && part.state != State.Rejected && part.state != State.Cancelled;
        return Claim({
            state: _stateOf(id),
            holder: _ownerOf(id),
            debtor: pool.debtor,
            dueDay: pool.dueDay,
            currency: _currencies[pool.currency],
            outstanding: isOwed ? part.face - entitled : 0,
            claimable: isOwed ? entitled - part.claimed : 0
        });
    }

    function coveredDays(uint256 id, uint32 fromDay, uint32 toDay, uint96 most) external view returns (uint256 sum) {
        Part memory part = _known(id);
        LateDay[] storage late = _lateDays[part.root];
        for (uint256 i; i < late.length && fromDay < toDay; ++i) {
            uint32 day = late[i].day;
            if (day <= fromDay) continue;
            uint32 until = day < toDay ? day : toDay;
            sum += (until - fromDay) * Math.min(Math.saturatingSub(_entitled(part, late[i].paidBefore), part.claimed), most);
            fromDay = until;
        }
        if (fromDay < toDay) {
            sum += (toDay - fromDay) * Math.min(_claimable(id), most);
        }
    }


    /* INTERNAL */

    function _register(Registration calldata r, uint32 creditor) internal returns (uint256 id) {
        participants.requireVerifiedParty(r.debtor, Roles.CORE_ENTERPRISE);
        id = _create(r, creditor, msg.sender);
    }

    function _create(Registration calldata r, uint32 creditor, address holder) internal returns (uint256 id) {
        _requireSound(r, creditor);
        bytes32 key = _invoiceKey(r.debtor, r.fingerprint);
        require(_idOfInvoice[key] == 0, InvoiceRegistered(_idOfInvoice[key]));
        uint40 number = ++lastId;
        id = number;
        _idOfInvoice[key] = number;
        _open(number, r.face, number, State.Registered, 0);
        Pool storage pool = _pools[id];
        (pool.debtor, pool.creditor, pool.dueDay, pool.currency) = (r.debtor, creditor, r.dueDay, r.currency);
        _mint(holder, id);
        emit ReceivableRegistered(id, r.debtor, creditor, holder, r);
    }

    /// @dev Fields that start at zero are not written: each costs a storage write.
    function _open(uint256 id, uint96 face, uint40 root, State state, uint8 tier) internal {
        Part storage part = _parts[id];
        (part.face, part.root, part.state) = (face, root, state);
        if (tier != 0) part.tier = tier;
    }

    function _requireSound(Registration calldata r, uint32 creditor) internal view {
        require(r.face != 0, AmountZero());
        require(r.debtor != creditor, DebtorIsCreditor(creditor));
        uint32 today = Calendar.today();
        uint32 latest = today + MAX_TERM_DAYS;
        require(r.dueDay > today && r.dueDay <= latest, DueDayInvalid(r.dueDay, today, latest));
        require(r.currency != 0 && r.currency <= currencyCount, CurrencyUnknown(r.currency));
        require(r.fingerprint != 0, FingerprintEmpty());
    }

    function _confirm(Confirmation calldata c, uint32 debtor, address signer) internal {
        Part storage part = _parts[c.id];
        Pool memory pool = _pools[c.id];
        require(part.state == State.Registered, StateWrong(c.id, part.state, State.Registered));
        require(pool.debtor == debtor, NotDebtor(c.id, signer));
        require(
            part.face == c.face && pool.dueDay == c.dueDay && pool.creditor == c.creditor
                && pool.currency == c.currency,
            ConfirmationMismatch(c.id)
        );
        require(_idOfInvoice[_invoiceKey(debtor, c.fingerprint)] == c.id, FingerprintWrong(c.id));
        part.state = State.Confirmed;
        emit ReceivableConfirmed(c.id, debtor, signer);
    }

    /// @dev Nothing was confirmed, so the invoice is free for the creditor it really belongs to.
    function _discard(uint256 id, bytes32 fingerprint, State state) internal {
        bytes32 key = _invoiceKey(_pools[id].debtor, fingerprint);
        require(_idOfInvoice[key] == id, FingerprintWrong(id));
        delete _idOfInvoice[key];
        _parts[id].state = state;
        _burn(id);
    }

    /// @dev Every way of moving a claim passes here: the gate of transfers.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from == address(0) || to == address(0)) return from;
        _requireNotPaused();
        Part memory part = _requireState(id, State.Confirmed);
        uint32 giver = participants.requireVerified(from, Roles.SUPPLIER);
        uint32 taker = participants.requireVerified(to, Roles.SUPPLIER);
        uint32 debtor = _pools[part.root].debtor;
        require(taker != debtor, DebtorCannotHold(debtor));
        require(part.tier < MAX_TIER, TierLimit(id, part.tier));
        // What was paid until now is the giver's.
        _creditHolder(id, from);
        _parts[id].tier = part.tier + 1;
        emit ReceivablePassedOn(id, giver, taker, part.tier + 1);
    }

    /// @dev Makes a part its own pool. The others' shares do not fall: the part leaves with its share rounded down.
    function _detach(uint256 id) internal {
        Part storage part = _parts[id];
        uint40 root = part.root;
        if (root == id) return;
        Pool storage pool = _pools[root];
        uint96 paid = _entitled(part, pool.paid);
        _pools[id] = Pool(pool.debtor, pool.creditor, pool.dueDay, pool.currency, paid);
        part.root = uint40(id);
        pool.paid -= paid;
        _parts[root].face -= part.face;
        emit ReceivableDetached(id, root, paid, _parts[root].face, pool.paid);
    }

    function _credit(uint256 id, uint96 amount, bytes32 documentHash) internal {
        Part storage part = _parts[id];
        uint96 outstanding = part.face - _pools[id].paid;
        require(amount <= outstanding, CreditTooLarge(id, amount, outstanding));
        part.face -= amount;
        emit CreditNoteIssued(id, amount, part.face, documentHash);
    }

    function _endDispute(uint256 id) internal {
        _parts[id].state = State.Confirmed;
        emit DisputeEnded(id, msg.sender);
    }

    function _noteLateDay(uint256 root, Pool storage pool) internal {
        uint32 today = Calendar.today();
        if (today <= pool.dueDay) return;
        LateDay[] storage late = _lateDays[root];
        if (late.length == 0 || late[late.length - 1].day != today) late.push(LateDay(today, pool.paid));
    }

    function _creditHolder(uint256 id, address holder) internal {
        uint96 amount = _claimable(id);
        if (amount == 0) return;
        uint16 currency = _pools[_parts[id].root].currency;
        _parts[id].claimed += amount;
        creditOf[holder][currency] += amount;
        emit ProceedsCredited(id, holder, currency, amount);
    }

    function _take(uint256 id, uint96 amount, address to) internal {
        uint96 claimed = _parts[id].claimed + amount;
        _parts[id].claimed = claimed;
        emit ProceedsClaimed(id, to, amount, claimed);
    }

    function _claimable(uint256 id) internal view returns (uint96) {
        Part memory part = _parts[id];
        return _entitled(part, _pools[part.root].paid) - part.claimed;
    }

    /// @dev Share of a part in what was paid on its pool, rounded down; the whole face once the pool is paid in full.
    function _entitled(Part memory part, uint96 paid) internal view returns (uint96) {
        uint96 whole = _parts[part.root].face;
        return whole == 0 ? 0 : uint96(Math.mulDiv(paid, part.face, whole));
    }

    function _stateOf(uint256 id) internal view returns (State state) {
        Part memory part = _parts[id];
        state = part.state;
        bool isOpen = state == State.Confirmed || state == State.Disputed;
        if (isOpen && _pools[part.root].paid == _parts[part.root].face) return State.Settled;
    }

    function _invoiceKey(uint32 debtor, bytes32 fingerprint) internal pure returns (bytes32) {
        return keccak256(abi.encode(debtor, fingerprint));
    }

    function _known(uint256 id) internal view returns (Part memory part) {
        part = _parts[id];
        require(part.state != State.None, ReceivableUnknown(id));
    }

    function _requireState(uint256 id, State needed) internal view returns (Part memory part) {
        part = _known(id);
        State state = part.state == State.Confirmed ? _stateOf(id) : part.state;
        require(state == needed, StateWrong(id, state, needed));
    }

    function _requireHolder(uint256 id) internal view {
        require(_ownerOf(id) == msg.sender, NotHolder(id, msg.sender));
    }

    function _requireDebtor(uint256 id) internal view returns (uint32 debtor) {
        debtor = _pools[_parts[id].root].debtor;
        require(participants.partyOf(msg.sender) == debtor, NotDebtor(id, msg.sender));
    }

    function _requireNotOverdue(uint256 id, uint256 root) internal view {
        uint32 dueDay = _pools[root].dueDay;
        require(Calendar.today() <= dueDay, DueDayPassed(id, dueDay));
    }

    function _requireLienor() internal view returns (uint8 lienor) {
        lienor = lienorOf[msg.sender];
        require(lienor != 0, NotLienor(msg.sender));
    }

    function _requireOwnLien(uint256 id) internal view returns (uint8 lienor) {
        lienor = _requireLienor();
        require(_parts[id].lienor == lienor, LienForeign(id, _parts[id].lienor));
    }

    function _requireCount(uint256 count, uint256 least, uint256 most) internal pure {
        require(count >= least && count <= most, CountOutOfBounds(count, least, most));
    }
}
