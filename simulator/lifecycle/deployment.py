"""Deployment: electricity, the share of the hardware's embodied footprint, and what falls on a request."""

from simulator.lifecycle import Shown
from simulator.units import grid_intensity, hour, kgCO2e, kgCO2e_per_hour, kWh, one

SHOWN = {
    "deployment_footprint": Shown("deployment", share="deployment_share", stage="deployment"),
    "deployment_electricity_footprint": Shown("electricity", 1, stage="deployment"),
    "deployment_embodied_footprint": Shown("embodied", 1, stage="deployment"),
    "footprint_per_request": Shown("per request", per="request"),
    "electricity_footprint_per_request": Shown("electricity", 1, per="request"),
    "energy_per_request": Shown("energy per request", per="request"),
}


def deployment_electricity_footprint(deployment_energy: kWh, deployment_grid_intensity: grid_intensity) -> kgCO2e:
    """Footprint of the service's electricity (GHG Protocol Scope 2 Guidance)."""
    return deployment_energy * deployment_grid_intensity


def deployment_gpu_footprint(deployment_gpu_hours: hour, embodied_gpu_per_hour: kgCO2e_per_hour) -> kgCO2e:
    """Embodied footprint of the service's GPUs, for its hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_hours * embodied_gpu_per_hour


def deployment_server_footprint(deployment_gpu_hours: hour, embodied_server_per_gpu_hour: kgCO2e_per_hour) -> kgCO2e:
    """Embodied footprint of the service's servers, for its hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_hours * embodied_server_per_gpu_hour


def deployment_network_footprint(
    deployment_gpu_hours: hour, embodied_network_per_gpu_hour: kgCO2e_per_hour
) -> kgCO2e:
    """Network and storage, for the service's hours (ARCHER2 emissions tools documentation, scope 3, 2024)."""
    return deployment_gpu_hours * embodied_network_per_gpu_hour


def deployment_building_footprint(
    deployment_gpu_hours: hour, embodied_building_per_gpu_hour: kgCO2e_per_hour
) -> kgCO2e:
    """Construction of the data centre, for the service's hours (Schneider et al. 2025, arXiv:2502.01671)."""
    return deployment_gpu_hours * embodied_building_per_gpu_hour


def deployment_embodied_footprint(
    deployment_gpu_footprint: kgCO2e,
    deployment_server_footprint: kgCO2e,
    deployment_network_footprint: kgCO2e,
    deployment_building_footprint: kgCO2e,
) -> kgCO2e:
    """Embodied footprint of all hardware of the service and of its building, for its hours (sum of its parts)."""
    return (
        deployment_gpu_footprint
        + deployment_server_footprint
        + deployment_network_footprint
        + deployment_building_footprint
    )


def deployment_footprint(deployment_electricity_footprint: kgCO2e, deployment_embodied_footprint: kgCO2e) -> kgCO2e:
    """Footprint of deployment, electricity and embodied (ISO 14040)."""
    return deployment_electricity_footprint + deployment_embodied_footprint


def energy_per_request(deployment_energy: kWh, deployment_requests: one) -> kWh:
    """Electricity of one request, idle hours included (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_energy / deployment_requests


def electricity_footprint_per_request(deployment_electricity_footprint: kgCO2e, deployment_requests: one) -> kgCO2e:
    """Footprint of the electricity of one request (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_electricity_footprint / deployment_requests


def footprint_per_request(deployment_footprint: kgCO2e, deployment_requests: one) -> kgCO2e:
    """Footprint of one request, electricity and embodied (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_footprint / deployment_requests
