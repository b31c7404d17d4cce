"""The run: rows -> cube -> quantiles -> equations -> summaries. A chunk is a pure function of its rows."""

import contextlib
import ctypes
import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.book import modules_of
from simulator.book.equations import Book
from simulator.errors import ClusterError, InputError, ModelError, Problem
from simulator.model import Model as DrawnModel
from simulator.sampling.binned import EXACT, Accumulator, Summary
from simulator.sampling.executors import Map, Threads, packed
from simulator.sampling.executors import default_threads as default_threads
from simulator.sampling.sampler import Cube, Sampler
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    pass

# Rows that are computed and summarised at a time. Chunks are whole blocks, so they do not show in the result. Blocks
# of half the length spend less time on memory and more on threads that wait for each other between calls.
BLOCK = 1 << 17


@dataclass(frozen=True)
class Model:
    """What a chunk needs: the equations for some quantities, and where their inputs come from.

    Attributes
    ----------
    book : Book
        The equations that the quantities need, no more.
    sampler : Sampler
        The values of their inputs.
    quantities : sequence of str
        What is asked for.
    """

    book: Book
    sampler: Sampler
    quantities: Sequence[str]

    def values(self, inputs: dict[str, Any], others: Iterable[str] = ()) -> dict[str, Any]:
        """Return the quantities, and other values by name, for inputs that are arrays of one shape or numbers.

        The dict of inputs is used up, so that memory is free again, and still in the cache, as early as can be.
        """
        with np.errstate(all="ignore"):  # what is not finite is found and named later, see `not_finite`
            self.book.evaluate(inputs, {*self.quantities, *others})
        return inputs

    def not_finite(self, name: str) -> ModelError:
        """Return the error that a quantity is not a finite number somewhere."""
        inputs = self.book.needed([name]).inputs
        zero = self.sampler.can_be_zero().intersection(inputs)
        first = f"division by {' or '.join(sorted(zero))}, which can be 0, and " if zero else ""
        return ModelError(
            f"{name} is not a finite number in some draws: check for {first}values too large, "
            f"among {', '.join(inputs)}"
        )


def model_of(scenario: Scenario | DrawnModel, quantities: Iterable[str]) -> Model:
    """Return the part of a scenario's model that some quantities need."""
    names = list(quantities)
    part = drawn_model(scenario).subset(names)
    return Model(part.book, Sampler(part), names)


def drawn_model(scenario: Scenario | DrawnModel) -> DrawnModel:
    """Return the model of a scenario, or a model itself."""
    return scenario.model if isinstance(scenario, Scenario) else scenario


def split(rows: range, size: int) -> Iterable[range]:
    """Divide rows into ranges of one size, but for the last."""
    return (range(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size))


@cache
def keep_freed_memory() -> None:
    """Let the C library keep freed arrays instead of returning them to the system, to be zeroed and mapped again.

    glibc's `mallopt`, whose numbers are in malloc.h; elsewhere this does nothing. Measured: a draw costs 127 ns with
    it and 210 without, and three times as much in dask's workers, which are started with the opposite setting.
    """
    trim_threshold, mmap_threshold = -1, -3
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(trim_threshold, 1 << 30)
        library.mallopt(mmap_threshold, 32 << 20)


def accumulate(model: Model, seed: int, exact: bool, rows: range) -> dict[str, Accumulator]:
    """Draw rows and return the summaries of the model's quantities over them."""
    keep_freed_memory()
    accumulators = {name: Accumulator(exact) for name in model.quantities}
    cube = Cube(seed, model.sampler.factors, rows.start)
    for block in split(rows, BLOCK):
        values = model.values(model.sampler.values(cube.next(len(block))))
        for name, accumulator in accumulators.items():
            column = np.broadcast_to(values[name], len(block))  # a number, where all its inputs are known
            try:
                accumulator.add(block.start, column)
            except FloatingPointError:
                raise model.not_finite(name) from None
    return accumulators


