"""Priors, with the evidence that they rest on."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.distributions import Distribution
from simulator.present.figures.style import ACCENT, INK, PALE, clear, entitle, figure, label_values, tidy_log_axis
from simulator.present.wording.numbers import brief
from simulator.priors import Prior, Source
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAIL = 0.001  # of either side that is not drawn
BINS = 240
EVENLY = (np.arange(2000) + 0.5) / 2000
MOST_STEPS = 60  # values that are drawn one by one
LOGARITHMIC = 8.0  # from this ratio of the ends on
COLUMNS = 3
INTERVAL, EVIDENCE, FLOOR = -0.1, -0.25, -0.34  # heights below the density, whose peak is 1


def plot_prior(item: Prior) -> "Figure":
    """Draw one prior above the values of its sources, a row each."""
    sources = [source for source in item.sources if source.values]
    heights = [4.5, max(len(sources), 0.2)]
    drawing = figure(8, 0.45 * sum(heights) + 1.4)
    above, below = drawing.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": heights, "hspace": 0.0})
    draw_prior(above, item.distribution, [value for source in sources for value in source.values or ()])
    above.spines["bottom"].set_visible(False)
    above.tick_params(axis="x", which="both", length=0)
    for row, source in enumerate(sources):
        values = np.array(source.values)
        below.plot([values.min(), values.max()], [-row, -row], color=ACCENT, lw=1.2)
        below.plot(values, np.full(len(values), -row), "D", ms=5.5, color=ACCENT, mec="white", mew=0.7)
    below.set_yticks(-np.arange(len(sources)), [short(source) for source in sources], fontsize=9)
    below.set_ylim(-max(len(sources), 1) + 0.4, 0.6)
    clear(below)
    unit = "" if item.unit == "1" else f" [{item.unit}]"
    label_values(below, f"{item.name}{unit}")
    low, high = (brief(value) for value in item.distribution.ppf(np.array([0.05, 0.95])))
    what = "Diamonds: what the sources say. " if sources else ""
    entitle(drawing, item.name, f"{item.description}. {what}Thin line: 90 % interval, {low} to {high}; thick: 50 %.")
    return drawing


def plot_priors(scenario: Scenario) -> "Figure":
    """Draw all uncertain inputs of a scenario on one page, each with the values of its sources."""
    items = list(scenario.uncertain.values())
    rows = max(-(-len(items) // COLUMNS), 1)
    drawing = figure(9.5, 1.75 * rows + 0.9)
    axes = drawing.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, item in zip(axes, items, strict=False):
        values = [value for source in item.prior.sources for value in source.values or ()]
        draw_prior(axis, item.prior.distribution, values)
        if values:
            axis.plot(values, np.full(len(values), EVIDENCE), "D", ms=4.5, color=ACCENT, mec="white", mew=0.5)
        unit = "" if item.prior.unit == "1" else f" [{item.prior.unit}]"
        axis.set_title(f"{item.name.replace('_', ' ')}{unit}", fontsize=9, loc="left", color=INK)
        clear(axis)
        axis.tick_params(labelsize=8)
    for axis in axes[len(items) :]:
        axis.set_visible(False)
    marks = "Line: 90 % interval; thick: 50 %; dot: median; diamonds: what the sources say."
    entitle(drawing, f"{scenario.title}: its {len(items)} uncertain inputs", marks)
    return drawing


def draw_prior(axis: "Axes", distribution: Distribution, values: list[float]) -> None:
    """Draw the density of a distribution with its median and intervals, on an axis that holds some values too."""
    low, low90, low50, median, high50, high90, high = distribution.ppf(
        np.array([TAIL, 0.05, 0.25, 0.5, 0.75, 0.95, 1 - TAIL])
    )
    ends = np.array([low, high, *values])
    logarithmic = ends.min() > 0 and ends.max() / ends.min() > LOGARITHMIC
    steps, counts = np.unique(distribution.ppf(EVENLY), return_counts=True)
    if len(steps) <= MOST_STEPS:
        axis.vlines(steps, 0, counts / counts.max(), color=PALE, lw=4, zorder=1)
    elif low < high:
        edges = np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)
        middles, density = density_between(distribution, edges, logarithmic)
        axis.fill_between(middles, 0, density, color=PALE, lw=0, zorder=1)
    axis.plot([low90, high90], [INTERVAL, INTERVAL], color=INK, lw=1.4, zorder=2, solid_capstyle="butt")
    axis.plot([low50, high50], [INTERVAL, INTERVAL], color=INK, lw=4.5, zorder=3, solid_capstyle="butt")
    axis.plot(median, INTERVAL, "o", ms=6, mfc="white", mec=INK, mew=1.4, zorder=4)
    axis.set_yticks([])
    axis.set_ylim(FLOOR if values else FLOOR / 2, 1.05)
    if logarithmic:
        axis.set_xscale("log")
        tidy_log_axis(axis)
    axis.spines[["top", "right", "left"]].set_visible(False)


def density_between(
    distribution: Distribution, edges: FloatArray, logarithmic: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the middles of bins and the density in them, of the logarithm where asked, the largest being 1."""
    widths = np.diff(np.log(edges) if logarithmic else edges)
    density = np.diff(distribution.cdf(edges)) / widths
    middles = np.sqrt(edges[1:] * edges[:-1]) if logarithmic else (edges[1:] + edges[:-1]) / 2
    return middles, density / max(density.max(), np.finfo(float).tiny)


def short(source: Source) -> str:
    """Return a work by its first author or its title's beginning, and its year."""
    name = source.title.split(",")[0]
    name = name if len(name) <= 34 else f"{name[:33]}…"
    return f"{name} {source.year}" if source.year else name
