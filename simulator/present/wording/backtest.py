"""What a back-test says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.analyses.backtest import RULE
from simulator.analyses.backtest_scores import BAND, CONFIDENCE, REPRODUCED, is_inside, scores
from simulator.present.wording.numbers import (
    Table,
    brief,
    count,
    deviation,
    index,
    interval,
    number,
    percent,
    probability,
    readable,
)
from simulator.present.wording.plain import plain_attributes, plain_records
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

LEGEND = "lies above: this share of the draws; *: outside the 90 % interval"


def table(data: "xarray.Dataset") -> Table:
    """Return published values beside the model's median and 90 % interval, from a dataset of `simulator.backtest`."""
    rows: list[tuple[str, ...]] = []
    bold: set[int] = set()
    before = None
    for position, inside in enumerate(is_inside(data, 0.9)):
        item = data.isel(case=position)
        scenario = str(item["scenario"].values)
        if scenario != before:
            bold.add(len(rows))
            rows.append((scenario, "", "", "", ""))
            before = scenario
        observed, error = float(item["observed"]), float(item["relative_error"])
        factor, unit = readable_scale(str(item["units"].values), observed)
        cells = (
            f"  {readable(item['quantity'].values)}",
            f"{brief(observed / factor, 4)} {unit}".strip(),
            number(float(item["estimate"]) / factor),
        )
        if bool(item["known"]):
            rows.append((*cells, "known", "reproduced" if abs(error) <= REPRODUCED else deviation(error)))
        else:
            share = probability(float(item["pit"]))
            ends = interval(item["interval"].sel(ci_prob=0.9).values / factor)
            rows.append((*cells, ends, share if inside else f"* {share}"))
    return Table(("", "published", "median", "90 % interval", "lies above"), rows, bold)


def sentences(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that say what the scores are.

    Parameters
    ----------
    found : dict
        From `simulator.analyses.backtest_scores.scores`.
    """
    known = f"{found['known']}, of them {found['reproduced']} reproduced within {percent(REPRODUCED)}"
    yield (
        f"Forecast: {count(found['values'], 'published value')} in {count(found['files'], 'file')}, "
        f"from {count(found['sources'], 'source')}. "
        f"Known from fixed inputs, and left out below: {known if found['known'] else 'none'}."
    )
    if not found["values"]:
        return
    yield f"Inside (in brackets {percent(CONFIDENCE)} intervals, as if the values were independent):"
    for row in found["coverage"]:
        shares = (row["share"], *row["interval"], row["by_file"])
        share, low, high, by_file = (percent(round(one, 2)) for one in shares)  # no nearer: the values are few
        yield (
            f"  the {percent(row['ci_prob'])} intervals: {row['inside']} of {found['values']}, "
            f"{share} ({low} to {high}); {by_file} with each file counted once"
        )
    width, crps, pit = found["width"], found["crps"], found["pit"]
    low, high = map(number, width["quartiles"])
    yield f"The 90 % intervals span a factor of {number(width['median'])} (median; quartiles {low} and {high})."
    ends = " to ".join(index(end, "+") for end in crps["interval"] or ())
    sure = f"{ends} at {percent(CONFIDENCE)}" if ends else "one file: no interval"
    yield (
        "Score (CRPS of the logarithm, each file counted once; less is better, a point that is 10 % off has 0.1): "
        f"{index(crps['model'])}, beside {index(crps['point_rule'])} of {RULE}; "
        f"difference {index(crps['difference'], '+')} ({sure})."
    )
    low, high = pit["expected"]
    yield (
        f"Published values in {pit['bins']} equally probable parts of their distributions, from the lowest: "
        f"{', '.join(map(str, pit['counts']))}. Of a calibrated model, {low} to {high} are in a part with "
        f"probability {percent(BAND)}."
    )
    verdict = "are not spread as those of" if pit["uniformity"] < 1 - CONFIDENCE else "may be those of"
    yield f"The shares {verdict} a calibrated model (ArviZ's test of uniformity: p = {pit['uniformity']:.2g})."


def backtest_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the dataset of `simulator.backtest` as plain values: ``scores``, and one of ``cases`` for each value."""
    return {**plain_attributes(data.attrs), "scores": scores(data), "cases": plain_records(data, "case")}
