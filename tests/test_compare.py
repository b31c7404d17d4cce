"""Scenarios beside each other: closed forms, common draws, and sweeps that are killed and go on."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray

from simulator import run
from simulator.analyses.compare import Comparison, compare, job_digest
from simulator.analyses.sensitivity.ranking import rank
from simulator.analyses.settings import CompareSettings
from simulator.cli import command_line
from simulator.distributions import build_distribution
from simulator.errors import InputError
from simulator.model import GaussianCopula, compose
from simulator.present.wording.comparison import sentence
from simulator.results import DatasetFolder, save_result
from simulator.sampling.draws import summarise
from simulator.sampling.executors import executor
from simulator.scenario import Scenario, load_scenario
from simulator.scenario.variants import load_scenarios, variants
from simulator.units import one
from tests import models

IOWA, QUEBEC = load_scenario("gpt4-iowa"), load_scenario("gpt4-quebec")


def join(first, second, quantity):
    return about([first, second], quantity, 1000, 1).contrast_with(second)


def about(scenarios, quantity, draws, seed):
    return Comparison(scenarios, CompareSettings(quantity=quantity, draws=draws, seed=seed))


def compared(comparison, parts=None, executor=None):
    return compare(comparison.scenarios, parts, executor=executor, **dataclasses.asdict(comparison.settings))


def footprint(grid: one, rest: one) -> one:
    return grid * rest


def lognormal(median, sigma):
    return build_distribution("lognormal", {"mu": np.log(median), "sigma": sigma})


def two(shared):
    """CASES 10: A = G LN(0, .1) and B = 1.2 G LN(0, .1), with G = LN(0, .8) the same fact or another."""
    first = models.scenario(footprint, grid=lognormal(1.0, 0.8), rest=lognormal(1.0, 0.1))
    second = models.scenario(footprint, grid=lognormal(1.0, 0.8), rest=lognormal(1.2, 0.1))
    return renamed(first, "a", rest="rest of a"), renamed(
        second, "b", rest="rest of b", **({} if shared else {"grid": "grid of b"})
    )


def renamed(scenario, name, **identities):
    """Return a scenario under a name, some of whose inputs are facts of their own."""
    inputs = {
        key: dataclasses.replace(
            item, prior=dataclasses.replace(item.prior, name=identities.get(key, item.prior.name))
        )
        for key, item in scenario.inputs.items()
    }
    return dataclasses.replace(scenario, name=name, model=dataclasses.replace(scenario.model, inputs=inputs))


@pytest.fixture
def call(capfd, monkeypatch, tmp_path):
    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["simulator", *map(str, arguments)])
        code = command_line()
        printed = capfd.readouterr()
        return code, printed.out, printed.err

    monkeypatch.chdir(tmp_path)
    return run


@pytest.mark.parametrize(("shared", "probability"), [(True, 0.90133712), (False, 0.56352267)])
def test_the_probability_is_that_of_the_closed_form(tmp_path, shared, probability):
    comparison = about(two(shared), "footprint", 1_000_000, 1)
    item = compared(comparison, DatasetFolder(tmp_path / "parts")).isel(scenario=1)
    # Four Monte Carlo standard errors.
    assert float(item["above_first"]) == pytest.approx(probability, abs=4 * float(item["above_first_mcse"]))
    assert float(item["below_first"] + item["above_first"]) == pytest.approx(1, abs=1e-12)
    assert float(item["above_first_mcse"]) == pytest.approx((probability * (1 - probability) / 1e6) ** 0.5, rel=0.01)


def test_difference_and_ratio_are_those_of_the_closed_form():
    first, second = two(shared=True)
    item = compared(about([first, second], "footprint", 1_000_000, 1)).isel(scenario=1)
    interval = item["interval"].sel(statistic="ratio", ci_prob=0.9)
    error = item["interval_mcse"].sel(statistic="ratio", ci_prob=0.9).values
    np.testing.assert_array_less(np.abs(interval.values - [0.95094802, 1.51427835]), 4 * error)
    both = join(first, second, "footprint")
    difference = summarise(both.model, [both.difference], draws=1_000_000, seed=1)[both.difference]
    # Four standard errors of a mean, and of a standard deviation that heavy tails make five times as uncertain.
    assert difference.mean == pytest.approx(0.27680613, abs=4 * 0.39720839e-3)
    assert difference.sd == pytest.approx(0.39720839, rel=0.02)


@pytest.mark.parametrize("draws", [20_000, 200_000])
def test_ties_are_neither_below_nor_above(draws):
    """A fixed 1 beside 0.5, 1 and 2 with 0.1, 0.6 and 0.3."""
    other = build_distribution("discrete", {"values": [0.5, 1.0, 2.0], "weights": [0.1, 0.6, 0.3]})
    first, second = (models.scenario(models.alone, x1=value) for value in (1.0, other))
    pair = [renamed(first, "a"), renamed(second, "b", x1="x1 of b")]
    data = compared(about(pair, "alone", draws, 1))
    item = data.isel(scenario=1)
    for side, probability in (("below", 0.1), ("equal_to", 0.6), ("above", 0.3)):
        error = float(item[f"{side}_first_mcse"])
        assert float(item[f"{side}_first"]) == pytest.approx(probability, abs=4 * error)
    assert float(item["estimate"].sel(statistic="difference")) == 0.0
    said = sentence(data, 1)
    assert said.startswith("b is higher than a with probability 30") or "with probability 29" in said
    assert ", lower with " in said and ", the same with 60" in said.replace("59.", "60.")


def test_a_scenario_is_itself():
    data = compared(about([IOWA, IOWA], "total_footprint", 50_000, 1)).isel(scenario=1)
    assert float(data["estimate"].sel(statistic="difference")) == 0
    assert data["interval"].sel(statistic="difference").values.ravel().tolist() == [0.0] * 4
    assert float(data["estimate"].sel(statistic="ratio")) == 1
    assert float(data["below_first"]) == float(data["above_first"]) == 0 and float(data["equal_to_first"]) == 1


def test_what_is_common_is_drawn_and_computed_once():
    both = join(IOWA, QUEBEC, "total_footprint")
    inputs, equations = both.model.inputs, both.model.book.equations
    assert {name for name in inputs if name.endswith(")")} == {
        f"training_{what} ({name})" for what in ("pue", "grid_intensity") for name in ("gpt4-iowa", "gpt4-quebec")
    }
    assert "training_it_energy" in equations and "training_energy (gpt4-iowa)" in equations
    assert "training_embodied_footprint" in equations
    summaries = summarise(both.model, [both.first, both.second], draws=200_000, seed=1)
    for name, scenario in ((both.first, IOWA), (both.second, QUEBEC)):
        alone = summarise(scenario.model, ["total_footprint"], draws=200_000, seed=1)["total_footprint"]
        np.testing.assert_array_equal(summaries[name].quantile([0.05, 0.5, 0.95]), alone.quantile([0.05, 0.5, 0.95]))


def test_the_difference_depends_on_what_is_not_common():
    both = join(IOWA, QUEBEC, "total_footprint")
    ranked = rank(Scenario(name="both", title="", model=both.model), both.difference).isel(quantity=0, measure=0)
    assert str(ranked["input"].values[0]) == "training_grid_intensity (gpt4-iowa)"
    # What manufacture emits is the same in both, so the difference does not depend on it.
    assert abs(ranked["value"].sel(input="embodied_gpu")) < 1e-3
    assert float(ranked["value"].sum()) == pytest.approx(1, abs=1e-3)  # what chance took below 0 counts as 0


def test_facts_that_go_together_do_so_across_scenarios():
    """An A100 in one and an H100 in the other share the method that assessed them: 0.8 by the library."""
    llama2, llama3 = load_scenario("llama2"), load_scenario("llama3")
    both = join(llama2, llama3, "training_gpu_footprint")
    (group,) = (g for g in both.model.copulas if "hardware/h100-embodied" in g.keys)
    places = [group.keys.index(f"hardware/{gpu}-embodied") for gpu in ("a100", "h100")]
    assert group.correlations[places[0]][places[1]] == pytest.approx(0.81)


def test_a_pattern_stands_for_the_priors_in_the_unit_of_the_input():
    """The library's file of grids also holds a multiplier, which has no unit."""
    names = [made.name for made in variants("gpt4-iowa", ["training_grid_intensity=grid/*"])]
    assert {"grid/us-ia", "grid/fr"} < set(names) and "grid/marginal-multiplier" not in names


