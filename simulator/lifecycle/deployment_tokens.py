"""Deployment from tokens: each step of decoding costs as much for one request as for all that run at once.

The step, in which the weights are read, is a baseline; a token adds its own. So few requests at once, or a service
that waits for them, make each token dear. A mixture of experts reads more of them the more requests run. Fitted in
`evidence/fit_tokens.py`; what the fit leaves open is a factor for the model, and one for the machines and software.
"""

import numpy as np

from simulator.lifecycle import Shown
from simulator.units import count, fraction_of_tdp, hour, kWh, one, overhead, parameters_used, pue, share, tdp

SHOWN = {
    "energy_per_output_token": Shown("energy per token, GPUs", per="output token"),
    "deployment_energy": Shown("deployment energy"),
}


def all_parameters(active_parameters: parameters_used, total_parameters: one) -> one:
    """Parameters of a model, no fewer than a token uses where the two are drawn apart (definition)."""
    return np.maximum(total_parameters, active_parameters)


def parameters_read(active_parameters: parameters_used, all_parameters: one, batch_size: one) -> one:
    """Parameters that a step reads: all but experts that none of the requests calls, each at random (probability)."""
    return all_parameters - (all_parameters - active_parameters) * (1.0 - active_parameters / all_parameters) ** (
        np.maximum(batch_size, 1.0) - 1.0
    )


def reading_energy(
    step_energy_coefficient: kWh, bytes_per_weight: count, reference_parameters: one, machine_energy_ratio: one
) -> kWh:
    """Energy of the accelerators to read one parameter in a step of decoding (evidence/fit_tokens.py)."""
    return step_energy_coefficient * bytes_per_weight / reference_parameters * machine_energy_ratio


def step_energy(reading_energy: kWh, parameters_read: one) -> kWh:
    """Energy of the accelerators for one step of decoding, whoever shares it (evidence/fit_tokens.py)."""
    return reading_energy * parameters_read


def context_tokens(prompt_tokens: one, output_tokens: one, share_before_token: share) -> one:
    """Tokens before an output token, mean over the answer (the prompt, and half of the answer)."""
    return prompt_tokens + share_before_token * output_tokens


def token_energy(
    token_energy_coefficient: kWh,
    active_parameters: parameters_used,
    reference_parameters: one,
    token_energy_exponent: one,
    context_energy_slope: one,
    context_tokens: one,
    machine_energy_ratio: one,
) -> kWh:
    """Energy of the accelerators that each output token adds, its context read (evidence/fit_tokens.py)."""
    return (
        token_energy_coefficient
        * (active_parameters / reference_parameters) ** token_energy_exponent
        * (1.0 + context_energy_slope * context_tokens)
        * machine_energy_ratio
    )


def energy_per_output_token(
    step_energy: kWh, batch_size: one, token_energy: kWh, token_energy_discrepancy: one
) -> kWh:
    """Energy of the accelerators for one output token, its part of the step included (evidence/fit_tokens.py)."""
    return (step_energy / batch_size + token_energy) * token_energy_discrepancy


def step_share(step_energy: kWh, batch_size: one, token_energy: kWh) -> one:
    """Share of the accelerators' energy that is drawn whether or not another request runs (ratio)."""
    return step_energy / (step_energy + token_energy * batch_size)


def request_tokens(output_tokens: one, prompt_tokens: one, prefill_ratio: one) -> one:
    """Output tokens that cost as much as a request, prompt included (Ruf and Detyniecki, HotCarbon 2026)."""
    return output_tokens + prefill_ratio * prompt_tokens


def deployment_accelerator_energy(deployment_requests: one, request_tokens: one, energy_per_output_token: kWh) -> kWh:
    """Electricity of the accelerators that answer (sum over tokens)."""
    return deployment_requests * request_tokens * energy_per_output_token


def deployment_it_energy(deployment_accelerator_energy: kWh, serving_overhead: overhead) -> kWh:
    """Electricity of all machines, hosts and spare ones included (Elsworth et al. 2025, arXiv:2508.15734)."""
    return deployment_accelerator_energy * serving_overhead


def deployment_gpu_hours(
    deployment_accelerator_energy: kWh, gpu_tdp: tdp, deployment_tdp_fraction: fraction_of_tdp, mean_power_ratio: one
) -> hour:
    """GPU-hours that answering takes, hours of waiting included where there are any (energy over mean power)."""
    return deployment_accelerator_energy / (gpu_tdp * deployment_tdp_fraction * mean_power_ratio)


def deployment_energy(deployment_it_energy: kWh, deployment_pue: pue) -> kWh:
    """Electricity that the data centre draws for the fleet, cooling and losses included (ISO/IEC 30134-2)."""
    return deployment_it_energy * deployment_pue
