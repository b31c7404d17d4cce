"""Scenario files: what a good one says, and every problem of a bad one at once, each at its key."""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from simulator import run
from simulator.errors import InputError, UnusualValue
from simulator.priors import LARGEST_FILE, shipped_folder
from simulator.scenario import check_scenario, load_scenario

SHIPPED = sorted(path.stem for path in shipped_folder("scenarios").glob("*.toml"))

# The inputs of the pages `deployment_reported` and `total`, as TOML.
SMALL = {
    "deployment_reported_footprint": '"19 kg/day"',
    "deployment_days": '"18 days"',
    "requests_per_hour": '"558 requests/hour"',
}
TOP = 'title = "small"\npages = ["deployment_requests", "deployment_reported", "total"]\n'


FLEET = {
    "deployment_reported_footprint": None,
    "deployment_gpu_count": "8",
    "gpu_tdp": '"400 W"',
    "deployment_tdp_fraction": '"80 %"',
    "deployment_host_overhead": "1.3",
    "deployment_pue": "1",
}


def scenario(top=TOP, tail="", **inputs):
    """Return the text of a small scenario, with some inputs given another value or, by None, left out."""
    given = {key: value for key, value in {**SMALL, **inputs}.items() if value is not None}
    return top + "[inputs]\n" + "".join(f"{key} = {value}\n" for key, value in given.items()) + tail


def fleet(**inputs):
    """Return the text of a scenario of a fleet of GPUs."""
    return scenario('title = "fleet"\npages = ["deployment_requests", "deployment_fleet"]\n', **{**FLEET, **inputs})


def reference(**keys):
    """Return a table of a published value as TOML, with some keys given another value or left out."""
    table = {"quantity": '"total_footprint"', "value": '"300 kg"', "label": '"someone"', **keys}
    return "[[references]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items() if value is not None)


