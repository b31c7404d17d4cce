"""Models composed into one, so that whatever evaluates and ranks a model does so for several of them together.

A random variable is drawn once, by its key, however many inputs it feeds. So the draws of the models are common where
they rest on the same variable, and what they compute alike is computed once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from simulator.book.equations import Book, Equation
from simulator.distributions import Fixed
from simulator.errors import InputError, Problem
from simulator.model.copula import GaussianCopula, copulas_of, is_valid, matrix_of
from simulator.model.model import Input, Model
from simulator.priors import Prior

SAME = 1e-9  # correlations that are nearer than that are one
ROUNDING = 1e-12  # correlations that are smaller come of rounding


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


class Contrasted(NamedTuple):
    """Two models as one.

    Attributes
    ----------
    model : Model
        With the equations of both.
    first, second : str
        The quantity of each.
    difference, ratio : str
        The second against the first.
    """

    model: Model
    first: str
    second: str
    difference: str
    ratio: str


def compose(models: Mapping[str, Model]) -> Model:
    """Return one model with the equations of several.

    What is the same in all models keeps its name; any other name of the model `a` becomes ``name (a)``. Models share
    the draws of a key where its prior is the same in them, or where the key is one that an ``as`` gives; elsewhere
    the later model's variable is drawn apart, see `apart`.

    Variables that two models share carry their dependence over to both. What each model has beside these is
    independent of what the other has, given these, except where one of the models knows a correlation of the pair.

    Parameters
    ----------
    models : mapping from str to Model
        By the namespace of each.

    Raises
    ------
    InputError
        If models state different correlations of variables that they share, or such as cannot hold together.
    """
    models = draw_apart(models)
    shared = shared_names(list(models.values()))
    inputs: dict[str, Input] = {}
    equations: dict[str, Equation] = {}
    for namespace, model in models.items():
        names = {name: qualify(name, namespace, shared) for name in [*model.inputs, *model.book.equations]}
        for name, item in model.inputs.items():
            inputs[names[name]] = replace(item, name=names[name])
        for name, equation in model.book.equations.items():
            own = {names[key]: key for key in equation.parameters}
            units = {names[key]: unit for key, unit in equation.parameters.items()}
            renamed = replace(equation, name=names[name], function=Renamed(equation.function, own), parameters=units)
            equations[names[name]] = renamed
    needed = {key for equation in equations.values() for key in equation.parameters}
    book = Book(equations, {name: item.unit for name, item in inputs.items() if name in needed})
    further = {pair: score for model in models.values() for pair, score in model.further_correlations.items()}
    return Model(book, inputs, join_copulas(models), further)


def contrast(models: Mapping[str, Model], quantity: str) -> Contrasted:
    """Return what a quantity needs in two models as one model, with its difference and ratio, second to first.

    Parameters
    ----------
    models : mapping from str to Model
        Two, by their namespaces.
    quantity : str
        A quantity of both, in the same unit.

    Raises
    ------
    InputError
        As `compose` does.
    """
    models = {name: model.subset([quantity]) for name, model in models.items()}
    whole = compose(models)
    # A quantity that is the same in both is still two, so that their difference is one.
    own = (f"{quantity} ({namespace})" for namespace in models)
    first, second = (name if name in whole.book.equations else quantity for name in own)
    unit = whole.book.equations[first].unit
    equations = dict(whole.book.equations)
    difference, ratio = f"difference_of_{quantity}", f"ratio_of_{quantity}"
    for name in (difference, ratio):
        units = dict.fromkeys((first, second), unit)
        function = Contrast(first, second, name == ratio)
        equations[name] = Equation(name, "comparison", function, "1" if name == ratio else unit, units, frozenset())
    return Contrasted(replace(whole, book=Book(equations, whole.book.inputs)), first, second, difference, ratio)


def qualify(name: str, namespace: str, shared: set[str]) -> str:
    """Return the name of an input or a quantity of one model in a composed one."""
    return name if name in shared else f"{name} ({namespace})"


def shared_names(models: list[Model]) -> set[str]:
    """Return the inputs and quantities that are the same in all models."""
    first, *others = models
    shared = {
        name
        for name, item in first.inputs.items()
        if all(name in model.inputs and same_input(item, model.inputs[name]) for model in others)
    }
    for name, item in first.book.equations.items():
        twins = [model.book.equations.get(name) for model in others]
        if all(twin and twin.function == item.function and twin.parameters == item.parameters for twin in twins):
            if shared >= item.parameters.keys():
                shared.add(name)
    return shared


def same_input(one: Input, other: Input) -> bool:
    """Tell whether two inputs are the same number in every draw."""
    known = isinstance(one.distribution, Fixed)
    same = one.unit == other.unit and one.distribution == other.distribution
    return same and (known or one.prior.name == other.prior.name)


def priors_of(model: Model) -> dict[str, Prior]:
    """Return the prior of each random variable that feeds an input, by its key."""
    return {item.prior.name: item.prior for item in model.uncertain.values()}


def apart(models: Mapping[str, Model]) -> list[tuple[str, str]]:
    """Return the (namespace, key) of variables that have the key of an earlier model's but another prior.

    They are drawn apart. A key that an ``as`` gives joins them.
    """
    first: dict[str, Prior] = {}
    found = []
    for namespace, model in models.items():
        for key, prior in priors_of(model).items():
            known = first.setdefault(key, prior)
            agree = known.unit == prior.unit and known.distribution == prior.distribution
            if not agree and not prior.is_joined:
                found.append((namespace, key))
    return found


def draw_apart(models: Mapping[str, Model]) -> dict[str, Model]:
    """Return models whose variables have keys of their own where `apart` says so."""
    changed: dict[str, dict[str, str]] = {}
    for namespace, key in apart(models):
        changed.setdefault(namespace, {})[key] = f"{key} ({namespace})"
    found = {}
    for namespace, model in models.items():
        keys = changed.get(namespace, {})
        inputs = {
            name: replace(item, prior=replace(item.prior, name=keys.get(item.prior.name, item.prior.name)))
            for name, item in model.inputs.items()
        }
        pairs = {
            frozenset(keys.get(key, key) for key in pair): score
            for copula in model.copulas
            for pair, score in copula.pairs.items()
        }
        found[namespace] = replace(model, inputs=inputs, copulas=copulas_of(pairs)) if keys else model
    return found


def join_copulas(models: Mapping[str, Model]) -> tuple[GaussianCopula, ...]:
    """Return the copulas of all models together; InputError if they contradict each other."""
    where = " and ".join(models)
    first, *others = models.values()
    pairs = {pair: score for copula in first.copulas for pair, score in copula.pairs.items()}
    seen = first.keys
    for model in others:
        own = {pair: score for copula in model.copulas for pair, score in copula.pairs.items()}
        common = seen & model.keys
        contradicted = [
            pair
            for pair in pairs.keys() | own.keys()
            if pair <= common and abs(pairs.get(pair, 0.0) - own.get(pair, 0.0)) > SAME
        ]
        if contradicted:
            advice = "so they cannot be the same in both: state the same correlation, or name one apart with `as`"
            raise InputError(
                Problem(
                    where, "correlations", f"{' and '.join(sorted(pair))} are not correlated alike in both, {advice}"
                )
                for pair in contradicted
            )
        pairs |= complete(pairs, own, common) | own
        further = {**first.further_correlations, **model.further_correlations}
        apart = (seen - common, model.keys - common)
        pairs |= {
            frozenset((one, other)): further[frozenset((one, other))]
            for one in apart[0]
            for other in apart[1]
            if frozenset((one, other)) in further
        }
        seen |= model.keys
    copulas = copulas_of({pair: score for pair, score in pairs.items() if abs(score) > ROUNDING})
    for copula in copulas:
        if not is_valid(np.array(copula.correlations)):
            message = f"the correlations of {', '.join(copula.keys)} in these models cannot hold together"
            raise InputError([Problem(where, "correlations", f"{message}; name some of them apart with `as`")])
    return copulas


def complete(
    one: Mapping[frozenset[str], float], other: Mapping[frozenset[str], float], common: set[str]
) -> dict[frozenset[str], float]:
    """Return the correlations between what each of two sets of variables has beside common ones.

    Given the common ones both are independent: the completion of largest entropy, which always exists.
    """
    left, right = (sorted(frozenset().union(*pairs) - common) for pairs in (one, other))
    between = sorted(common & frozenset().union(*one) & frozenset().union(*other))
    if not (left and right and between):
        return {}
    keys = matrix_of([*left, *between], one)
    others = matrix_of([*between, *right], other)
    size = len(between)
    scores = keys[: len(left), len(left) :] @ np.linalg.solve(others[:size, :size], others[:size, size:])
    return {frozenset((a, b)): float(scores[i, j]) for i, a in enumerate(left) for j, b in enumerate(right)}
