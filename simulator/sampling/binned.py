"""Summaries of draws that stream past: counts over fixed bins and moments of blocks, mergeable in any order.

A bin is the leading bits of a double: 16,384 bins an octave, so a bin is at most 6.2e-5 of its value wide and
a quantile, interpolated inside its bin, is nearer than that. Counts are integers, so merging them in any
order gives the same bits; block moments are combined in the order of their rows. Up to `EXACT` draws the
values themselves are kept, and every answer is exact.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.units import FloatArray

MANTISSA_BITS = 14
SHIFT = 52 - MANTISSA_BITS
OCTAVE = 1 << MANTISSA_BITS  # bins an octave
EXACT = 1 << 17  # draws up to which values are kept
WIDE = 64 * OCTAVE  # a block that spans more bins than this is counted through a sort
FLIP = np.int64(2**63 - 1)

IntArray = NDArray[np.int64]


def bin_numbers(values: FloatArray, lowest: float) -> IntArray:
    """Return the bin of each value, of which `lowest` is the lowest, numbered in the order of the values."""
    bits = values.view(np.int64)
    # A negative zero is no lower than a zero, so only above both is every bit pattern in order as it is.
    return (bits if lowest > 0 else np.where(bits < 0, bits ^ FLIP, bits)) >> SHIFT


def bin_edges(bins: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest value of each bin."""
    low, high = bins << SHIFT, (bins << SHIFT) + (1 << SHIFT) - 1
    edges = [np.where(bits < 0, bits ^ FLIP, bits).view(np.float64) for bits in (low, high)]
    return edges[0], edges[1]


def zero_counts() -> IntArray:
    """Return the counts of an octave in which nothing occurred."""
    return np.zeros(OCTAVE, np.int64)


@dataclass
class Accumulator:
    """Counts and moments of one quantity over some rows, and the values where they are kept."""

    exact: bool  # whether values are kept
    thresholds: Mapping[float, IntArray] = field(default_factory=dict)  # draws below each of these values, and at it
    octaves: dict[int, IntArray] = field(default_factory=lambda: defaultdict(zero_counts))  # counts of their bins
    blocks: list[tuple[int, int, float, float]] = field(default_factory=list)  # row, rows, mean, squared deviations
    values: list[tuple[int, FloatArray]] = field(default_factory=list)  # first row and values of each block
    lowest: float = np.inf
    highest: float = -np.inf

    def add(self, row: int, values: FloatArray) -> None:
        """Take in a block of values that starts at `row`; FloatingPointError if one of them is not finite."""
        lowest, highest = float(values.min()), float(values.max())
        if not (math.isfinite(lowest) and math.isfinite(highest)):
            raise FloatingPointError("not a finite number")
        self.lowest, self.highest = min(self.lowest, lowest), max(self.highest, highest)
        with np.errstate(over="ignore", invalid="ignore"):  # the spread of finite values may be infinite
            mean = float(values.sum()) / values.size
            deviations = values - mean
            self.blocks.append((row, values.size, mean, float(np.einsum("i,i->", deviations, deviations))))
        if self.exact:
            self.values.append((row, values.copy()))
            return
        for threshold, counts in self.thresholds.items():
            counts += np.count_nonzero(values < threshold), np.count_nonzero(values == threshold)
        bins = bin_numbers(values, lowest)
        ends = np.array([lowest or -0.0, highest or 0.0])  # of zeros of both signs NumPy may call either the lowest
        first, last = (int(end) >> MANTISSA_BITS for end in bin_numbers(ends, lowest))
        if (last - first) * OCTAVE < WIDE:
            bins -= first * OCTAVE
            counts = np.bincount(bins, minlength=(last - first + 1) * OCTAVE).reshape(-1, OCTAVE)
            for octave, count in enumerate(counts, first):
                self.octaves[octave] += count
        else:
            bins.sort()
            octaves, inside = np.divmod(bins, OCTAVE)
            octaves, starts = np.unique(octaves, return_index=True)
            for octave, piece in zip(octaves.tolist(), np.split(inside, starts[1:]), strict=True):
                self.octaves[octave] += np.bincount(piece, minlength=OCTAVE)

    def merge(self, other: "Accumulator") -> None:
        """Take in what another accumulator has seen."""
        for octave, counts in other.octaves.items():
            self.octaves[octave] += counts
        for threshold, counts in other.thresholds.items():
            self.thresholds[threshold] += counts
        self.lowest, self.highest = min(self.lowest, other.lowest), max(self.highest, other.highest)
        self.blocks += other.blocks
        self.values += other.values

    def summary(self) -> "BinnedDistribution":
        """Return what can be asked of the rows seen so far."""
        _, sizes, means, squares = (np.array(column) for column in zip(*sorted(self.blocks), strict=True))
        total = int(sizes.sum())
        mean = float((sizes * means).sum() / total)
        with np.errstate(over="ignore"):
            variance = float((squares + sizes * (means - mean) ** 2).sum() / max(total - 1, 1))
        if self.exact:
            low = high = np.sort(np.concatenate([values for _, values in sorted(self.values, key=lambda v: v[0])]))
            return BinnedDistribution(low, high, np.ones(total, np.int64), mean, variance**0.5)
        octaves = sorted(self.octaves)
        bins = np.concatenate([np.arange(OCTAVE) + octave * OCTAVE for octave in octaves])
        counts = np.concatenate([self.octaves[octave] for octave in octaves])
        seen = counts > 0
        # The bins beside zero hold zero itself: no other number in them is met.
        low, high = (np.where(np.abs(edge) < np.finfo(float).tiny, 0.0, edge) for edge in bin_edges(bins[seen]))
        low[0], high[-1] = self.lowest, self.highest
        counted = {threshold: (int(below), int(at)) for threshold, (below, at) in self.thresholds.items()}
        return BinnedDistribution(low, high, counts[seen], mean, variance**0.5, counted)


