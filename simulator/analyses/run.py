"""Draw a scenario, and summarise and label its draws in ArviZ's schema."""

import time
from collections.abc import Mapping

import numpy as np
import xarray

from simulator.analyses.intervals import CI_PROBS, interval_variables, with_long_names
from simulator.analyses.log_prior import log_prior_dataset
from simulator.analyses.settings import RunSettings
from simulator.model import Input
from simulator.sampling.binned import BinnedDistribution
from simulator.sampling.draws import Progress, sample, summarise
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.units import FloatArray

DENSITY_BINS = 120
ROUNDING = 1e-9  # relative: draws that differ by less are the same

type Groups = dict[str, xarray.Dataset]


def draw_groups(scenario: Scenario, settings: RunSettings, *, executor: Map, progress: Progress) -> Groups:
    """Draw a scenario and return the groups of a result that its draws give.

    `prior`: uncertain inputs and the quantities that vary with them, of dimensions (chain, draw); `log_prior`: the
    log density of these draws, see `log_prior_dataset`; `constant_data`: inputs and quantities that are the same in
    every draw that is kept; `intervals`, `density`; and, where there are published values, `references`,
    `observed_data` and `prior_predictive`.
    """
    started = time.perf_counter()
    draws, seed = settings.draws, settings.seed
    published: dict[str, list[float]] = {}
    for reference in scenario.reference_values:
        published.setdefault(reference.quantity, []).append(reference.value)
    names = dict.fromkeys([*scenario.reported, *scenario.shares.values(), *published])
    summaries = summarise(
        scenario.model, names, draws=draws, seed=seed, thresholds=published, executor=executor, progress=progress
    )
    kept = min(settings.keep or draws, draws)
    table = sample(scenario.model, scenario.book.equations, draws=kept, seed=seed, executor=executor)
    seconds = time.perf_counter() - started
    groups = draws_datasets(scenario, table, seed)
    groups["prior"].attrs["sampling_time"] = seconds
    units = {name: equation.unit for name, equation in scenario.book.equations.items()}
    groups["intervals"] = intervals_dataset(scenario, summaries, settings)
    groups["density"] = density_dataset(units, {n: summaries[n] for n in groups["intervals"]["quantity"].values})
    if scenario.reference_values:
        groups["references"] = references_dataset(scenario, summaries)
        groups |= predictive_datasets(scenario, groups["prior"])
    return groups


def draws_datasets(scenario: Scenario, table: Mapping[str, FloatArray], seed: int) -> Groups:
    """Return the groups of what is drawn and of what is known, with units and provenance."""
    about = {name: about_input(item) for name, item in scenario.inputs.items()}
    for name, equation in scenario.book.equations.items():
        description = (equation.function.__doc__ or "").strip()
        words = name.replace("_", " ")
        about[name] = {"units": equation.unit, "long_name": words, "page": equation.page, "description": description}
    coordinates = {"chain": [0], "draw": np.arange(len(next(iter(table.values()))))}
    prior, known = {}, {}
    for name, attributes in about.items():
        values = table[name]
        if name not in scenario.uncertain and np.ptp(values) <= ROUNDING * abs(values[0]):
            known[name] = ((), values[0], attributes)
        else:
            prior[name] = (("chain", "draw"), values[None], attributes)
    groups = {"prior": xarray.Dataset(prior, coordinates), "constant_data": xarray.Dataset(known)}
    density = log_prior_dataset(scenario.model, seed, coordinates)
    return groups | ({"log_prior": density} if density.data_vars else {})


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


def intervals_dataset(
    scenario: Scenario, summaries: Mapping[str, BinnedDistribution], settings: RunSettings
) -> xarray.Dataset:
    """Return medians, intervals, moments and shares of the summarised quantities, with Monte Carlo errors."""
    names = list(dict.fromkeys([*scenario.reported, *(item.quantity for item in scenario.reference_values)]))
    columns = [summaries[name] for name in names]
    shares = [scenario.shares.get(name) for name in names]
    variables = interval_variables(columns, "quantity", ci_kind=settings.ci_kind, seed=settings.seed)
    variables |= with_long_names(
        {"share": ("quantity", [summaries[s].mean if s else np.nan for s in shares], "mean share of the total")},
        {"share": "1"},
    )
    shown = [scenario.find_shown(name) for name in names]
    coordinates = {
        "quantity": names,
        "ci_prob": list(CI_PROBS),
        "ci_bound": ["lower", "upper"],
        "units": ("quantity", [scenario.book.equations[name].unit for name in names]),
        "label": ("quantity", [item.label for item in shown]),
        "level": ("quantity", [item.level for item in shown]),
        "per": ("quantity", [item.per for item in shown]),
        "reported": ("quantity", [name in scenario.reported for name in names]),
    }
    return xarray.Dataset(variables, coordinates, {"ci_kind": settings.ci_kind, "draws": settings.draws})


def density_dataset(units: Mapping[str, str], summaries: Mapping[str, BinnedDistribution]) -> xarray.Dataset:
    """Return histograms of the quantities, in their units, between the quantiles 0.001 and 0.999, for plots."""
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


def references_dataset(scenario: Scenario, summaries: Mapping[str, BinnedDistribution]) -> xarray.Dataset:
    """Return the published values and the share of draws below each; of what is known, its relative error."""
    references = scenario.reference_values
    ends = [summaries[item.quantity].quantile([0.0, 1.0]) for item in references]
    known = [np.ptp(pair) <= ROUNDING * abs(pair[1]) for pair in ends]
    errors = [pair[1] / item.value - 1 if item.value else np.nan for pair, item in zip(ends, references, strict=True)]
    percentiles = [100 * summaries[item.quantity].mid_rank(item.value) for item in references]
    variables = {
        "relative_error": (
            "reference",
            np.where(known, errors, np.nan),
            "relative error of a quantity that is known",
        ),
        "value": ("reference", [reference.value for reference in references], "published value"),
        "percentile": (
            "reference",
            percentiles,
            "percentage of draws below the published value, and half of those at it",
        ),
    }
    coordinates = {
        "reference": [reference.label for reference in references],
        "quantity": ("reference", [reference.quantity for reference in references]),
        "units": ("reference", [scenario.book.equations[item.quantity].unit for item in references]),
        "source": ("reference", ["; ".join(map(str, reference.sources)) for reference in references]),
    }
    return xarray.Dataset(with_long_names(variables, {"relative_error": "1", "percentile": "%"}), coordinates)


def predictive_datasets(scenario: Scenario, prior: xarray.Dataset) -> Groups:
    """Return the published values of what is drawn, and beside them what the draws say of each."""
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
