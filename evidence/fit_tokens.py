"""Fit the energy of an output token to measurements, and say how far it is off for models that it has not seen.

    python evidence/fit_tokens.py

A step of decoding reads weights once for all requests that run; each token adds its own work, and reads its context.
So, in joules, for bytes read and active parameters in 1e9, and a context in tokens,

    energy = step * bytes / batch + token * active ** exponent * (1 + slope * context)

A mixture of experts reads more of them the more requests run. Measured over predicted energy is lognormal, with a
factor for the setting (a team, its software by year, and a generation of machines), one for the family of models, and
one for the single measurement; the last two have a spread for each kind, dense models and mixtures of experts.
Settings before 2025, or on machines before Hopper, have a median of their own. All numbers are those of maximum
likelihood. Tasks whose prompts are long, and of a length that was not published, are not fitted.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import t as student_t

FILE = Path(__file__).with_name("energy_per_token.csv")
KINDS = ("dense", "experts")
LEFT_OUT = ("image", "video", "infill")
CURRENT = ("hopper", "blackwell")
type Array = NDArray[np.float64]

NAMES = (
    "step_energy_coefficient",
    "token_energy_coefficient",
    "token_energy_exponent",
    "context_energy_slope",
    "older",
)
START = np.array([-1.5, -4.2, 0.8, -8.0, 0.6] + [-1.5] * 5)  # logarithms, but of the exponent and of `older`
POSITIVE = np.array([True, True, False, True, True])


class Rows(NamedTuple):
    """Measurements that are fitted, each an array of shape (rows,)."""

    joules: Array
    active: Array
    read: Array
    batch: Array
    context: Array
    older: NDArray[np.bool_]
    kind: NDArray[np.intp]
    family: NDArray[np.str_]
    setting: NDArray[np.str_]

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        """Return some of the measurements."""
        return Rows(*(column[chosen] for column in self))


class Fit(NamedTuple):
    """Parameters in the order of `NAMES`, spreads (standard deviations of a logarithm), and what settings deviate."""

    parameters: Array
    setting: float
    family: Array
    single: Array
    settings: list[str]
    deviations: Array
    covariance: Array
    """of the errors of parameters and deviations"""
    families: NDArray[np.intp]
    """how many there are of each kind"""
    optimum: Array

    @property
    def spread(self) -> Array:
        """Standard deviation of the logarithm for a new family, of each kind."""
        return np.hypot(self.family, self.single)

    @property
    def freedom(self) -> Array:
        """Degrees of freedom of `spread`, of each kind: few families tell little (Satterthwaite 1946)."""
        return self.spread**4 / self.family**4 * np.maximum(self.families - 1, 1)


def measurements() -> Rows:
    """Return the measurements that are fitted."""
    with FILE.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["task"] not in LEFT_OUT]

    def number(key: str) -> Array:
        return np.array([float(row[key] or 0) for row in rows])

    def text(*keys: str) -> NDArray[np.str_]:
        return np.array([" ".join(row[key] for key in keys) for row in rows])

    active, total, batch = number("active_billion"), number("total_billion"), number("batch_size")
    return Rows(
        joules=number("value"),
        active=active,
        read=number("bytes_per_weight") * parameters_read(active, total, batch),
        batch=batch,
        context=number("prompt_tokens") + number("output_tokens") / 2,
        older=(number("year") < 2025) | ~np.isin(text("generation"), CURRENT),
        kind=(text("architecture") == "experts").astype(np.intp),
        family=text("family"),
        setting=text("cluster", "year", "generation"),
    )


def parameters_read(active: Array, total: Array, batch: Array) -> Array:
    """Return the parameters that a step reads: those of one token, and of the experts that the others call."""
    return active + (total - active) * (1 - (1 - active / total) ** (np.maximum(batch, 1) - 1))


def predicted(parameters: Array, rows: Rows) -> Array:
    """Return the logarithm of the joules of an output token in the median setting and family."""
    step, token, exponent, slope, older = parameters
    own = np.exp(token) * rows.active**exponent * (1 + np.exp(slope) * rows.context)
    return np.log(np.exp(step) * rows.read / rows.batch + own) + older * rows.older


def gradient(parameters: Array, rows: Rows) -> Array:
    """Return the derivatives of `predicted`, of shape (rows, parameters), from central differences."""
    ways = np.eye(len(parameters)) * 1e-4
    return np.stack(
        [(predicted(parameters + w, rows) - predicted(parameters - w, rows)) / 2e-4 for w in ways], axis=1
    )


def fit(rows: Rows, start: Array = START) -> Fit:
    """Return the fit of maximum likelihood."""
    settings = sorted(set(rows.setting.tolist()))
    families = sorted(set(zip(rows.kind.tolist(), rows.family.tolist(), strict=True)))
    of_kind = np.array([kind for kind, _ in families])
    in_family = [(rows.kind == kind) & (rows.family == name) for kind, name in families]
    members = np.stack([rows.setting == name for name in settings] + in_family, axis=1).astype(np.float64)
    measured, count = np.log(rows.joules), np.bincount(rows.kind, minlength=2)
    squares = np.stack([members[rows.kind == kind].T @ members[rows.kind == kind] for kind in (0, 1)])

    def spreads(values: Array) -> tuple[Array, Array]:
        setting, *others = np.exp(values[len(NAMES) :])
        family, single = np.array(others).reshape(2, 2)
        return np.concatenate([np.full(len(settings), setting), family[of_kind]]), single

    def cost(values: Array) -> float:
        spread, single = spreads(values)
        errors = measured - predicted(values[: len(NAMES)], rows)
        weighted = errors / single[rows.kind] ** 2
        matrix = np.eye(len(spread)) + spread[:, None] * (squares / single[:, None, None] ** 2).sum(axis=0) * spread
        lower = np.linalg.cholesky(matrix)
        explained = np.linalg.solve(lower, spread * (weighted @ members))
        return float(
            (errors @ weighted - explained @ explained) / 2 + count @ np.log(single) + np.log(np.diag(lower)).sum()
        )

    bounds = [(None, None)] * len(NAMES) + [(-4.0, 1.0)] * 5
    optimum = minimize(cost, start, method="L-BFGS-B", bounds=bounds).x
    parameters, (spread, single) = optimum[: len(NAMES)], spreads(optimum)
    design = np.concatenate([gradient(parameters, rows), members], axis=1)
    precision = np.diag(np.concatenate([np.zeros(len(NAMES)), spread**-2]))
    weighted = design / single[rows.kind, None] ** 2
    covariance = np.linalg.inv(design.T @ weighted + precision)
    deviations = covariance @ (weighted.T @ (measured - predicted(parameters, rows)))
    kept = len(NAMES) + len(settings)
    return Fit(
        parameters=parameters,
        setting=float(spread[0]),
        family=np.exp(optimum[-4:-2]),
        single=single,
        settings=settings,
        deviations=deviations[len(NAMES) : kept],
        covariance=covariance[:kept, :kept],
        families=np.bincount(of_kind, minlength=2),
        optimum=optimum,
    )


def standard_errors(found: Fit, rows: Rows) -> Array:
    """Return measured over predicted, as a logarithm over its standard deviation, of families not in the fit."""
    member = (rows.setting[:, None] == np.array(found.settings)).astype(np.float64)
    error = np.log(rows.joules) - predicted(found.parameters, rows) - member @ found.deviations
    design = np.concatenate([gradient(found.parameters, rows), member], axis=1)
    variance = np.einsum("ri,ij,rj->r", design, found.covariance, design)
    unseen = found.setting**2 * (member.sum(axis=1) == 0)
    return error / np.sqrt(variance + unseen + found.spread[rows.kind] ** 2)


def probabilities_of_unseen(rows: Rows) -> Array:
    """Return the probability, by a fit without its family, of an energy below each measurement."""
    start = fit(rows).optimum
    found = np.empty(len(rows.joules))
    for family in sorted(set(rows.family.tolist())):
        out = rows.family == family
        without = fit(rows.where(~out), start)
        found[out] = student_t.cdf(standard_errors(without, rows.where(out)), without.freedom[rows.kind[out]])
    return found


def coverage(probability: Array, kind: Array, level: float = 0.9) -> Array:
    """Return the share of measurements in the interval of a level, of each kind."""
    inside = np.abs(probability - 0.5) <= level / 2
    return np.array([inside[kind == one].mean() for one in (0, 1)])


def width(spread: float, freedom: float) -> float:
    """Return the 95 % quantile of a factor whose logarithm has a Student t distribution about 0."""
    return float(np.exp(spread * student_t.ppf(0.95, freedom)))


def discrepancies(found: Fit) -> Array:
    """Return the 95 % quantile of the discrepancy of a model's energy, of each kind; its median is 1."""
    return np.array([width(*each) for each in zip(found.spread, found.freedom, strict=True)])


