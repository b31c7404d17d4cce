"""Spearman's rank correlation of each input with the output."""

from simulator.analyses.sensitivity.given import Sample, correlations, from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def spearman(sample: Sample) -> dict[str, FloatArray]:
    """Return Spearman's rank correlation of each input with the output (doi:10.2307/1412159)."""
    return {"spearman": correlations(sample.input_ranks(), sample.output.ranks(sample.kept))[1]}


METHOD = Method(
    lambda study: from_draws(study, spearman),
    primary="spearman",
    titles={"spearman": "Spearman's rank correlation"},
    takes_groups=False,
    takes_dependence=True,
    is_signed=True,
)
