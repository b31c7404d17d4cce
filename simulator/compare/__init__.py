"""Scenarios beside each other, on common random numbers."""

from simulator.compare.sweep import Comparison, as_json, compare, in_words
from simulator.compare.variants import scenarios_of, variants

__all__ = ["Comparison", "as_json", "compare", "in_words", "scenarios_of", "variants"]
