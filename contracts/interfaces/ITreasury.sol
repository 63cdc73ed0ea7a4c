// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IRiskPolicy} from "./IRiskPolicy.sol";

/// @title The lenders' money and what is owed to it
/// @notice An ERC-4626 vault; the only contract that pays loans out. It counts its own cash, so that a gift changes nothing, and keeps one limit per party over all products. Discount is earned day by day. Lenders enter at the value before impairment and leave at the value after it.
interface ITreasury is IERC4626 {
    /// @param limit Most that the party may owe over all products.
    /// @param outstanding Principal that the party owes over all products.
    /// @param arrears Number of its financings that are overdue or were lost; with any, nothing new is paid out.
    struct Account {
        uint96 limit;
        uint96 outstanding;
        uint32 arrears;
    }

    /// @param cash Cash of the lenders in the vault.
    /// @param outstanding Principal owed over all parties and products.
    /// @param throughDay Day through which discount is earned.
    /// @param unearned Discount not yet earned after `throughDay`.
    /// @param dailyEarning Discount earned on each following day until a term ends.
    /// @param impaired Principal that is not expected back.
    /// @param cover First-loss cover.
    struct Book {
        uint96 cash;
        uint96 outstanding;
        uint32 throughDay;
        uint96 unearned;
        uint96 dailyEarning;
        uint96 impaired;
        uint96 cover;
    }

    /// @notice Daily interest of lines in order, in units × bps × days (see `Interest.ACCRUAL_UNIT`): part of the vault's value from day to day.
    /// @param accrued Accrued through `throughDay` and not paid.
    /// @param perDay Accrues on each following day.
    struct Accrual {
        uint120 accrued;
        uint104 perDay;
        uint32 throughDay;
    }

    /// @param party Obligor.
    /// @param to Wallet that receives the net amount.
    /// @param net What is paid out.
    /// @param principal What is owed for it.
    /// @param cap Most that the party's grade may owe.
    /// @param startDay Day of the payout.
    /// @param endDay Last day of the term; the difference of principal and net is earned until then.
    struct Disbursement {
        IRiskPolicy.Product product;
        uint32 party;
        address to;
        uint96 net;
        uint96 principal;
        uint96 cap;
        uint32 startDay;
        uint32 endDay;
    }

    /// @param principal Part of the payment that repays principal.
    /// @param income Part of the payment that is late interest.
    /// @param impairmentReleased Impairment that the payment makes needless.
    /// @param endDay Last day of the term when the payment makes the rest of its discount earned, otherwise 0.
    /// @param dailyEarning Daily discount of that term; what is left of it is earned now.
    /// @param arrearsEnded True when the payment ends an arrears.
    struct Repayment {
        IRiskPolicy.Product product;
        uint32 party;
        uint96 principal;
        uint96 income;
        uint96 impairmentReleased;
        uint32 endDay;
        uint96 dailyEarning;
        bool arrearsEnded;
    }

    /// @notice A product contract may pay out and book.
    event ProductAllowed(address product);
    /// @notice The limit of a party over all products changed.
    event LimitChanged(uint32 indexed party, uint96 limit, bool raised);
    /// @notice Money was paid out to a party or on its account.
    event Disbursed(
        IRiskPolicy.Product indexed product,
        uint32 indexed party,
        address indexed to,
        uint96 net,
        uint96 principal,
        uint96 partyOutstanding,
        uint96 cash
    );
    /// @notice Principal and income came back.
    event Repaid(
        IRiskPolicy.Product indexed product,
        uint32 indexed party,
        uint96 principal,
        uint96 income,
        uint96 partyOutstanding,
        uint96 cash
    );
    /// @notice The interest that lines accrue changed.
    event AccrualChanged(uint120 accrued, uint104 perDay, uint32 throughDay);
    /// @notice What is expected to be lost changed.
    event ImpairmentChanged(IRiskPolicy.Product indexed product, uint32 indexed party, uint96 from, uint96 to, uint96 impaired);
    /// @notice A financing of the party fell into arrears.
    event ArrearsBegun(uint32 indexed party, uint32 arrears);
    /// @notice A financing of the party is no longer in arrears.
    event ArrearsEnded(uint32 indexed party, uint32 arrears);
    /// @notice Principal was written off; the cover bore its part.
    event WrittenOff(
        IRiskPolicy.Product indexed product, uint32 indexed party, uint96 principal, uint96 fromCover, uint96 cover
    );
    /// @notice Money came back on a loss.
    event Recovered(
        IRiskPolicy.Product indexed product, uint32 indexed party, uint96 toLenders, uint96 toCover, uint96 cash, uint96 cover
    );
    /// @notice First-loss cover was paid in.
    event CoverDeposited(uint32 indexed party, uint96 amount, uint96 cover);
    /// @notice First-loss cover was taken out.
    event CoverWithdrawn(address indexed to, uint96 amount, uint96 cover);

