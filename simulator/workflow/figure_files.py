"""The figures of a result as files, drawn from the result alone."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import xarray

from simulator.errors import Location, text_of
from simulator.present import figures as drawings
from simulator.results.storage import Content, load_result, require_openable, save_files
from simulator.workflow.outcome import Outcome
from simulator.workflow.progress import Progress, ignore

# Each figure of a result, and the group that it shows.
FIGURES: Mapping[str, tuple[str, Callable[[xarray.DataTree], Any]]] = {
    "intervals.png": ("intervals", drawings.plot_intervals),
    "ranking.png": ("sensitivity", drawings.plot_ranking),
    "tornado.png": ("local", drawings.plot_tornado),
    "response.png": ("response", drawings.plot_response),
}


def figures_of(result: xarray.DataTree, progress: Progress) -> dict[str, Content]:
    """Return the figures of a result as files."""
    shown = {file: draw for file, (group, draw) in FIGURES.items() if group in result.children}
    files: dict[str, Content] = {}
    for file, draw in shown.items():
        progress("figures", len(files) / len(shown))
        files[file] = drawings.as_png(draw(result))
    return files


def plot(path: str | Path, output: str | Path | None = None, *, progress: Progress = ignore) -> Outcome:
    """Draw the figures of a stored result again, from a ``result.nc`` or its folder.

    They go beside the result, or into a folder of its folder's name in `output`. InputError if there is no result
    that can be read, or its figures cannot be drawn; OutputError if the files cannot be written.
    """
    with require_openable(path):
        import_module("matplotlib.backends.backend_agg")  # beside it: both take some tenths of a second
    result, folder = load_result(path), Path(path)
    folder = folder if folder.is_dir() else folder.parent
    folder = Path(output) / folder.resolve().name if output is not None else folder
    try:
        files = figures_of(result, progress)
    except Exception as error:  # what lacks, or is of another kind, shows in many ways
        said = f"{type(error).__name__}: {text_of(error)}".splitlines()[0]
        raise Location(str(path)).error(f"is damaged, run its scenario again ({said})") from error
    save_files(folder, files)
    return Outcome(result, folder, tuple(files))
