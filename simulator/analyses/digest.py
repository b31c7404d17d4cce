"""Digests: names for all that a result rests on, by which what is stale is known."""

from collections.abc import Iterable
from importlib.metadata import version

from simulator.model import Model, digest
from simulator.sampling.draws import sample
from simulator.scenario import Scenario
from simulator.units import FloatArray

LIBRARIES = ("llm-footprint-simulator", "numpy", "scipy", "xarray")
TRIED = 16  # draws that tell whether a page of a user's own computes what it did


def scenario_digest(scenario: Scenario) -> str:
    """Return a name for all that a scenario's results rest on: model, provenance, published values, version."""
    said = (scenario.title, scenario.text, scenario.own_pages, scenario.inputs, scenario.reference_values)
    tried = trial_draws(scenario.model, scenario.book.equations) if scenario.own_pages else {}
    return digest([version(name) for name in LIBRARIES], scenario.model.digest, *said, tried)


def trial_draws(model: Model, quantities: Iterable[str]) -> dict[str, FloatArray]:
    """Return a few draws: a page of a user's own may have read its numbers from a file."""
    return sample(model, quantities, draws=TRIED, seed=0)
