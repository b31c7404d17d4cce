"""Embodied footprint of the hardware, spread over the hours of its life."""

from simulator.units import count, hour, hour_per_year, kgCO2e, kgCO2e_per_hour, one, share, year


def lifetime_hours(hardware_lifetime: year, hours_per_year: hour_per_year, utilisation: share) -> hour:
    """Hours that a server works before it is replaced (Luccioni et al. 2023, arXiv:2211.02001)."""
    return hardware_lifetime * hours_per_year * utilisation


def embodied_gpu_per_hour(embodied_gpu: kgCO2e, lifetime_hours: hour) -> kgCO2e_per_hour:
    """Embodied footprint of one GPU for each hour it works (Luccioni et al. 2023, arXiv:2211.02001)."""
    return embodied_gpu / lifetime_hours


def embodied_server_per_hour(embodied_server: kgCO2e, lifetime_hours: hour) -> kgCO2e_per_hour:
    """Embodied footprint of a server without GPUs for each hour it works (Luccioni et al. 2023, arXiv:2211.02001)."""
    return embodied_server / lifetime_hours


def embodied_server_per_gpu_hour(
    embodied_server_per_hour: kgCO2e_per_hour, gpus_per_server: count
) -> kgCO2e_per_hour:
    """Embodied footprint of the server that falls on one GPU for an hour (GHG Protocol Product Standard)."""
    return embodied_server_per_hour / gpus_per_server


def embodied_network_per_gpu_hour(
    embodied_network_ratio: one, embodied_gpu_per_hour: kgCO2e_per_hour, embodied_server_per_gpu_hour: kgCO2e_per_hour
) -> kgCO2e_per_hour:
    """Network and storage of one GPU for an hour (ARCHER2 emissions tools documentation, scope 3, 2024)."""
    return embodied_network_ratio * (embodied_gpu_per_hour + embodied_server_per_gpu_hour)


def embodied_building_per_gpu_hour(
    embodied_building_ratio: one,
    embodied_gpu_per_hour: kgCO2e_per_hour,
    embodied_server_per_gpu_hour: kgCO2e_per_hour,
) -> kgCO2e_per_hour:
    """Data centre around one GPU for an hour (Schneider et al. 2025, arXiv:2502.01671)."""
    return embodied_building_ratio * (embodied_gpu_per_hour + embodied_server_per_gpu_hour)
