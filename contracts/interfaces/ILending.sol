// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What every lending product refuses in the same words
interface ILending {
    /// @notice The signed offer was good until {deadline}; that time has passed.
    /// @custom:zh 签署的报价有效期至 {deadline}，现已过期。
    error OfferExpired(uint40 deadline);
    /// @notice The net amount would be {net}, less than the signed {signed}.
    /// @custom:zh 实际到账金额为 {net}，低于签署金额 {signed}。
    error NetBelowSigned(uint96 net, uint96 signed);
    /// @notice The amount to pay must be more than zero.
    /// @custom:zh 支付金额必须大于零。
    error PaymentZero();
    /// @notice Notice of default was already given on {noticeDay}.
    /// @custom:zh 已于 {noticeDay} 发出违约催告。
    error NoticeGivenBefore(uint32 noticeDay);
    /// @notice The default can be cured through {day}.
    /// @custom:zh 违约可在 {day}（含）前补救。
    error CureRuns(uint32 day);
}
