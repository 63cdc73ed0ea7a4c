// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Credit scores of parties, by consent and by quorum
/// @notice One storage slot per party. A party that does not consent has no usable score; a score that is old, held, or made by a retired model pays nothing out.
interface ICreditOracle {
    /// @notice What a party lets its data be used for. Each purpose is consented to and withdrawn apart; scores depend on the first.
    enum Purpose {
        Scoring,
        Training
    }

    /// @param value Score from 300 to 850; 650 stands for a default probability of 5 %, 50 points double the odds.
    /// @param pdPpm Probability of default in parts per million.
    /// @param limitCode Reported limit in yuan as mantissa (high 16 bits) × 10^exponent (low 8 bits).
    /// @param issuedAt Second at which the facts were taken.
    /// @param validUntil Second after which the score is unusable.
    /// @param sequence Rises with every report about the party.
    /// @param modelId Model that made the score.
    /// @param reasons Up to four reason codes, one byte each, the strongest in the highest byte.
    /// @param consentEpoch Rises with every consent; a report names the epoch it was made under.
    /// @param flags Bits as in `ScoreFlags`.
    /// @param consented True while the party consents.
    struct Score {
        uint16 value;
        uint24 pdPpm;
        uint24 limitCode;
        uint40 issuedAt;
        uint40 validUntil;
        uint32 sequence;
        uint16 modelId;
        uint32 reasons;
        uint16 consentEpoch;
        uint8 flags;
        bool consented;
    }

    /// @param records One word a party, from the high bits: party 32, value 16, pdPpm 24, limitCode 24, sequence 32, reasons 32, consentEpoch 16, flags 8, zero 72.
    struct ScoreReport {
        uint64 round;
        uint32 signerSet;
        uint40 deadline;
        uint16 modelId;
        uint40 issuedAt;
        uint40 validUntil;
        bytes32[] records;
    }

    /// @param hash Content hash of the model's artefact.
    /// @param registered True once the model is known.
    /// @param approved True once a second officer has approved it; before, it makes no scores.
    /// @param retired True when its scores may no longer be used.
    struct Model {
        bytes32 hash;
        bool registered;
        bool approved;
        bool retired;
    }

    /// @notice Why a record of a batch was passed over.
    enum Skip {
        None,
        Malformed,
        ConsentMissing,
        SequenceOld,
        SequenceJump,
        FactsOld
    }

    /// @notice A party lets its data be used for a purpose, as the text with this hash says.
    event ConsentGranted(uint32 indexed party, Purpose indexed purpose, uint16 epoch, bytes32 textHash);
    /// @notice A party withdrew its consent to a purpose. Without consent to scoring its score is unusable from this block on.
    event ConsentRevoked(uint32 indexed party, Purpose indexed purpose, uint16 epoch);
    /// @notice A batch of scores was accepted; records that were passed over or held are evented one by one before this.
    event ScoresReported(
        uint64 indexed round, uint16 indexed modelId, uint40 issuedAt, uint40 validUntil, address relayer, bytes32[] records
    );
    /// @notice A record of a batch was passed over; the rest of the batch counts.
    event RecordSkipped(uint64 indexed round, uint32 indexed party, uint32 sequence, Skip reason);
    /// @notice A score would rise faster than allowed; the party is held until a risk officer decides.
    event ScoreHeld(uint32 indexed party, uint16 value, uint16 proposed, uint32 sequence);
    /// @notice A signer or the guardian put a party on hold.
    event PartyHeld(uint32 indexed party, address indexed by);
    /// @notice A hold ended; the score in force is the given one.
    event HoldReleased(uint32 indexed party, uint16 value, uint32 sequence, bool proposalTaken);
    /// @notice A model is known; it waits for a second officer's approval.
    event ModelRegistered(uint16 indexed modelId, bytes32 hash);
    /// @notice A model may make scores from now on.
    event ModelApproved(uint16 indexed modelId, bytes32 hash, address indexed by);
    /// @notice Scores of this model are unusable from this block on.
    event ModelRetired(uint16 indexed modelId);

