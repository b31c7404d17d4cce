"""Compare many scenarios with the first: one job each, whose result is stored by the digest of its inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
import xarray

from simulator.analyses.digest import LIBRARIES, pages_digest, versions
from simulator.analyses.intervals import CI_PROBS, interval_variables, with_long_names
from simulator.analyses.settings import CompareSettings
from simulator.errors import Location, Problems, did_you_mean
from simulator.model import Contrast, Model, contrast, digest, find_conflicting_keys
from simulator.sampling.draws import Progress, ignore, summarise
from simulator.sampling.executors import Map, resolve_executor
from simulator.scenario import Scenario

STATISTICS = ("value", "difference", "ratio")


class Parts(Protocol):
    """Keeps datasets by name."""

    def get(self, name: str) -> xarray.Dataset | None:
        """Return the dataset of a name, or None."""

    def __setitem__(self, name: str, data: xarray.Dataset) -> None:
        """Keep a dataset."""


@dataclass(frozen=True)
class Comparison:
    """What is compared, and how.

    Attributes
    ----------
    scenarios : sequence of Scenario
        The first is what the others are compared with.
    settings : CompareSettings
        Quantity, draws and seed of each job.
    """

    scenarios: Sequence[Scenario]
    settings: CompareSettings

    def __post_init__(self) -> None:
        """Raise InputError unless there is something to compare."""
        problems = Problems()
        if len(self.scenarios) < 2:
            problems.add(Location("compare"), "takes at least two scenarios, or one and two values of an input")
        for scenario in self.scenarios:
            if self.quantity not in scenario.book.equations:
                hint = did_you_mean(self.quantity, scenario.book.equations)
                problems.add(Location(scenario.name, "quantity"), f"no quantity is named {self.quantity!r}{hint}")
        units = {s.book.equations[self.quantity].unit for s in self.scenarios} if not problems else set()
        if len(units) > 1:
            problems.add(Location("compare", "quantity"), f"{self.quantity} is in {' and in '.join(sorted(units))}")
        problems.raise_all()

    @cached_property
    def quantity(self) -> str:
        """What is compared: what the settings name, or the first that the first scenario reports and all have."""
        reported = self.scenarios[0].reported if self.scenarios else [""]
        common = [name for name in reported if all(name in other.book.equations for other in self.scenarios)]
        return self.settings.quantity or (common or reported)[0]

    @property
    def unit(self) -> str:
        """Unit of the quantity."""
        return self.scenarios[0].book.equations[self.quantity].unit

    def contrast_with(self, scenario: Scenario) -> Contrast:
        """Return the model of a scenario beside that of the first."""
        return contrast(self.beside_first(scenario), self.quantity)

    def beside_first(self, scenario: Scenario) -> dict[str, Model]:
        """Return the models of the first and of another scenario, by names that tell them apart."""
        first = self.scenarios[0]
        names = (first.name, scenario.name) if first.name != scenario.name else ("first", "second")
        return dict(zip(names, (first.model, scenario.model), strict=True))

    def drawn_apart(self) -> list[tuple[str, str]]:
        """Return the (scenario, prior) of priors that have the name of one of the first scenario, but are others."""
        quantity = [self.quantity]
        pairs = (self.beside_first(scenario) for scenario in self.scenarios[1:])
        needed = ({name: model.subset(quantity) for name, model in pair.items()} for pair in pairs)
        return [item for pair in needed for item in find_conflicting_keys(pair)]


def compare(
    scenarios: Sequence[Scenario],
    parts: Parts | None = None,
    *,
    executor: Map | None = None,
    progress: Progress = ignore,
    **settings: Any,
) -> xarray.Dataset:
    """Compare scenarios with the first one, with common random numbers for the priors that they share.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Two or more.
    parts : Parts, optional
        Where each job leaves its result when it is done, under a name that stands for all that determines it; a job
        whose result is there is not done again. A dict will do, or a `simulator.results.DatasetFolder`.
    executor : Map, optional
        Where to draw; by default as many threads as there are processors.
    progress : callable
        Called with the share of jobs that is done.
    **settings
        As `CompareSettings` has them.

    Returns
    -------
    xarray.Dataset
        Dimensions `scenario` (in the order given), `statistic` (value, difference to the first, ratio to it),
        `ci_prob` and `ci_bound`. Variables `estimate` (the median), `estimate_mcse`, `interval`, `interval_mcse`,
        `average`, in the unit that the attribute `units` names, or 1 for ratios; `below_first`, the probability that
        the scenario is below the first, `equal_to_first` and `above_first`, each with `…_mcse`.

    Raises
    ------
    InputError
        If there is nothing to compare, or a setting is out of range.
    ModelError, ClusterError
        As `simulator.run` does.
    OutputError
        If a part cannot be written.
    """
    comparison = Comparison(scenarios, CompareSettings(**settings))
    where, kept = resolve_executor(executor), {} if parts is None else parts
    found = []
    for number, scenario in enumerate(scenarios):

        def share(done: float, before: int = number) -> None:
            progress((before + done) / len(scenarios))

        share(0)
        each = comparison.contrast_with(scenario)
        name = f"{job_digest(each, comparison)}.nc"
        part = kept.get(name)
        if part is None or part.attrs.get("job") != name:  # another file may have been put in its place
            part = summarise_contrast(each, comparison.settings, where, share).assign_attrs(job=name)
            kept[name] = part
        found.append(part.drop_attrs(deep=False))
    collected = xarray.concat(found, "scenario").assign_coords(
        scenario=[scenario.name for scenario in scenarios],
        title=("scenario", [scenario.title for scenario in scenarios]),
    )
    return collected.assign_attrs(
        quantity=comparison.quantity,
        units=comparison.unit,
        ci_kind="eti",
        draws=comparison.settings.draws,
        seed=comparison.settings.seed,
        version=version(LIBRARIES[0]),
        drawn_apart=[f"{key} ({scenario})" for scenario, key in comparison.drawn_apart()],
    )


def summarise_contrast(
    each: Contrast, settings: CompareSettings, executor: Map, progress: Progress
) -> xarray.Dataset:
    """Draw one scenario beside the first, and summarise it, their difference and their ratio."""
    names = (each.second, each.difference, each.ratio)
    summaries = summarise(
        each.model, names, draws=settings.draws, seed=settings.seed, executor=executor, progress=progress
    )
    variables = interval_variables([summaries[name] for name in names], "statistic")
    below, equal = (count / settings.draws for count in summaries[each.difference].count(0.0))
    shares: dict[str, tuple[Any, Any, str]] = {}
    for side, share in (("below", below), ("equal_to", equal), ("above", 1.0 - below - equal)):
        words = f"probability of a value {side.replace('_', ' ')} that of the first scenario"
        shares[f"{side}_first"] = ((), share, words)
        error = np.sqrt(share * (1 - share) / settings.draws)
        shares[f"{side}_first_mcse"] = ((), error, f"Monte Carlo standard error of the {words}")
    coordinates = {"statistic": list(STATISTICS), "ci_prob": list(CI_PROBS), "ci_bound": ["lower", "upper"]}
    return xarray.Dataset(variables | with_long_names(shares, "1"), coordinates)


def job_digest(each: Contrast, comparison: Comparison) -> str:
    """Return a name for all that determines a job: equations, priors, correlations, draws, seed and versions."""
    pages = {name: text for scenario in comparison.scenarios for name, text in scenario.own_pages.items()}
    asked = (comparison.settings.draws, comparison.settings.seed, each.first, each.second)
    return digest(versions(), asked, each.model.digest, pages_digest(pages))
