"""Correlated inputs: what files say of them, turned into Gaussian copulas."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from simulator.distributions import Distribution, Fixed
from simulator.errors import InputError, Problem, did_you_mean
from simulator.model import GaussianCopula
from simulator.model.copula import Pairs, connected_keys, is_valid, matrix_of, nearest_correlations
from simulator.priors import CORRELATIONS, Library, Source, Sources, Text, model_problems, sources_of
from simulator.units import FloatArray

LARGEST = 0.999  # two facts that are nearer than that are one
NODES = 48  # of the quadrature for linear correlations, in each direction

Coefficient = Annotated[FiniteFloat, Field(ge=-LARGEST, le=LARGEST)]


class CorrelationTable(BaseModel):
    """A table under ``[[correlations]]``: facts, and one of the three ways to say how they go together."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    between: Annotated[list[Text], Field(min_length=2, max_length=100)]
    rank: Coefficient | None = None
    linear: Coefficient | None = None
    loadings: Annotated[list[Coefficient], Field(min_length=2, max_length=100)] | None = None
    source: Sources | None = None
    note: Text | None = None


@dataclass(frozen=True)
class CorrelatedInputs:
    """Inputs that depend on each other, and where that comes from.

    Attributes
    ----------
    copula : GaussianCopula
        Of the keys of their priors.
    names : tuple of str
        What they are called in the scenario, in the order of the keys.
    sources : tuple of Source
        Works that the correlations rest on.
    notes : tuple of str
        Why they are what they are.
    """

    copula: GaussianCopula
    names: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The names and the rank correlations between them."""
        pairs = combinations(enumerate(self.names), 2)
        ranks = (
            (one, other, spearman_from_pearson(self.copula.correlations[i][j])) for (i, one), (j, other) in pairs
        )
        return "; ".join(f"{one} and {other} {rank:.2f}" for one, other, rank in ranks if rank)


def pearson_from_spearman(rank: float) -> float:
    """Return the correlation of normal scores that gives a rank correlation (Pearson 1907; doi:10.2307/2237255)."""
    return float(2 * np.sin(np.pi * rank / 6))


def spearman_from_pearson(score: float) -> float:
    """Return the rank correlation of normal scores that are correlated like this."""
    return float(6 / np.pi * np.arcsin(score / 2))


def pearson_from_linear(linear: float, one: Distribution, other: Distribution) -> float:
    """Return the correlation of normal scores at which the values have this linear one, by quadrature.

    Raises
    ------
    ValueError
        If these two distributions cannot have it.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()

    def values(distribution: Distribution, scores: FloatArray) -> FloatArray:
        tail = ndtr(-np.abs(scores))  # from the nearer end
        return np.where(scores > 0, distribution.isf(tail), distribution.ppf(tail))

    first, second = values(one, nodes), values(other, nodes)
    (mean, other_mean) = weights @ first, weights @ second
    sds = np.sqrt((weights @ (first - mean) ** 2) * (weights @ (second - other_mean) ** 2))

    def correlation(score: float) -> float:
        moved = values(other, score * nodes[:, None] + np.sqrt(1 - score**2) * nodes)
        return float(weights @ ((first - mean)[:, None] * (moved - other_mean)) @ weights / sds)

    low, high = correlation(-LARGEST), correlation(LARGEST)
    if not low <= linear <= high:
        raise ValueError(f"these two can have linear correlations from {low:.2f} to {high:.2f}, got {linear:g}")
    return float(brentq(lambda score: correlation(score) - linear, -LARGEST, LARGEST, xtol=1e-12))


def read_correlations(
    tables: Sequence[CorrelationTable],
    defaults: Sequence[CorrelationTable],
    facts: Mapping[str, tuple[str, Distribution]],
    file: str,
) -> tuple[CorrelatedInputs, ...]:
    """Turn the tables of a scenario, and of the library where the scenario says nothing, into copulas.

    Parameters
    ----------
    tables, defaults : sequence of CorrelationTable
        The scenario's own, and the library's.
    facts : mapping from str to (str, Distribution)
        For each input the key of its prior and its distribution.
    file : str
        The scenario, for what is said of it.

    Raises
    ------
    InputError
        If a table is wrong, or they cannot hold together.
    """
    problems: list[Problem] = []
    known = {key: distribution for key, distribution in facts.values()}
    pairs: dict[frozenset[str], tuple[float, CorrelationTable]] = {}
    for place, table in enumerate(tables, 1):
        try:
            for pair, score in read_pairs(table, facts, known, file, f"correlations.{place}"):
                if pair in pairs:
                    names = " and ".join(sorted(pair))
                    problems.append(Problem(file, f"correlations.{place}", f"{names} have a correlation already"))
                pairs[pair] = (score, table)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    for table in defaults:
        there = [key for key in table.between if key in known and not isinstance(known[key], Fixed)]
        if len(there) > 1:
            loadings = table.loadings and [
                loading for key, loading in zip(table.between, table.loadings, strict=True) if key in there
            ]
            some = table.model_copy(update={"between": there, "loadings": loadings})
            for pair, score in read_pairs(some, facts, known, file, "correlations"):
                pairs.setdefault(pair, (score, table))
    called: dict[str, str] = {}
    for name, (key, _) in facts.items():
        called.setdefault(key, name)
    return tuple(correlated_inputs(keys, called, pairs, file) for keys in connected_keys(pairs))


