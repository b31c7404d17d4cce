"""The log density of draws, by which ArviZ weighs them for another prior (`arviz.psense`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray

from simulator.model import Input, Model
from simulator.units import FloatArray

STEP = 1e-6  # of a tail probability, to differentiate a quantile function


def log_prior_dataset(
    model: Model, table: Mapping[str, FloatArray], coordinates: Mapping[str, Any]
) -> xarray.Dataset:
    """Return the log density of draws of the random variables: one for each that is independent, or for a block.

    A variable that feeds several inputs counts once, by the first of them. What has an atom has no density, and is
    left out with all that it is correlated with.
    """
    inputs = {item.prior.name: item for item in reversed(model.uncertain.values())}
    dependent = [copula.keys for copula in model.copulas]
    blocks = [*dependent, *((key,) for key in inputs if not any(key in keys for keys in dependent))]
    copulas = dict(zip(dependent, model.copulas, strict=True))
    found = {}
    for keys in blocks:
        items = [inputs[key] for key in keys]
        values = np.sum([log_density(item, table[item.name]) for item in items], axis=0)
        if np.isfinite(values).all():
            if keys in copulas:
                values += copulas[keys].log_density([share_below(item, table[item.name]) for item in items])
            names = " and ".join(item.name for item in items)
            attributes = {"units": "1", "long_name": f"log prior density of {names.replace('_', ' ')}"}
            found[names] = (("chain", "draw"), values[None], attributes)
    return xarray.Dataset(found, coordinates)


def log_density(item: Input, values: FloatArray) -> FloatArray:
    """Return the log density of an input's prior at drawn values, by the slope of its quantile function.

    Not finite where the prior has an atom: a value that is drawn twice.
    """
    if np.unique(values).size < values.size:
        return np.full(values.shape, np.inf)
    below = share_below(item, values)
    reach = STEP * np.minimum(below, 1 - below)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (item.distribution.ppf(below + reach) - item.distribution.ppf(below - reach)) / (2 * reach)
        return np.asarray(-np.log(slope))


def share_below(item: Input, values: FloatArray) -> FloatArray:
    """Return the probability of a lower value than each, no nearer to 0 and 1 than a slope can be taken."""
    return np.clip(item.distribution.cdf(values), STEP**2, 1 - STEP**2)
