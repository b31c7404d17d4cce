"""Quantile functions for draws: the closed form where it is cheap, a table of exact quantiles elsewhere."""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from simulator.distributions.discrete import Discrete
from simulator.distributions.family import Distribution, atoms_of, snap
from simulator.units import FloatArray

BITS = 6  # leading bits of the mantissa that number a bin: 64 bins an octave
OCTAVES = 20  # of probability below 1/2 that the table holds; rarer rows, one in a million, are computed exactly
FINER = 3  # times that bins in which a cubic does not do are divided
MOST_DIVIDED = 256  # bins that are divided further, each into 64; of more, the rows are computed exactly
SHIFT = 52 - BITS
FIRST, HALF = (int(np.float64(end).view(np.int64) >> SHIFT) for end in (2.0 ** -(OCTAVES + 1), 0.5))
NEGATIVE = 1 << (63 - SHIFT)  # the bin of -0.0: negative numbers follow the positive ones
SMALLEST = 2.0**-54  # half the spacing of the generators' uniforms: a draw of exactly 0 counts as this
BETWEEN = (0.5 - 5**0.5 / 6, 0.5 + 5**0.5 / 6)  # where a cubic through the nodes misses most
NODES = np.array([0.0, 1 / 3, 2 / 3, 1.0])
CELLS, MOST_CELLS = 4, 20  # of a table of steps: for each value, and the power of 2 at most
ACCURACY = 5e-10  # at the places that are checked; half of what is promised for all


