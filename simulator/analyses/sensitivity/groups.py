"""The groups that are ranked: each uncertain input, or groups of inputs."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.analyses.sensitivity.method import Method
from simulator.errors import Problem
from simulator.sampling.sampler import Sampler
from simulator.scenario import Scenario


def groups_of(scenario: Scenario) -> dict[str, list[str]]:
    """Return the scenario's own groups of inputs, or, where it names none, a group for each file of the library."""
    if scenario.groups:
        return {name: list(members) for name, members in scenario.groups.items()}
    found: dict[str, list[str]] = {}
    for name, item in scenario.uncertain.items():
        stem = item.prior.name.partition("/")[0] if "/" in item.prior.name else "scenario"
        found.setdefault(stem, []).append(name)
    return found


def ranked_groups(sampler: Sampler, groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, ...]]:
    """Return the random variables of what is ranked, by name: groups, and each other variable alone."""
    member = {name: group for group, names in groups.items() for name in names}
    found: dict[str, tuple[int, ...]] = {}
    for number, variable in enumerate(sampler.variables):
        if variable.inputs:
            group = next((member[name] for name in variable.inputs if name in member), variable.name)
            found[group] = (*found.get(group, ()), number)
    return found


def wrong_groups_for(
    method_name: str, method: Method, groups: Mapping[str, Sequence[int]], blocks: Sequence[Sequence[int]]
) -> Iterator[Problem]:
    """Yield why a method cannot rank these groups, where some blocks of random variables are correlated."""
    if not method.takes_groups and any(len(group) > 1 for group in groups.values()):
        message = f"{method_name} ranks one input at a time; for groups take sobol, shapley or interval-reduction"
        yield Problem("rank", "groups", message)
    for block in blocks if not method.takes_dependence else ():
        names = [name for name, group in groups.items() if set(group) & set(block)]
        if len(names) > 1:
            message = f"Sobol' indices need independent inputs; {' and '.join(names)} are correlated: take shapley, "
            yield Problem("rank", "method", message + "or rank them as one group")
