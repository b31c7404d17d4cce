"""The table of families, and distributions built from a family and its parameters."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from simulator.distributions import (
    beta,
    discrete,
    gamma,
    log_uniform,
    lognormal,
    metalog,
    mixture,
    normal,
    pert,
    student_t,
    triangular,
    uniform,
)
from simulator.distributions.compound import fit_truncated, truncate
from simulator.distributions.family import ANY_MORE, QUANTILE, Distribution, Family, read_quantiles

FAMILIES: Mapping[str, Family] = {
    "fixed": discrete.FIXED,
    "uniform": uniform.FAMILY,
    "log-uniform": log_uniform.FAMILY,
    "triangular": triangular.FAMILY,
    "pert": pert.FAMILY,
    "normal": normal.FAMILY,
    "student-t": student_t.FAMILY,
    "lognormal": lognormal.FAMILY,
    "gamma": gamma.FAMILY,
    "beta": beta.FAMILY,
    "metalog": metalog.FAMILY,
    "discrete": discrete.FAMILY,
    "empirical": discrete.EMPIRICAL,
    "mixture": mixture.FAMILY,
}


def build_distribution(
    family: str, parameters: Mapping[str, Any], bounds: tuple[float, float] | None = None
) -> Distribution:
    """Build a distribution from its family's name and the parameters that a file gives.

    The parameters are one of the family's forms, with any of its options. `bounds` truncate to an interval; infinite
    ends are open. ValueError, which says what is needed, if the parameters are not a form of the family or are out
    of range.
    """
    forms, options = FAMILIES[family]
    names = [name for name in parameters if QUANTILE.fullmatch(name)]
    others = {name: value for name, value in parameters.items() if name not in names}
    for form, build in forms.items():
        wanted = [name for name in form if QUANTILE.fullmatch(name)]
        enough = len(names) >= len(wanted) if ANY_MORE in form else len(names) == len(wanted)
        if enough and others.keys() - options == set(form) - {*wanted, ANY_MORE}:
            fit = partial(build, **others)
            if names:
                quantiles = read_quantiles({name: parameters[name] for name in names})
                return fit(quantiles) if bounds is None else fit_truncated(fit, quantiles, bounds)
            return fit() if bounds is None else truncate(fit(), *bounds)
    given = [name for name in parameters if name not in options]
    needed = "; or ".join(", ".join(form) for form in forms)
    raise ValueError(f"{family} needs {needed}; got {', '.join(sorted(given)) or 'nothing'}")
