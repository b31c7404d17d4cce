"""What is ranked: each uncertain input, or groups of them as one."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.errors import Problem
from simulator.sampling.sampler import Factor
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


def parts_of(factors: Sequence[Factor], groups: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return what is ranked by name: groups, and each other factor that feeds an input alone."""
    member = {name: group for group, names in groups.items() for name in names}
    parts: dict[str, list[int]] = {}
    for place, factor in enumerate(factors):
        if factor.inputs:
            group = next((member[name] for name in factor.inputs if name in member), factor.name)
            parts.setdefault(group, []).append(place)
    return parts


def wrong_parts(
    scenario: str,
    method: str,
    takes_groups: bool,
    takes_dependence: bool,
    parts: Mapping[str, Sequence[int]],
    dependent: Sequence[Sequence[int]],
) -> Iterator[Problem]:
    """Yield why a method cannot rank these parts, of which some factors depend on each other."""
    together = [name for name, part in parts.items() if len(part) > 1]
    if together and not takes_groups:
        message = f"{method} ranks one input at a time; for groups take sobol, shapley or shrinkage"
        yield Problem(scenario, "groups", message)
    if not takes_dependence:
        for members in dependent:
            names = [name for name, part in parts.items() if set(part) & set(members)]
            if len(names) > 1:
                message = "Sobol' indices are no shares of the variance where inputs depend on each other, as "
                message += f"{' and '.join(names)} do; take shapley, or rank them as one group"
                yield Problem(scenario, "method", message)
