"""One function a figure."""

from simulator.present.figures.backtest import backtest
from simulator.present.figures.comparison import comparison
from simulator.present.figures.intervals import intervals
from simulator.present.figures.priors import prior, priors
from simulator.present.figures.ranking import ranking, response, tornado
from simulator.present.figures.style import as_png

__all__ = ["as_png", "backtest", "comparison", "intervals", "prior", "priors", "ranking", "response", "tornado"]
