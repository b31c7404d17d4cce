"""What a method of sensitivity analysis is."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.units import FloatArray


class Design(NamedTuple):
    """Points at which a model is to be evaluated, as columns picked from a few cubes.

    Attributes
    ----------
    cubes : array of shape (cubes, factors, rows)
        Points in the unit cube.
    picks : int array of shape (runs, factors)
        For each run of the model over all rows, the cube that each factor's column is taken from.
    """

    cubes: FloatArray
    picks: NDArray[np.intp]


class Method(NamedTuple):
    """A method: where to evaluate, and what the outputs say.

    Attributes
    ----------
    design : callable
        ``design(groups, base, rng)`` gives the points, `base` rows for each run, for factors that are numbered in
        groups: those that depend on each other, and each other one alone.
    indices : callable
        ``indices(design, outputs, weights)`` gives, for each index by name, an array of shape (replicates,
        groups), or (replicates, factors): outputs are of shape (runs, rows), and each replicate weighs the rows by
        its row of `weights`, of shape (replicates, rows), so that one routine makes the intervals of all methods.
    leading : str
        The index that orders the inputs.
    by_group : bool
        Whether an index is of a group, or of each factor for itself.
    """

    design: Callable[[Sequence[Sequence[int]], int, np.random.Generator], Design]
    indices: Callable[[Design, FloatArray, FloatArray], dict[str, FloatArray]]
    leading: str
    by_group: bool
