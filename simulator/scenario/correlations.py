"""Correlated inputs: tables of correlations turned into Gaussian copulas."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from simulator.distributions import Distribution, Fixed
from simulator.errors import Location, Problems, did_you_mean
from simulator.model import GaussianCopula, Input
from simulator.model.copula import Pairs, copulas_of, is_valid, nearest_correlations
from simulator.model.correlation import LARGEST, pearson_from_linear, pearson_from_spearman, spearman_from_pearson
from simulator.priors import CORRELATIONS, MOST_PROBLEMS, Library, Source, Sources, Text, read_table, sources_of
from simulator.units import FloatArray

Coefficient = Annotated[FiniteFloat, Field(ge=-LARGEST, le=LARGEST)]
WAYS = ("rank", "linear", "loadings")  # to state a correlation
MOST_INPUTS = 100  # that depend on each other
# The score of a pair, and the table that says so.
type Stated = dict[frozenset[str], tuple[float, CorrelationTable]]


class CorrelationTable(BaseModel):
    """A table under ``[[correlations]]``: inputs or priors, and one of three ways to state their correlation.

    Rank correlations are those of the Gaussian copula, before ties; linear ones are those of the values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    between: Annotated[list[Text], Field(min_length=2, max_length=MOST_INPUTS)]
    rank: Coefficient | None = None
    linear: Coefficient | None = None
    loadings: Annotated[list[Coefficient], Field(min_length=2, max_length=MOST_INPUTS)] | None = None
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
        scores = zip(combinations(self.names, 2), self.copula.pairs.values(), strict=True)
        return "; ".join(f"{one} and {other} {spearman_from_pearson(r):.2f}" for (one, other), r in scores if r)


def read_correlations(
    tables: Sequence[CorrelationTable],
    defaults: Sequence[CorrelationTable],
    inputs: Mapping[str, Input],
    may_be_unread: Callable[[str], bool],
    at: Location,
    problems: Problems,
) -> tuple[CorrelatedInputs, ...]:
    """Turn the tables of a scenario, and of the library where the scenario says nothing, into copulas.

    `defaults` are the library's tables, and `inputs` those that could be read; `may_be_unread` tells of another name
    whether it may be that of an input that could not be read, or of its prior. What is wrong with the scenario's
    tables, and inconsistent correlations, are added to the problems.
    """
    distributions = {item.prior.name: item.distribution for item in inputs.values()}
    keys = {key: key for key in distributions} | {name: item.prior.name for name, item in inputs.items()}
    stated: Stated = {}
    before = len(problems)
    for number, table in enumerate(tables, 1):
        if len(problems) - before >= MOST_PROBLEMS:
            break
        scores = read_pairs(table, keys, distributions, may_be_unread, at / number, problems)
        for pair in list(scores.keys() & stated.keys())[:MOST_PROBLEMS]:
            problems.add(at / number, f"{' and '.join(sorted(pair))} have a correlation already")
        stated |= {pair: (score, table) for pair, score in scores.items()}
    if problems.has(at):
        return ()
    for table in defaults:
        there = [key for key in table.between if key in distributions and not isinstance(distributions[key], Fixed)]
        loadings = table.loadings and [table.loadings[table.between.index(key)] for key in there]
        some = table.model_copy(update={"between": there, "loadings": loadings})
        with problems.gather():
            for pair, score in scores_of(some, there, distributions, at).items():
                stated.setdefault(pair, (score, table))
    names = {item.prior.name: name for name, item in reversed(list(inputs.items()))}  # the first that has a key
    copulas = copulas_of({pair: score for pair, (score, _) in stated.items()})
    return tuple(correlated_inputs(copula, names, stated, at, problems) for copula in copulas)


def read_pairs(
    table: CorrelationTable,
    keys: Mapping[str, str],
    distributions: Mapping[str, Distribution],
    may_be_unread: Callable[[str], bool],
    at: Location,
    problems: Problems,
) -> dict[frozenset[str], float]:
    """Check a table of a scenario; return the correlation of normal scores of each pair of keys, or none if wrong.

    `keys` are those of the names that it may have, of inputs and of priors.
    """
    between: list[str] = []
    for name in table.between or ():
        key = keys.get(name)
        if key is None:
            if not may_be_unread(name):
                hint = did_you_mean(name, keys)
                problems.add(at / "between", f"no input or prior {name!r} in this scenario{hint}")
            continue
        if isinstance(distributions[key], Fixed):
            message = f"{name!r} is a fixed value and cannot be correlated; leave it out, or give it a distribution"
            problems.add(at / "between", message)
        elif key in between:
            problems.add(at / "between", f"{name!r} is there twice: it is one random variable, {key!r}")
        between.append(key)
    given = [way for way in WAYS if getattr(table, way) is not None]
    number = len(table.between or ())
    if len(given) != 1:
        if not any(problems.has(at / way) for way in WAYS):
            got = " and ".join(given) or "none"
            problems.add(at, f"give one of rank, linear (between two) and loadings (of each); got {got}")
    elif number and table.loadings is not None and len(table.loadings) != number:
        problems.add(at / "loadings", f"{number} inputs need as many, got {len(table.loadings)}")
    elif number and table.loadings is None and number != 2:
        message = f"{given[0]} is between two, got {number}; give loadings on a factor that they share"
        problems.add(at / "between", message)
    if problems.has(at) or len(between) < number:
        return {}
    with problems.gather():
        return scores_of(table, between, distributions, at)
    return {}


