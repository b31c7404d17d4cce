"""Two scenarios as one, so that whatever draws and ranks a scenario draws and ranks their difference.

A fact is drawn once, by its identity, however many inputs it feeds. So the draws of the two are common where they
rest on the same fact, and what they compute alike is computed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from simulator.correlation import CorrelationTable, read_correlations
from simulator.distributions import Fixed
from simulator.equations import Book, Equation
from simulator.errors import InputError, Problem
from simulator.scenario import Input, Scenario

SAME = 1e-9  # correlations that are nearer than that are one


@dataclass(frozen=True)
class Renamed:
    """An equation whose parameters have other names.

    Attributes
    ----------
    function : callable
        The equation.
    names : mapping from str to str
        Its own name of each parameter.
    """

    function: Callable[..., Any]
    names: Mapping[str, str]

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The equation, by the name under which `inspect.unwrap` looks for it."""
        return self.function

    def __call__(self, **values: Any) -> Any:
        """Compute it."""
        return self.function(**{self.names[name]: value for name, value in values.items()})


@dataclass(frozen=True)
class Contrast:
    """The difference or the ratio of two quantities, the second against the first."""

    first: str
    second: str
    ratio: bool

    def __call__(self, **values: Any) -> Any:
        """Compute it."""
        one, other = values[self.first], values[self.second]
        return other / one if self.ratio else other - one


@dataclass(frozen=True)
class Joint:
    """Two scenarios as one.

    Attributes
    ----------
    scenario : Scenario
        With the equations of both. What is the same in both has its own name, other names end in `` (scenario)``.
    first, second : str
        The quantity of each.
    difference, ratio : str
        The second against the first.
    """

    scenario: Scenario
    first: str
    second: str
    difference: str
    ratio: str


def join(first: Scenario, second: Scenario, quantity: str) -> Joint:
    """Join what a quantity needs in two scenarios into one scenario with the difference and the ratio of both.

    Raises
    ------
    InputError
        If what one says of facts that go together contradicts the other.
    """
    pair = (first, second)
    labels = [f" ({scenario.name})" for scenario in pair]
    if first.name == second.name:
        labels = [" (first)", " (second)"]
    books = [scenario.book.needed([quantity]) for scenario in pair]
    shared = shared_names(pair, books)
    inputs: dict[str, Input] = {}
    equations: dict[str, Equation] = {}
    for scenario, book, label in zip(pair, books, labels, strict=True):

        def called(name: str, label: str = label) -> str:
            return name if name in shared else f"{name}{label}"

        for name in book.inputs:
            inputs[called(name)] = replace(scenario.inputs[name], name=called(name))
        for name, item in book.equations.items():
            names = {called(key): key for key in item.parameters}
            units = {called(key): unit for key, unit in item.parameters.items()}
            renamed = replace(item, name=called(name), function=Renamed(item.function, names), parameters=units)
            equations[called(name)] = renamed
    # A quantity that is the same in both is still two, so that their difference is one.
    of = [quantity if quantity in shared else f"{quantity}{label}" for label in labels]
    unit = books[0].equations[quantity].unit
    difference, ratio = f"difference_of_{quantity}", f"ratio_of_{quantity}"
    for name, is_ratio in ((difference, False), (ratio, True)):
        units = dict.fromkeys(of, unit)
        contrast = Contrast(of[0], of[1], is_ratio)
        equations[name] = Equation(name, "comparison", contrast, "1" if is_ratio else unit, units, frozenset())
    book = Book(equations, {name: item.unit for name, item in inputs.items()})
    facts = {name: (item.prior.name, item.distribution) for name, item in inputs.items()}
    if contradicted := contradictions(pair, books):
        raise InputError(contradicted)
    stated = [table for scenario in pair for table in stated_between(scenario, facts)]
    known = [table for scenario in pair for table in scenario.library_correlations]
    where = f"{first.name} and {second.name}"
    correlations = read_correlations(once(stated), once(known), facts, where)
    title = f"{second.title} against {first.title}"
    own = {**first.own_pages, **second.own_pages}
    both = Scenario(where, title, "", book, inputs, (), "", correlations, own_pages=own)
    return Joint(both, of[0], of[1], difference, ratio)


def contradictions(pair: Sequence[Scenario], books: Sequence[Book]) -> list[Problem]:
    """Return the facts of both scenarios that do not go together alike in both, were it by silence in one."""
    needed = [
        {item.prior.name for name, item in scenario.uncertain.items() if name in book.inputs}
        for scenario, book in zip(pair, books, strict=True)
    ]
    common = needed[0] & needed[1]
    scores = [
        {
            frozenset((one, other)): group.correlations[i][j]
            for group in scenario.correlations
            for (i, one), (j, other) in combinations(enumerate(group.identities), 2)
            if one in common and other in common
        }
        for scenario in pair
    ]
    advice = "so they cannot be the same facts in both: say the same of them, or name them apart in one (`as`)"
    where = " and ".join(scenario.name for scenario in pair)
    return [
        Problem(where, "correlations", f"{' and '.join(sorted(facts))} do not go together alike in both, {advice}")
        for facts in scores[0].keys() | scores[1].keys()
        if abs(scores[0].get(facts, 0.0) - scores[1].get(facts, 0.0)) > SAME
    ]


def shared_names(pair: Sequence[Scenario], books: Sequence[Book]) -> set[str]:
    """Return the inputs and quantities that are the same in both scenarios."""
    one, other = pair
    shared = {
        name
        for name in books[0].inputs.keys() & books[1].inputs.keys()
        if same_fact(one.inputs[name], other.inputs[name])
    }
    for name, item in books[0].equations.items():
        twin = books[1].equations.get(name)
        if twin is not None and twin.function == item.function and item.parameters.keys() == twin.parameters.keys():
            if shared >= item.parameters.keys():
                shared.add(name)
    return shared


def same_fact(one: Input, other: Input) -> bool:
    """Tell whether two inputs are the same number in every draw."""
    known = isinstance(one.distribution, Fixed) and isinstance(other.distribution, Fixed)
    same = one.unit == other.unit and one.distribution == other.distribution
    return same and (known or one.prior.name == other.prior.name)


def stated_between(scenario: Scenario, facts: Mapping[str, tuple[str, Any]]) -> list[CorrelationTable]:
    """Return what a scenario states of facts that are needed, all of them uncertain."""
    known = {identity for identity, distribution in facts.values() if not isinstance(distribution, Fixed)}
    return [table for table in scenario.stated if known.issuperset(table.between)]


def once(tables: Sequence[CorrelationTable]) -> list[CorrelationTable]:
    """Return tables without those that say what an earlier one says."""
    found: list[CorrelationTable] = []
    for table in tables:
        said = [(set(t.between), t.rank, t.linear, t.loadings) for t in found]
        if (set(table.between), table.rank, table.linear, table.loadings) not in said:
            found.append(table)
    return found
