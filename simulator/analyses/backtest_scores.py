"""How good the forecasts were, over all cases. Reads what `forecasts` returns only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.backtest import RULE
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

CONFIDENCE = 0.95  # of the intervals of coverage and of the difference of scores
BAND = 0.9  # share of calibrated models whose count in one bin of the histogram is within the band
MOST_BINS, VALUES_A_BIN = 10, 5
REPRODUCED = 0.01  # relative: published values have two or three digits


def is_inside(data: "xarray.Dataset", probability: float) -> NDArray[np.bool_]:
    """Tell of each case whether its observed value is within the interval of this probability."""
    low, high = data["interval"].sel(probability=probability).values.T
    return np.asarray((low <= data["observed"].values) & (data["observed"].values <= high))


def scores(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the scores over all cases, as plain values.

    Parameters
    ----------
    data : xarray.Dataset
        From `forecasts`. Cases that are no forecast are counted, and left out of all else.

    Returns
    -------
    dict
        `values`, `files` and `sources` that were forecast, `known` and `reproduced` ones that were not; and where
        there was a forecast `coverage` (a list; its Clopper-Pearson interval takes values for independent,
        `by_file` is the mean over files), `width`, `crps` (means over files; the interval of their paired
        difference is Student's t's, None of one file) and `pit` (counts in bins, and what is `expected` in one of
        a calibrated model).
    """
    from scipy import stats

    known = data["known"].values
    about: dict[str, Any] = {"known": int(known.sum())}
    about["reproduced"] = int((np.abs(data["off"].values[known]) <= REPRODUCED).sum())
    data = data.isel(case=~known)
    names, count = data["scenario"].values, data.sizes["case"]
    files = list(dict.fromkeys(names))
    about = {"values": count, "files": len(files), "sources": len(set(data["source"].values)), **about}
    if not count:
        return about

    def by_file(values: Any) -> FloatArray:
        return np.array([np.mean(values[names == name]) for name in files])

    about["coverage"] = []
    for probability in map(float, data["probability"]):
        inside = is_inside(data, probability)
        hits = int(inside.sum())
        ends = stats.binomtest(hits, count).proportion_ci(CONFIDENCE, method="exact")
        row = {"probability": probability, "inside": hits, "share": hits / count, "interval": list(map(float, ends))}
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
    return about


def counted(number: int, word: str) -> str:
    """Return a number of things."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def in_words(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that say what the scores are."""
    known = f"{found['known']}, of them {found['reproduced']} reproduced within {100 * REPRODUCED:.0f} %"
    yield (
        f"Forecast: {counted(found['values'], 'published value')} in {counted(found['files'], 'file')}, "
        f"from {counted(found['sources'], 'source')}. "
        f"Known from fixed inputs, and left out below: {known if found['known'] else 'none'}."
    )
    if not found["values"]:
        return
    yield f"Inside (in brackets {100 * CONFIDENCE:.0f} % intervals, as if the values were independent):"
    for row in found["coverage"]:
        low, high = (f"{100 * end:.0f}" for end in row["interval"])
        inside = f"{row['inside']} of {found['values']}, {100 * row['share']:.0f} % ({low} to {high} %)"
        by_file = f"{100 * row['by_file']:.0f} % with each file counted once"
        yield f"  the {100 * row['probability']:.0f} % intervals: {inside}; {by_file}"
    low, high = found["width"]["quartiles"]
    middle = found["width"]["median"]
    yield f"The 90 % intervals span a factor of {middle:.3g} (median; quartiles {low:.3g} and {high:.3g})."
    crps = found["crps"]
    ends = crps["interval"] and " to ".join(f"{end:+.3f}" for end in crps["interval"])
    sure = f"{ends} at {100 * CONFIDENCE:.0f} %" if ends else "one file: no interval"
    yield (
        "Score (CRPS of the logarithm, each file counted once; less is better, a point that is 10 % off has 0.1): "
        f"{crps['model']:.3f}, beside {crps['point_rule']:.3f} of {RULE}; "
        f"difference {crps['difference']:+.3f} ({sure})."
    )
    pit = found["pit"]
    low, high = pit["expected"]
    counts = ", ".join(map(str, pit["counts"]))
    yield (
        f"Published values in {pit['bins']} equally probable parts of their distributions, from the lowest: "
        f"{counts}. Of a calibrated model, {low} to {high} are in a part with probability {100 * BAND:.0f} %."
    )


def as_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the cases and the scores as plain values, the same for the same cases, seed and version."""
    cases = []
    for place in range(data.sizes["case"]):
        item = data.isel(case=place)
        case: dict[str, Any] = {
            str(name): str(item[name].values)
            for name in item.coords
            if item[name].dtype.kind in "UO" and not item[name].dims
        }
        for name in ("observed", "median", "point", "off", "pit", "width", "crps", "point_crps"):
            case[name] = float(item[name]) if np.isfinite(item[name]) else None
        case["known"] = bool(item["known"])
        case["intervals"] = [
            {"probability": float(one["probability"]), "lower": float(one[0]), "upper": float(one[1])}
            for one in item["interval"]
        ]
        cases.append(case)
    return {**data.attrs, "scores": scores(data), "cases": cases}
