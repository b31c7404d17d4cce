"""Intervals of the quantities of a result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.present.figures.style import (
    ACCENT,
    ROW_LEGEND,
    clear,
    draw_density,
    draw_diamonds,
    draw_row,
    entitle,
    figure,
    label_values,
    literal,
    use_log_scale,
)
from simulator.present.wording.numbers import count, readable
from simulator.present.wording.run import CI_KINDS
from simulator.results.schema import variables
from simulator.units import FloatArray, readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

type Mark = tuple[str, str, float]  # the row that it stands on, its words, and the published value

ROUNDING = 1e-9  # relative: draws that differ by less are the same


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
    columns = (references[name].values for name in ("reference", "quantity", "value"))
    for label, quantity, value in zip(*columns, strict=True):
        row = row_of(str(quantity), [str(name) for name in data["quantity"].values], draws)
        if row is None:
            row = str(quantity)
            added, shape = stored_row(row, draws[row], data, density)
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


def stored_row(
    name: str, draws: "xarray.DataArray", data: "xarray.Dataset", density: "xarray.Dataset"
) -> tuple["xarray.Dataset", "xarray.Dataset"]:
    """Return a row for intervals and one for densities, of a quantity from its stored draws."""
    values = np.sort(draws.values.ravel())
    ends = [interval_of(values, str(data.attrs["ci_kind"]), float(ci_prob)) for ci_prob in data["ci_prob"].values]
    low, high = np.quantile(values, [0.001, 0.999])
    edges = (np.geomspace if low > 0 else np.linspace)(low, high, density.sizes["bin_edge"])
    is_same = high - low <= ROUNDING * abs(high)
    heights = np.zeros(len(edges) - 1) if is_same else np.histogram(values, edges)[0] / np.diff(edges)
    about = {"quantity": [name], "units": ("quantity", [draws.attrs["units"]])}
    label = {"label": ("quantity", [readable(name)]), "level": ("quantity", [1]), "per": ("quantity", [""])}
    row = data.isel(quantity=[0]).assign_coords(about | label)
    row = row.assign(estimate=("quantity", [np.median(values)]), interval=(data["interval"].dims, [ends]))
    shape = density.isel(quantity=[0]).assign_coords(about)
    return row, shape.assign(density=(("quantity", "bin"), [heights]), edge=(("quantity", "bin_edge"), [edges]))


def interval_of(values: FloatArray, ci_kind: str, ci_prob: float) -> FloatArray:
    """Return the ends of an interval of sorted values, the equal-tailed or the narrowest."""
    if ci_kind == "eti":
        return np.quantile(values, [(1 - ci_prob) / 2, (1 + ci_prob) / 2])
    inside = min(int(ci_prob * len(values)), len(values) - 1)
    lowest = int(np.argmin(values[inside:] - values[: len(values) - inside]))
    return values[[lowest, lowest + inside]]


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
    """Draw median, 50 % and 90 % interval and density of each quantity of a result, with published values marked."""
    data, density, marks = rows_and_marks(result)
    groups = panels(data, marks)
    heights = [len(names) + 1.6 for names in groups]
    drawing = figure(8, 0.42 * sum(heights) + 1.2)
    if groups:
        axes = drawing.subplots(len(groups), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
        for axis, names in zip(axes, groups, strict=True):
            draw_intervals(axis, data, density, names, [mark for mark in marks if mark[0] in names])
    draws, seed, stored = int(result.attrs["draws"]), int(result.attrs["seed"]), result["prior"].sizes["draw"]
    added = ", ".join(map(readable, data["quantity"].values[result["intervals"].sizes["quantity"] :]))
    of_stored = f" From the first {count(stored, 'draw')}: {added}." if added and stored < draws else ""
    kind = CI_KINDS[str(data.attrs["ci_kind"])]
    small_print = f"{count(draws, 'draw')}, seed {seed}. {ROW_LEGEND}, {kind}; shape: density.{of_stored}"
    entitle(drawing, str(result.attrs["title"]), small_print)
    return drawing


def draw_intervals(
    axis: "Axes", data: "xarray.Dataset", density: "xarray.Dataset", names: list[str], marks: list[Mark]
) -> None:
    """Draw some quantities of one unit as the rows of a panel, with published values marked."""
    unit = str(data["units"].sel(quantity=names[0]).values)
    factor, unit_name = readable_scale(unit, float(data["estimate"].sel(quantity=names[0])))
    logarithmic = bool((data["interval"].sel(quantity=names) > 0).all()) and all(value > 0 for *_, value in marks)
    for position, name in enumerate(names):
        item, shape = data.sel(quantity=name), density.sel(quantity=name)
        edges = shape["edge"].values / factor
        shares = shape["density"].values * np.diff(edges)
        if shares.any():
            seen = edges > 0 if logarithmic else np.full(edges.shape, True)
            shares = shares[seen[:-1]]
            draw_density(axis, edges[seen], shares, logarithmic=logarithmic, base=-position, height=0.75)
        draw_row(axis, -position, item["interval"].values / factor, float(item["estimate"]) / factor)
    for row, words, value in marks:
        mark_value(axis, words, value / factor, -names.index(row))
    if logarithmic:
        use_log_scale(axis)
    axis.set_ylim(-len(names) + 0.35, 1.15)
    axis.set_yticks(-np.arange(len(names)), [str(label) for label in data["label"].sel(quantity=names).values])
    for text, level in zip(axis.get_yticklabels(), data["level"].sel(quantity=names).values, strict=True):
        text.set_fontweight("bold" if level == 0 else "normal")
        text.set_fontsize(10 - level * 0.8)
    kinds = {"kg": "footprint", "kWh": "electricity"}
    per = str(data["per"].sel(quantity=names[0]).values)
    quantity = f"{kinds[unit]} per {per}".removesuffix(" per ") if unit in kinds else names[0].replace("_", " ")
    suffix = " CO₂e" if unit == "kg" else ""
    label_values(axis, f"{quantity} [{unit_name or '1'}{suffix}]")
    clear(axis)


def mark_value(axis: "Axes", words: str, value: float, height: float) -> None:
    """Mark a published value, with its words above."""
    draw_diamonds(axis, [value], height)
    text = axis.annotate(literal(words), (value, height), (0, 7), textcoords="offset points", ha="center")
    text.set(fontsize=8, color=ACCENT, zorder=6)