@dataclass(frozen=True)
class BinnedDistribution:
    """The distribution of one quantity, as counts between edges; where values were kept, each is its own bin.

    Attributes
    ----------
    low, high, counts : array of shape (bins,)
        Edges of the bins that occurred, in order, in the quantity's unit, and the draws in each.
    mean, sd : float
        Of the draws, in the quantity's unit.
    thresholds : mapping from float to tuple of int
        The draws below some values, and those at them, counted apart from the bins.
    """

    low: FloatArray
    high: FloatArray
    counts: IntArray
    mean: float
    sd: float
    thresholds: Mapping[float, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def cumulative(self) -> IntArray:
        """Draws up to and in each bin."""
        return np.cumsum(self.counts)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.cumulative[-1])

    def order_statistics(self, ranks: ArrayLike) -> FloatArray:
        """Return the values of these ranks, whole numbers from 0, spread evenly inside each bin."""
        ranks = np.asarray(ranks, np.int64)
        bins = np.searchsorted(self.cumulative, ranks, side="right")
        inside = (ranks - self.cumulative[bins] + self.counts[bins] + 0.5) / self.counts[bins]
        values: FloatArray = self.low[bins] + inside * (self.high[bins] - self.low[bins])
        # The ends of the first and the last bin are the lowest and the highest draw themselves.
        return np.where(ranks == 0, self.low[0], np.where(ranks == self.draws - 1, self.high[-1], values))

    def quantile(self, probability: ArrayLike) -> FloatArray:
        """Return the quantiles at these probabilities, by linear interpolation between ranks."""
        position = np.clip(probability, 0.0, 1.0) * (self.draws - 1)
        rank = np.floor(position).astype(np.int64)
        below, above = self.order_statistics([rank, np.minimum(rank + 1, self.draws - 1)])
        return np.asarray(below + (position - rank) * (above - below))

    def count(self, value: float) -> tuple[float, float]:
        """Return the draws below a value, and those at it.

        Inside a bin of several values draws count as spread evenly, so that none is at the value, unless it is one of
        the thresholds.
        """
        if value in self.thresholds:
            return self.thresholds[value]
        first, last = np.searchsorted(self.high, value), np.searchsorted(self.low, value, side="right")
        below = float(self.cumulative[first - 1]) if first else 0.0
        if first == last:
            return below, 0.0
        if self.low[first] == self.high[first]:
            return below, float(self.cumulative[last - 1]) - below
        inside = float((value - self.low[first]) / (self.high[first] - self.low[first]))
        return below + inside * int(self.counts[first]), 0.0

    def cdf(self, value: float) -> float:
        """Return the share of draws up to a value."""
        return sum(self.count(value)) / self.draws

    def mid_rank(self, value: float) -> float:
        """Return the share of draws below a value, and half of those at it."""
        below, at = self.count(value)
        return (below + at / 2) / self.draws

    def quantile_mcse(self, probability: ArrayLike) -> FloatArray:
        """Return the Monte Carlo standard error of a quantile, from the spread of the ranks around it.

        The rank of a quantile is binomial; half the distance between the quantiles one standard deviation of
        the rank to either side is the error (Vehtari et al. 2021, doi:10.1214/20-BA1221). Where a bin holds many of
        the draws, which need not be spread evenly in it, the error is no less than their share of the bin's width.
        """
        p = np.asarray(probability, float)
        spread = np.sqrt(p * (1 - p) / self.draws)
        width, share = self.bins_of(self.quantile(p))
        return np.maximum((self.quantile(p + spread) - self.quantile(p - spread)) / 2, width * share)

    def bins_of(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the widths of the bins that some values lie in, and the bins' shares of the draws."""
        bins = np.minimum(np.searchsorted(self.high, values), len(self.high) - 1)
        return self.high[bins] - self.low[bins], self.counts[bins] / self.draws

    def hdi(self, probability: float) -> FloatArray:
        """Return the narrowest interval that holds this share of the draws, as array of shape (2,)."""
        inside = min(int(np.floor(probability * self.draws)), self.draws - 1)
        starts = np.concatenate([[0], self.cumulative[:-1]])
        starts = starts[starts + inside < self.draws]
        low, high = self.order_statistics([starts, starts + inside])
        narrowest = int(np.argmin(high - low))
        return np.array([low[narrowest], high[narrowest]])

    def hdi_mcse(self, probability: float, rng: np.random.Generator, replicates: int = 50) -> FloatArray:
        """Return the Monte Carlo standard errors of the ends of `hdi`, by resampling the counts."""
        ends = []
        for _ in range(replicates):
            counts = rng.poisson(self.counts)
            seen = counts > 0
            resampled = BinnedDistribution(self.low[seen], self.high[seen], counts[seen], self.mean, self.sd)
            ends.append(resampled.hdi(probability))
        width, _ = self.bins_of(self.hdi(probability))  # by which an end moves
        return np.maximum(np.std(ends, axis=0, ddof=1), width)

    def density(self, edges: Sequence[float] | FloatArray) -> FloatArray:
        """Return the mean density between neighbouring edges, as array of shape (edges - 1,)."""
        share = np.array([self.cdf(edge) for edge in np.asarray(edges)])
        return np.diff(share) / np.diff(edges)
