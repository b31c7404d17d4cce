"""Tables and sentences of a ranking."""

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.wording.numbers import (
    Table,
    count,
    index,
    interval,
    number,
    percent,
    percents,
    probability,
    readable,
    with_unit,
)
from simulator.present.wording.plain import plain_attributes, plain_values
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

SHARES_OF_VARIANCE = {"shapley": "{} of its variance", "total": "involved in {} of its variance"}
SHARES_BY_INPUT = ("shapley", "first_order", "rank_based_first_order")  # measures that are shares of the variance
MOST_CHANGES = 3  # priors whose changes are printed


def ranking_json(ranked: "xarray.Dataset") -> dict[str, Any]:
    """Return the dataset of `simulator.rank` as plain values, under ``quantity``, ``measure`` and ``input``."""
    levels = ("quantity", "measure", "input") if ranked.data_vars else ()
    return plain_attributes(ranked.attrs) | plain_values(ranked.variables, *levels)


def dominance(ranked: "xarray.Dataset", reduction: "xarray.Dataset | None" = None) -> str:
    """Return which input dominates the first quantity of a ranking, how certain that is, and what knowing it gains.

    `reduction` is the ranking of the same inputs by the method ``interval-reduction``.
    """
    if not ranked.data_vars:
        return str(ranked.attrs["description"])
    by_measure = ranked.isel(quantity=0)
    item = by_measure.sel(measure=ranked.attrs["primary"])
    quantity = readable(item["quantity"].values)
    name, other = map(str, item["input"].values[:2])
    value, next_value = map(float, item["value"].values[:2])
    ends = item["interval"].values[0]
    share = SHARES_OF_VARIANCE.get(ranked.attrs["primary"])
    if share:
        low, middle, high = percents(ends[0], abs(value), ends[1])
        size = f"{share.format(middle)} ({item['title'].values}; {low} to {high})"
        next_size = percents(abs(next_value))[0]
    else:
        size = f"{item['title'].values} {index(value)} ({index(ends[0])} to {index(ends[1])})"
        next_size = index(next_value)
    if ranked.attrs["separated"]:
        verb = "dominates" if is_most(by_measure) else "comes first in"
        sure = f"ranks first with probability {probability(float(item['probability_first'][0]))}"
        text = f"{name} {verb} the {quantity}: {size}. It {sure}; next is {other}, {next_size}."
    else:
        evaluations = count(int(ranked.attrs["evaluations"]), "evaluation")
        text = (
            f"The input that the {quantity} depends on most is not decided at 95 %: "
            f"{name}, {size}, or {other}, {next_size}. More than {evaluations} may decide it."
        )
    if reduction is None or not reduction.data_vars or name not in reduction["input"].values:
        return text
    known = reduction.isel(quantity=0, measure=0).sel(input=name)
    if known["interval"][0] <= 0:
        return f"{text} Knowing {name} exactly may not narrow the 90 % interval on average."
    low, middle, high = percents(*np.insert(known["interval"].values, 1, known["value"]))
    it = "it" if ranked.attrs["separated"] else name
    return f"{text} Knowing {it} exactly would narrow the 90 % interval by {middle} on average ({low} to {high})."


def is_most(item: "xarray.Dataset") -> bool:
    """Tell whether the first input alone is more than half of the variance, from all measures of one quantity."""
    alone = [measure for measure in ("shapley", "first_order") if measure in item["measure"].values]
    return bool(alone) and float(item["interval"].sel(measure=alone[0])[0, 0]) > 0.5


def table_of(item: "xarray.Dataset") -> Table:
    """Return position, name, value and interval of each input, from one measure of one quantity of a ranking."""
    item = item.sortby("position")
    columns = (item[name].values for name in ("position_interval", "input", "value", "interval"))
    rows: list[tuple[str, ...]] = []
    for (first, last), name, value, (low, high) in zip(*columns, strict=True):
        position = f"{first}" if first == last else f"{first}–{last}"
        rows.append((position, str(name), index(value), f"[{index(low)}, {index(high)}]"))
    quantity, measure = readable(item["quantity"].values), item["title"].values
    what = "Share of variance" if item["measure"].item() in SHARES_BY_INPUT else "Sensitivity"
    title = f"{what} of the {quantity} ({measure}, {percent(item.attrs['ci_prob'])} intervals)"
    return Table(("", "", "", ""), rows, columns="rlrr", title=title)


def remark(ranked: "xarray.Dataset") -> str:
    """Return why there is no ranking, how far it got, or what its intervals do not tell; empty where all is said."""
    if not ranked.data_vars:
        return f"No ranking: {ranked.attrs['description']}"
    if ranked.attrs["done"] < 1:
        return f"Stopped after {percents(ranked.attrs['done'])[0]} of the design; the intervals allow for it."
    return str(ranked.attrs["description"])


def changes_tables(response: "xarray.Dataset") -> list[Table]:
    """Return the 90 % interval of the first quantity for priors of other widths, and its median for shifted priors.

    Parameters
    ----------
    response : xarray.Dataset
        The group ``response`` of a result; the tables have the inputs that move the quantity most.
    """
    item = response.isel(quantity=0)
    factor, unit = readable_scale(str(item["units"].values), float(item["quantiles"].sel(probability=0.5)))
    base, changed = item["quantiles"] / factor, item["changed"] / factor
    reach = abs(changed - base).max(("change", "probability")).values
    widths: list[tuple[str, ...]] = []
    shifts: list[tuple[str, ...]] = []
    for position in np.argsort(-reach, kind="stable")[:MOST_CHANGES]:
        row = changed.isel(input=position)
        narrower, lower, wider, higher = (
            row.sel(change=one).values for one in ("narrower", "lower", "wider", "higher")
        )
        name = str(row["input"].values)
        widths.append((name, *(interval(ends[[0, 2]]) for ends in (narrower, base.values, wider))))
        shifts.append((name, *(number(float(middle[1])) for middle in (lower, base.values, higher))))
    quantity = with_unit(readable(item["quantity"].values), unit)
    return [
        Table(
            ("", "0.8 x as wide", "as it is", "1.25 x as wide"),
            widths,
            title=f"90 % interval of the {quantity} for a narrower or wider prior",
        ),
        Table(
            ("", "lower", "as it is", "higher"),
            shifts,
            title=f"Median of the {quantity} for a prior shifted by half its sd",
        ),
    ]
