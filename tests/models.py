"""Models whose answers are known, each an equation of a page of its own, and scenarios made by hand."""

from types import ModuleType

import numpy as np

from simulator.book.equations import bind
from simulator.distributions import Fixed, build_distribution
from simulator.model import Input, Model
from simulator.priors import Prior
from simulator.scenario import Scenario
from simulator.units import one


def product(x1: one, x2: one, x3: one) -> one:
    return x1 * x2 * x3


def first_two(x1: one, x2: one) -> one:
    return x1 * x2


def ishigami(x1: one, x2: one, x3: one, offset: one) -> one:
    return offset + np.sin(x1) + 7.0 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def g_function(x1: one, x2: one, x3: one, x4: one, x5: one, x6: one, x7: one, x8: one) -> one:
    value = 1.0
    for x, a in zip((x1, x2, x3, x4, x5, x6, x7, x8), G_WEIGHTS, strict=True):
        value = value * (np.abs(4.0 * x - 2.0) + a) / (1.0 + a)
    return value


def constant(x1: one, x2: one) -> one:
    return 3.0 + 0.0 * x1 * x2


def rare(x1: one, x2: one) -> one:
    return np.maximum(x1 + x2 - 1.9, 0.0)


def alone(x1: one) -> one:
    return 2.0 * x1


def scenario(function, *others, **inputs):
    """Return the scenario of a model: a distribution, or a number, for each parameter of its functions."""
    page = ModuleType(function.__module__)
    for each in (function, *others):
        setattr(page, each.__name__, each)
    book = bind([page])
    given = {key: Fixed(value) if isinstance(value, int | float) else value for key, value in inputs.items()}
    made = {
        key: Input(key, unit, Prior(key, given[key], unit, ""), given[key], "scenario")
        for key, unit in book.inputs.items()
    }
    return Scenario(name=function.__name__, title=function.__name__, model=Model(book, made))


MEDIANS, SIGMAS = np.array([100.0, 0.4, 1.2]), np.array([0.2, 0.5, 0.8])
UNIT = build_distribution("uniform", {"low": 0.0, "high": 1.0})
G_WEIGHTS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)


def lognormal_product(*others):
    priors = (
        build_distribution("lognormal", {"mu": np.log(median), "sigma": sigma})
        for median, sigma in zip(MEDIANS, SIGMAS, strict=True)
    )
    return scenario(product, *others, **dict(zip(("x1", "x2", "x3"), priors, strict=True)))


def ishigami_function(offset=0.0):
    angle = build_distribution("uniform", {"low": -np.pi, "high": np.pi})
    return scenario(ishigami, x1=angle, x2=angle, x3=angle, offset=offset)


def sobol_g_function():
    return scenario(g_function, **{f"x{i}": UNIT for i in range(1, 9)})
