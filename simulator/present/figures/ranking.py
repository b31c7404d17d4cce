"""What a quantity depends on."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.figures.style import ACCENT, GREY, INK, PALE, clear, entitle, figure
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


STYLES: list[dict[str, Any]] = [
    {"fmt": "o", "mfc": INK, "mec": INK, "ecolor": INK},
    {"fmt": "s", "mfc": "white", "mec": ACCENT, "ecolor": ACCENT},
]
WIDEST_NAME = 36
SHOWN = 9  # inputs whose response is drawn


def wrapped(name: str) -> str:
    """Return the name of an input as people read it, on several lines where it is long."""
    return "\n".join(textwrap.wrap(name.replace("_", " "), WIDEST_NAME))


def plot_ranking(ranked: "xarray.Dataset", title: str) -> "Figure":
    """Draw the measures of each input of the first quantity as points with their intervals."""
    if not ranked.data_vars:
        drawing = figure(8, 1.6)
        drawing.text(
            0.5, 0.5, "\n".join(textwrap.wrap(str(ranked.attrs["description"]), 80)), ha="center", va="center"
        )
        return drawing
    item = ranked.isel(quantity=0)
    inputs = [str(name) for name in item["input"].values]
    drawing = figure(8, 0.36 * len(inputs) + 1.7)
    axis = drawing.subplots()
    measures = sorted(map(str, item["measure"].values), key=lambda name: name != ranked.attrs["primary"])
    for offset, (measure, style) in enumerate(zip(measures, STYLES, strict=False)):
        one = item.sel(measure=measure)
        values = one["value"].values
        reach = np.maximum(np.abs(one["interval"].values.T - values), 0)
        heights = -np.arange(len(inputs)) + (0.13 if len(measures) > 1 else 0) * (1 - 2 * offset)
        axis.errorbar(values, heights, xerr=reach, ms=5.5, lw=1.4, label=str(one["title"].values), **style)
    axis.axvline(0, color="#888888", lw=0.8)
    axis.set_yticks(-np.arange(len(inputs)), [wrapped(name) for name in inputs])
    axis.set_ylim(-len(inputs) + 0.4, 0.6)
    axis.set_xlabel(str(item.sel(measure=measures[0])["title"].values), fontsize=9)
    clear(axis)
    if len(measures) > 1:
        axis.set_xlabel("")
        axis.legend(loc="lower right", frameon=False, fontsize=9)
    words = str(item["quantity"].values).replace("_", " ")
    probability = f"{100 * float(ranked.attrs['ci_prob']):.0f} %"
    below = f"{int(ranked.attrs['evaluations']):,} evaluations, base {int(ranked.attrs['n_base']):,}, "
    below += f"seed {int(ranked.attrs['seed'])}. Bars: {probability} intervals."
    entitle(drawing, f"{title}: what the {words} depends on", below)
    return drawing


def plot_tornado(found: "xarray.Dataset", title: str) -> "Figure":
    """Draw what the first quantity is with each input at its 5 and 95 % quantile, all others at their medians."""
    item = found.isel(quantity=0)
    inputs = [str(name) for name in item["input"].values]
    factor, unit = readable_scale(str(item["units"].values), float(item["at_medians"]))
    drawing = figure(8, 0.36 * len(inputs) + 1.7)
    axis = drawing.subplots()
    middle = float(item["at_medians"]) / factor
    for place, name in enumerate(inputs):
        low, high = item["tornado"].sel(input=name).values / factor
        axis.barh(-place, low - middle, left=middle, height=0.6, color=PALE, ec=INK, lw=0.8)
        axis.barh(-place, high - middle, left=middle, height=0.6, color=INK, ec=INK, lw=0.8)
    axis.axvline(middle, color=INK, lw=1)
    axis.set_yticks(-np.arange(len(inputs)), [wrapped(name) for name in inputs])
    axis.set_ylim(-len(inputs) + 0.4, 0.6)
    words = str(item["quantity"].values).replace("_", " ")
    axis.set_xlabel(f"{words} [{unit or '1'}]", fontsize=9)
    clear(axis)
    below = "Dark: with the input at its 95 % quantile; pale: at its 5 %; all others at their medians."
    entitle(drawing, f"{title}: one input at a time", below)
    return drawing


def plot_response(found: "xarray.Dataset", title: str) -> "Figure":
    """Draw median and 90 % interval of the first quantity over the tenths of the inputs that move it most."""
    item = found.isel(quantity=0)
    factor, unit = readable_scale(str(item["units"].values), float(item["quantiles"].sel(probability=0.5)))
    median = item["response"].sel(probability=0.5)
    reach = (median.max("slice") - median.min("slice")).values
    inputs = [str(item["input"].values[place]) for place in np.argsort(-reach, kind="stable")[:SHOWN]]
    columns = min(3, len(inputs))
    rows = -(-len(inputs) // columns)
    drawing = figure(9.5, 2.1 * rows + 1.0)
    axes = drawing.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    places = 100 * item["slice"].values
    for axis, name in zip(axes, inputs, strict=False):
        low, middle, high = item["response"].sel(input=name).values.T / factor
        axis.fill_between(places, low, high, color=PALE, lw=0)
        axis.plot(places, middle, "o-", color=INK, ms=3.5, lw=1.4)
        axis.set_title(name.replace("_", " "), fontsize=9, loc="left", color=INK)
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(color="#dddddd", lw=0.6)
        axis.set_axisbelow(True)
        axis.tick_params(labelsize=8)
    for axis in axes[len(inputs) :]:
        axis.set_visible(False)
    words = str(item["quantity"].values).replace("_", " ")
    drawing.supylabel(f"{words} [{unit or '1'}]", fontsize=9, color=GREY)
    below = f"Across: percentile of the input. Line: median of the {words}, band: 90 % interval, in each tenth."
    entitle(drawing, f"{title}: which way", below)
    return drawing