def setting_ratios(found: Fit, rows: Rows) -> Array:
    """Return (0.05, 0.5, 0.95) quantiles of the ratio of a setting, of shape (2, 3): one of today, and an older one.

    They hold the errors of the parameters too, which are mostly those of the medians of so few settings.
    """
    design = gradient(found.parameters, rows)
    known = found.covariance[: len(NAMES), : len(NAMES)]
    variance = np.einsum("ri,ij,rj->r", design, known, design)
    quantiles = []
    for is_older in (False, True):
        spread = np.sqrt(found.setting**2 + variance[rows.older == is_older].mean())
        reach = width(spread, len(found.settings) - 2)
        median = np.exp(found.parameters[-1] * is_older)
        quantiles.append([median / reach, median, median * reach])
    return np.array(quantiles)


def main() -> None:
    rows = measurements()
    found = fit(rows)
    for name, value, positive in zip(NAMES, found.parameters, POSITIVE, strict=True):
        print(f"{name:26s} {np.exp(value) if positive else value:.4g}")
    probability = probabilities_of_unseen(rows)
    shares = coverage(probability, rows.kind)
    for kind, name in enumerate(KINDS):
        print(
            f"discrepancy, {name:12s}  1, x/÷ {discrepancies(found)[kind]:.3g}: {found.families[kind]} families, "
            f"{(rows.kind == kind).sum()} measurements; 90 % intervals hold {shares[kind]:.1%} of families left out"
        )
    for name, (low, median, high) in zip(("today", "older"), setting_ratios(found, rows), strict=True):
        print(f"setting, {name:16s}  {median:.3g} ({low:.3g} to {high:.3g})")


if __name__ == "__main__":
    main()
