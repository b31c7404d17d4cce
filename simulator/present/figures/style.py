"""What all figures share.

Dark on light, told apart by shape and weight as well as by colour, so that the figures read in grey. A figure of
rows has the first at height 0 and each further one lower by 1.
"""

import io
import textwrap
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.present.wording.numbers import brief
from simulator.units import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

INK, PALE, ACCENT = "#1f3a5f", "#b9c9dc", "#c8553d"
GREY, LIGHT_GREY, LINE = "#444444", "#dddddd", "#666666"
DPI = 150
ROW = 0.24  # inches, of a row of 8 points
LINE_WIDTHS = (4.5, 1.4)  # of the 50 % and the 90 % interval
SMALL_LETTERS = 16  # an inch
ROW_LEGEND = "Dot: median; thick: 50 %, thin: 90 % interval"
WIDEST_NAME = 48  # letters on one line; a longer name has two
COLUMNS = 3  # of small panels


def figure(width: float, height: float) -> "Figure":
    """Return an empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def small_panels(names: Sequence[str], height: float, **shared: Any) -> "tuple[Figure, list[Axes]]":
    """Return a figure of a panel for each name, in three columns and so many inches high, and the panels."""
    rows, columns = max(-(-len(names) // COLUMNS), 1), max(min(len(names), COLUMNS), 1)
    drawing = figure(9.5, height * rows + 1.0)
    axes = list(drawing.subplots(rows, columns, squeeze=False, **shared).ravel())
    for axis, name in zip(axes, names, strict=False):
        axis.set_title(literal(name), fontsize=9, loc="left", color=INK)
        axis.tick_params(labelsize=8)
        axis.yaxis.set_major_formatter(write_tick)
    for axis in axes[len(names) :]:
        axis.set_visible(False)
    return drawing, axes[: len(names)]


def as_png(drawing: "Figure") -> bytes:
    """Return a figure as the bytes of a PNG file, the same for the same figure."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a title may hold letters that the font has not
        drawing.savefig(stream, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    return stream.getvalue()


def draw_row(axis: "Axes", height: float, ends: FloatArray, median: float, colour: str = INK) -> None:
    """Draw the 50 % and the 90 % interval, of which an array of shape (2, 2) holds the ends, and the median."""
    for pair, width in zip(ends, LINE_WIDTHS, strict=True):
        axis.plot(pair, [height, height], color=colour, lw=width, zorder=2, solid_capstyle="butt")
    axis.plot(median, height, "o", ms=6, mfc="white", mec=colour, mew=1.4, zorder=4)


def draw_density(
    axis: "Axes", edges: FloatArray, shares: FloatArray, *, logarithmic: bool, base: float = 0.0, height: float = 1.0
) -> None:
    """Draw the density of the shares between neighbouring edges, of the logarithm where asked, as a shape."""
    ends = np.log(edges) if logarithmic else edges
    density = shares / np.diff(ends)
    middles = (ends[1:] + ends[:-1]) / 2
    middles = np.exp(middles) if logarithmic else middles
    top = base + height * density / max(density.max(), np.finfo(float).tiny)
    axis.fill_between(middles, base, top, color=PALE, lw=0, zorder=1)


def draw_diamonds(axis: "Axes", values: "ArrayLike", height: float) -> None:
    """Mark published values."""
    axis.plot(values, np.full(np.shape(values), height), "D", ms=5.5, color=ACCENT, mec="white", mew=0.7, zorder=5)


def name_rows(axis: "Axes", names: Sequence[str], fontsize: float = 8) -> None:
    """Write a name beside each row, on two lines where it is long."""
    folded = ["\n".join(textwrap.wrap(literal(name), WIDEST_NAME, max_lines=2, placeholder=" …")) for name in names]
    axis.set_yticks(-np.arange(len(names)), folded, fontsize=fontsize)
    axis.set_ylim(-max(len(names), 1) + 0.4, 0.6)
    axis.tick_params(axis="x", labelsize=9)
    clear(axis)


def use_log_scale(axis: "Axes") -> None:
    """Make the axis of values logarithmic, with plain round numbers: three or more where it spans a factor of 5."""
    from matplotlib.ticker import MaxNLocator

    axis.set_xscale("log")
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
    axis.set_xticks(ticks)
    axis.minorticks_off()


def literal(text: str) -> str:
    """Return text that matplotlib draws as it is, instead of reading formulas between dollar signs."""
    return text.replace("$", r"\$")


def label_values(axis: "Axes", words: str) -> None:
    """Say below an axis what its values are, and that its scale is logarithmic where it is."""
    scale = ", logarithmic scale" if axis.get_xscale() == "log" else ""
    axis.set_xlabel(f"{literal(words)}{scale}", fontsize=9)


def entitle(drawing: "Figure", title: str, small_print: str) -> None:
    """Put a title above a figure and small print below it, each on as many lines as it needs."""
    drawing.suptitle(literal(title), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK, wrap=True)
    below = textwrap.fill(literal(small_print), int(SMALL_LETTERS * drawing.get_figwidth()))
    drawing.supxlabel(below, x=0.01, ha="left", fontsize=8, color=GREY)


def write_tick(value: float, _: float) -> str:
    """Return the number at a tick, as matplotlib's formatters do."""
    return brief(value, 6)


def clear(axis: "Axes") -> None:
    """Leave of the frame the lower line alone, with plain numbers and a grid behind."""
    axis.xaxis.set_major_formatter(write_tick)
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.grid(axis="x", color=LIGHT_GREY, lw=0.6, zorder=0)
    axis.set_axisbelow(True)
