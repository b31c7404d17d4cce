"""Models: equations, the prior of each input, and the dependence between inputs. A model knows no files."""

from simulator.model.composition import Contrast, compose, contrast, find_conflicting_keys
from simulator.model.copula import GaussianCopula, normal_scores, uniforms_of
from simulator.model.hashing import digest
from simulator.model.model import Input, Model

__all__ = [
    "Contrast",
    "GaussianCopula",
    "Input",
    "Model",
    "compose",
    "contrast",
    "digest",
    "find_conflicting_keys",
    "normal_scores",
    "uniforms_of",
]
