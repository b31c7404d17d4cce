"""Embodied footprint of a GPU from its parts: the die by its area, the memory by its size, package and board."""

from simulator.units import GB, cm2, grid_intensity, kgCO2e, kgCO2e_per_cm2, kgCO2e_per_GB, kWh_per_cm2, one, share


def fab_footprint_per_area(
    fab_energy_per_area: kWh_per_cm2,
    fab_grid_intensity: grid_intensity,
    fab_gas_per_area: kgCO2e_per_cm2,
    fab_materials_per_area: kgCO2e_per_cm2,
) -> kgCO2e_per_cm2:
    """Wafer by its area: electricity, process gases, materials (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return fab_energy_per_area * fab_grid_intensity + fab_gas_per_area + fab_materials_per_area


def embodied_die(die_area: cm2, fab_footprint_per_area: kgCO2e_per_cm2, die_yield: share) -> kgCO2e:
    """Good die, with those that fail (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return die_area * fab_footprint_per_area / die_yield


def embodied_memory(memory_size: GB, memory_footprint_per_size: kgCO2e_per_GB) -> kgCO2e:
    """Memory of the GPU (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return memory_size * memory_footprint_per_size


def embodied_packages(package_count: one, package_footprint: kgCO2e) -> kgCO2e:
    """Packages of all chips (Gupta et al. 2022, doi:10.1145/3470496.3527408)."""
    return package_count * package_footprint


def embodied_gpu_by_parts(
    embodied_die: kgCO2e, embodied_memory: kgCO2e, embodied_packages: kgCO2e, embodied_board: kgCO2e
) -> kgCO2e:
    """GPU from its parts, with board, heatsink, casing and transport (sum of its parts)."""
    return embodied_die + embodied_memory + embodied_packages + embodied_board
