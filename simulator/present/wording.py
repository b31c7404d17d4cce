"""What a result says, in numbers people read. Reads the result only."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.lifecycle import IMPACTS
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

DIGITS = 3  # significant digits that are printed where the Monte Carlo error allows them
SIGNIFICANCE = 0.05  # as in a ranking's test of neighbours
SHARES_OF_VARIANCE = ("shapley", "total", "first_order")
FIELDS = ("value", "interval", "rank", "rank_interval", "first_probability", "next_p")
KNOWN_DIGITS = 5  # of a quantity that is the same in every draw


def decimals_for(value: float, error: float) -> int:
    """Return how many decimals to print: few significant digits, and none below the error."""
    digits = DIGITS if error else KNOWN_DIGITS
    significant = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    if error > 0:
        significant = min(significant, -math.floor(math.log10(error)))
    return significant


def format_number(value: float, error: float) -> str:
    """Return a number with no more digits than its error allows."""
    if not math.isfinite(value):
        return str(value)
    decimals = decimals_for(value, error)
    return f"{round(value, decimals):,.{max(decimals, 0)}f}"


def format_error(error: float) -> str:
    """Return a Monte Carlo error with its leading digit, or two where it starts with 1."""
    if not error:
        return ""
    lead = math.floor(math.log10(error))
    digits = 1 if error / 10**lead < 2 else 0
    return f"{error:.{max(digits - lead, 0)}f}" if lead < 3 else f"{error:,.0f}"


@dataclass(frozen=True)
class Row:
    """One quantity of the table, as text.

    Attributes
    ----------
    quantity, label : str
        Its name in the book and in words.
    level : int
        Depth in the tree of parts.
    median : str
        With its unit.
    intervals : tuple of str
        One for each probability of the result.
    error : str
        The largest Monte Carlo standard error of the printed quantiles, in the median's unit.
    share : str
        Mean share of the total, or empty.
    """

    quantity: str
    label: str
    level: int
    median: str
    intervals: tuple[str, ...]
    error: str
    share: str


def intervals(result: "xarray.DataTree") -> "xarray.Dataset":
    """Return medians, intervals, moments, shares and Monte Carlo errors of every reported quantity.

    Returns
    -------
    xarray.Dataset
        Dimensions `quantity`, `probability` and `bound`; values in the unit that coordinate `unit` names.
    """
    return result["intervals"].to_dataset()


def rows(result: "xarray.DataTree") -> list[Row]:
    """Return the table of a result, a row a quantity."""
    table = []
    data = intervals(result)
    for name in data["quantity"].values:
        item = data.sel(quantity=name)
        median, errors = float(item["median"]), item["interval_mcse"]
        error = max(float(item["median_mcse"]), float(errors.max()))
        factor, unit = readable_scale(str(item["unit"].values), median)
        texts = []
        for probability in data["probability"]:
            ends = item["interval"].sel(probability=probability).values / factor
            ends_errors = errors.sel(probability=probability).values / factor
            # Both ends with the decimals of the one that has fewer, so that they line up.
            decimals = min(decimals_for(*pair) for pair in zip(ends, ends_errors, strict=True))
            low, high = (f"{round(end, decimals):,.{max(decimals, 0)}f}" for end in ends)
            texts.append(f"{low} – {high}" if error else "known")
        share = float(item["share"])
        table.append(
            Row(
                quantity=str(name),
                label=str(item["label"].values),
                level=int(item["level"]),
                median=f"{format_number(median / factor, float(item['median_mcse']) / factor)} {unit}".strip(),
                intervals=tuple(texts),
                error=format_error(error / factor),
                share=share_of_total(str(name), share),
            )
        )
    return table


def share_of_total(name: str, share: float) -> str:
    """Return a share as a percentage; empty for what is no part of the total."""
    if math.isnan(share):
        return "100 %" if name == "total_footprint" else ""
    return f"{100 * share:.{1 if share < 0.0995 else 0}f} %"


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
    for name, (page, left_out) in IMPACTS.items():
        if any(item.attrs["page"] == page for item in result["prior_predictive"].data_vars.values()):
            yield f"not in the {name.replace('-', ' ')}, for want of a source: {left_out}"


def references(result: "xarray.DataTree") -> Iterator[str]:
    """Yield a sentence for each published value: where it lies in the distribution."""
    if "references" not in result.children:
        return
    data = result["references"].to_dataset()
    columns = ("reference", "quantity", "value", "unit", "percentile", "off")
    for label, quantity, value, unit, percentile, off in zip(*(data[name].values for name in columns), strict=True):
        factor, name = readable_scale(str(unit), float(value))
        got = f"{label}: {value / factor:,.4g} {name}".strip()
        words = str(quantity).replace("_", " ")
        if math.isfinite(off):
            near = "as computed" if abs(off) < 5e-4 else f"the {words} is {100 * off:+.1f} % off"
            yield f"{got}: {near}"
        elif percentile <= 0:
            yield f"{got} lies below every draw of the {words}"
        elif percentile >= 100:
            yield f"{got} lies above every draw of the {words}"
        else:
            yield f"{got} lies {place(float(percentile))} of the {words}"


def origins(result: "xarray.DataTree") -> str:
    """Return in words how many inputs came from the scenario, the library and the defaults, and which go together."""
    counted: dict[str, list[str]] = {"scenario": [], "library": [], "default": [], "constant": []}
    for name, variable in result["prior"].data_vars.items():
        counted[variable.attrs["origin"]].append(str(name))
    given = len(counted["scenario"]) + len(counted["library"])
    defaults = counted["default"]
    text = f"{given + len(defaults)} inputs: {len(counted['scenario'])} from the scenario, "
    text += f"{len(counted['library'])} from the library, {len(defaults)} default{'' if len(defaults) == 1 else 's'}"
    if defaults:
        text += f" ({', '.join(defaults)})"
    correlated = str(result.attrs.get("correlations", ""))
    return f"{text}\nrank correlations: {correlated.replace(chr(10), '; ')}" if correlated else text


def finite(value: Any) -> float | None:
    """Return a number, or None where it is none, as JSON has no other word for that."""
    return float(value) if math.isfinite(value) else None


def as_json(result: "xarray.DataTree") -> dict[str, Any]:
    """Return the result's numbers as plain values, the same for the same scenario, seed and version."""
    data = intervals(result)
    quantities = {}
    for name in data["quantity"].values:
        item = data.sel(quantity=name)
        quantities[str(name)] = {
            "unit": str(item["unit"].values),
            "median": float(item["median"]),
            "median_mcse": float(item["median_mcse"]),
            "mean": finite(item["mean"]),
            "sd": finite(item["sd"]),
            "share": finite(item["share"]),
            "intervals": [
                {
                    "kind": data.attrs["interval_kind"],
                    "probability": float(probability),
                    "lower": float(item["interval"].sel(probability=probability, bound="lower")),
                    "upper": float(item["interval"].sel(probability=probability, bound="upper")),
                    "mcse": [float(end) for end in item["interval_mcse"].sel(probability=probability)],
                }
                for probability in data["probability"]
            ],
        }
    summary: dict[str, Any] = {
        "scenario": result.attrs["scenario"],
        "title": result.attrs["title"],
        "draws": int(result.attrs["draws"]),
        "seed": int(result.attrs["seed"]),
        "version": result.attrs["inference_library_version"],
        "quantities": quantities,
        "inputs": {
            str(name): {
                key: variable.attrs[key]
                for key in ("units", "prior", "identity", "origin", "basis", "scope", "source", "note")
            }
            for name, variable in result["prior"].data_vars.items()
        },
        "correlations": str(result.attrs.get("correlations", "")).splitlines(),
    }
    if "references" in result.children:
        data = result["references"].to_dataset()
        columns = ("reference", "quantity", "value", "unit", "percentile")
        summary["references"] = [
            dict(zip(("label", *columns[1:]), values, strict=True))
            for values in zip(*(data[column].values.tolist() for column in columns), strict=True)
        ]
    for name in ("sensitivity", "shrinkage"):
        if name in result.children:
            summary[name] = ranking_json(result[name].to_dataset())
    return summary


