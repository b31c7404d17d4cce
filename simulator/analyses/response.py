"""Which way, and what if: how a quantity moves with each input, and with the width and position of each prior.

Both are read off the first draws of a run, at no further evaluation.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray

from simulator.analyses.intervals import with_long_names
from simulator.analyses.sensitivity.groups import ranked_groups
from simulator.model import Model, normal_scores
from simulator.sampling.draws import split
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, resolve_executor
from simulator.units import FloatArray

QUANTILES = (0.05, 0.5, 0.95)
SLICES = 10
DRAWS = 1 << 17
TASK = 1 << 15  # rows
# A prior whose normal scores have another spread or mean. For a normal or lognormal prior a spread of 1.25 is the
# power-scaling of Kallioinen et al. 2023 (doi:10.1007/s11222-023-10366-5) to the power 0.64. The weights' variance is
# finite for spreads below the root of 2.
CHANGES = {"narrower": (0.8, 0.0), "wider": (1.25, 0.0), "lower": (1.0, -0.5), "higher": (1.0, 0.5)}


def response(
    model: Model, quantities: Sequence[str], *, seed: int = 1, draws: int = DRAWS, executor: Map | None = None
) -> xarray.Dataset:
    """Return how the distribution of quantities moves with each input, and with each input's prior.

    Parameters
    ----------
    model : Model
        What to analyse.
    quantities : sequence of str
        Quantities of its book.
    seed, draws : int
        What governs the draws; how many, the first ones of a run with this seed.
    executor : Map, optional
        Where to evaluate, from `simulator.executor`; by default as many threads as there are processors.

    Returns
    -------
    xarray.Dataset
        `response` (`quantity`, `input`, `slice`, `probability`): the 5, 50 and 95 % quantiles of the quantity over
        the draws in which the input lies in each tenth of its prior. `reweighted` (`quantity`, `input`, `change`,
        `probability`): quantiles if the input's prior had 0.8 or 1.25 times its spread, or were moved by half of it,
        on the scale on which it is normal. `quantiles` (`quantity`, `probability`) are those of all draws. The
        coordinate `units` (`quantity`) is that of all these. `effective_draws` (`input`, `change`) says on how many
        draws `reweighted` rests: Kish's (sum w)^2 / sum w^2.

    Raises
    ------
    InputError
        If the executor is none.
    ModelError, ClusterError
        If a quantity is not a finite number in some draw, or the cluster went away.
    """
    evaluator = Evaluator(model, quantities)
    sampler = evaluator.sampler
    work, tasks = partial(outputs_of, seed=seed), split(range(draws), TASK)
    outputs = np.concatenate(list(work_on(resolve_executor(executor), evaluator, work, tasks)), axis=1)
    order = np.argsort(outputs, axis=1)
    inputs = ranked_groups(sampler, {})
    uniforms = sampler.draw_cube(seed, range(draws))[[number for (number,) in inputs.values()]]
    slices = np.empty((len(quantities), len(inputs), SLICES, len(QUANTILES)))
    moved = np.empty((len(quantities), len(inputs), len(CHANGES), len(QUANTILES)))
    effective = np.empty((len(inputs), len(CHANGES)))
    for column, uniform in enumerate(uniforms):
        member = np.minimum((uniform * SLICES).astype(np.intp), SLICES - 1)
        for number in range(SLICES):
            slices[:, column, number] = np.quantile(outputs[:, member == number], QUANTILES, axis=1).T
        scores = normal_scores(uniform)
        for number, (spread, shift) in enumerate(CHANGES.values()):
            weights = np.exp((scores**2 - ((scores - shift) / spread) ** 2) / 2)
            effective[column, number] = weights.sum() ** 2 / (weights**2).sum()
            for quantity, rows in enumerate(order):
                moved[quantity, column, number] = weighted_quantiles(outputs[quantity, rows], weights[rows])
    whole, each = np.quantile(outputs, QUANTILES, axis=1).T, ("quantity", "input")
    variables: dict[str, tuple[Any, Any, str]] = {
        "response": ((*each, "slice", "probability"), slices, "quantiles of the quantity in each tenth of the input"),
        "reweighted": (
            (*each, "change", "probability"),
            moved,
            "quantiles of the quantity with the input's prior changed",
        ),
        "effective_draws": (("input", "change"), effective, "effective number of draws of the changed prior"),
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
    return xarray.Dataset(with_long_names(variables, {"effective_draws": "1"}), coordinates)


def outputs_of(evaluator: Evaluator, rows: range, *, seed: int) -> FloatArray:
    """Return the quantities in some rows of a run, of shape (quantities, rows)."""
    return evaluator.outputs(evaluator.sampler.columns(evaluator.sampler.draw_cube(seed, rows)))


def weighted_quantiles(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return quantiles of values in rising order that have weights."""
    probabilities = (weights.cumsum() - weights / 2) / weights.sum()
    return np.interp(QUANTILES, probabilities, values)
