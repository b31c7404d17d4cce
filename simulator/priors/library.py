"""The library: folders of files of priors, and how a name finds one."""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Location, Problem, Problems, did_you_mean, mismatch
from simulator.priors.files import read_toml
from simulator.priors.table import Prior, read_prior

LONGEST_NAME = 200
DEEPEST = 10  # references from prior to prior
CORRELATIONS = "correlations"  # the library file that holds no priors but how they go together
SEARCHED = ("scope", "note", "title", "year", "identifier", "detail")  # keys of a table and of its sources
DEFAULTS, CONSTANTS = "defaults", "constants"  # library files that give inputs which a scenario leaves out


def shipped_folder(name: str) -> Path:
    """Return the folder of shipped priors or scenarios: in the installed package, or in the checkout."""
    package = Path(__file__).parent.parent
    installed = package / "data" / name
    return installed if installed.is_dir() else package.parent / name


@dataclass(frozen=True)
class Library:
    """Folders of prior files; for each name the first folder that has it counts.

    The prior ``grid/us-ia`` is the table ``us-ia`` of the file ``grid.toml``.

    Attributes
    ----------
    folders : tuple of Path
        The user's own first.
    """

    folders: tuple[Path, ...]
    _files: dict[Path, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)
    # Each prior is read once: mixtures of mixtures would name one again and again.
    _read: dict[str, Prior | list[Problem] | None] = field(default_factory=dict, compare=False, repr=False)

    def tables(self, stem: str) -> Iterator[tuple[str, str, Any]]:
        """Yield (file, key, table) of every prior in the files of one name; InputError if one cannot be read."""
        for folder in self.folders:
            path = folder / f"{stem}.toml"
            if path not in self._files:
                try:
                    self._files[path] = read_toml(path, str(path))[0] if path.is_file() else {}
                except OSError as error:
                    raise Location(str(path)).error(f"cannot be read: {error.strerror}") from error
            for key, table in self._files[path].items():
                yield str(path), key, table

    def names(self) -> list[str]:
        """Return the names of all priors of files that can be read, in order."""
        names: set[str] = set()
        for stem in {path.stem for folder in self.folders for path in folder.glob("*.toml")} - {CORRELATIONS}:
            with contextlib.suppress(InputError):  # a bad file is named when something in it is asked for
                names.update(f"{stem}/{key}" for _, key, _ in self.tables(stem))
        return sorted(names)

    def search(self, words: Sequence[str]) -> list[Prior]:
        """Return the priors whose name, scope, note or sources have all of some words.

        A word is found where a word of the text starts with it, in letters of either case.

        Parameters
        ----------
        words : sequence of str
            What to look for.

        Returns
        -------
        list of Prior
            Each once, by name. A prior that stands under a second name is found by that too.

        Raises
        ------
        InputError
            If priors that are found are bad.
        """
        patterns = [re.compile(rf"(?<![^\W_]){re.escape(word.casefold())}") for word in words]
        found: dict[str, Prior] = {}
        problems = Problems()
        for name in self.names():
            stem, _, wanted = name.partition("/")
            table = next(table for _, key, table in self.tables(stem) if key == wanted)
            text = " ".join([name, *texts_of(table)]).casefold()
            if all(pattern.search(text) for pattern in patterns):
                with problems.gather():
                    if (prior := self.find(name)) is not None:
                        found[prior.name] = prior
        problems.raise_all()
        return [found[name] for name in sorted(found)]

    def find(self, name: str, *, reference_chain: tuple[str, ...] = ()) -> Prior | None:
        """Return the prior of this name, or None.

        Parameters
        ----------
        name : str
            Such as ``grid/us-ia``.
        reference_chain : tuple of str
            The priors that are being read, each for the one before.

        Raises
        ------
        InputError
            If its file or its table is bad, or it is made of itself.
        """
        if name not in self._read:
            try:
                self._read[name] = self._read_prior(name, reference_chain)
            except InputError as error:
                self._read[name] = error.problems
        found = self._read[name]
        if isinstance(found, list):
            raise InputError(found)
        return found

    def _read_prior(self, name: str, reference_chain: tuple[str, ...]) -> Prior | None:
        """Read the prior of this name; see `find`."""
        stem, _, wanted = name[:LONGEST_NAME].partition("/")
        # Only plain file names: a reference cannot leave the library's folders.
        if not stem.replace("-", "").replace("_", "").isalnum() or stem == CORRELATIONS:
            return None
        for file, key, table in self.tables(stem):
            if key == wanted:
                at, chain = Location(file, key), (*reference_chain, name)
                if name in reference_chain or len(chain) > DEEPEST:
                    deep = f"refers to priors more than {DEEPEST} deep"
                    what = "is made of itself" if name in reference_chain else deep
                    raise at.error(f"{what}: {' -> '.join(chain)}")
                get = partial(self.get, reference_chain=chain)
                if isinstance(table, dict) and table.keys() == {"prior"}:  # another name of one
                    return get(table["prior"], at / "prior")
                return read_prior(table, name, at, get, source_needed=True)
        return None

    def get(
        self,
        name: object,
        at: Location,
        *,
        wanted: str = "a prior of the library",
        reference_chain: tuple[str, ...] = (),
    ) -> Prior:
        """Return the prior that a file names at a location; InputError, with `wanted`, if none has this name."""
        prior = self.find(name, reference_chain=reference_chain) if isinstance(name, str) else None
        if prior is None:
            raise at.error(mismatch(name, wanted) + did_you_mean(name, self.names()))
        return prior


def texts_of(table: object) -> Iterator[str]:
    """Yield what the table of a prior says in words, with its sources' titles, years, identifiers and details."""
    if isinstance(table, list):
        for part in table:
            yield from texts_of(part)
    elif isinstance(table, dict):
        for key, value in table.items():
            if key in SEARCHED:
                yield str(value)
            else:
                yield from texts_of(value)


def library_beside(scenario: Path) -> Library:
    """Return the library of a scenario: ``priors/`` beside it, in the current folder, and the shipped one."""
    folders: dict[str, Path] = {}
    for folder in (scenario.parent / "priors", Path("priors"), shipped_folder("priors")):
        folders.setdefault(os.path.realpath(folder), folder)
    return Library(tuple(folders.values()))
