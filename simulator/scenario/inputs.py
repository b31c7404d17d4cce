"""Inputs: the prior that a scenario gives for each, or the default of the library."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from simulator.book.equations import EQUIVALENCES, IMPACTS, PAGES, Book, Choice, method_of, read_page
from simulator.distributions import Distribution, Fixed, atoms_of
from simulator.errors import InputError, Location, Problem, Problems, did_you_mean, mismatch
from simulator.model import Input
from simulator.model.model import Origin
from simulator.priors import CONSTANTS, DEFAULTS, Library, Prior, read_prior
from simulator.units import Limits, UnitError, conversion_factor, looks_like_quantity, parse_quantity

EXAMPLES = {
    "kW": "400 W",
    "kWh": "24 GWh",
    "kgCO2e/kWh": "206 gCO2e/kWh",
    "year": "6 years",
    "day": "95 days",
    "1/hour": "558 requests/hour",
    "kgCO2e": "150 kgCO2e",
}
RARE = 1e-9  # a value beyond the limits that is rarer than this is let pass
ROUNDING = 1e-9  # of a limit
TINY = 1e-300  # a limit below it, in whatever unit, is there to leave 0 out


ALL_PAGES = tuple(sorted(PAGES))
BESIDE = (*IMPACTS.values(), *EQUIVALENCES.values())  # pages that a run may be asked for beside those of its file


@cache
def inputs_of(pages: tuple[str, ...]) -> dict[str, tuple[str, list[str]]]:
    """Return what pages need and do not compute, and choices of a method: for each its unit, and who needs it."""
    equations = [equation for page in pages for equation in read_page(page)]
    computed = {(equation.page, equation.name) for equation in equations}
    needed: dict[str, tuple[str, list[str]]] = {}
    for equation in equations:
        if equation.method and len([other for other in equations if other.name == equation.name]) > 1:
            needed.setdefault(method_of(equation.name), ("1", []))[1].append(equation.page)
        for name in equation.parameters.keys() - equation.optional:
            if (equation.page, name) not in computed:
                users = needed.setdefault(name, (equation.parameters[name], []))[1]
                users += [equation.page] if equation.page not in users else []
    return needed


def read_inputs(
    given: Mapping[str, Any], book: Book, library: Library, at: Location, problems: Problems, complete: bool
) -> dict[str, Input]:
    """Read every input of a book, of what a file gives; all that is wrong is added to the problems.

    Where the book is not `complete`, as some page is wrong, what only the pages that lack could tell is not said.
    """
    inputs: dict[str, Input] = {}
    is_table = not problems.has(at)
    computed = set() if complete else {equation.name for page in PAGES for equation in read_page(page)}
    for key, unit in book.inputs.items():
        if key in given or (is_table and key not in computed):
            with problems.gather():
                inputs[key] = read_input(given.get(key), key, unit, at / key, book, library)
    for key in given.keys() - book.inputs.keys():
        # Of an impact that this run was not asked for; or, for all we know, of a page that lacks.
        elsewhere = inputs_of(BESIDE if complete else ALL_PAGES)
        if key in book.equations:
            page = book.equations[key].page
            problems.add(at / key, f"is computed by the page {page}; leave it out, or take another page")
        elif key in elsewhere:
            with problems.gather():
                read_input(given[key], key, elsewhere[key][0], at / key, book, library)
        elif complete:
            _, pages = inputs_of(ALL_PAGES).get(key, ("", []))
            hint = f"; the page {' or '.join(pages)} uses it" if pages else did_you_mean(key, book.inputs)
            if any(key == method_of(name) for name in book.equations):
                hint = f"; it chooses among several of the pages {', '.join(pages)}" if pages else hint
            problems.add(at / key, f"is used by no equation of these pages{hint}")
    return inputs


def read_input(value: Any, key: str, unit: str, at: Location, book: Book, library: Library) -> Input:
    """Turn what a file gives for one input, or the default where it gives nothing, into an Input."""
    if value is None:
        prior, origin = find_default(key, unit, at, book, library)
    else:
        prior, origin = read_value(value, key, unit, at, library)
    try:
        distribution = prior.in_unit(unit)
    except UnitError as error:
        own = isinstance(value, dict) and "prior" not in value
        given = f": {prior.name!r} is in {prior.unit}" if not own else f': add unit = "{unit}"' * (prior.unit == "1")
        raise (at / "unit" if own else at).error(f"{error}{given}; {key} is in {unit}") from error
    except ValueError as error:
        raise at.error(str(error)) from error
    if beyond := beyond_limits(prior, unit, limits(key, book)) or beyond_methods(distribution, key, book):
        raise at.error(f"{prior.name!r} {beyond}")
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
    from_zero = 0 < low < TINY
    span = f"from {low:g} to {high:g}"
    if math.isinf(high):
        span = "above 0" if from_zero else f"from {low:g} up"
    own = f" {prior.unit}".removesuffix(" 1")
    if isinstance(prior.distribution, Fixed):
        return f"is {least:.4g}{own}; expected a value {span}"
    advice = f"bounds = [{0 if from_zero else low:g}, {high:g}] would keep it there"
    return f"goes from {least:.3g} to {most:.3g}{own}; expected values {span}: {advice}"


def beyond_methods(distribution: Distribution, key: str, book: Book) -> str:
    """Return in words that what chooses between pages has values other than their numbers; or nothing."""
    functions = [equation.function for equation in book.equations.values()]
    choices = [item for item in functions if isinstance(item, Choice) and item.drawn == key]
    known = {number: book.equations[name].page for item in choices for name, number in item.numbers.items()}
    values = atoms_of(distribution)
    if not known or (values and values.keys() <= known.keys()):
        return ""
    given = ", ".join(f"{value:g}" for value in values) or "no numbers of methods"
    there = ", ".join(f"{number} for {page}" for number, page in known.items())
    rivals = [item for page in ALL_PAGES for item in read_page(page) if method_of(item.name) == key]
    lacking = [item.page for item in rivals if item.method in values and item.method not in known]
    advice = f"; or name the page of the others ({', '.join(lacking)})" if lacking else ""
    return f"has {given}; expected numbers of the pages that are named: {there}{advice}"


def unusual_inputs(inputs: Mapping[str, Input], book: Book, at: Location) -> Iterator[Problem]:
    """Yield the inputs whose median is unusual, so that a unit may be wrong."""
    medians = {name: float(item.distribution.ppf(np.array([0.5]))[0]) for name, item in inputs.items()}
    usual = {name: found for equation in book.equations.values() for name, found in equation.usual.items()}
    for name in usual.keys() & inputs.keys():
        low, end = usual[name]
        high = medians.get(end, math.inf) if isinstance(end, str) else end
        if not low <= medians[name] <= high * (1.0 + ROUNDING):
            unit, median = f" {inputs[name].unit}".removesuffix(" 1"), medians[name]
            what = f"at most {high:.4g}{unit}, as {end} is" if isinstance(end, str) else f"{low:g} to {high:g}{unit}"
            yield Problem(at.file, (at / name).key, f"is {median:.4g}{unit}, usually {what}: check the unit")


def out_of_scope(inputs: Mapping[str, Input], book: Book, at: Location) -> Iterator[Problem]:
    """Yield the inputs whose prior is meant for other values of another input than the scenario's median."""
    for name, item in inputs.items():
        prior, here = item.prior, at / name
        for other, ends in prior.valid_for.items() if not isinstance(item.distribution, Fixed) else ():
            if other in inputs:
                own_key = prior.name.partition(" as ")[0].rpartition("/")[2]
                stated = here if item.origin == "scenario" else Location(prior.file, own_key)
                unit, where = inputs[other].unit, stated / "valid_for" / other
                low, high = (end if end in (math.inf, -math.inf) else read_number(end, unit, where) for end in ends)
                if not low <= high:
                    raise where.error(f"expected a lower and then a higher end, got {ends[0]} and {ends[1]}")
                median = float(inputs[other].distribution.ppf(np.array([0.5]))[0])
                if not low * (1.0 - ROUNDING) <= median <= high * (1.0 + ROUNDING):
                    meant = f"its prior {prior.name!r} is meant for {other} {span_of(low, high, unit)}"
                    scope = f"; its scope: {prior.scope}" if prior.scope else ""
                    yield Problem(at.file, here.key, f"{meant}, not {median:.4g}{scope}")
            elif item.origin == "scenario" and other not in book.equations and prior.file == at.file:
                hint = did_you_mean(other, inputs)
                where = here / "valid_for" / other
                yield Problem(at.file, where.key, f"is no input of these pages, so it is not checked{hint}")


