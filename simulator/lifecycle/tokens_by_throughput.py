"""Energy of a token from the throughput of a copy of the model: power over tokens a second."""

from simulator.units import count, fraction_of_tdp, kWh, per_second, second_per_hour, tdp

METHOD = 4


def energy_per_output_token(
    replica_gpu_count: count,
    gpu_tdp: tdp,
    deployment_tdp_fraction: fraction_of_tdp,
    tokens_per_second: per_second,
    seconds_per_hour: second_per_hour,
) -> kWh:
    """Energy of the GPUs for one output token of all that run at once (Oviedo et al. 2026, arXiv:2509.20241)."""
    return replica_gpu_count * gpu_tdp * deployment_tdp_fraction / (tokens_per_second * seconds_per_hour)
