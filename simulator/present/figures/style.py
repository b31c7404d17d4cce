"""What all figures share.

Dark on light, told apart by shape and weight as well as by colour, so that the figures read in grey.
"""

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, ACCENT = "#1f3a5f", "#b9c9dc", "#c8553d"
GREY = "#444444"
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


def literal(text: str) -> str:
    """Return text that matplotlib draws as it is, instead of reading formulas between dollar signs."""
    return text.replace("$", r"\$")


def label_values(axis: "Axes", words: str) -> None:
    """Say below an axis what its values are, and that its scale is logarithmic where it is."""
    scale = ", logarithmic scale" if axis.get_xscale() == "log" else ""
    axis.set_xlabel(f"{literal(words)}{scale}", fontsize=9)


def entitle(drawing: "Figure", title: str, below: str = "") -> None:
    """Put a title above a figure and small print below it, each on as many lines as it needs."""
    drawing.suptitle(literal(title), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK, wrap=True)
    if below:
        drawing.supxlabel(literal(below), x=0.01, ha="left", fontsize=8, color=GREY, wrap=True)


def clear(axis: "Axes") -> None:
    """Leave of the frame the lower line alone, with a grid behind."""
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="x", color="#dddddd", lw=0.6, zorder=0)
    axis.set_axisbelow(True)
