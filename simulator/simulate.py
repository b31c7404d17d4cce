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
from simulator.sampling import Factor, factors, fixed_values, uniforms
from simulator.scenario import Scenario
from simulator.streaming import EXACT, Accumulator, Summary
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

BLOCK = 1 << 15  # rows that stay in cache; a multiple of it is a chunk, so chunks do not show in the result
LARGEST_CHUNK = 1 << 21


@dataclass(frozen=True)
class Model:
    """What a chunk needs: the equations for some quantities, and where their inputs come from.

    Attributes
    ----------
    book : Book
        The equations that the quantities need, no more.
    factors : sequence of Factor
        The uncertain facts among their inputs.
    fixed : mapping
        The inputs that are known.
    quantities : sequence of str
        What is asked for.
    """

    book: Book
    factors: Sequence[Factor]
    fixed: Mapping[str, np.float64]
    quantities: Sequence[str]

    def evaluate(self, columns: Sequence[FloatArray]) -> dict[str, Any]:
        """Return inputs and quantities for columns of the cube, one a factor.

        Raises
        ------
        ModelError
            If a quantity is not a finite number in some row.
        """
        inputs: dict[str, Any] = dict(self.fixed)
        for factor, u in zip(self.factors, columns, strict=True):
            inputs.update(factor.values(u))
        return self.evaluate_inputs(inputs)

    def evaluate_inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return inputs and quantities for values of the inputs, arrays of one shape or numbers."""
        with np.errstate(all="ignore"):  # what is not finite is found and named below
            values = self.book.evaluate(inputs)
        for name in self.quantities:
            if not np.isfinite(np.max(values[name]) - np.min(values[name])):
                needs = ", ".join(self.book.needed([name]).inputs)
                raise ModelError(
                    f"{name} is not a finite number in some draws: check for division by a prior that can be 0 "
                    f"and for values too large, among {needs}"
                )
        return values


def model_of(scenario: Scenario, quantities: Iterable[str]) -> Model:
    """Return the part of a scenario's model that some quantities need."""
    names = list(quantities)
    book = scenario.book.needed(names)
    fixed = {name: value for name, value in fixed_values(scenario).items() if name in book.inputs}
    return Model(book, factors(scenario, book.inputs), fixed, names)


def blocks(rows: range) -> Iterable[range]:
    """Divide rows into blocks; every block but the last of all starts and ends at a multiple of `BLOCK`."""
    return (range(start, min(start + BLOCK, rows.stop)) for start in range(rows.start, rows.stop, BLOCK))


def accumulate(model: Model, seed: int, exact: bool, rows: range) -> dict[str, Accumulator]:
    """Draw rows and return the summaries of the model's quantities over them."""
    accumulators = {name: Accumulator(exact) for name in model.quantities}
    columns = [uniforms(seed, factor, rows.start) for factor in model.factors]
    for block in blocks(rows):
        values = model.evaluate([next_rows(len(block)) for next_rows in columns])
        for name, accumulator in accumulators.items():
            accumulator.add(block.start, np.broadcast_to(values[name], len(block)).astype(float, copy=False))
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
    names = [*model.book.inputs, *model.quantities]
    table = {name: np.empty(draws) for name in names}

    def fill(rows: range) -> None:
        columns = [uniforms(seed, factor, rows.start) for factor in model.factors]
        for block in blocks(rows):
            values = model.evaluate([next_rows(len(block)) for next_rows in columns])
            for name in names:
                table[name][block.start : block.stop] = values[name]

    workers = threads or default_threads()
    for _ in in_threads(workers, fill, chunks(draws, workers)):
        pass
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
