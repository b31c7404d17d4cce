"""The log density of the prior draws, with which ArviZ reweights them (`arviz.psense`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray

from simulator.distributions import Distribution, quantile_function
from simulator.model import Model
from simulator.sampling.sampler import Sampler
from simulator.units import FloatArray

STEP = 1e-3  # of a tail probability, to differentiate a quantile function: a smaller one would show the table's 1e-9
SMALLEST_TAIL = 1e-12


def log_prior_dataset(model: Model, seed: int, coordinates: Mapping[str, Any]) -> xarray.Dataset:
    """Return the log density of a run's first draws: one for each independent random variable, or for a block.

    A variable that feeds several inputs counts once, by the first of them. What has an atom has no density, and is
    left out with all that it is correlated with.
    """
    sampler = Sampler(model)
    cube = sampler.draw_cube(seed, range(len(coordinates["draw"])))
    np.clip(cube, SMALLEST_TAIL, 1 - SMALLEST_TAIL, out=cube)
    inputs = {item.prior.name: item for item in reversed(model.uncertain.values())}
    copulas = {copula.keys: copula for copula in model.copulas}
    columns = {variable.key: column for variable, column in zip(sampler.variables, cube, strict=True)}
    found = {}
    for keys in [*copulas, *((key,) for key in inputs if not any(key in block for block in copulas))]:
        values = np.sum([log_density(inputs[key].distribution, columns[key]) for key in keys], axis=0)
        if np.isfinite(values).all():
            if keys in copulas:
                values += copulas[keys].log_density([columns[key] for key in keys])
            names = " and ".join(inputs[key].name for key in keys)
            attributes = {"units": "1", "long_name": f"log prior density of {names.replace('_', ' ')}"}
            found[names] = (("chain", "draw"), values[None], attributes)
    return xarray.Dataset(found, coordinates)


def log_density(distribution: Distribution, below: FloatArray) -> FloatArray:
    """Return the log density at the values that have some probabilities of lower ones, by the slope of the quantiles.

    Not finite at an atom, where several probabilities have one value.
    """
    quantile = quantile_function(distribution)
    reach = STEP * np.minimum(below, 1 - below)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(2 * reach) - np.log(quantile(below + reach) - quantile(below - reach)))
