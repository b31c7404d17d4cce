"""Pages of a user's own, through the command line: models with known answers, the documented example, bad pages."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator import InputError, ModelError, check_scenario, executor, load_result, load_scenario, run
from simulator.cli import command_line
from simulator.sampling.draws import summarise
from simulator.sampling.executors import Threads
from tests import own_page_module
from tests.test_sensitivity import ishigami_indices

ROOT = Path(simulator.__file__).parent.parent
HEAD = "import numpy as np\nfrom simulator.units import one, kg, kWh, hour\n\n\n"
ADD = HEAD + "def total(x1: one, x2: one, x3: one, x4: one) -> one:\n    return x1 + x2 + x3 + x4\n"
SHOWING = HEAD + "from simulator.lifecycle import Shown\n\n\ndef f(x1: one) -> one:\n    return x1\n\n\n"
ISHIGAMI = """\
import math
from typing import Annotated

import numpy as np

number = Annotated[np.ndarray, "1"]


def ishigami(x1: number, x2: number, x3: number) -> number:
    return np.sin(x1) + A * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


A = 7.0
PRIOR = {"low": -math.pi, "high": math.pi}
"""
PI = 3.141592653589793
ENVIRONMENT = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def program(tmp_path):
    """Run the program in an empty folder, as a user would."""

    def call(*arguments):
        command = [sys.executable, "-m", "simulator", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=ENVIRONMENT, check=False)

    return call


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run the command line inside the test, which is faster."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["simulator", *map(str, arguments)])
        code = command_line()
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, printed.out, printed.err)

    return run


def write(folder, page, name="mine.py", inputs="", top=""):
    """Write a page and a scenario for it."""
    (folder / name).write_text(page)
    (folder / "model.toml").write_text(f'title = "A model"\n{top}\n[inputs]\n{inputs}')
    return folder / "model.toml"


def uniform(*names, half):
    prior = f'{{ distribution = "uniform", low = {-half!r}, high = {half!r}, unit = "1" }}'
    return "".join(f"{name} = {prior}\n" for name in names)


def normal(*names):
    return "".join(f'{name} = {{ distribution = "normal", mean = 0, sd = 1, unit = "1" }}\n' for name in names)


def test_ishigami(tmp_path, program):
    write(tmp_path, ISHIGAMI, inputs=uniform("x1", "x2", "x3", half=PI))
    drawn = program("run", "model.toml", "--pages", "mine.py", "--draws", "1e5")
    assert drawn.returncode == 0 and drawn.stderr == ""
    assert re.search(r"^ishigami +3\.\d+ ", drawn.stdout, re.MULTILINE)
    intervals = simulator.intervals(load_result(tmp_path / "outputs" / "model")).sel(quantity="ishigami")
    # Mean a / 2 and variance as in tests/test_sensitivity.py: four standard errors of 1e5 draws.
    sd = np.sqrt((1 + 0.1 * np.pi**4 / 5) ** 2 / 2 + 7**2 / 8 + 0.1**2 * np.pi**8 * (1 / 18 - 1 / 50))
    assert float(intervals["average"]) == pytest.approx(3.5, abs=4 * sd / 1e5**0.5)
    ranked = program("rank", "model.toml", "--pages", "mine.py", "--method", "sobol", "--n-base", 2**16, "--json")
    assert ranked.returncode == 0 and ranked.stderr == ""
    found = json.loads(ranked.stdout)["sensitivity"]["quantity"]["ishigami"]["measure"]
    got = [[found[index]["input"][f"x{i}"]["value"] for i in (1, 2, 3)] for index in ("first_order", "total")]
    # The intervals' half widths at this base are below 0.007.
    np.testing.assert_allclose(got, ishigami_indices(), atol=0.01)


# JCGM 101:2008, clause 9.2: the sum of four inputs of mean 0 and deviation 1, and its 95 % coverage interval.
@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        (normal("x1", "x2", "x3", "x4"), 3.9199),  # 9.2.2: 2 times 1.95996
        (uniform("x1", "x2", "x3", "x4", half=3**0.5), 2 * 3**0.5 * (2 - 0.6**0.25)),  # 9.2.3: 3.88
    ],
    ids=["normal", "rectangular"],
)
def test_the_additive_model_of_the_guide_to_uncertainty(tmp_path, program, inputs, end):
    write(tmp_path, ADD, inputs=inputs)
    drawn = program("run", "model.toml", "--pages", "mine.py", "--keep", "all", "--no-plots", "--quiet")
    assert drawn.returncode == 0 and drawn.stdout + drawn.stderr == ""
    result = load_result(tmp_path / "outputs" / "model")
    # Standard errors at 1e6 draws: 2 / sqrt(2e6) of the deviation, below 0.0055 of a 2.5 % quantile; four of them.
    assert float(simulator.intervals(result)["sd"][0]) == pytest.approx(2.0, abs=0.006)
    ends = np.quantile(result["prior"]["total"].values, [0.025, 0.975])
    np.testing.assert_allclose(ends, [-end, end], atol=0.022)
    assert f"{end:.2f}" in ("3.92", "3.88")


DOCUMENT = (ROOT / "docs" / "own-pages.md").read_text(encoding="utf-8")


def blocks(language):
    """Return the code blocks of the document in a language, in order."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def test_a_page_says_how_its_quantities_are_shown(tmp_path, call):
    page = (
        HEAD
        + """from simulator.lifecycle import Shown

SHOWN = {
    "mass": Shown("my mass", share="mass_share"),
    "mass_each": Shown("a piece", 1, per="piece"),
}


def mass(x1: one, whole: kg) -> kg:
    return x1 * whole


def mass_each(mass: kg, pieces: one) -> kg:
    return mass / pieces


def mass_share(mass: kg, whole: kg) -> one:
    return mass / whole


def last(mass_each: kg) -> kg:
    return 2.0 * mass_each
"""
    )
    write(tmp_path, page, inputs=uniform("x1", half=1.0) + "whole = '4 kg'\npieces = 8\n")
    done = call("run", "model.toml", "--pages", "mine.py", "--draws", "1e3", "--no-plots")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(my mass|  a piece|last) ", done.stdout, re.MULTILINE) == ["my mass", "  a piece", "last"]
    intervals = load_result(tmp_path / "outputs" / "model")["intervals"]
    # What nothing else needs is reported too, in the words of its name; what is another's share stands beside it.
    assert list(intervals["quantity"].values) == ["mass", "mass_each", "last"]
    assert list(intervals["per"].values) == ["", "piece", ""]
    assert list(intervals["level"].values) == [0, 1, 0]
    assert abs(float(intervals["share"].sel(quantity="mass"))) < 0.1 and np.isnan(intervals["share"][1:]).all()


