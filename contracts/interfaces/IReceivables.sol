// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Cash} from "../libraries/Cash.sol";

/// @title Claims on a debtor, each one held once
/// @notice A supplier registers a receivable and the debtor confirms it, or the debtor issues it confirmed. A confirmed receivable can be split, passed on and pledged once. What the debtor pays is shared among the parts in proportion to their amounts; every holder claims its own.
interface IReceivables is IERC721 {
    /// @notice Overdue is not a state but a fact of the calendar: the due day is over and the claim is not paid.
    enum State {
        None,
        Registered,
        Confirmed,
        Financed,
        Disputed,
        Split,
        Settled,
        Rejected,
        Cancelled
    }

    /// @param face Amount of the claim; of the whole pool when the receivable was split.
    /// @param claimed What was already paid or credited out of settlements to this part's holders.
    /// @param root Receivable whose settlements this part shares in; itself when it was never split or stands alone.
    /// @param state See `State`.
    /// @param tier How many times the claim was passed on.
    /// @param lienor Number of the product that holds a lien, 0 for none.
    struct Part {
        uint96 face;
        uint96 claimed;
        uint40 root;
        State state;
        uint8 tier;
        uint8 lienor;
    }

    /// @param debtor Party that owes.
    /// @param creditor Party that was first owed.
    /// @param dueDay Last day to pay, days since 1970-01-01 in Beijing.
    /// @param currency Number of the settlement token.
    /// @param paid What the debtor has paid on the pool so far.
    struct Pool {
        uint32 debtor;
        uint32 creditor;
        uint32 dueDay;
        uint16 currency;
        uint96 paid;
    }

    /// @notice A part and its pool, as a product needs them.
    /// @param outstanding What the debtor still owes on this part.
    /// @param claimable What was paid on this part and not yet claimed.
    struct Claim {
        State state;
        address holder;
        uint32 debtor;
        uint32 dueDay;
        IERC20 currency;
        uint96 outstanding;
        uint96 claimable;
    }

    /// @param debtor Party that owes.
    /// @param dueDay Last day to pay, days since 1970-01-01 in Beijing.
    /// @param face Amount in the token's smallest unit.
    /// @param currency Number of the settlement token.
    /// @param fingerprint Commitment over the invoice's canonical fields, keyed by the debtor so that nobody can guess an invoice from it.
    /// @param documentHash Hash of the contract, invoice and delivery papers.
    struct Registration {
        uint32 debtor;
        uint32 dueDay;
        uint96 face;
        uint16 currency;
        bytes32 fingerprint;
        bytes32 documentHash;
    }

    /// @notice What a debtor binds itself to; it must match the registration to the unit.
    struct Confirmation {
        uint256 id;
        uint32 creditor;
        uint96 face;
        uint32 dueDay;
        uint16 currency;
        bytes32 fingerprint;
    }

