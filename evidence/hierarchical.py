"""Measurements from several sources: what a new source will say, and how often that was right of those left out.

One model serves every table. On a scale on which errors are alike (the logarithm, or that of the odds),

    y = x'b + u[source] + e,    u ~ N(0, between^2),    e ~ N(0, within^2),

with the covariates x of the row, and what its source has in common: a team, a method, an operator. The prior of an
input is the predictive distribution of a measurement by a *new* source. It is summed over a grid of the two spreads,
by their posterior probability, with the uncertainty of `b` in it; the sums are exact, so that the same rows give the
same digits. The prior of the spreads is lognormal, and learned from all kinds together by maximum marginal likelihood
(empirical Bayes; Gelman et al. 2013, Bayesian data analysis, section 5.1): a kind with two sources or one borrows
what is usual between sources, and one with many hardly notices.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp, ndtr

from simulator.distributions import Distribution, build_distribution
from simulator.errors import Location, Problems

HERE = Path(__file__).parent
REQUIRED = ("value", "unit", "source", "year", "cluster", "basis")
BASES = ("read", "cited", "recall", "scored")  # at the source; in a work that cites it; from memory; by the back-test
SPREADS = np.geomspace(0.01, 4.0, 48)  # the grid of either spread, on the scale of the fit
EFFECT, LEVEL = 1.0, 10.0  # standard deviations of the priors of an effect and of the mean
NARROWEST = 0.5  # least deviation, between kinds, of the logarithm of a spread: kinds may differ by a factor of 2
TAILS = np.array([0.05, 0.95])
GRID = (np.arange(1000) + 0.5) / 1000  # probabilities at which a score integrates
type Array = NDArray[np.float64]


class Scale(NamedTuple):
    """How a kind of value is transformed for the fit, and the family of its prior."""

    name: str
    forward: Callable[[Array], Array]
    backward: Callable[[Any], Any]
    high: float = 1.0

    def prior(self, low: float, high: float) -> dict[str, Any]:
        """Return the table of the prior between two ends of a 90 % interval, on the scale of the fit."""
        ends = [float(f"{self.backward(end):.4g}") for end in (low, (low + high) / 2, high)]
        if self.name.startswith("odds"):
            quantiles = dict(zip(("p05", "p50", "p95"), ends, strict=True))
            return {"distribution": "metalog", **quantiles, "low": 0, "high": self.high}
        shift = {"shift": 1} if self.name == "excess over 1" else {}
        return {"distribution": "lognormal", **shift, "p05": ends[0], "p95": ends[2]}


LOG = Scale("logarithm", np.log, np.exp)
EXCESS = Scale("excess over 1", lambda value: np.log(value - 1), lambda value: 1 + np.exp(value))
ODDS = Scale("odds", logit, expit)


def odds_up_to(high: float) -> Scale:
    """Return the odds of a share of `high`, for values that cannot reach 1."""
    return Scale(f"odds up to {high:g}", lambda value: logit(value / high), lambda value: high * expit(value), high)


def build(table: Mapping[str, Any]) -> Distribution:
    """Build the distribution of a prior's table."""
    parameters = {key: value for key, value in table.items() if key not in ("distribution", "bounds")}
    return build_distribution(table["distribution"], parameters, table.get("bounds"))


