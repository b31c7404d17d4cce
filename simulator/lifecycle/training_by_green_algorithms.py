"""Energy of training as Green Algorithms has it: rated power times usage, and power of memory, with cooling."""

from simulator.units import GB, hour, kW_per_GB, kWh, pue, share, tdp

METHOD = 3


def training_energy(
    training_gpu_hours: hour,
    gpu_tdp: tdp,
    green_algorithms_usage: share,
    server_memory_per_gpu: GB,
    green_algorithms_memory_power: kW_per_GB,
    training_pue: pue,
) -> kWh:
    """Electricity of training (Lannelongue, Grealey, Inouye 2021, doi:10.1002/advs.202100707)."""
    return (
        training_gpu_hours
        * (gpu_tdp * green_algorithms_usage + server_memory_per_gpu * green_algorithms_memory_power)
        * training_pue
    )
