"""What a method of sensitivity analysis is."""

from collections.abc import Callable
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
        ``design(factors, base, rng)`` gives the points, `base` rows for each run.
    indices : callable
        ``indices(design, outputs, weights)`` gives, for each index by name, an array of shape (replicates,
        factors): outputs are of shape (runs, rows), and each replicate weighs the rows by its row of
        `weights`, of shape (replicates, rows), so that one routine makes the intervals of all methods.
    leading : str
        The index that orders the inputs.
    """

    design: Callable[[int, int, np.random.Generator], Design]
    indices: Callable[[Design, FloatArray, FloatArray], dict[str, FloatArray]]
    leading: str
