"""Errors of indices: from replicates of the design, each with a scramble of its own, and the same for every method.

Points of one scrambled sequence depend on each other, so resampling them (a bootstrap) does not give the error of
what is computed from them. Replicates are independent; the jackknife over them gives the errors of any smooth
function of their means, ratios included (Efron and Stein 1981, doi:10.1214/aos/1176345462).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import REPLICATES, Design, Estimate, Estimator, Progress, Study
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, Threads
from simulator.units import FloatArray

# Rows of a replicate from which threads gain: on shorter arrays they wait for each other between NumPy's calls, and
# take 1.3 to 1.8 times as long as one alone.
WORTH_THREADS = 1 << 17
FEWEST = 8  # replicates that still give an error
RANKINGS = 4000  # that are drawn to say how sure a rank is

type Moments = Mapping[str, FloatArray]
type MomentsOf = Callable[[Study, int, np.random.Generator], Moments]


def sum_over_replicates(values: FloatArray) -> FloatArray:
    """Return the sum over the first axis, one replicate after the other.

    NumPy's own sum takes another order where each replicate has one number alone, so that the bits of a measure would
    tell how many quantities and groups were asked for.
    """
    return np.asarray(np.add.accumulate(values)[-1])


def evaluate_replicate(
    evaluator: Evaluator, number: int, *, moments: MomentsOf, design: Design, centre: FloatArray
) -> tuple[Moments, int]:
    """Return the means over one replicate, and how many rows were evaluated for it."""
    study = Study(evaluator, *design)
    study.centre = centre
    return moments(study, study.n_base // REPLICATES, study.rng(number)), study.evaluations


def estimate_from_replicates(moments: MomentsOf, measures: Callable[[Moments], dict[str, FloatArray]]) -> Estimator:
    """Return what estimates measures that are functions of means; interrupted after `FEWEST` replicates, from these.

    ``moments(study, rows, rng)`` gives the means over rows of one replicate, each of any shape, and
    ``measures(means)`` each measure, of shape (…, quantities, groups), for means with any leading dimensions.
    """

    def estimate(study: Study, executor: Map, progress: Progress) -> dict[str, Estimate]:
        work = partial(evaluate_replicate, moments=moments, design=study.design, centre=study.centre)
        collected: list[Moments] = []
        if isinstance(executor, Threads) and study.n_base < REPLICATES * WORTH_THREADS:
            executor = Threads(1)
        try:
            for means, evaluations in work_on(executor, study.evaluator, work, range(REPLICATES)):
                collected.append(means)
                study.evaluations += evaluations
                progress(len(collected) / REPLICATES)
        except KeyboardInterrupt:
            if len(collected) < FEWEST:
                raise
        number = len(collected)
        stacked = {name: np.array([one[name] for one in collected]) for name in collected[0]}
        sums = {name: sum_over_replicates(values) for name, values in stacked.items()}
        with np.errstate(divide="ignore", invalid="ignore"):  # a replicate of rare events may hold none of them
            from_all = measures({name: total / number for name, total in sums.items()})
            jackknife = measures({name: (sums[name] - values) / (number - 1) for name, values in stacked.items()})
        return {name: Estimate(from_all[name], jackknife[name]) for name in from_all}

    return estimate


class Errors(NamedTuple):
    """How sure an estimate is, and the ranking that it gives: of shape (quantities, groups), with two ends or not."""

    interval: FloatArray  # with ends
    position: NDArray[np.intp]  # by falling size, from 1
    position_interval: NDArray[np.intp]  # with ends
    probability_first: FloatArray
    p_value_vs_next: FloatArray  # two-sided, of the paired difference to the next in rank; nan for the last


def errors_of(item: Estimate, probability: float, rng: np.random.Generator, *, is_signed: bool = False) -> Errors:
    """Return the errors of an estimate by the jackknife over its replicates, with Student's t for their number.

    Signed measures rank by their size, others by their value. The jackknife is that of Efron and Stein 1981,
    doi:10.1214/aos/1176345462.
    """
    from scipy.special import stdtr, stdtrit

    estimate, jackknife = item
    sign = np.sign(estimate) if is_signed else np.ones_like(estimate)
    sizes = estimate * sign
    order = np.argsort(-sizes, axis=-1, kind="stable")
    number = len(jackknife)
    df = number - 1
    mean = sum_over_replicates(jackknife) / number
    deviations = (jackknife - mean) * np.sqrt(df / number)  # their squares' sum is the variance
    reach = stdtrit(df, (1 + probability) / 2) * np.sqrt(sum_over_replicates(deviations**2))
    interval = np.stack([estimate - reach, estimate + reach], axis=-1)
    # Rankings that the errors, which are correlated between groups, leave possible.
    deviations = deviations * sign
    scale = np.sqrt(df / rng.chisquare(df, RANKINGS))[:, None]
    weights = rng.standard_normal((RANKINGS, number)) * scale
    # One replicate after the other: the order in which a product of matrices sums depends on its number of columns.
    drawn = sizes + sum(map(np.multiply.outer, weights.T, deviations))
    # What is the same shares its positions: of these the interval holds the first and the last.
    tail = (1 - probability) / 2
    position_interval = np.empty((*estimate.shape, 2), np.intp)
    first = np.empty(estimate.shape)
    for group in range(estimate.shape[-1]):
        above = (drawn > drawn[..., group, None]).sum(axis=-1) + 1
        level = (drawn >= drawn[..., group, None]).sum(axis=-1)
        position_interval[:, group, 0] = np.quantile(above, tail, axis=0, method="inverted_cdf")
        position_interval[:, group, 1] = np.quantile(level, 1 - tail, axis=0, method="inverted_cdf")
        first[:, group] = ((above == 1) / (level - above + 1)).mean(axis=0)
    # The difference of neighbours, from the same replicates for both.
    p_value = np.full(estimate.shape, np.nan)
    for quantity, groups in enumerate(order):
        for one, other in zip(groups[:-1], groups[1:], strict=True):
            error = np.sqrt(((deviations[:, quantity, one] - deviations[:, quantity, other]) ** 2).sum())
            difference = sizes[quantity, one] - sizes[quantity, other]
            p_value[quantity, one] = 2 * stdtr(df, -difference / error) if error > 0 else float(difference == 0)
    return Errors(interval, np.argsort(order, axis=-1) + 1, position_interval, first, p_value)
