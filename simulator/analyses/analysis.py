"""The interface of all analyses: scenarios and settings give groups of a result, each with a digest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import xarray

from simulator.analyses.backtest import backtest
from simulator.analyses.compare import Comparison, compare
from simulator.analyses.digest import scenario_digest
from simulator.analyses.local import local
from simulator.analyses.response import response
from simulator.analyses.run import Groups, draw_groups
from simulator.analyses.sensitivity.ranking import quantities_of, rank
from simulator.analyses.settings import CompareSettings, RankSettings, Settings
from simulator.model import digest
from simulator.sampling.draws import Progress, ignore
from simulator.sampling.executors import Map, resolve_executor
from simulator.scenario import Scenario

type Subject = Scenario | Sequence[Scenario]
type Analysis = Callable[..., Groups]  # (subject, settings, *, executor, progress): datasets by their groups' names


def make_group(
    group: str, function: Callable[..., xarray.Dataset], subject: Subject, settings: Settings, **context: Any
) -> Groups:
    """Make one group by a function of the settings: `rank`, `compare` or `backtest`."""
    return {group: function(subject, **asdict(settings), **context)}


def make_interval_reduction(subject: Scenario, settings: RankSettings, **context: Any) -> Groups:
    """Rank inputs by the expected interval reduction; see `rank`."""
    given = asdict(settings) | {"method": "interval-reduction"}
    return {"interval_reduction": rank(subject, **given, **context)}


def make_local(subject: Scenario, settings: RankSettings, **_: Any) -> Groups:
    """Move one input at a time; see `local`."""
    return {"local": local(subject.model, quantities_of(subject, settings))}


def make_response(subject: Scenario, settings: RankSettings, *, executor: Map, **_: Any) -> Groups:
    """Follow quantities along their inputs; see `response`."""
    quantities = quantities_of(subject, settings)
    return {"response": response(subject.model, quantities, seed=settings.seed, executor=executor)}


def make_difference(subject: Sequence[Scenario], settings: CompareSettings, **context: Any) -> Groups:
    """Rank what the difference of the last scenario to the first depends on."""
    contrast = Comparison(subject, settings).contrast_with(subject[-1])
    return {"sensitivity": rank(contrast.model, contrast.difference, seed=settings.seed, **context)}


ANALYSES: Mapping[str, Analysis] = {
    "draws": draw_groups,
    "sensitivity": partial(make_group, "sensitivity", rank),
    "interval_reduction": make_interval_reduction,
    "local": make_local,
    "response": make_response,
    "comparison": partial(make_group, "comparison", compare),
    "difference": make_difference,
    "backtest": partial(make_group, "backtest", backtest),
}


def subject_digest(subject: Subject) -> str:
    """Return a name for all that is said of one or several scenarios."""
    scenarios = [subject] if isinstance(subject, Scenario) else subject
    return digest([scenario_digest(scenario) for scenario in scenarios])


def digest_of(name: str, subject: Subject, settings: Settings) -> str:
    """Return a name for all that the groups of an analysis rest on."""
    return digest(name, subject_digest(subject), settings)


def analyse(
    name: str,
    subject: Subject,
    settings: Settings,
    *,
    executor: Map | None = None,
    progress: Progress = ignore,
    **more: Any,
) -> Groups:
    """Make one analysis of `ANALYSES`; `more` is what it takes beside, such as the `parts` of a comparison.

    Its datasets, by the names of their groups, have `analysis`, `digest` and `seed` among their attributes.
    InputError if the settings name what the subject has not; ModelError, ClusterError or OutputError if a quantity is
    not finite, the cluster went away, or a part cannot be written.
    """
    made = ANALYSES[name](subject, settings, executor=resolve_executor(executor), progress=progress, **more)
    about = subject_digest(subject)
    attributes = {
        "analysis": name,
        "digest": digest(name, about, settings),
        "subject_digest": about,
        "seed": settings.seed,
    }
    return {group: data.assign_attrs(attributes) for group, data in made.items()}
