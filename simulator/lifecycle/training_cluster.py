"""The cluster that training takes: its embodied footprint, before any of it is spread, and by share of its life."""

from simulator.units import count, day, hour_per_day, hour_per_year, kgCO2e, one, year


def training_cluster_gpu_embodied(training_gpu_count: count, embodied_gpu: kgCO2e) -> kgCO2e:
    """Embodied footprint of every GPU of the cluster, before any of it is spread over hours (sum over GPUs)."""
    return training_gpu_count * embodied_gpu


def training_cluster_server_embodied(
    training_gpu_count: count, gpus_per_server: count, embodied_server: kgCO2e
) -> kgCO2e:
    """Embodied footprint of every server of the cluster, before any of it is spread over hours (sum over servers)."""
    return training_gpu_count / gpus_per_server * embodied_server


def training_cluster_embodied(
    training_cluster_gpu_embodied: kgCO2e, training_cluster_server_embodied: kgCO2e
) -> kgCO2e:
    """Embodied footprint of the cluster, before any of it is spread over hours (sum of its parts)."""
    return training_cluster_gpu_embodied + training_cluster_server_embodied


def training_cluster_life_share(
    training_days: day, hardware_lifetime: year, hours_per_day: hour_per_day, hours_per_year: hour_per_year
) -> one:
    """Share of the cluster's life that the final run took, busy or not (GHG Protocol Product Standard)."""
    return training_days * hours_per_day / (hardware_lifetime * hours_per_year)


def training_cluster_footprint(training_cluster_embodied: kgCO2e, training_cluster_life_share: one) -> kgCO2e:
    """Embodied footprint of the cluster by share of its life, idle hours left out (GHG Protocol Product Standard)."""
    return training_cluster_embodied * training_cluster_life_share
