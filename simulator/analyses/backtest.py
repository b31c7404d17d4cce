"""Compare the model with observed values, and with a point rule."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray

from simulator.analyses.backtest_scores import CI_PROBS
from simulator.analyses.intervals import with_long_names
from simulator.analyses.settings import BacktestSettings
from simulator.book import bind
from simulator.distributions import Distribution
from simulator.errors import Location, ModelError
from simulator.priors import Library, shipped_folder
from simulator.sampling.binned import BinnedDistribution, IntArray
from simulator.sampling.draws import Progress, ignore, summarise
from simulator.sampling.evaluate import PROGRAM
from simulator.sampling.executors import Map, resolve_executor
from simulator.scenario import Reference, Scenario
from simulator.scenario.inputs import find_default
from simulator.units import FloatArray

# The peers' point rule: what its uncertain inputs are taken for, where not for their medians. What a report states is
# given to the rule too. GPUs and servers have EcoLogits' constants, tokens of the prompt take nothing.
RULE = "TDP x hours x PUE x grid, tokens and hardware as EcoLogits and BoaviztAPI have them"
POINT_RULE = {
    "prefill_ratio": 0.0,
    "embodied_gpu": 273.0,
    "embodied_server": 5700.0,
    "training_tdp_fraction": 1.0,
    "host_overhead": 1.0,
    "deployment_tdp_fraction": 1.0,
    "deployment_host_overhead": 1.0,
    "training_development_ratio": 0.0,
    "training_development_share": 0.0,
}
# What it takes from a page of peers: the page, and the quantity that the page computes.
POINT_PAGES = {
    "energy_per_output_token": ("tokens_by_ecologits", "energy_per_output_token"),
    "serving_overhead": ("tokens_by_ecologits", "ecologits_overhead"),
    "embodied_gpu_by_parts": ("gpu_by_boavizta", "embodied_gpu"),
}
SHIPPED = Library((shipped_folder("priors"),))
LONG_NAMES = {
    "observed": "published value, or the middle of its range",
    "observed_range": "range in which the published value lies",
    "estimate": "median",
    "interval": "equal-tailed prediction interval",
    "point": "value by the point rule",
    "known": "whether all draws are the same",
    "relative_error": "median over the published value, less 1",
    "pit": "probability integral transform: share of draws below the published value, half of those at it included",
    "width": "95 % quantile over the 5 % quantile",
    "crps": "continuous ranked probability score of the logarithm",
    "point_crps": "score of the point rule",
}
SAME = 1e-9  # relative: draws that differ by less differ by rounding


def crps(values: FloatArray, counts: IntArray, observed: float) -> float:
    """Return the continuous ranked probability score of draws: their distance from a value, less half their spread.

    E|X - y| - E|X - X'| / 2 over all pairs of draws (Gneiting and Raftery 2007, doi:10.1198/016214506000001437).
    For a point, which has no spread, it is the absolute error.
    The values, in order, occurred as often as `counts` says, both of shape (bins,).
    """
    weights = counts / counts.sum()
    below = np.cumsum(weights)
    half_spread = (weights * values * (2 * below - weights - 1)).sum()
    return float((weights * np.abs(values - observed)).sum() - half_spread)


def point_estimate(scenario: Scenario, quantity: str) -> float:
    """Return a quantity by the peers' point rule; see `POINT_RULE` and `POINT_PAGES`."""
    known = {name: median(item.distribution) for name, item in scenario.inputs.items()}
    known |= {name: np.float64(POINT_RULE[name]) for name in POINT_RULE.keys() & scenario.uncertain}
    whole = scenario.book.subset([quantity])
    by_peers = POINT_PAGES.keys() & {*whole.equations, *(whole.inputs.keys() & scenario.uncertain.keys())}
    known |= {name: by_page(*POINT_PAGES[name], known) for name in by_peers}
    book = whole.given(by_peers).subset([quantity])
    values = {name: known[name] for name in book.inputs}
    with np.errstate(all="ignore"):
        book.evaluate(values, [quantity])
    return float(values[quantity])


def median(distribution: Distribution) -> np.float64:
    """Return the median of a distribution."""
    return np.float64(distribution.ppf(np.array([0.5]))[0])


def by_page(page: str, quantity: str, given: Mapping[str, np.float64]) -> np.float64:
    """Return a quantity as a page of ours computes it, of inputs that are given or have a default."""
    book = bind([page]).subset([quantity])
    values = {}
    for name, unit in book.inputs.items():
        prior = None if name in given else find_default(name, unit, Location(page), book, SHIPPED)[0]
        values[name] = given[name] if prior is None else median(prior.in_unit(unit))
    book.evaluate(values, [quantity])
    return values[quantity]


def share_below(summary: BinnedDistribution, observed: Reference) -> float:
    """Return the share of draws below a value, and half of those at it; a mean over its range.

    That is the share below the middle if each draw had an error too, as likely to be anywhere in the range.
    """
    if not observed.error:
        return summary.mid_rank(observed.value)
    low, high = observed.range
    shares = np.clip((high - (summary.low + summary.high) / 2) / (high - low), 0.0, 1.0)
    return float((shares * summary.counts).sum() / summary.draws)


