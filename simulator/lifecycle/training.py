"""Training: electricity, and the share of the hardware's embodied footprint."""

from simulator.lifecycle import Shown
from simulator.units import (
    fraction_of_tdp,
    grid_intensity,
    hour,
    kgCO2e,
    kgCO2e_per_hour,
    kW,
    kWh,
    one,
    overhead,
    pue,
    tdp,
)

METHOD = 1  # of the energy of training
SHOWN = {
    "training_footprint": Shown("training", share="training_share", stage="training"),
    "training_electricity_footprint": Shown("electricity", 1, stage="training"),
    "training_embodied_footprint": Shown("embodied", 1, stage="training"),
    "training_energy": Shown("training energy"),
}


def training_gpu_hours(training_run_gpu_hours: hour, training_development_ratio: one) -> hour:
    """GPU-hours, experiments and failed runs included (Morrison et al. 2025, arXiv:2503.05804)."""
    return training_run_gpu_hours * (1.0 + training_development_ratio)


def training_gpu_power(gpu_tdp: tdp, training_tdp_fraction: fraction_of_tdp) -> kW:
    """Mean power of one GPU while it trains (Patterson et al. 2021, arXiv:2104.10350)."""
    return gpu_tdp * training_tdp_fraction


def training_gpu_energy(training_gpu_hours: hour, training_gpu_power: kW) -> kWh:
    """Electricity that the GPUs draw (Patterson et al. 2021, arXiv:2104.10350)."""
    return training_gpu_hours * training_gpu_power


def training_it_energy(training_gpu_energy: kWh, host_overhead: overhead) -> kWh:
    """Electricity that the servers draw, GPUs and hosts (Schneider et al. 2025, arXiv:2502.01671)."""
    return training_gpu_energy * host_overhead


def training_energy(training_it_energy: kWh, training_pue: pue) -> kWh:
    """Electricity that the data centre draws, cooling and losses included (ISO/IEC 30134-2)."""
    return training_it_energy * training_pue


def training_electricity_footprint(training_energy: kWh, training_grid_intensity: grid_intensity) -> kgCO2e:
    """Footprint of the electricity of training (GHG Protocol Scope 2 Guidance)."""
    return training_energy * training_grid_intensity


def training_gpu_electricity_footprint(training_gpu_energy: kWh, training_grid_intensity: grid_intensity) -> kgCO2e:
    """Footprint of the GPUs' own electricity (Luccioni et al. 2023, arXiv:2211.02001)."""
    return training_gpu_energy * training_grid_intensity


def training_overhead_footprint(
    training_electricity_footprint: kgCO2e, training_gpu_electricity_footprint: kgCO2e
) -> kgCO2e:
    """Footprint of electricity beyond the GPUs': hosts, idling, cooling (Luccioni et al. 2023, arXiv:2211.02001)."""
    return training_electricity_footprint - training_gpu_electricity_footprint


def training_gpu_footprint(training_gpu_hours: hour, embodied_gpu_per_hour: kgCO2e_per_hour) -> kgCO2e:
    """Embodied footprint of the GPUs, for the hours of training (Luccioni et al. 2023, arXiv:2211.02001)."""
    return training_gpu_hours * embodied_gpu_per_hour


def training_server_footprint(training_gpu_hours: hour, embodied_server_per_gpu_hour: kgCO2e_per_hour) -> kgCO2e:
    """Embodied footprint of the servers, for the hours of training (Luccioni et al. 2023, arXiv:2211.02001)."""
    return training_gpu_hours * embodied_server_per_gpu_hour


def training_network_footprint(training_gpu_hours: hour, embodied_network_per_gpu_hour: kgCO2e_per_hour) -> kgCO2e:
    """Network and storage, for the hours of training (ARCHER2 emissions tools documentation, scope 3, 2024)."""
    return training_gpu_hours * embodied_network_per_gpu_hour


def training_building_footprint(training_gpu_hours: hour, embodied_building_per_gpu_hour: kgCO2e_per_hour) -> kgCO2e:
    """Construction of the data centre, for the hours of training (Schneider et al. 2025, arXiv:2502.01671)."""
    return training_gpu_hours * embodied_building_per_gpu_hour


def training_embodied_footprint(
    training_gpu_footprint: kgCO2e,
    training_server_footprint: kgCO2e,
    training_network_footprint: kgCO2e,
    training_building_footprint: kgCO2e,
) -> kgCO2e:
    """Embodied footprint of all hardware and of its building, for the hours of training (sum of its parts)."""
    return (
        training_gpu_footprint + training_server_footprint + training_network_footprint + training_building_footprint
    )


def training_footprint(training_electricity_footprint: kgCO2e, training_embodied_footprint: kgCO2e) -> kgCO2e:
    """Footprint of training, electricity and embodied (ISO 14040)."""
    return training_electricity_footprint + training_embodied_footprint
