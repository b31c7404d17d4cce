"""Groups of inputs, for rankings of groups."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from simulator.errors import Problem, did_you_mean
from simulator.model import Input
from simulator.units import shorten


def wrong_groups(
    groups: Mapping[str, Sequence[str]], names: Collection[str], inputs: Mapping[str, Input], file: str
) -> Iterator[Problem]:
    """Yield what is wrong with groups, of inputs of these names, of which `inputs` are known."""
    seen: dict[str, str] = {}
    for group, members in groups.items():
        where = f"groups.{group}"
        if not group.strip():
            yield Problem(file, "groups", "a group has no name")
        if group in names and group not in members:
            yield Problem(file, where, "is the name of an input that is not in it; give the group another")
        for member in dict.fromkeys(members):
            if member not in names:
                hint = did_you_mean(member, names)
                yield Problem(file, where, f"no input {shorten(member)} of these pages{hint}")
            elif member in inputs:
                key = inputs[member].prior.name
                if seen.setdefault(key, group) != group:
                    yield Problem(file, where, f"{member!r} is in the group {seen[key]!r} already")
