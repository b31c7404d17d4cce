"""Which inputs a quantity depends on, and how sure that is. One method a file."""

from simulator.analyses.sensitivity.local import local
from simulator.analyses.sensitivity.parts import groups_of
from simulator.analyses.sensitivity.ranking import (
    DEFAULT_BASE,
    DEFAULT_BUDGET,
    METHODS,
    default_method,
    rank,
    rank_until_separated,
)
from simulator.analyses.sensitivity.response import response

__all__ = [
    "DEFAULT_BASE",
    "DEFAULT_BUDGET",
    "METHODS",
    "default_method",
    "groups_of",
    "local",
    "rank",
    "rank_until_separated",
    "response",
]
