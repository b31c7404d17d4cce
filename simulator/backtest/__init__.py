"""The back-test: what reports publish, against what the model says without having seen it."""

from simulator.backtest.cases import load_cases
from simulator.backtest.forecasts import POINT_RULE, RULE, crps, forecasts
from simulator.backtest.scores import BAND, REPRODUCED, as_json, in_words, is_inside, scores

__all__ = [
    "BAND",
    "POINT_RULE",
    "REPRODUCED",
    "RULE",
    "as_json",
    "crps",
    "forecasts",
    "in_words",
    "is_inside",
    "load_cases",
    "scores",
]
