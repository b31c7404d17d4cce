"""The library: folders of prior files, and how a name finds a prior."""

import contextlib
import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Location, Problem, Problems, mismatch
from simulator.priors.files import read_toml
from simulator.priors.table import Prior, read_prior

LONGEST_NAME = 200
DEEPEST = 10  # references from prior to prior
CORRELATIONS = "correlations"  # the library file of correlations between priors
SEARCHED = ("scope", "note", "title", "year", "identifier", "detail")  # keys of a table and of its sources
STAGES = ("training", "deployment")  # of which a prior knows nothing
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

    @cached_property
    def _by_name(self) -> dict[str, Any]:
        """The table of each prior of files that can be read, by its name, in order."""
        found: dict[str, Any] = {}
        for stem in {path.stem for folder in self.folders for path in folder.glob("*.toml")} - {CORRELATIONS}:
            with contextlib.suppress(InputError):  # a bad file is named when something in it is asked for
                for _, key, table in self.tables(stem):
                    found.setdefault(f"{stem}/{key}", table)
        return {name: found[name] for name in sorted(found)}

    def names(self) -> list[str]:
        """Return the names of all priors of files that can be read, in order."""
        return list(self._by_name)

    def search(self, words: Sequence[str]) -> list[Prior]:
        """Return the priors whose name, scope, note or sources have all of some words.

        A word is found where a word of the text starts with it, in letters of either case. Each prior is there once,
        by name; one that stands under a second name is found by that too. InputError if priors that are found are
        bad.
        """
        found: dict[str, Prior] = {}
        problems = Problems()
        for name, number in self.count_words(words).items():
            if number == len(words):
                with problems.gather():
                    if (prior := self.find(name)) is not None:
                        found[prior.name] = prior
        problems.raise_all()
        return [found[name] for name in sorted(found)]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """What is said of each prior, by its name."""
        return {name: " ".join([name, *texts_of(table)]).casefold() for name, table in self._by_name.items()}

    def count_words(self, words: Iterable[str]) -> dict[str, int]:
        """Return how many of some words each prior has, as `search` finds them, by its name."""
        patterns = [re.compile(rf"(?<![^\W_]){re.escape(word.casefold())}") for word in words]
        return {name: sum(bool(pattern.search(text)) for pattern in patterns) for name, text in self._texts.items()}

    def suggest(self, name: str) -> str | None:
        """Return the prior that a name may mean, by the words of its key or as one of much the same name, or None."""
        stem, _, key = name[:LONGEST_NAME].partition("/")
        words = re.findall(r"[^\W_]{4,}", key or stem)
        counts = self.count_words(words)
        most = [other for other, number in counts.items() if number and number == max(counts.values())]
        beside = [other for other in most if other.startswith(f"{stem}/")]
        if beside and counts[beside[0]] == len(words):
            return beside[0]
        near = difflib.get_close_matches(name[:LONGEST_NAME], counts, n=1, cutoff=0.85) if key[2:] else []
        near += [other for other in counts if other.startswith(name)]
        return next(iter([*near, *beside, *most]), None)

    def example(self, key: str, unit: str) -> str | None:
        """Return the prior in a unit whose name and texts have most of the words of an input's, or None."""
        words = [word for word in key.split("_") if word not in STAGES]
        counts = self.count_words(words)
        in_name = {name: sum(word in re.split(r"\W", name) for word in words) for name in counts}
        for name in sorted(filter(in_name.get, counts), key=lambda name: (-in_name[name], -counts[name], name)):
            with contextlib.suppress(InputError, ValueError):
                if (prior := self.find(name)) is not None and prior.in_unit(unit):
                    return prior.name
        return None

    def find(self, name: str, *, reference_chain: tuple[str, ...] = ()) -> Prior | None:
        """Return the prior of this name, or None.

        `reference_chain` are the priors that are being read, each for the one before. InputError if its file or its
        table is bad, or it is made of itself.
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
        wanted: Callable[[], str] = lambda: "a prior of the library",
        reference_chain: tuple[str, ...] = (),
    ) -> Prior:
        """Return the prior that a file names at a location; InputError, with what `wanted` says, if there is none."""
        prior = self.find(name, reference_chain=reference_chain) if isinstance(name, str) else None
        if prior is None:
            near = self.suggest(name) if isinstance(name, str) else None
            raise at.error(mismatch(name, wanted()) + (f"; did you mean {near!r}?" if near else ""))
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
