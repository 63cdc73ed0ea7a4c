// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Facts that a quorum of known signers vouches for
/// @notice The signatures are the authority; whoever relays them only pays the gas. Signers can stop reports at once, only the delayed admin path starts them again.
interface ISignedReports {
    /// @notice A new set of signers took over; reports signed for an earlier set are refused.
    event SignersChanged(uint32 indexed signerSet, address[] signers, uint8 threshold);
    /// @notice Reports are refused until they are resumed.
    event ReportsPaused(address indexed by);
    /// @notice Reports are taken again.
    event ReportsResumed();

    /// @notice Reports are paused.
    /// @custom:zh 预言机报告已暂停。
    error ReportsArePaused();
    /// @notice Reports are not paused.
    /// @custom:zh 预言机报告未处于暂停状态。
    error ReportsNotPaused();
    /// @notice The report's round {round} is not after the last round {last}.
    /// @custom:zh 报告轮次 {round} 不晚于上一轮次 {last}。
    error RoundPassed(uint64 round, uint64 last);
    /// @notice The report could be relayed until {deadline}; that time has passed.
    /// @custom:zh 报告须在 {deadline} 之前上链，现已超时。
    error ReportExpired(uint40 deadline);
    /// @notice The report was signed for the signer set {signed}; the set in force is {current}.
    /// @custom:zh 报告由签名组 {signed} 签署，而现行签名组为 {current}。
    error SignerSetWrong(uint32 signed, uint32 current);
    /// @notice The report carries {given} signatures; {threshold} are needed.
    /// @custom:zh 报告含 {given} 个签名，需要恰好 {threshold} 个。
    error QuorumMissed(uint256 given, uint8 threshold);
    /// @notice Signature number {index} is not a valid signature.
    /// @custom:zh 第 {index} 个签名无效。
    error SignatureInvalid(uint256 index);
    /// @notice {signer} is not a signer of the set in force.
    /// @custom:zh {signer} 不在现行签名组中。
    error SignerUnknown(address signer);
    /// @notice Signers must be in rising order without repetition; {signer} follows {previous}.
    /// @custom:zh 签名者须按地址升序且不得重复；{signer} 排在 {previous} 之后。
    error SignersOutOfOrder(address signer, address previous);
    /// @notice {threshold} of {signers} signers is not a quorum.
    /// @custom:zh {signers} 个签名者中取 {threshold} 个不构成有效法定数。
    error ThresholdInvalid(uint8 threshold, uint256 signers);
    /// @notice {caller} is neither a signer nor the guardian.
    /// @custom:zh {caller} 既不是签名者也不是守护者。
    error NotSignerOrGuardian(address caller);

    /// @notice Replaces the signers. Restricted to the delayed admin path.
    /// @param signers In rising order, none zero.
    /// @param threshold How many of them must sign a report.
    function setSigners(address[] calldata signers, uint8 threshold) external;

    /// @notice Stops all reports at once. Any signer or the guardian.
    function pauseReports() external;

    /// @notice Takes reports again. Restricted to the delayed admin path.
    function resumeReports() external;

    function isSigner(address account) external view returns (bool);

    /// @return Last accepted round of a kind of report under the signer set in force; rounds rise strictly, so that no report counts twice.
    function lastRound(bytes32 lane) external view returns (uint64);
}
