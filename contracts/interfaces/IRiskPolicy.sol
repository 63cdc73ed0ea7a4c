// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The bank's appetite: from score to grade to terms
/// @notice Tightening acts at once, loosening waits for its delay. What is not set is refused.
interface IRiskPolicy {
    enum Product {
        Receivables,
        CreditLine,
        Lease
    }

    /// @param open False refuses the grade altogether.
    /// @param advanceBps Share of the outstanding claim that is advanced.
    /// @param annualRateBps Annual rate.
    /// @param feeBps One-off fee on the advance.
    /// @param limitCap Most that a party of this grade may owe over all products.
    /// @param maxAge Oldest facts that count, in seconds.
    /// @param blockingFlags Flags of a score that refuse the party.
    struct Terms {
        bool open;
        uint16 advanceBps;
        uint16 annualRateBps;
        uint16 feeBps;
        uint96 limitCap;
        uint32 maxAge;
        uint8 blockingFlags;
    }

    /// @notice The terms of a grade were set; `tightened` tells whether at once or after the delay.
    event TermsChanged(Product indexed product, uint8 indexed grade, Terms terms, bool tightened);

    /// @notice Grade {grade} (score {score}) is not financed under product {product}.
    /// @custom:zh 产品 {product} 不接受评级 {grade}（评分 {score}）。
    error GradeRefused(uint8 product, uint8 grade, uint16 score);
    /// @notice The facts about party {party} are of {issuedAt}; the policy takes none older than {maxAge} seconds.
    /// @custom:zh 参与方 {party} 的数据时间为 {issuedAt}，超过政策允许的 {maxAge} 秒。
    error ScoreStale(uint32 party, uint40 issuedAt, uint32 maxAge);
    /// @notice Nothing is paid out to party {party}: {flags}.
    /// @custom:zh 暂停向参与方 {party} 放款：{flags}。
    error PartyFlagged(uint32 party, uint8 flags);
    /// @notice There is no grade {grade}; the last is {last}.
    /// @custom:zh 不存在评级 {grade}，最后一级为 {last}。
    error GradeUnknown(uint8 grade, uint256 last);
    /// @notice The terms are out of bounds: advance {advanceBps}, rate {annualRateBps}, fee {feeBps}, facts no older than {maxAge} seconds.
    /// @custom:zh 条款超出允许范围：预付比例 {advanceBps}、年利率 {annualRateBps}、费率 {feeBps}，数据时效 {maxAge} 秒。
    error TermsOutOfBounds(uint16 advanceBps, uint16 annualRateBps, uint16 feeBps, uint32 maxAge);
    /// @notice The new terms of grade {grade} are looser than those in force and must wait for the delay.
    /// @custom:zh 评级 {grade} 的新条款较现行条款宽松，须经延时流程生效。
    error NotTighter(uint8 grade);
    /// @notice The lowest scores of the grades must fall from grade to grade and lie between 300 and 850; {score} does not.
    /// @custom:zh 各评级的最低分须逐级下降且介于 300 与 850 之间；{score} 不符合。
    error GradeScaleInvalid(uint16 score);

    /// @notice Sets the terms of a grade. Restricted to the delayed risk role.
    function setTerms(Product product, uint8 grade, Terms calldata terms) external;

    /// @notice Sets terms that are in no respect looser than those in force. Restricted to the risk officer.
    function tightenTerms(Product product, uint8 grade, Terms calldata terms) external;

    function termsOf(Product product, uint8 grade) external view returns (Terms memory);

    /// @return 0 for the best grade; a score below the last grade's floor gives the number of grades.
    function gradeOf(uint16 score) external view returns (uint8);

    /// @notice Reverts with the named reason unless the policy finances `party` now.
    function requireTerms(Product product, uint32 party)
        external
        view
        returns (Terms memory terms, uint8 grade, uint16 score);
}