def test_the_documented_example(tmp_path, call):
    (page, _), (scenario,), (shell,), (shown,) = map(blocks, ("python", "toml", "sh", ""))
    (tmp_path / "network_energy.py").write_text(page)
    (tmp_path / "service.toml").write_text(scenario)
    printed = []
    for line in shell.splitlines():
        done = call(*line.split()[1:])
        assert done.returncode == 0 and done.stderr == "", done.stderr
        printed.append([line.rstrip() for line in done.stdout.splitlines()])
    assert printed[0] == ["service.toml: valid: 37 equations, 20 inputs, 12 of them uncertain"]
    lines = [line for line in shown.splitlines() if line != "…"]
    assert len(lines) == 3 and set(lines) <= set(printed[1])
    assert printed[2][1].startswith("Share of variance of the total with network")
    result = load_result(tmp_path / "outputs" / "service")
    drawn = {**result["prior"].data_vars, **result["constant_data"].data_vars}
    by_hand = drawn["deployment_requests"] * drawn["transfer_per_request"] * drawn["network_electricity_intensity"]
    # A few roundings of double precision.
    np.testing.assert_allclose(drawn["network_transfer_energy"], by_hand, rtol=1e-14)
    np.testing.assert_array_equal(drawn["network_grid_intensity"], drawn["deployment_grid_intensity"])
    ledger = (tmp_path / "outputs" / "service" / "ledger.md").read_text(encoding="utf-8")
    assert "doi:10.1111/jiec.12630 (network_transfer_energy" in ledger
    assert (
        "- **network_energy.py**: network_transfer_energy, network_transfer_footprint, total_with_network" in ledger
    )


