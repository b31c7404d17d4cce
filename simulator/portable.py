"""Functions of doubles whose last digit does not depend on the processor.

NumPy's own `exp`, `log` and `tanh`, and BLAS and LAPACK, take other instructions on other processors, and their
results differ in the last digit. These compute in extended precision, where there is any, and round once.
"""

from typing import Protocol

import numpy as np

from simulator.units import FloatArray

REFINEMENTS = 4  # of linear equations; two are enough for most matrices


class Function(Protocol):
    """A function of one argument, element by element."""

    def __call__[T: (float, FloatArray)](self, x: T) -> T:
        """Return the values, of the shape of `x`."""


def round_once(function: np.ufunc) -> Function:
    """Return the function that computes in extended precision and returns doubles."""

    def compute[T: (float, FloatArray)](x: T) -> T:
        return function(np.asarray(x, np.longdouble)).astype(float)[()]  # type: ignore[no-any-return]

    return compute


exp, log, log1p, sin, tanh = map(round_once, (np.exp, np.log, np.log1p, np.sin, np.tanh))


def cholesky(matrix: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of a positive definite matrix of shape (n, n), column after column."""
    rest = np.asarray(matrix, np.longdouble).copy()
    factor = np.zeros_like(rest)
    for k in range(len(rest)):
        factor[k:, k] = rest[k:, k] / np.sqrt(rest[k, k])
        rest[k:, k:] -= np.multiply.outer(factor[k:, k], factor[k:, k])
    return factor.astype(float)


def solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solution of linear equations, refined in extended precision until what LAPACK rounded is gone.

    The matrix is of shape (n, n), the right-hand sides of shape (n, k). LinAlgError where the matrix is singular.
    """
    exact, wanted = np.asarray(matrix, np.longdouble), np.asarray(right, np.longdouble)
    found = np.zeros_like(wanted)
    for _ in range(REFINEMENTS):
        missing = wanted - (exact[:, :, None] * found).sum(axis=1)
        found = found + np.linalg.solve(matrix, missing.astype(float))
    return found.astype(float)
