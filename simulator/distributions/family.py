"""What families share: the interface of a distribution, sets of parameters, and fits to quantiles."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple, Protocol

import numpy as np
import scipy

from simulator.portable import log
from simulator.units import FloatArray

# A quantile's name: p05 is 5 %, p50 the median, p975 is 97.5 %.
QUANTILE = re.compile(r"p(0[1-9]|[1-9][0-9]|[0-9]{2}[1-9])")
ANY_MORE = "…"  # in a form: more quantiles may follow
TWO, THREE = ("p05", "p95"), ("p05", "p50", "p95")
DIGITS = 12  # after the point, of what a search finds: the last ones depend on the processor
NO_SUCH = "no distribution of this family has these quantiles"


class Distribution(Protocol):
    """What a prior draws from."""

    def __hash__(self) -> int:
        """Distributions are values: equal ones share their table of quantiles."""

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""

    @property
    def closed_form(self) -> bool:
        """Whether `ppf` is cheap arithmetic, so that no table is worth while."""

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities `u`, of the shape of `u`."""

    def isf(self, v: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities ``1 - v``."""

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probabilities of values up to `x`."""

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probabilities of values above `x`, with the digits of a small one."""


def atoms_of(distribution: Distribution) -> Mapping[float, float]:
    """Return the values that have a probability of their own, with these; most distributions have none."""
    return getattr(distribution, "atoms", {})


def snap(
    distribution: Distribution,
    u: FloatArray,
    elsewhere: Callable[[FloatArray], FloatArray],
    *,
    from_above: bool = False,
) -> FloatArray:
    """Return quantiles that are exactly an atom where they should be, and by another function where they are not.

    The probabilities are those of lower values, or, `from_above`, of higher ones; `elsewhere` gives the quantiles at
    an array of them, of shape (rows,).
    """
    values, rest = np.empty(np.shape(u)), np.ones(np.shape(u), bool)
    for value, probability in atoms_of(distribution).items():
        up_to = float((distribution.sf if from_above else distribution.cdf)(np.asarray(value)))
        low, high = (up_to, up_to + probability) if from_above else (up_to - probability, up_to)
        inside = (low <= u) & (u < high) if from_above else (low < u) & (u <= high)
        values[inside] = value
        rest &= ~inside
    values[rest] = elsewhere(np.asarray(u)[rest])
    return values


def require(condition: bool, message: str) -> None:
    """Raise ValueError with `message` unless `condition` holds."""
    if not condition:
        raise ValueError(message)


def require_positive(**values: float) -> None:
    """Raise ValueError unless every named value is above 0."""
    for name, value in values.items():
        require(value > 0, f"{name} must be above 0, got {value:g}")


def require_weights(weights: Sequence[float]) -> None:
    """Raise ValueError unless `weights` are positive and sum to 1."""
    require(min(weights) > 0, f"weights must be above 0, got {min(weights):g}")
    # Written by hand, thirds have a few digits.
    require(abs(sum(weights) - 1) < 1e-3, f"weights must sum to 1, these sum to {sum(weights):.6g}")


type Build = Callable[..., Distribution]
type Places = Sequence[float] | FloatArray


class Family(NamedTuple):
    """What a distribution's table in a file may hold.

    Attributes
    ----------
    forms : mapping from tuple of str to callable
        Each set of parameters that is enough, and what builds a distribution from it. Quantiles stand for any other
        ones, as many; they are passed together, first.
    options : tuple of str
        Parameters that any form may add, where its builder takes them.
    """

    forms: Mapping[tuple[str, ...], Build]
    options: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        """Every parameter that the family knows but quantiles, each once."""
        names = dict.fromkeys(chain(*self.forms, self.options))
        return [name for name in names if not QUANTILE.fullmatch(name) and name != ANY_MORE]

    @property
    def takes_quantiles(self) -> bool:
        """Whether some form has quantiles."""
        return any(map(QUANTILE.fullmatch, chain(*self.forms)))


class Quantiles(NamedTuple):
    """Quantiles that were asked for, two or more, in rising order.

    Attributes
    ----------
    names : tuple of str
        As the file gives them.
    probabilities, values : array of shape (quantiles,)
        What the names mean, and the quantiles.
    """

    names: tuple[str, ...]
    probabilities: FloatArray
    values: FloatArray

    @property
    def normal_scores(self) -> FloatArray:
        """The quantiles of the standard normal at the same probabilities."""
        return scipy.special.ndtri(self.probabilities)  # type: ignore[no-any-return]

    @property
    def span(self) -> float:
        """Distance of the outer quantiles."""
        return float(self.values[-1] - self.values[0])

    def require_between(self, low: float, high: float) -> None:
        """Raise ValueError unless all lie inside an open interval."""
        words = " and ".join([", ".join(self.names[:-1]), self.names[-1]])
        inside = low < self.values[0] and self.values[-1] < high
        require(inside, f"{words} must lie between {low:g} and {high:g}")

    def require_above(self, low: float) -> None:
        """Raise ValueError unless all lie above a number."""
        require(self.values[0] > low, f"{self.names[0]} must be above {low:g}, got {self.values[0]:g}")

    def require_right_tailed(self) -> None:
        """Raise ValueError unless three of them lie farther apart on the right than those of a normal would."""
        left, right = np.diff(self.values) / np.diff(self.normal_scores)
        require(right > left, "the longer tail of this family is the right one; of these quantiles it is not")

    def logarithms(self, shift: float = 0.0) -> "Quantiles":
        """Return those of the logarithm above `shift`; ValueError unless all lie above it."""
        self.require_above(shift)
        return self._replace(values=log(self.values - shift))

    def location_and_scale(self, standard: FloatArray) -> tuple[float, float]:
        """Return what moves and stretches a distribution with the quantiles `standard` to have the outer ones."""
        scale = float(self.span / (standard[-1] - standard[0]))
        return float(self.values[0] - scale * standard[0]), scale

    def solve(self, build: Build, start: FloatArray) -> Distribution:
        """Return ``build(*numbers)`` for the numbers, of order 1, at which it has these quantiles."""

        def miss(parameters: FloatArray) -> FloatArray:
            try:
                return np.asarray((build(*parameters).ppf(self.probabilities) - self.values) / self.span)
            except ValueError:  # a step out of range: the search shortens it
                return np.full(self.values.size, np.nan)

        try:
            found = scipy.optimize.least_squares(miss, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        except ValueError:  # where its start is out of range
            raise ValueError(NO_SUCH) from None
        require(bool(np.abs(found.fun).max() < 1e-8), NO_SUCH)
        return build(*np.round(found.x, DIGITS))


def find_shape(standard: Callable[[float], Places], wanted: Places, low: float, high: float) -> float:
    """Return the shape at which the middle one of three places lies between the outer ones where it should.

    ``standard(shape)`` gives three places in the standard distribution, which become those that are `wanted` when the
    distribution is moved and stretched. The part of their distance that lies below the middle one rises with the
    shape, or stays the same. ValueError if no shape from `low` to `high` does it.
    """

    def part_below(places: Places) -> float:
        return float((places[1] - places[0]) / (places[2] - places[0]))

    def excess(shape: float) -> float:
        return part_below(standard(shape)) / part_below(wanted) - 1

    for end, beyond in ((low, excess(low)), (high, -excess(high))):
        if beyond > -1e-9:  # near an end the part may stay the same, and differ by rounding
            require(beyond < 1e-9, NO_SUCH)
            return end
    return find_root(excess, low, high)


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function of a number of order 1 changes its sign; ValueError unless it does between the ends."""
    try:
        found = scipy.optimize.brentq(function, low, high, xtol=1e-15, rtol=1e-15)
    except ValueError:
        raise ValueError(NO_SUCH) from None
    return round(float(found), DIGITS)


def read_quantiles(given: Mapping[str, float]) -> Quantiles:
    """Return quantiles by their names in order; ValueError unless they rise."""
    names = tuple(sorted(given, key=lambda name: float(f"0.{name[1:]}")))
    for below, above in pairwise(names):
        low, high = given[below], given[above]
        require(low < high, f"{below} must be below {above}, got {low:g} and {high:g}")
    probabilities = np.array([float(f"0.{name[1:]}") for name in names])
    return Quantiles(names, probabilities, np.array([given[name] for name in names], float))
