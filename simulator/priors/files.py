"""Read files from users safely: TOML with priors and scenarios, CSV with data."""

import csv
import math
import re
import tomllib
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Location
from simulator.units import shorten

LARGEST_FILE = 500_000  # bytes; the library's largest file is far below it
LARGEST_DATA = 20_000_000  # bytes of a CSV file
MOST_VALUES = 1_000_000  # that a prior may be made of
MOST_DOTS = 100  # in a line: a dotted key stands on one, and reading it costs the square of its parts
DATA_FILE = re.compile(r"[\w-][\w .-]*(/[\w-][\w .-]*)*\.csv")  # below the folder: no part is '..', none is empty

SLIPS = {  # of a line that is not TOML
    "[“”„‘’]": 'texts stand in straight quotes, such as "400 W"',
    r"=\s*[+-]?\d+,\d+\s*($|#)": "decimals have a point, such as 1.4",
    r"=\s*[+-]?\d[\d.]*\s*(-|–)\s*\d": 'a range is { distribution = "uniform", low = 1, high = 2 }',
    r"=\s*[+-]?\d[\d.]*\s*[A-Za-z%]": 'quantities stand in quotes, such as "400 W"',
}


def read_file(path: Path, name: str, ending: str, most: int = LARGEST_FILE) -> bytes:
    """Read a file that may be anything; InputError if it is missing, a folder, unreadable or over `most` bytes."""
    at = Location(name)
    try:
        if path.is_dir():
            raise at.error(f"is a folder; name a file that ends in {ending}")
        if path.exists() and not path.is_file() and str(path) != "/dev/stdin":
            raise at.error("is not a plain file")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError as error:
        raise at.error("no such file") from error
    except (OSError, ValueError) as error:
        raise at.error(f"cannot be read: {getattr(error, 'strerror', None) or 'not a file name'}") from error
    if len(data) > most:
        raise at.error(f"is larger than {most / 1e6:g} MB")
    return data


def read_text(path: Path, name: str, ending: str, most: int = LARGEST_FILE) -> str:
    """Read a file as `read_file` does, and return its text; InputError if that is not in UTF-8."""
    try:
        return read_file(path, name, ending, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Location(name).error("is not text in UTF-8") from error


def read_toml(path: Path, name: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file that may hold anything, and return its table and its text.

    InputError if it is missing, a folder, unreadable, too large, not text, not TOML or empty.
    """
    at, text = Location(name), read_text(path, name, ".toml")
    # Dots in texts count too, and a line ends where TOML ends it, so that nothing needs to be parsed before.
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            advice = "break the line, or put data into a CSV file"
            raise at.error(f"line {number} has over {MOST_DOTS} dots; {advice}")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise at.error(f"is not TOML: {str(error)[:200]}{slip(text, str(error))}") from error
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"
        raise at.error(f"is not TOML that can be read: {reason}") from error
    if not table:
        raise at.error("is empty")
    return table, text


def slip(text: str, message: str) -> str:
    """Return what to write on the line that is not TOML, for slips that are made often; or nothing."""
    number = re.search(r"at line (\d+)", message)
    line = text.split("\n")[int(number[1]) - 1] if number else ""
    return next((f"; {advice}" for pattern, advice in SLIPS.items() if re.search(pattern, line)), "")


def read_column(folder: Path, name: str, column: str) -> list[float]:
    """Read the numbers of one column of a CSV file, whose first line names the columns; empty cells are left out.

    ValueError if the name leads out of the folder, or the file is missing, too large, or holds no numbers there.
    """
    path = folder / name
    if not DATA_FILE.fullmatch(name) or not path.resolve().is_relative_to(folder.resolve()):
        wanted = "the name of a .csv file in or below the folder of this file"
        raise ValueError(f"file must be {wanted}, got {shorten(name)}")
    try:
        rows = csv.reader(read_text(path, str(path), ".csv", LARGEST_DATA).splitlines())
    except InputError as error:
        raise ValueError(str(error)) from error
    values: list[float] = []
    try:
        heads = [head.strip() for head in next(rows, [])]
        if not heads:
            raise ValueError(f"{path} is empty; expected a first line with the column {shorten(column)}")
        if column not in heads:
            raise ValueError(f"{path} has no column {shorten(column)}; it has {', '.join(map(shorten, heads[:20]))}")
        index = heads.index(column)
        for row in rows:
            cell = row[index].strip() if index < len(row) else ""
            if cell:
                try:
                    values.append(float(cell))
                except ValueError:
                    values.append(math.nan)
                if not math.isfinite(values[-1]):
                    line = f"{path}, line {rows.line_num}"
                    raise ValueError(f"{line}: expected a number in column {shorten(column)}, got {shorten(cell)}")
    except csv.Error as error:
        raise ValueError(f"{path} is not a table in CSV: {error}") from error
    if not values:
        raise ValueError(f"{path} has no number in column {shorten(column)}")
    if len(values) > MOST_VALUES:
        raise ValueError(f"{path} has over {MOST_VALUES:,} values")
    return values
