"""Rows of the unit cube, any of them on demand, and the values that the priors give them.

Each uncertain fact has a stream of its own, keyed by the seed and the fact's identity, that can be entered at
any row. So a draw depends neither on the other inputs nor on how the rows were divided, and two scenarios
that share a fact share its draws.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from simulator.distributions import Distribution, Fixed, quantile_function
from simulator.model import Model
from simulator.units import FloatArray


@dataclass(frozen=True)
class Factor:
    """One uncertain fact: a dimension of the cube, and the inputs that it gives a value.

    Attributes
    ----------
    name : str
        The input that it feeds, or its identity where it feeds several.
    identity : str
        What keys its stream.
    inputs : mapping from str to Distribution
        Distribution of each input, in the input's unit.
    """

    name: str
    identity: str
    inputs: Mapping[str, Distribution]


class Sampler:
    """From rows of the cube to values of the inputs.

    Parameters
    ----------
    model : Model
        Whose inputs to draw.

    Attributes
    ----------
    factors : list of Factor
        The dimensions of the cube.
    fixed : dict from str to float
        The inputs that are known.
    groups : list of lists of int
        The factors that depend on each other, and each other one alone.
    places : list of int
        For each column of uncertain values, the factor that it comes from.
    """

    def __init__(self, model: Model) -> None:
        self.fixed: dict[str, np.float64] = {
            name: np.float64(item.distribution.value)
            for name, item in model.inputs.items()
            if name in model.book.inputs and isinstance(item.distribution, Fixed)
        }
        feeds: dict[str, dict[str, Distribution]] = {}
        for name, item in model.uncertain.items():
            inputs = feeds.setdefault(item.prior.name, {})
            if name in model.book.inputs:
                inputs[name] = item.distribution
        self.factors = [
            Factor(next(iter(inputs)) if len(inputs) == 1 else identity, identity, inputs)
            for identity, inputs in feeds.items()
        ]
        order = list(feeds)
        self._correlated = [(copula, [order.index(key) for key in copula.keys]) for copula in model.copulas]
        joined = {place: places for _, places in self._correlated for place in places}
        self.groups = [
            joined.get(place, [place]) for place in range(len(order)) if place == min(joined.get(place, [place]))
        ]
        # A column for each distribution: a fact that feeds inputs in several units has several.
        columns: dict[tuple[int, Distribution], list[str]] = {}
        for place, factor in enumerate(self.factors):
            for name, distribution in factor.inputs.items():
                columns.setdefault((place, distribution), []).append(name)
        self.places = [place for place, _ in columns]
        self._names = list(columns.values())
        self._quantiles = [quantile_function(distribution) for _, distribution in columns]

    def values(self, cube: FloatArray) -> dict[str, FloatArray | np.float64]:
        """Return the value of every input for columns of the cube, an array of shape (factors, rows), used up."""
        self.correlate(cube)
        return self.inputs(self.drawn(cube))

    def can_be_zero(self) -> set[str]:
        """Return the inputs that are 0, or whose priors reach it."""
        drawn = {name: item.support[0] for factor in self.factors for name, item in factor.inputs.items()}
        return {name for name, low in {**self.fixed, **drawn}.items() if low <= 0}

    def correlate(self, cube: FloatArray) -> None:
        """Make the columns of the cube, of shape (factors, rows), depend on each other as the facts do, in place."""
        for copula, places in self._correlated:
            copula.transform([cube[place] for place in places])

    def redrawn(
        self, known: FloatArray, anew: FloatArray, places: Collection[int], moved: Set[int]
    ) -> dict[int, FloatArray]:
        """Return values of columns that depend on some factors, by the columns' numbers, drawn given those factors.

        Parameters
        ----------
        known, anew : array of shape (factors, …)
            Rows of the cube that depend on each other as they should; the second are those that are moved.
        places : collection of int
            Factors whose values in `known` are given.
        moved : set of int
            Those of them that have just become known: what does not depend on these is left out.
        """
        found: dict[int, FloatArray] = {}
        for copula, members in self._correlated:
            given = [local for local, member in enumerate(members) if member in places]
            if moved & set(members) and len(given) < len(members):
                uniforms = copula.conditional([known[m] for m in members], [anew[m] for m in members], given)
                for local, column in uniforms.items():
                    for number, place in enumerate(self.places):
                        if place == members[local]:
                            found[number] = shaped(self._quantiles[number], column)
        return found

    def drawn(self, cube: FloatArray) -> list[FloatArray]:
        """Return the uncertain values for columns that depend on each other as they should, for `inputs` to name."""
        return [shaped(quantile, cube[place]) for quantile, place in zip(self._quantiles, self.places, strict=True)]

    def inputs(self, drawn: Sequence[FloatArray]) -> dict[str, FloatArray | np.float64]:
        """Return the value of every input, by name."""
        named = {name: row for names, row in zip(self._names, drawn, strict=True) for name in names}
        return {**self.fixed, **named}


def shaped(quantile: Callable[[FloatArray], FloatArray], column: FloatArray) -> FloatArray:
    """Return the quantiles of a column of any shape."""
    return quantile(column.reshape(-1)).reshape(column.shape)


def stream(seed: int, identity: str, row: int = 0) -> np.random.Generator:
    """Return the generator of one fact's uniforms, set to give the one of `row` next."""
    words = np.frombuffer(blake2b(identity.encode(), digest_size=16).digest(), "<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(int(word) for word in words))
    return np.random.Generator(np.random.PCG64DXSM(sequence).advance(row))


class Cube:
    """Columns of the cube, from a row on, a piece at a time.

    Parameters
    ----------
    seed : int
        Governs every column.
    factors : sequence of Factor
        The columns.
    row : int
        The first row.
    """

    def __init__(self, seed: int, factors: Sequence[Factor], row: int) -> None:
        self._streams = [stream(seed, factor.identity, row) for factor in factors]
        self._piece = np.empty((len(factors), 0))

    def next(self, rows: int) -> FloatArray:
        """Return the next rows, as an array of shape (factors, rows) that the next call writes over."""
        if self._piece.shape[1] != rows:
            self._piece = np.empty((len(self._streams), rows))
        piece = self._piece
        for generator, column in zip(self._streams, piece, strict=True):
            generator.random(out=column)
        return piece