def span_of(low: float, high: float, unit: str) -> str:
    """Return in words the values from one to another, either of which may be infinite."""
    own = f" {unit}".removesuffix(" 1")
    if low == high:
        return f"{low:.4g}{own}"
    if math.isinf(high):
        return f"from {low:.4g}{own} up"
    return f"up to {high:.4g}{own}" if math.isinf(low) else f"from {low:.4g} to {high:.4g}{own}"


def find_default(key: str, unit: str, at: Location, book: Book, library: Library) -> tuple[Prior, Origin]:
    """Return the library's constant or default of an input that a file does not give."""
    if (constant := library.find(f"{CONSTANTS}/{key}")) is not None:
        return constant, "constant"
    if (default := library.find(f"{DEFAULTS}/{key}")) is not None:
        return default, "default"
    advice = f"give it {quantity_wanted(unit)}, a distribution or {prior_wanted(key, unit, library)}"
    raise at.error(f"no prior for {key} [{unit}], needed by {', '.join(book.users(key))}; {advice}")


def has_default(key: str, library: Library) -> bool:
    """Tell whether the library has a constant or a default of an input; one that is wrong is told when it is read."""
    try:
        return any(library.find(f"{stem}/{key}") is not None for stem in (CONSTANTS, DEFAULTS))
    except InputError:
        return True


