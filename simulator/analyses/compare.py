"""Many scenarios against the first: one job each, which lands in a file of its own, and all in one collection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simulator.analyses.run import LIBRARIES, PROBABILITIES
from simulator.errors import InputError, Problem, did_you_mean
from simulator.model import Model, apart, contrast, digest
from simulator.model.compose import Contrasted
from simulator.sampling.binned import Summary
from simulator.sampling.evaluate import draw, require_counts, summarise
from simulator.sampling.executors import Map
from simulator.scenario import Scenario
from simulator.units import readable_scale, three_digits

if TYPE_CHECKING:
    import xarray

TRIED = 16  # draws that tell whether a page computes what it did
STATISTICS = ("value", "difference", "ratio")


class Parts(Protocol):
    """Keeps datasets by name."""

    def get(self, name: str) -> "xarray.Dataset | None":
        """Return the dataset of a name, or None."""

    def __setitem__(self, name: str, data: "xarray.Dataset") -> None:
        """Keep a dataset."""


@dataclass(frozen=True)
class Comparison:
    """What is compared, and how.

    Attributes
    ----------
    scenarios : sequence of Scenario
        The first is what the others are held against.
    quantity : str
        Of all of them.
    draws, seed : int
        Of each job.
    """

    scenarios: Sequence[Scenario]
    quantity: str
    draws: int
    seed: int

    def __post_init__(self) -> None:
        """Raise InputError unless there is something to compare, and draws to do it on."""
        require_counts(draws=self.draws, seed=self.seed)
        problems = []
        if len(self.scenarios) < 2:
            problems.append(Problem("compare", "", "takes at least two scenarios, or one and two values of an input"))
        for scenario in self.scenarios:
            if self.quantity not in scenario.book.equations:
                hint = did_you_mean(self.quantity, scenario.book.equations)
                problems.append(Problem(scenario.name, "of", f"has no quantity {self.quantity!r}{hint}"))
        units = {s.book.equations[self.quantity].unit for s in self.scenarios} if not problems else set()
        if len(units) > 1:
            problems.append(Problem("compare", "of", f"{self.quantity} is in {' and in '.join(sorted(units))}"))
        if problems:
            raise InputError(problems)

    @property
    def unit(self) -> str:
        """Unit of the quantity."""
        return self.scenarios[0].book.equations[self.quantity].unit

    def contrasts(self) -> list[Contrasted]:
        """Return the model of each scenario beside that of the first, the first beside itself."""
        return [contrast(self.beside_first(scenario), self.quantity) for scenario in self.scenarios]

    def beside_first(self, scenario: Scenario) -> dict[str, Model]:
        """Return the models of the first and of another scenario, by names that tell them apart."""
        first = self.scenarios[0]
        names = (first.name, scenario.name) if first.name != scenario.name else ("first", "second")
        return dict(zip(names, (first.model, scenario.model), strict=True))

    def drawn_apart(self) -> list[tuple[str, str]]:
        """Return the (scenario, prior) of priors that have the name of one of the first scenario, but are others."""
        quantity = [self.quantity]
        pairs = (self.beside_first(scenario) for scenario in self.scenarios[1:])
        return [item for pair in pairs for item in apart({n: m.subset(quantity) for n, m in pair.items()})]


def compare(
    comparison: Comparison,
    parts: Parts | None = None,
    *,
    on: Map | None = None,
    progress: Callable[[int], None] | None = None,
) -> "xarray.Dataset":
    """Draw what is missing of a comparison, and collect all of it.

    Parameters
    ----------
    comparison : Comparison
        What to compare.
    parts : Parts, optional
        Where each job leaves its result when it is done, under a name that stands for all that determines it; a job
        whose result is there is not done again. A dict will do, or a `simulator.results.DatasetFolder`.
    on : Map, optional
        Where to draw; by default as many threads as there are processors.
    progress : callable, optional
        Called with the number of jobs done.

    Returns
    -------
    xarray.Dataset
        Dimensions `scenario` (in the order given), `statistic` (value, difference to the first, ratio to it),
        `probability` and `bound`. Variables `median`, `median_mcse`, `interval`, `interval_mcse`, `mean`,
        `below_first`, the probability that the scenario is below the first, and `above_first`, each with `…_mcse`.

    Raises
    ------
    ModelError, ClusterError
        As `simulator.run` does.
    OutputError
        If a result cannot be written.
    """
    import xarray

    pairs = comparison.contrasts()
    texts = {name: text for scenario in comparison.scenarios for name, text in scenario.own_pages.items()}
    names = [f"{job_digest(each, comparison, texts)}.nc" for each in pairs]
    parts = {} if parts is None else parts
    found = []
    for done, (each, name) in enumerate(zip(pairs, names, strict=True)):
        if progress is not None:
            progress(done)
        part = parts.get(name)
        if part is None or part.attrs.get("job") != name:  # another file may have been put in its place
            part = contrasted(each, comparison, on).assign_attrs(job=name)
            parts[name] = part
        found.append(part)
    collected = xarray.concat([part.drop_attrs() for part in found], "scenario").assign_coords(
        scenario=[scenario.name for scenario in comparison.scenarios],
        title=("scenario", [scenario.title for scenario in comparison.scenarios]),
    )
    about: Mapping[str, Any] = {
        "quantity": comparison.quantity,
        "unit": comparison.unit,
        "draws": comparison.draws,
        "seed": comparison.seed,
        "version": version(LIBRARIES[0]),
        "drawn_apart": [f"{key} ({scenario})" for scenario, key in comparison.drawn_apart()],
    }
    return collected.assign_attrs(about)


def contrasted(each: Contrasted, comparison: Comparison, on: Map | None) -> "xarray.Dataset":
    """Draw one scenario beside the first, and summarise it, their difference and their ratio."""
    import xarray

    names = (each.second, each.difference, each.ratio)
    summaries = summarise(each.model, names, draws=comparison.draws, seed=comparison.seed, on=on)
    tails = [[(1 - probability) / 2, (1 + probability) / 2] for probability in PROBABILITIES]
    columns = [summaries[name] for name in names]
    below, above = shares_around_zero(summaries[each.difference])
    variables = {
        "median": ("statistic", [float(item.quantile(0.5)) for item in columns]),
        "median_mcse": ("statistic", [float(item.quantile_mcse(0.5)) for item in columns]),
        "interval": (("statistic", "probability", "bound"), [item.quantile(tails) for item in columns]),
        "interval_mcse": (("statistic", "probability", "bound"), [item.quantile_mcse(tails) for item in columns]),
        "mean": ("statistic", [item.mean for item in columns]),
    }
    for name, share in (("below_first", below), ("above_first", above)):
        variables |= {name: ((), share), f"{name}_mcse": ((), np.sqrt(share * (1 - share) / comparison.draws))}
    coordinates = {"statistic": list(STATISTICS), "probability": list(PROBABILITIES), "bound": ["lower", "upper"]}
    return xarray.Dataset(variables, coordinates)


def shares_around_zero(summary: Summary) -> tuple[float, float]:
    """Return the shares of draws below and above zero."""
    return summary.cdf(-np.finfo(float).tiny), 1.0 - summary.cdf(0.0)


def job_digest(each: Contrasted, comparison: Comparison, pages: Mapping[str, str]) -> str:
    """Return a name for all that determines a job: equations, priors, correlations, draws, seed and versions."""
    return digest(
        [version(name) for name in LIBRARIES],
        comparison.draws,
        comparison.seed,
        (each.first, each.second),
        each.model.digest,
        pages,
        # A page of one's own may have read its numbers from a file.
        draw(each.model, [each.difference], draws=TRIED, seed=comparison.seed) if pages else {},
    )


def as_json(data: "xarray.Dataset") -> dict[str, Any]:
    """Return a comparison as plain values."""
    fields_of = ("median", "median_mcse", "mean", "interval", "interval_mcse")
    shares = ("below_first", "below_first_mcse", "above_first", "above_first_mcse")
    scenarios = {}
    for place, name in enumerate(data["scenario"].values):
        item = data.isel(scenario=place)
        statistics: dict[str, Any] = {}
        for statistic in STATISTICS:
            one = item.sel(statistic=statistic)
            statistics[statistic] = {key: one[key].values.tolist() for key in fields_of}
        about = {"title": str(item["title"].values)} | {key: float(item[key]) for key in shares}
        scenarios[str(name)] = about | statistics
    about = {key: getattr(value, "tolist", lambda value=value: value)() for key, value in data.attrs.items()}
    return about | {"probabilities": data["probability"].values.tolist(), "scenarios": scenarios}


def in_words(data: "xarray.Dataset", place: int) -> str:
    """Return how one scenario lies to the first, in words."""
    item, first = data.isel(scenario=place), str(data["scenario"].values[0])
    name = str(item["scenario"].values)
    if float(item["below_first"]) + float(item["above_first"]) == 0:
        return f"{name} is the same as {first} in every draw."
    median = float(item["median"].sel(statistic="difference"))
    side, share = ("below", "below_first") if median < 0 else ("above", "above_first")
    factor, unit = readable_scale(data.attrs["unit"], median)
    ends = sorted(abs(float(end)) / factor for end in item["interval"].sel(statistic="difference", probability=0.9))
    low, high = (float(end) for end in item["interval"].sel(statistic="difference", probability=0.9))
    by = f"by {three_digits(abs(median) / factor)} {unit}".strip()
    if low * high > 0:
        by += f" ({three_digits(ends[0])} to {three_digits(ends[1])})"
    else:
        by += f", from {three_digits(low / factor)} to {three_digits(high / factor)}"
    ratio = item["median"].sel(statistic="ratio")
    lowest, highest = item["interval"].sel(statistic="ratio", probability=0.9).values
    probability = float(item[share])
    most = min(0.999, max(1 - 3 / data.attrs["draws"], 0.0))  # what all draws of so many can tell, at 95 %
    sure = (
        f"above {100 * most:.3g} %"
        if probability > most
        else f"{100 * probability:.{1 if probability > 0.99 else 0}f} %"
    )
    times = f"{three_digits(float(ratio))} times as much ({three_digits(lowest)} to {three_digits(highest)})"
    return f"{name} is {side} {first} with probability {sure}: {by}; it has {times}."
