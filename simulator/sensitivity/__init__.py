"""Which inputs a quantity depends on, and how sure that is. One method a file."""

from simulator.sensitivity.local import local
from simulator.sensitivity.parts import groups_of
from simulator.sensitivity.ranking import (
    DEFAULT_BASE,
    DEFAULT_BUDGET,
    METHODS,
    default_method,
    rank,
    rank_until_separated,
)
from simulator.sensitivity.response import response

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
