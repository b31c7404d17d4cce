"""Collect the pages of the equation book, order them, evaluate them."""

import inspect
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from simulator import lifecycle
from simulator.frozen import freeze
from simulator.lifecycle import Shown
from simulator.units import Limits, Usual, stated_in, unit_of

TOTAL = "total_footprint"  # the page that computes it is reported first
PAGES = {path.stem: f"simulator.lifecycle.{path.stem}" for path in Path(lifecycle.__path__[0]).glob("[!_]*.py")}


def find_pages(prefix: str) -> dict[str, str]:
    """Return the pages whose names start so, by what follows: ``primary-energy`` for ``impact_primary_energy``."""
    return {page.removeprefix(prefix).replace("_", "-"): page for page in sorted(PAGES) if page.startswith(prefix)}


WIDEST = Limits(-math.inf, math.inf)
IMPACTS, EQUIVALENCES = find_pages("impact_"), find_pages("as_")


@dataclass(frozen=True)
class Equation:
    """One quantity of the book.

    Attributes
    ----------
    name, page : str
        Its own name, and that of the page that computes it.
    function : callable
        Takes arrays that broadcast together, or numbers, by the names of its parameters.
    unit : str
        Of what the function gives.
    parameters : mapping from str to str
        The unit of each quantity that it needs.
    optional : frozenset of str
        Parameters that a scenario may leave out.
    limits : mapping from str to Limits
        What each parameter cannot go beyond.
    usual : mapping from str to Usual
        Of some parameters, what their medians usually lie between.
    shown : Shown or None
        How a run reports it, where its page says so.
    method : int
        The number of its page among rival methods, from 1 up; 0 where the page is the only one to compute it.
    """

    name: str
    page: str
    function: Callable[..., Any]
    unit: str
    parameters: Mapping[str, str]
    optional: frozenset[str]
    limits: Mapping[str, Limits] = field(default_factory=dict)
    usual: Mapping[str, Usual] = field(default_factory=dict)
    shown: Shown | None = None
    method: int = 0

    def __post_init__(self) -> None:
        """Make what it names read only."""
        object.__setattr__(self, "parameters", freeze(self.parameters))
        object.__setattr__(self, "limits", freeze(self.limits))
        object.__setattr__(self, "usual", freeze(self.usual))

    @property
    def original(self) -> Callable[..., Any]:
        """Its function as the page has it, without what tells where one of a user's own fails."""
        return getattr(self.function, "__wrapped__", self.function)

    def is_left_out(self, computed: Set[str], left_out: Set[str]) -> bool:
        """Tell whether all its optional parts are missing, or a part it cannot do without."""
        no_part = bool(self.optional) and self.optional.isdisjoint(computed)
        return no_part or not left_out.isdisjoint(self.parameters.keys() - self.optional)


@dataclass(frozen=True)
class Choice:
    """Value by the method that is drawn (mixture)."""

    drawn: str  # the input that has the number
    numbers: Mapping[str, int]  # of each quantity to choose from

    def __call__(self, **values: Any) -> Any:
        """Return for each draw the value by its method."""
        chosen: Any = np.nan
        for name, number in self.numbers.items():
            # An elasticity takes it beside its value, where the method is the same.
            chosen = np.where(np.rint(values[self.drawn]) == number, values[name], chosen)
        return chosen


