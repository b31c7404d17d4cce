"""The run: draws of a scenario, summarised and labelled in ArviZ's schema."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analyses.settings import RunSettings
from simulator.lifecycle import REPORTED
from simulator.model import Input
from simulator.sampling.binned import BinnedDistribution
from simulator.sampling.draws import sample, summarise
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

CI_PROBS = (0.5, 0.9)
DENSITY_BINS = 120
ROUNDING = 1e-9  # relative: draws that differ by less are the same
STEP = 1e-4  # of a tail probability, to differentiate a quantile function

type Groups = dict[str, "xarray.Dataset"]


def draw_groups(
    scenario: Scenario, settings: RunSettings, *, executor: Map, progress: Callable[[float], None]
) -> Groups:
    """Draw a scenario and return the groups of a result that its draws give.

    Returns
    -------
    dict from str to xarray.Dataset
        `prior`: uncertain inputs and the quantities that vary with them, of dimensions (chain, draw); `log_prior`:
        the log density of these draws, see `log_prior_dataset`; `constant_data`: inputs and quantities that are the
        same in every draw that is kept; `intervals`, `density`; and, where there are published values, `references`,
        `observed_data` and `prior_predictive`.
    """
    started = time.perf_counter()
    draws, seed = settings.draws, settings.seed
    referred = [reference.quantity for reference in scenario.reference_values]
    names = dict.fromkeys([*scenario.reported, *scenario.shares.values(), *referred])

    def share(rows: int) -> None:
        progress(rows / draws)

    summaries = summarise(scenario.model, names, draws=draws, seed=seed, executor=executor, progress=share)
    kept = min(settings.keep or draws, draws)
    table = sample(scenario.model, scenario.book.equations, draws=kept, seed=seed, executor=executor)
    seconds = time.perf_counter() - started
    groups = draws_datasets(scenario, table)
    groups["prior"].attrs["sampling_time"] = seconds
    units = {name: equation.unit for name, equation in scenario.book.equations.items()}
    groups["intervals"] = intervals_dataset(scenario, summaries, settings)
    groups["density"] = density_dataset(units, {name: summaries[name] for name in scenario.reported})
    if scenario.reference_values:
        groups["references"] = references_dataset(scenario, summaries)
        groups |= predictive_datasets(scenario, groups["prior"])
    return groups


def draws_datasets(scenario: Scenario, table: Mapping[str, FloatArray]) -> Groups:
    """Return the groups of what is drawn and of what is known, with units and provenance."""
    import xarray

    about = {name: about_input(item) for name, item in scenario.inputs.items()}
    for name, equation in scenario.book.equations.items():
        description = (equation.function.__doc__ or "").strip()
        words = name.replace("_", " ")
        about[name] = {"units": equation.unit, "long_name": words, "page": equation.page, "description": description}
    prior, known = {}, {}
    for name, attributes in about.items():
        values = table[name]
        if name not in scenario.uncertain and np.ptp(values) <= ROUNDING * abs(values[0]):
            known[name] = ((), values[0], attributes)
        else:
            prior[name] = (("chain", "draw"), values[None], attributes)
    groups = {"prior": xarray.Dataset(prior, draw_coordinates(table)), "constant_data": xarray.Dataset(known)}
    density = log_prior_dataset(scenario, table)
    return groups | ({"log_prior": density} if density.data_vars else {})


def draw_coordinates(table: Mapping[str, FloatArray]) -> dict[str, Any]:
    """Return the coordinates of draws: one chain, and the rows."""
    return {"chain": [0], "draw": np.arange(len(next(iter(table.values()))))}


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


def log_prior_dataset(scenario: Scenario, table: Mapping[str, FloatArray]) -> "xarray.Dataset":
    """Return the log density of draws of the random variables: one for each that is independent, or for a block.

    A variable that feeds several inputs counts once, by the first of them. What has an atom has no density, and is
    left out with all that it is correlated with.
    """
    import xarray

    inputs = {item.prior.name: item for item in reversed(scenario.uncertain.values())}
    dependent = [copula.keys for copula in scenario.model.copulas]
    blocks = [*dependent, *((key,) for key in inputs if not any(key in keys for keys in dependent))]
    copulas = dict(zip(dependent, scenario.model.copulas, strict=True))
    found = {}
    for keys in blocks:
        items = [inputs[key] for key in keys]
        values = np.sum([log_density(item, table[item.name]) for item in items], axis=0)
        if np.isfinite(values).all():
            if keys in copulas:
                values += copulas[keys].log_density([share_below(item, table[item.name]) for item in items])
            names = " and ".join(item.name for item in items)
            attributes = {"units": "1", "long_name": f"log prior density of {names.replace('_', ' ')}"}
            found[names] = (("chain", "draw"), values[None], attributes)
    return xarray.Dataset(found, draw_coordinates(table))


def log_density(item: Input, values: FloatArray) -> FloatArray:
    """Return the log density of an input's prior at drawn values, by the slope of its quantile function.

    Not finite where the prior has an atom.
    """
    below = share_below(item, values)
    reach = STEP * np.minimum(below, 1 - below)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (item.distribution.ppf(below + reach) - item.distribution.ppf(below - reach)) / (2 * reach)
        return np.asarray(-np.log(slope))


def share_below(item: Input, values: FloatArray) -> FloatArray:
    """Return the probability of a lower value than each, no nearer to 0 and 1 than a slope can be taken."""
    return np.clip(item.distribution.cdf(values), STEP**2, 1 - STEP**2)


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
        "label": ("quantity", [REPORTED.get(name, (name.replace("_", " "), 0))[0] for name in names]),
        "level": ("quantity", [REPORTED.get(name, ("", 0))[1] for name in names]),
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
