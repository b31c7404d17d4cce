"""The published record: what reports state is reproduced by their accounting, what they measured is forecast."""

import numpy as np
import pytest

from simulator.analyses.backtest import backtest
from simulator.analyses.backtest_scores import scores
from simulator.errors import InputError
from simulator.priors import library_beside, shipped_folder
from simulator.scenario import check_scenario, load_scenario
from simulator.scenario.cases import load_cases

FOLDER = shipped_folder("scenarios") / "published"

# Of the value, how far the scenario may be from it; and the unit, in the book's own.
REPORTED = {
    ("bloom-paper", "training_gpu_energy"): (433_196, 1e-6),  # an exact product of the report's hours and 400 W
    ("bloom-paper", "training_gpu_electricity_footprint"): (24_700, 0.002),  # 0.05 of 24.7
    ("bloom-paper", "training_overhead_footprint"): (14_600, 0.0035),  # 0.05 of 14.6
    ("bloom-paper", "training_embodied_footprint"): (11_200, 0.0045),  # 0.05 of 11.2
    ("bloom-paper", "total_footprint"): (50_500, 0.001),  # 0.05 of 50.5
    ("bloom-log-paper", "deployment_electricity_footprint"): (340.5, 0.0002),  # 0.05 of 340.5
    ("gpt3-paper", "training_energy"): (1_287_000, 0.0034),  # 0.05 of 14.8 days
    ("gpt3-paper", "training_electricity_footprint"): (552_100, 0.0034),  # as its energy
    ("gpt3-water-paper", "total_water"): (5_439_000, 0.0001),  # 0.0005 of 5.439
    ("t5-paper", "training_energy"): (85_700, 0.025),  # 0.5 of 20 days
    ("meena-paper", "training_energy"): (232_000, 0.017),  # 0.5 of 30 days
    ("evolved-transformer-paper", "training_energy"): (7_500, 0.0074),  # 0.05 of 6.8 days
    ("transformer-big-paper", "training_energy"): (316, 0.014),  # 0.05 of 3.5 days
    ("llama2-paper", "training_electricity_footprint"): (539_000, 0.0009),  # 0.5 of 539
    ("llama2-13b-paper", "training_electricity_footprint"): (62_440, 0.0002),  # 0.005 of the 31.22 of the factor
    ("llama3-paper", "training_electricity_footprint"): (2_290_000, 0.0085),  # 0.05 of 6.4 million hours
    ("llama1-7b-paper", "training_energy"): (36_000, 0.014),  # 0.5 of 36
    ("llama1-65b-paper", "training_electricity_footprint"): (173_000, 0.003),  # 0.5 of 173
    ("gopher-paper", "training_electricity_footprint"): (380_000, 0.0014),  # 0.5 of 380
    ("olmo-development-7b-paper", "training_electricity_footprint"): (65_000, 0.008),  # 0.5 of 65
    ("olmo-manufacture-paper", "training_embodied_footprint"): (22_000, 0.023),  # 0.5 of 22
    ("olmo-manufacture-paper", "water_of_gpus"): (4_800, 0.0105),  # 0.05 of 4.8
}


@pytest.fixture(scope="module")
def cases():
    """Return the cases, each checked: the folder loads, and no prior has seen what it is tested on."""
    return load_cases(FOLDER)


@pytest.fixture(scope="module")
def found(cases):
    """Return the back-test. Of 4,000 draws a quantile near 5 % is within 0.7 points of its place."""
    return backtest(cases, draws=4000)


def test_every_case_says_what_it_rests_on(cases):
    assert len(cases) > 40
    for case in cases:
        assert case.description.strip() and case.observed, case.name
        check_scenario(FOLDER / f"{case.name}.toml")
        for reference in case.observed:
            assert all(source.title for source in reference.sources), case.name


@pytest.mark.parametrize(("name", "quantity"), REPORTED)
def test_what_a_report_states_is_reproduced_with_its_own_accounting(found, name, quantity):
    value, tolerance = REPORTED[name, quantity]
    data = found.sel(case=f"{name}: {quantity}")
    assert bool(data["known"]), "an input is uncertain"
    assert float(data["observed"]) == pytest.approx(value, rel=1e-9)
    assert float(data["estimate"]) == pytest.approx(value, rel=tolerance)


def test_a_report_with_its_own_accounting_has_no_uncertain_input(cases):
    papers = [case for case in cases if case.name.endswith("-paper")]
    assert len(papers) >= 15
    for case in papers:
        needed = case.book.subset([reference.quantity for reference in case.observed]).inputs
        assert not needed.keys() & case.uncertain.keys(), case.name


def test_nine_in_ten_intervals_hold_the_published_values(found):
    result = scores(found)
    coverage = {row["ci_prob"]: row for row in result["coverage"]}
    assert result["values"] >= 30 and 10 <= result["clusters"] < result["files"]
    assert result["reproduced"] == result["known"]
    assert 0.80 <= coverage[0.9]["share"] <= 0.97
    # Neither so wide that they say nothing, nor worse than the rule of thumb.
    assert result["width"]["median"] < 6
    assert result["crps"]["interval"][1] < 0


def test_the_misses_and_all_cases_are_those_of_the_page(found):
    page = (shipped_folder("scenarios").parent / "docs" / "backtest.md").read_text(encoding="utf-8")
    forecast = found.isel(case=~found["known"].values)
    for name in set(found["scenario"].values):
        assert f"`{name}`" in page, name
    told = page.partition("## The misses")[2].partition("\n## ")[0]
    explained = np.array([f"**`{name}`" in told for name in forecast["scenario"].values])
    # What is within a point of the interval's end is a miss of some seeds: three errors of this many draws.
    distance = np.minimum(forecast["pit"].values, 1 - forecast["pit"].values)
    assert explained[distance < 0.04].all() and not explained[distance > 0.06].any()


def test_a_prior_is_used_that_the_folder_keeps_for_itself(cases):
    kept = {name for name in library_beside(FOLDER / "x.toml").names() if name.startswith("own/")}
    used = {item.prior.name for case in cases for item in case.inputs.values()}
    assert kept and kept <= used


def test_a_source_that_a_case_observes_is_found_among_the_library_s_priors(tmp_path):
    text = (FOLDER / "gemini.toml").read_text(encoding="utf-8")
    path = tmp_path / "case.toml"
    path.write_text(text.replace("own/serving-overhead", "serving/overhead-ratio"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check_scenario(path)
    (problem,) = caught.value.problems
    assert problem.key == "inputs.serving_overhead" and "Elsworth" in problem.message


@pytest.mark.parametrize("name", ["published/gpt3", "published/gpt3.toml", "scenarios/published/gpt3.toml"])
def test_cases_are_found_by_name_from_any_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_scenario(name).title == "GPT-3, trained"
    assert len(load_cases("published")) == len(load_cases("scenarios/published")) > 40


@pytest.mark.parametrize("folder", ["../published", "/published", "publishd", "published/../../priors"])
def test_no_other_folder_is_found_by_name(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        load_cases(folder)
