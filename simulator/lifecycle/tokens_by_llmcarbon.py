"""Energy of a token as LLMCarbon has it: two operations a parameter, at the speed and the power of training."""

from simulator.units import flop, flop_per_second, kWh, one, second_per_hour, share, tdp

METHOD = 3


def energy_per_output_token(
    flop_per_parameter_and_output_token: flop,
    active_parameters: one,
    gpu_peak: flop_per_second,
    llmcarbon_efficiency: share,
    seconds_per_hour: second_per_hour,
    gpu_tdp: tdp,
) -> kWh:
    """Energy of the GPUs for one output token (Faiz et al. 2023, arXiv:2309.14393)."""
    return (
        flop_per_parameter_and_output_token
        * active_parameters
        / (gpu_peak * llmcarbon_efficiency * seconds_per_hour)
        * gpu_tdp
    )
