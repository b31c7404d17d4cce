"""Cases of a back-test: scenarios with observed values whose priors do not use those values."""

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import Location, Problem, Problems
from simulator.scenario import Scenario, among_shipped, load_scenario
from simulator.scenario.variants import load_scenarios


def load_cases(folder: str | Path) -> list[Scenario]:
    """Read and check every scenario of a folder, for a back-test.

    Parameters
    ----------
    folder : str or Path
        Of scenario files, or the name of one that ships (`published`).

    Returns
    -------
    list of Scenario
        By the names of their files.

    Raises
    ------
    InputError
        With every problem of every file: among them a file without observed values, and an uncertain input whose
        prior uses the work that an observed value comes from.
    """
    path, shipped = Path(folder), among_shipped(folder)
    if not path.exists() and shipped is not None and shipped.is_dir():
        path = shipped
    files = sorted(map(str, path.glob("*.toml"))) if path.is_dir() else []
    if not files:
        what = "has no scenario (*.toml)" if path.is_dir() else "is not a folder"
        raise Location(str(folder)).error(f"{what}; give a folder of scenarios with [[observed]]")
    return list(load_scenarios(files, load_case).values())


def load_case(file: str) -> Scenario:
    """Load a scenario that a back-test can use; InputError with every reason why it cannot."""
    case, problems = load_scenario(file), Problems()
    if not case.observed:
        wanted = "[[observed]] with quantity, value and source of what was published"
        problems.add(Location(file, "observed"), f"is missing; give {wanted}")
    problems += circular_sources(case, file)
    problems.raise_all()
    return case


def circular_sources(scenario: Scenario, file: str) -> Iterator[Problem]:
    """Yield the uncertain inputs of observed quantities whose priors use the work that the value comes from."""
    for observed in scenario.observed:
        for name in scenario.book.subset([observed.quantity]).inputs.keys() & scenario.uncertain.keys():
            prior = scenario.inputs[name].prior
            for source in prior.sources:
                if any(source.same_work(own) for own in observed.sources):
                    message = f"its prior {prior.name!r} rests on {source}, where {observed.quantity} is observed"
                    advice = "give the value that the report states, or a prior of its own without this source"
                    yield Problem(file, f"inputs.{name}", f"{message}; {advice}")
