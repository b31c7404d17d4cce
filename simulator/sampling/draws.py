"""Plain draws of a model: their distribution, and the first of them. A chunk is a pure function of its rows."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from simulator.model import Model
from simulator.sampling.binned import EXACT, Accumulator, BinnedDistribution
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, Threads, default_executor
from simulator.sampling.sampler import Cube
from simulator.units import FloatArray

# Rows that are computed and summarised at a time. Chunks are whole blocks, so they do not show in the result. Blocks
# of half the length spend less time on memory and more on threads that wait for each other between calls.
BLOCK = 1 << 17


def split(rows: range, size: int) -> Iterable[range]:
    """Divide rows into ranges of one size, but for the last."""
    return (range(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size))


def chunks(draws: int, executor: Map) -> list[range]:
    """Divide draws into chunks: several for each worker, whole blocks each."""
    size = min(max(draws // (4 * executor.workers) // BLOCK, 1) * BLOCK, executor.largest_task)
    return list(split(range(draws), size))


def accumulate(evaluator: Evaluator, rows: range, *, seed: int, exact: bool) -> dict[str, Accumulator]:
    """Draw rows and return the summaries of the evaluator's quantities over them."""
    accumulators = {name: Accumulator(exact) for name in evaluator.quantities}
    cube = Cube(seed, evaluator.sampler.variables, rows.start)
    for block in split(rows, BLOCK):
        values = evaluator.values(evaluator.sampler.values(cube.next(len(block))))
        for name, accumulator in accumulators.items():
            column = np.broadcast_to(values[name], len(block))  # a number, where all its inputs are known
            try:
                accumulator.add(block.start, column)
            except FloatingPointError:
                raise evaluator.not_finite(name) from None
    return accumulators


def summarise(
    model: Model,
    quantities: Iterable[str],
    *,
    draws: int,
    seed: int,
    executor: Map | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, BinnedDistribution]:
    """Draw rows and return the distribution of each quantity; the same bits wherever and by however many it is done.

    Parameters
    ----------
    model : Model
        What to draw.
    quantities : iterable of str
        Names of quantities of its book.
    draws : int
        Number of rows.
    seed : int
        Governs every draw.
    executor : Map, optional
        Where to draw; by default as many threads as there are processors.
    progress : callable, optional
        Called with the number of rows done.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    executor = executor or default_executor()
    tasks = chunks(draws, executor)
    work = partial(accumulate, seed=seed, exact=draws <= EXACT)
    total: dict[str, Accumulator] = {}
    done = 0
    for rows, outcome in zip(tasks, work_on(executor, Evaluator(model, quantities), work, tasks), strict=True):
        for name, accumulator in outcome.items():
            if name in total:
                total[name].merge(accumulator)
            else:
                total[name] = accumulator
        done += len(rows)
        if progress is not None:
            progress(done)
    return {name: accumulator.summary() for name, accumulator in total.items()}


def sample(
    model: Model, quantities: Iterable[str], *, draws: int, seed: int, executor: Map | None = None
) -> dict[str, FloatArray]:
    """Return the first draws of every input and of some quantities, each of shape (draws,); made in this process.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    """
    evaluator = Evaluator(model, quantities)
    inputs = evaluator.model.book.inputs
    table = {name: np.empty(draws) for name in [*inputs, *evaluator.quantities]}

    def fill(rows: range) -> None:
        cube = Cube(seed, evaluator.sampler.variables, rows.start)
        for block in split(rows, BLOCK):
            values = evaluator.values(evaluator.sampler.values(cube.next(len(block))), inputs)
            for name, column in table.items():
                column[block.start : block.stop] = values[name]

    here = executor if isinstance(executor, Threads) else default_executor()
    for _ in here(fill, chunks(draws, here)):
        pass
    for name in evaluator.quantities:
        if not np.isfinite(table[name]).all():
            raise evaluator.not_finite(name)
    return table