    /// @notice A receivable was registered and waits for the debtor.
    event ReceivableRegistered(
        uint256 indexed id,
        uint32 indexed debtor,
        uint32 indexed creditor,
        address holder,
        Registration registration
    );
    /// @notice The debtor confirmed that it owes the claim; this is also the notice of assignment.
    event ReceivableConfirmed(uint256 indexed id, uint32 indexed debtor, address signer);
    /// @notice The debtor does not recognise the claim.
    event ReceivableRejected(uint256 indexed id, uint32 indexed debtor, bytes32 reason);
    /// @notice The creditor took the registration back before it was confirmed.
    event ReceivableCancelled(uint256 indexed id, uint32 indexed creditor);
    /// @notice A receivable was divided; the parts add up to it exactly.
    event ReceivableSplit(uint256 indexed id, uint256 indexed root, uint256 firstPart, uint96[] faces);
    /// @notice A receivable was passed on.
    event ReceivablePassedOn(uint256 indexed id, uint32 indexed from, uint32 indexed to, uint8 tier);
    /// @notice A receivable was moved from a replaced wallet to its successor.
    event ReceivableRecovered(uint256 indexed id, address from, address to);
    /// @notice A part with a claim of its own no longer shares in its pool's settlements.
    event ReceivableDetached(uint256 indexed id, uint256 indexed pool, uint96 paidOnPart, uint96 poolFace, uint96 poolPaid);
    /// @notice The debtor disputes a claim.
    event ReceivableDisputed(uint256 indexed id, uint32 indexed debtor, bytes32 reason);
    /// @notice A dispute ended.
    event DisputeEnded(uint256 indexed id, address by);
    /// @notice The holder waived a part of the claim.
    event CreditNoteIssued(uint256 indexed id, uint96 amount, uint96 face, bytes32 documentHash);
    /// @notice A product took a lien.
    event ReceivablePledged(uint256 indexed id, uint8 indexed lienor);
    /// @notice A product gave its lien back.
    event ReceivableReleased(uint256 indexed id, uint8 indexed lienor);
    /// @notice The debtor, or somebody for it, paid on a pool.
    event ReceivableSettled(uint256 indexed pool, address indexed payer, uint96 amount, uint96 paid, uint96 face);
    /// @notice What was paid on a part went to the holder, or to the holder's credit when the part changed hands.
    event ProceedsClaimed(uint256 indexed id, address indexed to, uint96 amount, uint96 claimed);
    /// @notice What was paid on a part became the credit of a former holder.
    event ProceedsCredited(uint256 indexed id, address indexed holder, uint16 indexed currency, uint96 amount);
    /// @notice A former holder's credit was paid out.
    event CreditPaid(address indexed holder, address indexed to, uint16 indexed currency, uint256 amount);
    /// @notice A settlement token was admitted after a trial transfer.
    event CurrencyAllowed(uint16 indexed currency, address token);
    /// @notice A product may take liens.
    event LienorAllowed(uint8 indexed lienor, address product);

