"""One function a figure."""

from simulator.plots.backtest import backtest
from simulator.plots.comparison import comparison
from simulator.plots.intervals import intervals
from simulator.plots.priors import prior, priors
from simulator.plots.ranking import ranking, response, tornado
from simulator.plots.style import as_png

__all__ = ["as_png", "backtest", "comparison", "intervals", "prior", "priors", "ranking", "response", "tornado"]
