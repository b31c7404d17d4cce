"""The run: rows -> cube -> quantiles -> equations -> summaries. A chunk is a pure function of its rows."""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.equations import Book
from simulator.errors import ModelError
from simulator.executors import in_threads
from simulator.results import build_result
from simulator.sampling import Cube, Sampler
from simulator.scenario import Scenario
from simulator.streaming import EXACT, Accumulator, Summary
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

PIECE = 1 << 13  # rows that inputs and equations are computed for at a time, so that they stay in cache
BLOCK = 1 << 16  # rows that are summarised at a time; chunks are whole blocks, so they do not show in the result
LARGEST_CHUNK = 1 << 21


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

    def evaluate(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return inputs and quantities for values of the inputs, arrays of one shape or numbers."""
        with np.errstate(all="ignore"):  # what is not finite is found and named by `require_finite`
            return self.book.evaluate(inputs)

    def require_finite(self, name: str, values: FloatArray) -> None:
        """Raise ModelError if a quantity is not a finite number somewhere."""
        if not np.isfinite(values.max() - values.min()):
            raise ModelError(
                f"{name} is not a finite number in some draws: check for division by a prior that can be 0 and "
                f"for values too large, among {', '.join(self.book.needed([name]).inputs)}"
            )


def model_of(scenario: Scenario, quantities: Iterable[str]) -> Model:
    """Return the part of a scenario's model that some quantities need."""
    names = list(quantities)
    book = scenario.book.needed(names)
    return Model(book, Sampler(scenario, book.inputs), names)


def split(rows: range, size: int) -> Iterable[range]:
    """Divide rows into ranges of one size, but for the last."""
    return (range(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size))


def keep_freed_memory() -> None:
    """Let the C library keep freed arrays instead of returning them to the system, to be zeroed and mapped again.

    glibc raises its threshold for that to the size of the largest array freed so far; elsewhere this does nothing.
    Measured: a draw costs 127 ns with it and 210 without.
    """
    np.empty(24 << 20, np.uint8)


def accumulate(model: Model, seed: int, exact: bool, rows: range) -> dict[str, Accumulator]:
    """Draw rows and return the summaries of the model's quantities over them."""
    keep_freed_memory()
    accumulators = {name: Accumulator(exact) for name in model.quantities}
    cube = Cube(seed, model.sampler.factors, rows.start)
    table = np.empty((len(accumulators), min(BLOCK, len(rows))))
    for block in split(rows, BLOCK):
        for piece in split(block, PIECE):
            values = model.evaluate(model.sampler.values(cube.next(len(piece))))
            place = slice(piece.start - block.start, piece.stop - block.start)
            for name, row in zip(accumulators, table, strict=True):
                row[place] = values[name]
        for (name, accumulator), row in zip(accumulators.items(), table[:, : len(block)], strict=True):
            model.require_finite(name, row)
            accumulator.add(block.start, row)
    return accumulators


def chunks(draws: int, workers: int) -> list[range]:
    """Divide draws into chunks: several for each worker, whole blocks each."""
    size = min(max(draws // (4 * workers) // BLOCK, 1) * BLOCK, LARGEST_CHUNK)
    return [range(start, min(start + size, draws)) for start in range(0, draws, size)]


def default_threads() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def summarise(
    scenario: Scenario,
    quantities: Iterable[str],
    *,
    draws: int,
    seed: int,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Summary]:
    """Draw rows and return the distribution of each quantity; the same bits for any number of threads.

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
    threads : int, optional
        By default all processors.
    progress : callable, optional
        Called with the number of rows done.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    """
    workers = threads or default_threads()
    task = partial(accumulate, model_of(scenario, quantities), seed, draws <= EXACT)
    total: dict[str, Accumulator] = {}
    done = 0
    tasks = chunks(draws, workers)
    for rows, outcome in zip(tasks, in_threads(workers, task, tasks), strict=True):
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
    scenario: Scenario, quantities: Iterable[str], *, draws: int, seed: int, threads: int | None = None
) -> dict[str, FloatArray]:
    """Return the first draws of every input and of some quantities, each of shape (draws,)."""
    model = model_of(scenario, quantities)
    table = {name: np.empty(draws) for name in [*model.book.inputs, *model.quantities]}

    def fill(rows: range) -> None:
        cube = Cube(seed, model.sampler.factors, rows.start)
        for piece in split(rows, PIECE):
            values = model.evaluate(model.sampler.values(cube.next(len(piece))))
            for name, column in table.items():
                column[piece.start : piece.stop] = values[name]

    workers = threads or default_threads()
    for _ in in_threads(workers, fill, chunks(draws, workers)):
        pass
    for name in model.quantities:
        model.require_finite(name, table[name])
    return table


def run(
    scenario: Scenario,
    *,
    draws: int = 1_000_000,
    seed: int = 1,
    keep: int | None = 10_000,
    kind: str = "eti",
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> "xarray.DataTree":
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run, from `load_scenario`.
    draws : int
        Rows that intervals are computed on.
    seed : int
        Governs every draw.
    keep : int or None
        How many rows, the first ones, the result holds; None keeps all.
    kind : str
        ``eti``, equal-tailed, or ``hdi``, highest-density intervals.
    threads : int, optional
        By default all processors; the result does not depend on it.
    progress : callable, optional
        Called with the number of rows done.

    Returns
    -------
    xarray.DataTree
        See `simulator.results.build_result`.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    """
    started = time.perf_counter()
    referred = [reference.quantity for reference in scenario.references]
    names = dict.fromkeys([*scenario.reported, *scenario.shares.values(), *referred])
    summaries = summarise(scenario, names, draws=draws, seed=seed, threads=threads, progress=progress)
    kept = draws if keep is None else min(keep, draws)
    table = draw(scenario, scenario.book.equations, draws=kept, seed=seed, threads=threads)
    seconds = time.perf_counter() - started
    return build_result(scenario, summaries, table, draws=draws, seed=seed, kind=kind, seconds=seconds)
