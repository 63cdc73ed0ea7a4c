// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRiskPolicy} from "./interfaces/IRiskPolicy.sol";
import {ITreasury} from "./interfaces/ITreasury.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Cash} from "./libraries/Cash.sol";
import {Interest} from "./libraries/Interest.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Implementation of ITreasury, where every call, event and error is documented
contract Treasury is ITreasury, ERC4626, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Cash for IERC20;
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice Shares that a hundred units bought at the beginning: what leaving lenders may leave behind without closing the vault.
    uint256 public constant DUST_SHARES = 100 * 10 ** 6;

    IParticipants public immutable participants;

    /// @param throughDay Day through which discount is earned.
    struct Ledger {
        uint96 cash;
        uint96 outstanding;
        uint32 throughDay;
        uint96 unearned;
        uint96 dailyEarning;
    }

    Ledger internal _ledger;
    /// @dev Apart from the ledger: payouts and repayments on time need not touch them.
    uint96 internal _impaired;
    uint96 internal _cover;
    Accrual internal _accrual;
    mapping(uint32 party => Account) internal _accounts;
    mapping(IRiskPolicy.Product product => uint256) public outstandingOf;
    mapping(address account => bool) public isProduct;
    /// @dev Daily earnings whose last day is `day`.
    mapping(uint32 day => uint96) internal _endsOn;

    modifier onlyProduct() {
        require(isProduct[msg.sender], NotProduct(msg.sender));
        _;
    }

    constructor(address authority, IParticipants participants_, IERC20 cash_)
        ERC20("Heqi lender share", "HQL")
        ERC4626(cash_)
        AccessManaged(authority)
    {
        participants = participants_;
        _ledger.throughDay = Calendar.today();
    }

    /* LIMITS */

    function setLimit(uint32 party, uint96 limit) external restricted {
        participants.partyData(party);
        bool raised = limit > _accounts[party].limit;
        _accounts[party].limit = limit;
        emit LimitChanged(party, limit, raised);
    }

    function cutLimit(uint32 party, uint96 limit) external restricted {
        participants.partyData(party);
        uint96 current = _accounts[party].limit;
        require(limit <= current, NotACut(party, limit, current));
        _accounts[party].limit = limit;
        emit LimitChanged(party, limit, false);
    }

    function allowProduct(address product) external restricted {
        isProduct[product] = true;
        emit ProductAllowed(product);
    }

    /* LENDING */

    function disburse(Disbursement calldata d) external onlyProduct whenNotPaused nonReentrant {
        uint96 outstanding = _requireFundable(d.party, d.principal, d.net, d.cap);
        Ledger memory b = _earned();
        _accounts[d.party].outstanding = outstanding;
        outstandingOf[d.product] += d.principal;
        b.cash -= d.net;
        b.outstanding += d.principal;
        _beginEarning(b, d);
        _ledger = b;
        emit Disbursed(d.product, d.party, d.to, d.net, d.principal, outstanding, b.cash);
        IERC20(asset()).safeTransfer(d.to, d.net);
    }

    function bookRepayment(Repayment calldata r) external onlyProduct {
        Ledger memory b = _earned();
        Account storage account = _accounts[r.party];
        account.outstanding -= r.principal;
        outstandingOf[r.product] -= r.principal;
        b.cash += r.principal + r.income;
        b.outstanding -= r.principal;
        if (r.impairmentReleased != 0) _impaired -= r.impairmentReleased;
        if (r.endDay > b.throughDay) _endEarning(b, r.endDay, r.dailyEarning);
        _ledger = b;
        emit Repaid(r.product, r.party, r.principal, r.income, account.outstanding, b.cash);
        if (r.arrearsEnded) _endArrears(r.party);
    }

    function bookAccrual(uint120 accruedFrom, uint120 accruedTo, uint104 perDayFrom, uint104 perDayTo)
        external
        onlyProduct
    {
        Accrual memory a = accrual();
        a.accrued = a.accrued - accruedFrom + accruedTo;
        a.perDay = a.perDay - perDayFrom + perDayTo;
        _accrual = a;
        emit AccrualChanged(a.accrued, a.perDay, a.throughDay);
    }

    function bookImpairment(IRiskPolicy.Product product, uint32 party, uint96 from, uint96 to) external onlyProduct {
        _impaired = _impaired - from + to;
        emit ImpairmentChanged(product, party, from, to, _impaired);
    }

    function bookArrears(uint32 party) external onlyProduct {
        uint32 arrears = ++_accounts[party].arrears;
        emit ArrearsBegun(party, arrears);
    }

    function bookLoss(IRiskPolicy.Product product, uint32 party, uint96 principal, uint96 impairedBefore)
        external
        onlyProduct
        returns (uint96 fromCover)
    {
        Ledger memory b = _earned();
        fromCover = uint96(Math.min(_cover, principal));
        _accounts[party].outstanding -= principal;
        outstandingOf[product] -= principal;
        b.outstanding -= principal;
        _impaired -= impairedBefore;
        _cover -= fromCover;
        b.cash += fromCover;
        _ledger = b;
        emit WrittenOff(product, party, principal, fromCover, _cover);
    }

    function bookRecovery(
        IRiskPolicy.Product product,
        uint32 party,
        uint96 toLenders,
        uint96 toCover,
        bool arrearsEnded
    ) external onlyProduct {
        _ledger.cash += toLenders;
        _cover += toCover;
        emit Recovered(product, party, toLenders, toCover, _ledger.cash, _cover);
        if (arrearsEnded) _endArrears(party);
    }

    /* LENDERS */

    function deposit(uint256 assets, address receiver) public override(ERC4626, IERC4626) returns (uint256) {
        _requireMayEnter(receiver);
        return super.deposit(assets, receiver);
    }

    function mint(uint256 shares, address receiver) public override(ERC4626, IERC4626) returns (uint256) {
        _requireMayEnter(receiver);
        return super.mint(shares, receiver);
    }

    function withdraw(uint256 assets, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        whenNotPaused
        returns (uint256)
    {
        return super.withdraw(assets, receiver, owner);
    }

    function redeem(uint256 shares, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        whenNotPaused
        returns (uint256)
    {
        return super.redeem(shares, receiver, owner);
    }

    /* COVER */

    function depositCover(uint96 amount) external nonReentrant {
        uint32 party = participants.requireVerified(msg.sender, Roles.COVER_PROVIDER);
        uint96 received = IERC20(asset()).pull(msg.sender, address(this), amount);
        _cover += received;
        emit CoverDeposited(party, received, _cover);
    }

    function withdrawCover(address to, uint96 amount) external restricted whenNotPaused nonReentrant {
        require(amount <= _cover, CoverShort(_cover, amount));
        _cover -= amount;
        emit CoverWithdrawn(to, amount, _cover);
        IERC20(asset()).safeTransfer(to, amount);
    }

    /* STOPPING */

    function pause() external restricted {
        _pause();
    }

    function unpause() external restricted {
        _unpause();
    }

    /* READING */

    function accountOf(uint32 party) external view returns (Account memory) {
        return _accounts[party];
    }

    function book() external view returns (Book memory) {
        Ledger memory b = _earned();
        return Book(b.cash, b.outstanding, b.throughDay, b.unearned, b.dailyEarning, _impaired, _cover);
    }

    function accrual() public view returns (Accrual memory a) {
        a = _accrual;
        uint32 today = Calendar.today();
        if (a.perDay != 0) a.accrued += (uint256(a.perDay) * (today - a.throughDay)).toUint120();
        a.throughDay = today;
    }

    function headroom(uint32 party, uint96 cap) external view returns (uint96) {
        Account memory account = _accounts[party];
        if (account.arrears != 0) return 0;
        return uint96(Math.saturatingSub(Math.min(account.limit, cap), account.outstanding));
    }

    function requireFundable(uint32 party, uint96 principal, uint96 net, uint96 cap) external view whenNotPaused {
        _requireFundable(party, principal, net, cap);
    }

    function grossAssets() public view returns (uint256) {
        Ledger memory b = _earned();
        return uint256(b.cash) + b.outstanding - b.unearned + Interest.unitsDown(accrual().accrued);
    }

    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        return grossAssets() - _impaired;
    }

    function decimals() public view override(ERC4626, IERC20Metadata) returns (uint8) {
        return ERC4626.decimals();
    }

    /// @notice Lenders leave with cash only, and not while the treasury is paused.
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return paused() ? 0 : Math.min(previewRedeem(balanceOf(owner)), _ledger.cash);
    }

    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        if (paused()) return 0;
        uint256 shares = balanceOf(owner);
        // The last shares are not locked: all of them go whenever the cash reaches for what they are worth.
        return previewRedeem(shares) <= _ledger.cash ? shares : _convertToShares(_ledger.cash, Math.Rounding.Floor);
    }

    function maxDeposit(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        return participants.isVerified(receiver, Roles.LENDER) && !_isWipedOut() ? type(uint96).max : 0;
    }

    function maxMint(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 assets = maxDeposit(receiver);
        return assets == 0 ? 0 : previewDeposit(assets);
    }

    /// @notice Lenders enter at the value before impairment: a loss that is not booked yet is not bought cheaply.
    function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + 10 ** _decimalsOffset(), grossAssets() + 1);
    }

    function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        return Math.mulDiv(shares, grossAssets() + 1, totalSupply() + 10 ** _decimalsOffset(), Math.Rounding.Ceil);
    }

    /* INTERNAL */

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        uint256 received = IERC20(asset()).pull(caller, address(this), assets);
        require(received == assets, DepositKeptFee(assets, received));
        _ledger.cash += assets.toUint96();
        _mint(receiver, shares);
        emit Deposit(caller, receiver, assets, shares);
    }

    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        _ledger.cash -= assets.toUint96();
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    /// @dev Shares are held by verified lenders only, however they come to them; leaving stays possible for everybody.
    function _update(address from, address to, uint256 value) internal override {
        if (to != address(0)) participants.requireVerified(to, Roles.LENDER);
        super._update(from, to, value);
    }

    /// @dev Virtual shares: a first depositor cannot inflate the price of a share.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _isWipedOut() internal view returns (bool) {
        return totalSupply() > DUST_SHARES && grossAssets() == 0;
    }

    function _requireFundable(uint32 party, uint96 principal, uint96 net, uint96 cap)
        internal
        view
        returns (uint96 outstanding)
    {
        Account memory account = _accounts[party];
        require(account.arrears == 0, PartyInArrears(party, account.arrears));
        uint256 wouldOwe = uint256(account.outstanding) + principal;
        uint256 limit = Math.min(account.limit, cap);
        require(wouldOwe <= limit, LimitExceeded(party, wouldOwe, limit));
        require(net <= _ledger.cash, CashShort(_ledger.cash, net));
        return uint96(wouldOwe);
    }

    function _requireMayEnter(address receiver) internal view {
        participants.requireVerified(receiver, Roles.LENDER);
        require(!_isWipedOut(), VaultWipedOut(totalSupply()));
    }

    function _endArrears(uint32 party) internal {
        uint32 arrears = --_accounts[party].arrears;
        emit ArrearsEnded(party, arrears);
    }

    /// @dev The remainder of an even daily earning is earned at once; it is less than a unit a day.
    function _beginEarning(Ledger memory b, Disbursement calldata d) internal {
        if (d.principal == d.net) return;
        uint32 term = d.endDay - d.startDay;
        uint96 daily = (d.principal - d.net) / term;
        b.dailyEarning += daily;
        b.unearned += daily * term;
        _endsOn[d.endDay] += daily;
    }

    function _endEarning(Ledger memory b, uint32 endDay, uint96 daily) internal {
        b.unearned -= daily * (endDay - b.throughDay);
        b.dailyEarning -= daily;
        _endsOn[endDay] -= daily;
    }

    /// @dev Walks the days since the last change; nothing is earned after the last term ends, at most a year on.
    function _earned() internal view returns (Ledger memory b) {
        b = _ledger;
        uint32 today = Calendar.today();
        for (uint32 day = b.throughDay; day < today && b.dailyEarning != 0;) {
            ++day;
            b.unearned -= b.dailyEarning;
            b.dailyEarning -= _endsOn[day];
        }
        b.throughDay = today;
    }
}
