"""What one input does alone, all others at their medians: elasticities and the tornado. Exact: no intervals."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.analyses.sensitivity.method import outputs_of
from simulator.sampling.evaluate import model_of
from simulator.scenario import Scenario

if TYPE_CHECKING:
    import xarray

STEP = 1e-4  # of a median, to either side
ENDS = (0.05, 0.95)  # quantiles of the tornado


def local(scenario: Scenario, quantities: list[str]) -> "xarray.Dataset":
    """Return elasticities at the medians, and quantities at either end of each input.

    Parameters
    ----------
    scenario : Scenario
        What to analyse.
    quantities : list of str
        Quantities of its book.

    Returns
    -------
    xarray.Dataset
        `elasticity` (`quantity`, `input`), dimensionless: by how many per cent the quantity changes for 1 % of the
        input, nan where the quantity is 0; `tornado` (`quantity`, `input`, `bound`): the quantity with the input at
        its 5 and 95 % quantile; `at_medians` (`quantity`): the quantity with all inputs at their medians. The
        coordinate `unit` (`quantity`) is that of the last two. Inputs are in the order of the tornado's reach for the
        first quantity.

    Raises
    ------
    ModelError
        If a quantity is not a finite number at one of these points.
    """
    import xarray

    model = model_of(scenario, quantities)
    sampler = model.sampler
    names = [factor.name for factor in sampler.factors if factor.inputs]
    factors = [place for place, factor in enumerate(sampler.factors) if factor.inputs]
    middle = sampler.drawn(np.full((len(sampler.factors), 1), 0.5))
    at_medians = outputs_of(model, middle)[:, 0]
    elasticity = np.empty((len(quantities), len(factors)))
    tornado = np.empty((len(quantities), len(factors), 2))
    ends = sampler.drawn(np.broadcast_to(ENDS, (len(sampler.factors), 2)))
    for column, factor in enumerate(factors):
        moved = [b if place == factor else a for place, a, b in zip(sampler.places, middle, ends, strict=True)]
        tornado[:, column] = outputs_of(model, moved)
        nudge = np.array([1 - STEP, 1 + STEP])
        moved = [a * nudge if place == factor else a for place, a in zip(sampler.places, middle, strict=True)]
        low, high = outputs_of(model, moved).T
        elasticity[:, column] = (high - low) / (2 * STEP) / np.where(at_medians == 0, np.nan, at_medians)
    order = np.argsort(-np.ptp(tornado[0], axis=1), kind="stable")
    variables = {
        "elasticity": (("quantity", "input"), elasticity[:, order]),
        "tornado": (("quantity", "input", "bound"), tornado[:, order]),
        "at_medians": ("quantity", at_medians),
    }
    units = [scenario.book.equations[name].unit for name in quantities]
    coordinates = {"quantity": quantities, "unit": ("quantity", units)}
    coordinates |= {"input": [names[i] for i in order], "bound": ["lower", "upper"]}
    return xarray.Dataset(variables, coordinates)