def test_a_page_of_ours_is_replaced_by_leaving_it_out(tmp_path, call):
    (page, total), (scenario,) = map(blocks, ("python", "toml"))
    (tmp_path / "my_total.py").write_text(total)
    (tmp_path / "service.toml").write_text(scenario.replace(', "total"]', "]"))
    (tmp_path / "network_energy.py").write_text(page.partition("\n\n\ndef total_with")[0] + "\n")
    both = ("--pages", "network_energy.py", "--pages", "my_total.py")
    done = call("run", "service.toml", *both, "--draws", "1e5", "--no-plots")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^total +\d+ kg", done.stdout, re.MULTILINE)
    table = load_result(tmp_path / "outputs" / "service")["prior"]
    parts = table["deployment_footprint"] + table["network_transfer_footprint"]
    np.testing.assert_array_equal(table["total_footprint"], parts)


# What is wrong with a page: the page, and words of the message.
BAD = {
    "no Python": ("def f(x1: one -> one:\n", ["mine.py: line 1", "is not Python"]),
    "fails when it is loaded": (HEAD + "1 / 0\n", ["mine.py: line 5", "ZeroDivisionError"]),
    "leaves": ("import sys\nsys.exit(3)\n", ["mine.py: line 2", "cannot be run: SystemExit"]),
    "leaves when it is called": (
        HEAD + "import sys\ndef f(x1: one) -> one:\n    sys.exit(0)\n",
        ["mine.py: f", "fails in line 7", "SystemExit"],
    ),
    "raises what it likes": (
        HEAD + "class Mine(BaseException): pass\ndef f(x1: one) -> one:\n    raise Mine\n",
        ["mine.py: f", "fails in line 7", "Mine"],
    ),
    "cannot say what is wrong": (
        HEAD + "class Mine(Exception):\n    def __str__(self): return 1\nraise Mine\n",
        ["mine.py: line 7", "cannot be run: Mine: it cannot say what (TypeError)"],
    ),
    "leaves in its annotations": (
        HEAD + "import sys\ndef f(x1: 'sys.exit()') -> one:\n    return x1\n",
        ["mine.py: f", "its annotations cannot be read: SystemExit"],
    ),
    "leaves where its units are checked": (
        HEAD + "import sys\ndef f(h: hour) -> hour:\n    return sys.exit() if hasattr(h, 'units') else h\n",
        ["mine.f, stated in hour"],
    ),
    "nested too deeply": ("x = " + "-" * 200_000 + "1\n", ["mine.py", "nested too deeply"]),
    "no plain function": (
        HEAD + "async def f(x1: one) -> one:\n    return x1\n",
        ["mine.py: f", "is not a plain function"],
    ),
    "imports what is not there": ("import not_there\n", ["mine.py: line 1", "No module named 'not_there'"]),
    "computes nothing": (HEAD, ["mine.py", "computes nothing"]),
    "parameter without unit": (
        HEAD + "def f(x1) -> one:\n    return x1\n",
        ["mine.py: f", "parameter x1 has no unit"],
    ),
    "result without unit": (
        HEAD + "def f(x1: one):\n    return x1\n",
        ["mine.py: f", "the quantity that it computes"],
    ),
    "annotation is no unit": (HEAD + "def f(x1: float) -> one:\n    return x1\n", ["mine.py: f", "x1 has no unit"]),
    "annotation is nothing": (
        HEAD + "def f(x1: 'nothing') -> one:\n    return x1\n",
        ["mine.py: f", "cannot be read: NameError"],
    ),
    "unknown unit": (
        HEAD + "from typing import Annotated as A\ndef f(x1: A[float, 'parrot']) -> one:\n    return x1\n",
        ["mine.py: f", "x1", "'parrot' is not a known unit"],
    ),
    "any number of parameters": (HEAD + "def f(*x1: one) -> one:\n    return x1\n", ["mine.py: f", "takes *x1"]),
    "named as a dimension": (HEAD + "def draw(x1: one) -> one:\n    return x1\n", ["mine.py: draw", "dimension"]),
    "computed twice": (
        HEAD + "def f(x1: one) -> one:\n    return x1\n\n\ndef f(x2: one) -> one:\n    return x2\n",
        ["mine.py: f", "is computed twice; keep one"],
    ),
    "shows what it does not compute": (
        SHOWING + 'SHOWN = {"g": Shown("a number")}\n',
        ["mine.py: SHOWN: the page computes no 'g'"],
    ),
    "is a method in words": (
        SHOWING + 'METHOD = "mine"\n',
        ["mine.py: METHOD: expected a whole number from 1 to 1000, got 'mine'"],
    ),
    "shows no table": (SHOWING + 'SHOWN = ["f"]\n', ["mine.py: SHOWN: expected a table", "got ['f']"]),
    "shows by a text": (
        SHOWING + 'SHOWN = {"f": "a number"}\n',
        ["mine.py: SHOWN: 'f': expected Shown(label, level"],
    ),
    "shows at a level in words": (SHOWING + 'SHOWN = {"f": Shown("f", "top")}\n', ["mine.py: SHOWN: 'f'", "'top'"]),
    "a circle": (
        HEAD + "def f(g: one) -> one:\n    return g\ndef g(f: one) -> one:\n    return f\n",
        ["circle: ", "f"],
    ),
    "wrong unit": (HEAD + "def f(x1: one, h: hour) -> kg:\n    return x1 * h\n", ["mine.f, stated in kg"]),
    "math": (
        HEAD + "import math\ndef f(x1: one) -> one:\n    return math.sin(x1)\n",
        ["mine.py: f: fails in line 7: TypeError", "np.sin for math.sin"],
    ),
    "if": (
        HEAD + "def f(x1: one) -> one:\n    if x1 > 0:\n        return x1\n    return -x1\n",
        ["mine.py: f: fails in line 6: ValueError", "np.where for if"],
    ),
    "no float": (HEAD + "def f(x1: one) -> one:\n    return x1 > 0\n", ["mine.py: f", "type bool", "np.where"]),
    "a whole number": (
        HEAD + "def f(x1: one) -> one:\n    return 3\n",
        ["mine.py: f", "type int64", "expected floats"],
    ),
    "single precision": (HEAD + "def f(x1: one) -> one:\n    return np.float32(x1)\n", ["mine.py: f", "float32"]),
    "nothing": (HEAD + "def f(x1: one) -> one:\n    x1 + 1\n", ["mine.py: f", "gives a NoneType"]),
    "wrong shape": (HEAD + "def f(x1: one) -> one:\n    return x1[:3]\n", ["mine.py: f", "shape (3,) for (16,)"]),
    "a mean over draws": (
        HEAD + "def f(x1: one) -> one:\n    return x1 / np.mean(x1)\n",
        ["mine.py: f", "is not element-wise"],
    ),
    "a sum over draws": (
        HEAD + "def f(x1: one) -> one:\n    return np.cumsum(x1)\n",
        ["mine.py: f", "is not element-wise"],
    ),
    "random": (
        HEAD + "rng = np.random.default_rng(1)\ndef f(x1: one) -> one:\n    return x1 + rng.normal(size=x1.shape)\n",
        ["mine.py: f", "other values when it is called again", "an input with a prior"],
    ),
    "random with a seed": (
        HEAD + "def f(x1: one) -> one:\n    return x1 + np.random.default_rng(1).normal(size=x1.shape)\n",
        ["mine.py: f", "is not element-wise", "an input with a prior"],
    ),
    "writes into its input": (
        HEAD + "def f(x1: one) -> one:\n    x1 *= 2\n    return x1\n",
        ["mine.py: f: fails in line 6", "read-only"],
    ),
    "remembers behind a decorator": (
        HEAD
        + "from functools import wraps\ndef _count(f):\n    @wraps(f)\n    def call(x1):\n        call.times += 1\n"
        "        return f(x1) * call.times\n    call.times = 0.0\n    return call\n@_count\n"
        "def f(x1: one) -> one:\n    return x1\n",
        ["mine.py: f: gives other values when it is called again"],
    ),
    "stacks its inputs": (
        HEAD + "def f(x1: one, x2: one) -> one:\n    return np.max([x1, x2], axis=0)\n",
        ["mine.py: f", "with arrays that broadcast", "fails in line 6"],
    ),
}
GIVEN = {"x1": uniform("x1", half=1.0), "x2": uniform("x2", half=1.0), "h": 'h = "3 hours"\n'}


