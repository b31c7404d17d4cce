"""Scenarios beside each other: the intervals of each, and of their ratio to the first."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from simulator.present.figures.style import ACCENT, INK, clear, entitle, figure, label_values, literal, tidy_log_axis
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 300  # scenarios that are drawn
IN_ORDER = 10  # scenarios up to which they keep the order in which they were given
ROW = 0.24  # inches
LEAST_HEIGHT = 2.6
WIDEST_NAME = 40


def plot_comparison(data: "xarray.Dataset") -> "Figure":
    """Draw the scenarios of `simulator.analyses.compare.compare`, many of them in order of their medians."""
    shown = data.isel(scenario=slice(SHOWN))
    first = str(data["scenario"].values[0])
    if shown.sizes["scenario"] > IN_ORDER:
        shown = shown.isel(scenario=np.argsort(shown["estimate"].sel(statistic="value").values, kind="stable"))
    drawing = figure(10, max(LEAST_HEIGHT, ROW * shown.sizes["scenario"] + 1.4))
    values, ratios = drawing.subplots(1, 2, sharey=True, width_ratios=[1.5, 1])
    factor, unit = readable_scale(data.attrs["units"], float(shown["estimate"].sel(statistic="value").median()))
    draw_rows(values, shown, "value", factor, first)
    draw_rows(ratios, shown, "ratio", 1.0, first)
    ratios.axvline(1, color="#555555", lw=1, zorder=1)
    words = str(data.attrs["quantity"]).replace("_", " ")
    label_values(values, f"{words} [{unit}]" if unit else words)
    label_values(ratios, f"ratio to {first}")
    names = [literal(textwrap.shorten(str(name), WIDEST_NAME, placeholder="…")) for name in shown["scenario"].values]
    values.set_yticks(-np.arange(len(names)), names, fontsize=8)
    values.set_ylim(-len(names) + 0.4, 0.6)
    left_out = data.sizes["scenario"] - shown.sizes["scenario"]
    below = f"Dot: median; thick: 50 %, thin: 90 % interval. {int(data.attrs['draws']):,} common draws, seed "
    below += f"{int(data.attrs['seed'])}." + (f" {left_out} more scenarios are not drawn." if left_out else "")
    entitle(drawing, f"The {words} of {data.sizes['scenario']} scenarios", below)
    return drawing


def draw_rows(axis: "Axes", data: "xarray.Dataset", statistic: str, factor: float, first: str) -> None:
    """Draw a row a scenario; on a logarithmic axis where all is above zero."""
    item = data.sel(statistic=statistic)
    for place, name in enumerate(data["scenario"].values):
        one = item.isel(scenario=place)
        colour = ACCENT if str(name) == first else INK
        for probability, width in ((0.9, 1.2), (0.5, 3.6)):
            ends = one["interval"].sel(ci_prob=probability).values / factor
            axis.plot(ends, [-place, -place], color=colour, lw=width, zorder=2, solid_capstyle="butt")
        axis.plot(float(one["estimate"]) / factor, -place, "o", ms=5, mfc="white", mec=colour, mew=1.3, zorder=4)
    if float(item["interval"].min()) > 0:
        axis.set_xscale("log")
        tidy_log_axis(axis)
    axis.tick_params(axis="x", labelsize=9)
    clear(axis)
