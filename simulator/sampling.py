"""Rows of the unit cube, any of them on demand, and the values that the priors give them.

Each uncertain fact has a stream of its own, keyed by the seed and the fact's identity, that can be entered at
any row. So a draw depends neither on the other inputs nor on how the rows were divided, and two scenarios
that share a fact share its draws.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from simulator.distributions import Distribution, Fixed, quantile_function
from simulator.scenario import Scenario
from simulator.units import FloatArray

cached_quantile_function = lru_cache(maxsize=1024)(quantile_function)


@dataclass(frozen=True)
class Factor:
    """One uncertain fact: a dimension of the cube, and the inputs that it gives a value.

    Attributes
    ----------
    name : str
        The input that it feeds, or its identity where it feeds several.
    identity : str
        What keys its stream.
    inputs : mapping from str to Distribution
        Distribution of each input, in the input's unit.
    """

    name: str
    identity: str
    inputs: Mapping[str, Distribution]

    def values(self, u: FloatArray) -> dict[str, FloatArray]:
        """Return the inputs' values at the probabilities `u`; inputs with one distribution share an array."""
        made: dict[Distribution, FloatArray] = {}
        for distribution in self.inputs.values():
            if distribution not in made:
                made[distribution] = cached_quantile_function(distribution)(u)
        return {name: made[distribution] for name, distribution in self.inputs.items()}


def factors(scenario: Scenario, needed: Mapping[str, str] | None = None) -> list[Factor]:
    """Return the uncertain facts of a scenario, in the order of its inputs; only those `needed` where given."""
    groups: dict[str, dict[str, Distribution]] = {}
    for name, item in scenario.uncertain.items():
        if needed is None or name in needed:
            groups.setdefault(item.prior.name, {})[name] = item.distribution
    return [
        Factor(next(iter(inputs)) if len(inputs) == 1 else identity, identity, inputs)
        for identity, inputs in groups.items()
    ]


def fixed_values(scenario: Scenario) -> dict[str, np.float64]:
    """Return the inputs that are known."""
    return {
        name: np.float64(item.distribution.value)
        for name, item in scenario.inputs.items()
        if isinstance(item.distribution, Fixed)
    }


def stream(seed: int, identity: str, row: int = 0) -> np.random.Generator:
    """Return the generator of one fact's uniforms, set to give the one of `row` next."""
    words = np.frombuffer(blake2b(identity.encode(), digest_size=16).digest(), "<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(int(word) for word in words))
    return np.random.Generator(np.random.PCG64DXSM(sequence).advance(row))


def uniforms(seed: int, factor: Factor, start: int) -> Callable[[int], FloatArray]:
    """Return a function that gives the next rows of a factor's column of the cube, from row `start` on."""
    generator = stream(seed, factor.identity, start)
    return generator.random


def sobol_points(dimensions: int, rows: int, seed: int) -> FloatArray:
    """Return scrambled Sobol' points inside the unit cube, of shape (rows, dimensions); `rows` a power of 2.

    Owen's scrambling (doi:10.1007/978-1-4612-2552-2_19) as SciPy implements it.
    """
    from scipy.stats import qmc

    rng = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(dimensions, rows))))
    points = qmc.Sobol(dimensions, rng=rng).random(rows)
    inside: FloatArray = np.clip(points, 2.0**-54, 1 - 2.0**-53)
    return inside


def random_points(dimensions: int, rows: int, seed: int) -> FloatArray:
    """Return plain random points inside the unit cube, of shape (rows, dimensions)."""
    rng = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(dimensions, rows, 0))))
    return np.maximum(rng.random((rows, dimensions)), 2.0**-54)
