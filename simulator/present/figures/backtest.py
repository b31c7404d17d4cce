"""The back-test: each case beside what was published, and where the published values lie."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from simulator.analyses.backtest_scores import BAND, is_inside, scores
from simulator.present.figures.style import (
    ACCENT,
    INK,
    PALE,
    clear,
    entitle,
    figure,
    label_values,
    literal,
    tidy_log_axis,
)

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 200  # cases that are drawn
ROW = 0.24  # inches
LEAST_HEIGHT = 3.4
WIDEST_NAME = 44


def plot_backtest(data: "xarray.Dataset") -> "Figure":
    """Draw the cases of `simulator.analyses.backtest` on one axis of ratios, and the histogram of their places."""
    shown = data.isel(case=slice(SHOWN))
    height = max(LEAST_HEIGHT, ROW * shown.sizes["case"] + 1.2)
    drawing = figure(11, height)
    # The histogram keeps its height however many cases there are.
    grid = drawing.add_gridspec(
        2, 2, width_ratios=[1.9, 1], height_ratios=[LEAST_HEIGHT, max(height - LEAST_HEIGHT, 1e-3)]
    )
    draw_cases(drawing.add_subplot(grid[:, 0]), shown)
    if not data["known"].values.all():
        draw_places(drawing.add_subplot(grid[0, 1]), data)
    left_out = data.sizes["case"] - shown.sizes["case"]
    below = "Dot: median; thick: 50 %, thin: 90 % interval; orange: published value outside it; diamond: "
    below += f"{data.attrs['point_rule']}; square: known. {int(data.attrs['draws']):,} draws, seed "
    below += f"{int(data.attrs['seed'])}." + (f" {left_out} more cases are not drawn." if left_out else "")
    entitle(drawing, "The model against the published record", below)
    return drawing


def draw_cases(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw a row a case: what the model says over what was published."""
    for place, inside in enumerate(is_inside(data, 0.9)):
        item, height = data.isel(case=place), -place
        observed = float(item["observed"])
        median = float(item["estimate"]) / observed
        if bool(item["known"]):
            axis.plot(median, height, "s", ms=5, mfc="white", mec=INK, mew=1.2, zorder=4)
            continue
        colour = INK if inside else ACCENT
        for probability, width in ((0.9, 1.2), (0.5, 3.6)):
            ends = item["interval"].sel(ci_prob=probability).values / observed
            axis.plot(ends, [height, height], color=colour, lw=width, zorder=2, solid_capstyle="butt")
        axis.plot(median, height, "o", ms=5, mfc="white", mec=colour, mew=1.3, zorder=4)
        axis.plot(float(item["point"]) / observed, height, "D", ms=4, mfc="none", mec="#777777", mew=1.0, zorder=3)
    axis.axvline(1, color="#555555", lw=1, zorder=1)
    axis.set_xscale("log")
    tidy_log_axis(axis)
    names = [
        literal(textwrap.shorten(str(name).replace("_", " "), WIDEST_NAME, placeholder="…"))
        for name in data["case"].values
    ]
    axis.set_yticks(-np.arange(len(names)), names, fontsize=8)
    axis.set_ylim(-len(names) + 0.4, 0.6)
    axis.tick_params(axis="x", labelsize=9)
    label_values(axis, "model / published value")
    clear(axis)


def draw_places(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw how many published values lie in each part of their distributions, with what chance would give."""
    from matplotlib.ticker import MaxNLocator

    found = scores(data)
    pit = found["pit"]
    bins, (low, high) = pit["bins"], pit["expected"]
    axis.axhspan(low, high, color=PALE, alpha=0.6, lw=0, zorder=0)
    axis.axhline(found["values"] / bins, color=INK, lw=1, ls="--", zorder=1)
    edges = np.linspace(0, 100, bins + 1)
    axis.bar(edges[:-1], pit["counts"], 100 / bins, align="edge", fc="none", ec=INK, lw=1.4, zorder=2)
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 1.1 * max(high, *pit["counts"]))
    axis.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_xlabel("share of draws below the published value [%]", fontsize=9)
    axis.set_ylabel("published values", fontsize=9)
    axis.tick_params(labelsize=9)
    axis.set_title(f"Band: {100 * BAND:.0f} % of calibrated models", fontsize=9, loc="left", color=INK)
    axis.spines[["top", "right"]].set_visible(False)
