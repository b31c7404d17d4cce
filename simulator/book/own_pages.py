"""Pages of a user's own: loaded, with functions that are equations.

Such a page is code that its user asked to run. It stands on the command line or in Python, never in a scenario file,
which is data.
"""

import ast
import inspect
import keyword
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Annotated, Any, get_args, get_origin

import numpy as np

from simulator.book.equations import PAGES, Book, name_of, read_method, read_shown
from simulator.errors import Location, ModelError, Problem, Problems, did_you_mean, mismatch, text_of
from simulator.lifecycle import Shown
from simulator.priors import read_text
from simulator.units import UnitError, require_unit, shorten

SAFE_MODULES = ("numpy", "math", "typing", "simulator.units", "simulator.lifecycle")
# What may read a file, among the builtins and in NumPy.
READS = re.compile(
    r"(open|exec|eval|compile|__import__|lib|memmap|DataSource)$|load|genfromtxt|from(file|regex)|ctypes"
)
MOST_METHODS = 1000
RESERVED = ("chain", "draw")  # dimensions of a result
ARRAYS = (
    "an equation gets arrays of draws: take operators and NumPy's functions (np.sin for math.sin, np.where for if)"
)

FLOATS = "expected floats, such as 1.0 * count, or np.where(condition, 1.0, 0.0)"


@dataclass(frozen=True)
class OwnPage:
    """A page of a user's own.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    file : str
        As the user named it.
    text : str
        Its source.
    page : ModuleType
        Its equations, which name themselves where they fail, and `METHOD` and `SHOWN` where it has them.
    """

    name: str
    file: str
    text: str
    page: ModuleType


def read_pages(pages: Iterable[str | Path | ModuleType]) -> list[OwnPage]:
    """Load pages: Python files, or modules that were imported.

    InputError has every problem of every page: it cannot be read or run, has the name of another one, computes
    nothing, has a function whose annotations are not units, or shows what it does not compute.
    """
    read: list[OwnPage] = []
    problems = Problems()
    for page in pages:
        with problems.gather():
            read.append(read_module(page) if isinstance(page, ModuleType) else read_page_file(Path(page), str(page)))
    times = Counter(page.name for page in read)
    problems += [Problem(page.file, "", "another page has this name") for page in read if times[page.name] > 1]
    problems.raise_all()
    return read


def read_module(module: ModuleType) -> OwnPage:
    """Return the page that an imported module is."""
    name = name_of(module)
    file = getattr(module, "__file__", None) or name
    try:
        text = inspect.getsource(module)
    except (OSError, TypeError) as error:
        message = "its source is not known, so a result could not tell what it rests on; give the page as a .py file"
        raise Location(file).error(message) from error
    return build_page(name, file, text, module)


def read_page_file(path: Path, file: str) -> OwnPage:
    """Run a Python file and return the page that it is."""
    name, at = path.stem, Location(file)
    if path.suffix != ".py":
        raise at.error("is not a page: expected a Python file, whose name ends in .py")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise at.error("the file name is not a valid Python module name: letters, digits and _, as in my_page.py")
    text = read_text(path, file, ".py")
    module = ModuleType(f"own_pages.{name}")
    module.__file__ = str(path)
    try:
        code = compile(text, file, "exec")
    except (MemoryError, RecursionError) as error:
        raise at.error("is not Python that can be read: nested too deeply") from error
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise Location(file, line).error(f"is not Python: {getattr(error, 'msg', error)}") from error
    try:
        exec(code, module.__dict__)  # the user asked for it
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a page may raise what it likes
        message = f"cannot be run: {type(error).__name__}: {text_of(error)}"
        raise Location(file, line_of(error, file)).error(message) from error
    return build_page(name, file, text, module)


