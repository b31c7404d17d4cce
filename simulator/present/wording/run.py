"""What a run says."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.book.equations import IMPACTS, read_left_out
from simulator.present.wording.numbers import (
    DIGITS,
    KNOWN_DIGITS,
    Table,
    finite,
    interval,
    number,
    percents,
    standard_error,
    words,
)
from simulator.present.wording.ranking import ranking_json
from simulator.results.schema import every_input, every_quantity
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

CI_KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}


def table(result: "xarray.DataTree") -> Table:
    """Return the intervals of a result, a row a quantity, parts indented below what they are parts of."""
    data = result["intervals"].to_dataset()
    rows, bold = [], set()
    for number_of_row, name in enumerate(data["quantity"].values):
        item = data.sel(quantity=name)
        level, share = int(item["level"]), float(item["share"])
        median, median_error = float(item["estimate"]), float(item["estimate_mcse"])
        error = max(median_error, float(item["interval_mcse"].max()))
        factor, unit = readable_scale(str(item["units"].values), median)
        digits = DIGITS if error else KNOWN_DIGITS
        ends = zip(item["interval"].values / factor, item["interval_mcse"].values / factor, strict=True)
        row = (
            "  " * level + str(item["label"].values),
            f"{number(median / factor, median_error / factor, digits)} {unit}".strip(),
            *(interval(*pair) if error else "known" for pair in ends),
            standard_error(error / factor),
            percents(share)[0] if math.isfinite(share) else "100 %" if name == "total_footprint" else "",
        )
        rows.append(row)
        bold |= {number_of_row} if level == 0 else set()
    intervals = (f"{100 * float(ci_prob):.0f} % interval" for ci_prob in data["ci_prob"])
    return Table(("", "median", *intervals, "± MCSE", "share"), rows, bold)


def heading(result: "xarray.DataTree") -> str:
    """Return how a result was made, on one line."""
    kind = str(result["intervals"].attrs["ci_kind"])
    seconds = float(result["prior"].attrs["sampling_time"])
    draws, seed = int(result.attrs["draws"]), int(result.attrs["seed"])
    return f"{draws:,} draws · seed {seed} · {seconds:.1f} s · {CI_KINDS[kind]} ({kind}) intervals"


def place(percentile: float) -> str:
    """Return where a percentile is, in words, such as ``at the 2nd percentile``."""
    if percentile < 0.1 or percentile > 99.9:
        side = "lowest" if percentile < 50 else "highest"
        return f"in the {side} 0.1 % of the draws"
    if percentile < 1 or percentile > 99:
        return f"above {percentile:.1f} % of the draws"
    whole = round(percentile)
    suffix = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"at the {whole}{suffix} percentile"


def missing(result: "xarray.DataTree") -> Iterator[str]:
    """Yield a sentence for each impact of which a part has no source."""
    for name, page in IMPACTS.items():
        if any(item.attrs["page"] == page for item in every_quantity(result).values()):
            yield f"not in the {name.replace('-', ' ')}, for want of a source: {read_left_out(page)}"


def references(result: "xarray.DataTree") -> Iterator[str]:
    """Yield a sentence for each published value: where it lies in the distribution."""
    if "references" not in result.children:
        return
    data = result["references"].to_dataset()
    columns = ("reference", "quantity", "value", "units", "percentile", "relative_error")
    for label, quantity, value, unit, percentile, error in zip(*(data[name].values for name in columns), strict=True):
        factor, name = readable_scale(str(unit), float(value))
        got = f"{label}: {value / factor:,.4g} {name}".strip()
        what = words(quantity)
        if math.isfinite(error):
            near = "as computed" if abs(error) < 5e-4 else f"the {what} is {100 * error:+.1f} % off"
            yield f"{got}: {near}"
        elif percentile <= 0:
            yield f"{got} lies below every draw of the {what}"
        elif percentile >= 100:
            yield f"{got} lies above every draw of the {what}"
        else:
            yield f"{got} lies {place(float(percentile))} of the {what}"


def origins(result: "xarray.DataTree") -> str:
    """Return in words how many inputs came from the scenario, the library and the defaults, and which go together."""
    counted: dict[str, list[str]] = {"scenario": [], "library": [], "default": [], "constant": []}
    for name, variable in every_input(result).items():
        counted[variable.attrs["origin"]].append(name)
    given = len(counted["scenario"]) + len(counted["library"])
    defaults = counted["default"]
    text = f"{given + len(defaults)} inputs: {len(counted['scenario'])} from the scenario, "
    text += f"{len(counted['library'])} from the library, {len(defaults)} default{'' if len(defaults) == 1 else 's'}"
    if defaults:
        text += f" ({', '.join(defaults)})"
    correlated = str(result.attrs.get("correlations", ""))
    return f"{text}\nrank correlations: {correlated.replace(chr(10), '; ')}" if correlated else text


def result_json(result: "xarray.DataTree") -> dict[str, Any]:
    """Return the result's numbers as plain values, the same for the same scenario, seed and version."""
    data = result["intervals"].to_dataset()
    quantities = {}
    for name in data["quantity"].values:
        item = data.sel(quantity=name)
        quantities[str(name)] = {
            "units": str(item["units"].values),
            "median": float(item["estimate"]),
            "median_mcse": float(item["estimate_mcse"]),
            "mean": finite(item["average"]),
            "sd": finite(item["sd"]),
            "share": finite(item["share"]),
            "intervals": [
                {
                    "ci_kind": data.attrs["ci_kind"],
                    "ci_prob": float(one["ci_prob"]),
                    "lower": float(one[0]),
                    "upper": float(one[1]),
                    "mcse": [float(end) for end in item["interval_mcse"].sel(ci_prob=float(one["ci_prob"]))],
                }
                for one in item["interval"]
            ],
        }
    about = ("units", "prior", "key", "origin", "basis", "scope", "source", "note")
    summary: dict[str, Any] = {
        "scenario": result.attrs["name"],
        "title": result.attrs["title"],
        "draws": int(result.attrs["draws"]),
        "seed": int(result.attrs["seed"]),
        "version": result.attrs["inference_library_version"],
        "quantities": quantities,
        "inputs": {
            name: {key: variable.attrs[key] for key in about} for name, variable in every_input(result).items()
        },
        "correlations": str(result.attrs.get("correlations", "")).splitlines(),
    }
    if "references" in result.children:
        data = result["references"].to_dataset()
        columns = ("reference", "quantity", "value", "units", "percentile")
        summary["references"] = [
            dict(zip(("label", *columns[1:]), values, strict=True))
            for values in zip(*(data[column].values.tolist() for column in columns), strict=True)
        ]
    for name in ("sensitivity", "interval_reduction"):
        if name in result.children:
            summary[name] = ranking_json(result[name].to_dataset())
    return summary
