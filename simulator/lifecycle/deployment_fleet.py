"""Deployment by a fleet of GPUs that is kept for a number of days and answers requests at some rate."""

from simulator.units import day, hour, hour_per_day, kg, kg_per_hour, kg_per_kWh, kW, kWh, one, per_hour


def deployment_hours(deployment_days: day, hours_per_day: hour_per_day) -> hour:
    """Hours that the service is up (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_days * hours_per_day


def deployment_gpu_hours(deployment_gpu_count: one, deployment_hours: hour) -> hour:
    """GPU-hours of the fleet, busy or idle (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_count * deployment_hours


def deployment_gpu_power(gpu_tdp: kW, deployment_tdp_fraction: one) -> kW:
    """Mean power of one GPU of the fleet, idle hours included (Luccioni et al. 2023, arXiv:2211.02001)."""
    return gpu_tdp * deployment_tdp_fraction


def deployment_it_energy(deployment_gpu_hours: hour, deployment_gpu_power: kW, deployment_host_overhead: one) -> kWh:
    """Electricity that the fleet's servers draw (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_gpu_hours * deployment_gpu_power * deployment_host_overhead


def deployment_energy(deployment_it_energy: kWh, deployment_pue: one) -> kWh:
    """Electricity that the data centre draws for the fleet, cooling and losses included (ISO/IEC 30134-2)."""
    return deployment_it_energy * deployment_pue


def deployment_electricity_footprint(deployment_energy: kWh, deployment_grid_intensity: kg_per_kWh) -> kg:
    """Footprint of the fleet's electricity (GHG Protocol Scope 2 Guidance)."""
    return deployment_energy * deployment_grid_intensity


def deployment_gpu_footprint(deployment_gpu_hours: hour, embodied_gpu_per_hour: kg_per_hour) -> kg:
    """Manufacture of the fleet's GPUs, for its hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_hours * embodied_gpu_per_hour


def deployment_server_footprint(deployment_gpu_hours: hour, embodied_server_per_gpu_hour: kg_per_hour) -> kg:
    """Manufacture of the fleet's servers, for its hours (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_hours * embodied_server_per_gpu_hour


def deployment_network_footprint(deployment_gpu_hours: hour, embodied_network_per_gpu_hour: kg_per_hour) -> kg:
    """Network and storage, for the fleet's hours (ARCHER2 emissions tools documentation, scope 3, 2024)."""
    return deployment_gpu_hours * embodied_network_per_gpu_hour


def deployment_manufacture_footprint(
    deployment_gpu_footprint: kg, deployment_server_footprint: kg, deployment_network_footprint: kg
) -> kg:
    """Manufacture of all the fleet's hardware, for its hours (sum of its parts)."""
    return deployment_gpu_footprint + deployment_server_footprint + deployment_network_footprint


def deployment_footprint(deployment_electricity_footprint: kg, deployment_manufacture_footprint: kg) -> kg:
    """Footprint of deployment, electricity and manufacture (ISO 14040)."""
    return deployment_electricity_footprint + deployment_manufacture_footprint


def deployment_requests(requests_per_hour: per_hour, deployment_hours: hour) -> one:
    """Requests that the service answers (Luccioni et al. 2023, arXiv:2211.02001)."""
    return requests_per_hour * deployment_hours


def energy_per_request(deployment_energy: kWh, deployment_requests: one) -> kWh:
    """Electricity of one request, idle hours included (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_energy / deployment_requests


def electricity_footprint_per_request(deployment_electricity_footprint: kg, deployment_requests: one) -> kg:
    """Footprint of the electricity of one request (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_electricity_footprint / deployment_requests


def footprint_per_request(deployment_footprint: kg, deployment_requests: one) -> kg:
    """Footprint of one request, electricity and manufacture (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_footprint / deployment_requests