@pytest.fixture
def write(tmp_path):
    """Write files below a folder of the test's own; return the last."""

    def write(text, name="small.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problems(path, load=load_scenario):
    """Return the problems of a bad file, all of which name it, by key."""
    with pytest.raises(InputError) as caught:
        load(path)
    found = caught.value.problems
    assert {problem.file for problem in found} == {str(path)}
    lines = str(caught.value).splitlines()
    assert len(lines) == len(found) and all(line.isprintable() and len(line) < 1000 for line in lines)
    by_key = {}
    for problem in found:
        key = problem.key if problem.key.isprintable() else repr(problem.key)[1:-1]
        by_key.setdefault(key, []).append(problem.message)
    return by_key


def simulator(*arguments, cwd, **options):
    """Run the program as a user would."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "simulator", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, cwd=cwd, env=environment, check=False, timeout=20, **options)


def everything_below(folder):
    return {path: path.read_bytes() if path.is_file() else b"" for path in Path(folder).rglob("*")}


# Good files.


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_is_good(name):
    assert check_scenario(name).name == name


def test_a_scenario_holds_what_its_file_says(write):
    text = scenario(top='description = "why"\n' + TOP, tail=reference(value='"0.3 t"', source='{ title = "A" }'))
    loaded = load_scenario(write(text))
    assert (loaded.name, loaded.title, loaded.description) == ("small", "small", "why")
    assert loaded.text == text
    assert set(loaded.inputs) == {*SMALL, "hours_per_day"}
    assert [(r.quantity, r.value, r.label, "; ".join(map(str, r.sources))) for r in loaded.references] == [
        ("total_footprint", 300.0, "someone", "A")
    ]


def test_what_is_reported_is_found_once():
    """Runs ask for it for each quantity, and finding it looks at all of them."""
    loaded = load_scenario("gpt4-iowa")
    assert loaded.reported is loaded.reported and loaded.shares is loaded.shares


def test_a_value_at_its_limit_is_none_beyond_it(write):
    assert load_scenario(write(fleet())).inputs["deployment_pue"].distribution.value == 1


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ('"18 days"', 18),
        ('"432 hours"', 18),
        ('"432 h"', 18),
        ('" 18days "', 18),
        ('"2 weeks"', 14),
        ('{ distribution = "fixed", value = 18, unit = "day" }', 18),
        ('{ distribution = "fixed", value = 432, unit = "hour" }', 18),
    ],
)
def test_a_quantity_is_converted_to_the_unit_of_the_equations(write, given, value):
    item = load_scenario(write(scenario(deployment_days=given))).inputs["deployment_days"]
    assert item.unit == "day"
    assert item.distribution.value == pytest.approx(value, rel=1e-12)


def test_a_distribution_is_converted_to_the_unit_of_the_equations(write):
    given = '{ distribution = "uniform", low = 240, high = 480, unit = "hour" }'
    item = load_scenario(write(scenario(deployment_days=given))).inputs["deployment_days"]
    assert item.prior.unit == "hour"
    assert item.distribution.ppf(np.array([0.25, 0.5])) == pytest.approx([12.5, 15])
    assert item.distribution.support == pytest.approx((10, 20))


def test_the_origin_of_each_input():
    loaded = load_scenario("bloom-deployment")
    origins = {name: item.origin for name, item in loaded.inputs.items()}
    assert origins["deployment_gpu_count"] == origins["deployment_days"] == "scenario"
    assert origins["gpu_tdp"] == "library"
    assert origins["gpus_per_server"] == "default"
    assert origins["hours_per_day"] == "constant"
    assert loaded.inputs["gpu_tdp"].prior.name == "hardware/a100-tdp"
    assert loaded.inputs["gpus_per_server"].prior.name == "defaults/gpus_per_server"


def test_a_scenario_can_replace_a_constant(write):
    loaded = load_scenario(write(scenario(hours_per_day='"23 hour/day"')))
    assert (loaded.inputs["hours_per_day"].origin, loaded.inputs["hours_per_day"].distribution.value) == (
        "scenario",
        23,
    )


INTENSITY = """
[{}]
distribution = "uniform"
low = {}
high = {}
unit = "g/kWh"
source = {{ title = "A meter" }}
"""
TWO_STAGES = shipped_folder("scenarios").joinpath("gpt4-iowa.toml").read_text(encoding="utf-8").split("[[ref")[0]
TWO_STAGES = TWO_STAGES.replace('"total"', '"deployment_requests", "deployment_fleet", "deployment", "total"') + (
    'deployment_gpu_count = 16\ndeployment_days = "18 days"\ndeployment_tdp_fraction = 0.5\n'
    'deployment_host_overhead = 1.3\ndeployment_pue = 1.1\nrequests_per_hour = "558 requests/hour"\n'
)


@pytest.mark.parametrize(
    ("training", "deployment", "same"),
    [
        ('"grid/us-ia"', '"grid/us-ia"', True),
        ('"grid/us-ia"', '{ prior = "grid/us-ia", as = "later" }', False),
        ('{ prior = "grid/us-ia", as = "sooner" }', '{ prior = "grid/us-ia", as = "later" }', False),
        ('{ prior = "grid/us-ia", as = "later" }', '{ prior = "grid/us-ia", as = "later" }', True),
        ('{ prior = "grid/us-ia", as = "x" }', '{ prior = "grid/ca-qc", as = "x" }', False),
    ],
)
def test_one_reference_is_one_fact_and_as_makes_it_another(write, training, deployment, same):
    text = TWO_STAGES.replace('training_grid_intensity = "grid/us-ia"', f"training_grid_intensity = {training}")
    loaded = load_scenario(write(text + f"deployment_grid_intensity = {deployment}\n"))
    inputs = [f"{stage}_grid_intensity" for stage in ("training", "deployment")]
    names = [loaded.inputs[name].prior.name for name in inputs]
    assert (names[0] == names[1]) is same
    rows = run(loaded, draws=100, seed=1)["prior"]
    assert bool((rows[inputs[0]] == rows[inputs[1]]).all()) is same
    assert len(np.unique(rows[inputs[0]])) == 100


@pytest.mark.parametrize(
    ("key", "low"),
    [
        ("us-ia", 100),  # in all three folders: the one beside the scenario
        ("fr", 200),  # in the current folder and shipped: the current folder
        ("ca-qc", None),  # shipped alone, in a file that both other folders have too
    ],
)
def test_a_users_own_priors_win_key_by_key(write, tmp_path, monkeypatch, key, low):
    write(INTENSITY.format("us-ia", 100, 110), "study/priors/grid.toml")
    write(INTENSITY.format("us-ia", 200, 210) + INTENSITY.format("fr", 200, 210), "priors/grid.toml")
    text = (
        TWO_STAGES.split("deployment_gpu")[0]
        .replace('"deployment_requests", "deployment_fleet", "deployment", ', "")
        .replace("grid/us-ia", f"grid/{key}")
    )
    monkeypatch.chdir(tmp_path)
    item = load_scenario(write(text, "study/small.toml")).inputs["training_grid_intensity"]
    lowest = 1000 * item.distribution.support[0]
    assert lowest == pytest.approx(low or 0)  # shipped intensities are lognormal
    assert item.prior.name == f"grid/{key}"


def test_a_scenario_gives_factors_of_impacts_for_runs_that_ask_for_them(write):
    plain = load_scenario("gpt4-iowa")
    assert "training_water_intensity" not in plain.inputs
    wet = load_scenario("gpt4-iowa", ["impact_water"])
    assert wet.inputs["training_water_intensity"].prior.name == "facility/ewif-us-ia"
    with pytest.raises(InputError, match=r"inputs.person_year: expected a quantity such as .*got 4") as caught:
        load_scenario(write(plain.text.replace("[inputs]\n", "[inputs]\nperson_year = 4\n")))
    assert len(caught.value.problems) == 1


def test_a_users_own_default_wins(write):
    write('[gpus_per_server]\ndistribution = "fixed"\nvalue = 4\nsource = { title = "A" }\n', "priors/defaults.toml")
    with pytest.warns(UnusualValue, match="a100-server-embodied' is meant for gpus_per_server 8, not 4"):
        inputs = load_scenario(write(TWO_STAGES + 'deployment_grid_intensity = "grid/fr"\n')).inputs
    assert (inputs["gpus_per_server"].origin, inputs["gpus_per_server"].distribution.value) == ("default", 4)
    assert inputs["embodied_network_ratio"].origin == "default"


def test_a_file_wins_over_a_shipped_scenario_of_its_name(write, tmp_path, monkeypatch):
    write(scenario(), "bloom-log.toml")
    monkeypatch.chdir(tmp_path)
    assert load_scenario("bloom-log.toml").title == "small"
    assert load_scenario("bloom-log").title == load_scenario("scenarios/bloom-log.toml").title != "small"


# Bad files: the text, and for each key that must be named what its message must say.


def days(table):
    """Return the text of a scenario with this value for an input in days."""
    return scenario(deployment_days=table)


def uniform(keys):
    return days(f'{{ distribution = "uniform", low = 17, high = 18, unit = "day", {keys} }}')


HERE = "inputs.deployment_days"
BAD = {
    "empty": ("", {"": ["is empty"]}),
    "nothing but a comment": ("# nothing\n", {"": ["is empty"]}),
    "not TOML": ("title = \n", {"": ["is not TOML", "line 1"]}),
    "JSON": ('{"title": 1}', {"": ["is not TOML"]}),
    "a key twice": (scenario() + 'deployment_days = "18 days"\n', {"": ["is not TOML", "line 7"]}),
    "a NUL": (scenario() + "\0", {"": ["is not TOML", "line 7"]}),
    "an escape outside a string": (scenario() + "\x1b[31m", {"": ["is not TOML"]}),
    "Latin-1": (scenario(top='title = "é"\n').encode("latin-1"), {"": ["UTF-8"]}),
    "UTF-16": (scenario().encode("utf-16"), {"": ["UTF-8"]}),
    "bytes": (bytes(range(256)), {"": ["UTF-8"]}),
    "too large": (b"#" * (LARGEST_FILE + 1), {"": ["larger than", "MB"]}),
    "deep list": ("a = " + "[" * 100_000, {"": ["is not TOML"]}),
    "deep table": ("a = " + "{a = " * 90_000, {"": ["is not TOML"]}),
    "deep list for an input": (days("[" * 200 + "]" * 200), {HERE: ["95 days"]}),
    "top: unknown key": ("titel = 1\n" + scenario(), {"titel": ["unknown key", "'title'"]}),
    "top: nothing known": ("a = 1\n", {"a": ["unknown key"], "title": ["missing"], "pages": ["missing"]}),
    "top: misspelt key": (
        scenario(top=TOP.replace("title", "titel")),
        {"titel": ["unknown key", "'title'"]},
    ),
    "title: number": (scenario(top=TOP.replace('"small"', "1")), {"title": ["a text", "got 1"]}),
    "title: list": (scenario(top=TOP.replace('"small"', "[]")), {"title": ["a text", "got []"]}),
    "title: too long": (scenario(top=TOP.replace("small", "x" * 201)), {"title": ["too long"]}),
    "description: number": (scenario(top="description = 1.5\n" + TOP), {"description": ["a text", "got 1.5"]}),
    "description: too long": (scenario(top=f'description = "{"x" * 5000}"\n' + TOP), {"description": ["too long"]}),
    "pages: missing": (scenario(top='title = "x"\n'), {"pages": ["missing"]}),
    "pages: none": (scenario(top='title = "x"\npages = []\n'), {"pages": ["at least one"]}),
    "pages: text": (scenario(top='title = "x"\npages = "total"\n'), {"pages": ["a list", "'total'"]}),
    "pages: number": (scenario(top='title = "x"\npages = ["total", 1]\n'), {"pages.2": ["a text", "got 1"]}),
    "pages: unknown": (
        scenario(top='title = "x"\npages = ["trainig", "../total"]\n'),
        {"pages": ["'trainig'", "'training'", "'../total'", "deployment_fleet"]},
    ),
    "pages: clash": (
        scenario(top='title = "x"\npages = ["deployment", "deployment_reported", "hardware"]\n'),
        {"pages": ["deployment and deployment_reported", "deployment_electricity_footprint", "keep one"]},
    ),
    "pages: one twice": (scenario(top='title = "x"\npages = ["total", "total"]\n'), {"pages": ["total"]}),
    "inputs: list": (TOP + "inputs = []\n", {"inputs": ["a table", "got []"]}),
    "inputs: text": (TOP + 'inputs = "x"\n', {"inputs": ["a table", "got 'x'"]}),
    "inputs: none": (
        TOP,
        {
            "inputs.deployment_days": ["no prior", "[day]", "deployment_requests.deployment_hours"],
            "inputs.deployment_reported_footprint": ["no prior", "[kgCO2e/day]"],
            "inputs.requests_per_hour": ["no prior", "[1/hour]"],
        },
    ),
    "input: missing": (days(None), {HERE: ["no prior", "[day]", "deployment_requests.deployment_hours"]}),
    "input: misspelt": (
        scenario(deployment_days=None, deployment_dais='"18 days"'),
        {"inputs.deployment_dais": ["no equation", "'deployment_days'"], HERE: ["no prior"]},
    ),
    "input: of another page": (scenario(gpu_tdp='"400 W"'), {"inputs.gpu_tdp": ["no equation"]}),
    "input: computed": (
        scenario(deployment_footprint='"342 kg"'),
        {"inputs.deployment_footprint": ["computed", "deployment_reported"]},
    ),
    "quantity: another unit": (days('"18 kg"'), {HERE: ["'18 kg'", "95 days", "wrong dimension"]}),
    "quantity: unknown unit": (days('"18 dais"'), {HERE: ["'18 dais'", "95 days", "not a known unit"]}),
    "quantity: no unit": (days('"18"'), {HERE: ["'18'", "95 days", "no unit"]}),
    "quantity: number": (days("18"), {HERE: ["got 18", "95 days", "no unit"]}),
    "quantity: float": (days("18.5"), {HERE: ["got 18.5", "95 days", "no unit"]}),
    "quantity: comma": (days('"1,000 days"'), {HERE: ["'1,000 days'", "95 days"]}),
    "quantity: range": (days('"17-18 days"'), {HERE: ["'17-18 days'", "95 days"]}),
    "quantity: too large": (days('"1e999 days"'), {HERE: ["'1e999 days'", "too large"]}),
    "quantity: too large once converted": (days('"1e308 years"'), {HERE: ["too large"]}),
    "quantity: negative": (days('"-18 days"'), {HERE: ["is -18 day", "from 0 up"]}),
    "quantity: tower of powers": (days('"1 day**9**9**9"'), {HERE: ["95 days"]}),
    "quantity: infinite text": (days('"inf days"'), {HERE: ["'inf days'"]}),
    "number: with a unit": (
        scenario(top='title = "x"\npages = ["hardware"]\n', utilisation='"85 kg"'),
        {
            "inputs.utilisation": ["a number", "'85 kg'", "wrong dimension"],
            "inputs.hardware_lifetime": ["no prior"],
            "inputs.embodied_gpu": ["no prior"],
            "inputs.embodied_server": ["no prior"],
            **{f"inputs.{key}": ["no equation"] for key in SMALL},
        },
    ),
    "value: boolean": (days("true"), {HERE: ["95 days", "got true"]}),
    "value: list": (days("[18]"), {HERE: ["95 days", "a range is { distribution", "got [18]"]}),
    "value: date": (days("1979-05-27"), {HERE: ["95 days", "got 1979-05-27"]}),
    "value: not a number": (days("nan"), {HERE: ["95 days", "got nan"]}),
    "value: infinite": (days("inf"), {HERE: ["95 days", "got inf"]}),
    "value: large integer": (days("1" + "0" * 4000), {HERE: ["95 days"]}),
    # Fail: a ValueError of Python's, which does not write such numbers in decimal.
    "value: huge integer": (days("0x1" + "0" * 5000), {HERE: ["95 days"]}),
    "parameter: huge integer": (uniform("mean = 0x1" + "0" * 5000), {f"{HERE}.mean": ["a finite number"]}),
    "title: huge integer": (scenario(top=TOP.replace('"small"', "0x1" + "0" * 5000)), {"title": ["a text"]}),
    "value: empty text": (days('""'), {HERE: ["a quantity such as", "'training/gpt4-days'", "got ''"]}),
    "value: empty table": (days("{}"), {f"{HERE}.distribution": ["missing"]}),
    "prior: unknown": (days('"grid/us-iaa"'), {HERE: ["'grid/us-iaa'", "did you mean 'grid/us-ia'"]}),
    "prior: unknown, in a table": (
        days('{ prior = "grid/us-iaa", as = "x" }'),
        {f"{HERE}.prior": ["did you mean 'grid/us-ia'"]},
    ),
    "prior: number": (days("{ prior = 1 }"), {f"{HERE}.prior": ["'training/gpt4-days'", "got 1"]}),
    "prior: another unit": (days('"grid/us-ia"'), {HERE: ["wrong dimension", "'grid/us-ia'", "gCO2e/kWh", "day"]}),
    "prior: as a number": (days('{ prior = "grid/fr", as = 1 }'), {f"{HERE}.as": ["got 1"]}),
    "prior: as nothing": (days('{ prior = "grid/fr", as = "" }'), {f"{HERE}.as": ["got ''"]}),
    "prior: as a long name": (days(f'{{ prior = "grid/fr", as = "{"x" * 101}" }}'), {f"{HERE}.as": ["xxx"]}),
    "prior: unknown key": (days('{ prior = "grid/fr", ass = "x" }'), {f"{HERE}.ass": ["unknown key", "'as'"]}),
    "prior: long name": (days(f'"{"x" * 300}/y"'), {HERE: ["a quantity"]}),
    "prior: very long name": (days(f'"{"x/" * 200_000}"'), {HERE: ["a quantity"]}),
    "prior: a country by its name": (
        fleet(deployment_pue='"country/ireland"'),
        {"inputs.deployment_pue": ["did you mean 'country/irl'?", "such as 'facility/pue-academic'"]},
    ),
    "prior: another file": (days('"grid/ireland"'), {HERE: ["did you mean 'grid/ie'?"]}),
    "prior: nothing like it": (days('"grid/zz"'), {HERE: ["got 'grid/zz'"]}),
    "quantity: decimal comma": (days('"1,4 days"'), {HERE: ["write decimals with a point"]}),
    "quantity: range in words": (days('"17 to 18 days"'), {HERE: ["a range is a distribution"]}),
    "not TOML: decimal comma": (days("1,4"), {"": ["line 5", "decimals have a point, such as 1.4"]}),
    "not TOML: no quotes": (days("18 days"), {"": ["line 5", 'quantities stand in quotes, such as "400 W"']}),
    "not TOML: typographic quotes": (days("“18 days”"), {"": ["line 5", "straight quotes"]}),
    "not TOML: range": (days("17-18 days"), {"": ["line 5", "a range is { distribution"]}),
    "reference: by its label": (
        scenario(tail=reference(quantity='"total"')),
        {"references.1.quantity": ["did you mean 'total_footprint'?"]},
    ),
    "family: missing": (days('{ low = 1, high = 2, unit = "day" }'), {f"{HERE}.distribution": ["missing"]}),
    "family: unknown": (
        days('{ distribution = "unifrm", low = 1, high = 2, unit = "day" }'),
        {f"{HERE}.distribution": ["'unifrm'", "did you mean 'uniform'", "lognormal"]},
    ),
    "family: number": (days("{ distribution = 1 }"), {f"{HERE}.distribution": ["uniform", "got 1"]}),
    "parameters: of another family": (
        days('{ distribution = "normal", low = 17, high = 18, unit = "day" }'),
        {f"{HERE}.low": ["unknown key"], f"{HERE}.high": ["unknown key"]},
    ),
    "parameters: misspelt": (
        days('{ distribution = "uniform", low = 17, hihg = 18, unit = "day" }'),
        {f"{HERE}.hihg": ["unknown key", "'high'"]},
    ),
    "parameters: too few": (
        days('{ distribution = "uniform", low = 17, unit = "day" }'),
        {HERE: ["low, high", "p05, p95", "mean, sd", "got low"]},
    ),
    "parameters: too many": (uniform("mean = 17"), {HERE: ["low, high", "got high, low, mean"]}),
    "parameters: none": (days('{ distribution = "uniform", unit = "day" }'), {HERE: ["low, high", "nothing"]}),
    "parameter: text": (
        days('{ distribution = "uniform", low = "17 days", high = 18, unit = "day" }'),
        {f"{HERE}.low": ["a number", "'17 days'"]},
    ),
    # Fail: both are taken as numbers.
    "parameter: boolean": (
        days('{ distribution = "uniform", low = true, high = 18, unit = "day" }'),
        {f"{HERE}.low": ["a number", "true"]},
    ),
    "parameter: number as text": (
        days('{ distribution = "uniform", low = "17", high = 18, unit = "day" }'),
        {f"{HERE}.low": ["a number", "'17'"]},
    ),
    "parameter: not a number": (
        days('{ distribution = "uniform", low = nan, high = 18, unit = "day" }'),
        {f"{HERE}.low": ["a finite number", "nan"]},
    ),
    "parameter: infinite": (
        days('{ distribution = "uniform", low = 17, high = inf, unit = "day" }'),
        {f"{HERE}.high": ["a finite number", "inf"]},
    ),
    "parameters: low above high": (
        days('{ distribution = "uniform", low = 18, high = 17, unit = "day" }'),
        {HERE: ["low must be below high", "18 and 17"]},
    ),
    "parameters: p05 above p95": (
        days('{ distribution = "lognormal", p05 = 18, p95 = 17, unit = "day" }'),
        {HERE: ["p05 must be below p95", "18 and 17"]},
    ),
    "parameters: negative sd": (
        days('{ distribution = "normal", mean = 17, sd = -1, unit = "day" }'),
        {HERE: ["sd must be above 0", "-1"]},
    ),
    "parameters: mode outside": (
        days('{ distribution = "pert", low = 17, mode = 19, high = 18, unit = "day" }'),
        {HERE: ["low <= mode <= high", "17, 19 and 18"]},
    ),
    "parameters: out of range": (
        days('{ distribution = "lognormal", mean = 1, sd = 1e200, unit = "day" }'),
        {HERE: ["range of numbers"]},
    ),
    # Fail: infinite or no number at all, and let pass, or said to be negative, or a warning of NumPy's.
    "parameters: too far apart": (
        days('{ distribution = "uniform", low = -1e308, high = 1e308, unit = "day" }'),
        {HERE: ["range of numbers"]},
    ),
    "parameters: too large": (
        days('{ distribution = "normal", mean = 1e308, sd = 1e308, unit = "day" }'),
        {HERE: ["range of numbers"]},
    ),
    "parameters: too large once converted": (
        days('{ distribution = "uniform", low = 1, high = 1e308, unit = "year" }'),
        {HERE: ["range of numbers"]},
    ),
    "parameters: too wide to compute": (
        days('{ distribution = "triangular", low = 0, mode = 1, high = 1e308, unit = "day" }'),
        {HERE: ["range of numbers"]},
    ),
    "parameters: not to be solved": (
        days('{ distribution = "beta", p05 = 0.1, p95 = 0.1000000001, unit = "day" }'),
        {HERE: ["no distribution"]},
    ),
    "bounds: reversed": (uniform("bounds = [18, 17]"), {f"{HERE}.bounds": ["bounds must be in order", "18 and 17"]}),
    "bounds: outside": (uniform("bounds = [19, 20]"), {HERE: ["bounds [19, 20]", "of the distribution"]}),
    "bounds: not a number": (uniform("bounds = [nan, 18]"), {f"{HERE}.bounds": ["bounds", "nan and 18"]}),
    "bounds: one": (uniform("bounds = [17]"), {f"{HERE}.bounds": ["two numbers", "[17]"]}),
    "bounds: three": (uniform("bounds = [17, 18, 19]"), {f"{HERE}.bounds": ["17, 18, 19"]}),
    "bounds: text": (uniform('bounds = "17 to 18"'), {f"{HERE}.bounds": ["two numbers", "'17 to 18'"]}),
    "bounds: table": (uniform("bounds = { low = 17 }"), {f"{HERE}.bounds": ["two numbers"]}),
    "negative: uniform": (
        days('{ distribution = "uniform", low = -1, high = 18, unit = "day" }'),
        {HERE: ["goes from -1 to 18 day", "expected values from 0 up", "bounds = [0, inf]"]},
    ),
    "negative: normal": (
        days('{ distribution = "normal", mean = 18, sd = 9, unit = "day" }'),
        {HERE: ["expected values from 0 up", "bounds = [0, inf]"]},
    ),
    "limits: a percentage without its sign": (
        fleet(deployment_tdp_fraction="80"),
        {"inputs.deployment_tdp_fraction": ["is 80", "from 0 to 2"]},
    ),
    "limits: no GPUs": (fleet(deployment_gpu_count="0"), {"inputs.deployment_gpu_count": ["is 0; ", "above 0"]}),
    "limits: perhaps no GPUs": (
        fleet(deployment_gpu_count='{ distribution = "normal", mean = 8, sd = 4 }'),
        {"inputs.deployment_gpu_count": ["expected values above 0: bounds = [0, inf]"]},
    ),
    "limits: a PUE below 1": (fleet(deployment_pue="0.99"), {"inputs.deployment_pue": ["is 0.99", "from 1 up"]}),
    "limits: in the unit of the prior": (
        fleet(deployment_pue='{ distribution = "uniform", low = 80, high = 105, unit = "%" }'),
        {"inputs.deployment_pue": ["from 80 to 105 %", "from 100 up", "bounds = [100, inf]"]},
    ),
    "unit: another": (
        days('{ distribution = "uniform", low = 17, high = 18, unit = "kg" }'),
        {f"{HERE}.unit": ["'kg'", "wrong dimension", "in day"]},
    ),
    "unit: missing": (
        days('{ distribution = "uniform", low = 17, high = 18 }'),
        {f"{HERE}.unit": ["missing", "day"]},
    ),
    "unit: missing, though of no dimension": (
        scenario(hours_per_day='{ distribution = "fixed", value = 24 }'),
        {"inputs.hours_per_day.unit": ["missing", "hour/day"]},
    ),
    "unit: unknown": (
        days('{ distribution = "uniform", low = 17, high = 18, unit = "dais" }'),
        {f"{HERE}.unit": ["'dais'", "not a known unit"]},
    ),
    "unit: empty": (
        days('{ distribution = "uniform", low = 17, high = 18, unit = "" }'),
        {f"{HERE}.unit": ["not a unit"]},
    ),
    "unit: number": (
        days('{ distribution = "uniform", low = 17, high = 18, unit = 1 }'),
        {f"{HERE}.unit": ["a text", "got 1"]},
    ),
    "unit: long": (
        days(f'{{ distribution = "uniform", low = 17, high = 18, unit = "{"a " * 200_000}" }}'),
        {f"{HERE}.unit": ["too long"]},
    ),
    "source: text": (uniform('source = "A paper"'), {f"{HERE}.source": ["title", "judgement", "'A paper'"]}),
    "source: number": (uniform("source = 1"), {f"{HERE}.source": ["title", "judgement", "got 1"]}),
    "source: no title": (uniform("source = { year = 2020 }"), {f"{HERE}.source": ["title"]}),
    "source: unknown key": (uniform('source = { title = "A", yr = 2020 }'), {f"{HERE}.source": ["title"]}),
    "source: list of texts": (uniform('source = ["A", "B"]'), {f"{HERE}.source": ["title"]}),
    "source: judgement without a note": (uniform('source = "judgement"'), {f"{HERE}.note": ["missing", "judgement"]}),
    "note: number": (uniform("note = 1"), {f"{HERE}.note": ["a text", "got 1"]}),
    "note: long": (uniform(f'note = "{"x" * 5000}"'), {f"{HERE}.note": ["too long"]}),
    "one prior, three problems": (
        days('{ distribution = "uniform", low = 1, high = 2, sigma = 1, unit = "dais", source = "judgement" }'),
        {f"{HERE}.sigma": ["unknown key"], f"{HERE}.unit": ["'dais'"], f"{HERE}.note": ["missing"]},
    ),
    "reference: unknown quantity": (
        scenario(tail=reference(quantity='"total_footprnt"')),
        {"references.1.quantity": ["'total_footprnt'", "did you mean 'total_footprint'"]},
    ),
    "reference: another unit": (
        scenario(tail=reference() + reference(value='"300 kWh"')),
        {"references.2.value": ["'300 kWh'", "wrong dimension"]},
    ),
    "reference: no unit": (scenario(tail=reference(value="300")), {"references.1.value": ["300", "no unit"]}),
    "reference: no quantity": (scenario(tail=reference(value='"many"')), {"references.1.value": ["'many'"]}),
    "reference: too large": (scenario(tail=reference(value='"1e308 t"')), {"references.1.value": ["too large"]}),
    # Fail: numbered from 0 where the others are from 1, or named `references.0.value.constrained-str`.
    "reference: nothing": (
        scenario(tail="[[references]]\n"),
        {f"references.1.{key}": ["missing"] for key in ("quantity", "value", "label")},
    ),
    "reference: unknown key": (
        scenario(tail=reference(sourc='"x"')),
        {"references.1.sourc": ["unknown key", "'source'", "title", "'x'"]},
    ),
    "reference: list": (scenario(tail=reference(value="[]")), {"references.1.value": ["got []"]}),
    "reference: label a number": (scenario(tail=reference(label="1")), {"references.1.label": ["a text", "got 1"]}),
    "reference: source": (scenario(tail=reference(source='"x"')), {"references.1.source": ["title", "'x'"]}),
    "references: table": (scenario(tail='[references]\nquantity = "x"\n'), {"references": ["a list"]}),
    "references: text": (scenario(top='references = "x"\n' + TOP), {"references": ["a list", "'x'"]}),
    "five problems among inputs and references": (
        scenario(
            deployment_days='"18 kg"',
            deployment_reported_footprint='{ distribution = "lognormal", p05 = 2, p95 = 1, unit = "kg/day" }',
            requests_per_hour='"grid/us-iaa"',
            request_per_hour='"1/hour"',
            tail=reference(quantity='"total_footprnt"'),
        ),
        {
            HERE: ["wrong dimension"],
            "inputs.deployment_reported_footprint": ["p05 must be below p95"],
            "inputs.requests_per_hour": ["'grid/us-ia'"],
            "inputs.request_per_hour": ["'requests_per_hour'"],
            "references.1.quantity": ["'total_footprint'"],
        },
    ),
    # Fail: a problem at the top hides those below it.
    "six problems, two at the top": (
        scenario(
            top="descripton = 1\n" + TOP,
            deployment_days='"18 kg"',
            deployment_reported_footprint='{ distribution = "normal", mean = 20, sd = -1, unit = "kg/day" }',
            request_per_hour='"1/hour"',
            tail=reference(quantity='"total_footprnt"'),
        ),
        {
            "descripton": ["'description'", "a text", "got 1"],
            HERE: ["wrong dimension"],
            "inputs.deployment_reported_footprint": ["sd must be above 0"],
            "inputs.request_per_hour": ["'requests_per_hour'"],
            "references.1.quantity": ["'total_footprint'"],
        },
    ),
    "five problems, one of them a page": (
        'titel = "x"\npages = ["trainig"]\n[[references]]\nlabel = 1\n',
        {
            "titel": ["'title'"],
            "pages": ["'training'"],
            "references.1.quantity": ["missing"],
            "references.1.value": ["missing"],
            "references.1.label": ["a text"],
        },
    ),
    # Fail: keys are shown as they are, so that they can colour, forge and flood what is printed.
    "a key that forges a line": (
        scenario(tail='"x: fine\\nother.toml: good" = 1\n'),
        {r"inputs.x: fine\nother.toml: good": ["no equation"]},
    ),
    "a key of control characters": (
        '"\\u001b[31mred\\u0007\\u009b" = 1\n' + scenario(),
        {r"\x1b[31mred\x07\x9b": ["unknown key"]},
    ),
    "a key of 100,000 letters": (scenario(**{"x" * 100_000: "1"}), {"inputs." + "x" * 40: ["no equation"]}),
    "control characters as a value": (days('"18 \\u001b[31mdays"'), {HERE: [r"'18 \x1b[31mdays'"]}),
    "control characters as a unit": (
        days('{ distribution = "fixed", value = 1, unit = "\\u001b[31m" }'),
        {f"{HERE}.unit": [r"'\x1b[31m'"]},
    ),
    "control characters as a page": (
        scenario(top='title = "x"\npages = ["\\u001b[31m"]\n'),
        {"pages": [r"'\x1b[31m'"]},
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_names_every_problem_at_its_key(case, write):
    text, wanted = BAD[case]
    found = problems(write(text))
    shown = {key[:47] if "x" * 40 in key else key: messages for key, messages in found.items()}
    assert set(shown) == set(wanted)
    for key, words in wanted.items():
        assert [word for word in words if word not in "\n".join(shown[key])] == []


@pytest.mark.parametrize(
    "case",
    [
        "empty",
        "not TOML",
        "bytes",
        "top: misspelt key",
        "pages: unknown",
        "quantity: another unit",
        "value: large integer",
        "prior: unknown",
        "reference: unknown quantity",
        "five problems among inputs and references",
        # Fail: raw escape sequences; a traceback.
        "a key of control characters",
        "value: huge integer",
    ],
)
def test_a_bad_file_ends_the_program_with_2_and_all_its_problems(case, write, tmp_path):
    text, wanted = BAD[case]
    path = write(text)
    before = everything_below(tmp_path)
    done = simulator("check", path.name, cwd=tmp_path)
    errors = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b"")
    assert "Traceback" not in errors
    for key in wanted:
        assert f"{path.name}: {key}" in errors
    assert errors.replace("\n", "").isprintable()
    assert everything_below(tmp_path) == before


def test_the_problems_of_all_files_are_printed_and_the_good_one_is_not_run(write, tmp_path):
    names = ["good.toml", "first.toml", "second.toml", "gpt4-iwoa"]
    for name, text in zip(names, [scenario(), days('"18 kg"'), scenario(gpu_tdp='"400 W"')], strict=False):
        write(text, name)
    before = everything_below(tmp_path)
    done = simulator("run", *names, "--draws", 100, cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert [line.split(": ")[:2] for line in lines] == [
        ["first.toml", "inputs.deployment_days"],
        ["gpt4-iwoa", "no such file; did you mean 'gpt4-iowa'?"],
        ["second.toml", "inputs.gpu_tdp"],
    ]
    assert everything_below(tmp_path) == before


# References cannot leave the library.


@pytest.mark.parametrize(
    "name",
    [
        "../bait/x",
        "../../bait/x",
        "..",
        "../",
        ".",
        "/",
        "~",
        "~/bait/x",
        "/etc/passwd",
        "/etc/passwd/x",
        "grid/../../x",
        "grid/us-ia/",
        "grid//us-ia",
        "./grid/us-ia",
        "grid.toml/us-ia",
        "grid/",
        "grid",
        "below/bait/x",
        "below\\\\bait/x",
        "gr\\u0000id/us-ia",
        "*/us-ia",
        "gri?/us-ia",
        "GRID/us-ia",
    ],
)
def test_a_reference_stays_in_the_library(name, write):
    bait = '[x]\ndistribution = "fixed"\nvalue = 1\nunit = "day"\nsource = { title = "A" }\n'
    for place in ("bait.toml", "study/bait.toml", "study/priors/below/bait.toml"):
        write(bait, place)
    found = problems(write(days(f'"{name}"'), "study/small.toml"))
    assert set(found) == {HERE} and "a prior of the library" in found[HERE][0]


def test_the_bait_would_be_taken_inside_the_library(write):
    """The control of the test above."""
    write('[x]\ndistribution = "fixed"\nvalue = 1\nunit = "day"\nsource = { title = "A" }\n', "priors/bait.toml")
    assert load_scenario(write(days('"bait/x"'))).inputs["deployment_days"].distribution.value == 1


# Files of priors that are bad: the problem is in that file, at the prior's own key.


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("", "", "is empty"),
        ("[us-ia", "", "is not TOML"),
        (b"\xff", "", "UTF-8"),
        ('us-ia = "400 g/kWh"\n', "us-ia", "a table with a distribution"),
        ('[us-ia]\nlow = 1\nsource = "judgement"\nnote = "x"\n', "us-ia.distribution", "missing"),
        (INTENSITY.format("us-ia", 2, 1), "us-ia", "low must be below high"),
        (INTENSITY.format("us-ia", "'x'", 1), "us-ia.low", "a number"),
        (INTENSITY.format("us-ia", 1, 2).replace("source", "sauce"), "us-ia.sauce", "'source'"),
        (INTENSITY.format("us-ia", 1, 2).replace("g/kWh", "g/kwh"), "us-ia.unit", "not a known unit"),
        (INTENSITY.format("us-ia", 1, 2).split("source")[0], "us-ia.source", "missing"),
        (INTENSITY.format("us-ia", 1, 2).replace('{ title = "A meter" }', '"judgement"'), "us-ia.note", "missing"),
        (INTENSITY.format("us-ia", 1, 2).replace('{ title = "A meter" }', "[]"), "us-ia.source", "title"),
    ],
)
def test_a_bad_file_of_priors_is_named_itself(write, tmp_path, text, key, words):
    priors = write(text, "priors/grid.toml")
    iowa = shipped_folder("scenarios").joinpath("gpt4-iowa.toml").read_text(encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(write(iowa))
    assert {(problem.file, problem.key) for problem in caught.value.problems} == {(str(priors), key)}
    assert words in str(caught.value)


def test_a_broken_file_of_priors_hides_no_problem_of_the_scenario(write):
    write("[x", "priors/broken.toml")
    path = write(days('"grid/us-iaa"'))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert (str(path), HERE) in {(problem.file, problem.key) for problem in caught.value.problems}


# Values that are allowed, and unusual.

USUAL = {
    "a GPU in kW": (
        fleet(gpu_tdp='"700 kW"'),
        ["inputs.gpu_tdp: is 700 kW, usually 0.01 to 5 kW: check the unit"],
    ),
    "a PUE in percent": (
        fleet(deployment_pue='{ distribution = "uniform", low = 120, high = 160 }'),
        ["inputs.deployment_pue: is 140, usually 1 to 3: check the unit"],
    ),
    "both": (
        fleet(deployment_pue="3.01", gpu_tdp='"400 kW"'),
        [
            "inputs.deployment_pue: is 3.01, usually 1 to 3: check the unit",
            "inputs.gpu_tdp: is 400 kW, usually 0.01 to 5 kW: check the unit",
        ],
    ),
    "a tail beyond": (fleet(deployment_pue='{ distribution = "uniform", low = 1, high = 4 }'), []),
}
SERVICE = shipped_folder("scenarios").joinpath("request-experts.toml").read_text(encoding="utf-8")
DENSE = SERVICE.replace('"model/experts-active"', "70e9").replace('"model/experts-total"', "10e9")
USUAL["more parameters used than there are"] = (
    DENSE,
    ["inputs.active_parameters: is 7e+10, usually at most 1e+10, as total_parameters is: check the unit"],
)


def test_a_model_of_no_parameters_is_refused(write):
    path = write(SERVICE.replace('"model/experts-active"', "0"))
    with pytest.raises(InputError, match="inputs.active_parameters: '.*' is 0; expected a value above 0"):
        load_scenario(path)


@pytest.mark.parametrize("case", USUAL)
def test_an_unusual_median_is_a_warning_that_names_the_key_and_what_is_usual(case, write):
    text, lines = USUAL[case]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        path = write(text)
        load_scenario(path)
    assert [str(item.message) for item in told] == [f"{path}: {line}" for line in lines]
    assert {item.category for item in told} <= {UnusualValue}


def test_a_warning_is_a_line_and_no_error(write, tmp_path):
    done = simulator("check", write(USUAL["both"][0]).name, cwd=tmp_path)
    assert done.returncode == 0 and b"small.toml: valid: " in done.stdout
    assert done.stderr.decode().splitlines() == [f"small.toml: {line}" for line in USUAL["both"][1]]


SCOPED = """
[busy]
distribution = "uniform"
low = 0.6
high = 0.9
source = { title = "A meter" }
scope = "fleets of 64 or more"
valid_for = { deployment_gpu_count = [64, inf], gpu_tdp = ["300 W", "800 W"] }
"""


@pytest.mark.parametrize(
    ("count", "watts", "lines"),
    [
        (64, 800, []),
        (8, 400, ["deployment_gpu_count from 64 up, not 8"]),
        (8, 200, ["deployment_gpu_count from 64 up, not 8", "gpu_tdp from 0.3 to 0.8 kW, not 0.2"]),
    ],
)
def test_a_prior_outside_its_scope_is_a_warning(write, count, watts, lines):
    write(SCOPED, "priors/own.toml")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        text = fleet(deployment_tdp_fraction='"own/busy"', deployment_gpu_count=count, gpu_tdp=f'"{watts} W"')
        path = write(text)
        load_scenario(path)
    start = f"{path}: inputs.deployment_tdp_fraction: its prior 'own/busy' is meant for"
    assert [str(item.message) for item in told] == [
        f"{start} {line}; its scope: fleets of 64 or more" for line in lines
    ]


@pytest.mark.parametrize(
    ("ends", "key", "words"),
    [
        ('["300 W"]', "busy.valid_for.gpu_tdp", "two numbers, or two quantities with their units"),
        ('["300 days", "400 days"]', "busy.valid_for.gpu_tdp", "has the wrong dimension"),
        ("[300, 800]", "busy.valid_for.gpu_tdp", "it has no unit"),
        ('["800 W", "300 W"]', "busy.valid_for.gpu_tdp", "a lower and then a higher end, got 800 W and 300 W"),
        ("[inf, -inf]", "busy.valid_for.gpu_tdp", "a lower and then a higher end, got inf and -inf"),
    ],
)
def test_a_bad_scope_is_told_with_the_file_of_the_prior(write, ends, key, words):
    path = write(SCOPED.replace('["300 W", "800 W"]', ends), "priors/own.toml")
    with pytest.raises(InputError) as caught:
        load_scenario(write(fleet(deployment_tdp_fraction='"own/busy"', deployment_gpu_count=64)))
    assert [(problem.file, problem.key) for problem in caught.value.problems] == [(str(path), key)]
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("scope", "line"),
    [
        ('gpu_tdp = ["500 W", inf]', "{0}: its prior {1!r} is meant for gpu_tdp from 0.5 kW up, not 0.4"),
        ('gpu_tdp = [-inf, "300 W"]', "{0}: its prior {1!r} is meant for gpu_tdp up to 0.3 kW, not 0.4"),
        ("gpu_tpd = [1, 2]", "{0}.valid_for.gpu_tpd: is no input of these pages, so it is not checked; did you mean"),
    ],
)
def test_the_scope_of_a_prior_in_the_file_itself(write, scope, line):
    key = "deployment_tdp_fraction"
    prior = f'{{ distribution = "uniform", low = 0.6, high = 0.9, valid_for = {{ {scope} }} }}'
    path = write(fleet(**{key: prior, "deployment_gpu_count": 64, "gpu_tdp": '"400 W"'}))
    with pytest.warns(UserWarning, match=re.escape(f"{path}: {line.format(f'inputs.{key}', key)}")) as told:
        load_scenario(path)
    assert len(told) == 1 and "its scope" not in str(told[0].message)


def test_ends_the_wrong_way_round_are_told_at_the_prior_of_the_file(write):
    prior = '{ distribution = "uniform", low = 0.6, high = 0.9, valid_for = { gpu_tdp = ["5 W", "3 W"] } }'
    with pytest.raises(InputError) as caught:
        load_scenario(write(fleet(deployment_tdp_fraction=prior, gpu_tdp='"400 W"')))
    assert [problem.key for problem in caught.value.problems] == ["inputs.deployment_tdp_fraction.valid_for.gpu_tdp"]


# Files that cannot be read.


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpt4-iwa", "no such file; did you mean 'gpt4-iowa'?"),
        ("gpt4", "no such file; did you mean 'gpt4-iowa'?"),
        ("gpt4-iwa.toml", "no such file; did you mean 'gpt4-iowa'?"),
        ("scenarios/bloom-lgo.toml", "no such file; did you mean 'bloom-log'?"),
        ("nothing/like/it.toml", "no such file"),
        ("../gpt4-iowa", "no such file; did you mean 'gpt4-iowa'?"),
        (".", "is a folder"),
        ("..", "is a folder"),
        ("/", "is a folder"),
        ("good.toml/x", "cannot be read"),
        ("good.toml/x.toml", "cannot be read"),
        ("circle.toml", "cannot be read"),
        ("dangling.toml", "no such file"),
        ("with\0nul.toml", "not a file name"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name, words, write, tmp_path, monkeypatch):
    write(scenario(), "good.toml")
    (tmp_path / "circle.toml").symlink_to("circle.toml")
    (tmp_path / "dangling.toml").symlink_to("nothing.toml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        load_scenario(name)
    (problem,) = caught.value.problems
    assert problem.key == "" and words in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads any file")
def test_a_file_without_the_right_to_read_it_says_so(write):
    path = write(scenario())
    path.chmod(0)
    assert "Permission denied" in problems(path)[""][0]


def test_a_file_in_a_folder_that_may_not_be_entered_says_so(write, tmp_path):
    path = write(scenario(), "locked/small.toml")
    path.parent.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        found = problems(path)
    finally:
        os.seteuid(user)
        path.parent.chmod(0o700)
    assert "Permission denied" in found[""][0]


# Fail: the first waits for a writer for ever, the second a minute (a key costs the square of its parts).
@pytest.mark.parametrize("kind", ["pipe without a writer", "key of 50,000 parts"])
def test_a_file_does_not_hang_the_program(kind, write, tmp_path):
    if kind == "pipe without a writer":
        os.mkfifo(tmp_path / "small.toml")
    else:
        write("a" + ".a" * 50_000 + " = 1\n")
    command = [sys.executable, "-c", "import sys; from simulator import load_scenario; load_scenario(sys.argv[1])"]
    with pytest.raises(subprocess.CalledProcessError) as caught:
        subprocess.run([*command, tmp_path / "small.toml"], check=True, timeout=3, capture_output=True)
    assert b"InputError" in caught.value.stderr


LONG_KEY = "a." * 101 + "a"


@pytest.mark.parametrize(
    "text",
    [
        f'"\\"".{LONG_KEY}."" = 1\n',  # an escaped quote, behind which nothing seems to be outside of quotes
        f'"\u2028".{LONG_KEY} = 1\n',  # which parts lines for Python, not for TOML
        f"'\u2028'.{'a.' * 60}'\u2028'.{'a.' * 60}a = 1\n",
        f'x = """\n"""\n{LONG_KEY} = 1\n',
        f"[{LONG_KEY}]\n",
        f"x = {{ {LONG_KEY} = 1 }}\n",
        f"{LONG_KEY.replace('.', ' . ')} = 1\n",
        f"{LONG_KEY} = 1\r\n",
    ],
)
def test_a_dotted_key_of_many_parts_is_refused_however_it_is_hidden(text, write):
    """Python's parser takes time and memory as the square of the parts."""
    assert "has over 100 dots; break the line" in problems(write("title = 1\n" + text))[""][0]


def test_dots_on_many_lines_are_no_long_key(write):
    note = "\n".join(["A sentence. " * 20] * 10)
    assert load_scenario(write(uniform(f"note = '''{note}'''"))).title == "small"


def test_the_text_that_is_kept_is_the_text_that_was_checked(tmp_path):
    command = "from simulator import load_scenario; print(load_scenario('/dev/stdin').text, end='')"
    text = scenario()
    done = subprocess.run(
        [sys.executable, "-c", command], input=text, capture_output=True, text=True, check=False, timeout=10
    )
    assert done.stdout == text or "InputError" in done.stderr


def test_a_byte_order_mark_is_no_problem(write):
    assert load_scenario(write("\ufeff" + scenario())).title == "small"


# What reaches the terminal and the disk.


def test_a_run_reads_no_markup_in_the_file(write, tmp_path):
    text = scenario(
        top=TOP.replace("small", "[bold]title[/bold]"),
        tail=reference(label='"[red]label[/x]"'),
        deployment_days='{ distribution = "uniform", low = 17, high = 18, unit = "day" }',
    )
    done = simulator("run", write(text).name, "--draws", 100, "--no-plots", cwd=tmp_path)
    printed = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "[bold]title[/bold]" in printed and "[red]label[/x]" in printed
    assert printed.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("title", scenario(top=TOP.replace("small", r"\u001b[31mred\u0007"))),
        ("references.1.label", scenario(tail=reference(label=r'"\u001b]0;window\u0007"'))),
        (
            "inputs.deployment_days.note",
            scenario(
                deployment_days='{ distribution = "uniform", low = 17, high = 18, unit = "day", note = "\\u009b" }'
            ),
        ),
    ],
)
def test_text_that_a_terminal_would_obey_is_refused(write, tmp_path, place, text):
    done = simulator("check", write(text).name, cwd=tmp_path)
    assert done.returncode == 2
    problem = done.stderr.decode()
    assert f"{place}: holds a control character" in problem and problem.replace("\n", "").isprintable()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_the_progress_bar_reads_no_markup_in_a_title():
    program = """if True:
        import sys
        from simulator.cli import terminal
        terminal.SILENCE = -1.0  # seconds
        with terminal.progress_bar(sys.argv[1], False, {}) as progress:
            progress("draws", 0.5)
    """
    terminal, child = os.openpty()
    done = subprocess.run(
        [sys.executable, "-c", program, "[red]title[/red] [/x]"],
        stdout=subprocess.DEVNULL,
        stderr=child,
        env={**os.environ, "COLUMNS": "120", "TERM": "xterm"},
        check=False,
        timeout=20,
    )
    printed = os.read(terminal, 100_000)
    os.close(terminal)
    os.close(child)
    assert done.returncode == 0
    assert b"[red]title[/red] [/x]" in printed


def test_results_stay_in_the_output_folder(write, tmp_path):
    names = ["...toml", "..toml", ".toml"]
    for name in names:
        write(scenario(), name)
    simulator("run", *names, "--draws", 100, "--no-plots", "--quiet", "--output", "one/two", cwd=tmp_path)
    written = {path for path in tmp_path.rglob("*") if path.is_file() and path.name not in names}
    assert [path for path in written if not path.is_relative_to(tmp_path / "one" / "two")] == []


@pytest.mark.parametrize("name", ["\x1b[31mred.toml", "new\nline.toml"])
def test_a_file_name_is_printed_without_its_control_characters(name, write, tmp_path):
    write(days('"18 kg"'), name)
    done = simulator("check", name, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().removesuffix("\n").isprintable()
