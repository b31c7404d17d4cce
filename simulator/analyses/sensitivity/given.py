"""Measures from draws that are there already, at no further evaluation of the model.

Errors come from shares of the rows; what is sorted is sorted once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import REPLICATES, Design, Estimate, Estimator, Study
from simulator.sampling.draws import Progress
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map
from simulator.units import FloatArray

type BoolArray = NDArray[np.bool_]
type IntArray = NDArray[np.intp]
type Measures = Mapping[str, FloatArray]


@dataclass(frozen=True)
class Column:
    """A column of values, of shape (rows,), and what sorting it gave."""

    values: FloatArray
    order: IntArray  # rows by rising value
    levels: IntArray  # the number of each row's value among the values that differ, by rising value

    def ranks(self, kept: BoolArray) -> FloatArray:
        """Return the centred ranks of some rows among themselves; ties share their mean rank."""
        counts = np.bincount(self.levels[kept])
        middles = counts.cumsum() - (counts - 1) / 2 - (kept.sum() + 1) / 2
        return np.asarray(middles[self.levels[kept]])


@dataclass(frozen=True)
class Sample:
    """Inputs and an output, of which some rows are kept."""

    inputs: list[Column]
    output: Column
    kept: BoolArray

    def order(self, column: Column) -> IntArray:
        """Return the kept rows by rising value of a column."""
        return column.order[self.kept[column.order]]

    def input_ranks(self) -> FloatArray:
        """Return the centred ranks of the inputs in the kept rows, of shape (inputs, rows)."""
        return np.array([column.ranks(self.kept) for column in self.inputs])


def sort_column(values: FloatArray) -> Column:
    """Sort a column."""
    order = np.argsort(values, kind="stable")
    levels = np.empty(len(values), np.intp)
    levels[order] = np.concatenate([[0], np.cumsum(np.diff(values[order]) > 0)])
    return Column(values, order, levels)


@lru_cache(maxsize=1)
def sort_draws(evaluator: Evaluator, design: Design) -> tuple[list[Column], list[Column]]:
    """Return the sorted columns of inputs and of quantities; made once in each process that estimates."""
    inputs, outputs = Study(evaluator, *design).draws
    return [sort_column(values) for values in inputs], [sort_column(values) for values in outputs]


def measure_share(
    evaluator: Evaluator, replicate: int, *, estimator: Callable[[Sample], Measures], design: Design, of_batches: bool
) -> list[Measures]:
    """Return the measures for each quantity from one replicate's draws, or all but these; of number -1, from all."""
    inputs, outputs = sort_draws(evaluator, design)
    belongs = np.arange(outputs[0].values.size) % REPLICATES == replicate
    kept = belongs if of_batches and replicate >= 0 else ~belongs
    return [estimator(Sample(inputs, output, kept)) for output in outputs]


def estimate_from_draws(estimator: Callable[[Sample], Measures], ratio: tuple[str, str] | None = None) -> Estimator:
    """Return what estimates from draws: ``estimator(sample)``, of a module, gives measures of shape (inputs,).

    Errors are those of the jackknife, which wants measures that hardly change where a few rows go. Where the
    estimator gives a `ratio`, by the names of numerator and denominator, errors are those of both in batches of rows.
    """

    def estimate(study: Study, executor: Map, progress: Progress) -> dict[str, Estimate]:
        work = partial(measure_share, estimator=estimator, design=study.design, of_batches=ratio is not None)
        found: list[list[Measures]] = []
        try:
            sort_draws(study.evaluator, study.design)  # before threads ask for it at the same time
            for measures in work_on(executor, study.evaluator, work, range(-1, REPLICATES)):
                found.append(measures)
                progress(len(found) / (REPLICATES + 1))
        finally:
            sort_draws.cache_clear()
        study.evaluations += study.n_base
        stacked = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
        if ratio is not None:
            above, below = (stacked[name] for name in ratio)
            parts, rest = ((each[1:].sum(axis=0) - each[1:]) / (REPLICATES - 1) for each in (above, below))
            return {ratio[0]: Estimate(above[0] / below[0], parts / rest, rest / below[1:].mean(axis=0))}
        return {name: Estimate(values[0], values[1:], np.ones_like(values[1:])) for name, values in stacked.items()}

    return estimate


def correlate(inputs: FloatArray, output: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the correlations between centred inputs, of shape (inputs, rows), and of each with the output."""
    scaled = inputs / np.sqrt((inputs**2).sum(axis=1, keepdims=True))
    target = output / np.sqrt((output**2).sum())
    return scaled @ scaled.T, scaled @ target