def further_correlations(tables: Sequence[CorrelationTable], keys: set[str]) -> Pairs:
    """Return the library's correlations of pairs of which a scenario has one key at most."""
    found: dict[frozenset[str], float] = {}
    for table in tables:
        for (i, one), (j, other) in combinations(enumerate(table.between), 2):
            if one in keys and other in keys:
                continue
            if table.loadings is not None:
                found.setdefault(frozenset((one, other)), table.loadings[i] * table.loadings[j])
            elif table.rank is not None:
                found.setdefault(frozenset((one, other)), pearson_from_spearman(table.rank))
    return found


def read_pairs(
    table: CorrelationTable,
    facts: Mapping[str, tuple[str, Distribution]],
    known: Mapping[str, Distribution],
    file: str,
    key: str,
) -> Iterator[tuple[frozenset[str], float]]:
    """Yield the pairs of facts of a table, by their identities, with the correlation of their normal scores."""
    problems = []
    identities = []
    for name in table.between:
        identity = facts[name][0] if name in facts else name
        if identity not in known:
            hint = did_you_mean(name, [*facts, *known])
            problems.append(Problem(file, f"{key}.between", f"no input or prior {name!r} in this scenario{hint}"))
        elif isinstance(known[identity], Fixed):
            message = f"{name!r} is fixed, so nothing can go with it; leave it out, or give it a distribution"
            problems.append(Problem(file, f"{key}.between", message))
        elif identity in identities:
            problems.append(Problem(file, f"{key}.between", f"{name!r} is there twice: it is one fact, {identity!r}"))
        identities.append(identity)
    given = [name for name in ("rank", "linear", "loadings") if getattr(table, name) is not None]
    if len(given) != 1:
        got = f"got {' and '.join(given) or 'none'}"
        problems.append(Problem(file, key, f"give one of rank, linear (between two) and loadings (of each); {got}"))
    elif table.loadings is not None and len(table.loadings) != len(identities):
        message = f"{len(identities)} facts need as many, got {len(table.loadings)}"
        problems.append(Problem(file, f"{key}.loadings", message))
    elif table.loadings is None and len(identities) != 2:
        message = f"{given[0]} is between two, got {len(identities)}; give loadings on a factor that they share"
        problems.append(Problem(file, f"{key}.between", message))
    if problems:
        raise InputError(problems)
    for (i, one), (j, other) in combinations(enumerate(identities), 2):
        if table.loadings is not None:
            score = table.loadings[i] * table.loadings[j]
        elif table.rank is not None:
            score = pearson_from_spearman(table.rank)
        else:
            assert table.linear is not None
            try:
                score = pearson_from_linear(table.linear, known[one], known[other])
            except ValueError as error:
                raise InputError([Problem(file, f"{key}.linear", str(error))]) from error
        yield frozenset((one, other)), score


def correlated_inputs(
    keys: tuple[str, ...],
    names: Mapping[str, str],
    pairs: Mapping[frozenset[str], tuple[float, CorrelationTable]],
    file: str,
) -> CorrelatedInputs:
    """Return what is said of some keys; InputError if their correlations cannot hold together."""
    matrix = matrix_of(keys, {pair: score for pair, (score, _) in pairs.items()})
    places = list(combinations(range(len(keys)), 2))
    tables: list[CorrelationTable] = []
    for i, j in places:
        pair = frozenset((keys[i], keys[j]))
        if pair in pairs and pairs[pair][1] not in tables:
            tables.append(pairs[pair][1])
    called = tuple(names[key] for key in keys)
    if not is_valid(matrix):
        nearest = nearest_correlations(matrix)
        offers = []
        for i, j in places:
            new, old = nearest[i, j], matrix[i, j]
            if abs(new - old) > 5e-4:
                ranks = f"{spearman_from_pearson(new):.3f} (not {spearman_from_pearson(old):.3f})"
                offers.append(f"{called[i]} and {called[j]} {ranks}")
        message = f"these cannot hold together; the nearest rank correlations that can: {'; '.join(offers)}"
        raise InputError([Problem(file, "correlations", message)])
    return CorrelatedInputs(
        copula=GaussianCopula(keys, tuple(tuple(map(float, row)) for row in matrix)),
        names=called,
        sources=tuple(source for table in tables for source in sources_of(table.source)),
        notes=tuple(table.note for table in tables if table.note),
    )


def default_correlations(library: Library) -> list[CorrelationTable]:
    """Return the correlations of the library, the user's own folders first; InputError if a table is wrong."""
    tables: list[CorrelationTable] = []
    problems: list[Problem] = []
    for file, key, items in library.tables(CORRELATIONS):
        for place, item in enumerate(items if isinstance(items, list) else [items], 1):
            try:
                tables.append(CorrelationTable.model_validate(item))
            except ValidationError as error:
                problems += model_problems(error, file, f"{key}.{place}", list(CorrelationTable.model_fields))
    if problems:
        raise InputError(problems)
    return tables
