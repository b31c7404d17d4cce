"""The run: draws of a scenario, summarised and labelled in ArviZ's schema."""

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analyses.settings import RunSettings
from simulator.errors import InputError, Problem
from simulator.model import Input
from simulator.sampling.binned import BinnedDistribution
from simulator.sampling.draws import BLOCK, accumulate, sample, summarise
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

CI_PROBS = (0.5, 0.9)
DENSITY_BINS = 120
ROUNDING = 1e-9  # relative: draws that differ by less are the same
STEP = 1e-4  # of a tail probability, to differentiate a quantile function
SURELY_FEASIBLE = 10**10  # draws that are not worth an estimate
LONGEST_RUN = 30 * 86400.0  # seconds
MEMORY_OF_A_RUN = 250e6  # bytes: libraries, tables of quantiles, the file
MEMORY_OF_A_SUMMARY = 2e6  # bytes for each quantity and worker

type Groups = dict[str, "xarray.Dataset"]


def draw_groups(
    scenario: Scenario,
    settings: RunSettings,
    executor: Map,
    progress: Callable[[float], None],
) -> Groups:
    """Draw a scenario and return the groups of a result that its draws give.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    settings : RunSettings
        How.
    executor : Map
        Where to draw.
    progress : callable
        Called with the share of rows that is done.

    Returns
    -------
    dict from str to xarray.Dataset
        `prior`: uncertain inputs and the quantities that depend on them, of dimensions (chain, draw); `log_prior`:
        the logarithm of the density of each uncertain input at these draws; `constant_data`: inputs and quantities
        that are known; `intervals`, `density`; and, where there are published values, `references`, `observed_data`
        and `prior_predictive`.

    Raises
    ------
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    started = time.perf_counter()
    draws, seed = settings.draws, settings.seed
    referred = [reference.quantity for reference in scenario.reference_values]
    names = dict.fromkeys([*scenario.reported, *scenario.shares.values(), *referred])

    def share(rows: int) -> None:
        progress(rows / draws)

    summaries = summarise(scenario.model, names, draws=draws, seed=seed, executor=executor, progress=share)
    kept = draws if settings.keep is None else min(settings.keep, draws)
    table = sample(scenario.model, scenario.book.equations, draws=kept, seed=seed, executor=executor)
    seconds = time.perf_counter() - started
    groups = draws_datasets(scenario, table)
    groups["prior"].attrs["sampling_time"] = seconds
    units = {name: equation.unit for name, equation in scenario.book.equations.items()}
    groups |= {
        "intervals": intervals_dataset(scenario, summaries, settings),
        "density": density_dataset(units, {name: summaries[name] for name in scenario.reported}),
    }
    if scenario.reference_values:
        groups |= {"references": references_dataset(scenario, summaries)}
        groups |= predictive_datasets(scenario, groups["prior"])
    return groups


def draws_datasets(scenario: Scenario, table: Mapping[str, FloatArray]) -> Groups:
    """Return the groups of what is drawn and of what is known, with units and provenance."""
    import xarray

    about = {name: about_input(item) for name, item in scenario.inputs.items()}
    for name, equation in scenario.book.equations.items():
        about[name] = {
            "units": equation.unit,
            "long_name": name.replace("_", " "),
            "page": equation.page,
            "source": (equation.function.__doc__ or "").strip(),
        }
    drawn = drawn_names(scenario)
    coordinates = {"chain": [0], "draw": np.arange(len(next(iter(table.values()))))}
    prior = {name: (("chain", "draw"), table[name][None], about[name]) for name in about if name in drawn}
    known = {name: ((), table[name][0], about[name]) for name in about if name in table and name not in drawn}
    density = {}
    for name, item in scenario.uncertain.items():
        values = log_density(item, table[name])
        if np.isfinite(values).all():  # an atom has none
            words = f"logarithm of the prior density of {name.replace('_', ' ')}"
            density[name] = (("chain", "draw"), values[None], {"units": "1", "long_name": words})
    groups = {"prior": xarray.Dataset(prior, coordinates), "constant_data": xarray.Dataset(known)}
    return groups | ({"log_prior": xarray.Dataset(density, coordinates)} if density else {})


def drawn_names(scenario: Scenario) -> set[str]:
    """Return the inputs that are uncertain and the quantities that depend on them."""
    found = set(scenario.uncertain)
    for name, equation in scenario.book.equations.items():  # each after those it needs
        if not found.isdisjoint(equation.parameters):
            found.add(name)
    return found


def about_input(item: Input) -> dict[str, str]:
    """Return what is said of an input."""
    return {
        "units": item.unit,
        "long_name": item.name.replace("_", " "),
        "prior": f"{item.prior.description} [{item.prior.unit}]",
        "key": item.prior.name,
        "origin": item.origin,
        "source": "; ".join(map(str, item.prior.sources)),
        "basis": item.prior.basis,
        "scope": item.prior.scope,
        "note": item.prior.note,
    }


def log_density(item: Input, values: FloatArray) -> FloatArray:
    """Return the logarithm of the density of an input's prior at drawn values, by the slope of its quantile function.

    Not finite where the prior has an atom.
    """
    below = np.clip(item.distribution.cdf(values), STEP**2, 1 - STEP**2)
    reach = STEP * np.minimum(below, 1 - below)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (item.distribution.ppf(below + reach) - item.distribution.ppf(below - reach)) / (2 * reach)
        return np.asarray(-np.log(slope))


def interval(
    distribution: BinnedDistribution, ci_kind: str, ci_prob: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return an interval's ends and their Monte Carlo standard errors, each of shape (2,)."""
    if ci_kind == "hdi":
        return distribution.hdi(ci_prob), distribution.hdi_mcse(ci_prob, np.random.default_rng(seed))
    tails = [(1 - ci_prob) / 2, (1 + ci_prob) / 2]
    return distribution.quantile(tails), distribution.quantile_mcse(tails)


