"""Manufacture of a GPU by one of two methods, as likely as one believes each."""

from simulator.units import kg, one


def embodied_gpu(
    embodied_gpu_assessed: kg, embodied_gpu_by_parts: kg, method_quantile: one, parts_probability: one
) -> kg:
    """Manufacture of one GPU: from its parts where a uniform number is below their probability (mixture)."""
    by_parts = (method_quantile < parts_probability) * 1.0
    return by_parts * embodied_gpu_by_parts + (1.0 - by_parts) * embodied_gpu_assessed