def refused(done, *words):
    assert done.returncode == 2 and done.stdout == ""
    assert "Traceback" not in done.stderr and 'File "' not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    return True


@pytest.mark.parametrize("name", BAD)
def test_a_bad_page_is_told_in_a_line(name, tmp_path, call):
    page, words = BAD[name]
    parameters = set(re.findall(r"\b(x1|x2|h)\b", page.partition("numpy")[2])) if "numpy" in page else ()
    write(tmp_path, page, inputs="".join(GIVEN[key] for key in sorted(parameters)))
    done = call("check", "model.toml", "--pages", "mine.py")
    assert refused(done, *words)
    assert done.stderr.count("\n") == 1


def test_a_bad_page_is_told_in_a_line_by_a_process(tmp_path, program):
    write(tmp_path, BAD["if"][0], inputs=GIVEN["x1"])
    for verb in ("run", "rank", "check", "cite"):
        assert refused(program(verb, "model.toml", "--pages", "mine.py"), *BAD["if"][1])


GOOD_PAGES = {
    "takes nothing that varies": "def f(h: hour) -> one:\n    return h / 6.0 / h\n",
    "constant": "def f(x1: one) -> one:\n    return 3.0\n",
    "of one of two": "def f(x1: one, x2: one) -> one:\n    return x2\n",
    "no number somewhere": "def f(x1: one) -> one:\n    return np.where(x1 > 0, np.log(x1), 0.0)\n",
    "annotated in quotes": "def f(x1: 'one', h: 'hour') -> 'hour':\n    return x1 * h\n",
    "a helper": "def _twice(x):\n    return 2.0 * x\ndef f(x1: one) -> one:\n    return _twice(x1)\n",
    "beyond NumPy": "from scipy.special import expit\ndef f(x1: one) -> one:\n    return expit(x1)\n",
    "decorated": "from functools import wraps\ndef _same(f):\n    @wraps(f)\n    def call(x1):\n"
    "        return f(x1)\n    return call\n@_same\ndef f(x1: one) -> one:\n    return x1\n",
}


