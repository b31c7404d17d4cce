"""Shapley effects: shares of the variance that sum to 1, for independent or correlated inputs."""

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import Method, Study
from simulator.analyses.sensitivity.replicates import Moments, Ratios, estimate_from_replicates
from simulator.units import FloatArray

BLOCK = 512  # rows with one order of the groups
LEAST_BLOCKS = 2  # of a replicate, where it has the rows


def moments(study: Study, rows: int, rng: np.random.Generator) -> Moments:
    """Return the mean of what each group adds to the explained variance when the groups become known one by one.

    With X a point, and X' one that shares some inputs with it and draws the others afresh given these,
    Var E[Y | these] = Var Y - E (Y(X) - Y(X'))^2 / 2. From one point X' to the next, one group more is known. The
    orders are random, and come in pairs, one the reverse of the other.

    Song, Nelson and Staum 2016, doi:10.1137/15M1048070, with the conditional distributions exact in the copula's
    Gaussian space; for independent inputs this is algorithm 1 of Goda 2021, doi:10.1016/j.ress.2020.107199.
    """
    cubes = study.cubes(rows, rng)
    given, fresh = (study.sampler.columns(cube) for cube in cubes)
    blocks = max(rows // BLOCK, min(LEAST_BLOCKS, rows // 2), 1)
    added = np.zeros((len(study.evaluator.quantities), len(study.groups)))
    order = np.arange(len(study.groups))
    for number in range(blocks):
        block = slice(number * rows // blocks, (number + 1) * rows // blocks)
        order = order[::-1] if number % 2 else rng.permutation(len(study.groups))
        added += walk(study, cubes[:, :, block], [c[block] for c in given], [c[block] for c in fresh], order)
    return {"added": added / rows}


def walk(
    study: Study, cubes: FloatArray, given: list[FloatArray], fresh: list[FloatArray], order: NDArray[np.intp]
) -> FloatArray:
    """Return what each group adds when all become known in this order, summed over rows: (quantities, groups)."""
    target = study.outputs(given)
    before = study.outputs(fresh)
    columns = fresh
    added = np.empty((len(study.evaluator.quantities), len(order)))
    known: set[int] = set()
    for group in order:
        variables = set(study.groups[group])
        known |= variables
        columns = study.sampler.mix(columns, given, variables)
        columns = study.sampler.condition(columns, cubes[0], cubes[1], known, variables)
        after = target if group == order[-1] else study.outputs(columns)
        added[:, group] = ((target - (before + after) / 2) * (after - before)).sum(axis=1)
        before = after
    return added


def ratios(means: Moments) -> Ratios:
    """Return the index `shapley`; what all groups add is the variance."""
    return {"shapley": means["added"]}, means["added"].sum(axis=-1, keepdims=True)


METHOD = Method(estimate_from_replicates(moments, ratios), titles={"shapley": "Shapley effect"}, takes_groups=True)
