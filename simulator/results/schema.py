"""The labelled result, in ArviZ's schema.

Groups: `prior` (uncertain inputs and what depends on them, by chain and draw), `log_prior`, `constant_data` (what is
known), `observed_data` and `prior_predictive` (published values, and what the draws say of the same), and one for
each further analysis, with its digest.
"""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

import xarray

from simulator.analyses.digest import LIBRARIES, scenario_digest
from simulator.analyses.settings import RunSettings
from simulator.errors import Location, printable
from simulator.scenario import Scenario

SCHEMA_VERSION = 2  # of the groups and names in a file; version 0.1.0 of the program wrote 1
SAMPLED = ("prior", "log_prior", "prior_predictive")
# What every result says of its run.
ABOUT = {"name", "title", "scenario_text", "draws", "seed", "keep", "ci_kind", "inference_library_version"}
ORDER = (*SAMPLED, "constant_data", "observed_data", "intervals", "density", "references", "sensitivity")


def label_groups(name: str, groups: Mapping[str, xarray.Dataset]) -> dict[str, xarray.Dataset]:
    """Return groups with what ArviZ's schema says of each, and as ``/`` what is said of the file of this name.

    What was made before keeps its time.
    """
    program = {
        "inference_library": LIBRARIES[0],
        "inference_library_version": version(LIBRARIES[0]),
        "creation_library": LIBRARIES[0],
        "creation_library_version": version(LIBRARIES[0]),
        "creation_library_language": "Python",
    }
    now = {"created_at": datetime.now(UTC).isoformat(timespec="seconds")}
    labelled = {"/": xarray.Dataset(attrs=program | {"name": printable(name), "schema_version": SCHEMA_VERSION})}
    for group in sorted(groups, key=lambda group: ORDER.index(group) if group in ORDER else len(ORDER)):
        sampled = {"sample_dims": ["chain", "draw"]} if group in SAMPLED else {}
        labelled[group] = groups[group].assign_attrs(now | groups[group].attrs | program | sampled)
    return labelled


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
    tree = xarray.DataTree.from_dict(label_groups(scenario.name, groups))
    tree.attrs |= {
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


def settings_of(result: xarray.DataTree) -> RunSettings:
    """Return the settings that a result was run with."""
    about = result.attrs
    keep = None if about["keep"] == "all" else int(about["keep"])
    return RunSettings(draws=int(about["draws"]), seed=int(about["seed"]), keep=keep, ci_kind=str(about["ci_kind"]))


def require_result(tree: xarray.DataTree, path: str) -> None:
    """Raise InputError unless a tree is a result of this program, with the groups and names of this version."""
    if (
        not {"prior", "constant_data", "intervals", "density"} <= tree.children.keys()
        or not ABOUT <= tree.attrs.keys()
    ):
        raise Location(path).error("is not the result of a run of this program")
    if tree.attrs.get("schema_version", 1) != SCHEMA_VERSION:
        made = tree.attrs["inference_library_version"]
        message = f"was written by version {made} of this program, in another layout; run its scenario again"
        raise Location(path).error(message)


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
