"""The labelled result, in ArviZ's schema.

Groups: `prior` (uncertain inputs and what depends on them, by chain and draw), `log_prior`, `constant_data` (what is
known), `observed_data` and `prior_predictive` (published values, and what the draws say of the same), and one for
each further analysis, with its digest.
"""

import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import xarray

from simulator.analyses.analysis import analyse
from simulator.analyses.digest import LIBRARIES, scenario_digest
from simulator.analyses.sensitivity.method import ignore
from simulator.analyses.settings import RunSettings
from simulator.errors import InputError, Problem
from simulator.sampling.executors import Map
from simulator.scenario import Scenario

SCHEMA_VERSION = 2  # of the groups and names in a file; version 0.1.0 of the program wrote 1
SAMPLED = ("prior", "log_prior", "prior_predictive")
DRAWN = (*SAMPLED, "constant_data", "observed_data", "intervals", "density", "references")
RANKED = ("sensitivity", "interval_reduction", "local", "response")


def build_result(scenario: Scenario, settings: RunSettings, groups: Mapping[str, xarray.Dataset]) -> xarray.DataTree:
    """Assemble a result.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    settings : RunSettings
        How.
    groups : mapping from str to xarray.Dataset
        From `simulator.analyses.analysis.analyse`, by name.

    Returns
    -------
    xarray.DataTree
        Its root says what was run and with what; every group with which program.
    """
    program = {
        "inference_library": LIBRARIES[0],
        "inference_library_version": version(LIBRARIES[0]),
        "creation_library": LIBRARIES[0],
        "creation_library_version": version(LIBRARIES[0]),
        "creation_library_language": "Python",
    }
    now = {"created_at": datetime.now(UTC).isoformat(timespec="seconds")}
    about = {name: program | ({"sample_dims": ["chain", "draw"]} if name in SAMPLED else {}) for name in groups}
    # What was made before keeps its time.
    labelled = {name: data.assign_attrs(now | data.attrs | about[name]) for name, data in groups.items()}
    tree = xarray.DataTree.from_dict(labelled)
    tree.attrs = program | {
        "name": scenario.name,
        "schema_version": SCHEMA_VERSION,
        "title": scenario.title,
        "description": scenario.description.strip(),
        "scenario_digest": scenario_digest(scenario),
        "scenario_text": scenario.text,
        "own_pages": "\n".join(f"# {name}.py\n{text}" for name, text in scenario.own_pages.items()),
        "correlations": "\n".join(correlated.description for correlated in scenario.correlations),
        "draws": settings.draws,
        "seed": settings.seed,
        "keep": settings.keep or "all",
        "ci_kind": settings.ci_kind,
        "versions": ", ".join([f"python {platform.python_version()}", *(f"{n} {version(n)}" for n in LIBRARIES)]),
    }
    return tree


def run(
    scenario: Scenario,
    *,
    executor: Map | None = None,
    progress: Callable[[float], None] = ignore,
    **settings: Any,
) -> xarray.DataTree:
    """Draw a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run, from `simulator.load_scenario`.
    executor : Map, optional
        Where to draw, from `simulator.executor`; by default as many threads as there are processors. The result does
        not depend on it.
    progress : callable
        Called with the share of rows that is done.
    **settings
        As `RunSettings` has them: `draws`, `seed`, `keep`, `ci_kind`.

    Returns
    -------
    xarray.DataTree
        See `build_result`.

    Raises
    ------
    InputError
        If a setting is out of range.
    ModelError
        If a quantity is not a finite number in some row.
    ClusterError
        If the cluster went away.
    """
    asked = RunSettings(**settings)
    return build_result(scenario, asked, analyse("draws", scenario, asked, executor=executor, progress=progress))


def settings_of(result: xarray.DataTree) -> RunSettings:
    """Return the settings that a result was run with."""
    about = result.attrs
    keep = None if about["keep"] == "all" else int(about["keep"])
    return RunSettings(draws=int(about["draws"]), seed=int(about["seed"]), keep=keep, ci_kind=str(about["ci_kind"]))


def require_result(tree: xarray.DataTree, path: str) -> None:
    """Raise InputError unless a tree is a result of this program, with the groups and names of this version."""
    written = tree.attrs.get("schema_version", 1)
    if "intervals" not in tree.children or "scenario_text" not in tree.attrs:
        raise InputError([Problem(path, "", "is not a result of this program")])
    if written != SCHEMA_VERSION:
        made = tree.attrs.get("inference_library_version", "another version")
        message = f"was written by version {made} of this program, in another layout; run its scenario again"
        raise InputError([Problem(path, "", message)])


def every_input(result: xarray.DataTree) -> dict[str, xarray.DataArray]:
    """Return the inputs of a result, uncertain and known, in the order of the model."""
    return {name: item for name, item in variables(result).items() if "origin" in item.attrs}


def every_quantity(result: xarray.DataTree) -> dict[str, xarray.DataArray]:
    """Return the quantities of a result, drawn and known."""
    return {name: item for name, item in variables(result).items() if "page" in item.attrs}


def variables(result: xarray.DataTree) -> dict[str, xarray.DataArray]:
    """Return all that is drawn or known."""
    groups = (result[group].to_dataset().data_vars for group in ("prior", "constant_data"))
    return {str(name): item for group in groups for name, item in group.items()}


def intervals(result: xarray.DataTree) -> xarray.Dataset:
    """Return medians, intervals, moments, shares and Monte Carlo errors of what is reported and of what is published.

    Parameters
    ----------
    result : xarray.DataTree
        From `simulator.run` or `simulator.load_result`.

    Returns
    -------
    xarray.Dataset
        Dimensions `quantity`, `ci_prob` (0.5, 0.9) and `ci_bound` (lower, upper). Variables `estimate` (the median),
        `interval`, both with `…_mcse`, `average` and `sd`, each in the unit that the coordinate `units` names;
        `share`, of the total, from 0 to 1. The attribute `ci_kind` names the kind of interval.
    """
    return result["intervals"].to_dataset()
