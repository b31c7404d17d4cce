"""PAWN: how far knowing an input moves the output's distribution function."""

import numpy as np
from numpy.typing import NDArray

from simulator.sensitivity.given import from_draws
from simulator.sensitivity.method import Method
from simulator.units import FloatArray

SLICES = 10  # of each input, with equal numbers of rows


def pawn(inputs: FloatArray, output: FloatArray) -> dict[str, FloatArray]:
    """Return the median over slices of an input of the Kolmogorov-Smirnov distance to the whole output.

    Pianosi and Wagener 2018, doi:10.1016/j.envsoft.2018.07.019. It is above 0 by chance: by about the inverse root of
    the rows of a slice.
    """
    rows = output.size
    place = np.searchsorted(np.sort(output), output, side="right") - 1
    found = np.empty(len(inputs))
    for factor, order in enumerate(np.argsort(inputs, axis=1, kind="stable")):
        distances = []
        for piece in np.array_split(order, SLICES):
            inside = np.bincount(place[piece], minlength=rows)
            distances.append(np.abs(inside.cumsum() / piece.size - steps(place)).max())
        found[factor] = np.median(distances)
    return {"pawn": found}


def steps(place: NDArray[np.intp]) -> FloatArray:
    """Return the output's distribution function at its ordered values; equal values count at the last of them."""
    return np.bincount(place, minlength=place.size).cumsum() / place.size


METHOD = Method(
    lambda study: from_draws(study, pawn),
    leading="pawn",
    titles={"pawn": "PAWN, median distance"},
    takes_groups=False,
    takes_dependence=True,
)