@dataclass(frozen=True)
class Book:
    """Equations in an order in which they can be evaluated.

    Attributes
    ----------
    equations : mapping from str to Equation
        By name, each after those it needs.
    inputs : mapping from str to str
        The unit of each quantity that is needed and not computed.
    shown : tuple of str
        The quantities that a run reports because their pages say how, in this order.
    """

    equations: Mapping[str, Equation]
    inputs: Mapping[str, str]
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Make it read only."""
        object.__setattr__(self, "equations", freeze(self.equations))
        object.__setattr__(self, "inputs", freeze(self.inputs))

    def users(self, name: str) -> list[str]:
        """Return the equations that need a quantity, as ``page.equation``."""
        return [f"{e.page}.{e.name}" for e in self.equations.values() if name in e.parameters]

    def subset(self, targets: Iterable[str]) -> "Book":
        """Return the part of the book that the targets need."""
        names = set(targets)
        for name in reversed(list(self.equations)):
            if name in names:
                names.update(self.equations[name].parameters)
        equations = {name: equation for name, equation in self.equations.items() if name in names}
        inputs = {name: unit for name, unit in self.inputs.items() if name in names}
        return Book(equations, inputs, tuple(name for name in self.shown if name in names))

    def given(self, quantities: Collection[str]) -> "Book":
        """Return the book with some of its quantities as inputs."""
        equations = {name: equation for name, equation in self.equations.items() if name not in quantities}
        units = {name: equation.unit for name, equation in self.equations.items() if name in quantities}
        return Book(equations, {**self.inputs, **units}, tuple(name for name in self.shown if name in equations))

    def without(self, missing: Set[str]) -> "Book":
        """Return the part of the book that can be computed without some inputs."""
        lost = set(missing)
        for name, equation in self.equations.items():
            if not lost.isdisjoint(equation.parameters):
                lost.add(name)
        return self.subset(self.equations.keys() - lost)

    def evaluate(self, values: dict[str, Any], wanted: Collection[str]) -> None:
        """Turn inputs into the wanted values, in their own mapping; each goes after its last use.

        The values are those of every input, in its unit: numbers, and arrays that broadcast together. Afterwards they
        are those of the inputs and quantities that are wanted, of the shape to which what each depends on broadcasts.
        """
        last = {key: name for name, item in self.equations.items() for key in item.parameters if key not in wanted}
        for name, equation in self.equations.items():
            values[name] = equation.function(**{key: values[key] for key in equation.parameters})
            for key in (key for key in equation.parameters if last.get(key) == name):
                del values[key]


def read_page(page: str | ModuleType) -> Iterator[Equation]:
    """Yield the equations of a page: the public functions that it defines.

    The page is one of ours, by its name, whose inputs are nowhere negative; or the module of another. Equations are
    in the order of their names; nothing is left out of them yet.
    """
    page = open_page(page)
    stem = name_of(page)
    widest = Limits(0.0 if stem in PAGES else -math.inf, math.inf)
    shown = read_shown(page)
    for name, function in inspect.getmembers_static(page, inspect.isfunction):
        if function.__module__ == page.__name__ and not name.startswith("_"):
            signature = inspect.signature(function, eval_str=True)
            parameters = signature.parameters.items()
            yield Equation(
                name=name,
                page=stem,
                function=function,
                unit=unit_of(signature.return_annotation),
                parameters={key: unit_of(item.annotation) for key, item in parameters},
                optional=frozenset(key for key, item in parameters if item.default is not item.empty),
                limits={key: stated_in(item.annotation, Limits) or widest for key, item in parameters},
                usual={key: found for key, item in parameters if (found := stated_in(item.annotation, Usual))},
                shown=shown.get(name),
                method=read_method(page),
            )


def rivals(equations: Iterable[Equation]) -> dict[str, list[Equation]]:
    """Return the equations that compute each quantity: several where their pages are methods with numbers.

    ValueError if several are not.
    """
    found: dict[str, list[Equation]] = {}
    for item in equations:
        others = found.setdefault(item.name, [])
        for other in others:
            if item.method == other.method or not (item.method and other.method):
                same = item.method and item.method == other.method
                advice = (
                    f" as method {item.method}; keep one, or give a page of your own another METHOD"
                    if same
                    else "; keep one"
                )
                raise ValueError(f"pages {other.page} and {item.page} both compute {item.name}{advice}")
        others.append(item)
    return found


def method_of(quantity: str) -> str:
    """Return the name of the input that has the number of a quantity's method."""
    return f"{quantity}_method"


def choose(methods: list[Equation]) -> list[Equation]:
    """Return one equation as it is; of rival ones each under a name of its own, and the choice between them."""
    first = methods[0]
    if len(methods) == 1:
        return methods
    drawn = method_of(first.name)
    renamed = [replace(item, name=f"{item.name}_on_{item.page}", shown=None) for item in methods]
    choice = Choice(drawn, freeze({item.name: item.method for item in renamed}))
    return [
        *renamed,
        replace(
            first,
            function=choice,
            parameters={drawn: "1"} | {item.name: item.unit for item in renamed},
            optional=frozenset(),
            limits=dict.fromkeys([drawn, *(item.name for item in renamed)], WIDEST),
            usual={},
            shown=next((item.shown for item in methods if item.shown), None),
        ),
    ]


def open_page(page: str | ModuleType) -> ModuleType:
    """Return the module of a page of ours, by its name, or the module given."""
    return import_module(PAGES[page]) if isinstance(page, str) else page


def name_of(page: ModuleType) -> str:
    """Return the name of a page, that of its file."""
    return page.__name__.rpartition(".")[2]


def read_shown(page: ModuleType) -> Mapping[str, Shown]:
    """Return how a page says that its quantities are shown."""
    return getattr(page, "SHOWN", {})


def read_method(page: ModuleType) -> int:
    """Return the number of a page among rival methods, 0 where it has none."""
    return getattr(page, "METHOD", 0)


def read_left_out(page: str) -> str:
    """Return what a page of an impact leaves out because no source gives it."""
    return str(open_page(page).LEFT_OUT)


def order_shown(pages: list[ModuleType]) -> Iterator[str]:
    """Yield the quantities that pages show: the total, then from the last page to the first what it is made of.

    Impacts, equivalences and pages of a user's own come after.
    """
    chain = PAGES.keys() - {*IMPACTS.values(), *EQUIVALENCES.values()}
    apart = [page for page in pages if name_of(page) not in chain]
    first = [page for page in reversed(pages) if page not in apart]
    for page in sorted([*first, *apart], key=lambda page: TOTAL not in vars(page)):
        yield from read_shown(page)


def bind(pages: Iterable[str | ModuleType]) -> Book:
    """Bind pages, ours by name and others as modules, into a book.

    Pages that have a `METHOD`, each its own number, may compute one quantity: the input ``<quantity>_method`` says
    which of them is taken, and ``<quantity>_on_<page>`` is the quantity by each.

    ValueError if two other pages compute one quantity, a quantity has two units, or quantities need each other in a
    circle.
    """
    modules = [open_page(page) for page in pages]
    computed = rivals(item for module in modules for item in read_page(module))
    book = {item.name: item for methods in computed.values() for item in choose(methods)}
    # A part that no page computes is left out, and with it whatever has no other part.
    left_out: set[str] = set()
    while gone := {n for n, e in book.items() if e.is_left_out(book.keys(), left_out)}:
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
        equations = {name: book[name] for name in TopologicalSorter(before).static_order()}
    except CycleError as error:
        raise ValueError(f"quantities need each other in a circle: {' -> '.join(error.args[1])}") from error
    return Book(equations, inputs, tuple(name for name in order_shown(modules) if name in book))
