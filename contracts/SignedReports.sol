// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ISignedReports} from "./interfaces/ISignedReports.sol";

/// @title Implementation of ISignedReports, where every call, event and error is documented
abstract contract SignedReports is ISignedReports, EIP712, AccessManaged {
    /// @notice More signers than this would not fit a batch into a block's gas with room to spare.
    uint256 public constant MAX_SIGNERS = 16;

    uint32 public signerSet;
    uint8 public threshold;
    bool public reportsPaused;
    /// @dev Counted for each set of signers apart: a set that runs the rounds to their end does not stop its successors.
    mapping(uint32 set => mapping(bytes32 lane => uint64)) internal _lastRound;
    /// @dev The set an account last belonged to. Changing the set drops every earlier signer at once.
    mapping(address account => uint32) internal _setOf;

    /* SIGNERS */

    function setSigners(address[] calldata signers, uint8 threshold_) external restricted {
        require(
            threshold_ != 0 && threshold_ <= signers.length && signers.length <= MAX_SIGNERS,
            ThresholdInvalid(threshold_, signers.length)
        );
        uint32 set = ++signerSet;
        address previous;
        for (uint256 i; i < signers.length; ++i) {
            require(signers[i] > previous, SignersOutOfOrder(signers[i], previous));
            previous = signers[i];
            _setOf[previous] = set;
        }
        threshold = threshold_;
        emit SignersChanged(set, signers, threshold_);
    }

    function isSigner(address account) public view returns (bool) {
        uint32 set = _setOf[account];
        return set != 0 && set == signerSet;
    }

    function lastRound(bytes32 lane) external view returns (uint64) {
        return _lastRound[signerSet][lane];
    }

    /* STOPPING */

    function pauseReports() external {
        _requireSignerOrGuardian();
        reportsPaused = true;
        emit ReportsPaused(msg.sender);
    }

    function resumeReports() external restricted {
        require(reportsPaused, ReportsNotPaused());
        reportsPaused = false;
        emit ReportsResumed();
    }

    /* CHECKING */

    /// @dev Reverts unless the quorum of the set in force signed exactly this report for exactly this round.
    function _accept(
        bytes32 lane,
        uint64 round,
        uint32 set,
        uint40 deadline,
        bytes32 structHash,
        bytes[] calldata signatures
    ) internal {
        require(!reportsPaused, ReportsArePaused());
        require(block.timestamp <= deadline, ReportExpired(deadline));
        require(set == signerSet, SignerSetWrong(set, signerSet));
        require(round > _lastRound[set][lane], RoundPassed(round, _lastRound[set][lane]));
        // Without a signer set the threshold is zero, and zero signatures are no quorum.
        require(threshold != 0 && signatures.length == threshold, QuorumMissed(signatures.length, threshold));
        bytes32 digest = _hashTypedDataV4(structHash);
        address previous;
        for (uint256 i; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, signatures[i]);
            require(problem == ECDSA.RecoverError.NoError, SignatureInvalid(i));
            require(isSigner(signer), SignerUnknown(signer));
            require(signer > previous, SignersOutOfOrder(signer, previous));
            previous = signer;
        }
        _lastRound[set][lane] = round;
    }

    /// @dev The guardian is whoever the authority lets call the function at once.
    function _requireSignerOrGuardian() internal view {
        if (isSigner(msg.sender)) return;
        (bool immediate,) = IAccessManager(authority()).canCall(msg.sender, address(this), msg.sig);
        require(immediate, NotSignerOrGuardian(msg.sender));
    }
}
