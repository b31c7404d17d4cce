"""Figures of rankings: which inputs a quantity is sensitive to, and in which direction."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.figures import style
from simulator.present.wording.numbers import count, number, percent, readable, with_unit
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


STYLES: list[dict[str, Any]] = [
    {"fmt": "o", "mfc": style.INK, "mec": style.INK, "ecolor": style.INK},
    {"fmt": "s", "mfc": "white", "mec": style.ACCENT, "ecolor": style.ACCENT},
]
ROW = 0.36  # inches
SHOWN = 9  # inputs whose response is drawn
SMALL = 0.01  # of the quantity: moves below it may be noise


def plot_ranking(result: "xarray.DataTree") -> "Figure":
    """Draw the measures of the inputs of the first quantity that a result ranks them for."""
    ranked, title = result["sensitivity"].to_dataset(), str(result.attrs["title"])
    if not ranked.data_vars:
        drawing = style.figure(8, 1.6)
        reason = textwrap.fill(str(ranked.attrs["description"]), 80)
        drawing.text(0.5, 0.5, reason, ha="center", va="center", parse_math=False)
        return drawing
    item = ranked.isel(quantity=0)
    inputs = item["input"].values
    drawing = style.figure(8, ROW * len(inputs) + 1.7)
    axis = drawing.subplots()
    measures = sorted(map(str, item["measure"].values), key=lambda name: name != ranked.attrs["primary"])
    for offset, (measure, look) in enumerate(zip(measures, STYLES, strict=False)):
        one = item.sel(measure=measure)
        values = one["value"].values
        reach = np.maximum(np.abs(one["interval"].values.T - values), 0)
        heights = -np.arange(len(inputs)) + (0.13 if len(measures) > 1 else 0) * (1 - 2 * offset)
        axis.errorbar(values, heights, xerr=reach, ms=5.5, lw=1.4, label=str(one["title"].values), **look)
    axis.axvline(0, color=style.LINE, lw=0.8)
    style.name_rows(axis, [readable(name) for name in inputs], fontsize=10)
    if len(measures) > 1:
        axis.legend(loc="lower right", frameon=False, fontsize=9)
    else:
        style.label_values(axis, str(item["title"].values[0]))
    evaluations, rows, seed = (int(ranked.attrs[key]) for key in ("evaluations", "n_base", "seed"))
    made = f"{count(evaluations, 'evaluation')} of {count(rows, 'base row')}, seed {seed}"
    small_print = f"{made}. Bars: {percent(ranked.attrs['ci_prob'])} intervals."
    style.entitle(drawing, f"{title}: sensitivity of the {readable(item['quantity'].values)}", small_print)
    return drawing


def plot_tornado(result: "xarray.DataTree") -> "Figure":
    """Draw the first quantity of a result's group ``local`` with each input at its 5 and its 95 % quantile."""
    item, title = result["local"].to_dataset().isel(quantity=0), str(result.attrs["title"])
    inputs = item["input"].values
    factor, unit = readable_scale(str(item["units"].values), float(item["at_medians"]))
    drawing = style.figure(8, ROW * len(inputs) + 1.7)
    axis = drawing.subplots()
    middle = float(item["at_medians"]) / factor
    for end, colour in (("lower", style.PALE), ("upper", style.INK)):
        reach = item["tornado"].sel(ci_bound=end).values / factor - middle
        axis.barh(-np.arange(len(inputs)), reach, left=middle, height=0.6, color=colour, ec=style.INK, lw=0.8)
    axis.axvline(middle, color=style.INK, lw=1)
    style.label_values(axis, with_unit(readable(item["quantity"].values), unit))
    style.name_rows(axis, [readable(name) for name in inputs], fontsize=10)
    small_print = (
        "Dark: with the input at its 95 % quantile; pale: at its 5 %; all others, correlated ones too, at their "
        f"medians. Line: all at their medians, {number(middle)} {unit}".rstrip()
    )
    if "response" in result.children:
        drawn = float(result["response"].to_dataset()["quantiles"].sel(probability=0.5)[0]) / factor
        small_print += f"; the median of the draws is {number(drawn)} {unit}".rstrip()
    style.entitle(drawing, f"{title}: one input at a time", f"{small_print}. {opposite_moves(result)}")
    return drawing


def plot_response(result: "xarray.DataTree") -> "Figure":
    """Draw the first quantity of a result's group ``response`` over the tenths of the inputs that move it most."""
    item, title = result["response"].to_dataset().isel(quantity=0), str(result.attrs["title"])
    factor, unit = readable_scale(str(item["units"].values), float(item["quantiles"].sel(probability=0.5)))
    median = item["response"].sel(probability=0.5)
    reach = (median.max("slice") - median.min("slice")).values
    most = np.argsort(-reach, kind="stable")[:SHOWN]
    names = [readable(name) for name in item["input"].values[most]]
    drawing, axes = style.small_panels(names, 2.1, sharex=True, sharey=True)
    percentiles = 100 * item["slice"].values
    for axis, position in zip(axes, most, strict=True):
        low, middle, high = item["response"].isel(input=position).values.T / factor
        axis.fill_between(percentiles, low, high, color=style.PALE, lw=0)
        axis.plot(percentiles, middle, "o-", color=style.INK, ms=3.5, lw=1.4)
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(color=style.LIGHT_GREY, lw=0.6)
        axis.set_axisbelow(True)
    quantity = readable(item["quantity"].values)
    drawing.supylabel(with_unit(quantity, unit), fontsize=9, color=style.GREY)
    small_print = (
        f"Horizontal axis: percentile of the input; correlated inputs move with it. Line: median of the {quantity}; "
        f"band: its 90 % interval, in each tenth. {opposite_moves(result)}"
    )
    style.entitle(drawing, f"{title}: response to each input", small_print)
    return drawing


def opposite_moves(result: "xarray.DataTree") -> str:
    """Return the inputs whose directions differ between the tornado and the response, as a sentence."""
    if not {"local", "response"} <= set(result.children):
        return ""
    local, response = (result[group].to_dataset().isel(quantity=0) for group in ("local", "response"))
    alone = local["tornado"].sel(ci_bound="upper") - local["tornado"].sel(ci_bound="lower")
    median = response["response"].sel(probability=0.5)
    together = (median.isel(slice=-1) - median.isel(slice=0)).sel(input=alone["input"])
    least = SMALL * np.abs(local["at_medians"])
    opposite = (alone * together < 0) & (np.abs(alone) > least) & (np.abs(together) > least)
    names = [readable(name) for name in alone["input"].values[opposite.values]]
    told = "the tornado moves one input alone, the response moves correlated inputs too, in opposite directions"
    return f"{', '.join(names)}: {told}." if names else ""