def test_what_contradicts_is_said(tmp_path):
    text = 'title = "x"\npages = ["deployment_requests", "deployment_reported", "total"]\n[inputs]\n'
    text += 'deployment_days = { distribution = "uniform", low = 1, high = 2, unit = "day" }\n'
    text += 'deployment_reported_footprint = { distribution = "uniform", low = 1, high = 2, unit = "kg/day" }\n'
    text += 'requests_per_hour = "5 requests/hour"\n[[correlations]]\n'
    text += 'between = ["deployment_days", "deployment_reported_footprint"]\nrank = '
    for name, value in (("a", 0.3), ("b", 0.5)):
        (tmp_path / f"{name}.toml").write_text(f"{text}{value}\n", encoding="utf-8")
    first, second = load_scenarios([str(tmp_path)]).values()
    with pytest.raises(InputError, match="a and b: correlations: .* are not correlated alike in both"):
        join(first, second, "total_footprint")
    # Silence is a statement too: there they are independent, or as the library has them.
    (tmp_path / "c.toml").write_text(text.partition("[[correlations]]")[0], encoding="utf-8")
    silent = load_scenario(tmp_path / "c.toml")
    for pair in ((first, silent), (silent, first)):
        with pytest.raises(InputError, match="are not correlated alike in both"):
            join(*pair, "total_footprint")
    overridden = IOWA.text + '[[correlations]]\nbetween = ["training_tdp_fraction", "host_overhead"]\nrank = 0.2\n'
    (tmp_path / "d.toml").write_text(overridden, encoding="utf-8")
    with pytest.raises(InputError, match="hardware/host-overhead and hardware/power-fraction-training are not"):
        join(IOWA, load_scenario(tmp_path / "d.toml"), "total_footprint")
    assert join(first, first, "total_footprint").model.copulas == first.model.copulas


