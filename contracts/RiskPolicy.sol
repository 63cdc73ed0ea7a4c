// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICreditOracle} from "./interfaces/ICreditOracle.sol";
import {IRiskPolicy} from "./interfaces/IRiskPolicy.sol";

/// @title Implementation of IRiskPolicy, where every call, event and error is documented
contract RiskPolicy is IRiskPolicy, AccessManaged {
    uint256 public constant MAX_ADVANCE_BPS = 10_000;
    /// @notice Above four times the one-year loan prime rate a court would not uphold the rate; 24 % is the outer bound.
    uint256 public constant MAX_RATE_BPS = 2_400;
    uint256 public constant MAX_FEE_BPS = 300;
    uint256 public constant MAX_AGE = 40 days;
    uint256 internal constant MAX_GRADES = 15;

    ICreditOracle public immutable oracle;
    /// @dev Lowest score of each grade, 16 bits each, the best grade lowest. The scale never changes, so it costs no storage read.
    uint256 internal immutable _floors;
    uint8 public immutable gradeCount;

    mapping(Product product => mapping(uint8 grade => Terms)) internal _terms;

    constructor(address authority, ICreditOracle oracle_, uint16[] memory floors) AccessManaged(authority) {
        require(floors.length != 0 && floors.length <= MAX_GRADES, GradeUnknown(uint8(floors.length), MAX_GRADES));
        oracle = oracle_;
        gradeCount = uint8(floors.length);
        uint256 packed;
        uint16 above = 851;
        for (uint256 i; i < floors.length; ++i) {
            require(floors[i] >= 300 && floors[i] < above, GradeScaleInvalid(floors[i]));
            above = floors[i];
            packed |= uint256(above) << (16 * i);
        }
        _floors = packed;
    }

    /* SETTING */

    function setTerms(Product product, uint8 grade, Terms calldata terms) external restricted {
        _set(product, grade, terms, false);
    }

    function tightenTerms(Product product, uint8 grade, Terms calldata terms) external restricted {
        require(_isTighter(terms, _terms[product][grade]), NotTighter(grade));
        _set(product, grade, terms, true);
    }

    /* READING */

    function termsOf(Product product, uint8 grade) external view returns (Terms memory) {
        return _terms[product][grade];
    }

    function gradeOf(uint16 score) public view returns (uint8 grade) {
        uint256 floors = _floors;
        while (grade < gradeCount && score < uint16(floors)) {
            floors >>= 16;
            ++grade;
        }
    }

    function requireTerms(Product product, uint32 party)
        external
        view
        returns (Terms memory terms, uint8 grade, uint16 score)
    {
        ICreditOracle.Score memory s = oracle.usableScore(party);
        score = s.value;
        grade = gradeOf(score);
        terms = _terms[product][grade];
        require(terms.open, GradeRefused(uint8(product), grade, score));
        require(block.timestamp - s.issuedAt <= terms.maxAge, ScoreStale(party, s.issuedAt, terms.maxAge));
        require(s.flags & terms.blockingFlags == 0, PartyFlagged(party, s.flags & terms.blockingFlags));
    }

    /* INTERNAL */

    function _set(Product product, uint8 grade, Terms calldata t, bool tightened) internal {
        require(grade < gradeCount, GradeUnknown(grade, gradeCount - 1));
        require(
            t.advanceBps <= MAX_ADVANCE_BPS && t.annualRateBps <= MAX_RATE_BPS && t.feeBps <= MAX_FEE_BPS
                && t.maxAge <= MAX_AGE,
            TermsOutOfBounds(t.advanceBps, t.annualRateBps, t.feeBps, t.maxAge)
        );
        _terms[product][grade] = t;
        emit TermsChanged(product, grade, t, tightened);
    }

    /// @dev Tighter looks from the lender: less advanced, capped lower, fresher facts, more flags, and no lower price.
    function _isTighter(Terms calldata to, Terms memory from) internal pure returns (bool) {
        return (from.open || !to.open) && to.advanceBps <= from.advanceBps && to.annualRateBps >= from.annualRateBps
            && to.feeBps >= from.feeBps && to.limitCap <= from.limitCap && to.maxAge <= from.maxAge
            && to.blockingFlags & from.blockingFlags == from.blockingFlags;
    }
}
