"""The schemas for editors: current, and of one mind with the program about what is good and what is not."""

import copy
import json
import tomllib

import jsonschema
import pytest

from simulator.cli import command_line
from simulator.errors import InputError
from simulator.priors import Library, shipped_folder
from simulator.scenario import read_scenario
from simulator.scenario.schema import KINDS, schema

ROOT = shipped_folder("priors").parent
FILES = {
    "scenario": sorted(path for path in (ROOT / "scenarios").rglob("*.toml") if path.parent.name != "priors"),
    "priors": sorted([*(ROOT / "priors").glob("*.toml"), *(ROOT / "scenarios").rglob("priors/*.toml")]),
}
CHECKS = {kind: jsonschema.Draft202012Validator(schema(kind)) for kind in KINDS}


def refuses(kind, table):
    return not CHECKS[kind].is_valid(table)


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_in_the_checkout_are_what_the_program_prints(kind, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["simulator", "schema", kind])
    assert command_line() == 0
    printed = capsys.readouterr().out
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
    stored = ROOT / "schemas" / f"{kind}.schema.json"
    assert stored.read_text(encoding="utf-8") == printed, f"simulator schema {kind} > schemas/{stored.name}"


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind in KINDS for path in FILES[kind]], ids=str)
def test_every_shipped_file_is_good(kind, path):
    problems = CHECKS[kind].iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))
    assert [problem.message for problem in problems] == []


SCENARIO = tomllib.loads((shipped_folder("scenarios") / "gpt4-iowa.toml").read_text(encoding="utf-8"))
METALOG = {"distribution": "metalog", "low": 0, "p025": 60, "p50": 200, "unit": "kg"}
PRIOR = {"distribution": "lognormal", "p05": 70, "p95": 370, "unit": "kg", "source": "judgement", "note": "a guess"}
# Where to change the scenario, and to what; the program and the schema refuse all of them.
WRONG = {
    "unknown key": (["titel"], "x"),
    "title is a number": (["title"], 3),
    "no such page": (["pages"], ["hardwear"]),
    "no such input": (["inputs", "gpu_tpd"], 400),
    "input is a list": (["inputs", "gpu_tdp"], [400]),
    "no such family": (["inputs", "gpu_tdp"], {**PRIOR, "distribution": "lognormale"}),
    "unknown parameter": (["inputs", "embodied_gpu"], {**PRIOR, "p5": 70}),
    "parameter is a text": (["inputs", "embodied_gpu"], {**PRIOR, "p05": "70"}),
    "quantile of no family": (["inputs", "gpu_tdp"], {"distribution": "fixed", "p05": 1, "unit": "W"}),
    "three bounds": (["inputs", "embodied_gpu"], {**PRIOR, "bounds": [1, 2, 3]}),
    "source without a title": (["inputs", "embodied_gpu"], {**PRIOR, "source": {"year": 2020}}),
    "another basis": (["inputs", "embodied_gpu"], {**PRIOR, "basis": "hearsay"}),
    "unknown key beside prior": (["inputs", "embodied_gpu"], {"prior": "hardware/a100-embodied", "is": "x"}),
    "correlation with one": (["correlations"], [{"between": ["embodied_gpu"], "rank": 0.5}]),
    "rank above 1": (["correlations"], [{"between": ["embodied_gpu", "utilisation"], "rank": 1.5}]),
    "reference without a value": (["references"], [{"quantity": "total_footprint", "label": "x"}]),
}
RIGHT = {
    "a number": (["inputs", "training_gpu_count"], 25_000),
    "a quantity": (["inputs", "gpu_tdp"], "400 W"),
    "a library's prior": (["inputs", "embodied_gpu"], "hardware/h100-embodied"),
    "a prior under another name": (["inputs", "training_pue"], {"prior": "facility/pue-hyperscaler", "as": "ours"}),
    "quantiles of any name": (
        ["inputs", "embodied_gpu"],
        METALOG,
    ),
    "a prior in place": (["inputs", "embodied_gpu"], PRIOR),
    "a mixture": (
        ["inputs", "embodied_gpu"],
        {
            "distribution": "mixture",
            "unit": "kg",
            "components": [{"weight": 0.5, **PRIOR}, {"weight": 0.5, "prior": "hardware/h100-embodied"}],
        },
    ),
    "an own correlation": (["correlations"], [{"between": ["embodied_gpu", "utilisation"], "rank": -0.5}]),
}


def changed(case):
    (*above, last), value = case
    table = copy.deepcopy(SCENARIO)
    place = table
    for key in above:
        place = place[key]
    place[last] = value
    return table


def read(table):
    library = Library((shipped_folder("priors"),))
    return read_scenario(table, "", name="test", file="test.toml", library=library)


@pytest.mark.parametrize("case", WRONG)
def test_what_the_program_refuses_of_shape_an_editor_underlines(case):
    table = changed(WRONG[case])
    with pytest.raises(InputError):
        read(table)
    assert refuses("scenario", table)


@pytest.mark.parametrize("case", RIGHT)
def test_what_the_program_takes_no_editor_underlines(case):
    table = changed(RIGHT[case])
    assert read(table)
    assert not refuses("scenario", table)


def test_a_prior_of_a_library_needs_its_source():
    assert not refuses("priors", {"it": PRIOR})
    assert refuses("priors", {"it": {key: value for key, value in PRIOR.items() if key != "source"}})


def test_an_editor_shows_the_unit_of_every_input_and_who_needs_it():
    inputs = schema("scenario")["properties"]["inputs"]["properties"]
    assert (
        inputs["gpu_tdp"]["description"]
        == "[kW], for deployment_fleet, deployment_tokens, deployment_traffic, tokens_by_llmcarbon, "
        "tokens_by_throughput, training, training_by_green_algorithms, training_by_tdp"
    )
    assert inputs.keys() >= SCENARIO["inputs"].keys()
