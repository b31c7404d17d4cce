"""Energy of training as LLMCarbon has it: operations over throughput, times the power of the system, with cooling."""

from simulator.units import flop, flop_per_second, kW, kWh, pue, second_per_hour, share

METHOD = 4


def training_energy(
    training_flop: flop,
    gpu_peak: flop_per_second,
    llmcarbon_efficiency: share,
    seconds_per_hour: second_per_hour,
    training_system_power: kW,
    training_pue: pue,
) -> kWh:
    """Electricity of training, mean power given for a GPU with its host (Faiz et al. 2023, arXiv:2309.14393)."""
    return training_flop / (gpu_peak * llmcarbon_efficiency * seconds_per_hour) * training_system_power * training_pue
