"""One function a figure. Reads the result only.

Dark on light, told apart by shape and weight as well as by colour, so that the figures read in grey.
"""

import io
import textwrap
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.units import readable_scale

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, ACCENT = "#1f3a5f", "#b9c9dc", "#c8553d"
DPI = 150


def figure(width: float, height: float) -> "Figure":
    """Return an empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def as_png(drawing: "Figure") -> bytes:
    """Return a figure as the bytes of a PNG file, the same for the same figure."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a title may hold letters that the font has not
        drawing.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def panels(data: "xarray.Dataset") -> list[list[str]]:
    """Group quantities that share an axis: footprints, footprints a request, and each other unit."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for name, unit in zip(data["quantity"].values, data["unit"].values, strict=True):
        if float(data["median"].sel(quantity=name)) > 0:
            groups.setdefault((str(unit), str(name).endswith("_per_request")), []).append(str(name))
    return list(groups.values())


def intervals(result: "xarray.DataTree") -> "Figure":
    """Draw median, 50 % and 90 % interval and density of each quantity, with published values marked."""
    data = result["intervals"].to_dataset()
    groups = panels(data)
    heights = [len(names) + 1.6 for names in groups]
    drawing = figure(8, 0.42 * sum(heights) + 1.2)
    axes = drawing.subplots(len(groups), 1, gridspec_kw={"height_ratios": heights}, squeeze=False)[:, 0]
    for axis, names in zip(axes, groups, strict=True):
        draw_intervals(axis, result, data, names)
    kind = {"eti": "equal-tailed", "hdi": "highest-density"}[data.attrs["interval_kind"]]
    small, large = (f"{100 * float(p):.0f} %" for p in data["probability"])
    drawing.suptitle(str(result.attrs["title"]), x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    drawing.supxlabel(
        f"{int(result.attrs['draws']):,} draws, seed {int(result.attrs['seed'])}. Dot: median; thick: {small}, "
        f"thin: {large} {kind} interval; shape: density.",
        x=0.01,
        ha="left",
        fontsize=8,
        color="#444444",
    )
    return drawing


def draw_intervals(axis: "Axes", result: "xarray.DataTree", data: "xarray.Dataset", names: list[str]) -> None:
    """Draw some quantities of one unit as the rows of a panel."""
    unit = str(data["unit"].sel(quantity=names[0]).values)
    factor, unit_name = readable_scale(unit, float(data["median"].sel(quantity=names[0])))
    density = result["density"].to_dataset()
    for place, name in enumerate(names):
        item = data.sel(quantity=name)
        height = -place
        (low50, high50), (low90, high90) = item["interval"].values / factor
        edges = density["edge"].sel(quantity=name).values / factor
        if edges[0] < edges[-1]:
            # On a logarithmic axis the density is that of the logarithm: the density times the value.
            middles = (edges[1:] + edges[:-1]) / 2
            shape = density["density"].sel(quantity=name).values * middles
            axis.fill_between(middles, height, height + 0.75 * shape / shape.max(), color=PALE, lw=0, zorder=1)
        axis.plot([low90, high90], [height, height], color=INK, lw=1.4, zorder=2, solid_capstyle="butt")
        axis.plot([low50, high50], [height, height], color=INK, lw=4.5, zorder=3, solid_capstyle="butt")
        axis.plot(float(item["median"]) / factor, height, "o", ms=7, mfc="white", mec=INK, mew=1.6, zorder=4)
    mark_references(axis, result, names, factor)
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
    quantity = kinds.get(unit, names[0].replace("_", " "))
    each = " per request" if names[0].endswith("_per_request") else ""
    suffix = " CO₂e" if unit == "kg" else ""
    axis.set_xlabel(f"{quantity}{each} [{unit_name or '1'}{suffix}], logarithmic scale", fontsize=9)
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="x", color="#dddddd", lw=0.6, zorder=0)
    axis.set_axisbelow(True)


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
                str(label),
                (value / factor, height),
                (0, 7),
                textcoords="offset points",
                fontsize=8,
                color=ACCENT,
                ha="center",
                zorder=6,
            )


def tidy_log_axis(axis: "Axes") -> None:
    """Label the axis with plain round numbers, at least three of them where it spans a factor of five."""
    from matplotlib.ticker import MaxNLocator

    low, high = axis.get_xlim()
    if high / low < 1.05:  # known quantities alone
        low, high = low / 1.3, high * 1.3
        axis.set_xlim(low, high)
    if high / low < 5:
        ticks = np.array(MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high))
        ticks = ticks[(ticks >= low) & (ticks <= high)]
    else:
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
        for fractions in ([1], [1, 3], [1, 2, 5]):
            ticks = np.outer(decades, fractions).ravel()
            ticks = ticks[(ticks >= low) & (ticks <= high)]
            if len(ticks) >= 3:
                break
    axis.set_xticks(ticks, [f"{tick:,.6g}" for tick in ticks])
    axis.minorticks_off()


def ranking(ranked: "xarray.Dataset", title: str) -> "Figure":
    """Draw the indices of each input as points with their intervals."""
    indices = [str(name) for name in ranked.data_vars if not str(name).endswith("_interval")]
    if not indices:
        drawing = figure(8, 1.6)
        drawing.text(0.5, 0.5, "\n".join(textwrap.wrap(str(ranked.attrs["words"]), 80)), ha="center", va="center")
        return drawing
    inputs = [str(name) for name in ranked["input"].values]
    drawing = figure(8, 0.36 * len(inputs) + 1.7)
    axis = drawing.subplots()
    styles: list[dict[str, Any]] = [
        {"fmt": "o", "mfc": INK, "mec": INK, "ecolor": INK},
        {"fmt": "s", "mfc": "white", "mec": ACCENT, "ecolor": ACCENT},
    ]
    indices.sort(key=lambda name: name != ranked.attrs["leading"])
    for offset, (index, style) in enumerate(zip(indices, styles, strict=False)):
        values = ranked[index].values
        interval = ranked[f"{index}_interval"].values
        reach = np.maximum(np.abs(interval.T - values), 0)
        heights = -np.arange(len(inputs)) + (0.13 if len(indices) > 1 else 0) * (1 - 2 * offset)
        axis.errorbar(values, heights, xerr=reach, ms=5.5, lw=1.4, label=index.replace("_", "-"), **style)
    axis.axvline(0, color="#888888", lw=0.8)
    axis.set_yticks(-np.arange(len(inputs)), [name.replace("_", " ") for name in inputs])
    axis.set_ylim(-len(inputs) + 0.4, 0.6)
    names = {"sobol": "Sobol' index: share of the variance", "spearman": "Spearman's rank correlation"}
    axis.set_xlabel(names.get(str(ranked.attrs["method"]), str(ranked.attrs["method"])), fontsize=9)
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="x", color="#dddddd", lw=0.6)
    axis.set_axisbelow(True)
    if len(indices) > 1:
        axis.legend(loc="lower right", frameon=False, fontsize=9)
    words = str(ranked.attrs["quantity"]).replace("_", " ")
    drawing.suptitle(
        f"{title}: what the {words} depends on", x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK
    )
    drawing.supxlabel(
        f"{int(ranked.attrs['evaluations']):,} evaluations, base {int(ranked.attrs['base']):,}, "
        f"seed {int(ranked.attrs['seed'])}. Bars: {100 * float(ranked.attrs['interval_probability']):.0f} % "
        "bootstrap intervals.",
        x=0.01,
        ha="left",
        fontsize=8,
        color="#444444",
    )
    return drawing
