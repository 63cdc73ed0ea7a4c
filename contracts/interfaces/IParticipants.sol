// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Who may take part, as what, and until when
/// @notice Compliance admits parties after KYC. A party is a number; its wallets may change, its rights and debts stay with the number.
interface IParticipants {
    /// @param roles Bits of the roles the party was verified for.
    /// @param frozen True while compliance keeps the party from taking new money or rights.
    /// @param validUntil Second at which the KYC check expires.
    struct Party {
        uint16 roles;
        bool frozen;
        uint40 validUntil;
    }

    /// @notice A party was verified and given its first wallet.
    event PartyAdmitted(
        uint32 indexed party, address indexed wallet, uint16 roles, uint40 validUntil, bytes32 kycHash
    );
    /// @notice The KYC check of a party was repeated, with new roles and a new expiry.
    event PartyRenewed(uint32 indexed party, uint16 roles, uint40 validUntil, bytes32 kycHash);
    /// @notice A party may take no new money or rights until it is unfrozen.
    event PartyFrozen(uint32 indexed party, bytes32 reason);
    /// @notice A frozen party is free again.
    event PartyUnfrozen(uint32 indexed party);
    /// @notice A party uses one more wallet.
    event WalletAdded(uint32 indexed party, address indexed wallet);
    /// @notice A party's wallet was replaced; what the old one holds may be moved to the new one only.
    event WalletRotated(uint32 indexed party, address indexed from, address indexed to);

    /// @notice No verified party uses the wallet {wallet}.
    /// @custom:zh 钱包 {wallet} 不属于任何已认证的参与方。
    error WalletUnknown(address wallet);
    /// @notice There is no party {party}.
    /// @custom:zh 不存在编号为 {party} 的参与方。
    error PartyUnknown(uint32 party);
    /// @notice The wallet {wallet} already belongs to party {party}.
    /// @custom:zh 钱包 {wallet} 已属于参与方 {party}。
    error WalletTaken(address wallet, uint32 party);
    /// @notice The zero address cannot be a wallet.
    /// @custom:zh 零地址不能作为钱包。
    error WalletZero();
    /// @notice A party needs at least one known role; {roles} is not a valid set of roles.
    /// @custom:zh 参与方至少需要一个有效角色；{roles} 不是有效的角色组合。
    error RolesInvalid(uint16 roles);
    /// @notice The KYC check would end at {validUntil}, which is not between now and {latest}.
    /// @custom:zh KYC 有效期 {validUntil} 不在当前时间与 {latest} 之间。
    error ValidityInvalid(uint40 validUntil, uint256 latest);
    /// @notice The KYC check of party {party} expired at {validUntil}; it must be renewed first.
    /// @custom:zh 参与方 {party} 的 KYC 已于 {validUntil} 到期，请先更新认证。
    error PartyExpired(uint32 party, uint40 validUntil);
    /// @notice Party {party} is frozen by compliance.
    /// @custom:zh 参与方 {party} 已被合规部门冻结。
    error PartyIsFrozen(uint32 party);
    /// @notice Party {party} is not frozen.
    /// @custom:zh 参与方 {party} 未被冻结。
    error PartyNotFrozen(uint32 party);
    /// @notice Party {party} was not verified for the role {role}.
    /// @custom:zh 参与方 {party} 未取得角色 {role} 的认证。
    error RoleMissing(uint32 party, uint16 role);

    /// @notice Admits a party after KYC. Restricted to compliance.
    /// @param kycHash Hash of the KYC file, which stays off chain.
    function admit(address wallet, uint16 roles, uint40 validUntil, bytes32 kycHash) external returns (uint32 party);

    /// @notice Records a repeated KYC check. Restricted to compliance.
    function renew(uint32 party, uint16 roles, uint40 validUntil, bytes32 kycHash) external;

    /// @notice Stops a party from taking new money or rights, at once. What it holds and owes is not touched.
    function freeze(uint32 party, bytes32 reason) external;

    /// @notice Ends a freeze. Restricted to the delayed compliance role.
    function unfreeze(uint32 party) external;

    /// @notice Gives a party one more wallet. Restricted to compliance.
    function addWallet(uint32 party, address wallet) external;

    /// @notice Replaces a lost or stolen wallet. Restricted to compliance.
    function rotateWallet(address from, address to) external;

    /// @return The party of `wallet`, 0 when there is none.
    function partyOf(address wallet) external view returns (uint32);

    function partyData(uint32 party) external view returns (Party memory);

    /// @return The wallet that stands for `wallet` today: itself, or the last of its replacements.
    function heirOf(address wallet) external view returns (address);

    /// @notice Reverts unless `wallet` belongs to a party that is verified for `role`, not expired and not frozen.
    function requireVerified(address wallet, uint16 role) external view returns (uint32 party);

    /// @notice Reverts unless `party` is verified for `role`, not expired and not frozen.
    function requireVerifiedParty(uint32 party, uint16 role) external view;

    /// @return True when `requireVerified` would not revert.
    function isVerified(address wallet, uint16 role) external view returns (bool);
}
