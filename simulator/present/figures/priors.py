"""Figures of priors, with the values of their sources."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.distributions import Distribution
from simulator.present.figures import style
from simulator.present.wording.numbers import brief, count, readable, with_unit
from simulator.priors import Prior, Source
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAIL = 0.001  # of either side that is not drawn
BINS = 240
EVENLY = (np.arange(2000) + 0.5) / 2000
MOST_STEPS = 60  # values that are drawn one by one
LOGARITHMIC = 8.0  # from this ratio of the ends on
INTERVAL, EVIDENCE, FLOOR = -0.1, -0.25, -0.34  # heights below the density, whose peak is 1


def plot_prior(item: Prior) -> "Figure":
    """Draw a prior of a library above the values of its sources, a row each."""
    sources = [source for source in item.sources if source.values]
    heights = [4.5, max(len(sources), 0.2)]
    drawing = style.figure(8, 0.45 * sum(heights) + 1.4)
    above, below = drawing.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": heights, "hspace": 0.0})
    draw_prior(above, item.distribution, values_of(item))
    above.spines["bottom"].set_visible(False)
    above.tick_params(axis="x", which="both", length=0)
    for row, source in enumerate(sources):
        values = np.array(source.values)
        below.plot([values.min(), values.max()], [-row, -row], color=style.ACCENT, lw=1.2)
        style.draw_diamonds(below, values, -row)
    style.name_rows(below, [short_title(source) for source in sources], fontsize=9)
    style.label_values(below, with_unit(item.name, item.unit))
    low, high = map(brief, item.distribution.ppf(np.array([0.05, 0.95])))
    diamonds = "; diamonds: what the sources say" if sources else ""
    style.entitle(drawing, item.name, f"{item.description}. {style.ROW_LEGEND}, {low} to {high}{diamonds}.")
    return drawing


def plot_priors(scenario: Scenario) -> "Figure":
    """Draw all uncertain inputs of a scenario on one page, each with the values of its sources."""
    items = [(readable(item.name), item.prior) for item in scenario.uncertain.values()]
    drawing, axes = style.small_panels([with_unit(name, prior.unit) for name, prior in items], 1.75)
    for axis, (_, prior) in zip(axes, items, strict=True):
        values = values_of(prior)
        draw_prior(axis, prior.distribution, values)
        if values:
            style.draw_diamonds(axis, values, EVIDENCE)
        style.clear(axis)
    title = f"{scenario.title}: its {count(len(axes), 'uncertain input')}"
    style.entitle(drawing, title, f"{style.ROW_LEGEND}; diamonds: what the sources say.")
    return drawing


def values_of(item: Prior) -> list[float]:
    """Return what the sources of a prior say, in its unit."""
    return [value for source in item.sources for value in source.values or ()]


def draw_prior(axis: "Axes", distribution: Distribution, values: list[float]) -> None:
    """Draw the density of a distribution with its median and intervals, on an axis that holds some values too."""
    probabilities = np.array([TAIL, 0.05, 0.25, 0.5, 0.75, 0.95, 1 - TAIL])
    low, low90, low50, median, high50, high90, high = distribution.ppf(probabilities)
    ends = np.array([low, high, *values])
    logarithmic = ends.min() > 0 and ends.max() / ends.min() > LOGARITHMIC
    steps, counts = np.unique(distribution.ppf(EVENLY), return_counts=True)
    if len(steps) <= MOST_STEPS:
        axis.vlines(steps, 0, counts / counts.max(), color=style.PALE, lw=4, zorder=1)
    elif low < high:
        edges = np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)
        style.draw_density(axis, edges, np.diff(distribution.cdf(edges)), logarithmic=logarithmic)
    style.draw_row(axis, INTERVAL, np.array([[low50, high50], [low90, high90]]), median)
    axis.set_yticks([])
    axis.set_ylim(FLOOR if values else FLOOR / 2, 1.05)
    if logarithmic:
        style.use_log_scale(axis)
    axis.spines[["top", "right", "left"]].set_visible(False)


def short_title(source: Source) -> str:
    """Return a work by its first author or its title's beginning, and its year."""
    name = source.title.split(",")[0]
    name = name if len(name) <= 34 else f"{name[:33]}…"
    return f"{name} {source.year}" if source.year else name
