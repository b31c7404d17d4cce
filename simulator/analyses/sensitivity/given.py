"""Indices from draws that are there already, at no further evaluation of the model.

Each estimator takes a sample of inputs and one output and gives an index for each input. Errors come from the
jackknife over shares of the rows; what is sorted is sorted once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import Estimate, Study
from simulator.analyses.sensitivity.replicates import REPLICATES
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


def from_draws(study: Study, estimator: Estimator) -> dict[str, Estimate]:
    """Estimate indices from the study's draws.

    Parameters
    ----------
    study : Study
        What is ranked.
    estimator : callable
        ``estimator(sample)`` gives indices of shape (inputs,).
    """
    drawn_inputs, drawn_outputs = study.draws
    inputs, outputs = ([column_of(values) for values in drawn] for drawn in (drawn_inputs, drawn_outputs))
    rows = np.arange(drawn_inputs.shape[1])
    found: list[list[Mapping[str, FloatArray]]] = []
    for replicate in range(REPLICATES + 1):
        kept = rows % REPLICATES != replicate - 1  # the first leaves out nothing
        found.append([estimator(Sample(inputs, output, kept)) for output in outputs])
        study.progress((replicate + 1) / (REPLICATES + 1))
    stacked = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    return {name: Estimate(values[0], values[1:]) for name, values in stacked.items()}


def correlations(inputs: FloatArray, output: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the correlations between centred inputs, of shape (inputs, rows), and of each with the output."""
    scaled = inputs / np.sqrt((inputs**2).sum(axis=1, keepdims=True))
    target = output / np.sqrt((output**2).sum())
    return scaled @ scaled.T, scaled @ target
