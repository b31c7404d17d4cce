"""PAWN: the shift of the output's cumulative distribution function if an input is known."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray

SLICES = 10  # of each input, with equal numbers of rows


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return the median over slices of an input of the Kolmogorov-Smirnov distance to the whole output.

    Pianosi and Wagener 2018, doi:10.1016/j.envsoft.2018.07.019. It is above 0 by chance: by about the inverse root of
    the rows of a slice.
    """
    levels = sample.output.levels
    number = int(levels.max()) + 1
    whole = np.bincount(levels[sample.kept], minlength=number).cumsum() / sample.kept.sum()
    found = []
    for column in sample.inputs:
        pieces = np.array_split(sample.order(column), SLICES)
        steps = (np.bincount(levels[piece], minlength=number).cumsum() / piece.size for piece in pieces)
        found.append(np.median([np.abs(step - whole).max() for step in steps]))
    return {"pawn": np.array(found)}


METHOD = Method(
    estimate_from_draws(measures),
    titles={"pawn": "PAWN, median distance"},
    takes_one=True,
    caveat="PAWN is above 0 by chance, most for inputs without effect: its intervals tell of noise, not of that.",
)