def ranking_json(ranking: "xarray.Dataset") -> dict[str, Any]:
    """Return a ranking as plain values."""
    about = {key: value for key, value in ranking.attrs.items() if not isinstance(value, str) or value}
    plain = {key: getattr(value, "tolist", lambda value=value: value)() for key, value in about.items()}
    if not ranking.data_vars:
        return plain
    quantities: dict[str, Any] = {}
    for quantity in ranking["quantity"].values:
        for index in ranking["index"].values:
            item = ranking.sel(quantity=quantity, index=index)
            table = quantities.setdefault(str(quantity), {}).setdefault(str(index), {})
            for name in item["input"].values:
                values = {field: item[field].sel(input=name).values.tolist() for field in FIELDS}
                table[str(name)] = {field: None if value != value else value for field, value in values.items()}
    return {**plain, "quantities": quantities}


def percents(*shares: float) -> list[str]:
    """Return shares in per cent, with a digit after the point where they are small or near each other."""
    fine = min(map(abs, shares)) < 0.0995 or max(shares) - min(shares) < 0.02
    return [f"{100 * share:.{int(fine)}f} %" for share in shares]


def probability_in_words(value: float) -> str:
    """Return a probability that was counted over a few thousand rankings."""
    return "above 99.9 %" if value > 0.999 else f"{100 * value:.1f} %" if value > 0.99 else f"{100 * value:.0f} %"


