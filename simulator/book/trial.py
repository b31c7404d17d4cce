"""Try equations of the user's own on a few draws: each must compute a draw from that draw alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from simulator.book.equations import Book
from simulator.book.own_pages import ARRAYS, OwnPage, WrongValue, call
from simulator.distributions import Distribution, Fixed
from simulator.errors import Problem
from simulator.units import FloatArray

ROWS = 16  # on which the equations are tried
SAME = 1e-9  # of the largest value: a processor may round a value otherwise at another place in an array
ALONE = "an equation computes each draw from that draw alone; what is random is an input with a prior"


def wrong_equations(book: Book, pages: Iterable[OwnPage], inputs: Mapping[str, Distribution]) -> Iterator[Problem]:
    """Try a bound book on a few draws, and yield equations of own pages that are not functions of each draw alone.

    `inputs` has the distribution of every input of the book. A problem has the file of the page, the name of the
    quantity, and what to do.
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
            try:
                if equation.page in files:
                    try_function(equation.original, given)
                values[name] = equation.function(**given)
            except WrongValue as error:
                yield Problem(files[equation.page], name, str(error))


def try_function(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raise WrongValue unless a function gives a value for each draw from that draw alone."""
    whole = evaluate(function, given)
    require_same(whole, evaluate(function, given), f"gives other values when it is called again: {ALONE}")
    columns = {key: value for key, value in given.items() if isinstance(value, np.ndarray)}
    part = evaluate(function, {**given, **{key: value[::-2] for key, value in columns.items()}})
    alone = f"is not element-wise: the result of a draw changes with the other draws: {ALONE}"
    require_same(whole[::-2] if columns else whole, part, alone)
    # As in the designs of rankings: arrays that broadcast together.
    crossed = {key: columns[key][:4, None] if i % 2 else columns[key][:3] for i, key in enumerate(columns)}
    flat = dict(zip(columns, map(np.ravel, np.broadcast_arrays(*crossed.values())), strict=True))
    try:
        beside, in_a_row = (evaluate(function, {**given, **values}) for values in (crossed, flat))
    except WrongValue as error:
        raise WrongValue(f"with arrays that broadcast, such as of shapes (4, 1) and (3,), {error}") from error
    broadcast = f"gives other values with arrays that broadcast, such as of shapes (4, 1) and (3,): {ARRAYS}"
    require_same(in_a_row, beside.ravel(), broadcast)


def evaluate(function: Callable[..., Any], given: Mapping[str, Any]) -> FloatArray:
    """Return what a function gives for some values, which it cannot write to; WrongValue if it is none of floats."""
    values = {key: np.array(value) if isinstance(value, np.ndarray) else value for key, value in given.items()}
    for value in values.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return np.broadcast_to(call(function, values), np.broadcast_shapes(*map(np.shape, values.values())))


def require_same(one: FloatArray, other: FloatArray, message: str) -> None:
    """Raise WrongValue with a message unless values are the same up to rounding."""
    size = float(np.max(np.abs(one), initial=0.0, where=np.isfinite(one)))
    if not np.allclose(one, other, rtol=SAME, atol=SAME * size, equal_nan=True):
        raise WrongValue(message)
