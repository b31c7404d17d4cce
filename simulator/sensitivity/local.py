"""What one input does alone, all others at their medians: elasticities and the tornado. Exact: no intervals."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.scenario import Scenario
from simulator.simulate import Model, model_of
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

STEP = 1e-4  # of a median, to either side
ENDS = (0.05, 0.95)  # quantiles of the tornado


def local(scenario: Scenario, quantities: list[str]) -> "xarray.Dataset":
    """Return elasticities at the medians, and quantities at either end of each input.

    Returns
    -------
    xarray.Dataset
        With dimensions `quantity`, `input` and `bound` (each input at its 5 and 95 % quantile): `elasticity`, by how
        many per cent the quantity changes for 1 % of the input; `tornado`, the quantity with the input at either end;
        and `at_medians`, the quantity with all at their medians. Inputs are in the order of the tornado's reach for
        the first quantity.
    """
    import xarray

    model = model_of(scenario, quantities)
    sampler = model.sampler
    names = [factor.name for factor in sampler.factors if factor.inputs]
    factors = [place for place, factor in enumerate(sampler.factors) if factor.inputs]
    middle = sampler.drawn(np.full((len(sampler.factors), 1), 0.5))
    at_medians = outputs(model, middle)[:, 0]
    elasticity = np.empty((len(quantities), len(factors)))
    tornado = np.empty((len(quantities), len(factors), 2))
    ends = sampler.drawn(np.broadcast_to(ENDS, (len(sampler.factors), 2)))
    for column, factor in enumerate(factors):
        moved = [b if place == factor else a for place, a, b in zip(sampler.places, middle, ends, strict=True)]
        tornado[:, column] = outputs(model, moved)
        nudge = np.array([1 - STEP, 1 + STEP])
        moved = [a * nudge if place == factor else a for place, a in zip(sampler.places, middle, strict=True)]
        low, high = outputs(model, moved).T
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


def outputs(model: Model, columns: list[FloatArray]) -> FloatArray:
    """Return the quantities, of shape (quantities, points), for columns of drawn values."""
    values = model.values(model.sampler.inputs(columns))
    points = max(len(column) for column in columns)
    return np.array([np.broadcast_to(values[name], points) for name in model.quantities])
