"""Sobol' indices, first-order and total, from a pick-and-freeze design on scrambled Sobol' points."""

from functools import partial
from itertools import combinations

import numpy as np

from simulator.analyses.sensitivity.method import Method, Study
from simulator.analyses.sensitivity.replicates import Moments, Ratios, estimate_from_replicates
from simulator.units import FloatArray


def moments(study: Study, rows: int, rng: np.random.Generator, *, pairs: bool = False) -> Moments:
    """Return the means that the indices are made of: of runs A, B and, for each group, A with its columns from B."""
    one, other = (study.sampler.columns(cube) for cube in study.cubes(rows, rng))
    a, b = study.outputs(one), study.outputs(other)
    # Where the mean is far above the spread, an uncentred estimator loses its digits.
    centre = study.centre
    a, b = a - centre, b - centre
    products, squares, both = [], [], []
    for group in study.groups:
        mixed = study.outputs(study.sampler.mix(one, other, set(group))) - centre
        products.append((b * (mixed - a)).mean(axis=1))
        squares.append(((a - mixed) ** 2).mean(axis=1))
    for first, second in combinations(study.groups, 2) if pairs else ():
        mixed = study.outputs(study.sampler.mix(one, other, {*first, *second})) - centre
        both.append((b * (mixed - a)).mean(axis=1))
    means = {"a": a.mean(axis=1), "b": b.mean(axis=1), "aa": (a * a).mean(axis=1), "bb": (b * b).mean(axis=1)}
    means |= {"products": np.array(products).T, "squares": np.array(squares).T}
    return means | ({"both": np.array(both).T} if pairs else {})


def variance(means: Moments) -> FloatArray:
    """Return the variance of the quantities, with a last dimension for groups."""
    mean = (means["a"] + means["b"]) / 2
    return ((means["aa"] + means["bb"]) / 2 - mean**2)[..., None]


def ratios(means: Moments) -> Ratios:
    """Return the indices `first_order` and `total`, as parts of the variance and the variance.

    First-order: Saltelli et al. 2010, table 2 (b), doi:10.1016/j.cpc.2009.09.018.
    Total: Jansen 1999, table 2 (f) there, doi:10.1016/S0010-4655(98)00154-4.
    """
    return {"first_order": means["products"], "total": means["squares"] / 2}, variance(means)


def interactions(means: Moments) -> Ratios:
    """Return the index `second_order` of each pair: what both do beyond what each does (Saltelli et al. 2010)."""
    first = means["products"]
    one, other = np.array(list(combinations(range(first.shape[-1]), 2))).T
    return {"second_order": means["both"] - first[..., one] - first[..., other]}, variance(means)


METHOD = Method(
    estimate_from_replicates(moments, ratios),
    titles={"total": "Sobol' total index", "first_order": "Sobol' first-order index"},
    takes_groups=True,
    takes_dependence=False,
    takes_one=True,
    ordered=("first_order", "total"),
)
PAIRS = Method(
    estimate_from_replicates(partial(moments, pairs=True), interactions),
    titles={"second_order": "Sobol' second-order index"},
    takes_groups=True,
    takes_dependence=False,
    of_pairs=True,
)
