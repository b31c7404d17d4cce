"""Spearman's rank correlation of each input with the output."""

from simulator.analyses.sensitivity.given import Sample, correlate, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return Spearman's rank correlation of each input with the output (doi:10.2307/1412159)."""
    return {"spearman": correlate(sample.input_ranks(), sample.output.ranks(sample.kept))[1]}


METHOD = Method(
    estimate_from_draws(measures),
    titles={"spearman": "Spearman's rank correlation"},
    is_signed=True,
    bounds=(-1.0, 1.0),
)
