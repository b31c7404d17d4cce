"""Models composed into one, so that whatever evaluates and ranks a model does so for several of them together.

A random variable is drawn once, by its key, however many inputs it feeds. So the draws of the models are common where
they rest on the same variable, and what they compute alike is computed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from simulator.book.equations import Book, Equation
from simulator.distributions import Fixed
from simulator.errors import InputError, Location, Problem
from simulator.model.copula import GaussianCopula, Pairs, copulas_of, is_valid, matrix_of
from simulator.model.model import Input, Model
from simulator.portable import solve

SAME = 1e-9  # correlations that are nearer than that are one
ROUNDING = 1e-12  # correlations that are smaller come of rounding


@dataclass(frozen=True)
class Renamed:
    """A function whose parameters have other names: `names` has the new name of each."""

    function: Callable[..., Any]
    names: Mapping[str, str]

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The function, by the name under which `inspect.unwrap` looks for it."""
        return self.function

    def __call__(self, **values: Any) -> Any:
        """Compute it."""
        return self.function(**{own: values[name] for own, name in self.names.items()})


class Contrast(NamedTuple):
    """Two models as one, and the names of what is compared."""

    model: Model  # with the equations of both
    first: str  # the quantity of the first model
    second: str
    difference: str  # the second less the first, in the quantity's unit
    ratio: str  # the second over the first, without unit


def compose(models: Mapping[str, Model]) -> Model:
    """Return one model with the equations of several.

    What is the same in all models keeps its name; any other name of the model `a` becomes ``name (a)``. Models share
    the draws of a key where its prior is the same in them, or where the key is one that an ``as`` gives; elsewhere
    the later model's variable is drawn apart, see `find_conflicting_keys`.

    Variables that two models share carry their dependence over to both. What each model has beside these is
    independent of what the other has, given these, except where one of the models knows a correlation of the pair.

    InputError if models state different correlations of variables that they share, or inconsistent ones.
    """
    separate = {key for _, key in find_conflicting_keys(models)}
    models = separate_keys(models)
    shared = shared_names(list(models.values()))
    inputs: dict[str, Input] = {}
    equations: dict[str, Equation] = {}
    for namespace, model in models.items():
        all_names = [*model.inputs, *model.book.equations]
        names = {name: name if name in shared else f"{name} ({namespace})" for name in all_names}
        inputs |= {names[name]: replace(item, name=names[name]) for name, item in model.inputs.items()}
        for name, equation in model.book.equations.items():
            function = Renamed(equation.function, {key: names[key] for key in equation.parameters})
            units = {names[key]: unit for key, unit in equation.parameters.items()}
            equations[names[name]] = replace(equation, name=names[name], function=function, parameters=units)
    needed = {key for equation in equations.values() for key in equation.parameters}
    book = Book(equations, {name: item.unit for name, item in inputs.items() if name in needed})
    further = {
        pair: score
        for model in models.values()
        for pair, score in model.further_correlations.items()
        if separate.isdisjoint(pair)  # a key of two priors says nothing of what the other model has
    }
    return Model(book, inputs, join_copulas(models, further), further)


def contrast(models: Mapping[str, Model], quantity: str) -> Contrast:
    """Return what a quantity needs in two models as one model, with its difference and ratio, second to first.

    The quantity is in the same unit in both. InputError as of `compose`.
    """
    model = compose({name: model.subset([quantity]) for name, model in models.items()})
    equations = dict(model.book.equations)
    # A quantity that is the same in both is still two, so that their difference is one.
    own = (f"{quantity} ({namespace})" for namespace in models)
    first, second = (name if name in equations else quantity for name in own)
    unit = equations[first].unit
    names = []
    for function, its_unit in ((difference, unit), (ratio, "1")):
        names.append(f"{function.__name__}_of_{quantity}")
        renamed = Renamed(function, {"first": first, "second": second})
        parameters = dict.fromkeys((first, second), unit)
        equations[names[-1]] = Equation(names[-1], "comparison", renamed, its_unit, parameters, frozenset())
    return Contrast(replace(model, book=Book(equations, model.book.inputs)), first, second, *names)


def difference(first: Any, second: Any) -> Any:
    """Return the second less the first."""
    return second - first


