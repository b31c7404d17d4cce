"""Results on disk: a set of files is written whole or not at all, and read again."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError, OutputError, Problem

if TYPE_CHECKING:
    import xarray

RESULT = "result.nc"


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


class DatasetFolder:
    """Datasets in a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> "xarray.Dataset | None":
        """Read a dataset, or return None where there is none that can be read."""
        import xarray

        finish_writing(self._folder)
        try:
            with xarray.open_dataset(self._folder / name, engine="h5netcdf") as stored:
                return stored.load()
        except Exception:  # not there, or not whole: it is made anew
            return None

    def __setitem__(self, name: str, data: "xarray.Dataset") -> None:
        """Write a dataset; OutputError if it cannot be."""
        import xarray

        save_files(self._folder, {name: result_bytes(xarray.DataTree(data))})


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