    /// @notice There is no receivable {id}.
    /// @custom:zh 不存在编号为 {id} 的应收账款。
    error ReceivableUnknown(uint256 id);
    /// @notice The amount must be more than zero.
    /// @custom:zh 金额必须大于零。
    error AmountZero();
    /// @notice The due day {dueDay} must lie after today ({today}) and not after {latest}.
    /// @custom:zh 到期日 {dueDay} 必须晚于今日（{today}）且不晚于 {latest}。
    error DueDayInvalid(uint32 dueDay, uint32 today, uint32 latest);
    /// @notice The invoice fingerprint must not be empty.
    /// @custom:zh 发票指纹不能为空。
    error FingerprintEmpty();
    /// @notice This invoice is already registered as receivable {id}.
    /// @custom:zh 该发票已登记为应收账款 {id}，不可重复登记。
    error InvoiceRegistered(uint256 id);
    /// @notice Party {party} cannot owe itself.
    /// @custom:zh 参与方 {party} 不能成为自己的债务人。
    error DebtorIsCreditor(uint32 party);
    /// @notice Settlement currency {currency} is not admitted.
    /// @custom:zh 结算币种 {currency} 未获准入。
    error CurrencyUnknown(uint16 currency);
    /// @notice The token {token} kept a fee: {arrived} of {sent} arrived. Such tokens are not admitted.
    /// @custom:zh 代币 {token} 转账时扣费：转出 {sent}，仅到账 {arrived}，不予准入。
    error CurrencyKeepsFee(address token, uint256 sent, uint256 arrived);
    /// @notice There is no contract at {token}.
    /// @custom:zh 地址 {token} 上没有合约。
    error CurrencyNotContract(address token);
    /// @notice The token {token} is admitted already.
    /// @custom:zh 代币 {token} 已获准入。
    error CurrencyKnown(address token);
    /// @notice The token {token} has {decimals} decimals; at most 6 are admitted.
    /// @custom:zh 代币 {token} 有 {decimals} 位小数，最多允许 6 位。
    error CurrencyTooFine(address token, uint8 decimals);
    /// @notice {caller} is not the debtor of receivable {id}.
    /// @custom:zh {caller} 不是应收账款 {id} 的债务人。
    error NotDebtor(uint256 id, address caller);
    /// @notice {caller} does not hold receivable {id}.
    /// @custom:zh {caller} 不是应收账款 {id} 的持有人。
    error NotHolder(uint256 id, address caller);
    /// @notice Receivable {id} is {state}; this step needs it to be {needed}.
    /// @custom:zh 应收账款 {id} 的状态为 {state}，此操作要求状态为 {needed}。
    error StateWrong(uint256 id, State state, State needed);
    /// @notice The signed confirmation was good until {deadline}; that time has passed.
    /// @custom:zh 确权签名有效期至 {deadline}，现已过期。
    error ConfirmationExpired(uint256 deadline);
    /// @notice The signature over receivable {id} is not by a wallet of the debtor, {debtor}.
    /// @custom:zh 应收账款 {id} 的签名并非来自债务人 {debtor} 的钱包。
    error ConfirmationInvalid(uint256 id, uint32 debtor);
    /// @notice The confirmation differs from what is registered as receivable {id}.
    /// @custom:zh 确权内容与应收账款 {id} 的登记信息不一致。
    error ConfirmationMismatch(uint256 id);
    /// @notice Receivable {id} was not registered with this fingerprint.
    /// @custom:zh 应收账款 {id} 的登记指纹与此不符。
    error FingerprintWrong(uint256 id);
    /// @notice {count} items are too many or too few for one call; between {least} and {most} are allowed.
    /// @custom:zh 一次调用包含 {count} 项，只允许 {least} 至 {most} 项。
    error CountOutOfBounds(uint256 count, uint256 least, uint256 most);
    /// @notice The parts add up to {sum}, but the receivable is {face}.
    /// @custom:zh 拆分金额合计 {sum}，与应收账款金额 {face} 不符。
    error PartsUnequal(uint256 sum, uint256 face);
    /// @notice {paid} has already been paid on receivable {id}; it can no longer be split.
    /// @custom:zh 应收账款 {id} 已收到 {paid} 的还款，不能再拆分。
    error SettlementBegun(uint256 id, uint96 paid);
    /// @notice The due day {dueDay} of receivable {id} is over.
    /// @custom:zh 应收账款 {id} 的到期日 {dueDay} 已过。
    error DueDayPassed(uint256 id, uint32 dueDay);
    /// @notice A receivable cannot be passed on to its own debtor, party {debtor}.
    /// @custom:zh 应收账款不能转让给其债务人（参与方 {debtor}）。
    error DebtorCannotHold(uint32 debtor);
    /// @notice Receivable {id} was passed on {tier} times; that is the most.
    /// @custom:zh 应收账款 {id} 已流转 {tier} 次，达到上限。
    error TierLimit(uint256 id, uint8 tier);
    /// @notice The credit note over {amount} exceeds what is still owed on receivable {id}, {outstanding}.
    /// @custom:zh 贷项金额 {amount} 超过应收账款 {id} 的未付余额 {outstanding}。
    error CreditTooLarge(uint256 id, uint96 amount, uint96 outstanding);
    /// @notice {caller} is not a product that may take liens.
    /// @custom:zh {caller} 不是可设立质押的产品合约。
    error NotLienor(address caller);
    /// @notice The lien on receivable {id} belongs to product {lienor}, not to the caller.
    /// @custom:zh 应收账款 {id} 的质押权属于产品 {lienor}，不属于调用者。
    error LienForeign(uint256 id, uint8 lienor);
    /// @notice The wallet {wallet} was not replaced.
    /// @custom:zh 钱包 {wallet} 未被更换。
    error WalletNotRotated(address wallet);
    /// @notice Nothing is waiting to be paid out.
    /// @custom:zh 没有可领取的款项。
    error NothingToClaim();
    /// @notice Nothing is owed on receivable {id} any more.
    /// @custom:zh 应收账款 {id} 已无未付余额。
    error NothingOwed(uint256 id);
    /// @notice The product {product} may take liens already.
    /// @custom:zh 产品 {product} 已获准设立质押。
    error LienorKnown(address product);

    /* ORIGINATION */

    /// @notice Registers a claim of the caller on a debtor.
    function register(Registration calldata registration) external returns (uint256 id);

    /// @notice Registers up to 100 claims in one transaction; all or none.
    function registerBatch(Registration[] calldata registrations) external returns (uint256 firstId);

