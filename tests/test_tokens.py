"""Energy of a token: what ships is what the fit gives, and its intervals hold families that the fit has not seen."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from simulator.book.equations import bind
from simulator.priors import Library, shipped_folder

FOLDER = Path(__file__).resolve().parents[1] / "evidence"
SPEC = importlib.util.spec_from_file_location("fit_tokens", FOLDER / "fit_tokens.py")
RULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RULE)
LIBRARY = Library((shipped_folder("priors"),))
JOULE = 1 / 3.6e6  # in kWh
COEFFICIENTS = RULE.NAMES[:-1]


def default(name):
    return LIBRARY.find(f"defaults/{name}").distribution


def coefficients():
    values = {name: default(name).value for name in COEFFICIENTS}
    values |= {name: values[name] * JOULE for name in values if name.endswith("coefficient")}
    return values | {"reference_parameters": 1e9, "share_before_token": 0.5, "machine_energy_ratio": 1.0}


@pytest.fixture(scope="module")
def rows():
    return RULE.measurements()


@pytest.fixture(scope="module")
def found(rows):
    return RULE.fit(rows)


def test_what_ships_is_what_the_fit_gives(rows, found):
    """To three digits: a search for a maximum finds it to a thousandth, on any machine."""
    fitted = np.where(RULE.POSITIVE, np.exp(found.parameters), found.parameters)[:-1]
    np.testing.assert_allclose([default(name).value for name in COEFFICIENTS], fitted, rtol=5e-3)
    ends = np.array([0.05, 0.95])
    for kind, name in enumerate(RULE.KINDS):
        reach = RULE.discrepancies(found)[kind]
        shipped = LIBRARY.find(f"serving/token-discrepancy-{name}").distribution.ppf(ends)
        np.testing.assert_allclose(shipped, [1 / reach, reach], rtol=5e-3)
    for quantiles, name in zip(RULE.setting_ratios(found, rows), ("", "-older"), strict=True):
        shipped = LIBRARY.find(f"serving/machine-energy-ratio{name}").distribution.ppf(ends)
        np.testing.assert_allclose(shipped, quantiles[[0, 2]], rtol=5e-3)


def test_the_intervals_hold_families_that_the_fit_has_not_seen(rows):
    """Of each kind; the family left out enters neither the parameters nor the spreads."""
    dense, experts = RULE.coverage(RULE.probabilities_of_unseen(rows), rows.kind)
    assert 0.85 <= dense <= 0.95
    assert 0.85 <= experts <= 0.95


def test_the_fit_finds_what_measurements_were_drawn_from(rows):
    """Measurements with known parameters and spreads: found within three standard errors."""
    generator = np.random.default_rng(5)
    true = np.array([np.log(0.2), np.log(0.015), 0.75, np.log(3e-4), 0.7])
    errors = generator.normal(0, np.array([0.25, 0.35])[rows.kind])
    for names, spread in ((rows.setting, 0.2), (np.char.add(rows.family, rows.kind.astype(str)), 0.3)):
        _, index = np.unique(names, return_inverse=True)
        errors += generator.normal(0, spread, index.max() + 1)[index]
    again = RULE.fit(rows._replace(joules=np.exp(RULE.predicted(true, rows) + errors)))
    deviation = np.sqrt(np.diag(again.covariance))[: len(true)]
    assert (np.abs(again.parameters - true) < 3 * deviation).all()
    np.testing.assert_allclose(again.single, [0.25, 0.35], rtol=0.2)  # 176 of the second: a standard error of 5 %


def test_the_page_computes_what_was_fitted(rows):
    with RULE.FILE.open(encoding="utf-8") as lines:
        table = [row for row in csv.DictReader(lines) if row["task"] not in RULE.LEFT_OUT]
    columns = {key: np.array([float(row[key] or 0) for row in table]) for key in table[0] if key in NUMBERS}
    book = bind(["deployment_tokens"]).subset(["energy_per_output_token"])
    values = coefficients() | {NUMBERS[key]: column for key, column in columns.items()}
    values |= {name: values[name] * 1e9 for name in ("active_parameters", "total_parameters")}
    values |= {"token_energy_discrepancy": 1.0}
    book.evaluate(values, ["energy_per_output_token"])
    parameters = [default(name).value for name in COEFFICIENTS]
    parameters = np.where(RULE.POSITIVE, np.log([*parameters, 1.0]), [*parameters, 0.0])
    predicted = np.exp(RULE.predicted(parameters, rows._replace(older=np.zeros(len(table), dtype=bool))))
    np.testing.assert_allclose(values["energy_per_output_token"] / JOULE, predicted, rtol=1e-12)


NUMBERS = {
    "active_billion": "active_parameters",
    "total_billion": "total_parameters",
    "bytes_per_weight": "bytes_per_weight",
    "batch_size": "batch_size",
    "prompt_tokens": "prompt_tokens",
    "output_tokens": "output_tokens",
}


def read(active, total, batch):
    values = {"active_parameters": active, "total_parameters": total, "batch_size": batch}
    bind(["deployment_tokens"]).subset(["parameters_read"]).evaluate(values, ["parameters_read"])
    return values["parameters_read"]


@pytest.mark.parametrize(
    ("active", "total", "batch", "expected"),
    [
        (37e9, 671e9, 1.0, 37e9),  # one request reads its own
        (37e9, 671e9, 0.01, 37e9),  # and reads them whole where it shares the copy with waiting
        (37e9, 671e9, 1e6, 671e9),  # so many call each expert
        (2e9, 8e9, 2.0, 2e9 + 6e9 / 4),  # the second calls a quarter of what the first left
        (70e9, 70e9, 8.0, 70e9),  # a dense model is read whole
        (70e9, 70e9, 0.5, 70e9),
        (9e9, 8e9, 8.0, 9e9),  # drawn apart, more in use than there are: a dense model
    ],
)
def test_a_step_reads_what_its_requests_call(active, total, batch, expected):
    assert read(active, total, batch) == pytest.approx(expected, rel=1e-12)


def test_experts_called_at_random_are_read_as_the_equation_says():
    """Of 64 experts each request calls 4: the mean of a thousand batches of 20."""
    generator = np.random.default_rng(2)
    calls = generator.random((1000, 20, 64)).argsort(axis=2)[:, :, :4]
    called = np.zeros((1000, 64), dtype=bool)
    np.put_along_axis(called, calls.reshape(1000, -1), True, axis=1)
    share = called.mean(axis=1)
    error = share.std() / 1000**0.5
    assert float(read(4e9, 64e9, 20.0)) / 64e9 == pytest.approx(share.mean(), abs=4 * error)


def test_no_figure_that_is_kept_for_a_check_is_among_the_evidence():
    kept = (
        "olmo",
        "qwen3-235",
        "qwen3-vl-235",
        "llama-4",
        "scout",
        "maverick",
        "gemma-3-27",
        "mistral-large",
        "starcoder",
    )
    for path in FOLDER.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8").casefold()
            assert [name for name in kept if name in text] == []


def test_the_table_states_what_its_columns_mean():
    with RULE.FILE.open(encoding="utf-8") as lines:
        table = list(csv.DictReader(lines))
    keys = {(*(row[key] for key in row if key != "value"), row["value"]) for row in table}
    assert len(keys) == len(table)  # no measurement twice
    for row in table:
        assert row["unit"] == "J" and row["basis"] == "read" and 2023 <= int(row["year"]) <= 2026
        assert 0 < float(row["active_billion"]) <= float(row["total_billion"])
        assert (row["architecture"] == "dense") == (row["active_billion"] == row["total_billion"])
        assert row["power_fraction"] == "" or 0 < float(row["power_fraction"]) <= 1
        assert float(row["batch_size"]) >= 0.9


def test_traffic_and_tokens_are_a_baseline_and_what_tokens_add():
    """The mechanism in one line: power of the steps times hours, plus tokens times what each adds."""
    book = bind(["deployment_traffic", "deployment_tokens", "deployment_requests"])
    inputs = coefficients() | {"requests_per_hour": 40.0, "deployment_days": 10.0, "hours_per_day": 24.0}
    inputs |= {"replica_count": 1.0, "replica_gpu_count": 2.0, "waiting_power_ratio": 0.3}
    inputs |= {"output_tokens": 250.0, "prompt_tokens": 1200.0, "prefill_ratio": 0.03, "bytes_per_weight": 2.0}
    inputs |= {"active_parameters": 70e9, "total_parameters": 70e9, "machine_energy_ratio": 1.2}
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


@pytest.mark.parametrize("requests_per_hour", [1.0, 300.0, 1e4, 1e5])
def test_a_copy_of_experts_draws_no_more_than_its_power_for_steps(requests_per_hour):
    """With one request at a time it draws just that; with more, up to two fifths less: all are taken as read."""
    book = bind(["deployment_traffic", "deployment_tokens"])
    inputs = coefficients() | {"requests_per_hour": requests_per_hour, "replica_count": 1.0, "replica_gpu_count": 8.0}
    inputs |= {"output_tokens": 300.0, "prompt_tokens": 0.0, "prefill_ratio": 0.0, "bytes_per_weight": 1.0}
    inputs |= {"active_parameters": 37e9, "total_parameters": 671e9, "waiting_power_ratio": 0.3}
    inputs |= {"token_energy_discrepancy": 1.0, "gpu_tdp": 0.7, "deployment_tdp_fraction": 0.5}
    inputs |= {"deployment_requests": 1.0, "serving_overhead": 1.0, "deployment_pue": 1.0}
    book.evaluate(inputs, ["step_energy", "batch_size", "mean_power_ratio"])
    power = inputs["step_energy"] / inputs["batch_size"] * requests_per_hour * 300.0
    assert 0.6 < power / (8 * 0.7 * 0.5 * inputs["mean_power_ratio"]) < 1.0 + 1e-12


@pytest.mark.parametrize("kind", ["dense", "experts"])
def test_the_error_of_a_model_is_told_by_its_size(kind):
    assert LIBRARY.find(f"serving/token-discrepancy-{kind}").case == ("active_parameters", "total_parameters")