LOADINGS = """
title = "loadings"
pages = ["hardware", "training_schedule", "training", "total"]
[inputs]
training_gpu_count = { distribution = "lognormal", median = 1000, gsd = 2 }
training_days = { distribution = "lognormal", median = 30, gsd = 2, unit = "day" }
training_grid_intensity = { distribution = "lognormal", median = 300, gsd = 1.5, unit = "g/kWh" }
gpu_tdp = "400 W"
training_tdp_fraction = 0.8
host_overhead = 1.4
training_pue = 1.1
embodied_gpu = "150 kg"
embodied_server = "2500 kg"
hardware_lifetime = "5 years"
utilisation = 0.7
embodied_network_ratio = 0.1
[[correlations]]
between = ["training_gpu_count", "training_days", "training_grid_intensity"]
loadings = [0.95, 0.95, 0.95]
"""


def test_dependence_survives_a_subset(tmp_path):
    """Energy needs two of the three inputs that share a factor: alone and compared, it has the same draws."""
    for name, text in (("a", LOADINGS), ("b", LOADINGS.replace("training_pue = 1.1", "training_pue = 1.2"))):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    first, second = load_scenarios([str(tmp_path)]).values()
    both = join(first, second, "training_energy")
    beside = summarise(both.model, [both.first], draws=20_000, seed=1)[both.first]
    expected = summarise(first.model, ["training_energy"], draws=20_000, seed=1)["training_energy"]
    np.testing.assert_array_equal(beside.low, expected.low)


