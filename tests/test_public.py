"""The public names of the package, and what stands behind them."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import simulator
from simulator import ClusterError, InputError, ModelError, OutputError, SimulatorError

PUBLIC = [name for name in dir(simulator) if name != "__version__"]
MODULES = [
    item.name for item in pkgutil.walk_packages(simulator.__path__, "simulator.") if "__main__" not in item.name
]


def test_the_package_names_what_it_has():
    assert {"run", "rank", "compare", "backtest", "Workflow", "load_scenario", "executor", "__version__"} <= set(
        dir(simulator)
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", simulator.__version__)
    with pytest.raises(AttributeError, match="rnu"):
        simulator.rnu  # noqa: B018
    assert (Path(simulator.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring_with_what_it_takes_gives_and_raises(name):
    thing = getattr(simulator, name)
    text = inspect.getdoc(thing) or ""
    assert text
    if inspect.isfunction(thing):
        assert "Parameters\n---" in text and re.search(r"(Returns|Yields|Raises)\n---", text)
        signature = inspect.signature(inspect.unwrap(thing))
        named = text.partition("Parameters\n")[2]
        for parameter in signature.parameters:
            assert re.search(rf"^\*{{0,2}}(\w+, )*{parameter}\b", named, re.MULTILINE), parameter
    elif inspect.isclass(thing) and not issubclass(thing, BaseException):
        assert "Attributes\n---" in text


def test_all_errors_have_one_base():
    for error in (InputError, ModelError, OutputError, ClusterError):
        assert error.__mro__[1] is SimulatorError


@pytest.mark.parametrize("name", MODULES)
def test_no_function_hides_the_module_of_its_name(name):
    parent, _, last = name.rpartition(".")
    importlib.import_module(name)
    assert isinstance(getattr(importlib.import_module(parent), last), ModuleType)


def test_no_function_is_named_by_a_past_participle():
    """Functions do something: their names start with a verb, or say what they return."""
    wrong = []
    for file in Path(simulator.__file__).parent.rglob("*.py"):
        if "lifecycle" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(node, ast.FunctionDef)
                    and not node.decorator_list
                    and re.fullmatch(r"_?[a-z]+ed", node.name)
                ):
                    wrong.append(f"{file.name}: {node.name}")
    assert not wrong
