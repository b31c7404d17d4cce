"""Priors: a name, a distribution in a unit, and its sources; and the library of prior files."""

from simulator.priors.files import LARGEST_FILE, read_text, read_toml
from simulator.priors.library import CONSTANTS, CORRELATIONS, DEFAULTS, Library, library_beside, shipped_folder
from simulator.priors.problems import MOST_PROBLEMS, read_table
from simulator.priors.sources import Source, Sources, Text, Works, describe_wanted, sources_of
from simulator.priors.table import Prior, Record, family_table, read_prior

__all__ = [
    "CONSTANTS",
    "CORRELATIONS",
    "DEFAULTS",
    "LARGEST_FILE",
    "MOST_PROBLEMS",
    "Library",
    "Prior",
    "Record",
    "Source",
    "Sources",
    "Text",
    "Works",
    "family_table",
    "library_beside",
    "read_prior",
    "read_table",
    "read_text",
    "read_toml",
    "shipped_folder",
    "sources_of",
    "describe_wanted",
]