def test_an_input_that_is_uncertain_in_one_scenario_alone_may_correlate_there(tmp_path):
    known = LOADINGS.replace('{ distribution = "lognormal", median = 300, gsd = 1.5, unit = "g/kWh" }', '"300 g/kWh"')
    known = known.replace(', "training_grid_intensity"]', "]").replace("0.95, 0.95, 0.95", "0.95, 0.95")
    for name, text in (("a", LOADINGS), ("b", known)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    first, second = load_scenarios([str(tmp_path)]).values()
    (copula,) = join(first, second, "training_footprint").model.copulas
    assert copula == first.model.copulas[0]


def test_variants_of_a_correlated_input_drop_its_correlation_where_it_is_known(tmp_path):
    (tmp_path / "a.toml").write_text(LOADINGS, encoding="utf-8")
    for made in variants(str(tmp_path / "a.toml"), ["training_days=10 days,20 days"]):
        (copula,) = made.model.copulas
        assert copula.keys == ("training_gpu_count", "training_grid_intensity")


SERVICE = """
title = "service"
pages = ["deployment_requests", "deployment_reported", "total"]
[inputs]
deployment_days = { distribution = "uniform", low = LOW, high = HIGH, unit = "day"NAME }
deployment_reported_footprint = "19 kg/day"
requests_per_hour = "558 requests/hour"
"""


def services(folder, name):
    for file, low in (("x", 10), ("y", 12)):
        text = SERVICE.replace("LOW", str(low)).replace("HIGH", str(low + 10)).replace("NAME", name)
        (folder / f"{file}.toml").write_text(text, encoding="utf-8")
    return about(list(load_scenarios([str(folder)]).values()), "total_footprint", 100_000, 1)


def test_inline_priors_that_differ_are_drawn_apart_unless_as_joins_them(tmp_path):
    """U(10, 20) and U(12, 22): the second is larger with probability 1 - 0.8^2 / 2, or always if drawn together."""
    comparison = services(tmp_path, "")
    data = compared(comparison, DatasetFolder(tmp_path / "apart" / "parts"))
    assert data.attrs["drawn_apart"] == ["deployment_days (y)"]
    error = 4 * np.sqrt(0.68 * 0.32 / 100_000)
    assert float(data["above_first"].isel(scenario=1)) == pytest.approx(0.68, abs=error)
    data = compared(services(tmp_path, ', as = "one service"'))
    assert data.attrs["drawn_apart"] == []
    assert float(data["above_first"].isel(scenario=1)) == 1.0


SERVED = """
title = "served"
pages = ["deployment_requests", "deployment_tokens"]
[inputs]
requests_per_hour = "558 requests/hour"
deployment_days = "1 day"
prompt_tokens = 100
output_tokens = 300
prefill_ratio = 0
active_parameters = SIZE
total_parameters = SIZE
bytes_per_weight = 2
token_energy_discrepancy = "serving/token-discrepancy-dense"
batch_size = BATCH
serving_overhead = 1
deployment_pue = 1
gpu_tdp = "700 W"
deployment_tdp_fraction = 0.5
"""


def test_the_error_of_a_fit_is_drawn_for_each_model_and_shared_by_scenarios_of_one_model(tmp_path):
    """The ratio of two lognormals, x/÷ 1.70 with 90 %, apart; the ratio of the machines, drawn once, cancels."""
    for file, size, batch in (("a", 8e9, 16), ("again", 8e9, 32), ("large", 70e9, 16)):
        (tmp_path / f"{file}.toml").write_text(SERVED.replace("SIZE", str(size)).replace("BATCH", str(batch)))
    data = compared(about(list(load_scenarios([str(tmp_path)]).values()), "deployment_energy", 100_000, 1))
    assert data.attrs["drawn_apart"] == ["serving/token-discrepancy-dense (large)"]
    low, high = data["interval"].sel(statistic="ratio", ci_prob=0.9).T
    assert float(high.sel(scenario="again")) == pytest.approx(float(low.sel(scenario="again")))
    width = 2 * 2**0.5 * np.log(1.70)
    # The standard error of a 5 % quantile of 100,000 normal draws is 0.0067 sd: of the width, four times that of two.
    error = 4 * 2**0.5 * 0.0067 * 2**0.5 * np.log(1.70) / 1.6449
    assert float(np.log(high / low).sel(scenario="large")) == pytest.approx(width, abs=error)


def test_what_models_have_beside_common_variables_is_independent_given_these():
    """Two inputs that each correlate with a common one: their correlation is the product, so any pair is valid."""

    def model(own, score):
        both = models.scenario(footprint, grid=lognormal(1.0, 0.8), rest=lognormal(1.0, 0.1))
        both = renamed(both, own, rest=own)
        copula = GaussianCopula(*zip(*sorted({"grid": (1.0, score), own: (score, 1.0)}.items()), strict=True))
        return dataclasses.replace(both.model, copulas=(copula,))

    (copula,) = compose({"a": model("one", 0.9), "b": model("other", 0.9)}).copulas
    assert copula.pairs[frozenset(("one", "other"))] == pytest.approx(0.81, abs=1e-12)
    assert {copula.pairs[frozenset(("grid", own))] for own in ("one", "other")} == {0.9}


def test_the_draws_do_not_depend_on_where_they_are_made(tmp_path):
    comparison = about([IOWA, QUEBEC], "total_footprint", 300_000, 1)
    with executor("threads", 1) as alone:
        expected = compared(comparison, DatasetFolder(tmp_path / "threads" / "parts"), executor=alone)
    with executor("dask", 2) as cluster:
        assert compared(comparison, DatasetFolder(tmp_path / "dask" / "parts"), executor=cluster).identical(expected)


def test_two_scenarios_by_the_command_line(call, tmp_path):
    code, printed, _ = call("compare", "gpt4-iowa", "gpt4-quebec", "--draws", "1e5")
    assert code == 0
    lines = printed.splitlines()
    assert max(len(line) for line in lines if not line.startswith("wrote")) <= 80
    flat = " ".join(printed.split())
    assert "gpt4-quebec is lower than gpt4-iowa with probability above 99.9 %" in flat
    assert "training_grid_intensity (gpt4-iowa) dominates the difference of total footprint" in flat
    folder = tmp_path / "outputs" / "compare-gpt4-iowa-gpt4-quebec"
    assert sorted(path.name for path in folder.iterdir()) == [
        "comparison.json",
        "comparison.nc",
        "comparison.png",
        "parts",
    ]
    with xarray.open_dataset(folder / "comparison.nc", group="comparison") as data:
        assert data["scenario"].values.tolist() == ["gpt4-iowa", "gpt4-quebec"]
        assert data.attrs["quantity"] == "total_footprint" and data.attrs["units"] == "kgCO2e"
    plain = json.loads((folder / "comparison.json").read_text())
    assert plain["scenario"]["gpt4-quebec"]["below_first"] > 0.999
    code, printed, _ = call("compare", "gpt4-iowa", "gpt4-quebec", "--draws", "1e5", "--json")
    assert code == 0 and json.loads(printed) == plain


def test_a_scenario_varied_on_the_spot(call):
    options = ("--vary", "training_grid_intensity=grid/us-ia,grid/ca-qc,35 g/kWh", "--draws", "5e4", "--no-plots")
    code, printed, _ = call("compare", "gpt4-iowa", *options)
    assert code == 0
    assert [line.split("  ")[0] for line in printed.splitlines()[3:6]] == ["grid/us-ia", "grid/ca-qc", "35 g/kWh"]
    found = variants("gpt4-iowa", ["training_grid_intensity=grid/us-ia,grid/fr", "training_pue=1.1,1.3"])
    assert [scenario.name for scenario in found] == [
        "grid/us-ia, 1.1",
        "grid/us-ia, 1.3",
        "grid/fr, 1.1",
        "grid/fr, 1.3",
    ]
    regions = variants("gpt4-iowa", ["training_grid_intensity=ca-province/??"])
    assert {"ca-province/qc", "ca-province/on"} < {scenario.name for scenario in regions}
    assert not any("direct" in scenario.name for scenario in regions)


GRID = "training_grid_intensity"
BAD = {
    "one": (["gpt4-iowa"], ["at least two scenarios"]),
    "no input": (["gpt4-iowa", "--vary", "training_grid=grid/fr,grid/us"], ["training_grid", "did you mean"]),
    "no value": (["gpt4-iowa", "--vary", "training_pue"], ["training_pue=VALUE,VALUE"]),
    "twice": (["gpt4-iowa", "--vary", "training_pue=1,2", "--vary", "training_pue=1,2"], ["varied twice"]),
    "no prior": (
        ["gpt4-iowa", "--vary", "training_grid_intensity=grid/fr,grid/xx"],
        ["inputs.training_grid", "grid/xx"],
    ),
    "no pattern": (
        ["gpt4-iowa", "--vary", "training_grid_intensity=mars/*"],
        ["no prior of the library in kgCO2e/kWh matches"],
    ),
    "wrong unit": (
        ["gpt4-iowa", "--vary", "training_grid_intensity=35 kg,grid/fr"],
        ["inputs.training_grid", "35 kg"],
    ),
    "too many": (
        ["gpt4-iowa", *(f"--vary={name}=*/*" for name in ("training_grid_intensity", "training_pue"))],
        ["at most 1,000"],
    ),
    "two and vary": (["gpt4-iowa", "gpt4-quebec", "--vary", "training_pue=1,2"], ["takes exactly one scenario"]),
    "no quantity": (
        ["gpt4-iowa", "bloom-deployment", "--quantity", "training_energy"],
        ["bloom-deployment", "training_energy"],
    ),
    "same name": (["gpt4-iowa", "gpt4-iowa"], ["two of the scenarios have this name"]),
    "no file": (["gpt4-iowa", "gpt5-iowa"], ["gpt5-iowa", "no such file"]),
    "empty folder": (["."], ["a folder without a scenario"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said(call, tmp_path, name):
    arguments, words = BAD[name]
    code, printed, errors = call("compare", *arguments)
    assert code == 2 and not printed and "Traceback" not in errors
    for word in words:
        assert word in errors
    assert not (tmp_path / "outputs").exists()


def test_a_comparison_lies_below_above_or_on_both_sides(tmp_path):
    first, second = two(shared=True)
    data = compared(about([first, second], "footprint", 100_000, 1), DatasetFolder(tmp_path / "parts"))
    assert "b is higher than a with probability 90 %: difference 0.1" in sentence(data, 1) and " (-" in sentence(
        data, 1
    )
    back = compared(about([second, first], "footprint", 100_000, 1), DatasetFolder(tmp_path / "parts"))
    assert "a is lower than b with probability 90 %: difference -0.1" in sentence(back, 1)


@pytest.mark.parametrize(("draws", "words"), [(10, "above 70 %"), (300, "above 99 %"), (100_000, "above 99.9 %")])
def test_all_of_few_draws_tell_less_than_all_of_many(tmp_path, draws, words):
    """The rule of three: where none of n draws is otherwise, at most 3 / n are, at 95 %."""
    found = compared(about([IOWA, QUEBEC], "total_footprint", draws, 1), DatasetFolder(tmp_path / "parts"))
    assert f"is lower than gpt4-iowa with probability {words}:" in sentence(found, 1)


def test_a_page_that_reads_other_numbers_is_another_job(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\nfrom simulator.units import one\n"
        "K = float((Path(__file__).parent / 'k.txt').read_text())\n"
        "def f(x: one) -> one:\n    return K * x\n"
    )
    (tmp_path / "model.toml").write_text('title = "x"\n[inputs]\nx = 1\n')

    def digests(k):
        (tmp_path / "k.txt").write_text(str(k))
        made = variants(str(tmp_path / "model.toml"), ["x=1,2"], [tmp_path / "mine.py"])
        comparison = about(made, "f", 100, 1)
        return [job_digest(comparison.contrast_with(each), comparison) for each in comparison.scenarios]

    # What it read is not known to be the same, so nothing of it is used again.
    assert not set(digests(3)) & set(digests(3))
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom simulator.units import one\nK = np.pi\ndef f(x: one) -> one:\n    return K * x\n"
    )
    assert digests(3) == digests(4)


def test_a_part_that_is_another_ones_is_made_anew(tmp_path):
    comparison = about([IOWA, QUEBEC], "total_footprint", 1000, 1)
    expected = compared(comparison, DatasetFolder(tmp_path / "parts"))
    first, second = sorted((tmp_path / "parts").glob("*.nc"))
    first.write_bytes(second.read_bytes())
    save_result(run(IOWA, draws=1000, keep=10), tmp_path)
    second.write_bytes((tmp_path / "result.nc").read_bytes())
    assert compared(comparison, DatasetFolder(tmp_path / "parts")).identical(expected)


def test_the_name_of_a_job_stands_for_all_that_determines_it():
    base = about([IOWA, QUEBEC], "total_footprint", 1000, 1)
    both = join(IOWA, QUEBEC, "total_footprint")
    name = job_digest(both, base)
    assert name == job_digest(join(load_scenario("gpt4-iowa"), QUEBEC, "total_footprint"), base)
    others = [
        job_digest(both, about([IOWA, QUEBEC], "total_footprint", 1001, 1)),
        job_digest(both, about([IOWA, QUEBEC], "total_footprint", 1000, 2)),
        job_digest(join(IOWA, QUEBEC, "electricity_footprint"), base),
        job_digest(join(QUEBEC, IOWA, "total_footprint"), base),
        job_digest(join(*variants("gpt4-iowa", ["training_pue=1.1,1.2"]), "total_footprint"), base),
        job_digest(join(*variants("gpt4-iowa", ["training_pue=1.1,1.3"]), "total_footprint"), base),
    ]
    assert len({name, *others}) == 7


def sweep(folder, **options):
    command = [sys.executable, "-m", "simulator", "compare", "gpt4-iowa", "--draws", "1e6", "--output", str(folder)]
    command += ["--vary", "training_grid_intensity=us-state/n?", "--no-plots"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_a_sweep_that_is_killed_goes_on_where_it_was(tmp_path):
    name = "compare-gpt4-iowa-by-training_grid_intensity"
    process = sweep(tmp_path / "killed")
    parts = tmp_path / "killed" / name / "parts"
    while len(list(parts.glob("*.nc"))) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = {path.name: os.stat(path).st_mtime_ns for path in parts.glob("*.nc")}
    assert 3 <= len(done) < 8 and not (parts.parent / "comparison.nc").exists()
    (parts / "0123.nc").write_bytes(b"of another sweep")
    again = sweep(tmp_path / "killed")
    _, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    after = {path.name: os.stat(path).st_mtime_ns for path in parts.glob("*.nc")}
    assert len(after) == 9 and (parts / "0123.nc").read_bytes() == b"of another sweep"
    assert {key: after[key] for key in done} == done
    whole = sweep(tmp_path / "whole")
    whole.communicate(timeout=120)
    texts = [(tmp_path / folder / name / "comparison.json").read_bytes() for folder in ("killed", "whole")]
    assert texts[0] == texts[1]


def test_a_stored_comparison_says_the_same_again(call, tmp_path):
    """One input that is drawn apart: netCDF gives a list of one text back as the text."""
    for file, size in (("small", 8e9), ("large", 70e9)):
        (tmp_path / f"{file}.toml").write_text(SERVED.replace("SIZE", str(size)).replace("BATCH", "16"))
    asked = ("compare", "small.toml", "large.toml", "--quantity", "deployment_energy", "--draws", "1e4", "--json")
    first, again = (json.loads(call(*asked)[1]) for _ in range(2))
    assert first["drawn_apart"] == ["serving/token-discrepancy-dense (large)"] and again == first
