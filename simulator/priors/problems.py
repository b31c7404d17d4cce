"""What pydantic found, in words for the user."""

import re
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from simulator.errors import Problem, did_you_mean, expected

MOST_PROBLEMS = 100  # of one table
SOURCE_WANTED = 'a table {title = "…", year = …, identifier = "…"}, a list of such tables, or "judgement"'
WANTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_parsing_size": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "source": SOURCE_WANTED,
    "work": SOURCE_WANTED.replace(', or "judgement"', "").replace(", a list", ", or a list"),
}


def model_problems(error: ValidationError, file: str, key: str, known: Sequence[str]) -> Iterator[Problem]:
    """Turn what pydantic found into problems with the user's own keys."""
    for item in error.errors()[:MOST_PROBLEMS]:
        path = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        if "source" in path[:-1]:  # a union: pydantic complains of each branch, the user wrote one thing
            path, kind = path[: path.index("source") + 1], "work" if path[0] == "observed" else "source"
        else:
            kind = item["type"]
            # Below that, branches of a union.
            path = path[:3] if path[0] in ("references", "observed", "correlations") else path[:2]
        place, got = ".".join(part for part in [key, *path] if part), item["input"]
        if path[-1] == "bounds" or "bounds" in path:
            yield Problem(file, f"{key}.bounds", expected(got, "two numbers, low and high, in a list"))
        elif kind == "too_short":
            least = item["ctx"]["min_length"]
            wanted = (
                "a text that is not empty" if isinstance(got, str) else f"at least {'one' if least == 1 else least}"
            )
            yield Problem(file, place, expected(got, wanted))
        elif kind == "extra_forbidden":
            digit = re.fullmatch(r"p(\d)", path[-1])
            hint = f"; did you mean 'p0{digit[1]}'?" if digit else did_you_mean(path[-1], known)
            yield Problem(file, place, f"unknown key{hint}")
        elif kind == "missing":
            yield Problem(file, place, "is missing")
        elif kind in ("string_too_long", "too_long"):
            yield Problem(file, place, "is too long")
        elif kind in ("greater_than_equal", "less_than_equal"):
            limit = "ge" if kind.startswith("greater") else "le"
            than = "from" if limit == "ge" else "up to"
            yield Problem(file, place, expected(got, f"a number {than} {item['ctx'][limit]:g}"))
        elif kind == "literal_error":
            yield Problem(file, place, expected(got, f"one of {item['ctx']['expected']}"))
        elif kind == "control":
            yield Problem(file, place, "holds a control character")
        else:
            huge = kind == "float_type" and isinstance(got, int) and not isinstance(got, bool)
            wanted = "a finite number" if huge else WANTED.get(kind, "another kind of value")
            yield Problem(file, place, expected(got, wanted))
