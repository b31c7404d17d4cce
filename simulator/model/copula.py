"""The Gaussian copula: random variables whose normal scores are correlated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from simulator.portable import cholesky, solve
from simulator.units import FloatArray

SMALLEST_EIGENVALUE = 1e-8
PROJECTIONS = 200
SMALLEST = 2.0**-54  # half the spacing of the generators' uniforms: a draw of exactly 0 counts as this
LARGEST_UNIFORM = 1 - 2.0**-53

type Pairs = Mapping[frozenset[str], float]


@dataclass(frozen=True)
class GaussianCopula:
    """Random variables that depend on each other."""

    keys: tuple[str, ...]  # in order, so that models that share a copula share its draws
    correlations: tuple[tuple[float, ...], ...]  # of their normal scores, as a matrix

    @property
    def pairs(self) -> dict[frozenset[str], float]:
        """The correlation of each pair of keys."""
        pairs = combinations(enumerate(self.keys), 2)
        return {frozenset((one, other)): self.correlations[i][j] for (i, one), (j, other) in pairs}

    def transform(self, columns: Sequence[FloatArray]) -> None:
        """Make independent uniform columns of shape (rows,), one for each key, depend on each other, in place.

        The first keeps its values; each further one is moved by those before it (Cholesky).
        """
        from scipy.special import ndtr

        factor = cholesky(np.array(self.correlations))
        scores = [normal_scores(column) for column in columns]
        part = np.empty_like(scores[0])
        for row in range(len(scores) - 1, 0, -1):
            # One variable after the other in plain sums, whose bits do not depend on the number of rows.
            moved = scores[row]
            moved *= factor[row, row]
            for before in range(row):
                moved += np.multiply(scores[before], factor[row, before], out=part)
            np.minimum(ndtr(moved, out=moved), LARGEST_UNIFORM, out=columns[row])

    def log_density(self, columns: Sequence[FloatArray]) -> FloatArray:
        """Return the log density of the copula, of shape (rows,), at uniform columns, one for each key."""
        scores = np.array([normal_scores(column) for column in columns])
        matrix = np.array(self.correlations)
        deviation = np.linalg.inv(matrix) - np.eye(len(matrix))
        quadratic = np.einsum("ir,ij,jr->r", scores, deviation, scores)
        return np.asarray(-(np.linalg.slogdet(matrix).logabsdet + quadratic) / 2)

    def conditional(
        self, given: Sequence[FloatArray], fresh: Sequence[FloatArray], held: Sequence[int]
    ) -> dict[int, FloatArray]:
        """Return the other variables' columns, drawn given the values of those that are held.

        A fresh draw of all variables is moved by what is given, as in kriging (Matheron 1963): the held columns' own
        deviation from it, times the regression of the others on them. The two draws have a uniform column for each
        variable, and may broadcast against each other.
        """
        others = [row for row in range(len(self.keys)) if row not in held]
        matrix = np.array(self.correlations)
        weights = solve(matrix[np.ix_(held, held)], matrix[np.ix_(held, others)])
        deviations = [normal_scores(given[row]) - normal_scores(fresh[row]) for row in held]
        found = {}
        for other, regression in zip(others, weights.T, strict=True):
            moved = normal_scores(fresh[other])
            for weight, deviation in zip(regression, deviations, strict=True):
                moved = moved + weight * deviation
            found[other] = uniforms_of(moved)
        return found


def normal_scores(column: FloatArray) -> FloatArray:
    """Return the normal scores of uniform values, of the same shape."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.maximum(column, SMALLEST)))


def uniforms_of(scores: FloatArray) -> FloatArray:
    """Return the uniform values of normal scores, of the same shape, below 1."""
    from scipy.special import ndtr

    return np.asarray(np.minimum(ndtr(scores), LARGEST_UNIFORM))


def matrix_of(keys: Sequence[str], pairs: Pairs) -> FloatArray:
    """Return the correlation matrix of keys, of shape (keys, keys); pairs that are not named have none."""
    matrix = np.eye(len(keys))
    for i, j in combinations(range(len(keys)), 2):
        matrix[i, j] = matrix[j, i] = pairs.get(frozenset((keys[i], keys[j])), 0.0)
    return matrix


def is_valid(matrix: FloatArray) -> bool:
    """Tell whether a correlation matrix is positive definite."""
    return bool(np.linalg.eigvalsh(matrix)[0] >= SMALLEST_EIGENVALUE)


def copulas_of(pairs: Pairs) -> tuple[GaussianCopula, ...]:
    """Return a copula for each set of keys that pairs connect."""
    sets = connected_keys(pairs)
    return tuple(GaussianCopula(keys, tuple(map(tuple, matrix_of(keys, pairs).tolist()))) for keys in sets)


def connected_keys(pairs: Iterable[frozenset[str]]) -> list[tuple[str, ...]]:
    """Return the sets of keys that pairs connect, each in order."""
    groups: list[set[str]] = []
    for pair in pairs:
        joined = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [set(pair).union(*joined)]
    return sorted(tuple(sorted(group)) for group in groups)


def nearest_correlations(matrix: FloatArray) -> FloatArray:
    """Return the positive definite correlation matrix nearest to a symmetric one.

    Higham 2002, doi:10.1093/imanum/22.3.329.
    """
    found, correction = matrix, np.zeros_like(matrix)
    for _ in range(PROJECTIONS):
        values, vectors = np.linalg.eigh(found - correction)
        positive = (vectors * np.maximum(values, 1e-6)) @ vectors.T
        correction = positive - (found - correction)
        found = positive.copy()
        np.fill_diagonal(found, 1.0)
    return found
