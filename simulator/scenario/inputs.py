"""One input: what a scenario gives for it, or the default where it gives nothing, with its prior."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.book.equations import EQUIVALENCES, IMPACTS, PAGES, Book, bind, read_page
from simulator.distributions import Fixed
from simulator.errors import InputError, Problem, did_you_mean, expected
from simulator.model import Input
from simulator.model.model import Origin
from simulator.priors import CONSTANTS, DEFAULTS, Library, Prior, read_prior
from simulator.units import Limits, UnitError, conversion_factor, looks_like_quantity, parse_quantity

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


def inputs_beside() -> dict[str, str]:
    """Return the inputs, with units, of the pages of impacts and yardsticks, for runs that ask for these."""
    equations = [item for page in (*IMPACTS.values(), *EQUIVALENCES.values()) for item in read_page(page)]
    needed = {key: item.parameters[key] for item in equations for key in item.parameters.keys() - item.optional}
    return {key: needed[key] for key in needed.keys() - {item.name for item in equations}}


def why_not_an_input(key: str, book: Book) -> str:
    """Say why a key under ``[inputs]`` is not one that the book takes."""
    if key in book.equations:
        return f"is computed by the page {book.equations[key].page}; leave it out, or take another page"
    users = [page for page in sorted(PAGES) if bind([page]).users(key)]
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
    """Return what an input cannot go beyond by the equations that take it."""
    stated = [equation.limits[key] for equation in book.equations.values() if key in equation.parameters]
    low, high = zip(Limits(-math.inf, math.inf), *stated, strict=True)
    return Limits(max(low), min(high))


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
        alias = own_name(value.get("as"), place, file)
        table = {name: item for name, item in value.items() if name != "as"}
        name = f"{key} as {alias}" if alias else key
        prior = read_prior(table, name, file, place, source_needed=False, library=library)
        return replace(prior, is_joined=alias is not None), "scenario"
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
    alias = own_name(alias, place, file)
    prior = library.find(reference, identity=f"{reference} as {alias}" if alias else None)
    if prior is None:
        hint = did_you_mean(reference, library.names())
        wanted = "a quantity with a unit or a prior of the library such as 'grid/us-ia'"
        raise InputError([Problem(file, place, expected(reference, wanted) + hint)])
    return replace(prior, is_joined=alias is not None)


def own_name(alias: Any, place: str, file: str) -> str | None:
    """Return the name that an ``as`` gives, or None where there is none; InputError if it is no name."""
    if alias is None:
        return None
    if isinstance(alias, str) and alias.strip() and alias.isprintable() and len(alias) <= 100:
        return alias
    raise InputError([Problem(file, f"{place}.as", expected(alias, "a name of its own, in words"))])


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
