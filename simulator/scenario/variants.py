"""Load scenarios from files and folders, and make scenarios that vary inputs of one."""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from simulator.distributions import Fixed
from simulator.errors import Location, Problems, did_you_mean
from simulator.priors import Library, library_beside, read_toml
from simulator.scenario import Scenario, find_scenario, load_scenario, read_scenario
from simulator.scenario.reading import Page
from simulator.units import UnitError, looks_like_quantity

MOST = 1000  # scenarios in one comparison
PATTERN = re.compile(r"[*?]")


def load_scenarios(paths: Sequence[str], load: Callable[[str], Scenario] = load_scenario) -> dict[str, Scenario]:
    """Load scenarios by their files; a folder gives all of its files.

    A path may also be the name of a shipped scenario; `load` loads one. InputError has every problem of every file.
    """
    files: list[str] = []
    problems = Problems()
    for path in paths:
        if not Path(path).is_dir() or find_scenario(path).is_file():
            files.append(path)
            continue
        found = sorted(map(str, Path(path).glob("*.toml")))
        if not found:
            problems.add(Location(path), "is a folder without a scenario (*.toml)")
        files += found
    if len(files) > MOST:
        problems.add(Location(paths[0]), f"{len(files):,} scenarios; at most {MOST:,} are taken")
    problems.raise_all()
    loaded: dict[str, Scenario] = {}
    names: list[str] = []
    for file in files:
        with problems.gather():
            loaded[file] = load(file)
            names.append(loaded[file].name)
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(Location(name), "two of the scenarios have this name")
    problems.raise_all()
    return loaded


def variants(path: str, varied: Sequence[str], pages: Page | Sequence[Page] = ()) -> list[Scenario]:
    """Make scenarios that differ from one in some inputs, all combinations of their values.

    What is varied is written ``INPUT=VALUE,VALUE,…``: what a file could give for the input, or a pattern such as
    ``us-state/*`` for every prior whose name fits it. Each scenario is named by its values. InputError has every
    problem of what is varied, or of the scenarios that are wrong.
    """
    base = load_scenario(path, pages)
    file = find_scenario(path)
    table, text = read_toml(file, path)
    library = library_beside(file)
    problems = Problems()
    choices: dict[str, list[str]] = {}
    for option in varied:
        key, _, listed = option.partition("=")
        at = Location(path, f"vary {key}")
        with problems.gather():
            if key in choices:
                raise at.error("is varied twice; give all its values at once")
            choices[key] = read_values(key, listed, option, base, library, at)
    problems.raise_all()
    number = prod(map(len, choices.values()))
    if number > MOST:
        raise Location(path, "vary").error(f"makes {number:,} scenarios; at most {MOST:,} are compared")
    made: list[Scenario] = []
    for combination in product(*choices.values()):
        given = dict(zip(choices, map(as_given, combination), strict=True))
        changed = {**table, "inputs": {**table.get("inputs", {}), **given}}
        if "correlations" in table:
            gone = gone_names(base, given, library)
            changed["correlations"] = [left for item in table["correlations"] if (left := without(item, gone))]
        name = ", ".join(combination)
        with problems.gather():
            made.append(read_scenario(changed, text, name=name, file=path, library=library, pages=pages))
    problems.raise_all()
    return made


def read_values(key: str, listed: str, option: str, base: Scenario, library: Library, at: Location) -> list[str]:
    """Return the values that an option lists for an input, each once, and for a pattern the priors that match it."""
    if key not in base.inputs:
        hint = did_you_mean(key, base.inputs)
        raise at.error(f"no input of this name{hint} (it has {', '.join(base.inputs)})")
    values = [value.strip() for value in listed.split(",") if value.strip()]
    if not values:
        raise at.error(f"got {option!r}, expected {key}=VALUE,VALUE such as {key}=grid/us-ia,grid/fr")
    if split := [value for value in values if re.fullmatch(r"0\d+", value)]:
        advice = "commas stand between values, so write 1000 or 1e3"
        raise at.error(f"got {split[0]!r} among {listed!r}: {advice}")
    problems, unit = Problems(), base.inputs[key].unit
    found: dict[str, None] = {}
    for value in values:
        alike = [value]
        if PATTERN.search(value):
            alike = [name for name in library.names() if fnmatchcase(name, value) and fits(name, unit, library)]
        if not alike:
            problems.add(at, f"no prior of the library in {unit} matches {value!r}")
        found |= dict.fromkeys(alike)
    problems.raise_all()
    return list(found)


def gone_names(base: Scenario, given: Mapping[str, Any], library: Library) -> set[str]:
    """Return what correlations may name in a scenario, and no longer where some inputs are given anew."""
    known = {key for key, value in given.items() if isinstance(value, float) or looks_like_quantity(value)}
    priors = {key: library.find(given[key]) for key in given.keys() - known}
    known |= {key for key, prior in priors.items() if prior is not None and isinstance(prior.distribution, Fixed)}
    kept = {item.prior.name for key, item in base.inputs.items() if key not in given}
    return known | {base.inputs[key].prior.name for key in given} - kept - (given.keys() - known)


def without(table: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    """Return a table of correlations without some names; nothing where fewer than two are left."""
    kept = [index for index, name in enumerate(table["between"]) if name not in gone]
    if len(kept) < 2:
        return {}
    return {
        **table,
        **{key: [table[key][index] for index in kept] for key in ("between", "loadings") if key in table},
    }


def fits(name: str, unit: str, library: Library) -> bool:
    """Tell whether a prior of the library can be in a unit; a pattern stands for those alone."""
    prior = library.find(name)
    if unit == "1" and prior is not None and prior.unit not in ("1", "%"):
        return False  # MJ/kWh is a number too, but of something else
    try:
        return prior is not None and bool(prior.in_unit(unit))
    except (UnitError, ValueError):
        return False


def as_given(value: str) -> Any:
    """Return what a scenario file would hold for a value: a number, or a text."""
    with contextlib.suppress(ValueError):
        return float(value) if looks_like_quantity(value) else value
    return value
