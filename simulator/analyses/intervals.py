"""Medians, intervals and their Monte Carlo errors of summarised quantities, as labelled variables."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.sampling.binned import BinnedDistribution
from simulator.units import FloatArray

CI_PROBS = (0.5, 0.9)

type Variables = dict[str, tuple[Any, Any, dict[str, str]]]


def interval(
    distribution: BinnedDistribution, ci_kind: str, ci_prob: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return an interval's ends and their Monte Carlo standard errors, each of shape (2,)."""
    if ci_kind == "hdi":
        return distribution.hdi(ci_prob), distribution.hdi_mcse(ci_prob, np.random.default_rng(seed))
    tails = [(1 - ci_prob) / 2, (1 + ci_prob) / 2]
    return distribution.quantile(tails), distribution.quantile_mcse(tails)


def interval_variables(
    summaries: Sequence[BinnedDistribution], dimension: str, *, ci_kind: str = "eti", seed: int = 0
) -> Variables:
    """Return median, interval, mean and sd of some quantities along a dimension, as xarray takes variables."""
    ends = [[interval(summary, ci_kind, ci_prob, seed) for ci_prob in CI_PROBS] for summary in summaries]
    dimensions = (dimension, "ci_prob", "ci_bound")
    error = "Monte Carlo standard error of the"
    return with_long_names(
        {
            "estimate": (dimension, [float(summary.quantile(0.5)) for summary in summaries], "median"),
            "estimate_mcse": (dimension, [float(item.quantile_mcse(0.5)) for item in summaries], f"{error} median"),
            "interval": (dimensions, np.array([[pair[0] for pair in row] for row in ends]), "credible interval"),
            "interval_mcse": (dimensions, np.array([[pair[1] for pair in row] for row in ends]), f"{error} interval"),
            "average": (dimension, [summary.mean for summary in summaries], "mean"),
            "sd": (dimension, [summary.sd for summary in summaries], "standard deviation"),
        }
    )


def with_long_names(
    variables: Mapping[str, tuple[Any, Any, str]], units: str | Mapping[str, str] = MappingProxyType({})
) -> Variables:
    """Return variables as xarray takes them, with what each is in words as its `long_name`.

    `units` are those of all, or of some by their names; others have theirs as a coordinate.
    """
    found = {}
    for name, (dimensions, data, words) in variables.items():
        own = units if isinstance(units, str) else units.get(name)
        found[name] = (dimensions, data, {"long_name": words} | ({} if own is None else {"units": own}))
    return found
