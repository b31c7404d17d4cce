"""Scenarios: files that name pages and give inputs, checked completely."""

from simulator.scenario.correlations import CorrelatedInputs, CorrelationTable, default_correlations
from simulator.scenario.groups import wrong_groups
from simulator.scenario.reading import among_shipped, check_scenario, find_scenario, load_scenario, read_scenario
from simulator.scenario.scenario import Reference, Scenario
from simulator.scenario.tables import ScenarioFile

__all__ = [
    "CorrelatedInputs",
    "CorrelationTable",
    "Reference",
    "Scenario",
    "ScenarioFile",
    "among_shipped",
    "check_scenario",
    "default_correlations",
    "find_scenario",
    "load_scenario",
    "read_scenario",
    "wrong_groups",
]
