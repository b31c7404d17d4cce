"""Rows of the unit cube, any of them on demand, and the values that the priors give them.

Each random variable has a stream of its own, keyed by the seed and the variable's key, that can be entered at any
row. So a draw depends neither on the other inputs nor on how the rows were divided, and two scenarios that share a
variable share its draws.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from simulator.distributions import Distribution, Fixed, quantile_function
from simulator.model import Model
from simulator.units import FloatArray


@dataclass(frozen=True)
class RandomVariable:
    """One dimension of the cube, and the inputs that it gives a value.

    Attributes
    ----------
    name : str
        The input that it feeds, or its key where it feeds several.
    key : str
        What keys its stream.
    inputs : mapping from str to Distribution
        Distribution of each input, in the input's unit.
    """

    name: str
    key: str
    inputs: Mapping[str, Distribution]


class Sampler:
    """From rows of the cube to values of the inputs.

    Parameters
    ----------
    model : Model
        Whose inputs to draw.

    Attributes
    ----------
    variables : list of RandomVariable
        The dimensions of the cube.
    fixed : dict from str to float
        The inputs that are known.
    blocks : list of lists of int
        The variables that are correlated with each other, and each other one alone.
    column_variables : list of int
        For each column of uncertain values, the variable that it comes from.
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
        self.variables = [
            RandomVariable(next(iter(inputs)) if len(inputs) == 1 else key, key, inputs)
            for key, inputs in feeds.items()
        ]
        order = list(feeds)
        self._correlated = [(copula, [order.index(key) for key in copula.keys]) for copula in model.copulas]
        block_of = {number: block for _, block in self._correlated for number in block}
        blocks = (block_of.get(number, [number]) for number in range(len(order)))
        self.blocks = [block for number, block in enumerate(blocks) if number == min(block)]
        # A column for each distribution: a variable that feeds inputs in several units has several.
        columns: dict[tuple[int, Distribution], list[str]] = {}
        for number, variable in enumerate(self.variables):
            for name, distribution in variable.inputs.items():
                columns.setdefault((number, distribution), []).append(name)
        self.column_variables = [number for number, _ in columns]
        self._names = list(columns.values())
        self._quantiles = [quantile_function(distribution) for _, distribution in columns]

    def values(self, cube: FloatArray) -> dict[str, FloatArray | np.float64]:
        """Return the value of every input for rows of the cube, of shape (variables, rows), used up."""
        self.correlate(cube)
        return self.inputs(self.columns(cube))

    def can_be_zero(self) -> set[str]:
        """Return the inputs that are 0, or whose priors reach it."""
        drawn = {name: item.support[0] for variable in self.variables for name, item in variable.inputs.items()}
        return {name for name, low in {**self.fixed, **drawn}.items() if low <= 0}

    def correlate(self, cube: FloatArray) -> None:
        """Correlate independent rows of the cube, of shape (variables, rows), in place."""
        for copula, block in self._correlated:
            copula.transform([cube[number] for number in block])

    def conditional(
        self, given: FloatArray, fresh: FloatArray, held: Collection[int], newly_held: Set[int]
    ) -> dict[int, FloatArray]:
        """Return values of columns that are correlated with held variables, by the columns' numbers, given these.

        Parameters
        ----------
        given, fresh : array of shape (variables, …)
            Correlated rows of the cube; the second are those that are moved.
        held : collection of int
            Variables whose values in `given` hold.
        newly_held : set of int
            Those of them that no earlier call held: what does not depend on these is left out.
        """
        found: dict[int, FloatArray] = {}
        for copula, block in self._correlated:
            indices = [index for index, number in enumerate(block) if number in held]
            if newly_held & set(block) and len(indices) < len(block):
                uniforms = copula.conditional([given[n] for n in block], [fresh[n] for n in block], indices)
                for index, uniform in uniforms.items():
                    for column, number in enumerate(self.column_variables):
                        if number == block[index]:
                            found[column] = quantiles_of(self._quantiles[column], uniform)
        return found

    def columns(self, cube: FloatArray) -> list[FloatArray]:
        """Return the columns of uncertain values for correlated rows of the cube, for `inputs` to name."""
        pairs = zip(self._quantiles, self.column_variables, strict=True)
        return [quantiles_of(quantile, cube[number]) for quantile, number in pairs]

    def inputs(self, columns: Sequence[FloatArray]) -> dict[str, FloatArray | np.float64]:
        """Return the value of every input, by name."""
        named = {name: row for names, row in zip(self._names, columns, strict=True) for name in names}
        return {**self.fixed, **named}


def quantiles_of(quantile: Callable[[FloatArray], FloatArray], uniforms: FloatArray) -> FloatArray:
    """Return the quantiles at uniform values, of any shape."""
    return quantile(uniforms.reshape(-1)).reshape(uniforms.shape)


def stream(seed: int, key: str, row: int = 0) -> np.random.Generator:
    """Return the generator of one random variable's uniforms, set to give the one of `row` next."""
    words = np.frombuffer(blake2b(key.encode(), digest_size=16).digest(), "<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(int(word) for word in words))
    return np.random.Generator(np.random.PCG64DXSM(sequence).advance(row))


class Cube:
    """Columns of the cube, from a row on, a piece at a time.

    Parameters
    ----------
    seed : int
        Governs every column.
    variables : sequence of RandomVariable
        The columns.
    row : int
        The first row.
    """

    def __init__(self, seed: int, variables: Sequence[RandomVariable], row: int) -> None:
        self._streams = [stream(seed, variable.key, row) for variable in variables]
        self._piece = np.empty((len(variables), 0))

    def next(self, rows: int) -> FloatArray:
        """Return the next rows, as an array of shape (variables, rows) that the next call writes over."""
        if self._piece.shape[1] != rows:
            self._piece = np.empty((len(self._streams), rows))
        piece = self._piece
        for generator, column in zip(self._streams, piece, strict=True):
            generator.random(out=column)
        return piece
