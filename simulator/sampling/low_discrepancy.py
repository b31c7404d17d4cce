"""Scrambled Sobol' points.

SciPy has them too, behind an import that costs more than a million draws; here a test holds them against it.
"""

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from simulator.units import FloatArray

BITS = 32
MOST_DIMENSIONS = 512  # lines of the file of direction numbers


@lru_cache(maxsize=1)
def direction_numbers() -> NDArray[np.uint32]:
    """Return the direction numbers of every dimension, of shape (dimensions, `BITS`) (Joe and Kuo 2008)."""
    text = files("simulator.sampling").joinpath("joe_kuo.txt").read_text()
    lines = [[int(word) for word in line.split()] for line in text.splitlines() if line[0] != "#"]
    table = np.zeros((len(lines), BITS), np.uint32)
    for numbers, (polynomial, *first) in zip(table, lines, strict=True):
        degree = polynomial.bit_length() - 1
        m = list(first) if degree else [1] * BITS
        while len(m) < BITS:
            number = m[-degree] ^ (m[-degree] << degree)
            for k in range(1, degree):
                if polynomial >> (degree - k) & 1:
                    number ^= m[-k] << k
            m.append(number)
        numbers[:] = [number << (BITS - 1 - bit) for bit, number in enumerate(m)]
    return table


def sobol_points(dimensions: int, rows: int, rng: np.random.Generator | None) -> FloatArray:
    """Return Sobol' points inside the unit cube, of shape (dimensions, rows); rows are a power of 2.

    A generator scrambles them by random lower triangular matrices and a digital shift (Matousek 1998,
    doi:10.1006/jcom.1998.0489); None leaves them as they are.
    """
    numbers = direction_numbers()[:dimensions, : max(rows.bit_length() - 1, 1)]
    first = np.zeros(dimensions, np.uint32)
    if rng is not None:
        # Bit r of a scrambled number is the parity of its bits that row r of the matrix picks: bit r itself and,
        # at random, higher ones.
        scrambled = np.zeros_like(numbers)
        for r in range(BITS):
            shift = np.uint32(BITS - 1 - r)
            picked = rng.integers(0, 2**r, size=(dimensions, 1), dtype=np.uint32, endpoint=False)
            picked = (picked << (np.uint32(1) + shift) if r else np.zeros_like(picked)) | np.uint32(1) << shift
            scrambled |= (np.bitwise_count(picked & numbers).astype(np.uint32) & np.uint32(1)) << shift
        numbers = scrambled
        first = rng.integers(0, 2**BITS, size=dimensions, dtype=np.uint32)
    points = np.empty((dimensions, rows), np.uint32)
    points[:, 0] = first
    for bit, column in enumerate(numbers.T):
        size = 1 << bit
        if size < rows:
            np.bitwise_xor(points[:, :size], column[:, None], out=points[:, size : 2 * size])
    return (points.astype(np.float64) + 0.5) * 2.0**-BITS
