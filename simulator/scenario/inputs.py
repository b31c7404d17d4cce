"""One input: what a scenario gives for it, or the default where it gives nothing, with its prior."""

import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

from simulator.distributions import Distribution, Fixed
from simulator.equations import PAGES, Book, Equation, bind, read_page
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.lifecycle import EQUIVALENCES, IMPACTS
from simulator.priors import CONSTANTS, DEFAULTS, Library, Prior, read_prior
from simulator.units import Limits, UnitError, conversion_factor, limits_of, looks_like_quantity, parse_quantity

Origin = Literal["scenario", "library", "default", "constant"]
EXAMPLES = {
    "kW": "400 W",
    "kWh": "24 GWh",
    "kg/kWh": "206 g/kWh",
    "year": "6 years",
    "day": "95 days",
    "1/hour": "558 requests/hour",
    "kg": "150 kg",
}
RARE = 1e-9  # a value beyond the limits that is rarer than this is let pass
ROUNDING = 1e-9  # of a limit


@dataclass(frozen=True)
class Input:
    """One input of the model: its prior, and the same distribution in the unit the equations take.

    Attributes
    ----------
    name, unit : str
        As the equations state them.
    prior : Prior
        What is known of it; ``prior.name`` is the identity of the draw.
    distribution : Distribution
        In `unit`.
    origin : str
        ``scenario``, ``library``, ``default`` or ``constant``.
    """

    name: str
    unit: str
    prior: Prior
    distribution: Distribution
    origin: Origin


def bind_all() -> list[Equation]:
    """Return the equations of all pages, bound or not."""
    return [equation for page in sorted(PAGES) for equation in bind([page]).equations.values()]


def inputs_beside() -> dict[str, str]:
    """Return the inputs, with units, of the pages of impacts and yardsticks, for runs that ask for these."""
    pages = [*(page for page, _ in IMPACTS.values()), *EQUIVALENCES.values()]
    equations = [item for page in pages for item in read_page(import_module(PAGES[page]))]
    needed = {key: item.parameters[key] for item in equations for key in item.parameters.keys() - item.optional}
    return {key: needed[key] for key in needed.keys() - {item.name for item in equations}}


def why_not_an_input(key: str, book: Book) -> str:
    """Say why a key under ``[inputs]`` is not one that the book takes."""
    if key in book.equations:
        return f"is computed by the page {book.equations[key].page}; leave it out, or take another page"
    users = sorted({e.page for e in bind_all() if key in e.parameters})
    elsewhere = f"; the page {' or '.join(users)} uses it" if users else did_you_mean(key, book.inputs)
    return f"is used by no equation of these pages{elsewhere}"


def read_input(value: Any, key: str, unit: str, file: str, book: Book, library: Library) -> Input:
    """Turn what a file gives for one input, or the default where it gives nothing, into an Input."""
    place = f"inputs.{key}"
    prior, origin = find_prior(value, key, unit, file, book, library)
    try:
        distribution = prior.in_unit(unit)
    except UnitError as error:
        own = isinstance(value, dict) and "prior" not in value
        given = f": {prior.name!r} is in {prior.unit}" if not own else f': add unit = "{unit}"' * (prior.unit == "1")
        where = f"{place}.unit" if own else place
        raise InputError([Problem(file, where, f"{error}{given}; {key} is in {unit}")]) from error
    except ValueError as error:
        raise InputError([Problem(file, place, str(error))]) from error
    if beyond := beyond_limits(prior, unit, limits(key, book)):
        raise InputError([Problem(file, place, f"{prior.name!r} {beyond}")])
    return Input(key, unit, prior, distribution, origin)


def limits(key: str, book: Book) -> Limits:
    """Return what an input cannot go beyond by the equations that take it; ours take nothing negative."""
    low, high = -math.inf, math.inf
    for equation in book.equations.values():
        if key in equation.parameters:
            signature = inspect.signature(equation.function, eval_str=True)
            usual = Limits(0.0 if equation.page in PAGES else -math.inf, math.inf)
            stated = limits_of(signature.parameters[key].annotation) or usual
            low, high = max(low, stated.low), min(high, stated.high)
    return Limits(low, high)


