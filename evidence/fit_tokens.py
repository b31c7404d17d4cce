"""Fit the energy of an output token to measurements, and say how far it is off for models that it has not seen.

    python evidence/fit_tokens.py

A step of decoding reads the weights once for all requests that run; each token adds its own work. So, in joules,

    energy = step * (size / 1e9) ** step_exponent / batch + token * (size / 1e9) ** token_exponent

where the size is the geometric mean of the parameters that a token uses and of all: a mixture of experts reads more
of them the more requests run. The four numbers are the least squares of the logarithm. The discrepancy is lognormal,
and its spread the root mean square of the errors for each model when the fit is made without it.
"""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

FILE = Path(__file__).with_name("energy_per_token.csv")
START = (-0.5, 0.9, -4.0, 0.7)  # logarithms of the two coefficients, and the exponents
NAMES = ("step_energy_coefficient", "step_energy_exponent", "token_energy_coefficient", "token_energy_exponent")
PROBABILITY, REACH = 0.9, 1.6448536269514722
type Array = NDArray[np.float64]


def measurements() -> tuple[NDArray[np.str_], Array, Array, Array]:
    """Return model, effective parameters in billions, batch size and joules per output token, each of shape (70,)."""
    with FILE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    numbers = ("active_billion", "total_billion", "batch_size", "joule_per_output_token")
    number = {key: np.array([float(row[key]) for row in rows]) for key in numbers}
    size = np.sqrt(number["active_billion"] * number["total_billion"])
    return np.array([row["model"] for row in rows]), size, number["batch_size"], number["joule_per_output_token"]


def predicted(parameters: Array, size: Array, batch: Array) -> Array:
    """Return the logarithm of the joules of an output token."""
    step, step_exponent, token, token_exponent = parameters
    return np.log(np.exp(step) * size**step_exponent / batch + np.exp(token) * size**token_exponent)


def fit(size: Array, batch: Array, joules: Array) -> Array:
    """Return the parameters of `predicted`, of shape (4,)."""
    return np.asarray(least_squares(lambda p: predicted(p, size, batch) - np.log(joules), START).x)


def errors_of_unseen(models: NDArray[np.str_], size: Array, batch: Array, joules: Array) -> Array:
    """Return measured over predicted, as a logarithm, each model predicted by a fit without it."""
    errors = np.empty(len(joules))
    for model in set(models):
        out = models == model
        without = fit(size[~out], batch[~out], joules[~out])
        errors[out] = np.log(joules[out]) - predicted(without, size[out], batch[out])
    return errors


def spread(errors: Array) -> float:
    """Return the standard deviation of the logarithm of the discrepancy, about 0."""
    return float(np.sqrt((errors**2).mean()))


def coverage() -> float:
    """Return the share of measurements that the 90 % interval holds when fit and spread have not seen their model."""
    models, size, batch, joules = measurements()
    errors = errors_of_unseen(models, size, batch, joules)
    held = np.empty(len(joules), dtype=bool)
    for model in set(models):
        out = models == model
        rest = errors_of_unseen(models[~out], size[~out], batch[~out], joules[~out])
        held[out] = np.abs(errors[out]) <= REACH * spread(rest)
    return float(held.mean())


def main() -> None:
    models, size, batch, joules = measurements()
    found = fit(size, batch, joules)
    for name, value in zip(NAMES, np.where([True, False] * 2, np.exp(found), found), strict=True):
        print(f"{name:26s} {value:.4g}")
    deviation = spread(errors_of_unseen(models, size, batch, joules))
    print(f"token_energy_discrepancy   median 1, gsd {np.exp(deviation):.4g}")
    print(
        f"{len(set(models))} models, {len(joules)} measurements; {PROBABILITY:.0%} interval x/÷ "
        f"{np.exp(REACH * deviation):.3g} holds {coverage():.1%} of those of models that were left out"
    )


if __name__ == "__main__":
    main()
