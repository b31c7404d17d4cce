"""What one input does alone, all others at their medians: elasticities and the tornado. Exact: no intervals."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.model import Model
from simulator.sampling.evaluate import Evaluator

if TYPE_CHECKING:
    import xarray

STEP = 1e-4  # of a median, to either side
ENDS = (0.05, 0.95)  # quantiles of the tornado


def local(model: Model, quantities: list[str]) -> "xarray.Dataset":
    """Return elasticities at the medians, and quantities at either end of each input.

    Parameters
    ----------
    model : Model
        What to analyse.
    quantities : list of str
        Quantities of its book.

    Returns
    -------
    xarray.Dataset
        `elasticity` (`quantity`, `input`), dimensionless: by how many per cent the quantity changes for 1 % of the
        input, nan where the quantity is 0; `tornado` (`quantity`, `input`, `ci_bound`): the quantity with the input
        at its 5 and 95 % quantile; `at_medians` (`quantity`): the quantity with all inputs at their medians. The
        coordinate `units` (`quantity`) is that of the last two. Inputs are in the order of the tornado's reach for
        the first quantity.

    Raises
    ------
    ModelError
        If a quantity is not a finite number at one of these points.
    """
    import xarray

    evaluator = Evaluator(model, quantities)
    sampler = evaluator.sampler
    numbers = [number for number, variable in enumerate(sampler.variables) if variable.inputs]
    middle = sampler.columns(np.full((len(sampler.variables), 1), 0.5))
    at_medians = evaluator.outputs(middle)[:, 0]
    elasticity = np.empty((len(quantities), len(numbers)))
    tornado = np.empty((len(quantities), len(numbers), 2))
    ends = sampler.columns(np.broadcast_to(ENDS, (len(sampler.variables), 2)))
    nudge = np.array([1 - STEP, 1 + STEP])
    for row, number in enumerate(numbers):
        pairs = list(zip(sampler.column_variables, middle, ends, strict=True))
        tornado[:, row] = evaluator.outputs([b if variable == number else a for variable, a, b in pairs])
        low, high = evaluator.outputs([a * nudge if variable == number else a for variable, a, _ in pairs]).T
        elasticity[:, row] = (high - low) / (2 * STEP) / np.where(at_medians == 0, np.nan, at_medians)
    order = np.argsort(-np.ptp(tornado[0], axis=1), kind="stable")
    names = [sampler.variables[number].name for number in numbers]
    variables = {
        "elasticity": (("quantity", "input"), elasticity[:, order], {"long_name": "elasticity at the medians"}),
        "tornado": (
            ("quantity", "input", "ci_bound"),
            tornado[:, order],
            {"long_name": "quantity with the input at its 5 and 95 % quantile, all others at their medians"},
        ),
        "at_medians": ("quantity", at_medians, {"long_name": "quantity with all inputs at their medians"}),
    }
    coordinates = {
        "quantity": quantities,
        "units": ("quantity", [model.book.equations[name].unit for name in quantities]),
        "input": [names[i] for i in order],
        "ci_bound": ["lower", "upper"],
    }
    return xarray.Dataset(variables, coordinates)
