"""Priors: a name, a distribution in a unit, and where the numbers come from; and the library that holds them."""

from simulator.priors.files import LARGEST_FILE, read_toml
from simulator.priors.library import CONSTANTS, CORRELATIONS, DEFAULTS, Library, library_beside, shipped_folder
from simulator.priors.table import Prior, Source, Sources, Text, model_problems, read_prior, sources_of

__all__ = [
    "CONSTANTS",
    "CORRELATIONS",
    "DEFAULTS",
    "LARGEST_FILE",
    "Library",
    "Prior",
    "Source",
    "Sources",
    "Text",
    "library_beside",
    "model_problems",
    "read_prior",
    "read_toml",
    "shipped_folder",
    "sources_of",
]
