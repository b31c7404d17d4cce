"""Embodied footprint of a server without GPUs as EcoLogits has it: one figure, for eight GPUs."""

from simulator.units import count, kgCO2e

METHOD = 2


def embodied_server(ecologits_server: kgCO2e, ecologits_server_gpus: count, gpus_per_server: count) -> kgCO2e:
    """Embodied footprint of a server without GPUs, by its GPUs (EcoLogits 0.11.3, doi:10.5281/zenodo.15601289)."""
    return ecologits_server / ecologits_server_gpus * gpus_per_server
