"""Requests that run at once, from the traffic: few requests make small batches, and between them a copy waits.

What a copy draws is a baseline, less while it waits; to it comes what each token adds (`deployment_tokens`).
"""

import numpy as np

from simulator.units import count, fraction_of_tdp, hour, kWh, one, per_hour, share, tdp


def step_time(
    step_energy: kWh,
    token_energy_discrepancy: one,
    replica_gpu_count: count,
    gpu_tdp: tdp,
    deployment_tdp_fraction: fraction_of_tdp,
) -> hour:
    """Time of one step of decoding, from its energy and the power of the GPUs of one copy (energy over power)."""
    return step_energy * token_energy_discrepancy / (replica_gpu_count * gpu_tdp * deployment_tdp_fraction)


def concurrent_requests(requests_per_hour: per_hour, request_tokens: one, step_time: hour, replica_count: one) -> one:
    """Requests at once on a copy of the model, mean over all hours (Little 1961, doi:10.1287/opre.9.3.383)."""
    return requests_per_hour * request_tokens * step_time / replica_count


def mean_power_ratio(concurrent_requests: one, waiting_power_ratio: share) -> one:
    """Mean power over that of a step; it waits for exp(-mean) of the time (queue M/G/∞; Takács 1962)."""
    return 1.0 - (1.0 - waiting_power_ratio) * np.exp(-concurrent_requests)


def batch_size(concurrent_requests: one, mean_power_ratio: one) -> one:
    """Requests that share what a copy draws: fewer than one where it waits for most of the time (ratio)."""
    return concurrent_requests / mean_power_ratio
