"""The figure of a back-test: each case with its published value, and the PIT."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.analyses.backtest_scores import BAND, is_inside, scores
from simulator.present.figures import style
from simulator.present.wording.numbers import count, percent, readable

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 200  # cases that are drawn
LEAST_HEIGHT = 3.4


def plot_backtest(data: "xarray.Dataset") -> "Figure":
    """Draw the cases of a back-test's dataset as ratios, and where the published values lie among the draws."""
    shown = data.isel(case=slice(SHOWN)).sel(ci_prob=[0.5, 0.9])
    height = max(LEAST_HEIGHT, style.ROW * shown.sizes["case"] + 1.2)
    drawing = style.figure(11, height)
    # The histogram keeps its height however many cases there are.
    heights = [LEAST_HEIGHT, max(height - LEAST_HEIGHT, 1e-3)]
    grid = drawing.add_gridspec(2, 2, width_ratios=[1.9, 1], height_ratios=heights)
    draw_cases(drawing.add_subplot(grid[:, 0]), shown)
    if not data["known"].values.all():
        draw_histogram(drawing.add_subplot(grid[0, 1]), data)
    left_out = data.sizes["case"] - shown.sizes["case"]
    more = f" {count(left_out, 'more case')} not drawn." if left_out else ""
    draws, seed, rule = (data.attrs[key] for key in ("draws", "seed", "point_rule"))
    marks = f"{style.ROW_LEGEND}; orange: published value outside it; diamond: {rule}; square: known"
    small_print = f"{marks}. {count(int(draws), 'draw')}, seed {int(seed)}.{more}"
    style.entitle(drawing, "The model against the published record", small_print)
    return drawing


def draw_cases(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw a row a case: what the model says over what was published."""
    names = []
    for position, inside in enumerate(is_inside(data, 0.9)):
        item = data.isel(case=position)
        names.append(f"{item['scenario'].values}: {readable(item['quantity'].values)}")
        ends, median, point = (
            item[key].values / item["observed"].values for key in ("interval", "estimate", "point")
        )
        if bool(item["known"]):
            axis.plot(median, -position, "s", ms=5, mfc="white", mec=style.INK, mew=1.2, zorder=4)
        else:
            style.draw_row(axis, -position, ends, median, style.INK if inside else style.ACCENT)
            axis.plot(point, -position, "D", ms=4, mfc="none", mec=style.LINE, mew=1.0, zorder=3)
    axis.axvline(1, color=style.LINE, lw=1, zorder=1)
    style.use_log_scale(axis)
    style.label_values(axis, "model / published value")
    style.name_rows(axis, names)


def draw_histogram(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw how many published values lie in each part of their distributions, with what chance would give."""
    from matplotlib.ticker import MaxNLocator

    found = scores(data)
    pit = found["pit"]
    bins, (low, high) = pit["bins"], pit["expected"]
    axis.axhspan(low, high, color=style.PALE, alpha=0.6, lw=0, zorder=0)
    axis.axhline(found["values"] / bins, color=style.INK, lw=1, ls="--", zorder=1)
    edges = np.linspace(0, 100, bins + 1)
    axis.bar(edges[:-1], pit["counts"], 100 / bins, align="edge", fc="none", ec=style.INK, lw=1.4, zorder=2)
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 1.1 * max(high, *pit["counts"]))
    axis.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    style.label_values(axis, "lies above [% of the draws]")
    axis.set_ylabel("published values", fontsize=9)
    axis.tick_params(labelsize=9)
    axis.set_title(f"Band: {percent(BAND)} of calibrated models", fontsize=9, loc="left", color=style.INK)
    axis.spines[["top", "right"]].set_visible(False)
