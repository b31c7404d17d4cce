"""Intervals of the quantities of a result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.analyses.intervals import interval
from simulator.analyses.run import ROUNDING, density_dataset
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
from simulator.present.wording.run import CI_KINDS
from simulator.results.schema import variables
from simulator.sampling.binned import Accumulator
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

type Mark = tuple[str, str, float]  # the row that it stands on, its words, and the published value


def rows_and_marks(result: "xarray.DataTree") -> tuple["xarray.Dataset", "xarray.Dataset", list[Mark]]:
    """Return intervals and densities with a row for every published value, and the marks of these values.

    A value stands on the row of its own quantity, or of one that is the same in every stored draw, as the total
    and the part of its only stage are. Without such a row its quantity gets one, made from the stored draws.
    """
    import xarray

    data, density = result["intervals"].to_dataset()[["estimate", "interval"]], result["density"].to_dataset()
    if "references" not in result.children:
        return data, density, []
    references, draws = result["references"].to_dataset(), variables(result)
    marks: list[Mark] = []
    for label, quantity, value in zip(
        references["reference"].values, references["quantity"].values, references["value"].values, strict=True
    ):
        row = row_of(str(quantity), [str(name) for name in data["quantity"].values], draws)
        if row is None:
            row = str(quantity)
            added, shape = stored_row(result, draws[row])
            data, density = (xarray.concat(pair, "quantity") for pair in ((data, added), (density, shape)))
        marks.append((row, str(label), float(value)))
    return data, density, marks


def row_of(quantity: str, rows: list[str], draws: Mapping[str, "xarray.DataArray"]) -> str | None:
    """Return the row of a quantity, else the first of those that are equal to it in every draw, else None."""
    if quantity in rows:
        return quantity
    own = draws[quantity]
    for row in rows:
        other = draws[row]
        if other.attrs["units"] == own.attrs["units"] and np.allclose(other, own, rtol=ROUNDING, atol=0):
            return row
    return None


def stored_row(result: "xarray.DataTree", draws: "xarray.DataArray") -> tuple["xarray.Dataset", "xarray.Dataset"]:
    """Return median and intervals, and the density, of a quantity from its stored draws."""
    import xarray

    data, name = result["intervals"].to_dataset(), str(draws.name)
    accumulator = Accumulator(exact=True)
    accumulator.add(0, draws.values.ravel())
    summary = accumulator.summary()
    kind, seed = data.attrs["ci_kind"], int(result.attrs["seed"])
    ends = [interval(summary, kind, float(ci_prob), seed)[0] for ci_prob in data["ci_prob"]]
    columns = {
        "estimate": ("quantity", [float(summary.quantile(0.5))]),
        "interval": (data["interval"].dims, [ends]),
    }
    coordinates = {
        "quantity": [name],
        "ci_prob": data["ci_prob"],
        "ci_bound": data["ci_bound"],
        "units": ("quantity", [draws.attrs["units"]]),
        "label": ("quantity", [name.replace("_", " ")]),
        "level": ("quantity", [1]),
        "per": ("quantity", [""]),
    }
    return xarray.Dataset(columns, coordinates), density_dataset({name: draws.attrs["units"]}, {name: summary})


def panels(data: "xarray.Dataset", marks: list[Mark]) -> list[list[str]]:
    """Group quantities that share an axis: of one unit, and per the same thing; numbers and negative ones apart.

    What is known to be nothing is left out, unless a published value is marked there.
    """
    marked = {row for row, _, _ in marks}
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for name, unit, per in zip(*(data[key].values for key in ("quantity", "units", "per")), strict=True):
        ends = data["interval"].sel(quantity=name)
        if bool((ends != 0).any()) or name in marked:
            key = str(unit), str(name if unit == "1" else per), bool((ends > 0).all())
            groups.setdefault(key, []).append(str(name))
    return list(groups.values())


def plot_intervals(result: "xarray.DataTree") -> "Figure":
    """Draw median, 50 % and 90 % interval and density of each quantity, with published values marked."""
    data, density, marks = rows_and_marks(result)
    groups = panels(data, marks)
    heights = [len(names) + 1.6 for names in groups]
    drawing = figure(8, 0.42 * sum(heights) + 1.2)
    if groups:
        axes = drawing.subplots(len(groups), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
        for axis, names in zip(axes, groups, strict=True):
            draw_intervals(axis, data, density, names, [mark for mark in marks if mark[0] in names])
    kind = CI_KINDS[str(data.attrs["ci_kind"])]
    small, large = (f"{100 * float(p):.0f} %" for p in data["ci_prob"])
    below = f"{int(result.attrs['draws']):,} draws, seed {int(result.attrs['seed'])}. Dot: median; thick: {small}, "
    below += f"thin: {large} {kind} interval; shape: density."
    added = [str(name) for name in data["quantity"].values[result["intervals"].sizes["quantity"] :]]
    stored = result["prior"].sizes["draw"]
    if added and stored < int(result.attrs["draws"]):
        below += f" From the first {stored:,} draws: {', '.join(added).replace('_', ' ')}."
    entitle(drawing, str(result.attrs["title"]), below)
    return drawing


def draw_intervals(
    axis: "Axes", data: "xarray.Dataset", density: "xarray.Dataset", names: list[str], marks: list[Mark]
) -> None:
    """Draw some quantities of one unit as the rows of a panel, with published values marked."""
    unit = str(data["units"].sel(quantity=names[0]).values)
    factor, unit_name = readable_scale(unit, float(data["estimate"].sel(quantity=names[0])))
    logarithmic = bool((data["interval"].sel(quantity=names) > 0).all()) and all(value > 0 for *_, value in marks)
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
        axis.plot(float(item["estimate"]) / factor, height, "o", ms=7, mfc="white", mec=INK, mew=1.6, zorder=4)
    for row, words, value in marks:
        mark(axis, words, value / factor, -names.index(row))
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
    per = str(data["per"].sel(quantity=names[0]).values)
    quantity = f"{kinds[unit]} per {per}".removesuffix(" per ") if unit in kinds else names[0].replace("_", " ")
    suffix = " CO₂e" if unit == "kg" else ""
    label_values(axis, f"{quantity} [{unit_name or '1'}{suffix}]")
    clear(axis)


def mark(axis: "Axes", words: str, value: float, height: float) -> None:
    """Mark a published value, with its words above."""
    axis.plot(value, height, "D", ms=6.5, color=ACCENT, mec="white", mew=0.8, zorder=5)
    axis.annotate(
        literal(words),
        (value, height),
        (0, 7),
        textcoords="offset points",
        fontsize=8,
        color=ACCENT,
        ha="center",
        zorder=6,
    )