@pytest.mark.parametrize("name", GOOD_PAGES)
def test_a_good_page_is_not_refused(name, tmp_path):
    page = GOOD_PAGES[name]
    parameters = sorted(
        set(re.findall(r"def f\(.*", page)[0].replace(":", " ").replace("(", " ").split()) & GIVEN.keys()
    )
    scenario = write(tmp_path, HEAD + page, inputs="".join(GIVEN[key] for key in parameters))
    assert check_scenario(scenario, [tmp_path / "mine.py"]).reported == ("f",)


GOOD = HEAD + "def f(x1: one) -> one:\n    return x1\n"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("gone.py", "gone.py: no such file"),
        (".", "expected a Python file"),
        ("folder.py", "is a folder; name a file that ends in .py"),
        ("model.toml", "expected a Python file"),
        ("my-page.py", "the file name is not a valid Python module name"),
        ("hardware.py", "has the name of a page of the simulator"),
        ("latin.py", "is not text in UTF-8"),
        ("null.py", "null.py"),
    ],
)
def test_a_file_that_is_no_page_is_told_in_a_line(file, words, tmp_path, call):
    write(tmp_path, GOOD, inputs=GIVEN["x1"])
    (tmp_path / "folder.py").mkdir()
    for name in ("my-page.py", "hardware.py"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")
    assert refused(call("run", "model.toml", "--pages", file), words)
    assert not (tmp_path / "outputs").exists()


def test_all_problems_of_all_pages_are_told_at_once(tmp_path, call):
    write(tmp_path, HEAD + "def f(x1) -> one:\n    return x1\ndef g(x2: one) -> int:\n    return x2\n")
    (tmp_path / "other.py").write_text("def\n")
    done = call("run", "model.toml", "--pages", "mine.py", "--pages", "other.py")
    assert refused(done, "mine.py: f", "mine.py: g", "other.py: line 1") and done.stderr.count("\n") == 3


def test_two_pages_of_one_name_or_quantity_are_refused(tmp_path):
    scenario = write(tmp_path, GOOD, inputs=GIVEN["x1"])
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "mine.py").write_text(GOOD.replace("f(", "g("))
    with pytest.raises(InputError, match="another page has this name"):
        load_scenario(scenario, [tmp_path / "mine.py", tmp_path / "far" / "mine.py"])
    (tmp_path / "other.py").write_text(GOOD)
    with pytest.raises(InputError, match="pages mine and other both compute f; keep one"):
        load_scenario(scenario, [tmp_path / "mine.py", tmp_path / "other.py"])


