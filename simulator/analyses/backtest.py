"""What the model says of each observed value, and what the peers' point rule says."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import ModelError
from simulator.sampling.binned import IntArray, Summary
from simulator.sampling.evaluate import model_of, require_counts, summarise
from simulator.sampling.executors import Map
from simulator.scenario import Reference, Scenario
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

# The peers' point rule: what its uncertain inputs are taken for, where not for their medians. What a report states is
# given to the rule too.
RULE = "TDP x hours x PUE x grid"
POINT_RULE = {
    "training_tdp_fraction": 1.0,
    "host_overhead": 1.0,
    "deployment_tdp_fraction": 1.0,
    "deployment_host_overhead": 1.0,
    "training_development_ratio": 0.0,
    "training_development_share": 0.0,
}
PROBABILITIES = (0.5, 0.8, 0.9)
SAME = 1e-9  # relative: draws that differ by less differ by rounding


def crps(values: FloatArray, counts: IntArray, observed: float) -> float:
    """Return the continuous ranked probability score of draws: their distance from a value, less half their spread.

    E|X - y| - E|X - X'| / 2 over all pairs of draws (Gneiting and Raftery 2007, doi:10.1198/016214506000001437).
    For a point, which has no spread, it is the absolute error.

    Parameters
    ----------
    values : array of shape (bins,)
        Draws, in order.
    counts : int array of shape (bins,)
        How often each occurred.
    observed : float
        What was observed, in the same unit as the values and the score.
    """
    weights = counts / counts.sum()
    below = np.cumsum(weights)
    half_spread = (weights * values * (2 * below - weights - 1)).sum()
    return float((weights * np.abs(values - observed)).sum() - half_spread)


def at_point(scenario: Scenario, quantity: str) -> float:
    """Return a quantity by the peers' point rule; see `POINT_RULE`."""
    model = model_of(scenario, [quantity])
    inputs = {}
    for name in model.book.inputs:
        median = float(scenario.inputs[name].distribution.ppf(np.array([0.5]))[0])
        inputs[name] = POINT_RULE.get(name, median) if name in scenario.uncertain else median
    return float(model.values(inputs)[quantity])


def compare(scenario: Scenario, observed: Reference, summary: Summary) -> dict[str, Any]:
    """Return what the draws of one quantity say of an observed value; scores are NaN where all draws are the same."""
    name, value = observed.quantity, observed.value
    low, high = float(summary.low[0]), float(summary.high[-1])
    if low <= 0:
        raise ModelError(f"{name} is {low:.3g} in some draws: a back-test compares logarithms, it must be above 0")
    tails = [[(1 - probability) / 2, (1 + probability) / 2] for probability in PROBABILITIES]
    median = float(summary.quantile(0.5))
    point, known = at_point(scenario, name), high - low <= SAME * high
    found: dict[str, Any] = {"observed": value, "median": median, "interval": summary.quantile(tails), "point": point}
    found |= {"known": known, "off": median / value - 1}
    found |= dict.fromkeys(("pit", "width", "crps", "point_crps"), np.nan)
    if not known:
        if point <= 0:
            raise ModelError(f"{name} is {point:.3g} by the point rule; it must be above 0")
        # Of logarithms: an error is a ratio, so that a gram and a kilotonne count alike, and so do twice and half.
        logarithms = (np.log(summary.low) + np.log(summary.high)) / 2
        found["pit"] = summary.cdf(value)
        found["width"] = float(summary.quantile(0.95) / summary.quantile(0.05))
        found["crps"] = crps(logarithms, summary.counts, np.log(value))
        found["point_crps"] = abs(np.log(point / value))
    return found


def forecasts(
    cases: Sequence[Scenario],
    *,
    draws: int = 100_000,
    seed: int = 1,
    on: Map | None = None,
    progress: Callable[[int], None] | None = None,
) -> "xarray.Dataset":
    """Draw every case and compare it with its observed values.

    Parameters
    ----------
    cases : sequence of Scenario
        From `load_cases`.
    draws, seed : int
        As of a run; of each case.
    on : Map, optional
        Where to draw, as of a run.
    progress : callable, optional
        Called with the number of rows done, of ``draws * len(cases)``.

    Returns
    -------
    xarray.Dataset
        Of dimension `case`, one for each observed value: `observed`, `median`, `interval` (`probability`, `bound`)
        and `point`, by the peers' rule, in the unit that the coordinate `unit` names; `pit`, the share of draws up
        to the observed value; `width`, the 95 % quantile over the 5 %; `crps` and `point_crps`, of the natural
        logarithm; `known`, whether all draws are the same, and so no forecast; `off`, the median over the observed
        value, less 1.

    Raises
    ------
    InputError
        If there are fewer than two draws, or the seed is below 0.
    ModelError
        If a quantity is not a finite number above 0 in every draw.
    ClusterError
        If the cluster went away.
    """
    import xarray

    require_counts(draws=draws, seed=seed)
    rows, about = [], []
    for place, case in enumerate(cases):

        def show(done: int, before: int = place * draws) -> None:
            if progress is not None:
                progress(before + done)

        quantities = dict.fromkeys(observed.quantity for observed in case.observed)
        try:
            summaries = summarise(case, quantities, draws=draws, seed=seed, on=on, progress=show)
            rows += [compare(case, observed, summaries[observed.quantity]) for observed in case.observed]
        except ModelError as error:
            raise ModelError(f"{case.name}: {error}") from error
        about += [
            {
                "case": f"{case.name}: {observed.quantity}",
                "scenario": case.name,
                "title": case.title,
                "quantity": observed.quantity,
                "unit": case.book.equations[observed.quantity].unit,
                "source": "; ".join(map(str, observed.sources)),
                "note": observed.note,
            }
            for observed in case.observed
        ]
    dimensions = {"interval": ("case", "probability", "bound")}
    variables = {name: (dimensions.get(name, ("case",)), np.array([row[name] for row in rows])) for name in rows[0]}
    coordinates: dict[str, Any] = {name: ("case", [row[name] for row in about]) for name in about[0]}
    coordinates |= {"probability": list(PROBABILITIES), "bound": ["lower", "upper"]}
    attributes = {"draws": draws, "seed": seed, "version": version("llm-footprint-simulator"), "point_rule": RULE}
    return xarray.Dataset(variables, coordinates, attributes)