def read_rows(name: str, numbers: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Read and check a table of evidence; InputError with every problem. Rows that enter no fit are left out.

    `value` and the columns of `numbers` are numbers, those of `numbers` NaN where the cell is empty.
    """
    path, problems, rows = HERE / f"{name}.csv", Problems(), []
    if not path.is_file():
        raise Location(path.name).error(f"no such table; write it with the columns {', '.join(REQUIRED)}")
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := {*REQUIRED, *numbers} - set(reader.fieldnames or ()):
            raise Location(path.name).error(f"has no column {', '.join(sorted(missing))}; add it")
        for row in reader:
            at = Location(path.name, f"line {reader.line_num}")
            for key in REQUIRED:
                if not row[key]:
                    problems.add(at, f"has no {key}; give it, or take the row out")
            if row["basis"] and row["basis"] not in BASES:
                problems.add(at, f"basis is {row['basis']!r}; expected one of {', '.join(BASES)}")
            for key in ("value", "year", *numbers):
                try:
                    row[key] = float(row[key]) if row[key] or key == "value" else np.nan
                except ValueError:
                    problems.add(at, f"{key} is {row[key]!r}; expected a number")
            rows.append(row)
    problems.raise_all()
    rows = [row for row in rows if row["basis"] in ("read", "cited")]  # the others enter no fit
    if not rows:
        raise Location(path.name).error(
            "has no row that was read or cited; add one, or leave its priors to judgement"
        )
    return rows


class Spreads(NamedTuple):
    """What is usual of both spreads: mean and standard deviation of their logarithms, over all kinds."""

    between: float = -1.0
    between_deviation: float = 1.0
    within: float = -1.0
    within_deviation: float = 1.0

    def prior(self, between: Array, within: Array) -> Array:
        """Return the logarithm of the prior probability of each pair on the grid, which is even in the logarithms."""
        squares = ((np.log(between) - self.between) / self.between_deviation) ** 2
        squares = squares + ((np.log(within) - self.within) / self.within_deviation) ** 2
        density = np.exp(-squares / 2)
        return np.log(density / density.sum() + 1e-300)


class Fit(NamedTuple):
    """Log-likelihood at each of n pairs of spreads, and there the posterior mean and covariance of `b`."""

    likelihood: Array  # (n,)
    between: Array
    within: Array
    mean: Array  # (n, p)
    covariance: Array  # (n, p, p)

    def probability(self, spreads: Spreads) -> Array:
        """Return the posterior probability of each pair."""
        log = self.likelihood + spreads.prior(self.between, self.within)
        probability = np.exp(log - log.max())
        return probability / probability.sum()

    def interval(self, x: Array, spreads: Spreads) -> Array:
        """Return the 5 and 95 % quantiles, on the scale of the fit, of a new source's value with covariates `x`."""
        probability, centre = self.probability(spreads), self.mean @ x
        spread = np.sqrt(self.between**2 + self.within**2 + np.einsum("i,nij,j->n", x, self.covariance, x))
        low, high = np.full(2, (centre - 9 * spread).min()), np.full(2, (centre + 9 * spread).max())
        for _ in range(60):  # bisection: the mixture of normals has no inverse
            middle = (low + high) / 2
            below = ndtr((middle[:, None] - centre) / spread) @ probability < TAILS
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def fit(x: Array, y: Array, clusters: Sequence[str]) -> Fit:
    """Fit the model to values `y` (n,) with covariates `x` (n, p), the first of them 1, of the sources `clusters`."""
    between, within = (grid.ravel() for grid in np.meshgrid(SPREADS, SPREADS, indexing="ij"))
    size, shift = x.shape[1], float(np.mean(y))
    precision = np.diag([1 / LEVEL**2] + [1 / EFFECT**2] * (size - 1)) + np.zeros((len(between), size, size))
    linear, square, determinant = np.zeros((len(between), size)), np.zeros(len(between)), np.zeros(len(between))
    for name in np.unique(clusters):
        own = np.asarray(clusters) == name
        rows, values, count = x[own], y[own] - shift, int(own.sum())
        total, sum_x = values.sum(), rows.sum(axis=0)
        # The inverse of the covariance within a source: its values share one deviation (Sherman and Morrison 1950).
        shared = between**2 / (within**2 * (within**2 + count * between**2))
        precision += (rows.T @ rows) / within[:, None, None] ** 2 - shared[:, None, None] * np.outer(sum_x, sum_x)
        linear += (rows.T @ values) / within[:, None] ** 2 - (shared * total)[:, None] * sum_x
        square += (values @ values) / within**2 - shared * total**2
        determinant += 2 * (count - 1) * np.log(within) + np.log(within**2 + count * between**2)
    covariance = np.linalg.inv(precision)
    mean = np.einsum("nij,nj->ni", covariance, linear)
    likelihood = -(square - np.einsum("ni,ni->n", linear, mean) + determinant + np.linalg.slogdet(precision)[1]) / 2
    mean[:, 0] += shift
    return Fit(likelihood, between, within, mean, covariance)


def usual_spreads(fits: Sequence[Fit]) -> Spreads:
    """Return the spreads that are usual over kinds: those under which all their values together are most probable."""

    def spreads(numbers: Array) -> Spreads:
        between, between_deviation, within, within_deviation = map(float, numbers)
        return Spreads(between, NARROWEST + between_deviation**2, within, NARROWEST + within_deviation**2)

    def surprise(numbers: Array) -> float:
        asked = spreads(numbers)
        return -sum(float(logsumexp(one.likelihood + asked.prior(one.between, one.within))) for one in fits)

    best = minimize(surprise, [-1.0, 0.3, -1.0, 0.3], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-4}).x
    return Spreads(*(round(number, 2) for number in spreads(best)))


