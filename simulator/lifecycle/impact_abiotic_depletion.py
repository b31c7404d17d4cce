"""Abiotic depletion of elements, ADPe: of electricity, and of making GPUs and servers."""

from simulator.lifecycle import Shown
from simulator.units import NOTHING, count, hour, kgSb, kgSb_per_kWh, kWh

SHOWN = {
    "total_abiotic_depletion": Shown("abiotic depletion"),
    "abiotic_depletion_of_electricity": Shown("electricity", 1),
    "abiotic_depletion_of_hardware": Shown("GPUs, servers", 1),
}
LEFT_OUT = "network, storage and buildings"


def training_abiotic_depletion(
    training_abiotic_depletion_factor: kgSb_per_kWh, training_energy: kWh = NOTHING
) -> kgSb:
    """Abiotic depletion of elements of training's electricity (CML-IA, EN 15804)."""
    return training_abiotic_depletion_factor * training_energy


def deployment_abiotic_depletion(
    deployment_abiotic_depletion_factor: kgSb_per_kWh, deployment_energy: kWh = NOTHING
) -> kgSb:
    """Abiotic depletion of elements of the service's electricity (CML-IA, EN 15804)."""
    return deployment_abiotic_depletion_factor * deployment_energy


def abiotic_depletion_of_electricity(
    training_abiotic_depletion: kgSb = NOTHING, deployment_abiotic_depletion: kgSb = NOTHING
) -> kgSb:
    """Abiotic depletion of elements of electricity (sum over stages)."""
    return training_abiotic_depletion + deployment_abiotic_depletion


def abiotic_depletion_of_hardware(
    embodied_gpu_abiotic_depletion: kgSb,
    embodied_server_abiotic_depletion: kgSb,
    gpus_per_server: count,
    lifetime_hours: hour,
    training_gpu_hours: hour = NOTHING,
    deployment_gpu_hours: hour = NOTHING,
) -> kgSb:
    """Abiotic depletion of making GPUs and servers, for their hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return (
        (embodied_gpu_abiotic_depletion + embodied_server_abiotic_depletion / gpus_per_server)
        / lifetime_hours
        * (training_gpu_hours + deployment_gpu_hours)
    )


def total_abiotic_depletion(
    abiotic_depletion_of_electricity: kgSb = NOTHING, abiotic_depletion_of_hardware: kgSb = NOTHING
) -> kgSb:
    """Abiotic depletion of elements, as far as it is known (sum of its parts)."""
    return abiotic_depletion_of_electricity + abiotic_depletion_of_hardware
