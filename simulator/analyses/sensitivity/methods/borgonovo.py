"""Borgonovo's delta: the shift of the whole distribution of the output if an input is known."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, estimate_from_draws
from simulator.analyses.sensitivity.method import REPLICATES, Method
from simulator.units import FloatArray

FEWEST_CLASSES, MOST_CLASSES = 8, 48
BINS, REACH = 256, 5.0  # of the output's normal scores
SMOOTHING = 1.5  # times Silverman's bandwidth


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return Borgonovo's delta: the mean total variation between the output's density given an input and without.

    Borgonovo 2007, doi:10.1016/j.ress.2006.04.015, from classes of the input as in Plischke, Borgonovo and Smith
    2013, doi:10.1016/j.ejor.2012.11.047. The index does not change with the output's scale, so densities are those of
    its normal scores. The sign of their difference is found in one half of the rows, by kernels, and the difference
    taken in the other, without: noise then has no size, and an input without effect an index of 0.
    """
    from scipy.special import ndtri

    rows = int(sample.kept.sum())
    scores = np.zeros(sample.kept.size)
    scores[sample.kept] = ndtri((sample.output.ranks(sample.kept) + rows / 2) / rows)
    bins = np.clip((scores + REACH) / (2 * REACH) * BINS, 0, BINS - 1).astype(np.intp)
    classes = int(np.clip(round(rows ** (1 / 3)), FEWEST_CLASSES, MOST_CLASSES))
    half = np.arange(sample.kept.size) // REPLICATES % 2
    found = np.empty(len(sample.inputs))
    for number, column in enumerate(sample.inputs):
        order = sample.order(column)
        member = np.arange(rows) * classes // rows
        cells = (half[order] * classes + member) * BINS + bins[order]
        counts = np.bincount(cells, minlength=2 * classes * BINS).reshape(2, classes, BINS).astype(float)
        sizes = counts.sum(axis=2, keepdims=True)
        whole = counts.sum(axis=1, keepdims=True)
        difference = counts / sizes - whole / whole.sum(axis=2, keepdims=True)
        found[number] = (np.sign(smooth(difference, counts, sizes)) * difference[::-1]).sum(axis=2).mean() / 2
    return {"delta": found}


def smooth(difference: FloatArray, counts: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return differences of densities smoothed by a Gaussian as wide as suits each class."""
    width = 2 * REACH / BINS
    middles = (np.arange(BINS) + 0.5) * width
    mean = (counts * middles).sum(axis=2, keepdims=True) / sizes
    spread = np.sqrt((counts * (middles - mean) ** 2).sum(axis=2, keepdims=True) / sizes)
    bandwidth = SMOOTHING * 1.06 * spread * sizes**-0.2
    frequencies = 2 * np.pi * np.fft.rfftfreq(2 * BINS, width)
    kernel = np.exp(-((bandwidth * frequencies) ** 2) / 2)
    return np.fft.irfft(np.fft.rfft(difference, 2 * BINS, axis=2) * kernel, axis=2)[..., :BINS]


METHOD = Method(estimate_from_draws(measures), titles={"delta": "Borgonovo's delta"}, takes_one=True)
