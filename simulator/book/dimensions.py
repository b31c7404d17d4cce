"""Check the units of equations with pint, once and never on draws."""

from collections.abc import Iterable

import numpy as np

from simulator.book.equations import Equation
from simulator.errors import text_of
from simulator.units import measure


def unit_problems(equations: Iterable[Equation]) -> list[str]:
    """Return in words which equations give, computed with pint quantities, another unit than the one they state."""
    problems = []
    for equation in equations:
        plain = {key: 1.5 + 0.25 * i for i, key in enumerate(equation.parameters)}
        function = equation.original  # it fails in pint's own words
        # A number without a unit stays one: functions beyond NumPy's take no quantities of pint's.
        measured = {
            k: value if (unit := equation.parameters[k]) == "1" else measure(value, unit)
            for k, value in plain.items()
        }
        try:
            with np.errstate(all="ignore"):  # a value that is no number has a unit all the same
                ratio = function(**measured) / measure(function(**plain), equation.unit)
            problem = "is off by a factor" if abs(float(ratio.to("")) - 1) >= 1e-9 else ""
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pint's errors have no common ancestor, and a page may raise what it likes
            problem = text_of(error) or type(error).__name__
        if problem:
            problems.append(f"{equation.page}.{equation.name}, stated in {equation.unit}: {problem}")
    return problems
