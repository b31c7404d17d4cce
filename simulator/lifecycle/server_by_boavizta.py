"""Embodied footprint of a server without GPUs as BoaviztAPI reckons it: the sum of its components."""

from simulator.units import GB, GB_per_cm2, cm2, count, kg, kgCO2e, kgCO2e_per_cm2, kgCO2e_per_kg, one

METHOD = 1


def boavizta_server_memory(
    server_memory: GB,
    server_memory_modules: count,
    boavizta_memory_density: GB_per_cm2,
    boavizta_chip_factor: kgCO2e_per_cm2,
    boavizta_memory_module: kgCO2e,
) -> kgCO2e:
    """Memory of the server: chips by area, and the rest of each module (BoaviztAPI 2.5.0)."""
    return server_memory / boavizta_memory_density * boavizta_chip_factor + (
        server_memory_modules * boavizta_memory_module
    )


def boavizta_server_storage(
    server_storage: GB,
    server_disks: one,
    boavizta_storage_density: GB_per_cm2,
    boavizta_chip_factor: kgCO2e_per_cm2,
    boavizta_disk: kgCO2e,
) -> kgCO2e:
    """Solid-state disks of the server: chips by area, and the rest of each disk (BoaviztAPI 2.5.0)."""
    return server_storage / boavizta_storage_density * boavizta_chip_factor + server_disks * boavizta_disk


def embodied_server(
    boavizta_server_memory: kgCO2e,
    boavizta_server_storage: kgCO2e,
    server_processors: count,
    processor_die_area: cm2,
    boavizta_processor_factor: kgCO2e_per_cm2,
    boavizta_processor: kgCO2e,
    server_power_supply_mass: kg,
    boavizta_power_supply_factor: kgCO2e_per_kg,
    boavizta_chassis: kgCO2e,
) -> kgCO2e:
    """Embodied footprint of a server without GPUs; the chassis has board and assembly in it (BoaviztAPI 2.5.0)."""
    return (
        boavizta_server_memory
        + boavizta_server_storage
        + server_processors * (processor_die_area * boavizta_processor_factor + boavizta_processor)
        + server_power_supply_mass * boavizta_power_supply_factor
        + boavizta_chassis
    )