class QuantileTable:
    """A quantile function as cubics over bins that shrink towards both ends.

    A probability u above 1/2 is held as u - 1, a negative number, so that both ends are near zero, where doubles are
    fine; the leading bits of such a number are its bin, so a look-up costs a shift and no search. The cubics meet
    the exact quantiles at both ends of a bin and at two points inside. A bin in which the cubic misses the quantile
    by more than 1e-9 of the value's scale (near a kink, a step or a gap) holds zeros and is divided by six more bits,
    up to three times; rows that come out as 0 from all are computed exactly. About 7 ns a value, where ``ndtri`` and
    ``exp`` take 15, ``betaincinv`` 600.
    """

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution
        # Memory of bins that hold nothing is never touched, so it costs an address and no page.
        self.cubics = np.zeros((4, NEGATIVE + HALF + 1))
        bins = np.arange(FIRST, HALF + 1)  # the last one holds a single probability, 1/2
        bins = np.concatenate([bins, NEGATIVE + bins])
        self.cubics[:, bins] = self._cubics(bins, SHIFT)
        divided = bins[~self.cubics[:, bins].any(axis=0)]
        self.finer: list[tuple[int, NDArray[np.int64], FloatArray]] = []
        for level in range(1, FINER + 1):
            if not 0 < divided.size <= MOST_DIVIDED:
                break
            shift = SHIFT - level * BITS
            parts = (divided[:, None] << BITS | np.arange(1 << BITS)).ravel()
            cubics = self._cubics(parts, shift)
            self.finer.append((shift, divided, cubics))
            divided = parts[~cubics.any(axis=0)]

    def _cubics(self, bins: NDArray[np.int64], shift: int) -> FloatArray:
        """Return the cubics over bins, in rising order, that are numbered by the bits above `shift`."""
        cubics = np.zeros((4, bins.size))
        sign_bit = NEGATIVE << (SHIFT - shift)
        for exact, sign, some in (
            (self.distribution.ppf, 1.0, bins < sign_bit),
            (self.distribution.isf, -1.0, bins >= sign_bit),
        ):
            numbers = bins[some] & (sign_bit - 1)
            low, high = ((numbers + end << shift).view(np.float64) for end in (0, 1))
            width = np.minimum(high, 0.5) - low
            nodes = np.array([low + width * node for node in NODES])
            values = np.array([exact(node) for node in nodes])
            through = cubics_through(sign * nodes, values)
            for place in BETWEEN:
                x, truth = sign * (low + width * place), exact(low + width * place)
                error = np.abs(horner(through, x) - truth)
                through[:, error > ACCURACY * (np.abs(truth) + np.abs(values[3] - values[0]))] = 0.0
            cubics[:, some] = through
        return cubics

    def __call__(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at `u`, an array of shape (rows,) inside [0, 1)."""
        signed = np.rint(u)
        np.subtract(u, signed, out=signed)
        bins = (signed.view(np.uint64) >> SHIFT).view(np.int64)
        values: FloatArray = self.cubics[3].take(bins, mode="clip")
        term = np.empty_like(values)
        for power in (2, 1, 0):
            values *= signed
            values += self.cubics[power].take(bins, mode="clip", out=term)
        missing = values == 0
        if missing.any():
            rows = np.flatnonzero(missing)
            values[rows] = self._rare(u[rows], signed[rows])
        return values

    def _rare(self, u: FloatArray, signed: FloatArray) -> FloatArray:
        """Return the quantiles that the first table does not hold."""
        values = np.zeros_like(u)
        bits = signed.view(np.uint64)
        for shift, divided, cubics in self.finer:
            number = (bits >> (shift + BITS)).view(np.int64)
            place = np.minimum(np.searchsorted(divided, number), divided.size - 1)
            part = (place << BITS) + ((bits >> shift) & ((1 << BITS) - 1)).view(np.int64)
            inside = divided[place] == number
            values[inside] = horner(cubics[:, part[inside]], signed[inside])
        rows = np.flatnonzero(values == 0)
        probability = np.maximum(u[rows], SMALLEST)
        upper = probability > 0.5
        values[rows[~upper]] = self.distribution.ppf(probability[~upper])
        values[rows[upper]] = self.distribution.isf(1.0 - probability[upper])
        return values


class StepTable:
    """The quantile function of some values with their weights, without a search: exactly that of the distribution.

    The unit interval is cut into equal cells, several for each value. A cell knows how many steps lie below it, so
    one comparison tells on which side of its own step a row is. Rows of cells that hold more steps are searched.
    """

    def __init__(self, distribution: Discrete) -> None:
        self.distribution = distribution
        values = np.array(distribution.values)
        steps = distribution.cdf(values)[:-1]
        self.cells = 1 << min((CELLS * values.size - 1).bit_length(), MOST_CELLS)  # a power of 2: products are exact
        below = np.searchsorted(steps, np.arange(self.cells + 1) / self.cells)
        crowded = np.diff(below) > 1
        self.below = np.where(crowded, values.size, below[:-1])
        self.steps = np.append(steps, [np.inf, np.inf])
        self.values = np.append(values, np.nan)  # of the rows of crowded cells, until they are searched
        self.crowded = bool(crowded.any())

    def __call__(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at `u`, an array of shape (rows,) inside [0, 1)."""
        values = u * self.cells
        places = self.below.take(values.astype(np.intp), mode="clip")
        self.steps.take(places, mode="clip", out=values)
        places += values < u
        self.values.take(places, mode="clip", out=values)
        if self.crowded:
            rows = np.flatnonzero(np.isnan(values))
            values[rows] = self.distribution.ppf(u[rows])
        return values


@lru_cache(maxsize=64)  # of 6 MB each
def build_table(distribution: Distribution) -> QuantileTable | StepTable:
    """Return the table of a distribution: a run, its kept draws and its ranking use the same one."""
    return StepTable(distribution) if isinstance(distribution, Discrete) else QuantileTable(distribution)


def horner(cubics: FloatArray, x: FloatArray) -> FloatArray:
    """Return the values of cubics of shape (4, cubics), one at each `x`."""
    return ((cubics[3] * x + cubics[2]) * x + cubics[1]) * x + cubics[0]  # type: ignore[no-any-return]


def cubics_through(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the coefficients, constant first, of the cubics through four points each; all of shape (4, cubics).

    Newton's divided differences, expanded; where points coincide, at 1/2 alone, the constant through the first.
    """
    with np.errstate(all="ignore"):
        first = np.diff(y, axis=0) / np.diff(x, axis=0)
        second = np.diff(first, axis=0) / (x[2:] - x[:-2])
        third = (second[1] - second[0]) / (x[3] - x[0])
        a, b, c = x[0], x[1], x[2]
        coefficients = np.array(
            [
                y[0] - first[0] * a + second[0] * a * b - third * a * b * c,
                first[0] - second[0] * (a + b) + third * (a * b + a * c + b * c),
                second[0] - third * (a + b + c),
                third,
            ]
        )
    constant = np.array([y[0], *np.zeros((3, y.shape[1]))])
    return np.where(x[0] == x[3], constant, coefficients)


def quantile_function(distribution: Distribution) -> Callable[[FloatArray], FloatArray]:
    """Return the function that turns probabilities of shape (rows,), inside [0, 1), into quantiles of that shape.

    It is exact where `ppf` is a closed form or has steps, and elsewhere within 1e-9 of the value's scale.
    """
    if distribution.closed_form:
        return distribution.ppf
    table = build_table(distribution)
    if isinstance(distribution, Discrete) or not atoms_of(distribution):
        return table
    return partial(snap, distribution, elsewhere=table)
