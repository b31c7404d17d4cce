"""Electricity in scope. That of making the hardware has no sourced value."""

from simulator.lifecycle import Shown
from simulator.units import NOTHING, kWh

SHOWN = {"total_energy": Shown("all electricity")}
LEFT_OUT = "embodied"


def total_energy(training_energy: kWh = NOTHING, deployment_energy: kWh = NOTHING) -> kWh:
    """Electricity of training and deployment (sum over stages)."""
    return training_energy + deployment_energy
