"""Rows of the unit cube, any of them on demand, and the values that the priors give them.

Each random variable has a stream of its own, keyed by the seed and the variable's key, that can be entered at any
row. So a draw depends neither on the other inputs nor on how the rows were divided, and two scenarios that share a
variable share its draws.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from simulator.distributions import Distribution, Fixed, quantile_function
from simulator.model import Model
from simulator.units import FloatArray


@dataclass(frozen=True)
class RandomVariable:
    """One dimension of the cube, and the inputs that it gives a value."""

    name: str  # of the input that it feeds, or its key where it feeds several
    key: str  # of its stream
    inputs: Mapping[str, Distribution]  # of each input, in the input's unit


class Sampler:
    """From rows of the cube to values of a model's inputs.

    A variable that feeds inputs in several units gives several columns of values, one for each distribution.

    Attributes
    ----------
    variables : list of RandomVariable
        The dimensions of the cube.
    fixed : dict from str to float
        The inputs that are known.
    blocks : list of lists of int
        The variables that are correlated with each other, and each other one alone.
    column_variables : list of int
        The variable that each column comes from.
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
        columns: dict[tuple[int, Distribution], list[str]] = {}
        for number, variable in enumerate(self.variables):
            for name, distribution in variable.inputs.items():
                columns.setdefault((number, distribution), []).append(name)
        self.column_variables = [number for number, _ in columns]
        self._names = list(columns.values())
        self._quantiles = [quantile_function(distribution) for _, distribution in columns]

    def draw_cube(self, seed: int, rows: range) -> FloatArray:
        """Return rows of a run with a seed, correlated, of shape (variables, rows)."""
        cube = np.empty((len(self.variables), len(rows)))
        for variable, column in zip(self.variables, cube, strict=True):
            stream(seed, variable.key, rows.start).random(out=column)
        self.correlate(cube)
        return cube

    def values(self, cube: FloatArray) -> dict[str, FloatArray | np.float64]:
        """Return the value of every input for rows of the cube, of shape (variables, rows), used up."""
        self.correlate(cube)
        return self.inputs(self.columns(cube))

    def correlate(self, cube: FloatArray) -> None:
        """Correlate independent rows of the cube, of shape (variables, rows), in place."""
        for copula, block in self._correlated:
            copula.transform([cube[number] for number in block])

    def condition(
        self,
        columns: Sequence[FloatArray],
        given: FloatArray,
        fresh: FloatArray,
        held: Set[int],
        newly_held: Set[int],
    ) -> list[FloatArray]:
        """Return columns in which what is correlated with held variables is drawn given these.

        Of two arrays of correlated rows of the cube, of shape (variables, …), the variables' values are held in the
        first and the others moved in the second. What does not depend on the newly held ones stays as it was.
        """
        moved: dict[int, FloatArray] = {}
        for copula, block in self._correlated:
            indices = [index for index, number in enumerate(block) if number in held]
            if newly_held.isdisjoint(block) or len(indices) == len(block):
                continue
            uniforms = copula.conditional([given[n] for n in block], [fresh[n] for n in block], indices)
            moved |= {block[index]: uniform for index, uniform in uniforms.items()}
        return self.move(columns, moved)

    def move(self, columns: Sequence[FloatArray], moved: Mapping[int, FloatArray]) -> list[FloatArray]:
        """Return columns with the values of some random variables at other uniform values, by their number."""
        triples = zip(columns, self._quantiles, self.column_variables, strict=True)
        return [
            quantiles_of(quantile, moved[number]) if number in moved else column
            for column, quantile, number in triples
        ]

    def columns(self, cube: FloatArray) -> list[FloatArray]:
        """Return the columns of values for correlated rows of the cube, for `inputs` to name."""
        pairs = zip(self._quantiles, self.column_variables, strict=True)
        return [quantiles_of(quantile, cube[number]) for quantile, number in pairs]

    def mix(self, one: Sequence[FloatArray], other: Sequence[FloatArray], variables: Set[int]) -> list[FloatArray]:
        """Return the columns of one, with those of some random variables from another."""
        pairs = zip(self.column_variables, one, other, strict=True)
        return [b if variable in variables else a for variable, a, b in pairs]

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