def beyond_limits(prior: Prior, unit: str, limits: Limits) -> str:
    """Return in words that a prior goes beyond limits, which are in `unit`, and what to do; or nothing."""
    low, high = (limit / conversion_factor(prior.unit, unit) for limit in limits)
    least, most = map(float, prior.distribution.ppf(np.array([RARE, 1.0 - RARE])))
    if least >= low and most <= high * (1.0 + ROUNDING):
        return ""
    span = f"from {low:g} up" if math.isinf(high) else f"from {low:g} to {high:g}"
    own = f" {prior.unit}".removesuffix(" 1")
    if isinstance(prior.distribution, Fixed):
        return f"is {least:.4g}{own}; expected a value {span}"
    advice = f"bounds = [{low:g}, {high:g}] would keep it there"
    return f"goes from {least:.3g} to {most:.3g}{own}; expected values {span}: {advice}"


def find_prior(value: Any, key: str, unit: str, file: str, book: Book, library: Library) -> tuple[Prior, Origin]:
    """Find or build the prior of one input; InputError has every problem of it."""
    place = f"inputs.{key}"
    if value is None:
        defaults: Iterator[tuple[str, Origin]] = iter(((CONSTANTS, "constant"), (DEFAULTS, "default")))
        for stem, origin in defaults:
            if (prior := library.find(f"{stem}/{key}")) is not None:
                return prior, origin
        needed = ", ".join(book.users(key))
        advice = f"give it {wanted_for(unit)}, a distribution or a prior of the library such as 'grid/us-ia'"
        raise InputError([Problem(file, place, f"no prior for {key} [{unit}], needed by {needed}; {advice}")])
    if isinstance(value, str) and not looks_like_quantity(value):
        return library_prior(value, None, place, file, library), "library"
    if isinstance(value, dict) and "prior" in value:
        return library_prior(*read_use(value, place, file), place, file, library), "library"
    if isinstance(value, dict):
        return read_prior(value, key, file, place, source_needed=False, finder=library), "scenario"
    return Prior(key, Fixed(read_number(value, unit, place, file)), unit, f"fixed ({value})", file=file), "scenario"


def read_use(value: dict[str, Any], place: str, file: str) -> tuple[Any, Any]:
    """Read a table that uses a prior of the library under a name of its own."""
    unknown = value.keys() - {"prior", "as"}
    if unknown:
        raise InputError(
            Problem(file, f"{place}.{name}", f"unknown key{did_you_mean(name, ('prior', 'as'))}") for name in unknown
        )
    return value["prior"], value.get("as")


def library_prior(reference: Any, alias: Any, place: str, file: str, library: Library) -> Prior:
    """Return the prior that a reference such as ``grid/us-ia`` names."""
    if not isinstance(reference, str):
        raise InputError([Problem(file, f"{place}.prior", expected(reference, "a name such as 'grid/us-ia'"))])
    is_name = isinstance(alias, str) and alias.strip() and alias.isprintable() and len(alias) <= 100
    if alias is not None and not is_name:
        raise InputError([Problem(file, f"{place}.as", expected(alias, "a name of its own, in words"))])
    prior = library.find(reference, identity=f"{reference} as {alias}" if alias else None)
    if prior is None:
        hint = did_you_mean(reference, library.names())
        wanted = "a quantity with a unit or a prior of the library such as 'grid/us-ia'"
        raise InputError([Problem(file, place, expected(reference, wanted) + hint)])
    return prior


def wanted_for(unit: str) -> str:
    """Return in words how a value in a unit is written."""
    return f'a quantity such as "{EXAMPLES.get(unit, f"1 {unit}")}"' if unit != "1" else "a number"


def read_number(value: Any, unit: str, place: str, file: str) -> float:
    """Read a number, or a text with a number and a unit, in `unit`."""
    wanted = wanted_for(unit)
    if isinstance(value, str):
        try:
            return parse_quantity(value, unit)
        except UnitError as error:
            raise InputError([Problem(file, place, f"{expected(value, wanted)}: {error}")]) from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError([Problem(file, place, expected(value, wanted))])
    if unit != "1":
        raise InputError([Problem(file, place, f"{expected(value, wanted)}: it has no unit")])
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError([Problem(file, place, expected(value, "a finite number"))])
    return number
