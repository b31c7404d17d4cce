"""The back-test: its scores beside closed forms, a calibrated and an overconfident model, the rule about sources."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray
from arviz_stats.base import array_stats
from scipy import stats

from simulator.analyses.backtest import backtest, clusters_of, crps
from simulator.analyses.backtest_requirements import MEASURES, read_requirements
from simulator.analyses.backtest_scores import BAND, coverage_interval, is_inside, scores, uniformity
from simulator.cli import command_line
from simulator.errors import InputError, ModelError
from simulator.present import figures as plots
from simulator.present.wording.backtest import backtest_json, sentences
from simulator.priors import Source
from simulator.sampling.draws import sample
from simulator.scenario import Reference, check_scenario, load_scenario
from simulator.scenario.cases import load_cases

OWN = '{ title = "Own report", year = 2023, identifier = "arXiv:2301.00001" }'
TOP = 'title = "BLOOM"\npages = ["hardware", "training_schedule", "training"]\n'
INPUTS = {
    "training_gpu_count": "384",
    "training_days": '"117.5 days"',
    "gpu_tdp": '"400 W"',
    "training_tdp_fraction": '"hardware/power-fraction-training"',
    "host_overhead": '"hardware/host-overhead"',
    "training_pue": "1.2",
    "training_grid_intensity": '"57 g/kWh"',
    "embodied_gpu": '"150 kg"',
    "embodied_server": '"2500 kg"',
    "hardware_lifetime": '"6 years"',
    "utilisation": "0.85",
}
FIXED = {"training_tdp_fraction": "0.8", "host_overhead": "1.25"}
ENERGY = 384 * 117.5 * 24 * 0.4 * 0.8 * 1.25 * 1.2  # kWh, of the fixed inputs
SIGMA = 0.3  # of a lognormal input
LOGNORMAL = f'{{ distribution = "lognormal", median = 117.5, gsd = {float(np.exp(SIGMA))!r}, unit = "day" }}'


def observed(quantity="training_energy", value="520 MWh", source=OWN):
    return f'[[observed]]\nquantity = "{quantity}"\nvalue = "{value}"\nsource = {source}\n'


@pytest.fixture
def write(tmp_path):
    """Write a scenario into a folder of cases and return its path."""

    def write(name="bloom", tail=None, **inputs):
        folder = tmp_path / "cases"
        folder.mkdir(exist_ok=True)
        given = "".join(f"{key} = {value}\n" for key, value in {**INPUTS, **inputs}.items())
        path = folder / f"{name}.toml"
        path.write_text(f"{TOP}[inputs]\n{given}{observed() if tail is None else tail}", "utf-8")
        return path

    return write


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the program inside the test, for its exit code and what it prints."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["simulator", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        code = command_line()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def normal_crps(mean, sd, value):
    """Gneiting and Raftery 2007, equation 21."""
    z = (value - mean) / sd
    return sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize("value", [-2.0, 0.1, 0.5, 3.0])
def test_the_score_of_a_normal_is_its_closed_form(value):
    middles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000) * SIGMA + 0.1
    # Equal parts instead of a normal: wrong by about a part's width in the tails, 1e-5 of a deviation.
    assert crps(middles, np.ones(20_000, int), value) == pytest.approx(normal_crps(0.1, SIGMA, value), abs=1e-5)


def test_the_score_is_the_mean_over_all_pairs():
    draws, value = np.sort(np.random.default_rng(1).lognormal(size=50)), 1.3
    pairs = np.abs(draws - value).mean() - np.abs(draws[:, None] - draws).mean() / 2
    assert crps(draws, np.ones(50, int), value) == pytest.approx(pairs, rel=1e-12)
    twice = np.repeat(draws, 2)
    assert crps(draws, np.full(50, 2), value) == pytest.approx(crps(twice, np.ones(100, int), value), rel=1e-12)
    assert crps(np.array([2.0]), np.array([7]), value) == pytest.approx(0.7, rel=1e-12)


@pytest.mark.parametrize("draws", [100_000, 200_000], ids=["values kept", "values counted"])
def test_a_lognormal_quantity_has_its_closed_forms(write, draws):
    data = backtest([load_scenario(write(**FIXED, training_days=LOGNORMAL))], draws=draws).isel(case=0)
    z = np.log(520_000 / ENERGY) / SIGMA
    # Four standard errors: of a share of draws, of quantiles (density 0.103 at 5 %), and of a mean of |X - y|.
    few = 4 / np.sqrt(draws)
    assert float(data["pit"]) == pytest.approx(stats.norm.cdf(z), abs=0.5 * few)
    assert np.log(data["width"]) == pytest.approx(2 * 1.6449 * SIGMA, abs=2 * 2.2 * SIGMA * few)
    assert float(data["crps"]) == pytest.approx(normal_crps(0, SIGMA, z * SIGMA), abs=SIGMA * few)
    for probability, row in zip((0.5, 0.8, 0.9), data["interval"].values, strict=True):
        ends = ENERGY * np.exp(SIGMA * stats.norm.ppf([(1 - probability) / 2, (1 + probability) / 2]))
        assert row == pytest.approx(ends, rel=2.2 * SIGMA * few)


def test_the_point_rule_has_medians_and_the_rated_power_but_what_a_report_states(write):
    uncertain = load_scenario(write(training_days=LOGNORMAL))
    stated = load_scenario(write(name="stated", training_tdp_fraction="0.7", training_days=LOGNORMAL))
    data = backtest([uncertain, stated], draws=1000)
    rated = 384 * 117.5 * 24 * 0.4 * 1.2
    assert data["point"].values == pytest.approx([rated, 0.7 * rated], rel=1e-9)
    assert data["point_crps"].values == pytest.approx(np.abs(np.log(data["point"].values / 520_000)), rel=1e-12)


def made_by_the_model(path, count):
    """Return cases whose published values are draws of the model itself."""
    scenario = load_scenario(path)
    values = sample(scenario.model, ["training_energy"], draws=count, seed=99)["training_energy"]
    references = [
        Reference("training_energy", float(value), "published", (Source(title=f"Report {place}"),))
        for place, value in enumerate(values)
    ]
    return [
        dataclasses.replace(scenario, name=f"case-{place}", observed=(reference,))
        for place, reference in enumerate(references)
    ]


COUNT = 60


def outside_of_chance(data):
    """Return the probabilities whose coverage a calibrated model would have once in a thousand times, or less."""
    found = scores(data)["coverage"]
    limits = [stats.binom.interval(0.999, COUNT, row["ci_prob"]) for row in found]
    return [
        row["ci_prob"] for row, (low, high) in zip(found, limits, strict=True) if not low <= row["inside"] <= high
    ]


def leaves_the_band(found):
    """Tell whether the ECDF of the PIT is outside its band somewhere."""
    low, ecdf, high = (np.array(found["pit"][key]) for key in ("lower", "ecdf", "upper"))
    return bool(((ecdf < low - 1e-9) | (ecdf > high + 1e-9)).any())


def test_a_calibrated_model_is_found_calibrated_and_an_overconfident_one_is_not(write):
    path = write()
    cases = made_by_the_model(path, COUNT)
    good = backtest(cases, draws=4000)
    found = scores(good)
    assert outside_of_chance(good) == []
    assert found["values"] == found["files"] == found["clusters"] == COUNT and found["known"] == 0
    assert found["pit"]["uniformity"] > 0.05  # as it is with probability 0.95
    assert leaves_the_band(found) is False
    # The same medians, and a sixth of the spread.
    narrow = load_scenario(
        write(
            name="narrow",
            training_tdp_fraction='{ distribution = "normal", mean = 0.809, sd = 0.01 }',
            host_overhead='{ distribution = "normal", mean = 1.45, sd = 0.02 }',
        )
    )
    model = dataclasses.replace(narrow.model, copulas=())
    cases = [dataclasses.replace(case, model=model) for case in cases]
    bad = backtest(cases, draws=4000)
    assert outside_of_chance(bad) == [0.5, 0.8, 0.9]
    assert scores(bad)["pit"]["uniformity"] < 0.001 and leaves_the_band(scores(bad))
    assert scores(bad)["coverage"][2]["interval"][1] < 0.9
    # Worse, too: the score punishes false certainty.
    assert scores(bad)["crps"]["model"] > 1.1 * found["crps"]["model"]
    low, high = found["crps"]["interval"]
    assert low < found["crps"]["difference"] < high < 0  # the rule is biased here: host power is left out


def test_the_interval_of_the_difference_is_that_of_the_paired_test(write):
    found = backtest(made_by_the_model(write(), 8), draws=2000)
    test = stats.ttest_rel(found["crps"].values, found["point_crps"].values).confidence_interval(0.95)
    assert scores(found)["crps"]["interval"] == pytest.approx(list(test), rel=1e-9)


def test_a_cluster_counts_once(write):
    median = 0.057 * 384 * 117.5 * 24 * 0.4 * 0.8 * 1.25 * 1.2
    three = observed(value=f"{ENERGY} kWh") + observed("training_it_energy", f"{ENERGY / 1.2} kWh")
    three += observed("training_electricity_footprint", f"{median} kg")
    spread = {"training_tdp_fraction": '{ distribution = "uniform", low = 0.7, high = 0.9 }', "host_overhead": "1.25"}
    cases = [load_scenario(write("a", three, **spread))]
    cases.append(load_scenario(write("b", observed(value="9 GWh", source='{ title = "Another" }'), **spread)))
    found = scores(backtest(cases, draws=1000))
    assert found["values"] == 4 and found["files"] == 2 and found["clusters"] == 2
    row = found["coverage"][2]
    assert (row["inside"], row["share"], row["by_cluster"]) == (3, 0.75, 0.5)
    assert found["pit"]["quartiles"][2] == 0.5 and found["pit"]["ecdf"][-1] == 1


def cases_of(*observations):
    """Return a case for each source, or sources, and `together`, of what it observes."""
    scenario = load_scenario("gpt4-iowa")
    return [
        dataclasses.replace(
            scenario,
            name=f"case-{place}",
            observed=tuple(
                Reference("training_energy", 1.0, "", tuple(Source(title=title) for title in titles), together=name)
                for titles, name in values
            ),
        )
        for place, values in enumerate(observations)
    ]


def test_values_of_a_file_of_a_source_or_said_to_belong_together_are_one_cluster():
    cases = cases_of([("A", "")], [("B", "x"), ("C", "")], [("a.", "")], [("D", "x")], [("E", "")], [("F", "y")])
    assert clusters_of(cases) == ["A", "B", "B", "A", "B", "E", "F"]
    assert clusters_of(cases_of([("A", "case-1")], [("B", "")])) == ["A", "B"]
    # Linked through others, whichever of them comes last.
    assert clusters_of(cases_of([("A", "")], [("B", "")], [("AB", "")])) == ["A"] * 3


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (3, 5), (28, 34), (34, 34)])
def test_the_coverage_of_independent_values_has_clopper_and_pearson_s_interval(hits, count):
    exact = stats.binomtest(hits, count).proportion_ci(0.95, method="exact")
    found = coverage_interval(np.arange(count) < hits, np.arange(count))
    assert found == pytest.approx([exact.low, exact.high], abs=1e-9)


def test_values_that_repeat_each_other_count_little_more_than_one():
    alone = np.arange(12) < 9
    found = coverage_interval(np.repeat(alone, 5), np.repeat(np.arange(12), 5))
    # The variance of the share is p (1 - p) / 11 between twelve clusters, and p (1 - p) / 59 of sixty values;
    # Student's t with 11 degrees of freedom stands for that with 59.
    effective = 60 * 11 / 59 * (stats.t.ppf(0.975, 59) / stats.t.ppf(0.975, 11)) ** 2
    hits = 0.75 * effective
    low = stats.beta.ppf(0.025, hits, effective - hits + 1)
    assert found == pytest.approx([low, stats.beta.ppf(0.975, hits + 1, effective - hits)], rel=1e-9)
    # All agree, so their likeness cannot be estimated: the clusters count.
    assert coverage_interval(np.ones(60, bool), np.repeat(np.arange(12), 5)) == coverage_interval(
        np.ones(12, bool), np.arange(12)
    )
    low, high = coverage_interval(np.array([True, True, False]), np.zeros(3, int))
    assert low < 0.05 and high > 0.98  # a single cluster says next to nothing


SIZES = [7, 5, 4, 3, 2, 2, *[1] * 10]  # of clusters, much as those of the published record
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)


def clustered_pit(rng, likeness, shift=0.0, spread=1.0):
    """Return uniform values where nothing shifts or spreads them, those of a cluster with this correlation."""
    common = rng.normal(size=len(SIZES))[CLUSTERS]
    own = rng.normal(size=len(CLUSTERS))
    return stats.norm.cdf(shift + spread * (np.sqrt(likeness) * common + np.sqrt(1 - likeness) * own))


def test_intervals_of_coverage_hold_the_truth_though_values_are_alike():
    rng = np.random.default_rng(1)
    misses = naive = 0
    for _ in range(300):
        inside = np.abs(clustered_pit(rng, 0.8) - 0.5) <= 0.4  # with probability 0.8
        low, high = coverage_interval(inside, CLUSTERS)
        misses += not low <= 0.8 <= high
        low, high = coverage_interval(inside, np.arange(len(inside)))
        naive += not low <= 0.8 <= high
    # Of 300, 5 % are 15, and above 27 once in a thousand times; as if independent, they would be far more.
    assert misses <= 27 < naive


def test_the_uniformity_test_is_neither_fooled_by_clusters_nor_blind():
    rng = np.random.default_rng(2)
    null = [clustered_pit(rng, 0.95) for _ in range(100)]
    rejected = sum(uniformity(pit, CLUSTERS, 1) < 0.05 for pit in null)
    naive = sum(uniformity(pit, np.arange(len(pit)), 1) < 0.05 for pit in null)
    # Of 100, 5 % are 5, and above 13 once in a thousand times.
    assert rejected <= 13 < 30 < naive
    for wrong in ({"shift": 0.7}, {"spread": 1.8}):  # biased; intervals too narrow
        assert sum(uniformity(clustered_pit(rng, 0.5, **wrong), CLUSTERS, 1) < 0.05 for _ in range(20)) >= 12


def test_the_uniformity_test_sees_every_value_of_a_cluster():
    pit, clusters = (np.arange(20) + 0.5) / 20, np.arange(20)
    assert uniformity(pit, clusters, 1) > 0.05
    for place in (0, 20):
        assert uniformity(np.insert(pit, place, 1e-9), np.insert(clusters, place, 0), 1) < 1e-4


def test_the_uniformity_test_of_independent_values_is_arviz_s():
    pit = np.random.default_rng(3).beta(2, 5, size=40)
    expected, *_ = array_stats.uniformity_test(pit)
    # tan and arctan lose digits of a small p-value.
    assert uniformity(pit, np.arange(40)[::-1].copy(), 1) == pytest.approx(float(expected), rel=1e-6)


def test_the_band_holds_the_ecdf_of_calibrated_models_as_often_as_it_says(write):
    data = backtest(made_by_the_model(write(), 20), draws=2000)
    rng = np.random.default_rng(4)
    outside = 0
    for _ in range(30):
        data["pit"].values[:] = rng.random(20)
        outside += leaves_the_band(scores(data))
    assert outside <= stats.binom.ppf(0.999, 30, 1 - BAND)


def test_what_is_known_is_reproduced_or_not_and_no_forecast(write):
    tail = observed(value="520 MWh") + observed(value="600 MWh")
    data = backtest([load_scenario(write(tail=tail, **FIXED))], draws=1000)
    assert data["known"].values.all() and np.isnan(data["crps"].values).all()
    assert data["relative_error"].values == pytest.approx([ENERGY / 520_000 - 1, ENERGY / 600_000 - 1], rel=1e-12)
    found = scores(data)
    assert found == {"values": 0, "files": 0, "clusters": 0, "known": 2, "reproduced": 1}
    (words,) = sentences(found)
    assert "0 published values" in words and "2, 1 of them reproduced within 1 %" in words
    assert [case["pit"] for case in backtest_json(data)["cases"]] == [None, None]
    assert plots.as_png(plots.plot_backtest(data)).startswith(b"\x89PNG")


def test_a_quantity_that_can_be_nothing_has_no_logarithm(write):
    nothing = '{ distribution = "discrete", values = [0, 118], weights = [0.1, 0.9], unit = "day" }'
    with pytest.raises(ModelError, match=r"bloom: training_energy is 0 in some draws"):
        backtest([load_scenario(write(training_days=nothing))], draws=1000)


def test_the_pit_of_a_range_is_that_of_its_middle_had_the_draws_the_error_too(write):
    days = '{ distribution = "uniform", low = 58.75, high = 176.25, unit = "day" }'
    ranges = {"inside": (0.6, 1.2), "beyond one end": (1.2, 1.8), "around it": (0.1, 1.6)}
    tail = "".join(observed(value=f"{a * ENERGY!r} to {b * ENERGY!r} kWh") for a, b in ranges.values())
    data = backtest([load_scenario(write(tail=tail, **FIXED, training_days=days))], draws=20_000)
    error = np.random.default_rng(5).uniform(-1, 1, 20_000)
    draws = np.linspace(0.5, 1.5, 20_000)
    for item, (a, b) in zip(data["pit"].values, ranges.values(), strict=True):
        other = np.mean(draws + error * (b - a) / 2 < (a + b) / 2)
        assert item == pytest.approx(other, abs=4 * 0.7 / np.sqrt(20_000))  # errors of both means
    assert data["observed_range"].values[0] == pytest.approx([0.6 * ENERGY, 1.2 * ENERGY], rel=1e-12)
    assert is_inside(data, 0.5).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("text", "value", "error"),
    [
        ("500 to 600 MWh", 550_000, 50_000),
        ("550 ± 50 MWh", 550_000, 50_000),
        ("5e2to6_00 MWh", 550_000, 50_000),
        ("520 MWh", 520_000, 0),
    ],
)
def test_an_observed_value_may_be_a_range(write, text, value, error):
    (found,) = load_scenario(write(tail=observed(value=text))).observed
    assert (found.value, found.error) == pytest.approx((value, error), rel=1e-12)


def test_a_range_is_printed_and_drawn(write, call, tmp_path):
    write(tail=observed(value="500 to 600 MWh"))
    code, printed, _ = call("backtest", tmp_path / "cases", "--draws", "1e3", "--output", tmp_path)
    assert code == 0 and "500–600 MWh" in printed
    assert (tmp_path / "backtest-cases" / "backtest.png").read_bytes().startswith(b"\x89PNG")


BLOOM = {"title": "Estimating the footprint of BLOOM", "year": 2023, "identifier": "arXiv:2211.02001"}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (BLOOM, True),
        ({**BLOOM, "title": "something else"}, True),
        ({"title": "x", "identifier": "ARXIV: 2211.02001v2"}, True),
        ({"title": "x", "identifier": "doi:10.48550/arXiv.2211.02001"}, True),
        ({"title": "x", "identifier": "https://arxiv.org/abs/2211.02001"}, True),
        ({"title": "x", "identifier": "arXiv:2211.02002"}, False),
        ({"title": "estimating the footprint of BLOOM."}, True),
        ({"title": "Estimating the footprint of BLOOM", "year": 2022, "identifier": "doi:10.1/x"}, True),
        ({"title": "Estimating the footprint of OPT", "year": 2023}, False),
    ],
)
def test_one_work_is_known_by_its_identifier_or_its_title(other, same):
    assert Source(**BLOOM).same_work(Source(**other)) is same
    assert Source(**other).same_work(Source(**BLOOM)) is same


def test_a_yearly_report_is_a_work_a_year():
    editions = [Source(title="Environmental report", year=year) for year in (2023, 2024, None)]
    assert not editions[0].same_work(editions[1])
    assert editions[0].same_work(editions[2])


NEWKIRK = '{ title = "Newkirk", year = 2025, identifier = "arXiv:2506.14551" }'


def test_a_prior_that_rests_on_the_work_of_the_case_is_refused_before_any_draw(write, call, tmp_path):
    write(tail=observed(source=NEWKIRK))
    own = f'{{ distribution = "uniform", low = 1.1, high = 1.3, source = {OWN} }}'
    write(
        name="own",
        training_pue=own,
        training_grid_intensity=f"{{ distribution = 'uniform', low = 1, high = 2, unit = 'kg/kWh', source = {OWN} }}",
    )
    code, printed, problems = call("backtest", tmp_path / "cases", "--output", tmp_path / "out")
    lines = problems.splitlines()
    assert code == 2 and printed == "" and not (tmp_path / "out").exists()
    places = [line.split(": ")[1] for line in lines]
    # The grid's prior has that source too; the energy does not need it.
    assert places == ["inputs.host_overhead", "inputs.training_pue"]
    assert "'hardware/host-overhead' rests on Newkirk" in lines[0] and "arXiv:2506.14551" in lines[0]
    assert all("give the value that the report states, or a prior of its own without this source" in x for x in lines)


@pytest.mark.parametrize(
    ("prior", "observation", "refused"),
    [
        ("", "", True),
        ("values = [1.1, 1.3]", "", True),  # whether they come of the observation cannot be told
        ("", "values = [1.2]", True),  # nor can what the prior uses
        ("values = [1.1, 1.3]", "values = [1.2]", False),
        ("values = [1.1, 1.3]", "values = [1.2, 1.296]", True),  # to rounding
    ],
)
def test_rows_of_a_work_tell_a_prior_from_an_observation_where_both_list_them(write, prior, observation, refused):
    work = 'title = "Own report", year = 2023'
    pue = f'{{ distribution = "uniform", low = 1.1, high = 1.3, source = {{ {work}, {prior or "detail = 'PUE'"} }} }}'
    tail = observed(source=f"{{ {work}, {observation or "detail = 'energy'"} }}")
    path = write(tail=tail, training_pue=pue)
    if refused:
        with pytest.raises(InputError, match="inputs.training_pue: its prior 'training_pue' rests on Own report"):
            check_scenario(path)
    else:
        assert check_scenario(path).name == "bloom"


@pytest.mark.parametrize(("values", "refused"), [([400, 521], True), ([400, 450, 600], False), ([400, 540], True)])
def test_an_observed_value_is_none_of_those_of_a_prior_whatever_the_unit(write, values, refused):
    work = 'title = "Own report", year = 2023'
    source = f"{{ {work}, values = {values} }}"
    energy = f'{{ distribution = "uniform", low = 400, high = 600, unit = "MWh", source = {source} }}'
    tail = observed(value="510_000 to 540_000 kWh", source=f"{{ {work}, values = [7] }}")
    given = f"training_reported_energy = {energy}\ntraining_reported_pue = 1.2\ntraining_pue = 1.2\n"
    path = write()
    path.write_text(f'title = "x"\npages = ["training_reported"]\n[inputs]\n{given}{tail}')
    if refused:
        with pytest.raises(InputError, match="inputs.training_reported_energy: its prior"):
            check_scenario(path)
    else:
        assert check_scenario(path).uncertain.keys() == {"training_reported_energy"}


def test_check_refuses_what_a_backtest_refuses(write, call, tmp_path):
    path = write(tail=observed(source=NEWKIRK))
    code, _, problems = call("check", path)
    assert code == 2 and "inputs.host_overhead: its prior 'hardware/host-overhead' rests on Newkirk" in problems
    assert call("backtest", path.parent)[2] == problems
    assert load_scenario(path).observed  # a run shows the value all the same


def test_what_a_report_states_is_no_prior(write):
    stated = f'{{ distribution = "fixed", value = 1.2, source = {OWN} }}'
    assert len(load_cases(write(training_pue=stated).parent)) == 1


BAD = {
    "no folder": (None, ["no-such: is not a folder; give a folder of scenarios with [[observed]]"]),
    "empty folder": ({}, ["has no scenario (*.toml)"]),
    "nothing observed": (
        {"a": ""},
        ["a.toml: observed: is missing; give [[observed]] with quantity, value and source"],
    ),
    "no such quantity": (
        {"a": observed("training_enrgy")},
        ["a.toml: observed.1.quantity: no quantity 'training_enrgy'", "did you mean 'training_energy'?"],
    ),
    "an input": ({"a": observed("gpu_tdp", "400 W")}, ["observed.1.quantity: gpu_tdp is an input"]),
    "another unit": ({"a": observed(value="520 t")}, ["observed.1.value: expected", "wrong dimension"]),
    "no range": (
        {
            "a": observed(value="6 to 5 kWh"),
            "b": observed(value="5 ± 6 kWh"),
            "c": observed(value="5 to 6"),
            "d": observed(value="5-6 kWh"),
        },
        [
            "a.toml: observed.1.value: expected a range from a lower to a higher value, got '6 to 5 kWh'",
            "b.toml: observed.1.value: expected a value above 0, got '5 ± 6 kWh'",
            "c.toml: observed.1.value: expected a quantity such as \"24 GWh\", got '5 to 6': it has no unit",
            'd.toml: observed.1.value: expected a quantity, or a range with its unit at the end, such as "3 to 4 J"',
        ],
    ),
    "nothing": ({"a": observed(value="0 kWh")}, ["observed.1.value: expected a value above 0, got '0 kWh'"]),
    "no source": (
        {"a": '[[observed]]\nquantity = "training_energy"\nvalue = "1 kWh"\n'},
        ["observed.1.source: is missing"],
    ),
    "judgement": (
        {"a": observed(source='"judgement"')},
        ["observed.1.source: expected a table {title", "or a list of such tables, got 'judgement'"],
    ),
    "two files": (
        {"a": "", "b": observed("x")},
        ["a.toml: observed: is missing", "b.toml: observed.1.quantity: no quantity 'x'"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_said_sentences(case, write, call, tmp_path):
    files, wanted = BAD[case]
    folder = tmp_path / ("no-such" if files is None else "cases")
    if files is not None:
        folder.mkdir()
    for name, tail in (files or {}).items():
        write(name, tail)
    code, printed, problems = call("backtest", folder, "--output", tmp_path / "out")
    assert code == 2 and printed == "" and "Traceback" not in problems and not (tmp_path / "out").exists()
    for words in wanted:
        assert words in problems


def test_several_folders_and_the_folders_in_them_are_one_backtest(write, call, tmp_path):
    first = write("a").parent
    for folder in ("cases/more/deep", "cases/more/priors", "other"):
        (tmp_path / folder).mkdir(parents=True)
    write("b").rename(tmp_path / "cases" / "more" / "deep" / "b.toml")
    write("c").rename(tmp_path / "other" / "c.toml")
    (first / "more" / "priors" / "own.toml").write_text("")
    assert [case.name for case in load_cases(first)] == ["a", "b"]
    assert [case.name for case in load_cases(tmp_path / "other", first, first / "more")] == ["c", "a", "b"]
    code, _, _ = call("backtest", first, tmp_path / "other", "--draws", "1e3", "--output", tmp_path / "out")
    assert code == 0 and (tmp_path / "out" / "backtest-cases-other" / "backtest.nc").is_file()
    with pytest.raises(InputError) as caught:
        load_cases(tmp_path / "nowhere", first, first / "more" / "priors")
    assert [Path(problem.file).name for problem in caught.value.problems] == ["nowhere"]


@pytest.mark.parametrize(
    ("required", "code", "line"),
    [
        (["coverage(0.9) in 0.5..0.7", "crps < 5", "width<9", "uniformity > 0"], 0, ""),
        (["coverage(0.9) in 0.7 .. 1"], 1, "not met: coverage(0.9) in 0.7 .. 1, found 0.6667\n"),
        (["coverage(0.5) > 0.3333333333333333", "crps > 9"], 1, "not met: crps > 9, found 0."),
        (["coverage(0.95) > 0.8"], 2, "--require: no measure 'coverage(0.95)'; did you mean 'coverage(0.9)'? (cov"),
        (["coverage(0.9) in 80..97"], 2, "--require: coverage(0.9) is never so: it is from 0 to 1, got"),
        (["uniformity > 2"], 2, "--require: uniformity is never so: it is from 0 to 1, got"),
        (["crps < -1"], 2, "--require: crps is never so: it is from 0 up, got"),
        (["crps"], 2, "--require: expected one such as 'coverage(0.9) in 0.8..0.97', 'uniformity > 0.05'"),
        (["__import__('os').abort() > 1", "crps in 2..1"], 2, "got 'crps in 2..1'"),
    ],
)
def test_what_is_required_sets_the_exit_code_after_the_files_are_written(required, code, line, write, call, tmp_path):
    write(tail=observed() + observed("training_electricity_footprint", "35 t"))
    write("far", observed(value="9 GWh"))
    given = [word for text in required for word in ("--require", text)]
    out = tmp_path / "out"
    found, _, problems = call("backtest", tmp_path / "cases", "--draws", "1e3", "--output", out, "--no-plots", *given)
    assert found == code and line in problems and problems.count("\n") == (code > 0) * len(required)
    assert (out / "backtest-cases" / "backtest.json").is_file() == (code < 2)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_is_met_where_nothing_is_forecast(measure):
    (requirement,) = read_requirements([f"{measure} > 0"], "require")
    assert not requirement.is_met({"values": 0})


def test_what_no_published_value_needs_is_not_asked_for(write):
    inputs = ("training_gpu_count", "training_days")
    given = "[inputs]\n" + "".join(f"{name} = {INPUTS[name]}\n" for name in inputs)
    tail, path = observed("training_run_gpu_hours", "1_080_000 hours"), write()

    def loaded(ending, top=TOP):
        path.write_text(top + given + ending)
        return load_scenario(path)

    assert loaded(tail).book.equations.keys() == {"training_run_gpu_hours", "training_gpu_hours"}
    assert loaded(tail).inputs.keys() == {*inputs, "hours_per_day", "training_development_ratio"}
    # No total is made of what is left of its parts.
    both = 'title = "x"\npages = ["training_schedule", "training", "deployment_per_request", "total"]\n'
    book = loaded('deployment_requests = 1\nreported_energy_per_request = "1 Wh"\n' + tail, both).book
    assert "deployment_energy" in book.equations and "total_footprint" not in book.equations
    # What is given is not dropped in silence: what it lacks to be used is asked for.
    with pytest.raises(InputError, match="inputs.gpu_tdp: no prior for gpu_tdp"):
        loaded('training_tdp_fraction = "hardware/power-fraction-training"\n' + tail)
    # A value to mark is one to compute, and a run without published values has all it needs.
    reference = '[[references]]\nquantity = "training_energy"\nvalue = "1 kWh"\nlabel = "x"\n'
    for ending in (tail + reference, ""):
        with pytest.raises(InputError, match="inputs.gpu_tdp: no prior for gpu_tdp"):
            loaded(ending)


def test_the_command_prints_the_cases_and_writes_all_three_files(write, call, tmp_path):
    write(tail=observed() + observed("training_electricity_footprint", "33 t"))
    write("far", observed(value="9 GWh"))
    write("known", **FIXED)
    code, printed, _ = call("backtest", tmp_path / "cases", "--draws", "5e3", "--output", tmp_path / "out")
    assert code == 0
    lines = printed.splitlines()
    assert max(len(line) for line in lines if not line.startswith("wrote")) <= 80
    row = {line.split("  ")[1]: line for line in lines if line.startswith("  ")}
    assert "520 MWh" in row["training energy"] and "reproduced" in row["training energy"]  # the last of this name
    assert any("9 GWh" in line and line.rstrip().endswith("* above 99.9 %") for line in lines)
    words = " ".join(line.strip() for line in lines)
    assert "Forecasts: 3 published values in 2 files, which make 1 cluster of one file, one source" in words
    assert "which are not scored: 1, 1 of them reproduced within 1 %." in words
    assert "2 of 3, 67 % (0 % to 100 %); 67 % by cluster" in words
    folder = tmp_path / "out" / "backtest-cases"
    assert {path.name for path in folder.iterdir()} == {"backtest.nc", "backtest.json", "backtest.png"}
    stored = json.loads((folder / "backtest.json").read_text())
    with xarray.open_dataset(folder / "backtest.nc", group="backtest", engine="netcdf4") as data:
        assert data.sizes["case"] == 4 == len(stored["cases"])
        assert scores(data.load()) == stored["scores"]
        assert is_inside(data, 0.9).tolist() == [True, True, False, False]
    assert stored["draws"] == 5000 and stored["cases"][0]["source"].startswith("Own report")
    assert (folder / "backtest.png").read_bytes().startswith(b"\x89PNG")


def test_names_that_matplotlib_or_a_terminal_would_obey_are_shown_as_they_are(write, call, tmp_path):
    write("a $\\x$ b")
    write("c\x1b[31mred")
    code, printed, problems = call("backtest", tmp_path / "cases", "--draws", "1e3", "--output", tmp_path)
    assert (code, problems) == (0, "") and "\x1b" not in printed
    assert "a $\\x$ b" in printed and "c\\x1b[31mred" in printed


def test_json_alone_and_the_same_bits_by_any_number_of_threads(write, call, tmp_path):
    write()
    texts = []
    for threads in (1, 2):
        out = tmp_path / str(threads)
        arguments = ("--draws", "3e5", "--threads", threads, "--json", "--output", out)
        code, printed, _ = call("backtest", tmp_path / "cases", *arguments)
        assert code == 0 and printed == (out / "backtest-cases" / "backtest.json").read_text() + "\n"
        texts.append(printed)
    assert texts[0] == texts[1]


def test_a_run_marks_what_was_observed_as_it_does_references(write, call, tmp_path):
    code, printed, _ = call("run", write(), "--draws", "5e3", "--output", tmp_path)
    assert code == 0 and "published: 520 MWh is " in printed
    stored = json.loads((tmp_path / "bloom" / "summary.json").read_text())
    assert [item["reference"] for item in stored["references"]] == ["published"]
    assert "Own report, 2023, arXiv:2301.00001 (published)" in Path(tmp_path / "bloom" / "ledger.md").read_text()


def test_problems_of_all_files_are_raised_together(write):
    write("a", "")
    write("b", observed("x"), gpu_tdp='"many"')
    with pytest.raises(InputError) as caught:
        load_cases(write("c").parent)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.toml", "b.toml", "b.toml"]
