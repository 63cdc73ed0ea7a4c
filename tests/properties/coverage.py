"""Which functions and errors the runs must meet, so that no handler is vacuous; each exception has its reason."""

from tests.properties.driver import Tally
from tests.properties.evm import artifacts
from tests.properties.world import SUITE

BY_PRODUCT = "only a product may call it; it does so within its own functions"
AT_DEPLOYMENT = "called once when the suite is deployed"
OPENZEPPELIN = "OpenZeppelin's, unchanged"

FUNCTIONS_WITHOUT_STEP = {
    **dict.fromkeys(
        (
            "Treasury.disburse",
            "Treasury.bookAccrual",
            "Treasury.bookRepayment",
            "Treasury.bookImpairment",
            "Treasury.bookArrears",
            "Treasury.bookLoss",
            "Treasury.bookRecovery",
            "Receivables.pledge",
            "Receivables.collect",
            "Receivables.unpledge",
        ),
        BY_PRODUCT,
    ),
    **dict.fromkeys(
        ("Treasury.allowProduct", "Receivables.allowCurrency", "Receivables.allowLienor", "CreditOracle.setSigners"),
        AT_DEPLOYMENT,
    ),
    **dict.fromkeys(
        (
            "Treasury.approve",
            "Treasury.transferFrom",
            "Receivables.approve",
            "Receivables.safeTransferFrom",
            "Receivables.setApprovalForAll",
            *(f"{contract}.setAuthority" for contract in SUITE),
        ),
        OPENZEPPELIN,
    ),
}
ERRORS_WITHOUT_STEP = {
    **dict.fromkeys(
        (
            "CurrencyKeepsFee",
            "CurrencyKnown",
            "CurrencyNotContract",
            "CurrencyTooFine",
            "GradeScaleInvalid",
            "LienorKnown",
            "ThresholdInvalid",
        ),
        AT_DEPLOYMENT,
    ),
    **dict.fromkeys(
        ("BatchSizeWrong", "SignatureInvalid", "SignerSetWrong"),
        "the form of a report, which says nothing about money; the oracle's own tests meet it",
    ),
    **dict.fromkeys(
        ("AccessManagedRequiredDelay", "AccessManagedInvalidAuthority"),
        "the officer of the runs has no delays; the roles' own tests meet it",
    ),
    "SafeCastOverflowedUintDowncast": "every amount is bounded before it is cast",
    "SafeERC20FailedOperation": "no mock returns false instead of reverting",
    **dict.fromkeys(
        (
            "ERC20InvalidApprover",
            "ERC20InvalidReceiver",
            "ERC20InvalidSender",
            "ERC20InvalidSpender",
            "ERC721InvalidApprover",
            "ERC721InvalidOperator",
            "ERC721InvalidOwner",
            "ERC721InvalidSender",
            "InvalidShortString",
            "StringTooLong",
        ),
        OPENZEPPELIN,
    ),
}


def functions() -> set[str]:
    """Every function of the suite that changes something."""
    return {
        f"{contract}.{entry['name']}"
        for contract in SUITE
        for entry in artifacts().abi(contract)
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
    }


def errors() -> set[str]:
    return {entry["name"] for contract in SUITE for entry in artifacts().abi(contract) if entry["type"] == "error"}


def functions_missed(tally: Tally) -> set[str]:
    return functions() - set(FUNCTIONS_WITHOUT_STEP) - set(tally.done)


def errors_missed(tally: Tally) -> set[str]:
    return errors() - set(ERRORS_WITHOUT_STEP) - set(tally.refused)
