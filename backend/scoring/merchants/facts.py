"""The figures of a merchant that its limit is computed from: integers, so that every signer gets the same limit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """Turnover net of refunds in fen, over the days before the day of assessment. `volatility_bps`: coefficient of
    variation of weekly turnover over 90 days; `concentration_bps`: share of the largest buyer in the sales of 90 days;
    `inventory_days`: days of sales in stock, by the sales of 90 or of 365 days, whichever gives fewer; None without
    stock records. Rounded against the merchant.
    """

    turnover_30: int
    turnover_90: int
    turnover_365: int
    tenure_days: int
    volatility_bps: int
    concentration_bps: int
    inventory_days: int | None
