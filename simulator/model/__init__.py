"""Models: equations, the prior of each input, and how inputs depend on each other. A model knows no files."""

from simulator.model.composition import apart, compose, contrast
from simulator.model.copula import GaussianCopula, normal_scores
from simulator.model.hashing import digest
from simulator.model.model import Input, Model

__all__ = ["GaussianCopula", "Input", "Model", "apart", "compose", "contrast", "digest", "normal_scores"]
