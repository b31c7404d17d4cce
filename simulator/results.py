"""The labelled result: an ArviZ-schema DataTree, and writing it whole or not at all."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.errors import InputError, OutputError, Problem
from simulator.lifecycle import REPORTED
from simulator.model import Input, digest
from simulator.scenario import Scenario
from simulator.streaming import Summary
from simulator.units import FloatArray

if TYPE_CHECKING:
    import xarray

PROBABILITIES = (0.5, 0.9)
INTERVAL_KINDS = ("eti", "hdi")
DENSITY_BINS = 120
LIBRARIES = ("llm-footprint-simulator", "numpy", "scipy", "xarray")
RESULT = "result.nc"
ROUNDING = 1e-9  # relative: draws that differ by less are the same


def interval(summary: Summary, kind: str, probability: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return an interval's ends and their Monte Carlo standard errors, each of shape (2,)."""
    if kind == "hdi":
        return summary.hdi(probability), summary.hdi_mcse(probability, np.random.default_rng(seed))
    tails = [(1 - probability) / 2, (1 + probability) / 2]
    return summary.quantile(tails), summary.quantile_mcse(tails)


def intervals_dataset(scenario: Scenario, summaries: Mapping[str, Summary], kind: str, seed: int) -> "xarray.Dataset":
    """Return medians, intervals, moments and shares of the summarised quantities, with Monte Carlo errors."""
    import xarray

    names = scenario.reported
    ends = [[interval(summaries[name], kind, p, seed) for p in PROBABILITIES] for name in names]
    shares = [scenario.shares.get(name) for name in names]
    dimensions = ("quantity", "probability", "bound")
    variables = {
        "median": ("quantity", [float(summaries[name].quantile(0.5)) for name in names]),
        "median_mcse": ("quantity", [float(summaries[name].quantile_mcse(0.5)) for name in names]),
        "interval": (dimensions, np.array([[pair[0] for pair in row] for row in ends])),
        "interval_mcse": (dimensions, np.array([[pair[1] for pair in row] for row in ends])),
        "mean": ("quantity", [summaries[name].mean for name in names]),
        "sd": ("quantity", [summaries[name].sd for name in names]),
        "share": ("quantity", [summaries[share].mean if share else np.nan for share in shares]),
    }
    coordinates = {
        "quantity": names,
        "probability": list(PROBABILITIES),
        "bound": ["lower", "upper"],
        "unit": ("quantity", [scenario.book.equations[name].unit for name in names]),
        "label": ("quantity", [REPORTED.get(name, (name.replace("_", " "), 0))[0] for name in names]),
        "level": ("quantity", [REPORTED.get(name, ("", 0))[1] for name in names]),
    }
    return xarray.Dataset(variables, coordinates, {"interval_kind": kind})


def density_dataset(summaries: Mapping[str, Summary]) -> "xarray.Dataset":
    """Return histograms of the quantities, between the quantiles 0.001 and 0.999, for plots."""
    import xarray

    edges, densities = [], []
    for summary in summaries.values():
        low, high = summary.quantile([0.001, 0.999])
        if high - low <= 1e-9 * abs(high):  # the same in every draw, up to rounding
            edges.append(np.full(DENSITY_BINS + 1, low))
            densities.append(np.zeros(DENSITY_BINS))
        else:
            spaced = np.geomspace if low > 0 else np.linspace  # as on the axis that it is drawn on
            edges.append(spaced(low, high, DENSITY_BINS + 1))
            densities.append(summary.density(edges[-1]))
    variables = {"density": (("quantity", "bin"), densities), "edge": (("quantity", "bin_edge"), edges)}
    return xarray.Dataset(variables, {"quantity": list(summaries)})


