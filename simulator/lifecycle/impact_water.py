"""Water consumed: on the site, at the plants that make the electricity, and in making GPUs."""

from simulator.lifecycle import Shown
from simulator.units import NOTHING, hour, kWh, litre, litre_per_kWh

SHOWN = {
    "total_water": Shown("water"),
    "water_on_site": Shown("on site", 1),
    "water_at_plants": Shown("at power plants", 1),
    "water_of_gpus": Shown("GPUs", 1),
}
LEFT_OUT = "embodied footprint of servers, network, storage and buildings"


def training_water_on_site(water_use_on_site: litre_per_kWh, training_it_energy: kWh = NOTHING) -> litre:
    """Water that cools the machines of training (ISO/IEC 30134-9)."""
    return water_use_on_site * training_it_energy


def training_water_at_plants(training_water_intensity: litre_per_kWh, training_energy: kWh = NOTHING) -> litre:
    """Water consumed in making training's electricity (Li et al. 2025, arXiv:2304.03271)."""
    return training_water_intensity * training_energy


def deployment_water_on_site(water_use_on_site: litre_per_kWh, deployment_it_energy: kWh = NOTHING) -> litre:
    """Water that cools the machines of the service (ISO/IEC 30134-9)."""
    return water_use_on_site * deployment_it_energy


def deployment_water_at_plants(deployment_water_intensity: litre_per_kWh, deployment_energy: kWh = NOTHING) -> litre:
    """Water consumed in making the service's electricity (Li et al. 2025, arXiv:2304.03271)."""
    return deployment_water_intensity * deployment_energy


def water_of_gpus(
    embodied_gpu_water: litre,
    lifetime_hours: hour,
    training_gpu_hours: hour = NOTHING,
    deployment_gpu_hours: hour = NOTHING,
) -> litre:
    """Water of making the GPUs, for their hours in scope (Morrison et al. 2025, arXiv:2503.05804)."""
    return embodied_gpu_water / lifetime_hours * (training_gpu_hours + deployment_gpu_hours)


def water_on_site(training_water_on_site: litre = NOTHING, deployment_water_on_site: litre = NOTHING) -> litre:
    """Water that cools machines (sum over stages)."""
    return training_water_on_site + deployment_water_on_site


def water_at_plants(training_water_at_plants: litre = NOTHING, deployment_water_at_plants: litre = NOTHING) -> litre:
    """Water consumed in making electricity (sum over stages)."""
    return training_water_at_plants + deployment_water_at_plants


def total_water(
    water_on_site: litre = NOTHING, water_at_plants: litre = NOTHING, water_of_gpus: litre = NOTHING
) -> litre:
    """Water consumed, as far as it is known (sum of its parts)."""
    return water_on_site + water_at_plants + water_of_gpus
