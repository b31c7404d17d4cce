"""Methods of sensitivity analysis: a file for each, and the table of all."""

from collections.abc import Mapping

from simulator.analyses.sensitivity.method import Method
from simulator.analyses.sensitivity.methods import (
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
