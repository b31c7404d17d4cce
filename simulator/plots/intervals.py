"""Intervals of the quantities of a result."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.plots.style import ACCENT, INK, PALE, clear, entitle, figure, literal, tidy_log_axis
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def panels(data: "xarray.Dataset") -> list[list[str]]:
    """Group quantities that share an axis: of one unit, and per the same thing; numbers and negative ones apart.

    What is known to be nothing is left out.
    """
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for name, unit in zip(data["quantity"].values, data["unit"].values, strict=True):
        ends = data["interval"].sel(quantity=name)
        if bool((ends != 0).any()):
            what = str(name) if unit == "1" else per(str(name))
            key = str(unit), what, bool((ends > 0).all())
            groups.setdefault(key, []).append(str(name))
    return list(groups.values())


def per(name: str) -> str:
    """Return what a quantity is per, such as ``request``, or nothing."""
    return name.partition("_per_")[2].replace("_", " ")


def intervals(result: "xarray.DataTree") -> "Figure":
    """Draw median, 50 % and 90 % interval and density of each quantity, with published values marked."""
    data = result["intervals"].to_dataset()
    groups = panels(data)
    heights = [len(names) + 1.6 for names in groups]
    drawing = figure(8, 0.42 * sum(heights) + 1.2)
    if groups:
        axes = drawing.subplots(len(groups), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
        for axis, names in zip(axes, groups, strict=True):
            draw_intervals(axis, result, data, names)
    kind = {"eti": "equal-tailed", "hdi": "highest-density"}[data.attrs["interval_kind"]]
    small, large = (f"{100 * float(p):.0f} %" for p in data["probability"])
    below = f"{int(result.attrs['draws']):,} draws, seed {int(result.attrs['seed'])}. Dot: median; thick: {small}, "
    entitle(drawing, str(result.attrs["title"]), f"{below}thin: {large} {kind} interval; shape: density.")
    return drawing


def draw_intervals(axis: "Axes", result: "xarray.DataTree", data: "xarray.Dataset", names: list[str]) -> None:
    """Draw some quantities of one unit as the rows of a panel."""
    unit = str(data["unit"].sel(quantity=names[0]).values)
    factor, unit_name = readable_scale(unit, float(data["median"].sel(quantity=names[0])))
    density = result["density"].to_dataset()
    logarithmic = bool((data["interval"].sel(quantity=names) > 0).all())
    for place, name in enumerate(names):
        item = data.sel(quantity=name)
        height = -place
        (low50, high50), (low90, high90) = item["interval"].values / factor
        edges = density["edge"].sel(quantity=name).values / factor
        heights = density["density"].sel(quantity=name).values
        if heights.any():
            if logarithmic:  # the density is that of the logarithm
                positive = edges > 0
                edges, heights = edges[positive], heights[positive[:-1]]
            ends = np.log(edges) if logarithmic else edges
            shape = heights * np.diff(edges) / np.diff(ends)
            middles = (ends[1:] + ends[:-1]) / 2
            middles = np.exp(middles) if logarithmic else middles
            axis.fill_between(middles, height, height + 0.75 * shape / shape.max(), color=PALE, lw=0, zorder=1)
        axis.plot([low90, high90], [height, height], color=INK, lw=1.4, zorder=2, solid_capstyle="butt")
        axis.plot([low50, high50], [height, height], color=INK, lw=4.5, zorder=3, solid_capstyle="butt")
        axis.plot(float(item["median"]) / factor, height, "o", ms=7, mfc="white", mec=INK, mew=1.6, zorder=4)
    mark_references(axis, result, names, factor)
    if logarithmic:
        axis.set_xscale("log")
        tidy_log_axis(axis)
    axis.set_ylim(-len(names) + 0.35, 1.15)
    labels = [str(data["label"].sel(quantity=name).values) for name in names]
    levels = [int(data["level"].sel(quantity=name)) for name in names]
    axis.set_yticks([-place for place in range(len(names))], labels)
    for text, level in zip(axis.get_yticklabels(), levels, strict=True):
        text.set_fontweight("bold" if level == 0 else "normal")
        text.set_fontsize(10 - level * 0.8)
    kinds = {"kg": "footprint", "kWh": "electricity"}
    quantity = kinds.get(unit, names[0].partition("_per_")[0].replace("_", " "))
    each = f" per {per(names[0])}" if per(names[0]) else ""
    suffix = " CO₂e" if unit == "kg" else ""
    axis.set_xlabel(
        f"{quantity}{each} [{unit_name or '1'}{suffix}]{', logarithmic scale' if logarithmic else ''}", fontsize=9
    )
    clear(axis)


def mark_references(axis: "Axes", result: "xarray.DataTree", names: list[str], factor: float) -> None:
    """Mark published values on the rows of their quantities, or of the equal total over stages."""
    if "references" not in result.children:
        return
    data = result["references"].to_dataset()
    for label, quantity, value in zip(
        data["reference"].values, data["quantity"].values, data["value"].values, strict=True
    ):
        plain = str(quantity).removeprefix("training_").removeprefix("deployment_")
        row = next((name for name in (str(quantity), plain) if name in names), None)
        if row is not None:
            height = -names.index(row)
            axis.plot(value / factor, height, "D", ms=6.5, color=ACCENT, mec="white", mew=0.8, zorder=5)
            axis.annotate(
                literal(str(label)),
                (value / factor, height),
                (0, 7),
                textcoords="offset points",
                fontsize=8,
                color=ACCENT,
                ha="center",
                zorder=6,
            )
