"""The embodied footprint of a GPU is what its parts add up to."""

from simulator.units import kgCO2e

METHOD = 1


def embodied_gpu(embodied_gpu_by_parts: kgCO2e) -> kgCO2e:
    """Embodied footprint of one GPU, from its parts (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return embodied_gpu_by_parts
