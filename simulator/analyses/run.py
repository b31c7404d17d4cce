"""The run: draws of a scenario, summarised and labelled in ArviZ's schema."""

import os
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import InputError, Problem
from simulator.lifecycle import REPORTED
from simulator.model import Input, digest
from simulator.sampling.binned import Summary
from simulator.sampling.evaluate import BLOCK, accumulate, draw, model_of, require_counts, summarise
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

PROBABILITIES = (0.5, 0.9)
INTERVAL_KINDS = ("eti", "hdi")
DENSITY_BINS = 120
LIBRARIES = ("llm-footprint-simulator", "numpy", "scipy", "xarray")
ROUNDING = 1e-9  # relative: draws that differ by less are the same
SURELY_FEASIBLE = 10**10  # draws that are not worth an estimate
LONGEST_RUN = 30 * 86400.0  # seconds
MEMORY_OF_A_RUN = 250e6  # bytes: libraries, tables of quantiles, the file
MEMORY_OF_A_SUMMARY = 2e6  # bytes for each quantity and worker


def interval(summary: Summary, kind: str, probability: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return an interval's ends and their Monte Carlo standard errors, each of shape (2,)."""
    if kind == "hdi":
        return summary.hdi(probability), summary.hdi_mcse(probability, np.random.default_rng(seed))
    tails = [(1 - probability) / 2, (1 + probability) / 2]
    return summary.quantile(tails), summary.quantile_mcse(tails)


def intervals_dataset(scenario: Scenario, summaries: Mapping[str, Summary], kind: str, seed: int) -> "xarray.Dataset":
    """Return medians, intervals, moments and shares of the summarised quantities, with Monte Carlo errors."""
    import xarray

    names = scenario.reported
    ends = [[interval(summaries[name], kind, p, seed) for p in PROBABILITIES] for name in names]
    shares = [scenario.shares.get(name) for name in names]
    dimensions = ("quantity", "probability", "bound")
    variables = {
        "median": ("quantity", [float(summaries[name].quantile(0.5)) for name in names]),
        "median_mcse": ("quantity", [float(summaries[name].quantile_mcse(0.5)) for name in names]),
        "interval": (dimensions, np.array([[pair[0] for pair in row] for row in ends])),
        "interval_mcse": (dimensions, np.array([[pair[1] for pair in row] for row in ends])),
        "mean": ("quantity", [summaries[name].mean for name in names]),
        "sd": ("quantity", [summaries[name].sd for name in names]),
        "share": ("quantity", [summaries[share].mean if share else np.nan for share in shares]),
    }
    coordinates = {
        "quantity": names,
        "probability": list(PROBABILITIES),
        "bound": ["lower", "upper"],
        "unit": ("quantity", [scenario.book.equations[name].unit for name in names]),
        "label": ("quantity", [REPORTED.get(name, (name.replace("_", " "), 0))[0] for name in names]),
        "level": ("quantity", [REPORTED.get(name, ("", 0))[1] for name in names]),
    }
    return xarray.Dataset(variables, coordinates, {"interval_kind": kind})


def density_dataset(summaries: Mapping[str, Summary]) -> "xarray.Dataset":
    """Return histograms of the quantities, between the quantiles 0.001 and 0.999, for plots."""
    import xarray

    edges, densities = [], []
    for summary in summaries.values():
        low, high = summary.quantile([0.001, 0.999])
        if high - low <= 1e-9 * abs(high):  # the same in every draw, up to rounding
            edges.append(np.full(DENSITY_BINS + 1, low))
            densities.append(np.zeros(DENSITY_BINS))
        else:
            spaced = np.geomspace if low > 0 else np.linspace  # as on the axis that it is drawn on
            edges.append(spaced(low, high, DENSITY_BINS + 1))
            densities.append(summary.density(edges[-1]))
    variables = {"density": (("quantity", "bin"), densities), "edge": (("quantity", "bin_edge"), edges)}
    return xarray.Dataset(variables, {"quantity": list(summaries)})


def references_dataset(scenario: Scenario, summaries: Mapping[str, Summary]) -> "xarray.Dataset":
    """Return the published values and the share of draws below each; of what is known, how far off that is."""
    import xarray

    references = scenario.reference_values
    ends = [summaries[item.quantity].quantile([0.0, 1.0]) for item in references]
    known = [np.ptp(pair) <= ROUNDING * abs(pair[1]) for pair in ends]
    off = [pair[1] / item.value - 1 if item.value else np.nan for pair, item in zip(ends, references, strict=True)]
    variables = {
        "off": ("reference", np.where(known, off, np.nan)),
        "value": ("reference", [reference.value for reference in references]),
        "percentile": ("reference", [100 * summaries[item.quantity].cdf(item.value) for item in references]),
    }
    coordinates = {
        "reference": [reference.label for reference in references],
        "quantity": ("reference", [reference.quantity for reference in references]),
        "unit": ("reference", [scenario.book.equations[item.quantity].unit for item in references]),
        "source": ("reference", ["; ".join(map(str, reference.sources)) for reference in references]),
    }
    return xarray.Dataset(variables, coordinates)


def prior_in_words(item: Input) -> str:
    """Return what an input is drawn from, with its unit."""
    return f"{item.prior.words} [{item.prior.unit}]"


def own_pages_text(scenario: Scenario) -> str:
    """Return the sources of the pages of the user's own, one after the other."""
    return "\n".join(f"# {name}.py\n{text}" for name, text in scenario.own_pages.items())


def scenario_digest(scenario: Scenario) -> str:
    """Return a name for all that a scenario's results rest on: model, provenance, published values, version."""
    said = (scenario.title, scenario.text, scenario.own_pages, scenario.inputs, scenario.reference_values)
    return digest(version(LIBRARIES[0]), scenario.model.digest, *said)


def build_result(
    scenario: Scenario,
    summaries: Mapping[str, Summary],
    table: Mapping[str, FloatArray],
    *,
    draws: int,
    seed: int,
    kind: str,
    seconds: float,
) -> "xarray.DataTree":
    """Assemble the result.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    summaries : mapping from str to Summary
        Distributions over all draws, of reported quantities, their shares and those with references.
    table : mapping from str to array of shape (kept,)
        The first draws of every input and quantity.
    draws, seed : int
        Of the run.
    kind : str
        ``eti`` or ``hdi``.
    seconds : float
        What drawing took.

    Returns
    -------
    xarray.DataTree
        Groups `prior` (inputs) and `prior_predictive` (quantities) with dimensions (chain, draw),
        `intervals`, `density` and, where there are any, `references`.
    """
    import xarray

    def group(attributes: Mapping[str, Mapping[str, Any]]) -> "xarray.Dataset":
        variables = {name: (("chain", "draw"), table[name][None], about) for name, about in attributes.items()}
        kept = len(next(iter(table.values())))
        return xarray.Dataset(variables, {"chain": [0], "draw": np.arange(kept)})

    inputs = {
        name: {
            "units": item.unit,
            "prior": prior_in_words(item),
            "identity": item.prior.name,
            "origin": item.origin,
            "source": "; ".join(map(str, item.prior.sources)),
            "basis": item.prior.basis,
            "scope": item.prior.scope,
            "note": item.prior.note,
        }
        for name, item in scenario.inputs.items()
    }
    quantities = {
        name: {"units": item.unit, "page": item.page, "source": (item.function.__doc__ or "").strip()}
        for name, item in scenario.book.equations.items()
    }
    groups = {
        "/prior": group(inputs),
        "/prior_predictive": group(quantities),
        "/intervals": intervals_dataset(scenario, summaries, kind, seed),
        "/density": density_dataset({name: summaries[name] for name in scenario.reported}),
    }
    if scenario.reference_values:
        groups["/references"] = references_dataset(scenario, summaries)
    tree = xarray.DataTree.from_dict(groups)
    tree.attrs = {
        "title": scenario.title,
        "description": scenario.description.strip(),
        "scenario": scenario.name,
        "digest": scenario_digest(scenario),
        "scenario_text": scenario.text,
        "own_pages": own_pages_text(scenario),
        "correlations": "\n".join(group.words for group in scenario.correlations),
        "draws": draws,
        "seed": seed,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sampling_time": seconds,
        "inference_library": LIBRARIES[0],
        "inference_library_version": version(LIBRARIES[0]),
        "versions": ", ".join([f"python {platform.python_version()}", *(f"{n} {version(n)}" for n in LIBRARIES)]),
    }
    return tree


def require_feasible(scenario: Scenario, *, draws: int, keep: int | None, most_memory: float, workers: int) -> None:
    """Refuse, before it starts, a run that could not end.

    Parameters
    ----------
    scenario : Scenario
        What would be run.
    draws : int
        Rows.
    keep : int or None
        Rows kept; None for all.
    most_memory : float
        Bytes that the run may take.
    workers : int
        Threads or processes.

    Raises
    ------
    InputError
        With the memory or the time that it would need.
    """
    problems = []
    columns = len(scenario.inputs) + len(scenario.book.equations)
    summarised = len(scenario.reported) + len(scenario.shares)
    kept = draws if keep is None else min(keep, draws)
    streaming = MEMORY_OF_A_RUN + workers * summarised * MEMORY_OF_A_SUMMARY
    needed = streaming + 3 * 8 * columns * kept  # the table, the labelled copy, and the file made of it
    if needed > most_memory:
        gigabytes = f"{needed / 1e9:,.1f} GB, {most_memory / 1e9:,.1f} GB may be used"
        advice = "keep fewer draws" if streaming < most_memory else "allow more memory"
        problems.append(Problem("run", "memory", f"keeping {kept:,} draws would take about {gigabytes}; {advice}"))
    if draws > SURELY_FEASIBLE:
        model = model_of(scenario, scenario.reported)
        started = time.perf_counter()
        accumulate(model, 0, False, range(BLOCK))
        seconds = (time.perf_counter() - started) / BLOCK / workers * draws
        if seconds > LONGEST_RUN:
            problems.append(
                Problem("run", "draws", f"{draws:,} would take about {seconds / 86400:,.0f} days here; ask for fewer")
            )
    if problems:
        raise InputError(problems)


def physical_memory() -> float:
    """Return the bytes of memory of this machine, or infinity where the system does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


def run(
    scenario: Scenario,
    *,
    draws: int = 1_000_000,
    seed: int = 1,
    keep: int | None = 10_000,
    kind: str = "eti",
    on: Map | None = None,
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
    on : Map, optional
        Where to draw, from `simulator.executor`; by default as many threads as there are processors. The result
        does not depend on it.
    progress : callable, optional
        Called with the number of rows done.

    Returns
    -------
    xarray.DataTree
        See `build_result`.

    Raises
    ------
    InputError
        If `draws` or `keep` is no count from 1 on, or `seed` no whole number from 0 on.
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    require_counts(draws=draws, seed=seed, keep=keep)
    started = time.perf_counter()
    referred = [reference.quantity for reference in scenario.reference_values]
    names = dict.fromkeys([*scenario.reported, *scenario.shares.values(), *referred])
    summaries = summarise(scenario, names, draws=draws, seed=seed, on=on, progress=progress)
    kept = draws if keep is None else min(keep, draws)
    table = draw(scenario, scenario.book.equations, draws=kept, seed=seed, on=on)
    seconds = time.perf_counter() - started
    return build_result(scenario, summaries, table, draws=draws, seed=seed, kind=kind, seconds=seconds)
