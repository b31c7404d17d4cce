"""Embodied footprint of a GPU by one of two methods, as likely as one believes each."""

from simulator.units import kgCO2e, share


def embodied_gpu(
    embodied_gpu_assessed: kgCO2e, embodied_gpu_by_parts: kgCO2e, method_quantile: share, parts_probability: share
) -> kgCO2e:
    """Embodied footprint of one GPU: from its parts where a uniform number is below their probability (mixture)."""
    return embodied_gpu_assessed + 1.0 * (method_quantile < parts_probability) * (
        embodied_gpu_by_parts - embodied_gpu_assessed
    )