def read_value(value: Any, key: str, unit: str, at: Location, library: Library) -> tuple[Prior, Origin]:
    """Find or build the prior that a file gives for an input; InputError has every problem of it."""
    wanted = partial(prior_wanted, key, unit, library)
    if isinstance(value, str) and not looks_like_quantity(value):
        return library.get(value, at, wanted=lambda: f"{quantity_wanted(unit)} or {wanted()}"), "library"
    if not isinstance(value, dict):
        return Prior(key, Fixed(read_number(value, unit, at)), unit, f"fixed ({value})", file=at.file), "scenario"
    problems = Problems()
    alias = value.get("as")
    is_name = isinstance(alias, str) and alias.strip() and alias.isprintable() and len(alias) <= 100
    if alias is not None and not is_name:
        problems.add(at / "as", mismatch(alias, "a name of its own, in words"))
    name = value.get("prior", key)
    origin: Origin = "library" if "prior" in value else "scenario"
    with problems.gather():
        if "prior" in value:
            for other in value.keys() - {"prior", "as"}:
                problems.add(at / other, f"unknown key{did_you_mean(other, ('prior', 'as'))}")
            prior = library.get(name, at / "prior", wanted=wanted)
        else:
            table = {name: item for name, item in value.items() if name != "as"}
            prior = read_prior(table, key, at, library.get)
    problems.raise_all()
    return prior if alias is None else replace(prior, name=f"{name} as {alias}", is_joined=True), origin


def prior_wanted(key: str, unit: str, library: Library) -> str:
    """Return in words that a prior of the library will do for an input, with one in its unit where there is one."""
    example = library.example(key, unit)
    return "a prior of the library" + (f" such as {example!r}" if example else "")


def quantity_wanted(unit: str) -> str:
    """Return in words how a value in a unit is written."""
    return f'a quantity such as "{EXAMPLES.get(unit, f"1 {unit}")}"' if unit != "1" else "a number"


def read_number(value: Any, unit: str, at: Location) -> float:
    """Read a number, or a text with a number and a unit, in `unit`."""
    wanted = quantity_wanted(unit)
    if isinstance(value, str):
        try:
            return parse_quantity(value, unit)
        except UnitError as error:
            raise at.error(f"{mismatch(value, wanted)}: {error}") from error
    if isinstance(value, list):
        wanted += '; a range is { distribution = "uniform", low = …, high = …, unit = "…" }'
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise at.error(mismatch(value, wanted))
    if unit != "1":
        raise at.error(f"{mismatch(value, wanted)}: it has no unit")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise at.error(mismatch(value, "a finite number"))
    return number
