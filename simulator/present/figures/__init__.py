"""One function a figure: each reads a result (its datasets) or priors, and returns a figure of matplotlib.

What they share is in `style`; titles and small print are set by `style.entitle`, numbers by `wording.numbers`.
"""

from simulator.present.figures.backtest import plot_backtest
from simulator.present.figures.comparison import plot_comparison
from simulator.present.figures.intervals import plot_intervals
from simulator.present.figures.priors import plot_prior, plot_priors
from simulator.present.figures.ranking import plot_ranking, plot_response, plot_tornado
from simulator.present.figures.style import as_png

__all__ = [
    "as_png",
    "plot_backtest",
    "plot_comparison",
    "plot_intervals",
    "plot_prior",
    "plot_priors",
    "plot_ranking",
    "plot_response",
    "plot_tornado",
]
