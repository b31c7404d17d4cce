"""Options of the command line, and how their values are parsed."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
MEMORY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?\s*[A-Za-z]*")
LARGEST = 2**63 - 1
MOST_THREADS = 1024  # as `simulator.executor` takes, which is not imported for that


def whole_number(text: str) -> int | None:
    """Return a whole number from 0 to 2**63 - 1, written such as 1_000_000 or 1e6, or None for any other text."""
    try:
        number = Decimal(text)
        return int(number) if 0 <= number <= LARGEST and number == int(number) else None
    except InvalidOperation:
        return None


def count(text: str | int) -> int:
    """Return a count such as 1_000_000, 1e6 or 1,000,000; typer also passes the default."""
    plain = str(text)
    if THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if "," in plain:
        raise typer.BadParameter(
            f"{text!r} has a comma that does not separate thousands; write 1.5e6 with a point, or 1,500,000"
        )
    number = whole_number(plain)
    if number is None:
        raise typer.BadParameter(f"{text!r} is not a count such as 1_000_000 or 1e6, up to 2**63 - 1")
    if number < 1:
        raise typer.BadParameter("must be at least 1")
    return number


def count_or_all(text: str | int) -> int:
    """Return a count, or ``all`` as 0."""
    return 0 if text == "all" else count(text)


def seed_number(text: str | int) -> int:
    """Return a seed: a whole number from 0 to 2**63 - 1."""
    number = whole_number(str(text))
    if number is None:
        raise typer.BadParameter(f"{text!r} is not a whole number from 0 to 2**63 - 1")
    return number


def memory(text: str | float) -> float:
    """Return an amount of memory such as 4GB in bytes."""
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        if MEMORY.fullmatch(str(text).strip()):  # pydantic reads as far as it can
            return float(TypeAdapter(ByteSize).validate_python(str(text)))
    except ValidationError:
        pass
    raise typer.BadParameter(f"{text!r} is not an amount of memory such as 4GB")


def all_pages(pages: list[str] | None, impacts: list[str] | None, equivalences: list[str] | None) -> list[str]:
    """Return the user's own pages with the shipped pages of the given impacts and equivalences."""
    from simulator.book.equations import EQUIVALENCES, IMPACTS

    found = list(pages or ())
    for given, known, option in ((impacts, IMPACTS, "--impact"), (equivalences, EQUIVALENCES, "--as")):
        for name in given or ():
            if name not in known:
                raise typer.BadParameter(f"expected one of {', '.join(known)}, got {name!r}", param_hint=option)
            found.append(known[name])
    return found


Scenarios = Annotated[
    list[str], typer.Argument(metavar="SCENARIO", help="Scenario files, or names of shipped scenarios.")
]
Draws = Annotated[int, typer.Option("--draws", parser=count, metavar="N", help="Number of draws, such as 1e6.")]
Seed = Annotated[int, typer.Option("--seed", parser=seed_number, metavar="N", help="Seed of all random draws.")]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder to write results into.")]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        max=MOST_THREADS,
        metavar="N",
        help="Threads, or processes. Default: one for each processor.",
    ),
]
Executor = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="WHERE",
        help="local, threads, dask, or the address of a dask scheduler, tcp://host:8786.",
    ),
]
Pages = Annotated[
    list[str] | None,
    typer.Option("--pages", metavar="FILE", help="Python file with equations of your own; may be given again."),
]
Impacts = Annotated[
    list[str] | None,
    typer.Option(
        "--impact", metavar="NAME", help="Add an impact: energy, water, primary-energy or abiotic-depletion."
    ),
]
Equivalences = Annotated[
    list[str] | None,
    typer.Option("--as", metavar="NAME", help="Add the total in flights, car-km, web-searches or person-years."),
]
Plots = Annotated[bool, typer.Option("--plots/--no-plots", help="Write the figures.")]
Json = Annotated[bool, typer.Option("--json", help="Print only the result, as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only warnings and errors.")]
