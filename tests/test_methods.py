"""Rival methods: what ships is what their scores give, stacking is ArviZ's, a scenario chooses between the pages."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import xarray
from arviz_stats import compare
from arviz_stats.utils import ELPDData

from simulator.analyses.backtest import backtest
from simulator.analyses.local import local
from simulator.errors import InputError
from simulator.sampling.draws import sample
from simulator.scenario import load_scenario

FILE = Path(__file__).resolve().parents[1] / "evidence" / "fit_methods.py"
SPEC = importlib.util.spec_from_file_location("fit_methods", FILE)
RULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RULE)
JOULE = 1 / 3.6e6  # in kWh


def test_what_ships_is_what_the_scores_give():
    assert RULE.FILE.read_text(encoding="utf-8") == "\n".join(RULE.lines()) + "\n", "python evidence/fit_methods.py"


@pytest.mark.parametrize("kind", RULE.KINDS, ids=lambda kind: kind.name)
def test_weights_are_shares_of_methods_with_numbers_of_their_own(kind):
    weights, numbers = RULE.weights_of(kind), RULE.numbers(kind)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (weights > 0).all()
    assert sorted(set(numbers)) == numbers
    assert 0 not in numbers


def test_no_value_is_one_that_the_back_test_is_scored_on():
    with (RULE.FOLDER / "gpu_embodied.csv").open(encoding="utf-8") as lines:
        used = [row for row in RULE.csv.DictReader(lines) if RULE.gpu(row) is not None]
    assert {(row["cluster"], row["accelerator"]) for row in used if row["accelerator"][0] in "AH"} == {
        ("morand", "H100")
    }


def test_a_method_counts_the_sources_that_it_accounts_for():
    """Where each source is one method's alone, and another is shared, weights are counts."""
    densities = np.log([[1.0, 1e-300], [1.0, 1e-300], [1e-300, 1.0]])
    sources = np.array(["a", "b", "c"])
    assert RULE.stack(sources, densities, further=0) == pytest.approx([2 / 3, 1 / 3], rel=1e-12)
    assert RULE.stack(sources, densities) == pytest.approx([2.5 / 4, 1.5 / 4], rel=1e-12)
    # Ten values of a source are no more than one.
    again = np.repeat([0, 1, 2], [10, 1, 1])
    assert RULE.stack(sources[again], densities[again]) == pytest.approx([2.5 / 4, 1.5 / 4], rel=1e-12)


def test_weights_are_those_of_arviz():
    """Each value a source, and none further: ArviZ maximises the same score by another algorithm."""
    rng = np.random.default_rng(3)
    densities = rng.normal(0, 1.5, (40, 3)) + [0.3, 0.0, -0.2]
    models = {
        str(number): ELPDData(
            elpd=column.sum(),
            se=column.std() * 40**0.5,
            p=1.0,
            n_samples=1000,
            n_data_points=40,
            scale="log",
            warning=False,
            good_k=0.7,
            elpd_i=xarray.DataArray(column, dims="obs", coords={"obs": np.arange(40)}),
            pareto_k=xarray.DataArray(np.zeros(40), dims="obs", coords={"obs": np.arange(40)}),
        )
        for number, column in enumerate(densities.T)
    }
    expected = compare(models, method="stacking", round_to="none")["weight"].sort_index().to_numpy()
    assert expected.min() > 0.05
    # SciPy's minimiser stops at a relative change of the score of 1e-6 or so.
    assert RULE.stack(np.arange(40), densities, further=0) == pytest.approx(expected, abs=2e-3)


def test_a_spread_has_not_seen_the_source_that_it_scores():
    sources, errors = np.array(["a", "a", "b"]), np.array([[0.3], [-0.4], [1.0]])
    expected = [
        -0.5 * 0.3**2 - np.log(np.sqrt(2 * np.pi)),
        -0.5 * 0.4**2 - np.log(np.sqrt(2 * np.pi)),
        -0.5 / 0.125 - np.log(np.sqrt(0.125 * 2 * np.pi)),
    ]
    assert RULE.log_densities(sources, errors)[:, 0] == pytest.approx(expected, rel=1e-12)


SCENARIO = """
title = "An H100, by four methods"
pages = ["gpu_dies", "gpu_by_parts", "gpu_by_boavizta", "gpu_by_act", "gpu_by_llmcarbon"]

[inputs]
die_area = "8.14 cm^2"
memory_size = "80 GB"
"""


