"""Whether a prior has seen what a back-test tests it on."""

from collections.abc import Iterator

from simulator.errors import Location, Problem
from simulator.priors import Prior, Source
from simulator.scenario.scenario import Reference, Scenario
from simulator.units import UnitError, conversion_factor

SAME = 0.01  # relative: numbers that differ by less are one, as works print two or three digits


def circular_sources(scenario: Scenario, at: Location) -> Iterator[Problem]:
    """Yield the uncertain inputs of observed quantities whose priors may use what is observed."""
    for observed in scenario.observed:
        unit = scenario.book.equations[observed.quantity].unit
        for name in scenario.book.subset([observed.quantity]).inputs.keys() & scenario.uncertain.keys():
            prior = scenario.inputs[name].prior
            for source in prior.sources:
                if any(
                    source.same_work(own) and may_use(prior, source, observed, unit, own) for own in observed.sources
                ):
                    message = f"its prior {prior.name!r} rests on {source}, where {observed.quantity} is observed"
                    advice = "give the value that the report states, or a prior of its own without this source"
                    yield Problem(at.file, (at / "inputs" / name).key, f"{message}; {advice}")


def may_use(prior: Prior, source: Source, observed: Reference, unit: str, own: Source) -> bool:
    """Tell whether a prior may use an observation of a work that is one of its sources.

    It may not where the work's numbers are listed on both sides, `values` of the prior's source and those of the
    observation's, and no number is in both lists or is the observed value. What comes of an observation need not look
    like it: a power, say, of an energy. So where the observation does not list its numbers the work alone decides.
    """
    if source.values is None or own.values is None:
        return True
    ranges = [(value, value) for value in own.values]
    try:
        factor = conversion_factor(unit, prior.unit)
        ranges.append((observed.range[0] * factor, observed.range[1] * factor))
    except UnitError:
        pass
    return any(
        low - SAME * abs(low) <= value <= high + SAME * abs(high) for value in source.values for low, high in ranges
    )
