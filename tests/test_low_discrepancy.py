"""Sobol' points, held against SciPy's."""

import numpy as np
import pytest
from scipy.stats import qmc

from simulator.sampling.low_discrepancy import BITS, MOST_DIMENSIONS, sobol_points


def ordered(points):
    return points[:, np.lexsort(points[::-1])]


@pytest.mark.parametrize(("dimensions", "rows"), [(1, 1), (1, 2), (3, 8), (40, 1024), (MOST_DIMENSIONS, 256)])
def test_without_scrambling_they_are_scipys(dimensions, rows):
    theirs = qmc.Sobol(dimensions, scramble=False, bits=BITS).random(rows).T + 0.5 * 2.0**-BITS
    np.testing.assert_array_equal(ordered(sobol_points(dimensions, rows, None)), ordered(theirs))


def test_scrambled_points_lie_inside_the_cube_and_follow_the_generator():
    first, again, other = (sobol_points(5, 1024, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() and first.min() > 0 and first.max() < 1


@pytest.mark.parametrize("seed", range(5))
def test_scrambling_keeps_the_net(seed):
    points = sobol_points(8, 1024, np.random.default_rng(seed))
    # A net of 2**10 points has one point in each of the 1024 slices of every axis,
    assert all(len(np.unique(np.floor(column * 1024))) == 1024 for column in points)
    # and its first two axes are a (0, m, 2)-net: one in each box of 32 by 32.
    boxes = np.floor(points[0] * 32) * 32 + np.floor(points[1] * 32)
    assert len(np.unique(boxes)) == 1024


def test_scrambled_points_are_uniform_over_scrambles():
    """One point over 4,000 scrambles; its mean has sd 1 / sqrt(12 * 4000) = 0.0046, so 0.02 is over four of them."""
    rng = np.random.default_rng(1)
    draws = np.array([sobol_points(2, 4, rng)[:, 3] for _ in range(4000)])
    np.testing.assert_allclose(draws.mean(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(draws.var(axis=0), 1 / 12, atol=0.005)
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.07
