"""Measures from draws that are there already, at no further evaluation of the model.

Each estimator takes a sample of inputs and one output and gives a measure for each input. Errors come from the
jackknife over shares of the rows; what is sorted is sorted once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import Estimate, Groups, Study
from simulator.analyses.sensitivity.replicates import REPLICATES
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.units import FloatArray


@dataclass(frozen=True)
class Column:
    """A column of values, and what sorting it gave.

    Attributes
    ----------
    values : array of shape (rows,)
        As drawn.
    order : int array of shape (rows,)
        Rows by rising value.
    levels : int array of shape (rows,)
        The number of each row's value among the values that differ, by rising value.
    """

    values: FloatArray
    order: NDArray[np.intp]
    levels: NDArray[np.intp]

    def ranks(self, kept: NDArray[np.bool_]) -> FloatArray:
        """Return the centred ranks of some rows among themselves; ties share their mean rank."""
        counts = np.bincount(self.levels[kept])
        middles = counts.cumsum() - (counts - 1) / 2 - (kept.sum() + 1) / 2
        return np.asarray(middles[self.levels[kept]])


def column_of(values: FloatArray) -> Column:
    """Sort a column."""
    order = np.argsort(values, kind="stable")
    levels = np.empty(len(values), np.intp)
    levels[order] = np.concatenate([[0], np.cumsum(np.diff(values[order]) > 0)])
    return Column(values, order, levels)


@dataclass(frozen=True)
class Sample:
    """Inputs and an output, of which some rows are kept."""

    inputs: list[Column]
    output: Column
    kept: NDArray[np.bool_]

    def ordered(self, column: Column) -> NDArray[np.intp]:
        """Return the kept rows by rising value of a column."""
        return column.order[self.kept[column.order]]

    def input_values(self) -> FloatArray:
        """Return the values of the inputs in the kept rows, of shape (inputs, rows)."""
        return np.array([column.values[self.kept] for column in self.inputs])

    def input_ranks(self) -> FloatArray:
        """Return the centred ranks of the inputs in the kept rows, of shape (inputs, rows)."""
        return np.array([column.ranks(self.kept) for column in self.inputs])


type Estimator = Callable[[Sample], Mapping[str, FloatArray]]


@lru_cache(maxsize=1)
def sort_draws(evaluator: Evaluator, groups: Groups, n_base: int, seed: int) -> tuple[list[Column], list[Column]]:
    """Return the sorted columns of inputs and of quantities; made once in each process that estimates."""
    inputs, outputs = Study(evaluator, groups, n_base, seed).draws
    return [column_of(values) for values in inputs], [column_of(values) for values in outputs]


def without_replicate(
    evaluator: Evaluator, replicate: int, *, estimator: Estimator, groups: Groups, n_base: int, seed: int
) -> list[Mapping[str, FloatArray]]:
    """Return the measures for each quantity from all draws but one replicate's; of number -1, from all."""
    inputs, outputs = sort_draws(evaluator, groups, n_base, seed)
    kept = np.arange(n_base) % REPLICATES != replicate
    return [estimator(Sample(inputs, output, kept)) for output in outputs]


def from_draws(study: Study, estimator: Estimator) -> dict[str, Estimate]:
    """Estimate measures from the study's draws.

    Parameters
    ----------
    study : Study
        What is ranked.
    estimator : callable
        ``estimator(sample)``, a function of a module, gives measures of shape (inputs,).
    """
    about = (study.groups, study.n_base, study.seed)
    work = partial(without_replicate, estimator=estimator, groups=about[0], n_base=about[1], seed=about[2])
    found: list[list[Mapping[str, FloatArray]]] = []
    try:
        sort_draws(study.evaluator, *about)  # before threads ask for it at the same time
        for one in work_on(study.executor, study.evaluator, work, range(-1, REPLICATES)):
            found.append(one)
            study.progress(len(found) / (REPLICATES + 1))
    finally:
        sort_draws.cache_clear()
    study.evaluations += study.n_base
    stacked = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    return {name: Estimate(values[0], values[1:]) for name, values in stacked.items()}


def correlations(inputs: FloatArray, output: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the correlations between centred inputs, of shape (inputs, rows), and of each with the output."""
    scaled = inputs / np.sqrt((inputs**2).sum(axis=1, keepdims=True))
    target = output / np.sqrt((output**2).sum())
    return scaled @ scaled.T, scaled @ target