def clusters_of(cases: Sequence[Scenario]) -> list[str]:
    """Return the cluster of each observed value, by one of its sources.

    Values of one file, of one source or with one `together` are in one cluster, and so are those that are linked
    through others.
    """
    links = [
        {("file", case.name), ("together", observed.together)} - {("together", "")}
        | {key for source in observed.sources for key in source.keys}
        for case in cases
        for observed in case.observed
    ]
    clusters: list[set[tuple[str, str]]] = []
    for own in links:
        joined = [other for other in clusters if not own.isdisjoint(other)]
        clusters = [other for other in clusters if own.isdisjoint(other)] + [own.union(*joined)]
    names: dict[int, str] = {}
    sources = [str(observed.sources[0]) for case in cases for observed in case.observed]
    return [
        names.setdefault(next(place for place, keys in enumerate(clusters) if own <= keys), source)
        for own, source in zip(links, sources, strict=True)
    ]


def forecast(scenario: Scenario, observed: Reference, summary: BinnedDistribution) -> dict[str, Any]:
    """Return what the draws of one quantity say of an observed value; scores are NaN where all draws are the same."""
    name, value = observed.quantity, observed.value
    low, high = float(summary.low[0]), float(summary.high[-1])
    if low <= 0:
        raise ModelError(f"{name} is {low:.3g} in some draws: a back-test compares logarithms, it must be above 0")
    tails = [[(1 - probability) / 2, (1 + probability) / 2] for probability in CI_PROBS]
    median = float(summary.quantile(0.5))
    point, known = point_estimate(scenario, name), high - low <= SAME * high
    found: dict[str, Any] = {
        "observed": value,
        "observed_range": observed.range,
        "estimate": median,
        "interval": summary.quantile(tails),
        "point": point,
    }
    found |= {"known": known, "relative_error": median / value - 1}
    found |= dict.fromkeys(("pit", "width", "crps", "point_crps"), np.nan)
    if not known:
        if point <= 0:
            raise ModelError(f"{name} is {point:.3g} by the point rule; it must be above 0")
        # Of logarithms: an error is a ratio, so that a gram and a kilotonne count alike, and so do twice and half.
        logarithms = (np.log(summary.low) + np.log(summary.high)) / 2
        found["pit"] = share_below(summary, observed)
        found["width"] = float(summary.quantile(0.95) / summary.quantile(0.05))
        found["crps"] = crps(logarithms, summary.counts, np.log(value))
        found["point_crps"] = abs(np.log(point / value))
    return found


def backtest(
    cases: Sequence[Scenario],
    *,
    executor: Map | None = None,
    progress: Progress = ignore,
    **settings: Any,
) -> xarray.Dataset:
    """Draw every case and compare it with its observed values.

    Parameters
    ----------
    cases : sequence of Scenario
        From `simulator.load_cases`.
    executor : Map, optional
        Where to draw, as of a run.
    progress : callable
        Called with the share of rows that is done.
    **settings
        As `BacktestSettings` has them.

    Returns
    -------
    xarray.Dataset
        Of dimension `case`, one for each observed value: `observed`, `observed_range`, `estimate` (the median),
        `interval` (`ci_prob`, `ci_bound`) and `point`, by the peers' rule, in the unit that the coordinate `units`
        names; `pit`, the share of draws up to the observed value (the probability integral transform), a mean over
        its range; `width`, the 95 % quantile over the 5 %; `crps` and `point_crps`, of the natural logarithm;
        `known`, whether all draws are the same, and so no forecast; `relative_error`, the median over the observed
        value, less 1. The coordinate `cluster` tells which values are not independent; see `clusters_of`.

    Raises
    ------
    InputError
        If a setting is out of range.
    ModelError
        If a quantity is not a finite number above 0 in every draw.
    ClusterError
        If the cluster went away.
    """
    asked = BacktestSettings(**settings)
    if not cases or not all(case.observed for case in cases):
        raise Location("backtest").error("takes scenarios with [[observed]] values, one or more")
    where = resolve_executor(executor)
    rows, about = [], []
    for number, case in enumerate(cases):

        def share(done: float, before: int = number) -> None:
            progress((before + done) / len(cases))

        published: dict[str, list[float]] = {}
        for observed in case.observed:
            published.setdefault(observed.quantity, []).append(observed.value)
        try:
            summaries = summarise(
                case.model,
                published,
                draws=asked.draws,
                seed=asked.seed,
                thresholds=published,
                executor=where,
                progress=share,
            )
            rows += [forecast(case, observed, summaries[observed.quantity]) for observed in case.observed]
        except ModelError as error:
            raise ModelError(f"{case.name}: {error}") from error
        about += [
            {
                "case": f"{case.name}: {observed.quantity}",
                "scenario": case.name,
                "title": case.title,
                "quantity": observed.quantity,
                "units": case.book.equations[observed.quantity].unit,
                "source": "; ".join(map(str, observed.sources)),
                "note": observed.note,
            }
            for observed in case.observed
        ]
    dimensions = {"interval": ("case", "ci_prob", "ci_bound"), "observed_range": ("case", "ci_bound")}
    variables = {
        name: (dimensions.get(name, ("case",)), np.array([row[name] for row in rows]), words)
        for name, words in LONG_NAMES.items()
    }
    coordinates: dict[str, Any] = {name: ("case", [row[name] for row in about]) for name in about[0]}
    coordinates |= {
        "cluster": ("case", clusters_of(cases)),
        "ci_prob": list(CI_PROBS),
        "ci_bound": ["lower", "upper"],
    }
    attributes = {"draws": asked.draws, "seed": asked.seed, "version": version(PROGRAM), "point_rule": RULE}
    units = dict.fromkeys(("relative_error", "pit", "width", "crps", "point_crps"), "1")
    return xarray.Dataset(with_long_names(variables, units), coordinates, attributes)
