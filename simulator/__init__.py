"""Monte Carlo uncertainty of the carbon footprint of large language models.

>>> import simulator
>>> scenario = simulator.load_scenario("gpt4-iowa")
>>> result = simulator.run(scenario, draws=100_000, seed=1)
>>> table = simulator.intervals(result)
>>> ranking = simulator.rank(scenario)

`simulator.Workflow` has the commands of the command line as methods, which write the same files.
"""

from importlib import import_module
from typing import Any

import lazy_loader

# The public names are those of the stub beside this file, imported on first use: a verb pays only for what it needs.
_public, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("llm-footprint-simulator")
    return _public(name)


def __dir__() -> list[str]:
    return sorted(__all__)
