"""What a ranking says."""

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.wording.numbers import Table, interval, number, percents, probability, words
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray

SIGNIFICANCE = 0.05  # as in a ranking's test of neighbours
SHARES_OF_VARIANCE = ("shapley", "total", "first_order")
MOST_CHANGES = 3  # priors whose changes are printed
FIELDS = ("value", "interval", "position", "position_interval", "probability_first", "p_value_vs_next")


def ranking_json(ranking: "xarray.Dataset") -> dict[str, Any]:
    """Return a ranking as plain values."""
    about = {key: value for key, value in ranking.attrs.items() if not isinstance(value, str) or value}
    plain = {key: getattr(value, "tolist", lambda value=value: value)() for key, value in about.items()}
    if not ranking.data_vars:
        return plain
    quantities: dict[str, Any] = {}
    for quantity in ranking["quantity"].values:
        for measure in ranking["measure"].values:
            item = ranking.sel(quantity=quantity, measure=measure)
            table = quantities.setdefault(str(quantity), {}).setdefault(str(measure), {})
            for name in item["input"].values:
                values = {field: item[field].sel(input=name).values.tolist() for field in FIELDS}
                table[str(name)] = {field: None if value != value else value for field, value in values.items()}
    return {**plain, "quantities": quantities}


def dominance(ranking: "xarray.Dataset", reduction: "xarray.Dataset | None" = None) -> str:
    """Return what dominates the first quantity of a ranking, by how much, how sure, and what knowing it would buy.

    Parameters
    ----------
    ranking : xarray.Dataset
        From `simulator.rank`.
    reduction : xarray.Dataset, optional
        The ranking of the same inputs by the method ``interval-reduction``.
    """
    if not ranking.data_vars:
        return str(ranking.attrs["description"])
    primary = str(ranking.attrs["primary"])
    item = ranking.isel(quantity=0).sel(measure=primary)
    title, quantity = str(item["title"].values), words(item["quantity"].values)
    first, second = (item.isel(input=place) for place in (0, 1))
    name, other = str(first["input"].values), str(second["input"].values)
    low, high = first["interval"].values
    amount, next_amount = (abs(float(part["value"])) for part in (first, second))
    if primary in SHARES_OF_VARIANCE:
        least, middle, most = percents(low, amount, high)
        size = f"{middle} of its variance ({title}; {least} to {most})"
        next_size = percents(next_amount)[0]
    else:
        size = f"{title} {float(first['value']):z.3f} ({low:z.3f} to {high:z.3f})"
        next_size = f"{float(second['value']):z.3f}"
    sure = f"ranks first with probability {probability(float(first['probability_first']))}"
    if float(first["p_value_vs_next"]) < SIGNIFICANCE:
        verb = "dominates" if primary in SHARES_OF_VARIANCE and amount > 0.5 else "comes first in"
        text = f"{name} {verb} the {quantity}: {size}. It {sure}; next is {other}, {next_size}."
    else:
        text = (
            f"{name} and {other} cannot be told apart as what the {quantity} depends on most: {size} and {next_size}"
        )
        text += f" (p = {float(first['p_value_vs_next']):.2f}). {name} {sure}."
    if reduction is not None and reduction.data_vars and name in reduction["input"].values:
        known = reduction.isel(quantity=0, measure=0).sel(input=name)
        low, high = known["interval"].values
        least, middle, most = percents(low, float(known["value"]), high)
        text += f" Known exactly, it would narrow the 90 % interval by {middle} on average ({least} to {most})."
    return text


def table_of(item: "xarray.Dataset") -> Table:
    """Return one measure of the inputs of one quantity by position: position, name, measure and interval."""
    item = item.sortby("position")
    rows: list[tuple[str, ...]] = []
    for name in map(str, item["input"].values):
        one = item.sel(input=name)
        value, (low, high) = float(one["value"]), one["interval"].values
        first, last = one["position_interval"].values
        place = f"{first}" if first == last else f"{first}–{last}"
        rows.append((place, name, f"{value:z.3f}", f"[{low:z.3f}, {high:z.3f}]"))
    return Table(("", "", "", ""), rows)


def heading_of(item: "xarray.Dataset") -> str:
    """Return what the table of one measure of one quantity shows."""
    ci_prob = f"{100 * float(item.attrs['ci_prob']):.0f} %"
    return f"What the {words(item['quantity'].values)} depends on ({item['title'].values}, {ci_prob} intervals)"


def remark(ranking: "xarray.Dataset") -> str:
    """Return what is to be said of how far a ranking got; empty where nothing is."""
    if ranking.attrs["done"] < 1:
        return f"Stopped after {100 * ranking.attrs['done']:.0f} % of the design; the intervals allow for it."
    if not ranking.attrs.get("separated", 1):
        evaluations = f"{int(ranking.attrs['evaluations']):,} evaluations"
        return f"The first place is not decided at 95 % with {evaluations}; a larger budget may."
    return ""


def changes_heading(response: "xarray.Dataset") -> str:
    """Return what the table of changed priors shows."""
    item = response.isel(quantity=0)
    factor, unit = readable_scale(str(item["units"].values), float(item["quantiles"].sel(probability=0.5)))
    low, middle, high = item["quantiles"].values / factor
    shown = f"{number(middle)}, {interval((low, high))} {unit}".strip()
    return (
        f"The {words(item['quantity'].values)} ({shown}) if a prior were 0.8 or 1.25 times as wide (90 % interval), "
        "or lower or higher by half its standard deviation (median)"
    )


def changes_table(response: "xarray.Dataset") -> Table:
    """Return how the first quantity would move if the priors that matter most were other than they are."""
    item = response.isel(quantity=0)
    base = item["quantiles"]
    factor, _ = readable_scale(str(item["units"].values), float(base.sel(probability=0.5)))
    reach = abs(item["reweighted"] - base).max(("change", "probability")).values
    rows: list[tuple[str, ...]] = []
    for place in np.argsort(-reach, kind="stable")[:MOST_CHANGES]:
        row = item["reweighted"].isel(input=place) / factor
        changed = {str(change): row.sel(change=change).values for change in row["change"].values}
        intervals = (interval((changed[change][0], changed[change][2])) for change in ("narrower", "wider"))
        medians = (number(changed[change][1]) for change in ("lower", "higher"))
        rows.append((str(row["input"].values), *intervals, *medians))
    return Table(("", "if narrower", "if wider", "if lower", "if higher"), rows)
