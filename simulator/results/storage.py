"""Results on disk. A set of files is written completely or not at all."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xarray

from simulator.errors import InputError, Location, OutputError
from simulator.results.schema import require_result, settings_of

RESULT = "result.nc"


def load_result(path: str | Path) -> xarray.DataTree:
    """Read a result from a file, or from the folder that holds it.

    Parameters
    ----------
    path : str or Path
        A ``result.nc``, or its folder.

    Returns
    -------
    xarray.DataTree
        As `build_result` gives it.

    Raises
    ------
    InputError
        If there is none, the file is not a result of this program, or it is of another version's layout.
    """
    try:
        file = committed_path(Path(path) / RESULT) if Path(path).is_dir() else committed_path(Path(path))
        if not file.is_file():
            raise Location(str(path)).error(f"no result here; `simulator run` writes {RESULT}")
        tree = xarray.DataTree.from_dict(read_groups(file))
        require_result(tree, str(path))
        settings_of(tree)
    except InputError:
        raise
    except Exception as error:  # HDF5, netCDF and xarray each have their own
        raise Location(str(path)).error("is not a result that can be read") from error
    return tree


class DatasetFolder:
    """Datasets in a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> xarray.Dataset | None:
        """Read a dataset, or return None where there is none that can be read."""
        try:
            return read_groups(committed_path(self._folder / name))["/"]
        except Exception:  # not there, or not whole: it is made anew
            return None

    def __setitem__(self, name: str, data: xarray.Dataset) -> None:
        """Write a dataset; OutputError if it cannot be."""
        save_files(self._folder, {name: as_bytes({"/": data})})


COMMITTED = ".committed"
COMMITS = 100  # attempts, where other processes write the same folder


def committed_path(file: Path) -> Path:
    """Return where a file is: in its place, or still in the set that a killed run had written whole."""
    staged = file.parent / COMMITTED / file.name
    return staged if staged.is_file() else file


def finish_writing(folder: Path) -> None:
    """Move the files of a set that was written whole into their places; a killed run may have left some."""
    staged = folder / COMMITTED
    with contextlib.suppress(FileNotFoundError):  # there is none, or another process was quicker
        for file in sorted(staged.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                os.replace(file, folder / file.name)
    with contextlib.suppress(OSError):  # gone, or another process has committed the next set
        staged.rmdir()


type Content = bytes | memoryview


def save_files(folder: Path, files: Mapping[str, Content], instead_of: Iterable[str] = ()) -> None:
    """Write a set of files into a folder, all of them or none, in place of others that are no longer true.

    They are written beside their places first; renaming that folder commits to the new set, and moving the files into
    place is done again by the next writer if it was cut short. A file alone is renamed into its place.

    OutputError if they cannot be written; what was there before is untouched.
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
        if len(files) == 1:
            os.replace(staged / name, folder / name)
        else:
            commit(staged, folder)
        for name in set(instead_of) - files.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)


def commit(staged: Path, folder: Path) -> None:
    """Make a set of files that are written the set of a folder; another process may be doing so at the same time."""
    for attempt in range(COMMITS):
        finish_writing(folder)
        try:
            os.replace(staged, folder / COMMITTED)
        except OSError:  # another set has been committed since
            if attempt == COMMITS - 1:
                raise
        else:
            return finish_writing(folder)


def is_running(process: str) -> bool:
    """Tell whether a process of this number may still be at work."""
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True


def store_of(group: Any) -> Any:
    """Return a group of a netCDF file as xarray reads and writes it."""
    from xarray.backends import NetCDF4DataStore

    return NetCDF4DataStore(group)  # type: ignore[no-untyped-call]


def as_bytes(groups: Mapping[str, xarray.Dataset]) -> Content:
    """Return datasets, by the names of their groups, as the bytes of a netCDF-4 file.

    Made in memory, as HDF5 crashes where a disk is full. Draws are noise: compressed, a result of 10,000 of them
    would be 11 % smaller and take twice as long to write.
    """
    from netCDF4 import Dataset

    file = Dataset("memory.nc", "w", format="NETCDF4", memory=1 << 20)
    for name, data in groups.items():
        data.dump_to_store(store_of(file if name == "/" else file.createGroup(name)))
    return memoryview(file.close())


def read_groups(file: Path) -> dict[str, xarray.Dataset]:
    """Return the datasets of a netCDF-4 file: of its root, ``/``, and of the groups in it, no deeper."""
    from netCDF4 import Dataset

    content = file.read_bytes()
    with Dataset("memory.nc", memory=content) as stored:
        places = {"/": stored, **stored.groups}
        if sum(item.size for place in places.values() for item in place.variables.values()) > len(content):
            raise ValueError("more values than bytes")  # compressed, or never written, to fill the memory
        return {name: xarray.open_dataset(store_of(place)).load() for name, place in places.items()}


# Links of a file may form a loop, on which the netCDF library does not end and takes all memory.
OPEN = """
import resource, sys, time
from netCDF4 import Dataset
seconds = int(time.process_time()) + 2
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
Dataset(sys.argv[1])
"""


@contextlib.contextmanager
def require_openable(path: str | Path) -> Iterator[None]:
    """Raise InputError, after the block, if a process beside it cannot open a result within two seconds."""
    file = committed_path(Path(path) / RESULT if Path(path).is_dir() else Path(path))
    with subprocess.Popen([sys.executable, "-c", OPEN, file], stderr=subprocess.DEVNULL) as opened:
        yield
    if opened.returncode < 0:
        raise Location(str(path)).error("is not a result that can be read")


def result_bytes(result: xarray.DataTree) -> Content:
    """Return a result as the bytes of a netCDF-4 file."""
    return as_bytes({"/": result.to_dataset(), **{name: node.to_dataset() for name, node in result.children.items()}})


def save_result(result: xarray.DataTree, path: str | Path) -> None:
    """Write a result, whole or not at all.

    Parameters
    ----------
    result : xarray.DataTree
        From `simulator.run`.
    path : str or Path
        A file whose name ends in ``.nc``, or a folder, in which it becomes ``result.nc``.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is untouched.
    """
    file = Path(path) if Path(path).suffix.lower() == ".nc" else Path(path) / RESULT
    save_files(file.parent, {file.name: result_bytes(result)})
