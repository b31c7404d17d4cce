"""The table of methods."""

from collections.abc import Mapping

from simulator.analyses.sensitivity import (
    borgonovo,
    interval_reduction,
    partial_rank,
    pawn,
    rank_based,
    regression,
    shapley,
    sobol,
    spearman,
)
from simulator.analyses.sensitivity.method import Method

METHODS: Mapping[str, Method] = {
    "sobol": sobol.METHOD,
    "shapley": shapley.METHOD,
    "second-order": sobol.PAIRS,
    "interval-reduction": interval_reduction.METHOD,
    "rank-based": rank_based.METHOD,
    "delta": borgonovo.METHOD,
    "pawn": pawn.METHOD,
    "spearman": spearman.METHOD,
    "partial-rank": partial_rank.METHOD,
    "regression": regression.METHOD,
}
