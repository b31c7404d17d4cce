"""Read scenario files in steps. Each step adds its problems, so that all are told at once."""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.book import OwnPage, read_pages, wrong_equations
from simulator.book.dimensions import unit_problems
from simulator.book.equations import PAGES, Book, bind
from simulator.distributions import Fixed
from simulator.errors import InputError, Location, Problems, UnusualValue, did_you_mean, mismatch, printable
from simulator.model import Model
from simulator.priors import MOST_PROBLEMS, Library, library_beside, read_toml, shipped_folder, sources_of
from simulator.scenario.circularity import circular_sources
from simulator.scenario.correlations import (
    CorrelationTable,
    default_correlations,
    further_correlations,
    read_correlations,
)
from simulator.scenario.groups import wrong_groups
from simulator.scenario.inputs import (
    has_default,
    out_of_scope,
    quantity_wanted,
    read_inputs,
    read_number,
    unusual_inputs,
)
from simulator.scenario.scenario import Reference, Scenario
from simulator.scenario.tables import ObservedTable, ReferenceTable, ScenarioFile, read_contents
from simulator.units import NUMBER, UnitError, parse_quantity, shorten

RANGE = re.compile(
    rf"\s*(?P<first>{NUMBER.pattern})\s*(?P<way>to|±)\s*(?P<second>{NUMBER.pattern})(?P<unit>.*)", re.ASCII
)
OTHER_RANGE = re.compile(rf"\s*{NUMBER.pattern}\s*(?:–|-|\.\.|[a-zA-Z0-9/ ]*(?:\bto\b|±|\+/?-))\s*\.?\d", re.ASCII)

type Page = str | Path | ModuleType


def among_shipped(path: str | Path) -> Path | None:
    """Return where a path would be among the scenarios that ship, with or without `scenarios/`; None if outside."""
    given = Path(path)
    parts = given.parts[1:] if given.parts[:1] == ("scenarios",) else given.parts
    return None if given.is_absolute() or ".." in parts else shipped_folder("scenarios").joinpath(*parts)


def find_scenario(path: str | Path) -> Path:
    """Return the file that a user means: a path, or the name of a scenario that ships."""
    given, shipped = Path(path), among_shipped(path)
    if not given.is_file() and shipped is not None and shipped.name:
        candidate = shipped.with_name(f"{shipped.name.removesuffix('.toml')}.toml")
        if candidate.is_file():
            return candidate
    return given