    /// @notice The debtor issues a claim against itself, confirmed from the start.
    function issue(Registration calldata registration, address creditor) external returns (uint256 id);

    /// @notice The debtor confirms a registered claim, irrevocably.
    function confirm(Confirmation calldata confirmation) external;

    /// @notice Confirms up to 100 claims; all or none.
    function confirmBatch(Confirmation[] calldata confirmations) external;

    /// @notice Relays a confirmation that a wallet of the debtor signed (EIP-712, or ERC-1271 for contract wallets).
    function confirmBySignature(
        Confirmation calldata confirmation,
        address signer,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice The debtor does not recognise a registered claim; its invoice may be registered again.
    function reject(uint256 id, bytes32 fingerprint, bytes32 reason) external;

    /// @notice The creditor takes a registered claim back; its invoice may be registered again.
    function cancel(uint256 id, bytes32 fingerprint) external;

    /* CIRCULATION */

    /// @notice Divides a claim into 2 to 50 parts that add up to it exactly. It moves no value, so it needs no verification.
    function split(uint256 id, uint96[] calldata faces) external returns (uint256 firstPart);

    /// @notice Moves a claim from a replaced wallet to its successor. Anyone may call it; the destination is fixed by compliance.
    function recover(uint256 id) external;

    /* DISPUTE */

    /// @notice The debtor disputes a claim that is not financed, at the latest on the due day.
    function dispute(uint256 id, bytes32 reason) external;

    /// @notice The debtor drops its dispute.
    function withdrawDispute(uint256 id) external;

    /// @notice Ends a dispute as a court or arbiter decided. Restricted to compliance.
    /// @param credit Amount that the debtor need not pay.
    function resolveDispute(uint256 id, uint96 credit, bytes32 documentHash) external;

    /// @notice The holder waives a part of an unfinanced claim.
    function issueCreditNote(uint256 id, uint96 amount, bytes32 documentHash) external;

    /* SETTLEMENT */

    /// @notice Pays on the pool of a receivable, for the debtor. Takes at most what is owed.
    /// @return settled What was credited.
    function settle(uint256 id, uint96 amount) external returns (uint96 settled);

    /// @notice The same, with the payer's permit instead of an earlier allowance.
    function settleWithPermit(uint256 id, uint96 amount, Cash.Permit calldata permit) external returns (uint96 settled);

    /// @notice Pays what is claimable on an unpledged part to its holder. Anyone may deliver it.
    function release(uint256 id) external returns (uint96 amount);

    /// @notice Pays a former holder's credit out. Anyone may deliver it.
    function releaseCredit(address holder, uint16 currency) external returns (uint256 amount);

    /* REGISTRIES */

    /// @notice Admits a settlement token after moving a trial amount of the caller's to and fro. Restricted to the delayed risk role.
    function allowCurrency(address token) external returns (uint16 currency);

    /// @notice Lets a product take liens. Restricted to the admin.
    function allowLienor(address product) external returns (uint8 lienor);

    /* LIEN */

    /// @notice A product pledges a confirmed claim to itself; from now on its settlements are the product's to collect.
    function pledge(uint256 id) external;

    /// @notice A product takes up to `most` of what is claimable on its lien.
    /// @return amount What arrived at `to`.
    function collect(uint256 id, address to, uint96 most) external returns (uint96 amount);

    /// @notice A product gives its lien back; what remains claimable is the holder's.
    function unpledge(uint256 id) external;

    /* READING */

    /// @return Token of a settlement currency.
    function currencyOf(uint16 currency) external view returns (IERC20);

    /// @return Receivable registered for an invoice of a debtor, 0 when there is none.
    function idOfInvoice(uint32 debtor, bytes32 fingerprint) external view returns (uint256);

    function partOf(uint256 id) external view returns (Part memory);

    function poolOf(uint256 id) external view returns (Pool memory);

    function claimOf(uint256 id) external view returns (Claim memory);

    /// @return Unit-days within [fromDay, toDay) on which at least part of `most` was paid on this part and unclaimed; at most `most` counts a day.
    function coveredDays(uint256 id, uint32 fromDay, uint32 toDay, uint96 most) external view returns (uint256);
}
