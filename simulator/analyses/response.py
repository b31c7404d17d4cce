"""The response of a quantity to each input, and to the width and position of each prior.

Both come from the first draws of a run: the quantity over the draws of an input, and with these moved.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import xarray

from simulator.analyses.intervals import with_long_names
from simulator.analyses.sensitivity.groups import ranked_groups
from simulator.model import Model, normal_scores, uniforms_of
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, resolve_executor
from simulator.units import FloatArray

QUANTILES = (0.05, 0.5, 0.95)
SLICES = 10
DRAWS = 1 << 17
# A prior whose normal scores have another spread or mean. For a normal or lognormal prior a spread of 1.25 is the
# power-scaling of Kallioinen et al. 2023 (doi:10.1007/s11222-023-10366-5) to the power 0.64.
CHANGES = {"narrower": (0.8, 0.0), "wider": (1.25, 0.0), "lower": (1.0, -0.5), "higher": (1.0, 0.5)}


def response(
    model: Model, quantities: Sequence[str], *, seed: int = 1, draws: int = DRAWS, executor: Map | None = None
) -> xarray.Dataset:
    """Return how the distribution of quantities moves with each input, and with each input's prior.

    The draws are the first ones of a run with this seed.

    Returns
    -------
    xarray.Dataset
        `response` (`quantity`, `input`, `slice`, `probability`): the 5, 50 and 95 % quantiles of the quantity over
        the draws in which the input lies in each tenth of its prior; what correlates with the input moves with it.
        `changed` (`quantity`, `input`, `change`, `probability`): quantiles if the input's prior had 0.8 or 1.25 times
        its spread, or were moved by half of it, on the scale on which it is normal, all other priors and the
        correlations of normal scores as they are: a run with that prior. `quantiles` (`quantity`, `probability`) are
        those of all draws. The coordinate `units` (`quantity`) is that of all these.
    """
    evaluator = Evaluator(model, quantities)
    inputs = ranked_groups(evaluator.sampler, {})
    work = partial(follow_input, seed=seed, draws=draws)
    try:
        _, _, outputs = first_draws(evaluator, seed, draws)  # before threads ask for it at the same time
        numbers = [number for (number,) in inputs.values()]
        each = list(work_on(resolve_executor(executor), evaluator, work, numbers))
    finally:
        first_draws.cache_clear()
    slices, changed = (np.stack(values, axis=1) for values in zip(*each, strict=True))
    whole, along = np.quantile(outputs, QUANTILES, axis=1).T, ("quantity", "input")
    variables: dict[str, tuple[Any, Any, str]] = {
        "response": (
            (*along, "slice", "probability"),
            slices,
            "quantiles of the quantity in each tenth of the input",
        ),
        "changed": (
            (*along, "change", "probability"),
            changed,
            "quantiles of the quantity with the input's prior changed",
        ),
        "quantiles": (("quantity", "probability"), whole, "quantiles of the quantity"),
    }
    coordinates = {
        "quantity": list(quantities),
        "units": ("quantity", [model.book.equations[name].unit for name in quantities]),
        "input": list(inputs),
        "slice": (np.arange(SLICES) + 0.5) / SLICES,
        "probability": list(QUANTILES),
        "change": list(CHANGES),
    }
    return xarray.Dataset(with_long_names(variables), coordinates)


@lru_cache(maxsize=1)
def first_draws(evaluator: Evaluator, seed: int, draws: int) -> tuple[FloatArray, list[FloatArray], FloatArray]:
    """Return the first draws of a run: rows of the cube, columns and quantities; once in each process."""
    cube = evaluator.sampler.draw_cube(seed, range(draws))
    columns = evaluator.sampler.columns(cube)
    return cube, columns, evaluator.outputs(columns)


def follow_input(evaluator: Evaluator, number: int, *, seed: int, draws: int) -> tuple[FloatArray, FloatArray]:
    """Return quantiles of the quantities in each tenth of a random variable, and with its prior changed.

    They are of shape (quantities, `SLICES`, `QUANTILES`) and (quantities, `CHANGES`, `QUANTILES`).
    """
    cube, columns, outputs = first_draws(evaluator, seed, draws)
    member = np.minimum((cube[number] * SLICES).astype(np.intp), SLICES - 1)
    slices = [np.quantile(outputs[:, member == tenth], QUANTILES, axis=1).T for tenth in range(SLICES)]
    scores, changed = normal_scores(cube[number]), []
    for spread, shift in CHANGES.values():
        moved = evaluator.sampler.move(columns, {number: uniforms_of(shift + spread * scores)})
        changed.append(np.quantile(evaluator.outputs(moved), QUANTILES, axis=1).T)
    return np.stack(slices, axis=1), np.stack(changed, axis=1)
