"""Priors: a name, a distribution in a unit, and where the numbers come from; and the library that holds them."""

import contextlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, create_model
from pydantic_core import PydanticCustomError

from simulator.distributions import FAMILIES, Distribution, affine, build_distribution
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.units import UnitError, conversion_factor, require_unit

LARGEST_FILE = 1_000_000  # bytes; the library's largest file is far below it
MOST_DOTS = 100  # in a line outside of quotes: reading a dotted key costs the square of its parts
LONGEST_NAME = 200
REACH = np.array([1e-9, 0.5])  # of either tail; what is rarer is not worth a word
LARGEST_VALUE = 1e100
MOST_PROBLEMS = 100  # of one table
DEFAULTS, CONSTANTS = "defaults", "constants"  # library files that give inputs which a scenario leaves out


def without_controls(text: str) -> str:
    """Refuse text that a terminal or a figure would stumble over."""
    if any(not letter.isprintable() and letter not in "\n\t" for letter in text):
        raise PydanticCustomError("control", "holds a control character")
    return text


Text = Annotated[str, Field(max_length=4000), AfterValidator(without_controls)]


class Source(BaseModel):
    """A published work that a prior or a reference rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Text
    year: Annotated[int, Field(ge=1000, le=3000)] | None = None
    identifier: Text | None = None

    def __str__(self) -> str:
        return ", ".join(str(part) for part in (self.title, self.year, self.identifier) if part is not None)


Sources = Source | Annotated[list[Source], Field(min_length=1, max_length=100)] | Literal["judgement"]


def sources_of(source: Sources | None) -> tuple[Source, ...]:
    """Return the works that a `source` key names; judgement names none."""
    if isinstance(source, Source):
        return (source,)
    return tuple(source) if isinstance(source, list) else ()


class PriorTable(BaseModel):
    """The keys that the table of every prior may have, whatever its family."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    distribution: str
    unit: Annotated[str, Field(max_length=60)] = "1"
    bounds: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    source: Sources | None = None
    note: Text | None = None


@cache
def family_table(family: str) -> type[PriorTable]:
    """Return the model of a table of one family: the common keys and the family's own parameters."""
    parameters: dict[str, Any] = {name: (FiniteFloat | None, None) for name in FAMILIES[family].parameters}
    return create_model(f"{family.capitalize()}Prior", __base__=PriorTable, **parameters)


@dataclass(frozen=True)
class Prior:
    """One uncertain fact.

    Attributes
    ----------
    name : str
        Its identity: the same name is the same draw wherever it is used.
    distribution : Distribution
        In `unit`.
    unit : str
        Unit of the values.
    words : str
        The distribution as the file gives it.
    sources : tuple of Source
        Empty where the prior rests on judgement.
    note : str
        What the numbers mean and why these.
    file : str
        Where the prior was read.
    """

    name: str
    distribution: Distribution
    unit: str
    words: str
    sources: tuple[Source, ...] = ()
    note: str = ""
    file: str = ""

    def in_unit(self, unit: str) -> Distribution:
        """Return the distribution with its values in another unit of the same dimension.

        Raises
        ------
        UnitError
            If the dimension is another.
        ValueError
            If values are too large or too small to compute with.
        """
        factor = conversion_factor(self.unit, unit)
        with np.errstate(all="ignore"):
            distribution = affine(self.distribution, 0.0, factor)
            reach = np.concatenate([distribution.ppf(REACH), distribution.isf(REACH)])
            spread = reach.max() - reach.min()
        largest, median = np.abs(reach).max(), abs(reach[1])
        if not (np.isfinite(spread) and largest < LARGEST_VALUE and (median == 0 or median > 1 / LARGEST_VALUE)):
            raise ValueError(f"its values pass the range of numbers: median {median:.3g}, up to {largest:.3g} {unit}")
        return distribution