def references_dataset(scenario: Scenario, summaries: Mapping[str, Summary]) -> "xarray.Dataset":
    """Return the published values and the share of draws below each; of what is known, how far off that is."""
    import xarray

    references = scenario.reference_values
    ends = [summaries[item.quantity].quantile([0.0, 1.0]) for item in references]
    known = [np.ptp(pair) <= ROUNDING * abs(pair[1]) for pair in ends]
    off = [pair[1] / item.value - 1 if item.value else np.nan for pair, item in zip(ends, references, strict=True)]
    variables = {
        "off": ("reference", np.where(known, off, np.nan)),
        "value": ("reference", [reference.value for reference in references]),
        "percentile": ("reference", [100 * summaries[item.quantity].cdf(item.value) for item in references]),
    }
    coordinates = {
        "reference": [reference.label for reference in references],
        "quantity": ("reference", [reference.quantity for reference in references]),
        "unit": ("reference", [scenario.book.equations[item.quantity].unit for item in references]),
        "source": ("reference", ["; ".join(map(str, reference.sources)) for reference in references]),
    }
    return xarray.Dataset(variables, coordinates)


def prior_in_words(item: Input) -> str:
    """Return what an input is drawn from, with its unit."""
    return f"{item.prior.words} [{item.prior.unit}]"


def own_pages_text(scenario: Scenario) -> str:
    """Return the sources of the pages of the user's own, one after the other."""
    return "\n".join(f"# {name}.py\n{text}" for name, text in scenario.own_pages.items())


def scenario_digest(scenario: Scenario) -> str:
    """Return a name for all that a scenario's results rest on: model, provenance, published values, version."""
    said = (scenario.title, scenario.text, scenario.own_pages, scenario.inputs, scenario.reference_values)
    return digest(version(LIBRARIES[0]), scenario.model.digest, *said)


def build_result(
    scenario: Scenario,
    summaries: Mapping[str, Summary],
    table: Mapping[str, FloatArray],
    *,
    draws: int,
    seed: int,
    kind: str,
    seconds: float,
) -> "xarray.DataTree":
    """Assemble the result.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    summaries : mapping from str to Summary
        Distributions over all draws, of reported quantities, their shares and those with references.
    table : mapping from str to array of shape (kept,)
        The first draws of every input and quantity.
    draws, seed : int
        Of the run.
    kind : str
        ``eti`` or ``hdi``.
    seconds : float
        What drawing took.

    Returns
    -------
    xarray.DataTree
        Groups `prior` (inputs) and `prior_predictive` (quantities) with dimensions (chain, draw),
        `intervals`, `density` and, where there are any, `references`.
    """
    import xarray

    def group(attributes: Mapping[str, Mapping[str, Any]]) -> "xarray.Dataset":
        variables = {name: (("chain", "draw"), table[name][None], about) for name, about in attributes.items()}
        kept = len(next(iter(table.values())))
        return xarray.Dataset(variables, {"chain": [0], "draw": np.arange(kept)})

    inputs = {
        name: {
            "units": item.unit,
            "prior": prior_in_words(item),
            "identity": item.prior.name,
            "origin": item.origin,
            "source": "; ".join(map(str, item.prior.sources)),
            "basis": item.prior.basis,
            "scope": item.prior.scope,
            "note": item.prior.note,
        }
        for name, item in scenario.inputs.items()
    }
    quantities = {
        name: {"units": item.unit, "page": item.page, "source": (item.function.__doc__ or "").strip()}
        for name, item in scenario.book.equations.items()
    }
    groups = {
        "/prior": group(inputs),
        "/prior_predictive": group(quantities),
        "/intervals": intervals_dataset(scenario, summaries, kind, seed),
        "/density": density_dataset({name: summaries[name] for name in scenario.reported}),
    }
    if scenario.reference_values:
        groups["/references"] = references_dataset(scenario, summaries)
    tree = xarray.DataTree.from_dict(groups)
    tree.attrs = {
        "title": scenario.title,
        "description": scenario.description.strip(),
        "scenario": scenario.name,
        "digest": scenario_digest(scenario),
        "scenario_text": scenario.text,
        "own_pages": own_pages_text(scenario),
        "correlations": "\n".join(group.words for group in scenario.correlations),
        "draws": draws,
        "seed": seed,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sampling_time": seconds,
        "inference_library": LIBRARIES[0],
        "inference_library_version": version(LIBRARIES[0]),
        "versions": ", ".join([f"python {platform.python_version()}", *(f"{n} {version(n)}" for n in LIBRARIES)]),
    }
    return tree


