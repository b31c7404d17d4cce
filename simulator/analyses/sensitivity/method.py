"""The interface of a method of sensitivity analysis, and the model evaluations that it may use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simulator.sampling.draws import Progress
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import Map
from simulator.sampling.low_discrepancy import sobol_points
from simulator.sampling.sampler import Sampler
from simulator.units import FloatArray

REPLICATES = 32  # of every design
PROBE = 1 << 31  # a stream that no replicate has
PROBED = 1024  # points

type Groups = tuple[tuple[int, ...], ...]
type Design = tuple[Groups, int, int]


class Estimate(NamedTuple):
    """A measure of every group of inputs for every quantity, without unit.

    Measures that are shares of a variance, or of a width, are ratios with the same denominator for all groups.
    """

    estimate: FloatArray  # of shape (quantities, groups), from all rows
    jackknife: FloatArray  # of shape (replicates, quantities, groups), each from all rows but one replicate's
    scale: FloatArray  # of the same shape: the denominator of each of these, as a share of the one from all rows


@dataclass
class Study:
    """A model whose inputs are to be ranked. A task makes its own of the same `design`.

    Attributes
    ----------
    evaluator : Evaluator
        Of the quantities that are asked for.
    groups : tuple of tuples of int
        Random variables by number; each group is ranked as a unit.
    n_base, seed : int
        Rows of each run, a power of 2; what governs the points.
    evaluations : int
        Rows on which the model was evaluated so far.
    """

    evaluator: Evaluator
    groups: Groups
    n_base: int
    seed: int
    evaluations: int = 0

    @property
    def design(self) -> Design:
        """Its groups, rows and seed, which are small and go along with a task."""
        return self.groups, self.n_base, self.seed

    @property
    def sampler(self) -> Sampler:
        """Where the inputs come from."""
        return self.evaluator.sampler

    @property
    def dimensions(self) -> int:
        """How many random variables there are."""
        return len(self.sampler.variables)

    def rng(self, replicate: int) -> np.random.Generator:
        """Return the generator of one replicate's points."""
        key = (self.dimensions, self.n_base, replicate)
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(self.seed, spawn_key=key)))

    def cubes(self, rows: int, rng: np.random.Generator) -> FloatArray:
        """Return two runs of correlated rows on scrambled Sobol' points, of shape (2, random variables, rows)."""
        cubes = sobol_points(2 * self.dimensions, rows, rng).reshape(2, self.dimensions, rows)
        for cube in cubes:
            self.sampler.correlate(cube)
        return cubes

    @cached_property
    def probe(self) -> FloatArray:
        """The quantities at some plain points, of shape (quantities, points)."""
        cube = self.rng(PROBE).random((self.dimensions, PROBED))
        self.sampler.correlate(cube)
        return self.outputs(self.sampler.columns(cube))

    @cached_property
    def centre(self) -> FloatArray:
        """The mean of the probe, of shape (quantities, 1)."""
        return self.probe.mean(axis=1, keepdims=True)

    @cached_property
    def draws(self) -> tuple[FloatArray, FloatArray]:
        """The first `n_base` draws of a run with this seed: one input of each group, and the quantities, as rows."""
        columns = self.sampler.columns(self.sampler.draw_cube(self.seed, range(self.n_base)))
        inputs = [columns[self.sampler.column_variables.index(group[0])] for group in self.groups]
        return np.array(inputs), self.outputs(columns)

    def outputs(self, columns: Sequence[FloatArray]) -> FloatArray:
        """Return the quantities as `Evaluator.outputs` does, and count the rows."""
        outputs = self.evaluator.outputs(columns)
        self.evaluations += outputs[0].size
        return outputs


type Estimator = Callable[[Study, Map, Progress], dict[str, Estimate]]


class Method(NamedTuple):
    """A method: a way to estimate one or more measures.

    Attributes
    ----------
    estimate : callable
        ``estimate(study, executor, progress)`` gives an `Estimate` for each measure by name.
    titles : mapping from str to str
        Each measure in words; the first is the primary one, which orders the inputs.
    takes_groups, takes_dependence : bool
        Whether a group may have several random variables, and whether groups may be correlated.
    takes_one : bool
        Whether the measure of one group can be had, to the bit, without those of the others.
    of_pairs : bool
        Whether measures are of pairs of groups, in the order of `itertools.combinations`.
    model_diagnostics : tuple of str
        Measures that are the same for every group: they tell of the method's own model.
    is_signed : bool
        Whether measures say which way, so that their size ranks.
    bounds : tuple of float
        The least and the most that a measure can be; an estimate is beyond them by chance alone.
    ordered : tuple of str
        Measures of which none can be above the next.
    caveat : str
        What its intervals do not tell.
    """

    estimate: Estimator
    titles: Mapping[str, str]
    takes_groups: bool = False
    takes_dependence: bool = True
    takes_one: bool = False
    of_pairs: bool = False
    model_diagnostics: tuple[str, ...] = ()
    is_signed: bool = False
    bounds: tuple[float, float] = (0.0, 1.0)
    ordered: tuple[str, ...] = ()
    caveat: str = ""

    @property
    def primary(self) -> str:
        """The measure that orders the inputs."""
        return next(iter(self.titles))
