"""Scores of a back-test over all cases, computed from the dataset of `backtest` alone."""

from typing import Any

import numpy as np
import xarray
from numpy.typing import NDArray

from simulator.units import FloatArray

CONFIDENCE = 0.95  # of the intervals of coverage and of the difference of scores
BAND = 0.9  # share of calibrated models whose count in one bin of the histogram is within the band
MOST_BINS, VALUES_A_BIN = 10, 5
REPRODUCED = 0.01  # relative: published values have two or three digits


def is_inside(data: xarray.Dataset, ci_prob: float) -> NDArray[np.bool_]:
    """Tell of each case whether its observed value is within the interval of this probability."""
    low, high = data["interval"].sel(ci_prob=ci_prob).values.T
    return np.asarray((low <= data["observed"].values) & (data["observed"].values <= high))


def scores(data: xarray.Dataset) -> dict[str, Any]:
    """Return the scores over all cases, as plain values.

    Parameters
    ----------
    data : xarray.Dataset
        From `simulator.backtest`. Cases whose inputs are all fixed are counted, and left out of the scores.

    Returns
    -------
    dict
        `values`, `files` and `sources` that were forecast, `known` and `reproduced` ones that were not; and where
        there was a forecast `coverage` (a list; its Clopper-Pearson interval takes values for independent,
        `by_file` is the mean over files), `width`, `crps` (means over files; the interval of their paired
        difference is Student's t's, None of one file) and `pit` (counts in bins, what is `expected` in one of
        a calibrated model, and the p-value of ArviZ's test of `uniformity`, pot_c, doi:10.48550/arXiv.2603.02928).
    """
    from arviz_stats.base import array_stats
    from scipy import stats

    known = data["known"].values
    about: dict[str, Any] = {"known": int(known.sum())}
    about["reproduced"] = int((np.abs(data["relative_error"].values[known]) <= REPRODUCED).sum())
    data = data.isel(case=~known)
    names, count = data["scenario"].values, data.sizes["case"]
    files = list(dict.fromkeys(names))
    about = {"values": count, "files": len(files), "sources": len(set(data["source"].values)), **about}
    if not count:
        return about

    def by_file(values: Any) -> FloatArray:
        return np.array([np.mean(values[names == name]) for name in files])

    about["coverage"] = []
    for ci_prob in map(float, data["ci_prob"]):
        inside = is_inside(data, ci_prob)
        hits = int(inside.sum())
        ends = stats.binomtest(hits, count).proportion_ci(CONFIDENCE, method="exact")
        row = {"ci_prob": ci_prob, "inside": hits, "share": hits / count, "interval": list(map(float, ends))}
        about["coverage"].append({**row, "by_file": float(by_file(inside).mean())})
    lower, middle, upper = map(float, np.quantile(data["width"].values, [0.25, 0.5, 0.75]))
    about["width"] = {"median": middle, "quartiles": [lower, upper]}
    ours, rule = by_file(data["crps"].values), by_file(data["point_crps"].values)
    difference, interval = float((ours - rule).mean()), None
    if len(files) > 1:
        reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(files) - 1) * np.std(ours - rule, ddof=1) / len(files) ** 0.5
        interval = [difference - float(reach), difference + float(reach)]
    about["crps"] = {"model": float(ours.mean()), "point_rule": float(rule.mean())}
    about["crps"] |= {"difference": difference, "interval": interval}
    bins = int(np.clip(count // VALUES_A_BIN, 2, MOST_BINS))
    counts, _ = np.histogram(data["pit"].values, bins, (0, 1))
    expected = stats.binom.interval(BAND, count, 1 / bins)
    about["pit"] = {"bins": bins, "counts": counts.tolist(), "expected": [int(end) for end in expected]}
    half = 0.5 / data.attrs["draws"]  # what lies beyond every draw lies half a draw beyond the last
    p_value, *_ = array_stats.uniformity_test(np.clip(data["pit"].values, half, 1 - half))
    about["pit"]["uniformity"] = float(p_value)
    return about
