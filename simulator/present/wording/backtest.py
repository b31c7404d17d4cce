"""What a back-test says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.analyses.backtest import RULE
from simulator.analyses.backtest_scores import BAND, CONFIDENCE, REPRODUCED, is_inside, scores
from simulator.present.wording.numbers import Table, counted, finite, interval, number, probability, words
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

LEGEND = "lies above: this share of the draws; *: outside the 90 % interval"


def table(data: "xarray.Dataset") -> Table:
    """Return each published value beside the median and the 90 % interval of the model, under its file's name."""
    rows: list[tuple[str, ...]] = []
    bold: set[int] = set()
    before = None
    for place, inside in enumerate(is_inside(data, 0.9)):
        item = data.isel(case=place)
        scenario = str(item["scenario"].values)
        if scenario != before:
            bold.add(len(rows))
            rows.append((scenario, "", "", "", ""))
            before = scenario
        observed, error = float(item["observed"]), float(item["relative_error"])
        factor, unit = readable_scale(str(item["units"].values), observed)
        known = bool(item["known"])
        if known:
            lies = "reproduced" if abs(error) <= REPRODUCED else f"{100 * error:+.3g} % off"
        else:
            lies = f"{'' if inside else '* '}{probability(float(item['pit']))}"
        rows.append(
            (
                f"  {words(item['quantity'].values)}",
                f"{observed / factor:,.4g} {unit}".strip(),
                number(float(item["estimate"]) / factor),
                "known" if known else interval(item["interval"].sel(ci_prob=0.9).values / factor),
                lies,
            )
        )
    return Table(("", "published", "median", "90 % interval", "lies above"), rows, bold)


def sentences(found: dict[str, Any]) -> Iterator[str]:
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
        yield f"  the {100 * row['ci_prob']:.0f} % intervals: {inside}; {by_file}"
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


def backtest_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the cases and the scores as plain values, the same for the same cases, seed and version."""
    cases = []
    for place in range(data.sizes["case"]):
        item = data.isel(case=place)
        case: dict[str, Any] = {
            str(name): str(item[name].values)
            for name in item.coords
            if item[name].dtype.kind in "UO" and not item[name].dims
        }
        for key in ("observed", "estimate", "point", "relative_error", "pit", "width", "crps", "point_crps"):
            case[{"estimate": "median"}.get(key, key)] = finite(float(item[key]))
        case["known"] = bool(item["known"])
        case["intervals"] = [
            {"ci_prob": float(one["ci_prob"]), "lower": float(one[0]), "upper": float(one[1])}
            for one in item["interval"]
        ]
        cases.append(case)
    return {**data.attrs, "scores": scores(data), "cases": cases}
