"""Tables and sentences of a run."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.book.equations import IMPACTS, read_left_out
from simulator.present.wording.numbers import (
    Table,
    brief,
    count,
    deviation,
    estimate_cells,
    percent,
    percents,
    readable,
    standard_error,
)
from simulator.present.wording.plain import plain_attributes, plain_records, plain_values
from simulator.present.wording.ranking import ranking_json
from simulator.results.schema import every_input, every_quantity
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

CI_KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}
MOST_SURE = 99.9  # per cent of the draws
NEARLY = 5e-4  # relative errors below it are none
ABOUT = ("name", "title", "draws", "seed", "ci_kind", "inference_library_version")  # what JSON says of a result


def table(result: "xarray.DataTree") -> Table:
    """Return the intervals of a result of `simulator.run`: a row a quantity, parts indented below their whole."""
    data = result["intervals"].to_dataset()
    data = data.isel(quantity=data["reported"].values)
    rows: list[tuple[str, ...]] = []
    for position, name in enumerate(map(str, data["quantity"].values)):
        item = data.isel(quantity=position)
        units, share = str(item["units"].values), float(item["share"])
        error = max(float(item["estimate_mcse"]), float(item["interval_mcse"].max()))
        factor, _ = readable_scale(units, float(item["estimate"]))
        rows.append(
            (
                "  " * int(item["level"]) + str(item["label"].values),
                *estimate_cells(item, units),
                standard_error(error / factor),
                "100 %" if name == "total_footprint" else percents(share)[0] if math.isfinite(share) else "",
            )
        )
    intervals = (f"{percent(ci_prob)} interval" for ci_prob in data["ci_prob"].values)
    bold = set(map(int, (data["level"].values == 0).nonzero()[0]))
    return Table(("", "median", *intervals, "± MCSE", "share"), rows, bold, spare=(2, 5, 4))


def heading(result: "xarray.DataTree") -> str:
    """Return how a result of `simulator.run` was made, on one line."""
    kind, draws = str(result["intervals"].attrs["ci_kind"]), count(int(result.attrs["draws"]), "draw")
    seconds = f"{float(result['prior'].attrs['sampling_time']):.1f} s"
    return (
        f"{draws} · seed {int(result.attrs['seed'])} · {seconds} · {CI_KINDS[kind]} ({kind}) intervals, largest MCSE"
    )


def describe_percentile(percentile: float) -> str:
    """Return where a published value of this percentile lies, such as ``is lower than 97.7 % of the draws``."""
    side, share = ("higher", percentile) if percentile >= 50 else ("lower", 100 - percentile)
    if share > MOST_SURE:
        return f"is {side} than over {MOST_SURE} % of the draws"
    return f"is {side} than {share:.{int(share > 99)}f} % of the draws"


def missing(result: "xarray.DataTree") -> Iterator[str]:
    """Yield a sentence for each impact of which a part has no source."""
    for name, page in IMPACTS.items():
        if any(item.attrs["page"] == page for item in every_quantity(result).values()):
            yield f"{name.replace('-', ' ').capitalize()} leaves out, as no source gives it: {read_left_out(page)}"


def references(result: "xarray.DataTree") -> Iterator[str]:
    """Yield a sentence for each published value of a result: where it lies in the distribution."""
    for item in plain_records(result["references"].to_dataset(), "reference") if "references" in result else ():
        factor, unit = readable_scale(item["units"], item["value"])
        value = f"{item['reference']}: {brief(item['value'] / factor, 4)} {unit}".strip()
        quantity, error, percentile = readable(item["quantity"]), item["relative_error"], item["percentile"]
        if error is not None:
            yield f"{value}: reproduced" if abs(error) < NEARLY else f"{value}: the {quantity} is {deviation(error)}"
        elif 0 < percentile < 100:
            yield f"{value} {describe_percentile(percentile)} of the {quantity}"
        else:
            yield f"{value} is {'lower' if percentile <= 0 else 'higher'} than every draw of the {quantity}"


def origins(result: "xarray.DataTree") -> str:
    """Return where the inputs of a result come from, and which of them are correlated."""
    names: dict[str, list[str]] = {"scenario": [], "library": [], "default": [], "constant": []}
    for name, variable in every_input(result).items():
        names[variable.attrs["origin"]].append(name)
    scenario, library, defaults, constants = map(len, names.values())
    listed = f" ({', '.join(names['default'])})" if defaults else ""
    text = (
        f"{count(sum(map(len, names.values())), 'input')}: {scenario} from the scenario, {library} from the library, "
        f"{count(defaults, 'default')}{listed}, {count(constants, 'constant')}"
    )
    correlated = str(result.attrs.get("correlations", "")).splitlines()
    return f"{text}\nrank correlations: {'; '.join(correlated)}" if correlated else text


def result_json(result: "xarray.DataTree") -> dict[str, Any]:
    """Return a result of `simulator.run` as plain values, the same for the same scenario, seed and version.

    They say what was run, `intervals` (under ``quantity``), `inputs` and `correlations`; of the groups that are there
    `references` (a list), `sensitivity` and `interval_reduction` (see `ranking_json`).
    """
    groups = {str(name): node.to_dataset() for name, node in result.children.items()}
    about = plain_attributes(result.attrs)
    summary: dict[str, Any] = {key: about[key] for key in ABOUT}
    summary["intervals"] = plain_values(groups["intervals"].variables, "quantity")
    summary["inputs"] = {name: plain_attributes(variable.attrs) for name, variable in every_input(result).items()}
    summary["correlations"] = str(about.get("correlations", "")).splitlines()
    if "references" in groups:
        summary["references"] = plain_records(groups["references"], "reference")
    rankings = [name for name in ("sensitivity", "interval_reduction") if name in groups]
    return summary | {name: ranking_json(groups[name]) for name in rankings}
