"""Which inputs a quantity depends on, and how sure that is. One method a file."""

from simulator.sensitivity.parts import groups_of
from simulator.sensitivity.ranking import METHODS, default_method, rank

__all__ = ["METHODS", "default_method", "groups_of", "rank"]
