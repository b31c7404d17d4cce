"""Cases of a back-test: scenarios with observed values whose priors do not use those values."""

from pathlib import Path

from simulator.errors import Location, Problems
from simulator.scenario import Scenario, among_shipped, check_scenario
from simulator.scenario.variants import load_scenarios

LIBRARY = "priors"  # a folder of this name has prior files


def load_cases(*folders: str | Path) -> list[Scenario]:
    """Read and check every scenario of some folders and of the folders in them, for a back-test.

    Parameters
    ----------
    *folders : str or Path
        Of scenario files, or names of those that ship (`published`). Folders `priors` in them are libraries.

    Returns
    -------
    list of Scenario
        By their folders and the names of their files, each once.

    Raises
    ------
    InputError
        With every problem of every file: among them a file without observed values, and an uncertain input whose
        prior uses the work that an observed value comes from.
    """
    files: dict[Path, str] = {}
    problems = Problems()
    for folder in folders:
        with problems.gather():
            files |= {path.resolve(): str(path) for path in find_cases(folder) if path.resolve() not in files}
    problems.raise_all()
    return list(load_scenarios(list(files.values()), load_case).values())


def find_cases(folder: str | Path) -> list[Path]:
    """Return the scenario files of a folder and of the folders in it; InputError if there is none."""
    path, shipped = Path(folder), among_shipped(folder)
    if not path.exists() and shipped is not None and shipped.is_dir():
        path = shipped
    found = [file for file in path.rglob("*.toml") if LIBRARY not in file.relative_to(path).parts]
    if not found:
        what = "has no scenario (*.toml)" if path.is_dir() else "is not a folder"
        raise Location(str(folder)).error(f"{what}; give a folder of scenarios with [[observed]]")
    return sorted(found)


def load_case(file: str) -> Scenario:
    """Load a scenario that a back-test can use; InputError with every reason why it cannot."""
    case = check_scenario(file)
    if not case.observed:
        wanted = "[[observed]] with quantity, value and source of what was published"
        raise Location(file, "observed").error(f"is missing; give {wanted}")
    return case
