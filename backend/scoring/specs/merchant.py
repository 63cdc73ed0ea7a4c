"""Merchant credit: figures of a platform's shop → default on its line within 90 days. The population is synthetic."""

from datetime import date

from backend.scoring.merchants.cohort import OBSERVATIONS
from backend.scoring.merchants.features import QUARTER
from backend.scoring.modelspec import Binning, Maturity, ModelSpec, Wording, read_features
from backend.scoring.splits import NewcomersLater


def specification() -> ModelSpec:
    """Learned from observations to July 2025, judged on other merchants from October 2025 on."""
    return ModelSpec(
        name="merchant",
        title="Merchant credit",
        horizon="default on the line within 90 days",
        data=OBSERVATIONS,
        related=(),
        key="merchant",
        label="default",
        features=read_features("merchant_features.csv"),
        forbidden={
            "merchant": "it numbers the merchants of the population",
            "day": "a period that has not come yet was never learned",
            "defaulted_on": "only defaulted merchants have one",
        },
        # The last window of training ends before the first day of the test.
        split=NewcomersLater(30, "day", training=("2024-01-01", "2025-07-02"), test=("2025-10-01", "2026-07-02")),
        notice={
            "en": "Learned from a synthetic population: the merchants behind this model do not exist.",
            "zh": "本模型基于模拟商户（synthetic population）训练，其中的商户并不存在。",
        },
        maturity=Maturity("day", QUARTER),
        trained_on=date(2026, 11, 22),
        rounds=100,
        # Three leaves rank as well as eight here, and their exact Shapley values take a sixth of the time.
        parameters={
            "learning_rate": 0.12,
            "num_leaves": 3,
            "min_data_in_leaf": 60,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 10.0,
            # The advanced method leaves a few violations where figures are missing.
            "monotone_constraints_method": "basic",
        },
        challenger=Binning(bins=5, least_share=0.05),
        wording=Wording(
            notice="**Learned from a synthetic population: nobody in it exists.** How it was made, and how close it is "
            "to the real suppliers and card clients behind it: [merchant-population.md](merchant-population.md).",
            subject="observations",
            outcome="were followed by a default",
            head="defaulted",
            events="defaults",
            test="later observations of others",
            inputs="figures of the synthetic population",
            ingredients="figures",
            table="merchant_features.csv",
            derived="`backend/scoring/merchants/features.py` computes the figures from business records.",
            limits=(
                "The population is synthetic. The figures above say how well the model finds what the generator put "
                "in, not how well it would judge real merchants. Before lending on it, train and recalibrate on own "
                "defaults.",
                "A merchant is in one part only: those the model is judged on were never learned from, and are judged "
                "in a period that begins after the last window of training has closed. In cross-validation a merchant "
                "is in one fold.",
                "An observation counts once its 90 days are over on the day of training; a younger one is refused.",
                "Utilisation is unknown at a merchant's first observation, before there is a line.",
                "The population has no attributes of people, so there are no groups to compare. Where merchants are "
                "persons, compare approval rates before use.",
            ),
        ),
    )
