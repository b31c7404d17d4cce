"""Energy of a token: what ships is what the fit gives, and its interval holds models that the fit has not seen."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from simulator.book.equations import bind
from simulator.priors import Library, shipped_folder

FILE = Path(__file__).resolve().parents[1] / "evidence" / "fit_tokens.py"
SPEC = importlib.util.spec_from_file_location("fit_tokens", FILE)
RULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RULE)
LIBRARY = Library((shipped_folder("priors"),))
JOULE = 1 / 3.6e6  # in kWh


def default(name):
    return LIBRARY.find(f"defaults/{name}").distribution


def test_what_ships_is_what_the_fit_gives():
    models, size, batch, joules = RULE.measurements()
    found = RULE.fit(size, batch, joules)
    found[[0, 2]] = np.exp(found[[0, 2]])
    shipped = [default(name).value for name in RULE.NAMES]
    np.testing.assert_allclose(shipped, found, rtol=5e-4)  # four digits
    deviation = RULE.spread(RULE.errors_of_unseen(models, size, batch, joules))
    low, median, high = default("token_energy_discrepancy").ppf(np.array([0.05, 0.5, 0.95]))
    assert median == pytest.approx(1, rel=1e-9)
    assert (low, high) == pytest.approx((np.exp(-RULE.REACH * deviation), np.exp(RULE.REACH * deviation)), rel=1e-3)


def test_the_interval_holds_models_that_the_fit_has_not_seen():
    assert 0.85 <= RULE.coverage() <= 0.95


def test_the_page_computes_what_was_fitted():
    _, size, batch, joules = RULE.measurements()
    book = bind(["deployment_tokens"]).subset(["energy_per_output_token"])
    values = {name: default(name).value for name in RULE.NAMES}
    for name in ("step_energy_coefficient", "token_energy_coefficient"):
        values[name] *= JOULE
    values |= {"active_parameters": size * 1e9, "total_parameters": size * 1e9, "batch_size": batch}
    values |= {"reference_parameters": 1e9, "token_energy_discrepancy": 1.0}
    book.evaluate(values, ["energy_per_output_token"])
    predicted = np.exp(RULE.predicted(RULE.fit(size, batch, joules), size, batch))
    np.testing.assert_allclose(values["energy_per_output_token"] / JOULE, predicted, rtol=2e-3)


def test_measurements_at_batch_sizes_that_were_not_fitted():
    """A step costs what it costs: at 16 to 128 requests Llama 3.1 8B and 70B are where the two terms put them."""
    _, size, batch, joules = RULE.measurements()
    parameters = RULE.fit(size, batch, joules)
    batches = np.array([16.0, 32, 64, 128])
    measured = {8.0: [0.263, 0.165, 0.119, 0.095], 70.0: [2.091, 1.207, 0.797, 0.563]}
    for billions, values in measured.items():
        ratio = values / np.exp(RULE.predicted(parameters, np.full(4, billions), batches))
        assert (np.abs(np.log(ratio)) < np.log(2.07)).all()  # the stated 90 % interval


def test_traffic_and_tokens_are_a_baseline_and_what_tokens_add():
    """The mechanism in one line: power of the steps times hours, plus tokens times what each adds."""
    book = bind(["deployment_traffic", "deployment_tokens", "deployment_requests"])
    inputs = {"requests_per_hour": 40.0, "deployment_days": 10.0, "hours_per_day": 24.0, "output_tokens": 250.0}
    inputs |= {"replica_count": 1.0, "replica_gpu_count": 2.0, "waiting_power_ratio": 0.3}
    inputs |= {"prompt_tokens": 1200.0, "prefill_ratio": 0.03}
    inputs |= {name: default(name).value for name in RULE.NAMES}
    for name in ("step_energy_coefficient", "token_energy_coefficient"):
        inputs[name] *= JOULE
    inputs |= {"active_parameters": 70e9, "total_parameters": 70e9, "reference_parameters": 1e9}
    inputs |= {"token_energy_discrepancy": 1.4, "serving_overhead": 1.0, "deployment_pue": 1.0}
    inputs |= {"gpu_tdp": 0.7, "deployment_tdp_fraction": 0.7}
    wanted = ["deployment_energy", "step_energy", "token_energy", "batch_size", "step_share", "deployment_gpu_hours"]
    wanted += ["concurrent_requests"]
    book.evaluate(inputs, wanted)
    hours, tokens = 240.0, 40 * 240 * (250.0 + 0.03 * 1200)
    waiting = np.exp(-inputs["concurrent_requests"])
    baseline = 2 * 0.7 * 0.7 * hours * (1 - waiting + 0.3 * waiting)  # of two GPUs, whatever a step takes
    added = inputs["token_energy"] * 1.4 * tokens
    assert inputs["deployment_energy"] == pytest.approx(baseline + added, rel=1e-12)
    assert inputs["batch_size"] < 1 and inputs["step_share"] > 0.9  # it waits for most of the time
    assert inputs["deployment_gpu_hours"] == pytest.approx(2 * hours, rel=0.1)  # and what tokens add takes a few
