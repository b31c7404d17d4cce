"""Check tables of files with pydantic, and tell its errors in words for the user."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from simulator.errors import Location, Problems, did_you_mean, mismatch, nearest

MOST_PROBLEMS = 100  # of one part of a file; more are not looked for
WANTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}


def read_table[Table: BaseModel](
    model: type[Table], given: Any, at: Location, problems: Problems, more_keys: Iterable[str] = ()
) -> Table:
    """Check a table of a file, and return what is right of it; a key that is not, or is missing, is None there.

    A misspelt key is told, and read as the one that it means. Hints know `more_keys` beside those of the model.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors()
    table: Mapping[str, Any] = given if isinstance(given, dict) else {}
    unused = [key for key in model.model_fields if key not in table]
    unknown = [str(item["loc"][-1]) for item in found[:MOST_PROBLEMS] if item["type"] == "extra_forbidden"]
    meant = {near: key for key in unknown if key in table and (near := nearest(key, unused))}
    for item in found[:MOST_PROBLEMS]:
        path = [str(part + 1) if isinstance(part, int) else part for part in item["loc"]]
        if not (item["type"] == "missing" and path[0] in meant):
            below = Location(at.file, ".".join(filter(None, [at.key, *path[:2]])))  # deeper are branches of a union
            problems.add(below, describe(item, [*model.model_fields, *more_keys]))
    wrong = {item["loc"][0] for item in found if item["loc"]}
    right = {key: value for key, value in table.items() if key not in wrong}
    right |= {near: table[key] for near, key in meant.items()}
    of_meant = Problems()  # told at the keys that the file has
    checked: Table = read_table(without_required(model), right, at, of_meant)
    for problem in of_meant:
        key = problem.key.removeprefix(f"{at.key}.")
        problems.add(at / meant.get(key, key), problem.message)
    return checked


@lru_cache(maxsize=256)
def without_required[Table: BaseModel](model: type[Table]) -> type[Table]:
    """Return a model of the same tables in which a required key may be missing, and is None then."""
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    optional: dict[str, Any] = {name: (field.rebuild_annotation() | None, None) for name, field in required.items()}
    return create_model(model.__name__, __base__=model, **optional) if required else model


def describe(item: Mapping[str, Any], known: Iterable[str]) -> str:
    """Return in words what pydantic found, for keys among known ones."""
    got, kind, context = item["input"], item["type"], item.get("ctx", {})
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            key = item["loc"][-1]
            digit = re.fullmatch(r"p(\d)", key)
            return f"unknown key{f"; did you mean 'p0{digit[1]}'?" if digit else did_you_mean(key, known)}"
        case "string_too_long" | "too_long":
            return "is too long"
        case "refused":
            return str(item["msg"])
        case "wanted":
            wanted = item["msg"]
        case "too_short":
            least = "one" if context["min_length"] == 1 else context["min_length"]
            wanted = "a text that is not empty" if isinstance(got, str) else f"at least {least}"
        case "greater_than_equal":
            wanted = f"a number from {context['ge']:g}"
        case "less_than_equal":
            wanted = f"a number up to {context['le']:g}"
        case "literal_error":
            wanted = f"one of {context['expected']}"
        case "float_type" if isinstance(got, int) and not isinstance(got, bool):
            wanted = "a finite number"  # too large for a float
        case _:
            wanted = WANTED.get(kind, "another kind of value")
    return mismatch(got, wanted)
