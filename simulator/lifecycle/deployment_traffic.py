"""Requests that run at once, from the traffic: few requests make small batches, and between them a copy waits.

What a copy draws is a baseline, less while it waits; to it comes what each token adds (`deployment_tokens`).
"""

import numpy as np

from simulator.units import count, fraction_of_tdp, hour, kWh, one, parameters_used, per_hour, share, tdp


def step_time(
    reading_energy: kWh,
    active_parameters: parameters_used,
    token_energy_discrepancy: one,
    replica_gpu_count: count,
    gpu_tdp: tdp,
    deployment_tdp_fraction: fraction_of_tdp,
) -> hour:
    """Time of a step of decoding for one request, from its energy and the power of a copy (energy over power)."""
    return (
        reading_energy
        * active_parameters
        * token_energy_discrepancy
        / (replica_gpu_count * gpu_tdp * deployment_tdp_fraction)
    )


def lone_requests(requests_per_hour: per_hour, request_tokens: one, step_time: hour, replica_count: one) -> one:
    """Requests at once on a copy if a step took as long as for one (Little 1961, doi:10.1287/opre.9.3.383)."""
    return requests_per_hour * request_tokens * step_time / replica_count


def concurrent_requests(lone_requests: one, active_parameters: parameters_used, all_parameters: one) -> one:
    """Requests at once, mean over all hours; a step for more than one is taken to read all experts (Little 1961)."""
    return lone_requests * (all_parameters / active_parameters) ** (lone_requests > 1.0)


def mean_power_ratio(concurrent_requests: one, waiting_power_ratio: share) -> one:
    """Mean power over that of a step; it waits for exp(-mean) of the time (queue M/G/∞; Takács 1962)."""
    return 1.0 - (1.0 - waiting_power_ratio) * np.exp(-concurrent_requests)


def batch_size(concurrent_requests: one, mean_power_ratio: one) -> one:
    """Requests that share what a copy draws: fewer than one where it waits for most of the time (ratio)."""
    return concurrent_requests / mean_power_ratio