    /// @notice {caller} is not a product of the treasury.
    /// @custom:zh {caller} 不是资金池认可的产品合约。
    error NotProduct(address caller);
    /// @notice Party {party} would owe {wouldOwe}, but may owe at most {limit} over all products.
    /// @custom:zh 参与方 {party} 的授信余额将达 {wouldOwe}，超过统一授信额度 {limit}。
    error LimitExceeded(uint32 party, uint256 wouldOwe, uint256 limit);
    /// @notice Party {party} is in arrears with {arrears} financings; nothing new is paid out until they are settled.
    /// @custom:zh 参与方 {party} 有 {arrears} 笔融资逾期，结清前不再放款。
    error PartyInArrears(uint32 party, uint32 arrears);
    /// @notice The treasury holds {available} in cash, but {needed} is needed.
    /// @custom:zh 资金池可用现金为 {available}，需要 {needed}。
    error CashShort(uint96 available, uint96 needed);
    /// @notice The new limit {limit} of party {party} is above the one in force, {current}; raising it must wait for the delay.
    /// @custom:zh 参与方 {party} 的新额度 {limit} 高于现行额度 {current}，提额须经延时流程生效。
    error NotACut(uint32 party, uint96 limit, uint96 current);
    /// @notice {arrived} of {sent} arrived; the vault takes no token that keeps a fee.
    /// @custom:zh 转出 {sent}，仅到账 {arrived}；资金池不接受转账扣费的代币。
    error DepositKeptFee(uint256 sent, uint256 arrived);
    /// @notice The vault has lost everything that its {shares} shares stood for; it takes no deposits.
    /// @custom:zh 资金池的 {shares} 份额已无任何资产对应，不再接受存入。
    error VaultWipedOut(uint256 shares);
    /// @notice The cover holds {cover}; {amount} cannot be taken out.
    /// @custom:zh 首损保障金余额为 {cover}，无法取出 {amount}。
    error CoverShort(uint96 cover, uint96 amount);

    /// @notice Sets the limit of a party. Restricted to the delayed risk role.
    function setLimit(uint32 party, uint96 limit) external;

    /// @notice Lowers the limit of a party at once. Restricted to the risk officer. What is drawn does not fall due.
    function cutLimit(uint32 party, uint96 limit) external;

    /// @notice Lets a product contract pay out and book. Restricted to the admin.
    function allowProduct(address product) external;

    /// @notice Pays out. Restricted to products.
    function disburse(Disbursement calldata disbursement) external;

    /// @notice Books money that the product has just moved here. Restricted to products.
    function bookRepayment(Repayment calldata repayment) external;

    /// @notice Books what a loan adds to the accrued interest, before and after a change of today; nothing while it is not expected to be paid. Restricted to products.
    function bookAccrual(uint120 accruedFrom, uint120 accruedTo, uint104 perDayFrom, uint104 perDayTo) external;

    /// @notice Books a change of what is expected to be lost. Restricted to products.
    function bookImpairment(IRiskPolicy.Product product, uint32 party, uint96 from, uint96 to) external;

    /// @notice Books that a financing of the party fell into arrears. Restricted to products.
    function bookArrears(uint32 party) external;

    /// @notice Books a loss; the cover bears it as far as it reaches. Restricted to products.
    /// @param impairedBefore Part of the principal that was impaired already.
    /// @return fromCover What the cover bore.
    function bookLoss(IRiskPolicy.Product product, uint32 party, uint96 principal, uint96 impairedBefore)
        external
        returns (uint96 fromCover);

    /// @notice Books money that came back on a loss. Restricted to products.
    function bookRecovery(
        IRiskPolicy.Product product,
        uint32 party,
        uint96 toLenders,
        uint96 toCover,
        bool arrearsEnded
    ) external;

    /// @notice Pays first-loss cover in.
    function depositCover(uint96 amount) external;

    /// @notice Takes first-loss cover out. Restricted to the delayed risk role.
    function withdrawCover(address to, uint96 amount) external;

    /// @return Principal owed on all financings of a product.
    function outstandingOf(IRiskPolicy.Product product) external view returns (uint256);

    function accountOf(uint32 party) external view returns (Account memory);

    /// @return The book with discount earned through today.
    function book() external view returns (Book memory);

    /// @return Interest accrued through today.
    function accrual() external view returns (Accrual memory);

    /// @return What a party of a grade capped at `cap` may still be paid: 0 in arrears.
    function headroom(uint32 party, uint96 cap) external view returns (uint96);

    /// @notice Reverts with the named reason unless `disburse` would pay this out now.
    function requireFundable(uint32 party, uint96 principal, uint96 net, uint96 cap) external view;

    /// @return Value of the vault before impairment, at which lenders enter.
    function grossAssets() external view returns (uint256);
}
