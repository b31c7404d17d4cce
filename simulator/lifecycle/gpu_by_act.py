"""Embodied footprint of a GPU as ACT reckons it: dies with a fixed yield, memory by its size, packages, no board."""

from simulator.units import GB, cm2, kgCO2e, kgCO2e_per_cm2, kgCO2e_per_GB, one, share

METHOD = 3


def embodied_gpu(
    die_area: cm2,
    fab_footprint_per_area: kgCO2e_per_cm2,
    act_yield: share,
    memory_size: GB,
    act_memory_factor: kgCO2e_per_GB,
    package_count: one,
    act_package: kgCO2e,
) -> kgCO2e:
    """Embodied footprint of one GPU (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return (
        die_area * fab_footprint_per_area / act_yield + memory_size * act_memory_factor + package_count * act_package
    )
