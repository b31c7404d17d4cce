"""The reference work's equations, as a page of the book."""

from simulator.units import day as days_unit
from simulator.units import grid_intensity, hour_per_day, hour_per_year, kgCO2e, kW, one, year
from simulator.units import hour as hours_unit


def hours(gpu_count: one, days: days_unit, hours_per_day: hour_per_day, failed: one) -> hours_unit:
    """GPU-hours (reference work)."""
    return gpu_count * days * hours_per_day * failed


def operational(
    hours: hours_unit, tdp: kW, tdp_fraction: one, host_overhead: one, pue: one, grid: grid_intensity
) -> kgCO2e:
    """Footprint of the electricity (reference work)."""
    return hours * tdp * tdp_fraction * host_overhead * pue * grid


def embodied(
    hours: hours_unit,
    embodied_gpu: kgCO2e,
    embodied_server: kgCO2e,
    gpus_per_server: one,
    lifetime: year,
    hours_per_year: hour_per_year,
    utilisation: one,
) -> kgCO2e:
    """Footprint of the manufacture (reference work)."""
    return hours * (embodied_gpu + embodied_server / gpus_per_server) / (lifetime * hours_per_year * utilisation)


def total(operational: kgCO2e, embodied: kgCO2e) -> kgCO2e:
    """Both (reference work)."""
    return operational + embodied