def dominance(ranking: "xarray.Dataset", shrinkage: "xarray.Dataset | None" = None) -> str:
    """Return what dominates the first quantity of a ranking, by how much, how sure, and what knowing it would buy.

    Parameters
    ----------
    ranking : xarray.Dataset
        From `simulator.rank`.
    shrinkage : xarray.Dataset, optional
        The ranking of the same inputs by the method ``shrinkage``.
    """
    if not ranking.data_vars:
        return str(ranking.attrs["words"])
    leading = str(ranking.attrs["leading"])
    item = ranking.isel(quantity=0).sel(index=leading)
    title, quantity = str(item["title"].values), str(item["quantity"].values).replace("_", " ")
    first, second = (item.isel(input=place) for place in (0, 1))
    name, other = str(first["input"].values), str(second["input"].values)
    low, high = first["interval"].values
    amount, next_amount = (abs(float(part["value"])) for part in (first, second))
    if leading in SHARES_OF_VARIANCE:
        least, middle, most = percents(low, amount, high)
        size = f"{middle} of its variance ({title}; {least} to {most})"
        next_size = f"{100 * next_amount:.{int(next_amount < 0.0995)}f} %"
    else:
        size = f"{title} {float(first['value']):z.3f} ({low:z.3f} to {high:z.3f})"
        next_size = f"{float(second['value']):z.3f}"
    sure = f"ranks first with probability {probability_in_words(float(first['first_probability']))}"
    if float(first["next_p"]) < SIGNIFICANCE:
        verb = "dominates" if leading in SHARES_OF_VARIANCE and amount > 0.5 else "comes first in"
        text = f"{name} {verb} the {quantity}: {size}. It {sure}; next is {other}, {next_size}."
    else:
        text = (
            f"{name} and {other} cannot be told apart as what the {quantity} depends on most: {size} and {next_size}"
        )
        text += f" (p = {float(first['next_p']):.2f}). {name} {sure}."
    if shrinkage is not None and shrinkage.data_vars and name in shrinkage["input"].values:
        known = shrinkage.isel(quantity=0, index=0).sel(input=name)
        low, high = known["interval"].values
        least, middle, most = percents(low, float(known["value"]), high)
        text += f" Known exactly, it would narrow the 90 % interval by {middle} on average ({least} to {most})."
    return text
