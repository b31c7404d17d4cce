"""Functions whose last digit does not depend on the processor, against exact arithmetic."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest

from simulator import portable

DIGITS = 60


def exact(name, x):
    """Return the value of a function with many digits more than a double has."""
    with localcontext() as context:
        context.prec = DIGITS
        value = Decimal(x)
        if name == "tanh":
            double = (2 * value).exp()
            return (double - 1) / (double + 1)
        return {"exp": value.exp, "log": value.ln, "log1p": (1 + value).ln}[name]()


@pytest.mark.parametrize(
    ("name", "low", "high"), [("exp", -30, 30), ("log", 1e-9, 1e9), ("log1p", 1e-12, 5), ("tanh", -3, 3)]
)
def test_functions_are_right_to_the_last_digit(name, low, high):
    """Extended precision rounds wrongly only where the exact value lies almost midway; elsewhere it has no error."""
    x = np.random.default_rng(1).uniform(low, high, 300)
    wanted = np.array([float(exact(name, value)) for value in x])
    got = getattr(portable, name)(x)
    extended = np.finfo(np.longdouble).nmant > np.finfo(float).nmant
    # Where a system has no wider type, the last digit may be wrong.
    np.testing.assert_array_max_ulp(got, wanted, maxulp=0 if extended else 1)
    assert isinstance(getattr(portable, name)(float(x[0])), float)


def solve_exactly(matrix, right):
    """Return the solution of linear equations with fractions, by elimination."""
    rows = [[*map(Fraction, row), Fraction(value)] for row, value in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = next(row for row in rows[column:] if row[column])
        rows.remove(pivot)
        rows.insert(column, [value / pivot[column] for value in pivot])
        for number, row in enumerate(rows):
            if number != column:
                rows[number] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    return [float(row[-1]) for row in rows]


def test_linear_equations_are_solved_with_three_digits_more_than_lapack_has():
    """With Hilbert's matrix of size 7, of condition 5e8."""
    matrix = np.array([[1 / (i + j + 1) for j in range(7)] for i in range(7)])
    right = np.arange(1.0, 8.0)
    wanted = np.array(solve_exactly(matrix, right))
    assert not np.allclose(np.linalg.solve(matrix, right), wanted, rtol=1e-12, atol=0)
    # The condition multiplies the rounding of extended precision, where there is any.
    np.testing.assert_allclose(
        portable.solve(matrix, right[:, None])[:, 0], wanted, rtol=5e8 * np.finfo(np.longdouble).eps
    )


def test_cholesky_is_numpys_but_for_rounding():
    rng = np.random.default_rng(2)
    factors = rng.normal(size=(12, 20))
    matrix = np.corrcoef(factors)
    got = portable.cholesky(matrix)
    assert np.array_equal(got, np.tril(got))
    np.testing.assert_allclose(got, np.linalg.cholesky(matrix), rtol=0, atol=1e-14)


def test_a_singular_matrix_is_refused():
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        portable.solve(np.array([[1.0, 2.0], [2.0, 4.0]]), np.ones((2, 1)))
