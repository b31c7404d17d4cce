"""The contract of all analyses: a scenario and settings give groups of a result, each with its digest."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from simulator.analyses.digest import scenario_digest
from simulator.analyses.run import Groups, draw_groups
from simulator.analyses.sensitivity.local import local
from simulator.analyses.sensitivity.method import ignore
from simulator.analyses.sensitivity.ranking import quantities_of, rank
from simulator.analyses.sensitivity.response import response
from simulator.analyses.settings import RankSettings, RunSettings
from simulator.model import digest
from simulator.sampling.executors import Map, resolve_executor
from simulator.scenario import Scenario

type Progress = Callable[[float], None]


class Analysis(NamedTuple):
    """One analysis of a scenario.

    Attributes
    ----------
    make : callable
        ``make(scenario, settings, executor, progress)`` gives datasets by the name of their group.
    settings : type
        Of its settings.
    """

    make: Callable[[Scenario, Any, Map, Progress], Groups]
    settings: type


def make_ranking(scenario: Scenario, settings: RankSettings, executor: Map, progress: Progress) -> Groups:
    """Rank inputs; see `rank`."""
    return {"sensitivity": rank(scenario, executor=executor, progress=progress, **asdict(settings))}


def make_interval_reduction(scenario: Scenario, settings: RankSettings, executor: Map, progress: Progress) -> Groups:
    """Rank inputs by the expected interval reduction; see `rank`."""
    given = asdict(settings) | {"method": "interval-reduction"}
    return {"interval_reduction": rank(scenario, executor=executor, progress=progress, **given)}


def make_local(scenario: Scenario, settings: RankSettings, executor: Map, progress: Progress) -> Groups:
    """Move one input at a time; see `local`."""
    return {"local": local(scenario.model, quantities_of(scenario, settings))}


def make_response(scenario: Scenario, settings: RankSettings, executor: Map, progress: Progress) -> Groups:
    """Follow quantities along their inputs; see `response`."""
    quantities = quantities_of(scenario, settings)
    return {"response": response(scenario.model, quantities, seed=settings.seed, executor=executor)}


ANALYSES: Mapping[str, Analysis] = {
    "draws": Analysis(draw_groups, RunSettings),
    "sensitivity": Analysis(make_ranking, RankSettings),
    "interval_reduction": Analysis(make_interval_reduction, RankSettings),
    "local": Analysis(make_local, RankSettings),
    "response": Analysis(make_response, RankSettings),
}


def digest_of(name: str, scenario: Scenario, settings: Any) -> str:
    """Return a name for all that the groups of an analysis rest on."""
    return digest(name, scenario_digest(scenario), settings)


def analyse(
    name: str,
    scenario: Scenario,
    settings: Any,
    *,
    executor: Map | None = None,
    progress: Progress = ignore,
) -> Groups:
    """Make one analysis.

    Parameters
    ----------
    name : str
        Of `ANALYSES`.
    scenario : Scenario
        What to analyse.
    settings : RunSettings or RankSettings
        As the analysis takes them.
    executor : Map, optional
        Where to compute; by default as many threads as there are processors. No bit depends on it.
    progress : callable
        Called with the share that is done.

    Returns
    -------
    dict from str to xarray.Dataset
        By the name of their group, each with the attributes `analysis` and `digest`.
    """
    made = ANALYSES[name].make(scenario, settings, resolve_executor(executor), progress)
    about = {"analysis": name, "digest": digest_of(name, scenario, settings), "seed": settings.seed}
    about |= {"scenario_digest": scenario_digest(scenario), "created_at": datetime.now(UTC).isoformat()}
    return {group: data.assign_attrs(about) for group, data in made.items()}
