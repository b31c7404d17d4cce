"""Rank the inputs of a quantity by a method, with intervals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import InputError, Problem, did_you_mean
from simulator.low_discrepancy import MOST_DIMENSIONS
from simulator.scenario import Scenario
from simulator.sensitivity import sobol, spearman
from simulator.sensitivity.method import Design, Method
from simulator.simulate import BLOCK, Model, model_of, split
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

METHODS: Mapping[str, Method] = {"sobol": sobol.METHOD, "spearman": spearman.METHOD}
REPLICATES = 100
PROBABILITY = 0.9
SMALLEST_BASE, LARGEST_BASE = 64, 1 << 22
DEFAULT_BASE = 1 << 14


def evaluate(model: Model, design: Design) -> FloatArray:
    """Return the model's first quantity at every point of a design, of shape (runs, rows)."""
    name, sampler = model.quantities[0], model.sampler
    runs, (_, _, rows) = len(design.picks), design.cubes.shape
    outputs = np.empty((runs, rows))
    for block in split(range(rows), BLOCK):
        place = slice(block.start, block.stop)
        # Each input is drawn once for each cube, however many runs pick it.
        drawn = [sampler.drawn(cube[:, place]) for cube in design.cubes]
        for run, picks in enumerate(design.picks):
            columns = [drawn[picks[factor]][column] for column, factor in enumerate(sampler.places)]
            outputs[run, place] = model.values(sampler.inputs(columns))[name]
    if not np.isfinite(outputs).all():
        raise model.not_finite(name)
    return outputs


def bootstrap_weights(rows: int, rng: np.random.Generator) -> FloatArray:
    """Return weights of rows: all alike first, then how often each was drawn in each resample."""
    weights = np.ones((1 + REPLICATES, rows))
    for resample in weights[1:]:
        resample[:] = np.bincount(rng.integers(rows, size=rows), minlength=rows)
    return weights


def rank(
    scenario: Scenario,
    quantity: str = "total_footprint",
    *,
    method: str = "sobol",
    base: int = DEFAULT_BASE,
    seed: int = 1,
) -> "xarray.Dataset":
    """Rank the uncertain inputs of a quantity by how much it depends on them.

    Parameters
    ----------
    scenario : Scenario
        What to analyse.
    quantity : str
        A quantity of its book.
    method : str
        A name of `METHODS`.
    base : int
        Rows of each run of the design, rounded up to a power of 2.
    seed : int
        Governs the points and the intervals.

    Returns
    -------
    xarray.Dataset
        For each index of the method a variable with dimension `input`, in falling order of its size, and one
        named after it with ``_interval``, with dimensions (`input`, `bound`): the 90 % bootstrap interval.
        Attributes: `method`, `quantity`, `base`, `evaluations`, `leading` (the index that orders), and
        `words`, which says so where there is nothing to rank.

    Raises
    ------
    InputError
        If the quantity is not in the book, or the method or base is out of range.
    ModelError
        If the quantity is not a finite number somewhere.
    """
    import xarray

    problems = []
    if quantity not in scenario.book.equations:
        known = list(scenario.book.equations)
        hint = did_you_mean(quantity, known)
        problems.append(Problem(scenario.name, "of", f"no quantity {quantity!r}{hint} (it has {', '.join(known)})"))
    if method not in METHODS:
        problems.append(Problem(scenario.name, "method", f"no method {method!r}; there are {', '.join(METHODS)}"))
    if not SMALLEST_BASE <= base <= LARGEST_BASE:
        problems.append(
            Problem(scenario.name, "base", f"must be between {SMALLEST_BASE} and {LARGEST_BASE:,}, got {base:,}")
        )
    if len(scenario.uncertain) > MOST_DIMENSIONS // 2:
        message = f"at most {MOST_DIMENSIONS // 2} uncertain inputs can be ranked, got {len(scenario.uncertain)}"
        problems.append(Problem(scenario.name, "inputs", message))
    if problems:
        raise InputError(problems)
    model = model_of(scenario, [quantity])
    factors, groups = model.sampler.factors, model.sampler.groups
    if METHODS[method].by_group:
        names = [" + ".join(factors[place].name for place in group if factors[place].inputs) for group in groups]
    else:
        names = [factor.name for factor in factors]
    base = 1 << (base - 1).bit_length()
    attributes = {"method": method, "quantity": quantity, "base": base, "seed": seed}
    attributes |= {"leading": METHODS[method].leading, "interval_probability": PROBABILITY}
    if len(names) < 2:
        words = f"depends on one uncertain input alone, {names[0]}" if names else "has no uncertain input"
        return xarray.Dataset(attrs=attributes | {"words": f"{quantity} {words}", "evaluations": 0})
    rng = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(len(factors), base))))
    design = METHODS[method].design(groups, base, rng)
    for cube in design.cubes:
        model.sampler.correlate(cube)
    outputs = evaluate(model, design)
    attributes["evaluations"] = outputs.size
    if np.ptp(outputs) <= 1e-12 * np.abs(outputs).max():
        words = f"{quantity} is the same in every draw"
        return xarray.Dataset(attrs=attributes | {"words": words})
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample of rare events may hold none of them
        replicates = METHODS[method].indices(design, outputs, bootstrap_weights(base, rng))
    if not all(np.isfinite(values).all() for values in replicates.values()):
        words = f"{quantity} differs in too few draws to rank its inputs; take a larger base"
        return xarray.Dataset(attrs=attributes | {"words": words})
    order = np.argsort(-np.abs(replicates[METHODS[method].leading][0]), kind="stable")
    tails = [(1 - PROBABILITY) / 2, (1 + PROBABILITY) / 2]
    variables: dict[str, tuple[Any, FloatArray]] = {}
    for index, values in replicates.items():
        variables[index] = ("input", values[0][order])
        interval = np.quantile(values[1:], tails, axis=0).T
        variables[f"{index}_interval"] = (("input", "bound"), interval[order])
    coordinates = {"input": [names[i] for i in order], "bound": ["lower", "upper"]}
    return xarray.Dataset(variables, coordinates, attributes | {"words": ""})
