"""Energy of training as model cards and ML CO2 Impact have it: rated power times hours, with cooling."""

from simulator.units import hour, kWh, pue, tdp

METHOD = 2


def training_energy(training_gpu_hours: hour, gpu_tdp: tdp, training_pue: pue) -> kWh:
    """Electricity of training, GPUs at their rated power and no host (Lacoste et al. 2019, arXiv:1910.09700)."""
    return training_gpu_hours * gpu_tdp * training_pue
