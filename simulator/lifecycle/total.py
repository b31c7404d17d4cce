"""The lifecycle's total, cut by stage and by component. A stage that a scenario leaves out adds nothing."""

from simulator.lifecycle import Shown
from simulator.units import NOTHING, kgCO2e, one

SHOWN = {
    "total_footprint": Shown("total"),
    "electricity_footprint": Shown("electricity", 1, share="electricity_share"),
    "embodied_footprint": Shown("embodied", 1, share="embodied_share"),
    "server_footprint": Shown("servers", 2, share="server_share"),
    "gpu_footprint": Shown("GPUs", 2, share="gpu_share"),
    "network_footprint": Shown("network, storage", 2, share="network_share"),
}


def total_footprint(
    training_footprint: kgCO2e = NOTHING, deployment_footprint: kgCO2e = NOTHING, gases_footprint: kgCO2e = NOTHING
) -> kgCO2e:
    """Footprint of the stages in scope, and of gases emitted on site (ISO 14040)."""
    return training_footprint + deployment_footprint + gases_footprint


def electricity_footprint(
    training_electricity_footprint: kgCO2e = NOTHING, deployment_electricity_footprint: kgCO2e = NOTHING
) -> kgCO2e:
    """Footprint of all electricity in scope (sum over stages)."""
    return training_electricity_footprint + deployment_electricity_footprint


def embodied_footprint(
    training_embodied_footprint: kgCO2e = NOTHING, deployment_embodied_footprint: kgCO2e = NOTHING
) -> kgCO2e:
    """Footprint of all hardware and buildings in scope, embodied (sum over stages)."""
    return training_embodied_footprint + deployment_embodied_footprint


def gpu_footprint(training_gpu_footprint: kgCO2e = NOTHING, deployment_gpu_footprint: kgCO2e = NOTHING) -> kgCO2e:
    """Embodied footprint of GPUs in scope (sum over stages)."""
    return training_gpu_footprint + deployment_gpu_footprint


def server_footprint(
    training_server_footprint: kgCO2e = NOTHING, deployment_server_footprint: kgCO2e = NOTHING
) -> kgCO2e:
    """Embodied footprint of servers in scope (sum over stages)."""
    return training_server_footprint + deployment_server_footprint


def network_footprint(
    training_network_footprint: kgCO2e = NOTHING, deployment_network_footprint: kgCO2e = NOTHING
) -> kgCO2e:
    """Embodied footprint of network and storage in scope (sum over stages)."""
    return training_network_footprint + deployment_network_footprint


def training_share(total_footprint: kgCO2e, training_footprint: kgCO2e = NOTHING) -> one:
    """Share of training in the total (ratio)."""
    return training_footprint / total_footprint


def deployment_share(total_footprint: kgCO2e, deployment_footprint: kgCO2e = NOTHING) -> one:
    """Share of deployment in the total (ratio)."""
    return deployment_footprint / total_footprint


def electricity_share(electricity_footprint: kgCO2e, total_footprint: kgCO2e) -> one:
    """Share of electricity in the total (ratio)."""
    return electricity_footprint / total_footprint


def embodied_share(embodied_footprint: kgCO2e, total_footprint: kgCO2e) -> one:
    """Share of the embodied footprint in the total (ratio)."""
    return embodied_footprint / total_footprint


def gpu_share(gpu_footprint: kgCO2e, total_footprint: kgCO2e) -> one:
    """Share of the embodied footprint of GPUs in the total (ratio)."""
    return gpu_footprint / total_footprint


def server_share(server_footprint: kgCO2e, total_footprint: kgCO2e) -> one:
    """Share of the embodied footprint of servers in the total (ratio)."""
    return server_footprint / total_footprint


def network_share(network_footprint: kgCO2e, total_footprint: kgCO2e) -> one:
    """Share of the embodied footprint of network and storage in the total (ratio)."""
    return network_footprint / total_footprint
