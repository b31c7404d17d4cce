"""One input at a time, all others at their medians: elasticities and the tornado. Exact: no intervals."""

from collections.abc import Sequence

import numpy as np
import xarray

from simulator.analyses.intervals import with_long_names
from simulator.analyses.sensitivity.groups import ranked_groups
from simulator.model import Model
from simulator.sampling.evaluate import Evaluator

STEP = 1e-4  # of a median, to either side
ENDS = (0.05, 0.95)  # quantiles of the tornado


def local(model: Model, quantities: Sequence[str]) -> xarray.Dataset:
    """Return elasticities at the medians, and quantities at either end of each input.

    Of four rows for each input it is made in this process: a task elsewhere would take longer than the work.

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
    evaluator = Evaluator(model, quantities)
    sampler = evaluator.sampler
    columns = sampler.columns(np.full((len(sampler.variables), 3), (0.5, *ENDS)))
    middle, ends = [column[:1] for column in columns], [column[1:] for column in columns]
    nudged = [column * np.array([1 - STEP, 1 + STEP]) for column in middle]
    at_medians = evaluator.outputs(middle)
    names, groups = zip(*ranked_groups(sampler, {}).items(), strict=True)
    tornado, beside = (
        np.stack([evaluator.outputs(sampler.mix(middle, moved, set(group))) for group in groups], axis=1)
        for moved in (ends, nudged)
    )
    elasticity = np.diff(beside)[..., 0] / (2 * STEP) / np.where(at_medians == 0, np.nan, at_medians)
    order = np.argsort(-np.ptp(tornado[0], axis=1), kind="stable")
    variables = {
        "elasticity": (("quantity", "input"), elasticity[:, order], "elasticity at the medians"),
        "tornado": (
            ("quantity", "input", "ci_bound"),
            tornado[:, order],
            "quantity with the input at its 5 and 95 % quantile, all others at their medians",
        ),
        "at_medians": ("quantity", at_medians[:, 0], "quantity with all inputs at their medians"),
    }
    coordinates = {
        "quantity": list(quantities),
        "units": ("quantity", [model.book.equations[name].unit for name in quantities]),
        "input": [names[number] for number in order],
        "ci_bound": ["lower", "upper"],
    }
    return xarray.Dataset(with_long_names(variables, {"elasticity": "1"}), coordinates)