@pytest.mark.parametrize("named", ["mine.py", "./mine", "mine", "/etc/mine.py"])
def test_a_scenario_names_no_file_as_a_page(named, tmp_path):
    scenario = write(tmp_path, GOOD, inputs=GIVEN["x1"], top=f'pages = ["{named}"]')
    with pytest.raises(
        InputError, match=re.escape(f"no page '{named}'; a page of your own is given by the option `pages`")
    ):
        load_scenario(scenario)
    with pytest.raises(InputError, match="no page"):
        load_scenario(scenario, [tmp_path / "mine.py"])


def test_without_a_page_there_is_no_model(tmp_path, call):
    write(tmp_path, GOOD, inputs=GIVEN["x1"])
    assert refused(call("run", "model.toml"), "model.toml: pages: is missing; name at least one", "`pages`")
    assert refused(call("plot", "outputs", "--pages", "mine.py"), "is only for --priors")


def test_an_input_may_be_negative_unless_a_page_of_ours_takes_it(tmp_path):
    page = HEAD + "def f(x1: one, utilisation: one) -> one:\n    return x1 + utilisation\n"
    inputs = uniform("x1", "utilisation", half=1.0)
    scenario = write(tmp_path, page, inputs=inputs)
    assert set(load_scenario(scenario, [tmp_path / "mine.py"]).uncertain) == {"x1", "utilisation"}
    rest = 'embodied_gpu = "150 kg"\nembodied_server = "2500 kg"\nhardware_lifetime = "6 years"\n'
    scenario = write(tmp_path, page, inputs=inputs + rest, top='pages = ["hardware"]')
    with pytest.raises(InputError, match="utilisation.*goes from -1 to 1; expected values from 0 to 1") as caught:
        load_scenario(scenario, [tmp_path / "mine.py"])
    assert len(caught.value.problems) == 1


def test_a_page_states_the_limits_of_its_inputs(tmp_path):
    page = HEAD + "def f(x1: Annotated[FloatArray, '1', Limits(-2, 2)], x2: share) -> one:\n    return x1 + x2\n"
    page = page.replace("import one", "import FloatArray, Limits, share, one").replace(
        "import numpy", "from typing import Annotated\n\nimport numpy"
    )
    write(tmp_path, page, inputs="x1 = -1\nx2 = 0.5\n")
    assert set(load_scenario(tmp_path / "model.toml", [tmp_path / "mine.py"]).inputs) == {"x1", "x2"}
    scenario = write(tmp_path, page, inputs="x1 = -3\nx2 = 1.5\n")
    with pytest.raises(InputError) as caught:
        load_scenario(scenario, [tmp_path / "mine.py"])
    assert [problem.message for problem in caught.value.problems] == [
        "'x1' is -3; expected a value from -2 to 2",
        "'x2' is 1.5; expected a value from 0 to 1",
    ]


def test_what_only_shows_in_the_draws_ends_in_a_line(tmp_path, program):
    page = HEAD + "def f(x1: one) -> one:\n    if (x1 > 0.9999).any():\n        raise OverflowError('too much')\n"
    write(tmp_path, page + "    return x1\n", inputs=GIVEN["x1"])
    done = program("run", "model.toml", "--pages", "mine.py")
    assert done.returncode == 1 and done.stdout == "A model\n"
    assert done.stderr == "mine.py: f: fails in line 7: OverflowError: too much\n"
    assert not (tmp_path / "outputs" / "model").exists()


