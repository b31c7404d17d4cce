"""Plain draws of a model: their distribution, and the first of them. A chunk depends on its rows alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.model import Model
from simulator.sampling.binned import EXACT, Accumulator, BinnedDistribution
from simulator.sampling.evaluate import Evaluator, work_on
from simulator.sampling.executors import Map, Threads, executor_for, resolve_executor
from simulator.sampling.sampler import stream
from simulator.units import FloatArray

# Rows that are computed and summarised at a time. Chunks are whole blocks, so they do not show in the result. Blocks
# of half the length spend less time on memory and more on threads that wait for each other between calls.
BLOCK = 1 << 17

type Progress = Callable[[float], None]  # called with the share that is done


def ignore(share: float) -> None:
    """Ignore progress."""


def split(rows: range, size: int) -> Iterable[range]:
    """Divide rows into ranges of one size, but for the last."""
    return (range(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size))


def split_for(executor: Map, draws: int) -> Iterable[range]:
    """Divide draws into chunks of whole blocks, several for each worker."""
    size = max(draws // (4 * executor.workers) // BLOCK, 1) * BLOCK
    return split(range(draws), min(size, executor.largest_task))


def draw_blocks(
    evaluator: Evaluator, rows: range, seed: int, others: Iterable[str] = ()
) -> Iterator[tuple[range, dict[str, Any]]]:
    """Yield rows, a block at a time, with the values of the evaluator's quantities and of others."""
    streams = [stream(seed, variable.key, rows.start) for variable in evaluator.sampler.variables]
    cube = np.empty((len(streams), min(BLOCK, len(rows))))  # which every block writes over
    for block in split(rows, BLOCK):
        piece = cube[:, : len(block)]
        for generator, column in zip(streams, piece, strict=True):
            generator.random(out=column)
        yield block, evaluator.values(evaluator.sampler.values(piece), others)


type Thresholds = Mapping[str, Sequence[float]]


def accumulators(evaluator: Evaluator, exact: bool, thresholds: Thresholds) -> dict[str, Accumulator]:
    """Return an accumulator for each of the evaluator's quantities."""
    return {
        name: Accumulator(exact, {value: np.zeros(2, np.int64) for value in thresholds.get(name, ())})
        for name in evaluator.quantities
    }


def accumulate(
    evaluator: Evaluator, rows: range, *, seed: int, exact: bool, thresholds: Thresholds = MappingProxyType({})
) -> dict[str, Accumulator]:
    """Draw rows and return the summaries of the evaluator's quantities over them."""
    found = accumulators(evaluator, exact, thresholds)
    for block, values in draw_blocks(evaluator, rows, seed):
        for name, accumulator in found.items():
            column = np.broadcast_to(values[name], len(block))  # a number, where all its inputs are known
            try:
                accumulator.add(block.start, column)
            except FloatingPointError:
                raise evaluator.not_finite(name) from None
    return found


def summarise(
    model: Model,
    quantities: Iterable[str],
    *,
    draws: int,
    seed: int,
    thresholds: Thresholds = MappingProxyType({}),
    executor: Map | None = None,
    progress: Progress = ignore,
) -> dict[str, BinnedDistribution]:
    """Draw rows and return the distribution of each quantity; the same bits wherever and by however many it is done.

    Each is in its quantity's unit; draws below and at the `thresholds` of a quantity are counted apart. InputError if
    the executor is none; ModelError or ClusterError if a quantity is not a finite number in some row, or the cluster
    went away.
    """
    executor, exact = executor_for(resolve_executor(executor), draws), draws <= EXACT
    evaluator = Evaluator(model, quantities)
    total = accumulators(evaluator, exact, thresholds)
    tasks = list(split_for(executor, draws))
    work = partial(accumulate, seed=seed, exact=exact, thresholds=dict(thresholds))
    for rows, outcome in zip(tasks, work_on(executor, evaluator, work, tasks), strict=True):
        for name, accumulator in outcome.items():
            total[name].merge(accumulator)
        progress(rows.stop / draws)
    return {name: accumulator.summary() for name, accumulator in total.items()}


def sample(
    model: Model, quantities: Iterable[str], *, draws: int, seed: int, executor: Map | None = None
) -> dict[str, FloatArray]:
    """Return the first draws of every input of some quantities, and of these.

    They are the first rows of `summarise`, whose errors it raises: arrays of shape (draws,), each in its unit. A
    cluster is left aside: sending draws would take longer than making them here.
    """
    evaluator = Evaluator(model, quantities)
    inputs = evaluator.model.book.inputs
    table = {name: np.empty(draws) for name in [*inputs, *evaluator.quantities]}

    def fill(rows: range) -> None:
        for block, values in draw_blocks(evaluator, rows, seed, inputs):
            for name, column in table.items():
                column[block.start : block.stop] = values[name]

    given = resolve_executor(executor)
    threads = given if isinstance(given, Threads) else resolve_executor(None)
    for _ in threads(fill, split_for(threads, draws)):
        pass
    for name in evaluator.quantities:
        if not np.isfinite(table[name]).all():
            raise evaluator.not_finite(name)
    return table