    /// @notice Party {party} has not consented to the use of its data for {purpose}, or has withdrawn its consent.
    /// @custom:zh 参与方 {party} 未同意或已撤回将其数据用于{purpose}的授权。
    error ConsentMissing(uint32 party, Purpose purpose);
    /// @notice Party {party} has already consented to the use of its data for {purpose}.
    /// @custom:zh 参与方 {party} 已授权将其数据用于{purpose}，无需重复授权。
    error ConsentGiven(uint32 party, Purpose purpose);
    /// @notice A consent must name the hash of the text that was agreed to.
    /// @custom:zh 授权必须注明所同意文本的哈希。
    error ConsentTextEmpty();
    /// @notice Party {party} has no credit score yet.
    /// @custom:zh 参与方 {party} 尚无信用评分。
    error ScoreMissing(uint32 party);
    /// @notice The credit score of party {party} is on hold until a risk officer has looked at it.
    /// @custom:zh 参与方 {party} 的信用评分已被暂挂，等待风险官复核。
    error ScoreOnHold(uint32 party);
    /// @notice The credit score of party {party} expired at {validUntil}; a fresh one is needed.
    /// @custom:zh 参与方 {party} 的信用评分已于 {validUntil} 失效，需要更新。
    error ScoreExpired(uint32 party, uint40 validUntil);
    /// @notice The score was made by model {modelId}, which has been retired.
    /// @custom:zh 该评分由已停用的模型 {modelId} 生成。
    error ModelIsRetired(uint16 modelId);
    /// @notice Model {modelId} is not registered.
    /// @custom:zh 模型 {modelId} 未登记。
    error ModelUnknown(uint16 modelId);
    /// @notice Model {modelId} is registered, but no second officer has approved it.
    /// @custom:zh 模型 {modelId} 已登记，但尚未经第二名人员批准。
    error ModelNotApproved(uint16 modelId);
    /// @notice Model {modelId} is approved already.
    /// @custom:zh 模型 {modelId} 已获批准。
    error ModelApprovedBefore(uint16 modelId);
    /// @notice Model {modelId} is registered with the hash {registered}, not {given}.
    /// @custom:zh 模型 {modelId} 登记的哈希为 {registered}，而非 {given}。
    error ModelHashWrong(uint16 modelId, bytes32 registered, bytes32 given);
    /// @notice Model {modelId} is registered already.
    /// @custom:zh 模型 {modelId} 已登记。
    error ModelKnown(uint16 modelId);
    /// @notice The hash of a model must not be zero.
    /// @custom:zh 模型哈希不能为零。
    error ModelHashZero();
    /// @notice The report's facts are of {issuedAt}; they must be between {earliest} and now.
    /// @custom:zh 报告的数据时间为 {issuedAt}，必须介于 {earliest} 与当前时间之间。
    error ReportTimeWrong(uint40 issuedAt, uint256 earliest);
    /// @notice The report's validity {validUntil} must lie after now and not after {latest}.
    /// @custom:zh 报告有效期 {validUntil} 必须晚于当前时间且不晚于 {latest}。
    error ReportValidityWrong(uint40 validUntil, uint256 latest);
    /// @notice The batch has {records} records; between 1 and {most} are allowed.
    /// @custom:zh 该批次含 {records} 条记录，只允许 1 至 {most} 条。
    error BatchSizeWrong(uint256 records, uint256 most);
    /// @notice Party {party} is not on hold.
    /// @custom:zh 参与方 {party} 未处于暂挂状态。
    error NotOnHold(uint32 party);
    /// @notice There is no held score of party {party} with sequence {sequence} to decide on.
    /// @custom:zh 参与方 {party} 没有序号为 {sequence} 的待复核评分。
    error HeldScoreUnknown(uint32 party, uint32 sequence);

    /// @notice The caller's party lets its data be used for a purpose, as the text with this hash says.
    function grantConsent(Purpose purpose, bytes32 textHash) external returns (uint16 epoch);

    /// @notice The caller's party withdraws its consent to a purpose, effective in this block.
    function revokeConsent(Purpose purpose) external;

    /// @notice Takes a batch of scores that a quorum signed. Anyone may relay it; one bad record never reverts the others.
    function submitScores(ScoreReport calldata report, bytes[] calldata signatures) external;

    /// @notice Puts a party on hold. Any signer or the guardian.
    function hold(uint32 party) external;

    /// @notice Ends a hold. Restricted to the delayed risk role.
    /// @param sequence Sequence of the held score to take, 0 to keep the score in force.
    function release(uint32 party, uint32 sequence) external;

    /// @notice Makes a model known. Restricted to the delayed risk role.
    function registerModel(uint16 modelId, bytes32 hash) external;

    /// @notice Lets a registered model make scores: the second of four eyes. Restricted to the risk officer.
    function approveModel(uint16 modelId, bytes32 hash) external;

    /// @notice Makes all scores of a model unusable, at once. Restricted to the risk officer.
    function retireModel(uint16 modelId) external;

    /// @return epoch Number of consents given to the purpose so far.
    /// @return given True while the party consents.
    function consentOf(uint32 party, Purpose purpose) external view returns (uint16 epoch, bool given);

    /// @return The slot as stored, usable or not.
    function scoreOf(uint32 party) external view returns (Score memory);

    /// @notice Reverts with the named reason unless the score of `party` may be used now.
    function usableScore(uint32 party) external view returns (Score memory);

    /// @return The score that waits for a risk officer, all zero when there is none.
    function heldScoreOf(uint32 party) external view returns (Score memory);
}
