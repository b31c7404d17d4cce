"""Monte Carlo uncertainty of the carbon footprint of large language models.

>>> import simulator
>>> scenario = simulator.load_scenario("gpt4-iowa")
>>> result = simulator.run(scenario, draws=100_000, seed=1)
>>> table = simulator.intervals(result)
>>> ranking = simulator.rank(scenario)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.errors import ClusterError, InputError, ModelError, OutputError
    from simulator.executors import executor
    from simulator.results import load_result, save_result
    from simulator.scenario import Scenario, check_scenario, load_scenario
    from simulator.sensitivity import rank
    from simulator.simulate import run
    from simulator.summary import intervals

__all__ = [
    "ClusterError",
    "InputError",
    "ModelError",
    "OutputError",
    "Scenario",
    "check_scenario",
    "executor",
    "intervals",
    "load_result",
    "load_scenario",
    "rank",
    "run",
    "save_result",
]

# Imported on first use, so that a verb pays only for what it needs.
_ROOMS = {
    "ClusterError": "errors",
    "InputError": "errors",
    "ModelError": "errors",
    "OutputError": "errors",
    "Scenario": "scenario",
    "check_scenario": "scenario",
    "executor": "executors",
    "intervals": "summary",
    "load_result": "results",
    "load_scenario": "scenario",
    "rank": "sensitivity",
    "run": "simulate",
    "save_result": "results",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
