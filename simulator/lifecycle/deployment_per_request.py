"""Deployment from an energy per request as reported, hosts, idling and PUE included: it replaces their chain."""

from simulator.lifecycle import Shown
from simulator.units import grid_intensity, kgCO2e, kWh, one

SHOWN = {
    "deployment_footprint": Shown("deployment", share="deployment_share", stage="deployment"),
    "deployment_electricity_footprint": Shown("electricity", 1, stage="deployment"),
    "footprint_per_request": Shown("per request", per="request"),
    "energy_per_request": Shown("energy per request", per="request"),
    "deployment_energy": Shown("deployment energy"),
}


def deployment_energy(reported_energy_per_request: kWh, deployment_requests: one) -> kWh:
    """Electricity of the service, data centre included, as reported (Elsworth et al. 2025, arXiv:2508.15734)."""
    return reported_energy_per_request * deployment_requests


def deployment_electricity_footprint(deployment_energy: kWh, deployment_grid_intensity: grid_intensity) -> kgCO2e:
    """Footprint of the service's electricity (GHG Protocol Scope 2 Guidance)."""
    return deployment_energy * deployment_grid_intensity


def deployment_footprint(deployment_electricity_footprint: kgCO2e) -> kgCO2e:
    """Footprint of deployment as far as it was reported, electricity alone (ISO 14040)."""
    return deployment_electricity_footprint


def energy_per_request(reported_energy_per_request: kWh) -> kWh:
    """Electricity of one request as reported (Elsworth et al. 2025, arXiv:2508.15734)."""
    return reported_energy_per_request


def footprint_per_request(deployment_footprint: kgCO2e, deployment_requests: one) -> kgCO2e:
    """Footprint of one request, electricity alone (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_footprint / deployment_requests
