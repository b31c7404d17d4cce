"""Memory and time that a run would take, estimated before it starts."""

import os
import time
from collections.abc import Sequence

from simulator.analyses.settings import BacktestSettings, CompareSettings, RunSettings
from simulator.errors import Location, Problems
from simulator.sampling.draws import BLOCK, accumulate
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import processes_pay
from simulator.scenario import Scenario

SURELY_FEASIBLE = 10**10  # draws that are not worth an estimate
LONGEST_DAYS = 30
MOST_MEMORY = 0.8  # of the machine's
MEMORY_OF_A_RUN = 250e6  # bytes: libraries, tables of quantiles, the file
MEMORY_OF_A_SUMMARY = 2e6  # bytes for each quantity and worker


def require_feasible(
    scenarios: Sequence[Scenario],
    settings: RunSettings | CompareSettings | BacktestSettings,
    *,
    workers: int,
    most_memory: float | None = None,
) -> None:
    """Refuse runs estimated to take over 30 days, or more memory than is available.

    Scenarios are drawn one after the other. `most_memory` is in bytes, by default 80 % of the machine's. InputError
    has the memory or the time that would be needed.
    """
    memory = most_memory or MOST_MEMORY * physical_memory()
    problems = Problems()
    for scenario in scenarios if isinstance(settings, RunSettings) else scenarios[:1]:
        needed, streaming, kept = memory_needed(scenario, settings, workers)
        if needed > memory:
            gigabytes = f"{needed / 1e9:,.1f} GB, {memory / 1e9:,.1f} GB may be used"
            message = f"keeping {kept:,} draws would take about {gigabytes}; keep fewer draws"
            if streaming >= memory:
                message = f"{workers:,} threads would take about {gigabytes}; use fewer threads, or allow more memory"
            problems.add(Location("run", "memory"), message)
    draws = settings.draws * len(scenarios)
    if draws > SURELY_FEASIBLE:
        evaluator = Evaluator(scenarios[0].model, scenarios[0].reported)
        started = time.perf_counter()
        accumulate(evaluator, range(BLOCK), seed=0, exact=False)
        days = (time.perf_counter() - started) / BLOCK / workers * draws / 86400
        if days > LONGEST_DAYS:
            message = f"{draws:,} draws would take about {days:,.0f} days on this machine; take fewer"
            problems.add(Location("run", "draws"), message)
    problems.raise_all()


def memory_needed(
    scenario: Scenario, settings: RunSettings | CompareSettings | BacktestSettings, workers: int
) -> tuple[float, float, int]:
    """Return the bytes that a run takes, those of them without what it keeps, and the draws that it keeps."""
    columns = len(scenario.inputs) + len(scenario.book.equations)
    kept = min(settings.keep or settings.draws, settings.draws) if isinstance(settings, RunSettings) else 1
    processes = 1 + workers if processes_pay(settings.draws, workers) else 1
    streaming = (
        processes * MEMORY_OF_A_RUN + workers * (len(scenario.reported) + len(scenario.shares)) * MEMORY_OF_A_SUMMARY
    )
    # The table, the labelled copy, and the file made of it.
    return streaming + 3 * 8 * columns * kept, streaming, kept


def physical_memory() -> float:
    """Return the bytes of memory of this machine, or infinity where the system does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")
