"""What a method of sensitivity analysis is, and what it may ask of a model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simulator.sampling.evaluate import Model
from simulator.sampling.sampler import Cube, Sampler
from simulator.units import FloatArray

PROBE = 1 << 31  # the number of no replicate
PROBED = 1024  # points


class Estimate(NamedTuple):
    """An index of every part of the inputs for every quantity, and what it would be without some of the rows.

    Attributes
    ----------
    whole : array of shape (quantities, parts)
        From all rows.
    without : array of shape (replicates, quantities, parts)
        From all rows but one replicate's, for each replicate; empty where the index is exact.
    """

    whole: FloatArray
    without: FloatArray


def outputs_of(model: Model, columns: Sequence[FloatArray]) -> FloatArray:
    """Return a model's quantities, of shape (quantities, …), for columns of drawn values that broadcast together.

    Raises
    ------
    ModelError
        If a quantity is not a finite number somewhere.
    """
    values = model.values(model.sampler.inputs(columns))
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    outputs = np.array([np.broadcast_to(values[name], shape) for name in model.quantities])
    for name, output in zip(model.quantities, outputs, strict=True):
        if not np.isfinite(output).all():
            raise model.not_finite(name)
    return outputs


@dataclass
class Study:
    """A model whose inputs are to be ranked.

    Attributes
    ----------
    model : Model
        With the quantities that are asked for.
    parts : sequence of sequences of int
        Factors of the model's sampler by number; those of one part are ranked as one.
    base : int
        Rows of each run, a power of 2.
    seed : int
        Governs the points.
    progress : callable
        Called after each replicate with the share that is done.
    evaluations : int
        Rows on which the model was evaluated so far.
    """

    model: Model
    parts: Sequence[Sequence[int]]
    base: int
    seed: int
    progress: Callable[[float], None]
    evaluations: int = 0

    @property
    def sampler(self) -> Sampler:
        """Where the inputs come from."""
        return self.model.sampler

    @property
    def factors(self) -> int:
        """How many factors there are."""
        return len(self.model.sampler.factors)

    def rng(self, replicate: int) -> np.random.Generator:
        """Return the generator of one replicate's points."""
        key = (self.factors, self.base, replicate)
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(self.seed, spawn_key=key)))

    @cached_property
    def probe(self) -> FloatArray:
        """The quantities at some plain points, of shape (quantities, points)."""
        cube = self.rng(PROBE).random((self.factors, PROBED))
        self.sampler.correlate(cube)
        return self.outputs(self.sampler.drawn(cube))

    @cached_property
    def draws(self) -> tuple[FloatArray, FloatArray]:
        """The first `base` draws of a run with this seed: one input of each part, and the quantities, as rows."""
        cube = Cube(self.seed, self.sampler.factors, 0).next(self.base)
        self.sampler.correlate(cube)
        columns = self.sampler.drawn(cube)
        inputs = [columns[self.sampler.places.index(part[0])] for part in self.parts]
        return np.array(inputs), self.outputs(columns)

    def outputs(self, columns: Sequence[FloatArray]) -> FloatArray:
        """Return the quantities as `outputs_of` does, and count the rows."""
        outputs = outputs_of(self.model, columns)
        self.evaluations += outputs[0].size
        return outputs

    def picked(self, one: Sequence[FloatArray], other: Sequence[FloatArray], factors: set[int]) -> list[FloatArray]:
        """Return the columns of one, with those of some factors from another."""
        places = self.sampler.places
        return [b if place in factors else a for place, a, b in zip(places, one, other, strict=True)]


class Method(NamedTuple):
    """A method: a way to estimate one or more indices.

    Attributes
    ----------
    estimate : callable
        ``estimate(study)`` gives an `Estimate` for each index by name.
    leading : str
        The index that orders the inputs.
    titles : mapping from str to str
        Each index in words.
    takes_groups : bool
        Whether a part may have several factors.
    takes_dependence : bool
        Whether parts may depend on each other.
    takes_one : bool
        Whether the index of one part can be had, to the bit, without those of the others.
    of_pairs : bool
        Whether indices are of pairs of parts, in the order of `itertools.combinations`.
    of_model : tuple of str
        Indices that are the same for every part: they tell of the method's own model.
    is_signed : bool
        Whether indices say which way, so that their size ranks. Others are below 0 by chance alone.
    """

    estimate: Callable[[Study], dict[str, Estimate]]
    leading: str
    titles: Mapping[str, str]
    takes_groups: bool
    takes_dependence: bool
    takes_one: bool = False
    of_pairs: bool = False
    of_model: tuple[str, ...] = ()
    is_signed: bool = False
