"""Experiments and failed runs from their share of all hours."""

from simulator.units import one, share


def training_development_ratio(training_development_share: share) -> one:
    """Hours before the final run over its own, from their share of all hours (algebra)."""
    return training_development_share / (1.0 - training_development_share)
