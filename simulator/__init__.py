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
    from simulator.analyses.run import run
    from simulator.analyses.sensitivity import rank
    from simulator.errors import ClusterError, InputError, ModelError, OutputError
    from simulator.present.wording import intervals
    from simulator.results import load_result, save_result
    from simulator.sampling.executors import executor
    from simulator.scenario import Scenario, check_scenario, load_scenario

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
    "executor": "sampling.executors",
    "intervals": "present.wording",
    "load_result": "results",
    "load_scenario": "scenario",
    "rank": "analyses.sensitivity",
    "run": "analyses.run",
    "save_result": "results",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