def intervals_dataset(
    scenario: Scenario, summaries: Mapping[str, BinnedDistribution], settings: RunSettings
) -> "xarray.Dataset":
    """Return medians, intervals, moments and shares of the summarised quantities, with Monte Carlo errors."""
    import xarray

    names = scenario.reported
    kind, seed = settings.ci_kind, settings.seed
    ends = [[interval(summaries[name], kind, p, seed) for p in CI_PROBS] for name in names]
    shares = [scenario.shares.get(name) for name in names]
    shown = [scenario.find_shown(name) for name in names]
    dimensions = ("quantity", "ci_prob", "ci_bound")
    error = "Monte Carlo standard error of the"
    variables = {
        "estimate": ("quantity", [float(summaries[name].quantile(0.5)) for name in names], "median"),
        "estimate_mcse": ("quantity", [float(summaries[n].quantile_mcse(0.5)) for n in names], f"{error} median"),
        "interval": (dimensions, np.array([[pair[0] for pair in row] for row in ends]), "credible interval"),
        "interval_mcse": (dimensions, np.array([[pair[1] for pair in row] for row in ends]), f"{error} interval"),
        "average": ("quantity", [summaries[name].mean for name in names], "mean"),
        "sd": ("quantity", [summaries[name].sd for name in names], "standard deviation"),
        "share": ("quantity", [summaries[s].mean if s else np.nan for s in shares], "mean share of the total"),
    }
    coordinates = {
        "quantity": names,
        "ci_prob": list(CI_PROBS),
        "ci_bound": ["lower", "upper"],
        "units": ("quantity", [scenario.book.equations[name].unit for name in names]),
        "label": ("quantity", [item.label for item in shown]),
        "level": ("quantity", [item.level for item in shown]),
        "per": ("quantity", [item.per for item in shown]),
    }
    return xarray.Dataset(with_long_names(variables), coordinates, {"ci_kind": kind, "draws": settings.draws})


def with_long_names(variables: Mapping[str, tuple[Any, Any, str]]) -> dict[str, tuple[Any, Any, dict[str, str]]]:
    """Return variables as xarray takes them, with what each is in words as its `long_name`."""
    return {name: (dimensions, data, {"long_name": words}) for name, (dimensions, data, words) in variables.items()}


