"""Intervals of the quantities of a result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.present.figures import style
from simulator.present.wording.numbers import count
from simulator.present.wording.run import CI_KINDS
from simulator.results.schema import variables
from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

type Mark = tuple[str, str, float]  # the row that it stands on, its words, and the published value

ROUNDING = 1e-9  # relative: draws that differ by less are the same


def marks_of(result: "xarray.DataTree", rows: list[str]) -> list[Mark]:
    """Return the marks of the published values of a result.

    A value stands on the row of its own quantity, or of one that is the same in every stored draw, as the total and
    the part of its only stage are; `rows` are those that are drawn anyway.
    """
    if "references" not in result.children:
        return []
    references, draws = result["references"].to_dataset(), variables(result)
    columns = (references[name].values for name in ("reference", "quantity", "value"))
    return [
        (row_of(str(quantity), rows, draws), str(label), float(value))
        for label, quantity, value in zip(*columns, strict=True)
    ]


def row_of(quantity: str, rows: list[str], draws: Mapping[str, "xarray.DataArray"]) -> str:
    """Return the first of some rows that is a quantity, or equal to it in every draw, else the quantity's own."""
    own = draws[quantity]
    for row in rows if quantity not in rows else ():
        other = draws[row]
        if other.attrs["units"] == own.attrs["units"] and np.allclose(other, own, rtol=ROUNDING, atol=0):
            return row
    return quantity


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
    data, density = result["intervals"].to_dataset(), result["density"].to_dataset()
    reported = data["reported"].values
    marks = marks_of(result, [str(name) for name in data["quantity"].values[reported]])
    data = data.isel(quantity=reported | np.isin(data["quantity"].values, [row for row, *_ in marks]))
    groups = panels(data, marks)
    heights = [len(names) + 1.6 for names in groups]
    drawing = style.figure(8, 0.42 * sum(heights) + 1.2)
    if groups:
        axes = drawing.subplots(len(groups), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
        for axis, names in zip(axes, groups, strict=True):
            draw_intervals(axis, data, density, names, [mark for mark in marks if mark[0] in names])
    draws, seed = count(int(result.attrs["draws"]), "draw"), int(result.attrs["seed"])
    kind = CI_KINDS[str(data.attrs["ci_kind"])]
    small_print = f"{draws}, seed {seed}. {style.ROW_LEGEND}, {kind}; shape: density."
    style.entitle(drawing, str(result.attrs["title"]), small_print)
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
            style.draw_density(axis, edges[seen], shares, logarithmic=logarithmic, base=-position, height=0.75)
        style.draw_row(axis, -position, item["interval"].values / factor, float(item["estimate"]) / factor)
    for row, words, value in marks:
        mark_value(axis, words, value / factor, -names.index(row))
    if logarithmic:
        style.use_log_scale(axis)
    axis.set_ylim(-len(names) + 0.35, 1.15)
    axis.set_yticks(-np.arange(len(names)), [str(label) for label in data["label"].sel(quantity=names).values])
    for text, level in zip(axis.get_yticklabels(), data["level"].sel(quantity=names).values, strict=True):
        text.set_fontweight("bold" if level == 0 else "normal")
        text.set_fontsize(10 - level * 0.8)
    kinds = {"kgCO2e": "footprint", "kWh": "electricity"}
    per = str(data["per"].sel(quantity=names[0]).values)
    quantity = f"{kinds[unit]} per {per}".removesuffix(" per ") if unit in kinds else names[0].replace("_", " ")
    style.label_values(axis, f"{quantity} [{unit_name or '1'}]")
    style.clear(axis)


def mark_value(axis: "Axes", words: str, value: float, height: float) -> None:
    """Mark a published value, with its words above."""
    style.draw_diamonds(axis, [value], height)
    text = axis.annotate(style.literal(words), (value, height), (0, 7), textcoords="offset points", ha="center")
    text.set(fontsize=8, color=style.ACCENT, zorder=6)
