"""Scenarios: a file that names pages and inputs, checked whole, every problem reported at once."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.correlation import CorrelationTable, Group, default_correlations, read_correlations
from simulator.dimensions import unit_problems
from simulator.distributions import Distribution, Fixed
from simulator.equations import PAGES, Book, Equation, bind
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.lifecycle import REPORTED, SHARES, STAGES
from simulator.priors import (
    CONSTANTS,
    DEFAULTS,
    Library,
    Prior,
    Sources,
    Text,
    library_beside,
    model_problems,
    read_prior,
    read_toml,
    shipped_folder,
    sources_of,
)
from simulator.units import UnitError, looks_like_quantity, parse_quantity, shorten

Origin = Literal["scenario", "library", "default", "constant"]
EXAMPLES = {
    "kW": "400 W",
    "kWh": "24 GWh",
    "kg/kWh": "206 g/kWh",
    "year": "6 years",
    "day": "95 days",
    "1/hour": "558 requests/hour",
    "kg": "150 kg",
}
RARE = 1e-9  # a negative value rarer than this is let pass


class ReferenceTable(BaseModel):
    """A published value to mark in tables and plots."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    quantity: Text
    value: Text | float
    label: Text
    source: Sources | None = None
    note: Text | None = None


class ScenarioFile(BaseModel):
    """The keys of a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Annotated[Text, Field(max_length=200)]
    description: Text = ""
    pages: Annotated[list[str], Field(min_length=1, max_length=100)]
    inputs: Annotated[dict[str, Any], Field(max_length=1000)] = {}
    references: Annotated[list[ReferenceTable], Field(max_length=100)] = []
    correlations: Annotated[list[CorrelationTable], Field(max_length=100)] = []


@dataclass(frozen=True)
class Input:
    """One input of the model: its prior, and the same distribution in the unit the equations take.

    Attributes
    ----------
    name, unit : str
        As the equations state them.
    prior : Prior
        What is known of it; ``prior.name`` is the identity of the draw.
    distribution : Distribution
        In `unit`.
    origin : str
        ``scenario``, ``library``, ``default`` or ``constant``.
    """

    name: str
    unit: str
    prior: Prior
    distribution: Distribution
    origin: Origin


@dataclass(frozen=True)
class Reference:
    """A published value of a quantity, in the quantity's own unit."""

    quantity: str
    value: float
    label: str
    source: str


@dataclass(frozen=True)
class Scenario:
    """A checked scenario: everything that a run needs.

    Attributes
    ----------
    name : str
        Name of the file, without its ending.
    title, description : str
        Of the file.
    book : Book
        The pages that it names, bound.
    inputs : mapping from str to Input
        Every input that the book needs.
    references : tuple of Reference
        Published values to mark.
    text : str
        The file as it was read.
    correlations : tuple of Group
        Facts that depend on each other.
    """

    name: str
    title: str
    description: str
    book: Book
    inputs: Mapping[str, Input]
    references: tuple[Reference, ...]
    text: str
    correlations: tuple[Group, ...] = ()

    @property
    def uncertain(self) -> dict[str, Input]:
        """The inputs that are not fixed."""
        return {name: item for name, item in self.inputs.items() if not isinstance(item.distribution, Fixed)}

    @property
    def reported(self) -> list[str]:
        """The quantities that a run summarises: the book's own selection, or all that no other one needs."""
        book = self.book.equations
        stages = [stage for stage in STAGES if f"{stage}_footprint" in book]
        repeated = f"{stages[0]}_" if len(stages) == 1 and "total_footprint" in book else None
        names = [
            name
            for name in REPORTED
            if name in book and not (repeated and name.startswith(repeated) and name.endswith("_footprint"))
        ]
        return names or [name for name in book if not self.book.users(name)]

    @property
    def shares(self) -> dict[str, str]:
        """For each reported footprint that has one, the quantity that is its share of the total."""
        names = self.reported
        return {name: SHARES[name] for name in names if SHARES.get(name) in self.book.equations}


def find_scenario(path: str | Path) -> Path:
    """Return the file that a user means: a path, or the name of a scenario that ships."""
    given = Path(path)
    shipped = shipped_folder("scenarios")
    if not given.exists() and given.parent in (Path(), Path("scenarios")):
        candidate = shipped / f"{given.name.removesuffix('.toml')}.toml"
        if candidate.is_file():
            return candidate
    return given