LATER = {  # what a page that is right in its trial does with more rows, and what is said of it
    "None": ("return None", "gives a NoneType; expected an array of floats"),
    "another shape": ("return x1[:5]", "gives an array of shape (5,) for (1000,)"),
    "objects": ("return x1.astype(object)", "gives values of type object"),
    "complex": ("return x1 + 1j", "gives values of type complex128"),
    "an error that cannot be printed": (
        "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})",
        "fails in line 7: Mute: it cannot say what (ZeroDivisionError)",
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_a_page_that_is_wrong_beyond_its_trial_is_told_in_a_line(name, tmp_path, call):
    does, said = LATER[name]
    page = HEAD + f"def f(x1: one) -> one:\n    if np.size(x1) > 100:\n        {does}\n    return x1\n"
    write(tmp_path, page, inputs=GIVEN["x1"])
    assert call("check", "model.toml", "--pages", "mine.py").returncode == 0
    done = call("run", "model.toml", "--pages", "mine.py", "--draws", 1000, "--threads", 1)
    assert done.returncode == 1 and done.stdout == "A model\n"
    assert done.stderr.startswith(f"mine.py: f: {said}") and done.stderr.count("\n") == 1


def test_a_page_that_closes_the_output_is_told_in_a_line_and_loses_nothing(tmp_path, program):
    page = HEAD + "import sys\ndef f(x1: one) -> one:\n    if np.size(x1) > 100:\n        sys.stdout.close()\n"
    write(tmp_path, page + "    return x1\n", inputs=GIVEN["x1"])
    done = program("run", "model.toml", "--pages", "mine.py", "--draws", 1000, "--no-plots")
    assert (done.returncode, done.stderr) == (1, "cannot print: a page has closed the output\n")
    assert load_result(tmp_path / "outputs" / "model").attrs["draws"] == 1000


def test_a_changed_page_makes_a_result_stale(tmp_path, call):
    write(tmp_path, GOOD, inputs=uniform("x1", "x2", half=1.0))
    page = tmp_path / "mine.py"
    page.write_text(HEAD + "def f(x1: one, x2: one) -> one:\n    return x1 + x2\n")
    stored = tmp_path / "outputs" / "model"
    assert call("run", "model.toml", "--pages", "mine.py", "--draws", "12345", "--no-plots").returncode == 0
    rank = ("rank", "model.toml", "--pages", "mine.py", "--n-base", 1024, "--no-plots")
    assert call(*rank).returncode == 0
    assert load_result(stored).attrs["draws"] == 12345
    page.write_text(page.read_text().replace("x1 + x2", "x1 - x2"))
    assert call(*rank).returncode == 0
    result = load_result(stored)
    assert result.attrs["draws"] == 12345 and page.read_text() in result.attrs["own_pages"]
    mine = result["prior"]["f"] - result["prior"]["x1"] + result["prior"]["x2"]
    assert not mine.values.any()


def test_an_imported_module_is_a_page(tmp_path):
    scenario = write(tmp_path, GOOD, inputs=uniform("x1", "x2", "x3", half=1.0))
    loaded = check_scenario(scenario, [own_page_module])
    assert loaded.reported == ("sum_of_squares",)
    assert loaded.own_pages == {"own_page_module": Path(own_page_module.__file__).read_text()}
    result = run(loaded, draws=1000)
    squares = sum(result["prior"][name] ** 2 for name in ("x1", "x2", "x3"))
    np.testing.assert_array_equal(result["prior"]["sum_of_squares"], squares)


# Another cluster on this machine takes the port of dask's page; that is no matter here.
def test_processes_that_have_no_such_file_give_the_bits_of_threads(tmp_path):
    page = HEAD + "SCALE = np.float64(3.0)\n\n\ndef scaled(x: one) -> one:\n    return _times(x)\n\n\n"
    page += "def _times(x):\n    return SCALE * x\n\n\ndef f(scaled: one, x2: one) -> one:\n    return scaled + x2\n"
    scenario = write(tmp_path, page, inputs=uniform("x", "x2", half=1.0))
    loaded = load_scenario(scenario, [tmp_path / "mine.py"])
    fails = HEAD + "def g(f: one) -> one:\n    if f.size > 99:\n        raise OSError('no')\n    return f\n"
    (tmp_path / "failing.py").write_text(fails)
    failing = load_scenario(scenario, [tmp_path / "mine.py", tmp_path / "failing.py"])
    of_modules = load_scenario(write(tmp_path, page, inputs=uniform("x1", "x2", "x3", half=1.0)), [own_page_module])
    (tmp_path / "mine.py").unlink()
    with executor("dask", 2) as on:
        far = summarise(loaded.model, ["f"], draws=300_000, seed=3, executor=on)["f"]
        imported = summarise(of_modules.model, ["sum_of_squares"], draws=1000, seed=3, executor=on)["sum_of_squares"]
        with pytest.raises(ModelError, match="failing.py: g: fails in line 7: OSError: no"):
            summarise(failing.model, ["g"], draws=1000, seed=3, executor=on)
    near = summarise(loaded.model, ["f"], draws=300_000, seed=3, executor=Threads(2))["f"]
    np.testing.assert_array_equal(far.low, near.low)
    np.testing.assert_array_equal(far.counts, near.counts)
    assert (far.mean, far.sd) == (near.mean, near.sd)
    assert imported.mean == summarise(of_modules.model, ["sum_of_squares"], draws=1000, seed=3)["sum_of_squares"].mean
