"""Files from users, hostile until checked: TOML with priors and scenarios, CSV with data."""

import csv
import math
import re
import tomllib
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Problem
from simulator.units import shorten

LARGEST_FILE = 1_000_000  # bytes; the library's largest file is far below it
LARGEST_DATA = 20_000_000  # bytes of a CSV file
MOST_VALUES = 1_000_000  # that a prior may be made of
MOST_DOTS = 100  # in a line outside of quotes: reading a dotted key costs the square of its parts
DATA_FILE = re.compile(r"[\w-][\w .-]*(/[\w-][\w .-]*)*\.csv")  # below the folder: no part is '..', none is empty


def read_file(path: Path, name: str, ending: str) -> bytes:
    """Read a file that may be anything.

    Raises
    ------
    InputError
        If it is missing, a folder, unreadable or too large.
    """
    try:
        if path.is_dir():
            raise InputError([Problem(name, "", f"is a folder; name a file that ends in {ending}")])
        if path.exists() and not path.is_file() and str(path) != "/dev/stdin":
            raise InputError([Problem(name, "", "is not a plain file")])
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise InputError([Problem(name, "", "no such file")]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise InputError([Problem(name, "", f"cannot be read: {reason}")]) from error
    if len(data) > LARGEST_FILE:
        raise InputError([Problem(name, "", f"is larger than {LARGEST_FILE // 1_000_000} MB")])
    return data


def read_toml(path: Path, name: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file that may hold anything, and return its table and its text.

    Raises
    ------
    InputError
        If it is missing, a folder, unreadable, too large, not text, not TOML or empty.
    """
    data = read_file(path, name, ".toml")
    try:
        text = data.decode("utf-8-sig")
        if any(re.sub(r"\"[^\"]*\"|'[^']*'", "", line).count(".") > MOST_DOTS for line in text.splitlines()):
            raise InputError([Problem(name, "", f"has a line with over {MOST_DOTS} dots outside of quotes")])
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError([Problem(name, "", "is not text in UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(name, "", f"is not TOML: {str(error)[:200]}")]) from error
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"
        raise InputError([Problem(name, "", f"is not TOML that can be read: {reason}")]) from error
    if not table:
        raise InputError([Problem(name, "", "is empty")])
    return table, text


def read_column(folder: Path, name: str, column: str) -> list[float]:
    """Read the numbers of one column of a CSV file, whose first line names the columns; empty cells are left out.

    Raises
    ------
    ValueError
        If the name leads out of the folder, or the file is missing, too large, or holds no numbers there.
    """
    path = folder / name
    if not DATA_FILE.fullmatch(name) or not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"file must be the name of a .csv file in or below the folder of this file, got {shorten(name)}"
        )
    try:
        if not path.is_file():
            raise ValueError(f"no such file: {path}")
        if path.stat().st_size > LARGEST_DATA:
            raise ValueError(f"{path} is larger than {LARGEST_DATA // 1_000_000} MB")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8") from error
    rows = csv.reader(text.splitlines())
    try:
        heads = [head.strip() for head in next(rows, [])]
        if not heads:
            raise ValueError(f"{path} is empty; expected a first line with the column {shorten(column)}")
        if column not in heads:
            raise ValueError(f"{path} has no column {shorten(column)}; it has {', '.join(map(shorten, heads[:20]))}")
        place, values = heads.index(column), []
        for row in rows:
            cell = row[place].strip() if place < len(row) else ""
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
