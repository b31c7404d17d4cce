"""Energy of a token as EcoLogits has it: a line in the active parameters, for each GPU that the weights take."""

import numpy as np

from simulator.units import GB, count, hour, kW, kWh, one, overhead

METHOD = 2


def ecologits_gpus(total_parameters: one, ecologits_parameter_memory: GB, ecologits_gpu_memory: GB) -> one:
    """GPUs that hold the weights, a power of two (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return np.exp2(np.ceil(np.log2(np.ceil(total_parameters * ecologits_parameter_memory / ecologits_gpu_memory))))


def ecologits_gpu_energy(
    ecologits_gpus: one,
    active_parameters: one,
    reference_parameters: one,
    ecologits_batch_size: count,
    ecologits_energy_slope: kWh,
    ecologits_energy_decay: one,
    ecologits_energy_base: kWh,
) -> kWh:
    """Energy of the GPUs for one output token (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return ecologits_gpus * (
        ecologits_energy_slope
        * np.exp(-ecologits_energy_decay * ecologits_batch_size)
        * (active_parameters / reference_parameters)
        + ecologits_energy_base
    )


def energy_per_output_token(ecologits_gpu_energy: kWh) -> kWh:
    """Energy of the GPUs for one output token, by this method (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return ecologits_gpu_energy


def ecologits_token_time(
    active_parameters: one,
    reference_parameters: one,
    ecologits_batch_size: count,
    ecologits_time_slope: hour,
    ecologits_time_batch: hour,
    ecologits_time_base: hour,
) -> hour:
    """Time of one output token (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return (
        ecologits_time_slope * (active_parameters / reference_parameters)
        + ecologits_time_batch * ecologits_batch_size
        + ecologits_time_base
    )


def ecologits_server_energy(
    ecologits_token_time: hour,
    ecologits_server_power: kW,
    ecologits_gpus: one,
    ecologits_server_gpus: count,
    ecologits_batch_size: count,
) -> kWh:
    """Energy of the servers without GPUs for one output token (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return (
        ecologits_token_time * ecologits_server_power * ecologits_gpus / ecologits_server_gpus / ecologits_batch_size
    )


def ecologits_overhead(ecologits_server_energy: kWh, ecologits_gpu_energy: kWh) -> overhead:
    """Energy of servers and GPUs over that of the GPUs (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return 1.0 + ecologits_server_energy / ecologits_gpu_energy
