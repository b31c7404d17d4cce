"""Tables and sentences of a back-test."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from simulator.analyses.backtest import RULE
from simulator.analyses.backtest_requirements import Requirement
from simulator.analyses.backtest_scores import (
    CONFIDENCE,
    QUARTILES,
    REPRODUCED,
    is_inside,
    scores,
)
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
        low, high = item["observed_range"].values / factor
        published = f"{brief(low)}–{brief(high)}" if low < high else brief(observed / factor, 4)
        cells = (
            f"  {readable(str(item['quantity'].values).removesuffix('_footprint'))}",
            f"{published} {unit}".strip(),
            number(float(item["estimate"]) / factor),
        )
        if bool(item["known"]):
            rows.append((*cells, "fixed", "reproduced" if abs(error) <= REPRODUCED else deviation(error)))
        else:
            share = probability(float(item["pit"]))
            ends = interval(item["interval"].sel(ci_prob=0.9).values / factor)
            rows.append((*cells, ends, share if inside else f"* {share}"))
    return Table(("", "published", "median", "90 % interval", "PIT"), rows, bold)


def whole(share: float) -> str:
    """Return a share in whole per cent: no nearer, as published values are few."""
    return percent(round(share, 2))


def sentences(found: dict[str, Any]) -> Iterator[str]:
    """Yield sentences about the scores.

    Parameters
    ----------
    found : dict
        From `simulator.analyses.backtest_scores.scores`.
    """
    known = f"{found['known']}, {found['reproduced']} of them reproduced within {percent(REPRODUCED)}"
    yield (
        f"Forecasts: {count(found['values'], 'published value')} in {count(found['files'], 'file')}, which make "
        f"{count(found['clusters'], 'cluster')} of one file, one source or one `together`. "
        f"Values whose inputs are all fixed, which are not scored: {known if found['known'] else 'none'}."
    )
    if not found["values"]:
        return
    yield f"Coverage ({percent(CONFIDENCE)} interval that allows for clusters; by cluster: each counts once):"
    for row in found["coverage"]:
        shares = (row["share"], *row["interval"], row["by_cluster"])
        share, low, high, mean = map(whole, shares)
        yield (
            f"  {percent(row['ci_prob'])} intervals: {row['inside']} of {found['values']}, "
            f"{share} ({low} to {high}); {mean} by cluster"
        )
    width, crps, pit = found["width"], found["crps"], found["pit"]
    low, high = map(number, width["quartiles"])
    yield (
        f"The upper end of a 90 % interval is {number(width['median'])} times the lower end "
        f"(median; quartiles {low} and {high})."
    )
    ends = " to ".join(index(end, "+") for end in crps["interval"] or ())
    sure = f"{percent(CONFIDENCE)} interval {ends}" if ends else "one cluster: no interval"
    yield (
        "Score (CRPS of the logarithm, each cluster counts once; lower is better, and a point 10 % off has 0.1): "
        f"{index(crps['model'])}, and {index(crps['point_rule'])} for the point rule {RULE}; "
        f"difference {index(crps['difference'], '+')} ({sure})."
    )
    verdict = "differs significantly" if pit["uniformity"] < 1 - CONFIDENCE else "does not differ significantly"
    yield (
        f"The PIT {verdict} from that of a calibrated model (ArviZ's uniformity test, one value of each cluster: "
        f"p = {pit['uniformity']:.2g}). Of the values, each cluster counted once, "
        f"{', '.join(map(whole, pit['quartiles']))} have a PIT up to {', '.join(map(percent, QUARTILES))}."
    )


def failures(requirements: Sequence[Requirement], found: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each requirement that the scores do not meet."""
    for requirement in requirements:
        if not requirement.is_met(found):
            yield f"not met: {requirement.text}, found {brief(requirement.find(found), 4)}"


def backtest_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the dataset of `simulator.backtest` as plain values: ``scores``, and one of ``cases`` for each value."""
    return {**plain_attributes(data.attrs), "scores": scores(data), "cases": plain_records(data, "case")}
