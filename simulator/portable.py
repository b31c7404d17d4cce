"""Functions of doubles whose last digit does not depend on the processor.

NumPy's own `exp`, `log` and `tanh`, and BLAS and LAPACK, take other instructions on other processors, and their
results differ in the last digit. These compute in extended precision, where there is any, and round once.
"""

from typing import Protocol

import numpy as np

from simulator.units import FloatArray


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
    """Return the solution of linear equations, by elimination with the largest pivots.

    The matrix is of shape (n, n), the right-hand sides of shape (n, k). LinAlgError where the matrix is singular.
    """
    rows = np.concatenate([matrix, right], axis=1, dtype=np.longdouble)
    for k in range(len(rows)):
        pivot = k + int(np.argmax(np.abs(rows[k:, k])))
        if rows[pivot, k] == 0:
            raise np.linalg.LinAlgError("singular matrix")
        rows[[k, pivot]] = rows[[pivot, k]]
        rows[k] /= rows[k, k]
        others = np.arange(len(rows)) != k
        rows[others] -= np.multiply.outer(rows[others, k], rows[k])
    return rows[:, len(rows) :].astype(float)
