"""Which inputs a quantity depends on. One method a file; a method is a design and its indices."""

from simulator.sensitivity import sobol, spearman
from simulator.sensitivity.method import Design, Method
from simulator.sensitivity.ranking import METHODS, rank

__all__ = ["METHODS", "Design", "Method", "rank", "sobol", "spearman"]
