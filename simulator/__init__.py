"""Monte Carlo uncertainty of the carbon footprint of large language models.

>>> import simulator
>>> scenario = simulator.load_scenario("gpt4-iowa")
>>> result = simulator.run(scenario, draws=100_000, seed=1)
>>> table = simulator.intervals(result)
>>> ranking = simulator.rank(scenario)

`simulator.workflow` has the verbs of the command line: its functions also write the files that these write.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator import workflow
    from simulator.analyses.backtest import forecasts as backtest
    from simulator.analyses.compare import compare
    from simulator.analyses.sensitivity.ranking import rank
    from simulator.errors import ClusterError, InputError, ModelError, OutputError, SimulatorError
    from simulator.results import intervals, load_result, run, save_result
    from simulator.sampling.executors import executor
    from simulator.scenario import Scenario, check_scenario, load_scenario
    from simulator.scenario.cases import load_cases

__all__ = [
    "ClusterError",
    "InputError",
    "ModelError",
    "OutputError",
    "Scenario",
    "SimulatorError",
    "__version__",
    "backtest",
    "check_scenario",
    "compare",
    "executor",
    "intervals",
    "load_cases",
    "load_result",
    "load_scenario",
    "rank",
    "run",
    "save_result",
    "workflow",
]

# Where each public name is. Imported on first use, so that a verb pays only for what it needs.
_PUBLIC = {
    "ClusterError": "errors",
    "InputError": "errors",
    "ModelError": "errors",
    "OutputError": "errors",
    "Scenario": "scenario",
    "SimulatorError": "errors",
    "backtest": "analyses.backtest:forecasts",
    "check_scenario": "scenario",
    "compare": "analyses.compare",
    "executor": "sampling.executors",
    "intervals": "results",
    "load_cases": "scenario.cases",
    "load_result": "results",
    "load_scenario": "scenario",
    "rank": "analyses.sensitivity.ranking",
    "run": "results",
    "save_result": "results",
    "workflow": "",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("llm-footprint-simulator")
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place, _, other = _PUBLIC[name].partition(":")
    if not place:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(f"{__name__}.{place}"), other or name)


def __dir__() -> list[str]:
    return sorted(__all__)