def scores_of(
    table: CorrelationTable, between: Sequence[str], distributions: Mapping[str, Distribution], at: Location
) -> dict[frozenset[str], float]:
    """Return the correlation of normal scores of each pair of keys; InputError where two priors cannot have it."""
    scores: dict[frozenset[str], float] = {}
    for (i, one), (j, other) in combinations(enumerate(between), 2):
        score = score_stated(table, i, j)
        if score is None and table.linear is not None:
            try:
                score = pearson_from_linear(table.linear, distributions[one], distributions[other])
            except ValueError as error:
                raise (at / "linear").error(str(error)) from error
        if score is not None:
            scores[frozenset((one, other))] = score
    return scores


def score_stated(table: CorrelationTable, i: int, j: int) -> float | None:
    """Return the correlation of normal scores of two of its keys that a table states; None where it is linear."""
    if table.loadings is not None:
        return table.loadings[i] * table.loadings[j]
    return pearson_from_spearman(table.rank) if table.rank is not None else None


def further_correlations(tables: Sequence[CorrelationTable], keys: set[str]) -> Pairs:
    """Return the library's correlations of pairs of which a scenario has one key at most."""
    found: dict[frozenset[str], float] = {}
    for table in tables:
        for (i, one), (j, other) in combinations(enumerate(table.between), 2):
            score = score_stated(table, i, j)
            if score is not None and not (one in keys and other in keys):
                found.setdefault(frozenset((one, other)), score)
    return found


def correlated_inputs(
    copula: GaussianCopula, names: Mapping[str, str], stated: Stated, at: Location, problems: Problems
) -> CorrelatedInputs:
    """Return the inputs of a copula and their sources; add a problem if their correlations are inconsistent."""
    called = tuple(names[key] for key in copula.keys)
    matrix = np.array(copula.correlations)
    if len(called) > MOST_INPUTS:
        problems.add(at, f"{len(called)} inputs depend on each other; at most {MOST_INPUTS} are taken")
    elif not is_valid(matrix):
        offered = "; ".join(
            f"{called[i]} and {called[j]} {rank:.3f} (not {spearman_from_pearson(matrix[i, j]):.3f})"
            for (i, j), rank in valid_ranks(matrix).items()
        )
        problems.add(
            at, f"these are inconsistent (matrix not positive definite); nearest valid rank correlations: {offered}"
        )
    tables: list[CorrelationTable] = []
    for pair in copula.pairs:
        if pair in stated and stated[pair][1] not in tables:
            tables.append(stated[pair][1])
    return CorrelatedInputs(
        copula=copula,
        names=called,
        sources=tuple(source for table in tables for source in sources_of(table.source)),
        notes=tuple(table.note for table in tables if table.note),
    )


def valid_ranks(matrix: FloatArray) -> dict[tuple[int, int], float]:
    """Return the rank correlations, with three decimals, that make a matrix of normal scores valid.

    They are those of the nearest valid matrix, drawn towards 0 by as little as makes them valid when rounded.
    """
    nearest = nearest_correlations(matrix)

    def shrink(thousandths: int) -> tuple[FloatArray, dict[tuple[int, int], float]]:
        candidate, ranks = matrix.copy(), {}
        for i, j in combinations(range(len(matrix)), 2):
            rank = round(spearman_from_pearson(nearest[i, j] * (1 - thousandths / 1000)), 3)
            if rank != round(spearman_from_pearson(matrix[i, j]), 3):
                ranks[i, j] = rank
                candidate[i, j] = candidate[j, i] = pearson_from_spearman(rank)
        return candidate, ranks

    return shrink(bisect_left(range(1000), True, key=lambda step: is_valid(shrink(step)[0])))[1]


def default_correlations(library: Library) -> list[CorrelationTable]:
    """Return the correlations of the library, the user's own folders first; InputError if a table is wrong."""
    problems = Problems()
    tables = [
        read_table(CorrelationTable, item, Location(file, key) / number, problems)
        for file, key, items in library.tables(CORRELATIONS)
        for number, item in enumerate(items if isinstance(items, list) else [items], 1)
    ]
    problems.raise_all()
    return tables
