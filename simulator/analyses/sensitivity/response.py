"""Which way, and what if: how a quantity moves with each input, and with the width and place of each prior.

Both are read off the first draws of a run, at no further evaluation.
"""

from typing import TYPE_CHECKING

import numpy as np

from simulator.analyses.sensitivity.method import outputs_of
from simulator.model import normal_scores
from simulator.sampling.evaluate import model_of, require_counts
from simulator.sampling.sampler import Cube
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

QUANTILES = (0.05, 0.5, 0.95)
SLICES = 10
DRAWS = 1 << 17
# A prior whose normal scores have another spread or place. For a normal or lognormal prior a spread of 1.25 is the
# power-scaling of Kallioinen et al. 2023 (doi:10.1007/s11222-023-10366-5) to the power 0.64. The weights' variance is
# finite for spreads below the root of 2.
CHANGES = {"narrower": (0.8, 0.0), "wider": (1.25, 0.0), "lower": (1.0, -0.5), "higher": (1.0, 0.5)}


def response(scenario: Scenario, quantities: list[str], *, seed: int = 1, draws: int = DRAWS) -> "xarray.Dataset":
    """Return how the distribution of quantities moves with each input, and with each input's prior.

    Parameters
    ----------
    scenario : Scenario
        What to analyse.
    quantities : list of str
        Quantities of its book.
    seed : int
        Governs the draws.
    draws : int
        Rows, the first ones of a run with this seed.

    Returns
    -------
    xarray.Dataset
        `response` (`quantity`, `input`, `slice`, `quantile`): the 5, 50 and 95 % quantiles of the quantity over the
        draws in which the input lies in each tenth of its prior. `reweighted` (`quantity`, `input`, `change`,
        `quantile`): quantiles if the input's prior had 0.8 or 1.25 times its spread, or were moved by half of it, on
        the scale on which it is normal. `quantiles` (`quantity`, `quantile`) are those of all draws. The coordinate
        `unit` (`quantity`) is that of all these. `effective_draws` (`input`, `change`) says on how many draws
        `reweighted` rests: Kish's (sum w)^2 / sum w^2.

    Raises
    ------
    InputError
        If `draws` is no whole number from 2 on, or `seed` none from 0 on.
    ModelError
        If a quantity is not a finite number in some draw.
    """
    import xarray

    require_counts(draws=draws, seed=seed)
    model = model_of(scenario, quantities)
    sampler = model.sampler
    cube = Cube(seed, sampler.factors, 0).next(draws)
    sampler.correlate(cube)
    outputs = outputs_of(model, sampler.drawn(cube))
    order = np.argsort(outputs, axis=1)
    factors = [place for place, factor in enumerate(sampler.factors) if factor.inputs]
    names = [sampler.factors[place].name for place in factors]
    slices = np.empty((len(quantities), len(factors), SLICES, len(QUANTILES)))
    moved = np.empty((len(quantities), len(factors), len(CHANGES), len(QUANTILES)))
    effective = np.empty((len(factors), len(CHANGES)))
    for column, place in enumerate(factors):
        member = np.minimum((cube[place] * SLICES).astype(np.intp), SLICES - 1)
        for number in range(SLICES):
            slices[:, column, number] = np.quantile(outputs[:, member == number], QUANTILES, axis=1).T
        scores = normal_scores(cube[place])
        for number, (spread, shift) in enumerate(CHANGES.values()):
            weights = np.exp((scores**2 - ((scores - shift) / spread) ** 2) / 2)
            effective[column, number] = weights.sum() ** 2 / (weights**2).sum()
            for quantity in range(len(quantities)):
                ordered = order[quantity]
                moved[quantity, column, number] = weighted_quantiles(outputs[quantity, ordered], weights[ordered])
    variables = {
        "response": (("quantity", "input", "slice", "quantile"), slices),
        "reweighted": (("quantity", "input", "change", "quantile"), moved),
        "effective_draws": (("input", "change"), effective),
        "quantiles": (("quantity", "quantile"), np.quantile(outputs, QUANTILES, axis=1).T),
    }
    coordinates = {
        "quantity": quantities,
        "unit": ("quantity", [scenario.book.equations[name].unit for name in quantities]),
        "input": names,
        "slice": (np.arange(SLICES) + 0.5) / SLICES,
        "quantile": list(QUANTILES),
        "change": list(CHANGES),
    }
    return xarray.Dataset(variables, coordinates)


def weighted_quantiles(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return quantiles of values in rising order that have weights."""
    places = (weights.cumsum() - weights / 2) / weights.sum()
    return np.interp(QUANTILES, places, values)
