"""Models: equations, the prior of each input, and how inputs depend on each other. A model knows no files."""

from simulator.model.compose import apart, compose, contrast
from simulator.model.copula import GaussianCopula, normal_scores
from simulator.model.digest import digest
from simulator.model.model import Input, Model

__all__ = ["GaussianCopula", "Input", "Model", "apart", "compose", "contrast", "digest", "normal_scores"]