def load_result(path: str | Path) -> "xarray.DataTree":
    """Read a result from a file, or from the folder that holds it.

    Raises
    ------
    InputError
        If there is none, or the file is no result of this program.
    """
    import xarray

    file = Path(path)
    folder = file if file.is_dir() else file.parent
    finish_writing(folder)
    file = file / RESULT if file.is_dir() else file
    if not file.is_file():
        raise InputError([Problem(str(path), "", f"no result here; `simulator run` writes {RESULT}")])
    try:
        with xarray.open_datatree(file, engine="h5netcdf") as stored:
            tree = stored.load()
    except Exception as error:  # HDF5, netCDF and xarray each have their own
        raise InputError([Problem(str(path), "", "is not a result that can be read")]) from error
    if "intervals" not in tree.children or "scenario_text" not in tree.attrs:
        raise InputError([Problem(str(path), "", "is not a result of this program")])
    return tree


def load_dataset(file: Path) -> "xarray.Dataset | None":
    """Read a dataset that `result_bytes` wrote, or None where there is none that can be read."""
    import xarray

    finish_writing(file.parent)
    try:
        with xarray.open_dataset(file, engine="h5netcdf") as stored:
            return stored.load()
    except Exception:  # not there, or not whole: it is made anew
        return None


COMMITTED = ".committed"


def finish_writing(folder: Path) -> None:
    """Move the files of a set that was written whole into their places; a killed run may have left some."""
    staged = folder / COMMITTED
    if staged.is_dir():
        for file in sorted(staged.iterdir()):
            os.replace(file, folder / file.name)
        staged.rmdir()


type Content = bytes | memoryview


def save_files(folder: Path, files: Mapping[str, Content], instead_of: Iterable[str] = ()) -> None:
    """Write a set of files into a folder, all of them or none, in place of others that are no longer true.

    They are written beside their places first; renaming that folder commits to the new set, and moving the
    files into place is done again by the next reader if it was cut short.

    Raises
    ------
    OutputError
        If they cannot be written; what was there before is untouched.
    """
    staged = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        finish_writing(folder)
        for abandoned in folder.glob(".writing-*"):
            if not is_running(abandoned.name.split("-")[1]):
                shutil.rmtree(abandoned, ignore_errors=True)
        for name in files:
            if (folder / name).is_dir():
                raise IsADirectoryError(21, f"{name} is a folder")
        staged = Path(tempfile.mkdtemp(prefix=f".writing-{os.getpid()}-", dir=folder))
        for name, content in files.items():
            with (staged / name).open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(staged, folder / COMMITTED)
        finish_writing(folder)
        for name in set(instead_of) - files.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)


def require_writable(folder: Path) -> None:
    """Raise OutputError, before anything is computed, unless a folder is there to write to or can be made."""
    try:
        here = folder.absolute()
        while not here.exists():
            here = here.parent
        if not here.is_dir():
            raise NotADirectoryError(20, f"{here} is no folder")
        if not os.access(here, os.W_OK | os.X_OK):
            raise PermissionError(13, "permission denied")
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error


def is_running(process: str) -> bool:
    """Tell whether a process of this number may still be at work."""
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True


def result_bytes(result: "xarray.DataTree") -> Content:
    """Return a result as the bytes of a netCDF-4 file; made in memory, as HDF5 crashes where a disk is full."""
    return memoryview(result.to_netcdf(engine="h5netcdf"))


def save_result(result: "xarray.DataTree", folder: str | Path) -> None:
    """Write a result as ``result.nc`` into a folder, whole or not at all; OutputError if it cannot be."""
    save_files(Path(folder), {RESULT: result_bytes(result)})