def read_toml(path: Path, name: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file that may hold anything, and return its table and its text.

    Raises
    ------
    InputError
        If it is missing, a folder, unreadable, too large, not text, not TOML or empty.
    """
    try:
        if path.is_dir():
            raise InputError([Problem(name, "", "is a folder; name a file that ends in .toml")])
        if path.exists() and not path.is_file() and str(path) != "/dev/stdin":
            raise InputError([Problem(name, "", "is not a plain file")])
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise InputError([Problem(name, "", "no such file")]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise InputError([Problem(name, "", f"cannot be read: {reason}")]) from error
    if len(data) > LARGEST_FILE:
        raise InputError([Problem(name, "", f"is larger than {LARGEST_FILE // 1_000_000} MB")])
    try:
        text = data.decode("utf-8-sig")
        if any(re.sub(r"\"[^\"]*\"|'[^']*'", "", line).count(".") > MOST_DOTS for line in text.splitlines()):
            raise InputError([Problem(name, "", f"has a line with over {MOST_DOTS} dots outside of quotes")])
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError([Problem(name, "", "is not text in UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(name, "", f"is not TOML: {str(error)[:200]}")]) from error
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"
        raise InputError([Problem(name, "", f"is not TOML that can be read: {reason}")]) from error
    if not table:
        raise InputError([Problem(name, "", "is empty")])
    return table, text


WANTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_parsing_size": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than_equal": "a year",
    "less_than_equal": "a year",
    "literal_error": 'a table {title = "…", year = …, identifier = "…"}, a list of such tables, or "judgement"',
}


def model_problems(error: ValidationError, file: str, key: str, known: Sequence[str]) -> Iterator[Problem]:
    """Turn what pydantic found into problems with the user's own keys."""
    for item in error.errors()[:MOST_PROBLEMS]:
        path = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        if "source" in path[:-1]:  # a union: pydantic complains of each branch, the user wrote one thing
            path, kind = path[: path.index("source") + 1], "literal_error"
        else:
            kind = item["type"]
            path = path[:3] if path[0] == "references" else path[:2]  # below that, branches of a union
        place, got = ".".join(part for part in [key, *path] if part), item["input"]
        if path[-1] == "bounds" or "bounds" in path:
            yield Problem(file, f"{key}.bounds", expected(got, "two numbers, low and high, in a list"))
        elif kind == "too_short":
            yield Problem(file, place, expected(got, "at least one"))
        elif kind == "extra_forbidden":
            yield Problem(file, place, f"unknown key{did_you_mean(path[-1], known)}")
        elif kind == "missing":
            yield Problem(file, place, "is missing")
        elif kind in ("string_too_long", "too_long"):
            yield Problem(file, place, "is too long")
        elif kind == "control":
            yield Problem(file, place, "holds a control character")
        else:
            huge = kind == "float_type" and isinstance(got, int) and not isinstance(got, bool)
            wanted = "a finite number" if huge else WANTED.get(kind, "another kind of value")
            yield Problem(file, place, expected(got, wanted))


def read_prior(table: Any, name: str, file: str, key: str, *, source_needed: bool) -> Prior:
    """Check the table of one prior and build it.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    if not isinstance(table, dict):
        raise InputError([Problem(file, key, expected(table, "a table with a distribution"))])
    family = table.get("distribution")
    if not isinstance(family, str) or family not in FAMILIES:
        hint = did_you_mean(family, FAMILIES)
        message = expected(family, f"one of {', '.join(FAMILIES)}") if family is not None else "is missing"
        raise InputError([Problem(file, f"{key}.distribution", message + hint)])
    model = family_table(family)
    problems: list[Problem] = []
    try:
        checked = model.model_validate(table)
    except ValidationError as error:
        problems += model_problems(error, file, key, list(model.model_fields))
        wrong = {item["loc"][0] for item in error.errors()}
        checked = model.model_validate({name: value for name, value in table.items() if name not in wrong})
    parameters = {
        parameter: value
        for parameter in FAMILIES[family].parameters
        if (value := getattr(checked, parameter)) is not None
    }
    distribution: Distribution | None = None
    bounds = None if checked.bounds is None else (checked.bounds[0], checked.bounds[1])
    try:
        if not problems:
            with np.errstate(all="ignore"):  # what the numbers come to is checked by `in_unit`
                distribution = build_distribution(family, parameters, bounds)
    except ValueError as error:
        problems.append(Problem(file, key, str(error)))
    except ArithmeticError:
        problems.append(Problem(file, key, "the parameters pass the range of numbers"))
    try:
        require_unit(checked.unit)
    except UnitError as error:
        problems.append(Problem(file, f"{key}.unit", str(error)))
    if checked.source is None and source_needed and not problems:
        problems.append(Problem(file, f"{key}.source", f"is missing; give {WANTED['literal_error']}"))
    if checked.source == "judgement" and not checked.note:
        problems.append(Problem(file, f"{key}.note", "is missing; a prior from judgement needs its reasons"))
    if problems or distribution is None:
        raise InputError(problems)
    words = ", ".join(f"{parameter} {value:g}" for parameter, value in parameters.items())
    if checked.bounds is not None:
        words += f", within {checked.bounds[0]:g} to {checked.bounds[1]:g}"
    return Prior(
        name=name,
        distribution=distribution,
        unit=checked.unit,
        words=f"{family} ({words})",
        sources=sources_of(checked.source),
        note=checked.note or "",
        file=file,
    )


def shipped_folder(name: str) -> Path:
    """Return the folder of shipped priors or scenarios: in the installed package, or in the checkout."""
    package = Path(__file__).parent
    installed = package / "data" / name
    return installed if installed.is_dir() else package.parent / name


@dataclass(frozen=True)
class Library:
    """Folders of prior files; for each name the first folder that has it counts.

    The prior ``grid/us-ia`` is the table ``us-ia`` of the file ``grid.toml``.
    """

    folders: tuple[Path, ...]
    _files: dict[Path, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def tables(self, stem: str) -> Iterator[tuple[str, str, Any]]:
        """Yield (file, key, table) of every prior in the files of one name, the user's own first."""
        for folder in self.folders:
            path = folder / f"{stem}.toml"
            if path not in self._files:
                try:
                    self._files[path] = read_toml(path, str(path))[0] if path.is_file() else {}
                except OSError as error:
                    raise InputError([Problem(str(path), "", f"cannot be read: {error.strerror}")]) from error
            for key, table in self._files[path].items():
                yield str(path), key, table

    def names(self) -> list[str]:
        """Return the names of all priors, in order."""
        names: set[str] = set()
        for stem in {path.stem for folder in self.folders for path in folder.glob("*.toml")}:
            with contextlib.suppress(InputError):  # a bad file is named when something in it is asked for
                names.update(f"{stem}/{key}" for _, key, _ in self.tables(stem))
        return sorted(names)

    def find(self, name: str, *, identity: str | None = None) -> Prior | None:
        """Return the prior of this name, under another identity where one is given, or None.

        Raises
        ------
        InputError
            If its file or its table is bad.
        """
        stem, _, wanted = name[:LONGEST_NAME].partition("/")
        # Only plain file names: a reference cannot leave the library's folders.
        if not stem.replace("-", "").replace("_", "").isalnum():
            return None
        for file, key, table in self.tables(stem):
            if key == wanted:
                return read_prior(table, identity or name, file, key, source_needed=True)
        return None


def library_beside(scenario: Path) -> Library:
    """Return the library of a scenario: ``priors/`` beside it, in the current folder, and the shipped one."""
    folders: dict[str, Path] = {}
    for folder in (scenario.parent / "priors", Path("priors"), shipped_folder("priors")):
        folders.setdefault(os.path.realpath(folder), folder)
    return Library(tuple(folders.values()))
