"""Errors that the user can mend: every problem of a file, each with its location."""

import difflib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.units import shorten

LONGEST_PART, LONGEST_MESSAGE = 400, 1600  # characters of a file's name or a key, and of a message, that are printed


def printable(text: str, longest: int = LONGEST_PART) -> str:
    """Return text without anything that a terminal would obey, and of bounded length."""
    if len(text) > longest:
        text = f"{text[:longest]}…"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@dataclass(frozen=True)
class Problem:
    """One error in a file.

    Attributes
    ----------
    file : str
        The file, as the user named it.
    key : str
        The key in it, such as ``inputs.gpu_tdp``; empty for the file as a whole.
    message : str
        What was got, what is expected and what to do.
    """

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        parts = (printable(self.file), printable(self.key), printable(self.message, LONGEST_MESSAGE))
        return ": ".join(filter(None, parts))


class SimulatorError(Exception):
    """Base class of all errors of the simulator."""


class InputError(SimulatorError):
    """Bad input: all problems that were found, at once.

    Attributes
    ----------
    problems : list of Problem
        Each once, by file and key.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.file, problem.key, problem.message))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Location:
    """A location in a file.

    ``location / part`` is the location of a part: a key of a table, or the number of an item of a list, from 1.

    Attributes
    ----------
    file, key : str
        As of a `Problem`.
    """

    file: str
    key: str = ""

    def __truediv__(self, part: object) -> "Location":
        return Location(self.file, f"{self.key}.{part}" if self.key else str(part))

    def error(self, message: str) -> InputError:
        """Return the error of one problem that is here."""
        return InputError([Problem(self.file, self.key, message)])


class Problems(list[Problem]):
    """Problems, gathered to be raised all at once."""

    def add(self, at: Location, message: str) -> None:
        """Add a problem that is at a location."""
        self.append(Problem(at.file, at.key, message))

    def has(self, at: Location) -> bool:
        """Tell whether a problem is at a location or below it."""
        return any(f"{problem.key}.".startswith(f"{at.key}.") for problem in self if problem.file == at.file)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Add the problems of an InputError that is raised inside, and continue after it."""
        try:
            yield
        except InputError as error:
            self.extend(error.problems)

    def raise_all(self) -> None:
        """Raise InputError with all of them, if there are any."""
        if self:
            raise InputError(self)


class UnusualValue(UserWarning):
    """A value that is allowed, and so unusual that its unit may be wrong; in one line."""


class OutputError(SimulatorError):
    """A result that could not be written, in one line."""


class ClusterError(SimulatorError):
    """A cluster that cannot be reached or went away, in one line."""


class ModelError(SimulatorError):
    """A model whose quantities cannot be computed on its draws, in one line."""


def text_of(error: BaseException) -> str:
    """Return what an error says; one of a user's own code may fail to."""
    try:
        return str(error)
    except Exception as failure:
        return f"it cannot say what ({type(failure).__name__})"


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `name`, one that starts so before others, or None where none is near."""
    names, asked = sorted(known, key=len), str(name)[:100]
    starting = [other for other in names if other.casefold().startswith(asked.casefold())]
    near = [other for other in starting if len(asked) > 3 or len(other) == len(asked)]
    return next(iter(near or difflib.get_close_matches(asked, names, n=1, cutoff=0.6)), None)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known name nearest to `name`, or nothing."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near is not None else ""


def mismatch(got: object, wanted: str) -> str:
    """Return the message that `wanted` was expected where `got` stands."""
    return f"expected {wanted}, got {shorten(got)}"


def require_writable(folder: Path) -> None:
    """Raise OutputError, before anything is computed, unless a folder is there to write to or can be made."""
    try:
        here = folder.absolute()
        while not here.exists():
            here = here.parent
        if not here.is_dir():
            raise NotADirectoryError(20, f"{here} is not a folder")
        if not os.access(here, os.W_OK | os.X_OK):
            raise PermissionError(13, "permission denied")
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error
