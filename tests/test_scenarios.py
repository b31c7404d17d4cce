"""The shipped scenarios: each can be checked and run, and the list of what they show is true."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator.book.equations import EQUIVALENCES, IMPACTS, PAGES
from simulator.priors import shipped_folder
from simulator.sampling.draws import summarise
from simulator.scenario import check_scenario, load_scenario

FOLDER = shipped_folder("scenarios")
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
COVERAGE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_is_sound_and_says_what_it_is(name):
    scenario = check_scenario(name)
    assert scenario.title and scenario.description.strip()
    for reference in scenario.reference_values:
        assert reference.sources, reference.label
    summaries = summarise(scenario.model, scenario.reported, draws=2000, seed=1)
    for quantity, summary in summaries.items():
        # What a scenario of fixed inputs leaves out on purpose is 0.
        assert summary.quantile(0.05) > 0 or not scenario.uncertain, quantity


@pytest.mark.parametrize("name", NAMES)
def test_every_impact_and_yardstick_goes_with_every_scenario(name):
    pages = [*IMPACTS.values(), *EQUIVALENCES.values()]
    scenario = load_scenario(name, pages)
    added = {"total_energy", "total_water", "flights", "person_years", "web_searches", "car_kilometres"}
    reported = set(scenario.reported)
    if "training_energy" in scenario.book.equations or "deployment_energy" in scenario.book.equations:
        assert added <= reported
    else:  # a footprint a day as reported: nothing is known of its energy
        assert added & reported == {"flights", "person_years", "web_searches", "car_kilometres"}


def test_what_the_list_names_is_there():
    text = COVERAGE.read_text(encoding="utf-8")
    rows = [line.split("|")[2:4] for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 15
    quantities = {name for scenario in NAMES for name in load_scenario(scenario).book.equations}
    inputs = {name for scenario in NAMES for name in load_scenario(scenario).inputs}
    yardsticks = {
        name for page in EQUIVALENCES.values() for name in load_scenario("gpt4-iowa", [page]).book.equations
    }
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", " ".join(row))]
    known = {*NAMES, *quantities, *inputs, *yardsticks, *PAGES, *IMPACTS, *EQUIVALENCES}
    left = [name for name in named if name not in known and " " not in name and "…" not in name]
    assert left == []
    shown = {name for row in rows for name in re.findall(r"`([^`]+)`", row[0])}
    assert set(NAMES) - shown == {
        *("gpt3", "bloom-training", "llama2", "llama3"),
        *("article-gpt4-quebec", "article-gpt4-france"),
    }


def test_the_two_ways_to_gpt4s_days_agree():
    """By the schedule 85 to 105 days; from the operations about 100, and as uncertain as these are."""
    days = summarise(load_scenario("gpt4-iowa-compute").model, ["training_days"], draws=100_000, seed=1)[
        "training_days"
    ]
    # priors.md: 23,500 GPUs at 0.34 take 99.8 days.
    assert float(days.quantile(0.5)) == pytest.approx(99.8, rel=0.02)
    low, high = days.quantile([0.05, 0.95])
    assert low < 85 and high > 105


def test_one_of_two_methods_is_a_mixture_of_both():
    draws = 200_000
    both = summarise(load_scenario("gpt4-iowa-both-methods").model, ["embodied_gpu"], draws=draws, seed=1)[
        "embodied_gpu"
    ]
    parts = summarise(load_scenario("gpt4-iowa-parts").model, ["embodied_gpu"], draws=draws, seed=1)["embodied_gpu"]
    whole = load_scenario("gpt4-iowa").inputs["embodied_gpu"].distribution
    for value in (50.0, 100.0, 200.0, 400.0):
        expected = (parts.cdf(value) + float(whole.cdf(np.array(value)))) / 2
        # Four standard errors of a share.
        assert both.cdf(value) == pytest.approx(expected, abs=4 * (0.25 / draws) ** 0.5)


def test_no_shipped_scenario_waits_for_pint():
    """Half a second of each start: the conversions that shipped files need are known by heart."""
    names = sorted(path.stem for path in shipped_folder("scenarios").glob("*.toml"))
    pages = [*IMPACTS.values(), *EQUIVALENCES.values()]
    code = f"""
import sys
from simulator.scenario import load_scenario
print([name for name in {names} if load_scenario(name) and "pint" in sys.modules])
load_scenario("chat-service", {pages})
print("pint" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nFalse\n"
