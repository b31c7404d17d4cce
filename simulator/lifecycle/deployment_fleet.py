"""Deployment by a fleet of GPUs that is kept for a number of days and answers requests at some rate."""

from simulator.lifecycle import Shown
from simulator.units import count, fraction_of_tdp, hour, kW, kWh, overhead, pue, tdp

SHOWN = {"deployment_energy": Shown("deployment energy")}


def deployment_gpu_hours(deployment_gpu_count: count, deployment_hours: hour) -> hour:
    """GPU-hours of the fleet, busy or idle (Luccioni et al. 2023, arXiv:2211.02001)."""
    return deployment_gpu_count * deployment_hours


def deployment_gpu_power(gpu_tdp: tdp, deployment_tdp_fraction: fraction_of_tdp) -> kW:
    """Mean power of one GPU of the fleet, idle hours included (Luccioni et al. 2023, arXiv:2211.02001)."""
    return gpu_tdp * deployment_tdp_fraction


def deployment_it_energy(
    deployment_gpu_hours: hour, deployment_gpu_power: kW, deployment_host_overhead: overhead
) -> kWh:
    """Electricity that the fleet's servers draw (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_gpu_hours * deployment_gpu_power * deployment_host_overhead


def deployment_energy(deployment_it_energy: kWh, deployment_pue: pue) -> kWh:
    """Electricity that the data centre draws for the fleet, cooling and losses included (ISO/IEC 30134-2)."""
    return deployment_it_energy * deployment_pue
