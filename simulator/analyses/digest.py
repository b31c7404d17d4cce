"""Digests of everything that determines a result. A stored result is up to date if its digest is."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from uuid import uuid4

from simulator.book import is_self_contained
from simulator.model import digest
from simulator.scenario import Scenario

LIBRARIES = ("llm-footprint-simulator", "numpy", "scipy", "xarray")


def scenario_digest(scenario: Scenario) -> str:
    """Return a name for all that a scenario's results rest on: model, provenance, published values, versions."""
    return digest(versions(), scenario.digest, pages_digest(scenario.own_pages))


@cache
def versions() -> tuple[str, ...]:
    """Return the versions of what computes results."""
    return tuple(version(name) for name in LIBRARIES)


def pages_digest(own_pages: Mapping[str, str]) -> str:
    """Return a name for pages of a user's own: a new one each time where one may read files, which may change."""
    return digest(dict(own_pages), "" if all(map(is_self_contained, own_pages.values())) else uuid4().hex)
