"""Tables and sentences of a comparison."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.wording.numbers import Table, count, estimate_cells, number, percent, probability, readable
from simulator.present.wording.plain import plain_attributes, plain_values
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

MOST_SENTENCES = 10


def title(quantity: str, scenarios: int) -> str:
    """Return which quantity of how many scenarios is compared."""
    return f"The {readable(quantity)} of {count(scenarios, 'scenario')}"


def heading(data: "xarray.Dataset") -> str:
    """Return how a comparison was made, from the dataset of `simulator.compare`."""
    draws = count(int(data.attrs["draws"]), "common random draw")
    return f"{draws} · seed {int(data.attrs['seed'])} · equal-tailed (eti) intervals"


def table(data: "xarray.Dataset") -> Table:
    """Return each scenario's intervals, and its ratio to the first, from the dataset of `simulator.compare`."""
    rows = []
    for position, name in enumerate(data["scenario"].values):
        item = data.isel(scenario=position)
        value, ratio = item.sel(statistic="value"), item.sel(statistic="ratio")
        cells = estimate_cells(value, data.attrs["units"])
        rows.append((str(name), *cells, median_of(ratio) if position else ""))
    intervals = (f"{percent(ci_prob)} interval" for ci_prob in data["ci_prob"].values)
    return Table(("", "median", *intervals, "ratio to first"), rows, spare=(2,))


def median_of(item: "xarray.Dataset", factor: float = 1.0) -> str:
    """Return the median of one statistic of one scenario over a factor, with the digits that its error allows."""
    return number(float(item["estimate"]) / factor, float(item["estimate_mcse"]) / factor)


def drawn_apart(data: "xarray.Dataset") -> list[str]:
    """Return the variables that scenarios do not share; netCDF gives a list of one text back as the text."""
    return [str(name) for name in np.atleast_1d(data.attrs["drawn_apart"])]


def sentences(data: "xarray.Dataset") -> Iterator[str]:
    """Yield which inputs share no draws, and how each scenario differs from the first, from `simulator.compare`."""
    for name in drawn_apart(data)[:MOST_SENTENCES]:
        why = "its prior differs from that of the first scenario, or it is the error of another case"
        yield f"{name} has draws of its own: {why}. The same `as` in both scenarios makes them share draws."
    for position in range(1, min(data.sizes["scenario"], MOST_SENTENCES + 1)):
        yield sentence(data, position)
    if (more := data.sizes["scenario"] - MOST_SENTENCES - 1) > 0:
        yield f"The other {more:,} comparisons are in comparison.json."


def sentence(data: "xarray.Dataset", position: int) -> str:
    """Return how one scenario differs from the first, from its position in the dataset of `simulator.compare`."""
    item, first = data.isel(scenario=position), str(data["scenario"].values[0])
    name = str(item["scenario"].values)
    below, equal, above = (float(item[f"{side}_first"]) for side in ("below", "equal_to", "above"))
    if equal == 1:
        return f"{name} is the same as {first} in every draw."
    draws = data.attrs["draws"]
    difference, ratio = (item.sel(statistic=statistic, ci_prob=0.9) for statistic in ("difference", "ratio"))
    factor, unit = readable_scale(data.attrs["units"], float(abs(difference["interval"]).max()))
    more, less, share = ("lower", "higher", below) if below > above else ("higher", "lower", above)
    tied = f", {less} with {probability(min(below, above), draws)}, the same with {probability(equal, draws)}"
    return (
        f"{name} is {more} than {first} with probability {probability(share, draws)}{tied if equal else ''}: "
        f"difference {median_and_span(difference, factor, unit)}, ratio {median_and_span(ratio)}; 90 % intervals."
    )


def median_and_span(item: "xarray.Dataset", factor: float = 1.0, unit: str = "") -> str:
    """Return the median of a statistic in a unit, with the ends of its interval in brackets."""
    ends = zip(item["interval"].values / factor, item["interval_mcse"].values / factor, strict=True)
    low, high = (number(*end) for end in ends)
    return f"{median_of(item, factor)} {unit}".strip() + f" ({low} to {high})"


def comparison_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return the dataset of `simulator.compare` as plain values, under ``scenario`` and ``statistic``."""
    plain = plain_attributes(data.attrs) | {"drawn_apart": drawn_apart(data)}
    return plain | plain_values(data.variables, "scenario", "statistic")
