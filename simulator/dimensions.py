"""Check the units of a bound book with pint: once per book, never where draws are made."""

from simulator.equations import Book
from simulator.units import measure


def unit_problems(book: Book) -> list[str]:
    """Return the equations whose result, computed with pint quantities, is not in the unit that they state."""
    problems = []
    for equation in book.equations.values():
        plain = {key: 1.5 + 0.25 * i for i, key in enumerate(equation.parameters)}
        measured = {key: measure(plain[key], unit) for key, unit in equation.parameters.items()}
        try:
            ratio = equation.function(**measured) / measure(equation.function(**plain), equation.unit)
            problem = "" if abs(float(ratio.to("")) - 1) < 1e-9 else "is off by a factor"
        except Exception as error:  # pint's errors have no common ancestor
            problem = str(error)
        if problem:
            problems.append(f"{equation.page}.{equation.name}, stated in {equation.unit}: {problem}")
    return problems