class Target(NamedTuple):
    """A prior of the library that a kind gives: its name, its covariates, and the prior that it replaced.

    `like` says which rows are of what the prior is for: their values are the prior's own, and the replaced one is
    scored on them. They are those with its covariates where it says nothing.
    """

    prior: str
    at: Mapping[str, Any] = {}
    before: Mapping[str, Any] | None = None
    like: Mapping[str, Any] | None = None

    def is_of(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row is of what the prior is for."""
        return matches(row, self.at if self.like is None else self.like)


class Kind(NamedTuple):
    """A table of evidence, how its values are transformed, what of a row matters, and the priors that it gives.

    `levels` names, for each covariate in words, its reference level; `numbers`, for each number, the value at which
    its logarithm counts as 0; rows without one do not count. `only` are the rows that count. `cluster` is the
    column that tells independent sources apart: where one team measured all models, it is the family of models.
    `note` says for the library's page why so.
    """

    table: str
    scale: Scale
    targets: tuple[Target, ...]
    levels: Mapping[str, str] = {}
    numbers: Mapping[str, float] = {}
    only: Mapping[str, Any] = {}
    name: str = ""
    cluster: str = "cluster"
    note: str = ""


class Fitted:
    """A kind with its rows, its fit, and its record on sources that were left out."""

    def __init__(self, kind: Kind, spreads: Spreads = Spreads()) -> None:
        self.kind, self.spreads = kind, spreads
        known = [row for row in read_rows(kind.table, kind.numbers) if matches(row, kind.only)]
        self.rows = [row for row in known if not any(np.isnan(row[key]) for key in kind.numbers)]
        if not self.rows:
            raise Location(f"{kind.table}.csv").error(f"has no row with {dict(kind.only)}; its priors stay judgement")
        self.levels = {key: sorted({row[key] for row in self.rows} - {base}) for key, base in kind.levels.items()}
        self.values = np.array([row["value"] for row in self.rows])
        with np.errstate(all="ignore"):
            self.y = kind.scale.forward(self.values)
        problems = Problems()
        for row, y in zip(self.rows, self.y, strict=True):
            if not np.isfinite(y):
                at = Location(f"{kind.table}.csv", row["source"])
                problems.add(at, f"value {row['value']:g} has no {kind.scale.name}; correct it, or take the row out")
        problems.raise_all()
        self.clusters = [row[kind.cluster] for row in self.rows]
        self.x = np.array([self.covariates(row) for row in self.rows])

    @property
    def name(self) -> str:
        """What the kind is called: its own name, or that of its table."""
        return self.kind.name or self.kind.table

    def covariates(self, row: Mapping[str, Any]) -> Array:
        """Return the covariates of a row or a target, of shape (p,); a target may leave out what is the reference."""
        found = [1.0]
        for key, base in self.kind.levels.items():
            level, known = row.get(key, base), self.levels[key]
            if level not in {base, *known}:
                message = (
                    f"no row has {key} {level!r}; it has {', '.join([base, *known])}: add a row, or take one of these"
                )
                raise Location(f"{self.kind.table}.csv").error(message)
            found += [float(level == other) for other in known]
        for key, reference in self.kind.numbers.items():
            found.append(float(np.log(row.get(key, reference) / reference)))
        return np.array(found)

    @cached_property
    def whole(self) -> Fit:
        """The fit to all rows."""
        return fit(self.x, self.y, self.clusters)

    def prior(self, target: Target) -> dict[str, Any]:
        """Return the table of the prior that the fit gives."""
        low, high = self.whole.interval(self.covariates(target.at), self.spreads)
        return self.kind.scale.prior(float(low), float(high))

    @cached_property
    def left_out(self) -> list[dict[str, Any]]:
        """Each row's prior, fitted without its source."""
        priors: list[dict[str, Any]] = [{}] * len(self.rows)
        for name in sorted(set(self.clusters)):
            out = np.array(self.clusters) == name
            if out.all():
                continue  # a source alone cannot be predicted from others
            rest = fit(self.x[~out], self.y[~out], [one for one in self.clusters if one != name])
            known: dict[bytes, dict[str, Any]] = {}
            for index in np.flatnonzero(out):
                key = self.x[index].tobytes()
                if key not in known:
                    known[key] = self.kind.scale.prior(*map(float, rest.interval(self.x[index], self.spreads)))
                priors[index] = known[key]
        return priors

    @cached_property
    def record(self) -> "Record":
        """How the priors without a source did on its values."""
        return self.scores(self.left_out)

    def before(self) -> "Record | None":
        """Return how the priors that were replaced do on the same values, where there were any."""
        tables = [
            next((target.before for target in self.kind.targets if target.before and target.is_of(row)), {})
            for row in self.rows
        ]
        return self.scores(tables) if any(tables) else None

    def scores(self, tables: Sequence[Mapping[str, Any]]) -> "Record":
        """Score a prior for each row; rows whose table is empty are left out."""
        scored = [index for index, table in enumerate(tables) if table]
        pit, width, score = np.empty(len(scored)), np.empty(len(scored)), np.empty(len(scored))
        built: dict[str, tuple[Distribution, Array]] = {}
        for place, index in enumerate(scored):
            key = repr(tables[index])
            if key not in built:
                distribution = build(tables[index])
                built[key] = distribution, self.kind.scale.forward(distribution.ppf(GRID))
            distribution, quantiles = built[key]
            pit[place] = distribution.cdf(self.values[index : index + 1])[0]
            low, high = self.kind.scale.forward(distribution.ppf(TAILS))
            width[place] = high - low
            gap = self.y[index] - quantiles  # the score is twice the mean pinball loss over all quantiles
            score[place] = 2 * np.mean(np.where(gap > 0, GRID, GRID - 1) * gap)
        return Record(np.array([self.clusters[index] for index in scored]), pit, width, score)


class Record(NamedTuple):
    """Probability integral transform, width of the 90 % interval and score (CRPS) of values, with their sources.

    Widths and scores are on the scale of the fit.
    """

    clusters: NDArray[np.str_]
    pit: Array
    width: Array
    crps: Array

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether each value is within the 90 % interval."""
        return (self.pit >= TAILS[0] - 1e-9) & (self.pit <= TAILS[1] + 1e-9)

    @property
    def by_source(self) -> Array:
        """The share of each source's values that is inside."""
        return np.array([self.inside[self.clusters == name].mean() for name in np.unique(self.clusters)])

    @property
    def uniformity(self) -> float:
        """p-value of ArviZ's test of uniformity, one value of each source at a time.

        Values of one source are not independent. The test is made on one value of each, drawn 200 times, and the
        p-values are combined as Liu and Xie do (2020, doi:10.1080/01621459.2018.1554485), which holds however they
        depend on each other.
        """
        from arviz_stats.base import array_stats

        rng, names = np.random.default_rng(1), np.unique(self.clusters)
        if len(names) < 2:
            return 1.0
        groups = [self.pit[self.clusters == name] for name in names]
        p_values = []
        for _ in range(200):
            chosen = np.clip([rng.choice(group) for group in groups], 1e-6, 1 - 1e-6)
            p_values.append(float(array_stats.uniformity_test(chosen)[0]))
        cauchy = np.tan((0.5 - np.clip(p_values, 1e-15, 1 - 1e-9)) * np.pi).mean()
        return float(0.5 - np.arctan(cauchy) / np.pi)


def matches(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a row has every covariate that is wanted."""
    return all(row.get(key) in (value if isinstance(value, tuple) else (value,)) for key, value in wanted.items())


def fit_all(kinds: Iterable[Kind]) -> list[Fitted]:
    """Fit every kind, with the spreads that are usual over all of them."""
    fits = [Fitted(kind) for kind in kinds]
    spreads = usual_spreads([one.whole for one in fits])
    for one in fits:
        one.spreads = spreads
    return fits
