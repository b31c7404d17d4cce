"""Scenarios from files, from folders, and made on the spot by varying inputs of one."""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.distributions import Distribution, Fixed
from simulator.errors import InputError, Problem, did_you_mean
from simulator.priors import Library, library_beside, read_toml
from simulator.scenario import Scenario, find_scenario, load_scenario, read_scenario
from simulator.units import UnitError, looks_like_quantity

MOST = 1000  # scenarios in one comparison
PATTERN = re.compile(r"[*?]")


def load_scenarios(paths: Sequence[str], load: Callable[[str], Scenario] = load_scenario) -> dict[str, Scenario]:
    """Load scenarios by their files; a folder stands for its files.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    files: list[str] = []
    problems: list[Problem] = []
    for path in paths:
        if not Path(path).is_dir() or find_scenario(path).is_file():
            files.append(path)
            continue
        found = sorted(map(str, Path(path).glob("*.toml")))
        if not found:
            problems.append(Problem(path, "", "is a folder without a scenario (*.toml)"))
        files += found
    if len(files) > MOST:
        problems.append(Problem(paths[0], "", f"{len(files):,} scenarios; at most {MOST:,} are taken"))
    loaded: dict[str, Scenario] = {}
    names: list[str] = []
    for file in files if not problems else ():
        try:
            loaded[file] = load(file)
            names.append(loaded[file].name)
        except InputError as error:
            problems += error.problems
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem(name, "", "two of the scenarios have this name"))
    if problems:
        raise InputError(problems)
    return loaded


def variants(path: str, varied: Sequence[str], pages: Sequence[str | Path | ModuleType] = ()) -> list[Scenario]:
    """Make scenarios that differ from one in some inputs, all combinations of their values.

    Parameters
    ----------
    path : str
        A scenario file, or the name of a shipped one.
    varied : sequence of str
        Each ``INPUT=VALUE,VALUE,…``: what a file could give for the input, or a pattern such as ``us-state/*`` for
        all priors of that name.
    pages : sequence of str, Path or module
        As `simulator.load_scenario` takes them.

    Raises
    ------
    InputError
        With every problem of what is varied, or of the first scenario that is wrong.
    """
    base = load_scenario(path, pages)
    file = find_scenario(path)
    table, text = read_toml(file, path)
    library = library_beside(file)
    problems: list[Problem] = []
    choices: dict[str, list[str]] = {}
    for one in varied:
        key, _, listed = one.partition("=")
        listed_values = [value.strip() for value in listed.split(",") if value.strip()]
        if key not in base.inputs:
            hint = did_you_mean(key, base.inputs)
            message = f"no input of this name{hint} (it has {', '.join(base.inputs)})"
            problems.append(Problem(path, f"vary {key}", message))
        elif not listed_values:
            wanted = f"{key}=VALUE,VALUE such as {key}=grid/us-ia,grid/fr"
            problems.append(Problem(path, f"vary {key}", f"got {one!r}, expected {wanted}"))
        elif split := [value for value in listed_values if re.fullmatch(r"0\d+", value)]:
            message = f"got {split[0]!r} among {listed!r}: commas stand between values, so write 1000 or 1e3"
            problems.append(Problem(path, f"vary {key}", message))
        elif key in choices:
            problems.append(Problem(path, f"vary {key}", "is varied twice; give all its values at once"))
        else:
            values: list[str] = []
            for value in listed_values:
                unit = base.inputs[key].unit
                alike = [name for name in library.names() if fnmatchcase(name, value) and fits(name, unit, library)]
                if PATTERN.search(value) and not alike:
                    problems.append(
                        Problem(path, f"vary {key}", f"no prior of the library is like {value!r}, in {unit}")
                    )
                values += alike if PATTERN.search(value) else [value]
            choices[key] = list(dict.fromkeys(values))
    if problems:
        raise InputError(problems)
    number = prod(map(len, choices.values()))
    if number > MOST:
        raise InputError([Problem(path, "vary", f"makes {number:,} scenarios; at most {MOST:,} are compared")])
    made, wrong = [], dict[str, Problem]()
    for combination in product(*choices.values()):
        given = dict(zip(choices, map(as_given, combination), strict=True))
        changed = {**table, "inputs": {**table.get("inputs", {}), **given}}
        if "correlations" in table:
            gone = gone_names(base, given, library)
            changed["correlations"] = [left for item in table["correlations"] if (left := without(item, gone))]
        name = ", ".join(combination)
        try:
            made.append(read_scenario(changed, text, name=name, file=path, library=library, pages=pages))
        except InputError as error:
            wrong |= {str(problem): problem for problem in error.problems}
    if wrong:
        raise InputError(wrong.values())
    return made


def gone_names(base: Scenario, given: Mapping[str, Any], library: Library) -> set[str]:
    """Return what correlations may name in a scenario, and no longer where some inputs are given anew."""
    known = {key for key, value in given.items() if isinstance(value, float) or looks_like_quantity(value)}
    known |= {key for key in given.keys() - known if isinstance(prior_of(given[key], library), Fixed)}
    kept = {item.prior.name for key, item in base.inputs.items() if key not in given}
    return known | {base.inputs[key].prior.name for key in given} - kept - (given.keys() - known)


def prior_of(name: str, library: Library) -> Distribution | None:
    """Return the distribution of a prior of the library, or None where it has none of this name."""
    prior = library.find(name)
    return prior.distribution if prior is not None else None


def without(table: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    """Return a table of correlations without some names; nothing where fewer than two are left."""
    places = [place for place, name in enumerate(table["between"]) if name not in gone]
    if len(places) < 2:
        return {}
    lists: dict[str, Any] = {
        key: [table[key][place] for place in places] for key in ("between", "loadings") if key in table
    }
    return {**table, **lists}


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
    if looks_like_quantity(value):
        try:
            return float(value)
        except ValueError:
            return value
    return value
