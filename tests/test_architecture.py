"""The order of rooms: a room imports only rooms above it."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import simulator

ROOT = Path(simulator.__file__).parent
ROOMS = [
    "units",
    "errors",
    "frozen",
    "portable",
    "distributions",
    "priors",
    "lifecycle",
    "book",
    "model",
    "scenario",
    "sampling",
    "analyses",
    "results",
    "present",
    "workflow",
    "cli",
    "__main__",
]
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def module_of(path):
    return ".".join(("simulator", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def imports(path):
    """Yield the modules that a file imports, those for the type check alone too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path.name}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "simulator" else []
            yield from names or [node.module]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_above_it(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} is not in the list of rooms"
    for name in imports(path):
        if name.startswith("simulator."):
            other = name.split(".")[1]
            assert other == room or ROOMS.index(other) < ROOMS.index(room), f"{room} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dask_and_printing_stay_in_their_rooms(path):
    room = room_of(path)
    for name in imports(path):
        inside = path.relative_to(ROOT).as_posix()
        assert not name.startswith(("dask", "distributed", "cloudpickle")) or inside == "sampling/executors.py"
        assert not name.startswith(("rich", "typer")) or room == "cli"
        assert not name.startswith("matplotlib") or inside.startswith("present/figures/")
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    printed = [call for call in calls if ast.unparse(call) in ("print", "sys.stdout.write", "sys.stderr.write")]
    assert not printed or room == "cli"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_the_library_names_an_option_of_the_command_line(path):
    """Who calls from Python has no `--threads`; the command line adds its own advice."""
    if room_of(path) != "cli":
        tree = ast.parse(path.read_text())
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert not [text for text in texts if re.search(r"(?<![\w-])--[a-z]", text)]


def test_no_circle_of_files():
    """Beside the order of rooms: nor do the files of a room import each other in a circle."""
    known = {module_of(path): path for path in FILES}
    graph = {name: set() for name in known}
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                named = {f"{node.module}.{alias.name}" for alias in node.names}
                graph[name] |= (named & known.keys()) or ({node.module} & known.keys())
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", sorted((ROOT / "lifecycle").glob("[!_]*.py")), ids=lambda path: path.stem)
def test_a_page_is_nothing_but_pure_functions(path):
    """Operators and NumPy's ufuncs on the parameters: no branch, no loop, no call of anything else, no number
    but 1 in ``1 + x``. Beside them stand constants: how quantities are shown, what an impact leaves out, and
    the number of a method."""
    tree = ast.parse(path.read_text())
    constants = {node.targets[0].id: node for node in tree.body if isinstance(node, ast.Assign)}
    assert sum(isinstance(node, ast.Assign) for node in tree.body) == len(constants)
    assert constants.keys() <= {"SHOWN", "LEFT_OUT", "METHOD"}
    assert ("LEFT_OUT" in constants) == path.stem.startswith("impact_")
    for node in tree.body:
        known = ast.Expr | ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Assign
        assert isinstance(node, known), ast.unparse(node)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if "LEFT_OUT" in constants:
        assert isinstance(ast.literal_eval(constants["LEFT_OUT"].value), str)
    if "SHOWN" in constants:
        shown = constants["SHOWN"].value
        assert {ast.literal_eval(key) for key in shown.keys} <= {function.name for function in functions}
        for call in shown.values:
            assert ast.unparse(call.func) == "Shown"
            assert all(
                isinstance(part, ast.Constant) for part in [*call.args, *(word.value for word in call.keywords)]
            )
    for function in functions:
        docstring, statement = function.body
        assert isinstance(statement, ast.Return)
        assert "(" in docstring.value.value, f"{function.name} names no source"
        assert not function.decorator_list
        for node in ast.walk(statement):
            assert not isinstance(node, ast.IfExp | ast.Lambda | ast.ListComp)
            if isinstance(node, ast.Constant):
                assert node.value == 1.0
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func).startswith("np.")