def load_scenario(path: str | Path) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the name of a scenario that ships with the simulator.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every problem of the file and of the priors that it names.
    """
    name = str(path)
    try:
        file = find_scenario(path)
        table, text = read_toml(file, name)
        library = library_beside(file)
    except OSError as error:
        raise InputError([Problem(name, "", f"cannot be read: {error.strerror}")]) from error
    except InputError as error:
        problem = error.problems[0]
        if problem.message == "no such file":
            known = [shipped.stem for shipped in shipped_folder("scenarios").glob("*.toml")]
            hint = did_you_mean(Path(path).stem, known)
            raise InputError([Problem(name, "", problem.message + hint)]) from error
        raise
    if not re.match(r"\w", file.stem):
        raise InputError([Problem(name, "", "the name of the file starts with neither letter nor digit")])
    return read_scenario(table, text, name=file.stem, file=name, library=library)


def read_scenario(table: Mapping[str, Any], text: str, *, name: str, file: str, library: Library) -> Scenario:
    """Check the parsed table of a scenario file; see `load_scenario`."""
    problems: list[Problem] = []
    try:
        checked = ScenarioFile.model_validate(table)
    except ValidationError as error:
        known = [*ScenarioFile.model_fields, *ReferenceTable.model_fields, *CorrelationTable.model_fields]
        problems += model_problems(error, file, "", known)
        wrong = {item["loc"][0] for item in error.errors()}
        if wrong & {"pages", "inputs"}:
            raise InputError(problems) from error
        # What is wrong is known; what is left may be wrong too.
        right = {key: value for key, value in table.items() if key not in wrong}
        checked = ScenarioFile.model_validate({"title": "", **right})
    unknown = [page for page in checked.pages if page not in PAGES]
    if unknown:
        listed = ", ".join(sorted(PAGES))
        problems += [
            Problem(file, "pages", f"no page {shorten(page)}{did_you_mean(page, PAGES)} (pages: {listed})")
            for page in unknown
        ]
        raise InputError(problems)
    try:
        book = bind(checked.pages)
    except ValueError as error:
        raise InputError([*problems, Problem(file, "pages", str(error))]) from error
    if not book.equations:
        raise InputError([*problems, Problem(file, "pages", "compute nothing; name the pages that they add up")])
    for key in checked.inputs.keys() - book.inputs.keys():
        problems.append(Problem(file, f"inputs.{key}", why_not_an_input(key, book)))
    inputs: dict[str, Input] = {}
    for key, unit in book.inputs.items():
        try:
            inputs[key] = read_input(checked.inputs.get(key), key, unit, file, book, library)
        except InputError as error:
            problems += error.problems
    references = []
    for position, reference in enumerate(checked.references):
        try:
            references.append(read_reference(reference, f"references.{position + 1}", file, book))
        except InputError as error:
            problems += error.problems
    correlations: tuple[Group, ...] = ()
    if inputs.keys() == book.inputs.keys():  # else it is not known yet what there is to go together
        facts = {key: (item.prior.name, item.distribution) for key, item in inputs.items()}
        try:
            correlations = read_correlations(checked.correlations, default_correlations(library), facts, file)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return Scenario(name, checked.title, checked.description, book, inputs, tuple(references), text, correlations)


def bind_all() -> list[Equation]:
    """Return the equations of all pages, bound or not."""
    return [equation for page in sorted(PAGES) for equation in bind([page]).equations.values()]


def why_not_an_input(key: str, book: Book) -> str:
    """Say why a key under ``[inputs]`` is not one that the book takes."""
    if key in book.equations:
        return f"is computed by the page {book.equations[key].page}; leave it out, or take another page"
    users = sorted({e.page for e in bind_all() if key in e.parameters})
    elsewhere = f"; the page {' or '.join(users)} uses it" if users else did_you_mean(key, book.inputs)
    return f"is used by no equation of these pages{elsewhere}"


def read_input(value: Any, key: str, unit: str, file: str, book: Book, library: Library) -> Input:
    """Turn what a file gives for one input, or the default where it gives nothing, into an Input."""
    place = f"inputs.{key}"
    prior, origin = find_prior(value, key, unit, file, book, library)
    try:
        distribution = prior.in_unit(unit)
    except UnitError as error:
        given = f'add unit = "{unit}"' if prior.unit == "1" else f"{prior.name!r} is in {prior.unit}"
        where = f"{place}.unit" if prior.unit == "1" and isinstance(value, dict) else place
        raise InputError([Problem(file, where, f"{error}: {given}; {key} is in {unit}")]) from error
    except ValueError as error:
        raise InputError([Problem(file, place, str(error))]) from error
    lowest = float(distribution.ppf(np.array([RARE]))[0])
    if lowest < 0:
        known = isinstance(distribution, Fixed)
        advice = "give a value from 0 up" if known else "bounds = [0, inf] would keep it positive"
        message = f"{prior.name!r} can be negative ({lowest:.3g} {unit}); {advice}"
        raise InputError([Problem(file, place, message)])
    return Input(key, unit, prior, distribution, origin)


def find_prior(value: Any, key: str, unit: str, file: str, book: Book, library: Library) -> tuple[Prior, Origin]:
    """Find or build the prior of one input; InputError has every problem of it."""
    place = f"inputs.{key}"
    if value is None:
        defaults: Iterator[tuple[str, Origin]] = iter(((CONSTANTS, "constant"), (DEFAULTS, "default")))
        for stem, origin in defaults:
            if (prior := library.find(f"{stem}/{key}")) is not None:
                return prior, origin
        needed = ", ".join(book.users(key))
        advice = f"give it {wanted_for(unit)}, a distribution or a prior of the library such as 'grid/us-ia'"
        raise InputError([Problem(file, place, f"no prior for {key} [{unit}], needed by {needed}; {advice}")])
    if isinstance(value, str) and not looks_like_quantity(value):
        return library_prior(value, None, place, file, library), "library"
    if isinstance(value, dict) and "prior" in value:
        return library_prior(*read_use(value, place, file), place, file, library), "library"
    if isinstance(value, dict):
        return read_prior(value, key, file, place, source_needed=False, finder=library), "scenario"
    return Prior(key, Fixed(read_number(value, unit, place, file)), unit, f"fixed ({value})", file=file), "scenario"


def read_use(value: dict[str, Any], place: str, file: str) -> tuple[Any, Any]:
    """Read a table that uses a prior of the library under a name of its own."""
    unknown = value.keys() - {"prior", "as"}
    if unknown:
        raise InputError(
            Problem(file, f"{place}.{name}", f"unknown key{did_you_mean(name, ('prior', 'as'))}") for name in unknown
        )
    return value["prior"], value.get("as")


def library_prior(reference: Any, alias: Any, place: str, file: str, library: Library) -> Prior:
    """Return the prior that a reference such as ``grid/us-ia`` names."""
    if not isinstance(reference, str):
        raise InputError([Problem(file, f"{place}.prior", expected(reference, "a name such as 'grid/us-ia'"))])
    if alias is not None and (not isinstance(alias, str) or not alias.strip() or len(alias) > 100):
        raise InputError([Problem(file, f"{place}.as", expected(alias, "a name of its own, in words"))])
    prior = library.find(reference, identity=f"{reference} as {alias}" if alias else None)
    if prior is None:
        hint = did_you_mean(reference, library.names())
        wanted = "a quantity with a unit or a prior of the library such as 'grid/us-ia'"
        raise InputError([Problem(file, place, expected(reference, wanted) + hint)])
    return prior


def wanted_for(unit: str) -> str:
    """Return in words how a value in a unit is written."""
    return f'a quantity such as "{EXAMPLES.get(unit, f"1 {unit}")}"' if unit != "1" else "a number"


def read_number(value: Any, unit: str, place: str, file: str) -> float:
    """Read a number, or a text with a number and a unit, in `unit`."""
    wanted = wanted_for(unit)
    if isinstance(value, str):
        try:
            return parse_quantity(value, unit)
        except UnitError as error:
            raise InputError([Problem(file, place, f"{expected(value, wanted)}: {error}")]) from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError([Problem(file, place, expected(value, wanted))])
    if unit != "1":
        raise InputError([Problem(file, place, f"{expected(value, wanted)}: it has no unit")])
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError([Problem(file, place, expected(value, "a finite number"))])
    return number


def read_reference(reference: ReferenceTable, place: str, file: str, book: Book) -> Reference:
    """Check one published value."""
    if reference.quantity not in book.equations:
        hint = did_you_mean(reference.quantity, book.equations)
        message = f"no quantity {shorten(reference.quantity)} in these pages{hint}"
        if reference.quantity in book.inputs:
            message = f"{reference.quantity} is an input of these pages, not a quantity that they compute"
        raise InputError([Problem(file, f"{place}.quantity", message)])
    unit = book.equations[reference.quantity].unit
    value = read_number(reference.value, unit, f"{place}.value", file)
    source = "; ".join(map(str, sources_of(reference.source)))
    return Reference(reference.quantity, value, reference.label, source)


def check_scenario(path: str | Path) -> Scenario:
    """Do all that `load_scenario` does, and check the units of the scenario's equations with pint."""
    scenario = load_scenario(path)
    wrong = unit_problems(scenario.book)
    if wrong:
        raise InputError(Problem(str(path), "pages", problem) for problem in wrong)
    return scenario
