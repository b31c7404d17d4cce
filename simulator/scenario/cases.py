"""The cases: scenarios with observed values, none of whose priors has seen them."""

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import InputError, Problem
from simulator.scenario import Scenario, among_shipped, load_scenario

MOST_FILES = 1000


def load_cases(folder: str | Path) -> list[Scenario]:
    """Read and check every scenario of a folder, or of one that ships (`published`), for a back-test.

    Raises
    ------
    InputError
        With every problem of every file: among them a file without observed values, and an uncertain input whose
        prior rests on the work that an observed value comes from.
    """
    place, shipped = Path(folder), among_shipped(folder)
    if not place.exists() and shipped is not None and shipped.is_dir():
        place = shipped
    files = sorted(place.glob("*.toml")) if place.is_dir() else []
    if not files:
        what = "has no scenario (*.toml)" if place.is_dir() else "is no folder"
        raise InputError([Problem(str(folder), "", f"{what}; give a folder of scenarios with [[observed]]")])
    if len(files) > MOST_FILES:
        raise InputError([Problem(str(folder), "", f"has {len(files):,} scenarios; at most {MOST_FILES:,}")])
    problems, cases = [], []
    for file in files:
        try:
            case = load_scenario(file)
        except InputError as error:
            problems += error.problems
            continue
        if not case.observed:
            wanted = "[[observed]] with quantity, value and source of what was published"
            problems.append(Problem(str(file), "observed", f"is missing; give {wanted}"))
        problems += circular_sources(case, str(file))
        cases.append(case)
    if problems:
        raise InputError(problems)
    return cases


def circular_sources(scenario: Scenario, file: str) -> Iterator[Problem]:
    """Yield the uncertain inputs of observed quantities whose priors rest on the work that the value comes from."""
    for observed in scenario.observed:
        for name in scenario.book.needed([observed.quantity]).inputs.keys() & scenario.uncertain.keys():
            prior = scenario.inputs[name].prior
            for source in prior.sources:
                if any(source.same_work(own) for own in observed.sources):
                    message = f"its prior {prior.name!r} rests on {source}, where {observed.quantity} is observed"
                    advice = "give the value that the report states, or a prior of its own without this source"
                    yield Problem(file, f"inputs.{name}", f"{message}; {advice}")