def load_scenario(path: str | Path, pages: Page | Sequence[Page] = ()) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the name of a scenario that ships with the simulator.
    pages : str, Path or module, or a sequence of these
        Pages beside those that the scenario names: of your own, as Python files or imported, or by name of ours.

    Returns
    -------
    Scenario
        Values of inputs are in the units of the equations that take them.

    Raises
    ------
    InputError
        With every problem of the file, of the priors that it names and of the pages.

    Warns
    -----
    UnusualValue
        Of each input whose median is so unusual that its unit may be wrong, or whose prior is meant for other values
        of another input than those of the scenario.
    """
    at = Location(str(path))
    try:
        file = find_scenario(path)
        table, text = read_toml(file, at.file)
        library = library_beside(file)
    except OSError as error:
        raise at.error(f"cannot be read: {error.strerror}") from error
    except InputError as error:
        message = error.problems[0].message
        if message != "no such file":
            raise
        known = [shipped.stem for shipped in shipped_folder("scenarios").glob("*.toml")]
        raise at.error(message + did_you_mean(Path(path).stem, known)) from error
    if not re.match(r"\w", file.stem):
        raise at.error("the name of the file starts with neither letter nor digit")
    return read_scenario(table, text, name=printable(file.stem), file=at.file, library=library, pages=pages)


def check_scenario(path: str | Path, pages: Page | Sequence[Page] = ()) -> Scenario:
    """Do all that `load_scenario` does, check the units of a user's own pages with pint, and priors for circularity.

    Parameters
    ----------
    path, pages
        As `load_scenario` takes them.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every problem that `load_scenario` finds, or else with every such equation whose units do not agree, and
        every uncertain input of an observed quantity whose prior may use what is observed.
    """
    scenario = load_scenario(path, pages)
    problems = Problems()
    own = [equation for equation in scenario.book.equations.values() if equation.page in scenario.own_pages]
    for message in unit_problems(own):
        problems.add(Location(str(path), "pages"), message)
    problems += circular_sources(scenario, Location(str(path)))
    problems.raise_all()
    return scenario


def read_scenario(
    table: Mapping[str, Any], text: str, *, name: str, file: str, library: Library, pages: Page | Sequence[Page] = ()
) -> Scenario:
    """Check the parsed table of a scenario file; see `load_scenario`."""
    at, problems = Location(file), Problems()
    contents = read_contents(table, at, problems)
    beside = [pages] if isinstance(pages, str | Path | ModuleType) else pages
    book, own, complete = read_book(contents.pages, beside, at / "pages", problems)
    if contents.observed and not problems.has(at / "inputs"):
        book = without_unasked(book, contents, library)
    inputs = read_inputs(contents.inputs, book, library, at / "inputs", problems, complete)
    references, observed = (
        read_references(getattr(contents, key), book, at / key, problems, complete)
        for key in ("references", "observed")
    )
    members = [] if complete else [member for group in contents.groups.values() for member in group]
    wrong = wrong_groups(contents.groups, dict.fromkeys([*book.inputs, *members]), inputs, file)
    problems += islice(wrong, MOST_PROBLEMS)
    unread = book.inputs.keys() - inputs.keys()

    def may_be_unread(name: str) -> bool:
        # The prior of an input that could not be read may be any of the library's, or one that `as` names.
        return not complete or name in unread or (bool(unread) and ("/" in name or " as " in name))

    defaults: list[CorrelationTable] = []
    with problems.gather():
        defaults = default_correlations(library)
    correlations = read_correlations(
        contents.correlations, defaults, inputs, may_be_unread, at / "correlations", problems
    )
    problems += wrong_equations(book, own, {key: item.distribution for key, item in inputs.items()})
    problems.raise_all()
    doubts = [*unusual_inputs(inputs, book, at / "inputs"), *out_of_scope(inputs, book, at / "inputs")]
    for unusual in sorted(map(str, doubts)):
        warnings.warn(unusual, UnusualValue, stacklevel=2)
    keys = {item.prior.name for item in inputs.values() if not isinstance(item.distribution, Fixed)}
    copulas = tuple(correlated.copula for correlated in correlations)
    return Scenario(
        name=name,
        title=contents.title,
        description=contents.description,
        model=Model(book, inputs, copulas, further_correlations(defaults, keys)),
        references=references,
        observed=observed,
        text=text,
        correlations=correlations,
        groups=contents.groups,
        own_pages={page.name: page.text for page in own},
    )


def read_book(
    named: Sequence[str], beside: Sequence[Page], at: Location, problems: Problems
) -> tuple[Book, list[OwnPage], bool]:
    """Bind the pages that a file names and those given beside it; tell whether they are all there."""
    complete, known = not problems.has(at), f"(pages: {', '.join(sorted(PAGES))})"
    found = Problems()
    ours = [page for page in beside if isinstance(page, str) and page in PAGES]
    own: list[OwnPage] = []
    with found.gather():
        own = read_pages(page for page in beside if page not in ours)
    if not named and len(ours) == len(beside) and complete:
        advice = "name at least one, or give a page of your own by the option `pages`"
        found.add(at, f"is missing; {advice} {known}")
    for page in named:
        if page not in PAGES:
            hint = did_you_mean(page, PAGES) or "; a page of your own is given by the option `pages`, not here"
            found.add(at, f"no page {shorten(page)}{hint} {known}")
    known_names = [page for page in named if page in PAGES]
    known_names += [page for page in dict.fromkeys(ours) if page not in named]
    book = Book({}, {})
    try:
        book = bind([*known_names, *(page.page for page in own)])
    except ValueError as error:
        found.add(at, str(error))
    if complete and not found and not book.equations:
        found.add(at, "compute nothing; name the pages that they add up")
    problems += found
    return book, own, complete and not found


def without_unasked(book: Book, contents: ScenarioFile, library: Library) -> Book:
    """Return the part of a book that needs no input which a back-test can do without.

    That is an input which is not given, has no default, and which no published value needs; what it alone keeps from
    being used must not be given either.
    """
    published = [item.quantity for item in (*contents.observed, *contents.references)]
    needed = {*contents.inputs, *book.subset(published).inputs}
    part = book.without({name for name in book.inputs.keys() - needed if not has_default(name, library)})
    return part if book.inputs.keys() & contents.inputs <= part.inputs.keys() else book


def read_references(
    tables: Iterable[ReferenceTable], book: Book, at: Location, problems: Problems, complete: bool
) -> tuple[Reference, ...]:
    """Check published values, of quantities of a book that may not be complete."""
    found: list[Reference] = []
    for number, table in enumerate(tables, 1):
        name, here = table.quantity, at / number
        if name in book.equations and table.value is not None:
            with problems.gather():
                unit, place, together, error = book.equations[name].unit, here / "value", "", 0.0
                if isinstance(table, ObservedTable):
                    value, error = read_observed(table.value, unit, place)
                    together = table.together or ""
                else:
                    value = read_number(table.value, unit, place)
                sources, note = sources_of(table.source), table.note or ""
                found.append(Reference(name, value, table.label, sources, note, error, together))
        elif name is not None and name not in book.equations and complete:
            message = f"no quantity {shorten(name)} in these pages{did_you_mean(name, book.equations)}"
            if name in book.inputs:
                message = f"{name} is an input of these pages, not a quantity that they compute"
            problems.add(here / "quantity", message)
    return tuple(found)


def read_observed(value: Any, unit: str, at: Location) -> tuple[float, float]:
    """Read an observed value, and the error of a range such as ``3 to 4 J`` or ``3.5 ± 0.5 J``."""
    found = RANGE.fullmatch(value) if isinstance(value, str) else None
    error = 0.0
    if found is None:
        if isinstance(value, str) and len(value) <= 100 and OTHER_RANGE.match(value):
            raise at.error(mismatch(value, 'a quantity, or a range with its unit at the end, such as "3 to 4 J"'))
        middle = read_number(value, unit, at)
    else:
        first, second = (float(found[key].replace("_", "")) for key in ("first", "second"))
        numbers = (first, second) if found["way"] == "±" else ((first + second) / 2, (second - first) / 2)
        try:
            middle, error = (parse_quantity(f"{number!r} {found['unit']}", unit) for number in numbers)
        except UnitError as failure:
            why = failure if found["unit"].strip() else "it has no unit"
            raise at.error(f"{mismatch(value, quantity_wanted(unit))}: {why}") from failure
        if error <= 0:
            raise at.error(mismatch(value, "a range from a lower to a higher value"))
    if middle <= error:  # a back-test compares logarithms
        raise at.error(mismatch(value, "a value above 0"))
    return middle, error
