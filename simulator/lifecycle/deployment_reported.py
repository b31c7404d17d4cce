"""Deployment from a footprint a day that was reported: it replaces the chain from power to footprint."""

from simulator.units import day, hour, hour_per_day, kg, kg_per_day, one, per_hour


def deployment_electricity_footprint(deployment_reported_footprint: kg_per_day, deployment_days: day) -> kg:
    """Footprint of the service's electricity as reported a day (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_reported_footprint * deployment_days


def deployment_footprint(deployment_electricity_footprint: kg) -> kg:
    """Footprint of deployment as reported, electricity alone (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_electricity_footprint


def deployment_hours(deployment_days: day, hours_per_day: hour_per_day) -> hour:
    """Hours that the service is up (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_days * hours_per_day


def deployment_requests(requests_per_hour: per_hour, deployment_hours: hour) -> one:
    """Requests that the service answers (Luccioni et al. 2023, arXiv:2211.02001)."""
    return requests_per_hour * deployment_hours


def footprint_per_request(deployment_footprint: kg, deployment_requests: one) -> kg:
    """Footprint of one request, as far as it was reported (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_footprint / deployment_requests
