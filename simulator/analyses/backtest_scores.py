"""Scores of a back-test over all cases, computed from the dataset of `backtest` alone."""

from typing import Any

import numpy as np
import xarray
from numpy.typing import NDArray

from simulator.units import FloatArray

CI_PROBS = (0.5, 0.8, 0.9)  # of the intervals whose coverage is counted
CONFIDENCE = 0.95  # of the intervals of coverage and of the difference of scores
BAND = 0.9  # share of calibrated models whose ECDF of the PIT stays within the band
BAND_SIMULATIONS, REDRAWS = 1000, 200
QUARTILES = (0.25, 0.5, 0.75)
REPRODUCED = 0.01  # relative: published values have two or three digits


def is_inside(data: xarray.Dataset, ci_prob: float) -> NDArray[np.bool_]:
    """Tell of each case whether its observed value is within the interval of this probability, by its PIT.

    The PIT of a value that is known to lie in a range is that of the middle, had the draws the error of the range too
    (see `forecast`); so calibrated models keep their coverage. Where all draws are the same, none is.
    """
    return np.asarray(np.abs(data["pit"].values - 0.5) <= ci_prob / 2)


def coverage_interval(inside: NDArray[np.bool_], clusters: NDArray[np.intp]) -> list[float]:
    """Return the confidence interval of the share of values that are inside; values of one cluster may be alike.

    The Clopper-Pearson interval of the effective number of values: their number over the design effect, reduced
    for few clusters (Korn and Graubard 1998, Survey Methodology 24, 193-201). The design effect is no less
    than 1; where all values agree there is no telling, and clusters are counted.
    """
    from scipy import stats

    values, number, share = len(inside), int(clusters.max()) + 1, float(inside.mean())
    effective = float(number)
    if number > 1 and 0 < share < 1:
        between = number / (number - 1) * (np.bincount(clusters, inside - share) ** 2).sum() / values**2
        few, many = stats.t.ppf((1 + CONFIDENCE) / 2, [number - 1, values - 1])
        effective = values / max(between / (share * (1 - share) / (values - 1)), 1.0) * (many / few) ** 2
    hits, tail = effective * share, (1 - CONFIDENCE) / 2
    low = stats.beta.ppf(tail, hits, effective - hits + 1) if share > 0 else 0.0
    high = stats.beta.isf(tail, hits + 1, effective - hits) if share < 1 else 1.0
    return [float(low), float(high)]


def uniformity(pit: FloatArray, clusters: NDArray[np.intp], seed: int) -> float:
    """Return the p-value of the hypothesis that the PIT is uniform; values of one cluster may be alike.

    Of each cluster one value is drawn, many times (Hoffman, Sen and Weinberg 2001, doi:10.1093/biomet/88.4.1121).
    Each time ArviZ tests them (pot_c, doi:10.48550/arXiv.2603.02928), and the p-values, which depend on each
    other, are combined as Cauchy variables (Liu and Xie 2020, doi:10.1080/01621459.2018.1554485).
    """
    from arviz_stats.base import array_stats

    sizes = np.bincount(clusters)
    places = np.random.default_rng(seed).random((REDRAWS, len(sizes))) * sizes
    chosen = np.cumsum(sizes) - sizes + places.astype(int)
    p_values, *_ = array_stats.uniformity_test(pit[np.argsort(clusters, kind="stable")][chosen])
    return float(0.5 - np.arctan(np.tan((0.5 - np.asarray(p_values)) * np.pi).mean()) / np.pi)


def scores(data: xarray.Dataset) -> dict[str, Any]:
    """Return the scores over all cases, as plain values.

    Parameters
    ----------
    data : xarray.Dataset
        From `simulator.backtest`. Cases whose inputs are all fixed are counted, and left out of the scores.

    Returns
    -------
    dict
        `values`, `files` and `clusters` that were forecast, `known` and `reproduced` values that were not; and where
        there was a forecast `coverage` (a list; see `coverage_interval`; `by_cluster` is the mean over clusters),
        `width`, `crps` (means over clusters; the interval of their paired difference is Student's t's, None of one
        cluster) and `pit`. This has the p-value of its `uniformity`, and its ECDF, in which each cluster counts once:
        at `quartiles`, and at `points` as `ecdf`, with the `lower` and `upper` end of a simultaneous band for as many
        independent values as there are clusters (Säilynoja et al. 2022, doi:10.1007/s11222-022-10090-6). The mean
        of a cluster varies less than one value, so the band is no narrower than it should be.
    """
    from arviz_stats.ecdf_utils import ecdf_pit
    from scipy import stats

    known = data["known"].values
    about: dict[str, Any] = {"known": int(known.sum())}
    about["reproduced"] = int((np.abs(data["relative_error"].values[known]) <= REPRODUCED).sum())
    data = data.isel(case=~known)
    _, clusters, sizes = np.unique(data["cluster"].values, return_inverse=True, return_counts=True)
    count, number = data.sizes["case"], len(sizes)
    about = {"values": count, "files": len(set(data["scenario"].values)), "clusters": number, **about}
    if not count:
        return about

    def by_cluster(values: Any) -> FloatArray:
        return np.bincount(clusters, values) / sizes

    about["coverage"] = []
    for ci_prob in map(float, data["ci_prob"]):
        inside = is_inside(data, ci_prob)
        row: dict[str, Any] = {"ci_prob": ci_prob, "inside": int(inside.sum()), "share": float(inside.mean())}
        row |= {"interval": coverage_interval(inside, clusters), "by_cluster": float(by_cluster(inside).mean())}
        about["coverage"].append(row)
    lower, middle, upper = map(float, np.quantile(data["width"].values, QUARTILES))
    about["width"] = {"median": middle, "quartiles": [lower, upper]}
    ours, rule = by_cluster(data["crps"].values), by_cluster(data["point_crps"].values)
    difference, interval = float((ours - rule).mean()), None
    if number > 1:
        reach = stats.t.ppf((1 + CONFIDENCE) / 2, number - 1) * np.std(ours - rule, ddof=1) / number**0.5
        interval = [difference - float(reach), difference + float(reach)]
    about["crps"] = {"model": float(ours.mean()), "point_rule": float(rule.mean())}
    about["crps"] |= {"difference": difference, "interval": interval}
    half = 0.5 / data.attrs["draws"]  # what lies beyond every draw lies half a draw beyond the last
    pit = np.clip(data["pit"].values, half, 1 - half)
    points, _, lowest, highest = ecdf_pit(np.zeros(max(number, 2)), BAND, BAND_SIMULATIONS)
    at_quartiles, at_points = (
        [float(by_cluster(pit <= point).mean()) for point in where] for where in (QUARTILES, points)
    )
    p_value = uniformity(pit, clusters, int(data.attrs["seed"]))
    about["pit"] = {"uniformity": p_value, "quartiles": at_quartiles, "points": points.tolist(), "ecdf": at_points}
    about["pit"] |= {"lower": lowest.tolist(), "upper": highest.tolist()}
    return about