@dataclass(frozen=True)
class Draw:
    """A chunk as a task that can be sent anywhere: what to draw is small and is made ready where it arrives.

    Attributes
    ----------
    scenario : bytes
        The scenario, pickled; it is the key under which a worker keeps the model that it made ready.
    quantities : tuple of str
        What to summarise.
    seed : int
        Governs every draw.
    exact : bool
        Whether values are kept.
    version : str
        Of this program; a worker of another version would give other bits.
    """

    scenario: bytes
    quantities: tuple[str, ...]
    seed: int
    exact: bool
    version: str = field(default_factory=lambda: version("llm-footprint-simulator"))

    def __call__(self, rows: range) -> dict[str, Accumulator]:
        """Draw some rows; a pure function of them."""
        here = version("llm-footprint-simulator")
        if here != self.version:
            raise ClusterError(f"a worker has version {here} of the simulator, this is {self.version}")
        return accumulate(unpacked_model(self.scenario, self.quantities), self.seed, self.exact, rows)


@lru_cache(maxsize=8)
def unpacked_model(scenario: bytes, quantities: tuple[str, ...]) -> Model:
    """Return the model of a pickled scenario, made ready once in each process."""
    return model_of(pickle.loads(scenario), quantities)


def chunks(draws: int, workers: int, largest: int) -> list[range]:
    """Divide draws into chunks: several for each worker, whole blocks each."""
    size = min(max(draws // (4 * workers) // BLOCK, 1) * BLOCK, largest)
    return list(split(range(draws), size))


def summarise(
    scenario: Scenario | DrawnModel,
    quantities: Iterable[str],
    *,
    draws: int,
    seed: int,
    on: Map | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Summary]:
    """Draw rows and return the distribution of each quantity; the same bits wherever and by however many it is done.

    Parameters
    ----------
    scenario : Scenario
        What to draw.
    quantities : iterable of str
        Names of quantities of its book.
    draws : int
        Number of rows.
    seed : int
        Governs every draw.
    on : Map, optional
        Where to; by default as many threads as there are processors.
    progress : callable, optional
        Called with the number of rows done.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    on = on or Threads(default_threads())
    names, exact = tuple(quantities), draws <= EXACT
    task: Callable[[range], dict[str, Accumulator]]
    if isinstance(on, Threads):
        task = partial(accumulate, model_of(scenario, names), seed, exact)
    else:
        model = drawn_model(scenario)
        task = Draw(packed(model, modules_of(model.book)), names, seed, exact)
    tasks = chunks(draws, on.workers, on.largest_task)
    total: dict[str, Accumulator] = {}
    done = 0
    for rows, outcome in zip(tasks, on(task, tasks), strict=True):
        for name, accumulator in outcome.items():
            if name in total:
                total[name].merge(accumulator)
            else:
                total[name] = accumulator
        done += len(rows)
        if progress is not None:
            progress(done)
    return {name: accumulator.summary() for name, accumulator in total.items()}


def draw(
    scenario: Scenario | DrawnModel, quantities: Iterable[str], *, draws: int, seed: int, on: Map | None = None
) -> dict[str, FloatArray]:
    """Return the first draws of every input and of some quantities, each of shape (draws,); made here."""
    model = model_of(scenario, quantities)
    table = {name: np.empty(draws) for name in [*model.book.inputs, *model.quantities]}

    def fill(rows: range) -> None:
        cube = Cube(seed, model.sampler.factors, rows.start)
        for block in split(rows, BLOCK):
            values = model.values(model.sampler.values(cube.next(len(block))), model.book.inputs)
            for name, column in table.items():
                column[block.start : block.stop] = values[name]

    here = on if isinstance(on, Threads) else Threads(default_threads())
    for _ in here(fill, chunks(draws, here.workers, here.largest_task)):
        pass
    for name in model.quantities:
        if not np.isfinite(table[name]).all():
            raise model.not_finite(name)
    return table


def require_counts(*, draws: int, seed: int, keep: int | None = None) -> None:
    """Raise InputError unless there are two draws, rows to keep, and the seed is a whole number from 0 on."""
    problems = []
    for name, value, least in (("draws", draws, 2), ("seed", seed, 0), ("keep", 1 if keep is None else keep, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.append(Problem(name, "", f"expected a whole number from {least} on, got {value!r}"))
    if problems:
        raise InputError(problems)