def ratio(first: Any, second: Any) -> Any:
    """Return the second over the first."""
    return second / first


def shared_names(models: Sequence[Model]) -> set[str]:
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
    same = one.unit == other.unit and one.distribution == other.distribution
    return same and (isinstance(one.distribution, Fixed) or one.prior.name == other.prior.name)


def find_conflicting_keys(models: Mapping[str, Model]) -> list[tuple[str, str]]:
    """Return the (namespace, key) of variables that have the key of an earlier model's but another prior, or case.

    They are drawn apart. A key that an ``as`` gives joins them.
    """
    first: dict[str, tuple[Input, Mapping[str, Input]]] = {}
    found = []
    for namespace, model in models.items():
        for key, item in {item.prior.name: item for item in model.uncertain.values()}.items():
            known, inputs = first.setdefault(key, (item, model.inputs))
            as_given = known.prior.unit == item.prior.unit and known.prior.distribution == item.prior.distribution
            agree = as_given or (known.unit == item.unit and known.distribution == item.distribution)
            agree &= all(
                name not in inputs or name not in model.inputs or same_input(inputs[name], model.inputs[name])
                for name in item.prior.case
            )
            if not agree and not item.prior.is_joined:
                found.append((namespace, key))
    return found


def separate_keys(models: Mapping[str, Model]) -> dict[str, Model]:
    """Return models whose variables have keys of their own where they conflict with an earlier model's."""
    found = dict(models)
    for namespace, key in find_conflicting_keys(models):
        model, own = found[namespace], f"{key} ({namespace})"
        inputs = {
            name: replace(item, prior=replace(item.prior, name=own)) if item.prior.name == key else item
            for name, item in model.inputs.items()
        }
        pairs = {pair - {key} | {own} if key in pair else pair: score for pair, score in model.pairs.items()}
        found[namespace] = replace(model, inputs=inputs, copulas=copulas_of(pairs))
    return found


def join_copulas(models: Mapping[str, Model], further: Pairs) -> tuple[GaussianCopula, ...]:
    """Return the copulas of all models together; InputError if they contradict each other."""
    where = " and ".join(models)
    pairs: dict[frozenset[str], float] = {}
    seen: set[str] = set()
    for model in models.values():
        own, common = model.pairs, seen & model.keys
        contradicted = [
            pair
            for pair in pairs.keys() | own.keys()
            if pair <= common and abs(pairs.get(pair, 0.0) - own.get(pair, 0.0)) > SAME
        ]
        if contradicted:
            said = "are not correlated alike in both, so they cannot be the same in both"
            advice = "state the same correlation, or name one apart with `as`"
            raise InputError(
                Problem(where, "correlations", f"{' and '.join(sorted(pair))} {said}: {advice}")
                for pair in contradicted
            )
        left, right = seen - common, model.keys - common
        known = {pair: score for pair, score in further.items() if pair & left and pair & right}
        pairs |= complete(pairs, own, common) | own | known
        seen |= model.keys
    copulas = copulas_of({pair: score for pair, score in pairs.items() if abs(score) > ROUNDING})
    for copula in copulas:
        if not is_valid(np.array(copula.correlations)):
            names = ", ".join(copula.keys)
            message = f"the correlations of {names} in these models are inconsistent (matrix not positive definite)"
            raise Location(where, "correlations").error(f"{message}; name some of them apart with `as`")
    return copulas


def complete(one: Pairs, other: Pairs, common: set[str]) -> dict[frozenset[str], float]:
    """Return the correlations between what each of two sets of variables has beside common ones.

    Given the common ones both are independent: the completion of largest entropy, which always exists.
    """
    left, right = (sorted(frozenset().union(*pairs) - common) for pairs in (one, other))
    between = sorted(common & frozenset().union(*one) & frozenset().union(*other))
    if not (left and right and between):
        return {}
    firsts = matrix_of([*left, *between], one)
    others = matrix_of([*between, *right], other)
    size = len(between)
    scores = firsts[: len(left), len(left) :] @ solve(others[:size, :size], others[:size, size:])
    return {frozenset((a, b)): float(scores[i, j]) for i, a in enumerate(left) for j, b in enumerate(right)}
