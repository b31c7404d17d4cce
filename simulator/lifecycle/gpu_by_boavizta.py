"""Embodied footprint of a GPU as BoaviztAPI reckons it: parts by their area or mass, each times a factor."""

import numpy as np

from simulator.units import GB, cm, cm2, cm2_per_GB, count, kg, kgCO2e, kgCO2e_per_cm2, kgCO2e_per_kg, one, per_cm2

METHOD = 2


def boavizta_die_cut(die_area: cm2, wafer_kerf: cm) -> cm2:
    """Square die with the cuts around it (BoaviztAPI 2.5.0)."""
    return np.square(np.sqrt(die_area) + wafer_kerf)


def boavizta_die_wafer(
    boavizta_die_cut: cm2, wafer_edge_sides: one, wafer_diameter: cm, boavizta_defects: per_cm2
) -> cm2:
    """Wafer for a good die, with its share of the edge and of the dies that fail (BoaviztAPI 2.5.0)."""
    return (
        boavizta_die_cut
        / (1.0 - wafer_edge_sides * np.sqrt(boavizta_die_cut) / wafer_diameter)
        * np.exp(np.sqrt(boavizta_die_cut * boavizta_defects))
    )


def boavizta_memory_cut(
    memory_size: GB, boavizta_memory_area: cm2_per_GB, memory_die_count: count, wafer_kerf: cm
) -> cm2:
    """Square die of the GPU's memory with the cuts around it, each stack as one die (BoaviztAPI 2.5.0)."""
    return np.square(np.sqrt(memory_size * boavizta_memory_area / memory_die_count) + wafer_kerf)


def boavizta_memory_wafer(
    memory_die_count: count,
    boavizta_memory_cut: cm2,
    wafer_edge_sides: one,
    wafer_diameter: cm,
    boavizta_defects: per_cm2,
) -> cm2:
    """Wafer for all of the GPU's memory, likewise (BoaviztAPI 2.5.0)."""
    return (
        memory_die_count
        * boavizta_memory_cut
        / (1.0 - wafer_edge_sides * np.sqrt(boavizta_memory_cut) / wafer_diameter)
        * np.exp(np.sqrt(boavizta_memory_cut * boavizta_defects))
    )


def boavizta_card(
    gpu_casing_mass: kg,
    boavizta_casing_factor: kgCO2e_per_kg,
    gpu_heatsink_mass: kg,
    boavizta_heatsink_factor: kgCO2e_per_kg,
    gpu_board_area: cm2,
    boavizta_board_factor: kgCO2e_per_cm2,
    gpu_mass: kg,
    boavizta_transport_factor: kgCO2e_per_kg,
) -> kgCO2e:
    """Casing, heatsink and board, transport and disposal of the whole card (BoaviztAPI 2.5.0)."""
    return (
        gpu_casing_mass * boavizta_casing_factor
        + gpu_heatsink_mass * boavizta_heatsink_factor
        + gpu_board_area * boavizta_board_factor
        + gpu_mass * boavizta_transport_factor
    )


def embodied_gpu(
    boavizta_die_wafer: cm2,
    boavizta_die_factor: kgCO2e_per_cm2,
    boavizta_memory_wafer: cm2,
    boavizta_memory_factor: kgCO2e_per_cm2,
    boavizta_card: kgCO2e,
) -> kgCO2e:
    """Embodied footprint of one GPU (BoaviztAPI 2.5.0)."""
    return boavizta_die_wafer * boavizta_die_factor + boavizta_memory_wafer * boavizta_memory_factor + boavizta_card