def build_page(name: str, file: str, text: str, module: ModuleType) -> OwnPage:
    """Return a page whose functions keep to the rules of a page; InputError has every one that they do not."""
    page = ModuleType(f"own_pages.{name}")
    at, problems = Location(file), Problems()
    if name in PAGES:
        problems.add(at, f"has the name of a page of the simulator, {name!r}; give it another")
    defined = [item for item in ast.parse(text).body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    for key, times in Counter(item.name for item in defined).items():
        if times > 1 and not key.startswith("_"):
            problems.add(at / key, "is computed twice; keep one")
    for key, function in inspect.getmembers_static(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not key.startswith("_"):
            for message in signature_problems(key, function):
                problems.add(at / key, message)
            equation = tell_where_it_fails(function, key, file)
            equation.__module__ = page.__name__
            setattr(page, key, equation)
    computed = {key for key, item in vars(page).items() if inspect.isfunction(item)}
    if not problems and not computed:
        problems.add(at, "computes nothing: define a function for each quantity, named after it")
    page.METHOD = method = read_method(module)  # type: ignore[attr-defined]
    if hasattr(module, "METHOD") and (type(method) is not int or not 0 < method <= MOST_METHODS):
        problems.add(at / "METHOD", mismatch(method, f"a whole number from 1 to {MOST_METHODS}"))
    page.SHOWN = read_shown(module)  # type: ignore[attr-defined]
    for message in shown_problems(page.SHOWN, computed):
        problems.add(at / "SHOWN", message)
    problems.raise_all()
    return OwnPage(name, file, text, page)


def shown_problems(shown: Any, computed: set[str]) -> Iterator[str]:
    """Yield what is wrong with the table of a page that says how its quantities are shown."""
    if not isinstance(shown, dict):
        yield mismatch(shown, 'a table such as {"my_quantity": Shown("my words")}')
        return
    for name, item in shown.items():
        if name not in computed:
            yield f"the page computes no {shorten(name)}{did_you_mean(name, computed)}"
        if not isinstance(item, Shown) or [type(field) for field in item] != [str, int, str, str, str]:
            wanted = "Shown(label, level, share, stage, per) of simulator.lifecycle, texts but for the level"
            yield f"{shorten(name)}: {mismatch(item, wanted)}"


def signature_problems(name: str, function: FunctionType) -> Iterator[str]:
    """Yield what is wrong with the parameters and annotations of an equation."""
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        yield "is not a plain function: write it with def, and return its values"
        return
    try:
        signature = inspect.signature(function, eval_str=True)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an annotation in quotes may be any expression
        yield f"its annotations cannot be read: {type(error).__name__}: {text_of(error)}"
        return
    parts = [(name, signature.return_annotation, "the quantity that it computes")]
    for key, item in signature.parameters.items():
        if item.kind not in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY):
            yield f"takes {item}; name each quantity that it needs as a parameter"
        else:
            parts.append((key, item.annotation, f"the parameter {key}"))
    for key, annotation, what in parts:
        unit = get_args(annotation)[1] if get_origin(annotation) is Annotated else None
        if key in RESERVED:
            yield f"{key!r} is the name of a dimension of every result; give it another"
        if not isinstance(unit, str):
            example = f"{key}: kWh" if key != name else f"def {name}(…) -> kWh"
            advice = "with a unit of simulator.units or Annotated[…, 'kWh']; the name of a helper starts with _"
            yield f"{what} has no unit: write {example}, {advice}"
            continue
        try:
            require_unit(unit)
        except UnitError as error:
            yield f"the unit of {what}: {error}"


class WrongValue(Exception):
    """A function that failed, or gave no floats for its draws; in words."""


def tell_where_it_fails(function: FunctionType, name: str, file: str) -> Callable[..., Any]:
    """Return an equation that tells in one line where it fails, or that it gives no value for each draw."""

    @wraps(function)
    def equation(**values: Any) -> Any:
        try:
            return call(function, values)
        except WrongValue as error:
            raise ModelError(str(Problem(file, name, str(error)))) from None

    return equation


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Return what a function gives for arrays that broadcast together; WrongValue if it is none of floats."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
    try:
        result = function(**values)
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a page may raise what it likes, SystemExit too
        line = line_of(error, function.__code__.co_filename)
        advice = f"; {ARRAYS}" if isinstance(error, TypeError | ValueError) else ""
        raise WrongValue(
            f"fails{line and f' in {line}'}: {type(error).__name__}: {text_of(error)}{advice}"
        ) from error
    if type(result) is not np.ndarray and not isinstance(result, np.generic | float | int):
        raise WrongValue(f"gives a {type(result).__name__}; expected an array of floats, a value for each draw")
    array = np.asarray(result)
    if array.dtype != np.float64:
        raise WrongValue(f"gives values of type {array.dtype}; {FLOATS}")
    try:
        np.broadcast_to(array, shape)
    except ValueError as error:
        raise WrongValue(f"gives an array of shape {array.shape} for {shape}; {ARRAYS}") from error
    return result


def line_of(error: BaseException, file: str) -> str:
    """Return the last line of a file that led to an error, as ``line 3``."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f"line {lines[-1]}" if lines else ""


def is_self_contained(text: str) -> bool:
    """Tell whether the source of a page says all that it computes: it reads no file and takes no other module."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names) if any(item.name not in SAFE_MODULES for item in names):
                return False
            case ast.ImportFrom(module=module, names=names) if module not in SAFE_MODULES or any(
                READS.match(item.name) for item in names
            ):
                return False
            case ast.Name(id=name) | ast.Attribute(attr=name) if READS.match(name):
                return False
    return True


def modules_of(book: Book) -> set[ModuleType]:
    """Return the imported modules whose functions pages of the user's own are."""
    defined = {item.original.__module__ for item in book.equations.values() if item.page not in PAGES}
    names = defined & sys.modules.keys()
    return {sys.modules[name] for name in names if not name.startswith("simulator.")}
