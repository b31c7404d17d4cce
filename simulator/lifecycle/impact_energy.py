"""Electricity in scope. That of making the hardware has no sourced value."""

from simulator.units import NOTHING, kWh


def total_energy(training_energy: kWh = NOTHING, deployment_energy: kWh = NOTHING) -> kWh:
    """Electricity of training and deployment (sum over stages)."""
    return training_energy + deployment_energy
