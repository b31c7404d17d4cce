"""Equations of a user's own, tried on a few draws: whether each is a function of each draw alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from simulator.book.equations import Book
from simulator.book.own_pages import ARRAYS, OwnPage, describe_failure
from simulator.distributions import Distribution, Fixed
from simulator.errors import Problem
from simulator.units import FloatArray

ROWS = 16  # on which the equations are tried
SAME = 1e-9  # of the largest value: a processor may round a value otherwise at another place in an array
ALONE = "an equation computes each draw from that draw alone; what is random is an input with a prior"
FLOATS = "expected floats, such as 1.0 * count, or np.where(condition, 1.0, 0.0)"


def wrong_equations(book: Book, pages: Iterable[OwnPage], inputs: Mapping[str, Distribution]) -> Iterator[Problem]:
    """Try a bound book on a few draws, and yield the equations of own pages that are no functions of each draw.

    Parameters
    ----------
    book : Book
        The equations.
    pages : iterable of OwnPage
        Those to try.
    inputs : mapping from str to Distribution
        Of every input of the book.
    """
    files = {page.name: page.file for page in pages}
    rng = np.random.default_rng(0)
    values: dict[str, Any] = {}
    for name, distribution in inputs.items():
        if isinstance(distribution, Fixed):
            values[name] = np.float64(distribution.value)
        else:
            values[name] = distribution.ppf(rng.uniform(0.05, 0.95, ROWS))
    with np.errstate(all="ignore"):
        for name, equation in book.equations.items():
            if not equation.parameters.keys() <= values.keys():
                continue  # what it needs failed
            given = {key: values[key] for key in equation.parameters}
            if equation.page in files and (wrong := value_problem(equation.original, given)):
                yield Problem(files[equation.page], name, wrong)
            else:
                values[name] = equation.function(**given)


def value_problem(function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    """Return in words why a function is none of each draw, or nothing."""
    columns = [key for key, value in given.items() if isinstance(value, np.ndarray)]
    # As in the designs of rankings: arrays that broadcast together.
    crossed = {key: given[key][:4, None] if i % 2 else given[key][:3] for i, key in enumerate(columns)}
    flat = dict(zip(columns, map(np.ravel, np.broadcast_arrays(*crossed.values())), strict=True))
    try:
        whole = evaluate(function, given, {})
        again = evaluate(function, given, {})
        part = evaluate(function, given, {key: given[key][::-2] for key in columns})
    except WrongValue as error:
        return str(error)
    if not are_close(whole, again):
        return f"gives other values when it is called again: {ALONE}"
    if not are_close(whole[::-2] if columns else whole, part):
        return f"gives a draw another value where other draws stand beside it: {ALONE}"
    try:
        beside, in_a_row = evaluate(function, given, crossed), evaluate(function, given, flat)
    except WrongValue as error:
        return f"with arrays that broadcast, such as of shapes (4, 1) and (3,), {error}"
    if not are_close(in_a_row, beside.ravel()):
        return f"gives other values with arrays that broadcast, such as of shapes (4, 1) and (3,): {ARRAYS}"
    return ""


class WrongValue(Exception):
    """A function that failed, or gave what is no array of floats of the right shape; in words."""


def evaluate(function: Callable[..., Any], given: Mapping[str, Any], columns: Mapping[str, Any]) -> FloatArray:
    """Return what a function gives for some values, other columns in their place; they cannot be written to."""
    values = {key: np.array(value) if key in columns else value for key, value in {**given, **columns}.items()}
    for value in values.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
    try:
        result = function(**values)
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a page may raise what it likes, SystemExit too
        raise WrongValue(describe_failure(error, function)) from error
    if type(result) is not np.ndarray and not isinstance(result, np.generic | float | int):
        raise WrongValue(f"gives a {type(result).__name__}; expected an array of floats, a value for each draw")
    array = np.asarray(result)
    if array.dtype != np.float64:
        raise WrongValue(f"gives values of type {array.dtype}; {FLOATS}")
    try:
        return np.broadcast_to(array, shape)
    except ValueError as error:
        raise WrongValue(f"gives an array of shape {array.shape} for {shape}; {ARRAYS}") from error


def are_close(one: FloatArray, other: FloatArray) -> bool:
    """Tell whether values are the same up to rounding."""
    size = float(np.max(np.abs(one), initial=0.0, where=np.isfinite(one)))
    return np.allclose(one, other, rtol=SAME, atol=SAME * size, equal_nan=True)
