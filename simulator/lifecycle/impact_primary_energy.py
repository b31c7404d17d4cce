"""Primary energy: of electricity, and of making GPUs and servers."""

from simulator.lifecycle import Shown
from simulator.units import MJ, NOTHING, MJ_per_kWh, count, hour, kWh

SHOWN = {
    "total_primary_energy": Shown("primary energy"),
    "primary_energy_of_electricity": Shown("electricity", 1),
    "primary_energy_of_hardware": Shown("GPUs, servers", 1),
}
LEFT_OUT = "network, storage and buildings"


def training_primary_energy(training_primary_energy_factor: MJ_per_kWh, training_energy: kWh = NOTHING) -> MJ:
    """Primary energy of training's electricity (ISO 52000-1)."""
    return training_primary_energy_factor * training_energy


def deployment_primary_energy(deployment_primary_energy_factor: MJ_per_kWh, deployment_energy: kWh = NOTHING) -> MJ:
    """Primary energy of the service's electricity (ISO 52000-1)."""
    return deployment_primary_energy_factor * deployment_energy


def primary_energy_of_electricity(
    training_primary_energy: MJ = NOTHING, deployment_primary_energy: MJ = NOTHING
) -> MJ:
    """Primary energy of electricity (sum over stages)."""
    return training_primary_energy + deployment_primary_energy


def primary_energy_of_hardware(
    embodied_gpu_primary_energy: MJ,
    embodied_server_primary_energy: MJ,
    gpus_per_server: count,
    lifetime_hours: hour,
    training_gpu_hours: hour = NOTHING,
    deployment_gpu_hours: hour = NOTHING,
) -> MJ:
    """Primary energy of making GPUs and servers, for their hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return (
        (embodied_gpu_primary_energy + embodied_server_primary_energy / gpus_per_server)
        / lifetime_hours
        * (training_gpu_hours + deployment_gpu_hours)
    )


def total_primary_energy(primary_energy_of_electricity: MJ = NOTHING, primary_energy_of_hardware: MJ = NOTHING) -> MJ:
    """Primary energy, as far as it is known (sum of its parts)."""
    return primary_energy_of_electricity + primary_energy_of_hardware
