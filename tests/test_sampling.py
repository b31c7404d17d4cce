"""Draws: one stream a fact, the same bits however the rows are divided."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from simulator.priors import Library, shipped_folder
from simulator.sampling import draws as simulate
from simulator.sampling.draws import sample, summarise
from simulator.sampling.executors import Threads
from simulator.sampling.sampler import Sampler, stream
from simulator.scenario import load_scenario, read_scenario

IOWA = load_scenario("gpt4-iowa")
QUEBEC = load_scenario("gpt4-quebec")


def scenario(inputs, pages=("hardware",), name="test"):
    table = {"title": name, "pages": list(pages), "inputs": inputs}
    return read_scenario(table, "", name=name, file=name, library=Library((shipped_folder("priors"),)))


def test_a_stream_can_be_entered_at_any_row():
    whole = stream(7, "grid/us-ia").random(1000)
    np.testing.assert_array_equal(stream(7, "grid/us-ia", 613).random(387), whole[613:])


def test_streams_of_other_facts_and_seeds_are_unrelated():
    draws = [stream(seed, name).random(10_000) for seed in (0, 1, 2**63 - 1) for name in ("a", "b", "a b")]
    correlations = np.corrcoef(draws)[np.triu_indices(len(draws), 1)]
    # Independent columns of 10,000 rows correlate with sd 0.01; 36 pairs stay within 4.5 of them.
    assert np.abs(correlations).max() < 0.045


@pytest.mark.parametrize("draws", [1000, 131_072, 300_001])
def test_the_result_is_the_same_for_any_number_of_threads(draws):
    names = ["total_footprint", "electricity_share"]
    one, three = (summarise(IOWA.model, names, draws=draws, seed=3, executor=Threads(threads)) for threads in (1, 3))
    for name in names:
        np.testing.assert_array_equal(one[name].counts, three[name].counts)
        np.testing.assert_array_equal(one[name].low, three[name].low)
        assert (one[name].mean, one[name].sd) == (three[name].mean, three[name].sd)


def test_kept_draws_are_the_first_rows_whatever_the_block(monkeypatch):
    whole = sample(IOWA.model, ["total_footprint"], draws=5000, seed=1)
    monkeypatch.setattr(simulate, "BLOCK", 1024)
    pieces = sample(IOWA.model, ["total_footprint"], draws=3000, seed=1, executor=Threads(2))
    for name, values in pieces.items():
        np.testing.assert_array_equal(values, whole[name][:3000])


def test_kept_draws_are_those_the_summary_is_made_of():
    values = sample(IOWA.model, ["total_footprint"], draws=20_000, seed=5)["total_footprint"]
    summary = summarise(IOWA.model, ["total_footprint"], draws=20_000, seed=5)["total_footprint"]
    np.testing.assert_array_equal(summary.low, np.sort(values))


def test_scenarios_share_the_draws_of_shared_priors_and_no_other():
    iowa, quebec = (sample(item.model, ["total_footprint"], draws=1000, seed=1) for item in (IOWA, QUEBEC))
    np.testing.assert_array_equal(iowa["embodied_gpu"], quebec["embodied_gpu"])
    assert abs(np.corrcoef(iowa["training_grid_intensity"], quebec["training_grid_intensity"])[0, 1]) < 0.15


def test_a_prior_more_moves_no_other():
    fewer = scenario({"embodied_gpu": "hardware/a100-embodied", "embodied_server": "1 kg", **LIFE})
    more = scenario(
        {"embodied_gpu": "hardware/a100-embodied", "embodied_server": "hardware/a100-server-embodied", **LIFE}
    )
    first, second = (sample(item.model, ["embodied_gpu_per_hour"], draws=100, seed=1) for item in (fewer, more))
    np.testing.assert_array_equal(first["embodied_gpu"], second["embodied_gpu"])


LIFE = {"hardware_lifetime": "5 years", "utilisation": 0.8}


def test_one_reference_is_one_fact_and_as_makes_another():
    pages = [
        "hardware",
        "training_schedule",
        "training",
        "deployment_requests",
        "deployment_fleet",
        "deployment",
        "total",
    ]
    inputs = {
        **LIFE,
        "embodied_gpu": "hardware/a100-embodied",
        "embodied_server": "2500 kg",
        "training_gpu_count": 8,
        "training_days": "1 day",
        "gpu_tdp": "400 W",
        "training_tdp_fraction": 0.8,
        "host_overhead": "hardware/host-overhead",
        "training_pue": "facility/pue-hyperscaler",
        "training_grid_intensity": "grid/fr",
        "deployment_gpu_count": 8,
        "deployment_days": "1 day",
        "deployment_tdp_fraction": 0.5,
        "deployment_host_overhead": "hardware/host-overhead",
        "deployment_pue": {"prior": "facility/pue-hyperscaler", "as": "the other site"},
        "deployment_grid_intensity": "grid/fr",
        "requests_per_hour": "100 requests/hour",
    }
    both = scenario(inputs, pages)
    values = sample(both.model, ["total_footprint"], draws=1000, seed=1)
    np.testing.assert_array_equal(values["host_overhead"], values["deployment_host_overhead"])
    np.testing.assert_array_equal(values["training_grid_intensity"], values["deployment_grid_intensity"])
    assert abs(np.corrcoef(values["training_pue"], values["deployment_pue"])[0, 1]) < 0.15
    named = {factor.name: list(factor.inputs) for factor in Sampler(both.model).variables}
    assert named["hardware/host-overhead"] == ["host_overhead", "deployment_host_overhead"]
    # Training and deployment use the same GPU, so their manufacture moves together.
    parts = sample(both.model, ["training_gpu_footprint", "deployment_gpu_footprint"], draws=100, seed=1)
    np.testing.assert_allclose(parts["training_gpu_footprint"], parts["deployment_gpu_footprint"], rtol=1e-15)


# Prints the hashes of draws: of every family and form, and of a scenario with correlated inputs.
PRINT_HASHES = """
import hashlib, json
from simulator.distributions.quantiles import quantile_function
from simulator.sampling.draws import sample
from tests.test_distributions import DISTRIBUTIONS, probabilities
from tests.test_sampling import IOWA

u = probabilities(2000)
values = {name: quantile_function(distribution)(u) for name, distribution in DISTRIBUTIONS.items()}
values |= sample(IOWA.model, ["total_footprint"], draws=20_000, seed=1)
print(json.dumps({name: hashlib.blake2b(array.tobytes()).hexdigest() for name, array in values.items()}))
"""


def test_draws_have_the_same_bits_whatever_instructions_the_processor_has():
    assert IOWA.model.copulas
    wide = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    narrow = {"NPY_DISABLE_CPU_FEATURES": " ".join(wide), "OPENBLAS_CORETYPE": "Nehalem"}
    command = [sys.executable, "-W", "ignore", "-c", PRINT_HASHES]
    hashes = [
        json.loads(subprocess.run(command, env=os.environ | more, check=True, capture_output=True).stdout)
        for more in ({}, narrow)
    ]
    assert [name for name in hashes[0] if hashes[0][name] != hashes[1][name]] == []
