"""Training from its energy as reported: it replaces the chain from hours of GPUs to energy; hardware is left out."""

from simulator.lifecycle import Shown
from simulator.units import grid_intensity, kgCO2e, kWh, pue

SHOWN = {
    "training_footprint": Shown("training", share="training_share", stage="training"),
    "training_electricity_footprint": Shown("electricity", 1, stage="training"),
    "training_energy": Shown("training energy"),
}


def training_it_energy(training_reported_energy: kWh, training_reported_pue: pue) -> kWh:
    """Electricity of the servers: as reported, over the PUE that is in the report's figure (ISO/IEC 30134-2)."""
    return training_reported_energy / training_reported_pue


def training_energy(training_it_energy: kWh, training_pue: pue) -> kWh:
    """Electricity that the data centre draws, cooling and losses included (ISO/IEC 30134-2)."""
    return training_it_energy * training_pue


def training_electricity_footprint(training_energy: kWh, training_grid_intensity: grid_intensity) -> kgCO2e:
    """Footprint of the electricity of training (GHG Protocol Scope 2 Guidance)."""
    return training_energy * training_grid_intensity


def training_footprint(training_electricity_footprint: kgCO2e) -> kgCO2e:
    """Footprint of training as far as it was reported, electricity alone (ISO 14040)."""
    return training_electricity_footprint