def load(tmp_path, more="", pages=()):
    (tmp_path / "h100.toml").write_text(SCENARIO + more, encoding="utf-8")
    return load_scenario(tmp_path / "h100.toml", pages)


def test_the_method_that_is_drawn_is_taken_as_often_as_it_weighs(tmp_path):
    draws = 4000
    pages = {4: "gpu_by_llmcarbon", 2: "gpu_by_boavizta", 3: "gpu_by_act", 1: "gpu_by_parts"}
    by = {number: f"embodied_gpu_on_{page}" for number, page in pages.items()}
    scenario = load(tmp_path)
    table = sample(scenario.model, ["embodied_gpu_method", "embodied_gpu", *by.values()], draws=draws, seed=1)
    for number, weight in zip((1, 2, 3, 4), RULE.weights_of(RULE.KINDS[0]), strict=True):
        drawn = table["embodied_gpu_method"] == number
        np.testing.assert_array_equal(table["embodied_gpu"][drawn], table[by[number]][drawn])
        assert drawn.mean() == pytest.approx(weight, abs=4 * (0.25 / draws) ** 0.5)  # four standard errors


def test_a_method_is_ranked_and_has_no_elasticity(tmp_path):
    found = local(load(tmp_path).model, ["embodied_gpu"]).sel(input="embodied_gpu_method", quantity="embodied_gpu")
    assert float(found["elasticity"]) == 0
    assert np.ptp(found["tornado"].values) > 100  # kg: by its parts, and by LLMCarbon without memory


def test_a_page_of_ones_own_may_be_a_method(tmp_path):
    page = tmp_path / "mine.py"
    equation = "def embodied_gpu(my_gpu: kgCO2e) -> kgCO2e:\n    return my_gpu\n"
    page.write_text(f"from simulator.units import kgCO2e\nMETHOD = 5\n{equation}")
    scenario = load(tmp_path, 'my_gpu = "99 kg"\nembodied_gpu_method = 5\n', page)
    assert sample(scenario.model, ["embodied_gpu"], draws=8, seed=1)["embodied_gpu"] == pytest.approx(99, rel=1e-12)


@pytest.mark.parametrize(
    "method", ["5", "2.5", '{ distribution = "uniform", low = 1, high = 4, source = "judgement", note = "any" }']
)
def test_a_method_without_a_page_is_refused(method, tmp_path):
    with pytest.raises(
        InputError,
        match="embodied_gpu_method.* expected numbers of the pages that are named: .*2 for gpu_by_boavizta",
    ):
        load(tmp_path, f"embodied_gpu_method = {method}")


def test_the_point_rule_takes_tokens_and_gpus_from_pages_of_peers(tmp_path):
    observed = '\n[[observed]]\nquantity = "{}"\nvalue = "{}"\nsource = {{ title = "Own report" }}\n'
    gpu, token = tmp_path / "gpu.toml", tmp_path / "token.toml"
    gpu.write_text(
        """
title = "An H100"
pages = ["gpu_dies"]

[inputs]
die_area = "8.14 cm^2"
memory_size = "80 GB"
"""
        + observed.format("embodied_gpu_by_parts", "164 kg")
    )
    token.write_text(
        """
title = "70e9 parameters"
pages = ["deployment_tokens"]

[inputs]
deployment_requests = 1
active_parameters = 70e9
total_parameters = 70e9
output_tokens = 100
prompt_tokens = 1000
batch_size = 8
gpu_tdp = "700 W"
deployment_tdp_fraction = 0.7
deployment_pue = 1.1
"""
        + observed.format("energy_per_output_token", "1 J")
        + observed.format("deployment_energy", "100 J")
    )
    by_boavizta, by_token, by_request = backtest([load_scenario(gpu), load_scenario(token)], draws=500)[
        "point"
    ].values
    assert by_boavizta == pytest.approx(575.1, abs=0.05)
    # By hand: exp(-0.0112059 * 64) * 1.16653e-6 * 70 + 4.05293e-5 = 8.038e-5 Wh on each of four GPUs.
    assert by_token / JOULE == pytest.approx(4 * 8.038e-5 * 3600, rel=1e-3)
    # (0.0006785 * 70 + 0.0003119 * 64 + 0.01947) s * 1.2 kW * 4 / 8 / 64 = 0.8138 J for the servers; no prompt.
    assert by_request / JOULE == pytest.approx(100 * 1.1 * (4 * 8.038e-5 * 3600 + 0.8138), rel=1e-3)
