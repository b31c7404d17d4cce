"""The PERT family: a beta with a mode."""

from simulator.distributions.beta import beta
from simulator.distributions.family import Distribution, Family, require_positive
from simulator.distributions.triangular import forms_with_mode, require_mode


def pert(low: float, mode: float, high: float, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution: a beta on [`low`, `high`] with this mode (Vose 2000; `shape` is lambda)."""
    require_mode(low, mode, high)
    require_positive(shape=shape)
    rise = (mode - low) / (high - low)
    return beta(1 + shape * rise, 1 + shape * (1 - rise), low, high)


FAMILY = Family(forms_with_mode(pert), ("shape",))
