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
    # The ECDF keeps its height however many cases there are.
    heights = [LEAST_HEIGHT, max(height - LEAST_HEIGHT, 1e-3)]
    grid = drawing.add_gridspec(2, 2, width_ratios=[1.9, 1], height_ratios=heights)
    draw_cases(drawing.add_subplot(grid[:, 0]), shown)
    if not data["known"].values.all():
        draw_ecdf(drawing.add_subplot(grid[0, 1]), data)
    left_out = data.sizes["case"] - shown.sizes["case"]
    more = f" {count(left_out, 'more case')} not drawn." if left_out else ""
    draws, seed, rule = (data.attrs[key] for key in ("draws", "seed", "point_rule"))
    marks = f"{style.ROW_LEGEND}; orange: published value outside it; diamond: {rule}; square: known"
    small_print = f"{marks}; pale: range published. {count(int(draws), 'draw')}, seed {int(seed)}.{more}"
    style.entitle(drawing, "The model against the published record", small_print)
    return drawing


def draw_cases(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw a row a case: what the model says over what was published."""
    names = []
    for position, inside in enumerate(is_inside(data, 0.9)):
        item = data.isel(case=position)
        low, high = item["observed_range"].values / item["observed"].values
        axis.plot([low, high], [-position, -position], color=style.PALE, lw=12, zorder=1, solid_capstyle="butt")
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


def draw_ecdf(axis: "Axes", data: "xarray.Dataset") -> None:
    """Draw how many more published values than expected lie in the lower part of their distributions."""
    found = scores(data)
    pit = {key: 100 * np.array(found["pit"][key]) for key in ("points", "ecdf", "lower", "upper")}
    points = pit["points"]
    axis.fill_between(points, pit["lower"] - points, pit["upper"] - points, color=style.PALE, alpha=0.6, lw=0)
    axis.axhline(0, color=style.INK, lw=1, ls="--", zorder=1)
    axis.plot(points, pit["ecdf"] - points, "o-", color=style.INK, lw=1.4, ms=3, zorder=2)
    axis.set_xlim(0, 100)
    style.label_values(axis, "PIT [% of the draws]")
    axis.set_ylabel("clusters up to this PIT, less expected [%]", fontsize=9)
    axis.tick_params(labelsize=9)
    title = f"Band: {percent(BAND)} of calibrated models\nUniformity test: p = {found['pit']['uniformity']:.2g}"
    axis.set_title(title, fontsize=9, loc="left", color=style.INK)
    axis.spines[["top", "right"]].set_visible(False)
