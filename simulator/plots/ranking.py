"""What a quantity depends on."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.plots.style import ACCENT, INK, clear, entitle, figure

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


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
    axis.set_yticks(
        -np.arange(len(inputs)), ["\n".join(textwrap.wrap(name.replace("_", " "), 36)) for name in inputs]
    )
    axis.set_ylim(-len(inputs) + 0.4, 0.6)
    names = {"sobol": "Sobol' index: share of the variance", "spearman": "Spearman's rank correlation"}
    axis.set_xlabel(names.get(str(ranked.attrs["method"]), str(ranked.attrs["method"])), fontsize=9)
    clear(axis)
    if len(indices) > 1:
        axis.legend(loc="lower right", frameon=False, fontsize=9)
    words = str(ranked.attrs["quantity"]).replace("_", " ")
    probability = f"{100 * float(ranked.attrs['interval_probability']):.0f} %"
    below = f"{int(ranked.attrs['evaluations']):,} evaluations, base {int(ranked.attrs['base']):,}, "
    below += f"seed {int(ranked.attrs['seed'])}. Bars: {probability} bootstrap intervals."
    entitle(drawing, f"{title}: what the {words} depends on", below)
    return drawing