def density_dataset(units: Mapping[str, str], summaries: Mapping[str, BinnedDistribution]) -> "xarray.Dataset":
    """Return histograms of the quantities, in their units, between the quantiles 0.001 and 0.999, for plots."""
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
    variables = {
        "density": (("quantity", "bin"), densities, "probability density"),
        "edge": (("quantity", "bin_edge"), edges, "edge of a bin"),
    }
    coordinates = {
        "quantity": list(summaries),
        "units": ("quantity", [units[name] for name in summaries]),
        "bin": np.arange(DENSITY_BINS),
        "bin_edge": np.arange(DENSITY_BINS + 1),
    }
    return xarray.Dataset(with_long_names(variables), coordinates)


def references_dataset(scenario: Scenario, summaries: Mapping[str, BinnedDistribution]) -> "xarray.Dataset":
    """Return the published values and the share of draws below each; of what is known, its relative error."""
    import xarray

    references = scenario.reference_values
    ends = [summaries[item.quantity].quantile([0.0, 1.0]) for item in references]
    known = [np.ptp(pair) <= ROUNDING * abs(pair[1]) for pair in ends]
    errors = [pair[1] / item.value - 1 if item.value else np.nan for pair, item in zip(ends, references, strict=True)]
    percentiles = [100 * summaries[item.quantity].cdf(item.value) for item in references]
    variables = {
        "relative_error": (
            "reference",
            np.where(known, errors, np.nan),
            "relative error of a quantity that is known",
        ),
        "value": ("reference", [reference.value for reference in references], "published value"),
        "percentile": ("reference", percentiles, "percentage of draws up to the published value"),
    }
    coordinates = {
        "reference": [reference.label for reference in references],
        "quantity": ("reference", [reference.quantity for reference in references]),
        "units": ("reference", [scenario.book.equations[item.quantity].unit for item in references]),
        "source": ("reference", ["; ".join(map(str, reference.sources)) for reference in references]),
    }
    return xarray.Dataset(with_long_names(variables), coordinates)


def predictive_datasets(scenario: Scenario, prior: "xarray.Dataset") -> Groups:
    """Return the published values of what is drawn, and beside them what the draws say of each."""
    import xarray

    observed, predicted = {}, {}
    for quantity in dict.fromkeys(item.quantity for item in scenario.reference_values):
        if quantity not in prior:
            continue
        items = [item for item in scenario.reference_values if item.quantity == quantity]
        dimension = f"{quantity}_label"
        labels = {dimension: [item.label for item in items]}
        about = {key: prior[quantity].attrs[key] for key in ("units", "long_name")}
        observed[quantity] = xarray.DataArray([item.value for item in items], labels, (dimension,), attrs=about)
        predicted[quantity] = prior[quantity].expand_dims(labels, -1).assign_attrs(about)
    if not observed:
        return {}
    return {"observed_data": xarray.Dataset(observed), "prior_predictive": xarray.Dataset(predicted)}


def require_feasible(scenario: Scenario, settings: RunSettings, *, most_memory: float, workers: int) -> None:
    """Refuse, before it starts, a run that would take over 30 days, or more memory than there is.

    Parameters
    ----------
    scenario : Scenario
        What would be run.
    settings : RunSettings
        How.
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
    draws = settings.draws
    columns = len(scenario.inputs) + len(scenario.book.equations)
    summarised = len(scenario.reported) + len(scenario.shares)
    kept = draws if settings.keep is None else min(settings.keep, draws)
    streaming = MEMORY_OF_A_RUN + workers * summarised * MEMORY_OF_A_SUMMARY
    needed = streaming + 3 * 8 * columns * kept  # the table, the labelled copy, and the file made of it
    if needed > most_memory:
        gigabytes = f"{needed / 1e9:,.1f} GB, {most_memory / 1e9:,.1f} GB may be used"
        advice = "keep fewer draws" if streaming < most_memory else "allow more memory"
        problems.append(Problem("run", "memory", f"keeping {kept:,} draws would take about {gigabytes}; {advice}"))
    if draws > SURELY_FEASIBLE:
        evaluator = Evaluator(scenario.model, scenario.reported)
        started = time.perf_counter()
        accumulate(evaluator, range(BLOCK), seed=0, exact=False)
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
