"""Collect the pages of the equation book, order them, evaluate them."""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator import lifecycle
from simulator.units import unit_of

PAGES = {path.stem: f"simulator.lifecycle.{path.stem}" for path in Path(lifecycle.__path__[0]).glob("[!_]*.py")}


@dataclass(frozen=True)
class Equation:
    """One quantity of the book: the function that computes it, and the units it is written in."""

    name: str
    page: str
    function: Callable[..., Any]
    unit: str
    parameters: Mapping[str, str]
    optional: frozenset[str]

    def left_out(self, computed: Set[str], left_out: Set[str]) -> bool:
        """Tell whether all its optional parts are missing, or a part it cannot do without."""
        no_part = bool(self.optional) and self.optional.isdisjoint(computed)
        return no_part or not left_out.isdisjoint(self.parameters.keys() - self.optional)


@dataclass(frozen=True)
class Book:
    """Equations, each after those it needs, and the inputs that none of them computes; with units."""

    equations: Mapping[str, Equation]
    inputs: Mapping[str, str]

    def users(self, name: str) -> list[str]:
        """Return the equations that need a quantity, as ``page.equation``."""
        return [f"{e.page}.{e.name}" for e in self.equations.values() if name in e.parameters]

    def needed(self, targets: Iterable[str]) -> "Book":
        """Return the part of the book that the targets need."""
        names = set(targets)
        for name in reversed(list(self.equations)):
            if name in names:
                names.update(self.equations[name].parameters)
        equations = {name: equation for name, equation in self.equations.items() if name in names}
        return Book(equations, {name: unit for name, unit in self.inputs.items() if name in names})

    def evaluate(self, values: dict[str, Any], wanted: Collection[str]) -> None:
        """Turn the inputs, arrays of one shape or numbers, into the wanted values; each goes after its last use."""
        last = {key: name for name, item in self.equations.items() for key in item.parameters if key not in wanted}
        for name, equation in self.equations.items():
            values[name] = equation.function(**{key: values[key] for key in equation.parameters})
            for key in (key for key in equation.parameters if last.get(key) == name):
                del values[key]


def read_page(page: ModuleType) -> Iterator[Equation]:
    """Yield the equations of a page: the public functions that it defines."""
    for name, function in inspect.getmembers_static(page, inspect.isfunction):
        if function.__module__ == page.__name__ and not name.startswith("_"):
            signature = inspect.signature(function, eval_str=True)
            units = {key: unit_of(item.annotation) for key, item in signature.parameters.items()}
            optional = frozenset(k for k, item in signature.parameters.items() if item.default is not item.empty)
            stem, unit = page.__name__.rpartition(".")[2], unit_of(signature.return_annotation)
            yield Equation(name, stem, function, unit, units, optional)


def bind(pages: Iterable[str | ModuleType]) -> Book:
    """Bind pages into a book; ValueError says which quantities clash, differ in unit or run in a circle."""
    book: dict[str, Equation] = {}
    for page in pages:
        for item in read_page(import_module(PAGES[page]) if isinstance(page, str) else page):
            if (first := book.setdefault(item.name, item)) is not item:
                raise ValueError(f"pages {first.page} and {item.page} both compute {item.name}; keep one")
    # A part that no page computes is left out, and with it whatever has no other part.
    left_out: set[str] = set()
    while gone := {n for n, e in book.items() if e.left_out(book.keys(), left_out)}:
        left_out |= gone
        book = {name: item for name, item in book.items() if name not in gone}
    for name, item in book.items():
        units = {k: u for k, u in item.parameters.items() if k in book or k not in item.optional}
        book[name] = replace(item, parameters=units)
    inputs: dict[str, str] = {}
    for item in book.values():
        for key, unit in item.parameters.items():
            stated = book[key].unit if key in book else inputs.setdefault(key, unit)
            if stated != unit:
                raise ValueError(f"{item.page}.{item.name} takes {key} in {unit}, elsewhere it is in {stated}")
    try:
        before = {name: [key for key in item.parameters if key in book] for name, item in book.items()}
        return Book({name: book[name] for name in TopologicalSorter(before).static_order()}, inputs)
    except CycleError as error:
        raise ValueError(f"quantities need each other in a circle: {' -> '.join(error.args[1])}") from error
