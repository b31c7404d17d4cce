"""Models with known answers, as pages of the book, and scenarios built of them by hand."""

import sys
import types

import numpy as np

from simulator.distributions import build_distribution
from simulator.equations import bind
from simulator.priors import Prior
from simulator.scenario import Input, Scenario
from simulator.units import one


def page(name, **functions):
    """Return a module that defines these functions, as a page of the book does."""
    module = types.ModuleType(f"tests.{name}")
    for key, function in functions.items():
        function.__module__, function.__qualname__, function.__name__ = module.__name__, key, key
        setattr(module, key, function)
    sys.modules[module.__name__] = module
    return module


def scenario(module, **priors):
    """Return the scenario of one page, each input with a distribution as a file would give it."""
    book = bind([module])
    inputs = {}
    for name, unit in book.inputs.items():
        family, parameters, *bounds = priors[name]
        distribution = build_distribution(family, parameters, *bounds)
        inputs[name] = Input(name, unit, Prior(name, distribution, unit, family), distribution, "scenario")
    return Scenario(module.__name__, "", "", book, inputs, (), "")


def _ishigami(x1: one, x2: one, x3: one) -> one:
    return np.sin(x1) + 7.0 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def _g(x1: one, x2: one, x3: one, x4: one, x5: one, x6: one, x7: one, x8: one) -> one:
    total = 1.0
    for x, a in zip((x1, x2, x3, x4, x5, x6, x7, x8), G_A, strict=True):
        total = total * (np.abs(4.0 * x - 2.0) + a) / (1.0 + a)
    return total


def _product(x1: one, x2: one, x3: one) -> one:
    return x1 * x2 * x3


def _raised(x1: one, x2: one, x3: one) -> one:
    return x1 * x2 * x3 + 1e6


def _sum(x1: one, x2: one) -> one:
    return x1 + x2


def _cancelling(x1: one, x2: one) -> one:
    return x1 - x1 + x2 - x2


G_A = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)
MEDIANS, SIGMAS = np.array([100.0, 0.4, 1.2]), np.array([0.2, 0.5, 0.8])
LOGNORMALS = {
    f"x{i}": ("lognormal", {"median": median, "gsd": float(np.exp(sigma))})
    for i, (median, sigma) in enumerate(zip(MEDIANS, SIGMAS, strict=True), 1)
}
ANGLE = ("uniform", {"low": -np.pi, "high": np.pi})
UNIT = ("uniform", {"low": 0.0, "high": 1.0})
ISHIGAMI = scenario(page("ishigami", y=_ishigami), x1=ANGLE, x2=ANGLE, x3=ANGLE)
G_FUNCTION = scenario(page("g_function", y=_g), **{f"x{i}": UNIT for i in range(1, 9)})
PRODUCT = scenario(page("product", y=_product), **LOGNORMALS)
RAISED = scenario(page("raised", y=_raised), **LOGNORMALS)
ADDED = page("added", y=_sum)
CANCELLING = scenario(page("cancelling", y=_cancelling), x1=UNIT, x2=UNIT)
