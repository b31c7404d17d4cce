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

from simulator.analyses.sensitivity.method import REPLICATES, Design, Estimate, Estimator, Study
from simulator.sampling.draws import Progress
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, Threads
from simulator.units import FloatArray

# Rows of a replicate from which threads gain: on shorter arrays they wait for each other between NumPy's calls, and
# take 1.3 to 1.8 times as long as one alone.
WORTH_THREADS = 1 << 17
FEWEST = 8  # replicates that still give an error
RANKINGS = 4000  # that are drawn to say how sure a rank is

type Moments = Mapping[str, FloatArray]
type Ratios = tuple[Mapping[str, FloatArray], FloatArray]  # numerators and their denominator
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


def estimate_from_replicates(moments: MomentsOf, ratios: Callable[[Moments], Ratios]) -> Estimator:
    """Return what estimates measures that are ratios of means; interrupted after `FEWEST` replicates, from these.

    ``moments(study, rows, rng)`` gives the means over rows of one replicate, each of any shape, and
    ``ratios(means)``, for means with any leading dimensions, the numerator of each measure, of shape
    (…, quantities, groups), and the denominator of all, of shape (…, quantities, 1).
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
        from_all, whole = ratios({name: total / number for name, total in sums.items()})
        without, rest = ratios({name: (sums[name] - values) / (number - 1) for name, values in stacked.items()})
        with np.errstate(divide="ignore", invalid="ignore"):  # a replicate of rare events may hold none of them
            return {
                name: Estimate(from_all[name] / whole, values / rest, np.broadcast_to(rest / whole, values.shape))
                for name, values in without.items()
            }

    return estimate


class Errors(NamedTuple):
    """How sure an estimate is, and the ranking that it gives: of shape (quantities, groups), with two ends or not."""

    value: FloatArray  # the estimate, or what is nearest to it of what the measure can be
    interval: FloatArray  # with ends
    position: NDArray[np.intp]  # by falling size, from 1
    position_interval: NDArray[np.intp]  # with ends
    probability_first: FloatArray
    p_value_vs_next: FloatArray  # two-sided, of the paired difference to the next in rank; nan for the last


def errors_of(
    item: Estimate,
    probability: float,
    rng: np.random.Generator,
    *,
    is_signed: bool = False,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Errors:
    """Return the errors of an estimate by the jackknife over its replicates, with Student's t for their number.

    Intervals are those of Fieller 1954 (doi:10.1111/j.2517-6161.1954.tb00159.x) for a ratio: the values R for which
    numerator - R denominator is not told apart from 0. With a heavy tail one replicate may be most of both; the error
    of the ratio at its estimate is then small, but not at other values. The order is that of the numerators, and so
    are its errors. Signed measures rank by their size, others by their value.
    """
    from scipy.special import stdtr, stdtrit

    estimate, jackknife, scale = item
    sign = np.sign(estimate) if is_signed else np.ones_like(estimate)
    sizes = estimate * sign
    order = np.argsort(-sizes, axis=-1, kind="stable")
    number = len(jackknife)
    df = number - 1

    def deviations_of(values: FloatArray) -> FloatArray:  # whose products' sum is the covariance
        return np.asarray((values - sum_over_replicates(values) / number) * np.sqrt(df / number))

    above, below = deviations_of(jackknife * scale), deviations_of(scale)
    interval = fieller_interval(estimate, above, below, float(stdtrit(df, (1 + probability) / 2)))
    # Where chance took an estimate out of bounds, an interval around it may be too; it moves along to the bound.
    value = np.clip(estimate, *bounds)
    interval = np.clip(interval + (value - estimate)[..., None], *bounds)
    # Rankings that the errors, which are correlated between groups, leave possible.
    deviations = above * sign
    scatter = np.sqrt(df / rng.chisquare(df, RANKINGS))[:, None]
    weights = rng.standard_normal((RANKINGS, number)) * scatter
    # One replicate after the other: the order in which a product of matrices sums depends on its number of columns.
    drawn = sizes + sum(map(np.multiply.outer, weights.T, deviations))
    # What is the same shares its positions: of these the interval holds the first and the last.
    tail = (1 - probability) / 2
    position_interval = np.empty((*estimate.shape, 2), np.intp)
    first = np.empty(estimate.shape)
    for group in range(estimate.shape[-1]):
        best = (drawn > drawn[..., group, None]).sum(axis=-1) + 1
        worst = (drawn >= drawn[..., group, None]).sum(axis=-1)
        position_interval[:, group, 0] = np.quantile(best, tail, axis=0, method="inverted_cdf")
        position_interval[:, group, 1] = np.quantile(worst, 1 - tail, axis=0, method="inverted_cdf")
        first[:, group] = ((best == 1) / (worst - best + 1)).mean(axis=0)
    # The difference of neighbours, from the same replicates for both.
    p_value = np.full(estimate.shape, np.nan)
    for quantity, groups in enumerate(order):
        for one, other in zip(groups[:-1], groups[1:], strict=True):
            error = np.sqrt(((deviations[:, quantity, one] - deviations[:, quantity, other]) ** 2).sum())
            difference = sizes[quantity, one] - sizes[quantity, other]
            p_value[quantity, one] = 2 * stdtr(df, -difference / error) if error > 0 else float(difference == 0)
    return Errors(value, interval, np.argsort(order, axis=-1) + 1, position_interval, first, p_value)


def fieller_interval(estimate: FloatArray, above: FloatArray, below: FloatArray, t: float) -> FloatArray:
    """Return the ends of the interval of a ratio, infinite where the denominator is not told apart from 0.

    `above` and `below` are the deviations of numerator and denominator, of shape (replicates, …), as shares of the
    denominator.
    """
    squares, products, errors = (t**2 * sum_over_replicates(d) for d in (above**2, above * below, below**2))
    left, middle = 1 - errors, estimate - products
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.sqrt(np.maximum(middle**2 - left * (estimate**2 - squares), 0))
        ends = np.stack([middle - reach, middle + reach], axis=-1) / left[..., None]
    return np.where(left[..., None] > 0, ends, [-np.inf, np.inf])
