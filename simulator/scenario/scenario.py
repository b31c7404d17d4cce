"""Scenarios: a file that names pages and inputs, checked whole, every problem reported at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from simulator.book import read_pages, wrong_equations
from simulator.book.dimensions import unit_problems
from simulator.book.equations import PAGES, Book, bind
from simulator.distributions import Fixed
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.lifecycle import REPORTED, SHARES, STAGES
from simulator.model import Input, Model
from simulator.model.frozen import freeze
from simulator.priors import Library, Source, library_beside, model_problems, read_toml, shipped_folder, sources_of
from simulator.scenario.correlations import (
    CorrelatedInputs,
    CorrelationTable,
    default_correlations,
    further_correlations,
    read_correlations,
)
from simulator.scenario.groups import wrong_groups
from simulator.scenario.inputs import inputs_beside, read_input, read_number, why_not_an_input
from simulator.scenario.tables import ObservedTable, ReferenceTable, ScenarioFile
from simulator.units import shorten


@dataclass(frozen=True)
class Reference:
    """A published value of a quantity, in the quantity's own unit."""

    quantity: str
    value: float
    label: str
    sources: tuple[Source, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A checked scenario: a model, and what its file says about it.

    It cannot be changed; `dataclasses.replace` makes another.

    Attributes
    ----------
    name : str
        Name of the file, without its ending.
    title, description : str
        Of the file.
    model : Model
        The pages that it names, bound, with the prior of every input.
    references : tuple of Reference
        Published values to mark.
    observed : tuple of Reference
        Published values that a back-test holds the scenario to; each has a source.
    text : str
        The file as it was read.
    correlations : tuple of CorrelatedInputs
        Inputs that depend on each other, with the sources of that.
    groups : mapping from str to sequence of str
        Inputs that may be ranked as one, by a name.
    own_pages : mapping from str to str
        Source of each page of the user's own, by its name.
    """

    name: str
    title: str
    model: Model
    description: str = ""
    references: tuple[Reference, ...] = ()
    observed: tuple[Reference, ...] = ()
    text: str = ""
    correlations: tuple[CorrelatedInputs, ...] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    own_pages: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups = {name: tuple(members) for name, members in self.groups.items()}
        object.__setattr__(self, "groups", freeze(groups))
        object.__setattr__(self, "own_pages", freeze(self.own_pages))

    @property
    def book(self) -> Book:
        """The equations of the model."""
        return self.model.book

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every input of the model."""
        return self.model.inputs

    @property
    def uncertain(self) -> dict[str, Input]:
        """The inputs that are not fixed."""
        return self.model.uncertain

    @property
    def reference_values(self) -> tuple[Reference, ...]:
        """Every published value: those to mark, and those that a back-test uses."""
        return (*self.references, *self.observed)

    @property
    def reported(self) -> list[str]:
        """The quantities that a run summarises: the book's own selection, or all that no other one needs.

        What a user's own page computes and no other quantity needs is always one of them.
        """
        book = self.book.equations
        stages = [stage for stage in STAGES if f"{stage}_footprint" in book]
        repeated = f"{stages[0]}_" if len(stages) == 1 and "total_footprint" in book else None
        names = [
            name
            for name in REPORTED
            if name in book and not (repeated and name.startswith(repeated) and name.endswith("_footprint"))
        ]
        last = [
            name
            for name, item in book.items()
            if (item.page in self.own_pages or not names) and not self.book.users(name)
        ]
        return list(dict.fromkeys([*names, *last]))

    @property
    def shares(self) -> dict[str, str]:
        """For each reported footprint that has one, the quantity that is its share of the total."""
        names = self.reported
        return {name: SHARES[name] for name in names if SHARES.get(name) in self.book.equations}


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


def load_scenario(path: str | Path, pages: Sequence[str | Path | ModuleType] = ()) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the name of a scenario that ships with the simulator.
    pages : sequence of str, Path or module
        Pages beside those that the scenario names: of your own, as Python files or imported, or by name of ours.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every problem of the file, of the priors that it names and of the pages.
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
    return read_scenario(table, text, name=file.stem, file=name, library=library, pages=pages)


def read_scenario(
    table: Mapping[str, Any],
    text: str,
    *,
    name: str,
    file: str,
    library: Library,
    pages: Sequence[str | Path | ModuleType] = (),
) -> Scenario:
    """Check the parsed table of a scenario file; see `load_scenario`."""
    ours = [page for page in pages if isinstance(page, str) and page in PAGES]
    own = read_pages(page for page in pages if page not in ours)
    problems: list[Problem] = []
    listed = ", ".join(sorted(PAGES))
    if not own and table.get("pages", []) == []:
        advice = "name at least one, or give a page of your own by the option `pages`"
        problems.append(Problem(file, "pages", f"is missing; {advice} (pages: {listed})"))
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
        checked = ScenarioFile.model_validate({"title": "-", **right})
    unknown = [page for page in checked.pages if page not in PAGES]
    for page in unknown:
        hint = did_you_mean(page, PAGES) or "; a page of your own is given by the option `pages`, not here"
        problems.append(Problem(file, "pages", f"no page {shorten(page)}{hint} (pages: {listed})"))
    if unknown or not (checked.pages or own):
        raise InputError(problems)
    own_modules = [item.page for item in own]
    try:
        book = bind(
            [*checked.pages, *(page for page in dict.fromkeys(ours) if page not in checked.pages), *own_modules]
        )
    except ValueError as error:
        raise InputError([*problems, Problem(file, "pages", str(error))]) from error
    if not book.equations:
        raise InputError([*problems, Problem(file, "pages", "compute nothing; name the pages that they add up")])
    unused = checked.inputs.keys() - book.inputs.keys()
    beside = inputs_beside() if unused else {}
    for key in unused:
        if key in beside and key not in book.equations:  # of an impact that this run was not asked for
            try:
                read_input(checked.inputs[key], key, beside[key], file, book, library)
            except InputError as error:
                problems += error.problems
        else:
            problems.append(Problem(file, f"inputs.{key}", why_not_an_input(key, book)))
    inputs: dict[str, Input] = {}
    for key, unit in book.inputs.items():
        try:
            inputs[key] = read_input(checked.inputs.get(key), key, unit, file, book, library)
        except InputError as error:
            problems += error.problems
    published: dict[str, list[Reference]] = {"references": [], "observed": []}
    for key, found in published.items():
        for position, reference in enumerate(getattr(checked, key)):
            try:
                found.append(read_reference(reference, f"{key}.{position + 1}", file, book))
            except InputError as error:
                problems += error.problems
    problems += wrong_groups(checked.groups, book.inputs, inputs, file)
    correlations: tuple[CorrelatedInputs, ...] = ()
    defaults = default_correlations(library)
    if inputs.keys() == book.inputs.keys():  # else it is not known yet what there is to go together
        facts = {key: (item.prior.name, item.distribution) for key, item in inputs.items()}
        try:
            correlations = read_correlations(checked.correlations, defaults, facts, file)
        except InputError as error:
            problems += error.problems
    if inputs.keys() == book.inputs.keys():
        distributions = {key: item.distribution for key, item in inputs.items()}
        problems += wrong_equations(book, own, distributions)
    if problems:
        raise InputError(problems)
    uncertain = {key for key, distribution in facts.values() if not isinstance(distribution, Fixed)}
    copulas = tuple(correlated.copula for correlated in correlations)
    references, observed = map(tuple, published.values())
    return Scenario(
        name=name,
        title=checked.title,
        description=checked.description,
        model=Model(book, inputs, copulas, further_correlations(defaults, uncertain)),
        references=references,
        observed=observed,
        text=text,
        correlations=correlations,
        groups=checked.groups,
        own_pages={item.name: item.text for item in own},
    )


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
    if isinstance(reference, ObservedTable) and value <= 0:  # a back-test compares logarithms
        raise InputError([Problem(file, f"{place}.value", expected(reference.value, "a value above 0"))])
    return Reference(reference.quantity, value, reference.label, sources_of(reference.source), reference.note or "")


def check_scenario(path: str | Path, pages: Sequence[str | Path | ModuleType] = ()) -> Scenario:
    """Do all that `load_scenario` does, and check the units of the scenario's equations with pint."""
    scenario = load_scenario(path, pages)
    wrong = unit_problems(scenario.book)
    if wrong:
        raise InputError(Problem(str(path), "pages", problem) for problem in wrong)
    return scenario
