"""Tables and sentences of a back-test."""

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

LEGEND = "PIT: share of the draws below the published value; *: outside the 90 % interval"


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
            f"  {readable(str(item['quantity'].values).removesuffix('_footprint'))}",
            f"{brief(observed / factor, 4)} {unit}".strip(),
            number(float(item["estimate"]) / factor),
        )
        if bool(item["known"]):
            rows.append((*cells, "fixed", "reproduced" if abs(error) <= REPRODUCED else deviation(error)))
        else:
            share = probability(float(item["pit"]))
            ends = interval(item["interval"].sel(ci_prob=0.9).values / factor)
            rows.append((*cells, ends, share if inside else f"* {share}"))
    return Table(("", "published", "median", "90 % interval", "PIT"), rows, bold)


def sentences(found: dict[str, Any]) -> Iterator[str]:
    """Yield sentences about the scores.

    Parameters
    ----------
    found : dict
        From `simulator.analyses.backtest_scores.scores`.
    """
    known = f"{found['known']}, {found['reproduced']} of them reproduced within {percent(REPRODUCED)}"
    yield (
        f"Forecasts: {count(found['values'], 'published value')} in {count(found['files'], 'file')}, "
        f"from {count(found['sources'], 'source')}. "
        f"Values whose inputs are all fixed, which are not scored: {known if found['known'] else 'none'}."
    )
    if not found["values"]:
        return
    yield f"Coverage ({percent(CONFIDENCE)} interval as if values were independent; by file: each file counts once):"
    for row in found["coverage"]:
        shares = (row["share"], *row["interval"], row["by_file"])
        share, low, high, by_file = (percent(round(one, 2)) for one in shares)  # no nearer: the values are few
        yield (
            f"  {percent(row['ci_prob'])} intervals: {row['inside']} of {found['values']}, "
            f"{share} ({low} to {high}); {by_file} by file"
        )
    width, crps, pit = found["width"], found["crps"], found["pit"]
    low, high = map(number, width["quartiles"])
    yield (
        f"The upper end of a 90 % interval is {number(width['median'])} times the lower end "
        f"(median; quartiles {low} and {high})."
    )
    ends = " to ".join(index(end, "+") for end in crps["interval"] or ())
    sure = f"{percent(CONFIDENCE)} interval {ends}" if ends else "one file: no interval"
    yield (
        "Score (CRPS of the logarithm, each file counts once; lower is better, and a point 10 % off has 0.1): "
        f"{index(crps['model'])}, and {index(crps['point_rule'])} for the point rule {RULE}; "
        f"difference {index(crps['difference'], '+')} ({sure})."
    )
    low, high = pit["expected"]
    yield (
        f"Histogram of the PIT, {pit['bins']} bins from the lowest: {', '.join(map(str, pit['counts']))}. "
        f"For a calibrated model, a bin holds {low} to {high} values with probability {percent(BAND)}."
    )
    verdict = "differs significantly" if pit["uniformity"] < 1 - CONFIDENCE else "does not differ significantly"
    yield (
        f"The PIT {verdict} from that of a calibrated model (ArviZ's uniformity test: p = {pit['uniformity']:.2g})."
    )


def backtest_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the dataset of `simulator.backtest` as plain values: ``scores``, and one of ``cases`` for each value."""
    return {**plain_attributes(data.attrs), "scores": scores(data), "cases": plain_records(data, "case")}
