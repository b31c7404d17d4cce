"""Deployment from a footprint a day that was reported: it replaces the chain from power to footprint."""

from simulator.lifecycle import Shown
from simulator.units import day, kgCO2e, kgCO2e_per_day, one

SHOWN = {
    "deployment_footprint": Shown("deployment", share="deployment_share", stage="deployment"),
    "deployment_electricity_footprint": Shown("electricity", 1, stage="deployment"),
    "footprint_per_request": Shown("per request", per="request"),
}


def deployment_electricity_footprint(deployment_reported_footprint: kgCO2e_per_day, deployment_days: day) -> kgCO2e:
    """Footprint of the service's electricity as reported a day (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_reported_footprint * deployment_days


def deployment_footprint(deployment_electricity_footprint: kgCO2e) -> kgCO2e:
    """Footprint of deployment as reported, electricity alone (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_electricity_footprint


def footprint_per_request(deployment_footprint: kgCO2e, deployment_requests: one) -> kgCO2e:
    """Footprint of one request, as far as it was reported (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_footprint / deployment_requests
