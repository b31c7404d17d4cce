"""Requests from the days that a service is up and the rate at which they come."""

from simulator.units import day, hour, hour_per_day, one, per_hour


def deployment_hours(deployment_days: day, hours_per_day: hour_per_day) -> hour:
    """Hours that the service is up (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_days * hours_per_day


def deployment_requests(requests_per_hour: per_hour, deployment_hours: hour) -> one:
    """Requests that the service answers (Luccioni et al. 2023, arXiv:2211.02001)."""
    return requests_per_hour * deployment_hours
