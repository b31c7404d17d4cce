"""The priors of grids: built from the data by the rule, and what the rule promises."""

import csv
import math
import runpy

import numpy as np
import pytest

from simulator.priors import Library, shipped_folder

ROOT = shipped_folder("priors").parent
RULE = ROOT / "evidence" / "build_grids.py"
pytestmark = pytest.mark.skipif(not RULE.exists(), reason="the data are in the checkout, not in the package")


@pytest.fixture(scope="module")
def rule():
    return runpy.run_path(str(RULE))


def test_the_files_are_what_the_rule_builds(rule):
    for name, text in rule["build"]().items():
        assert (ROOT / "priors" / name).read_text(encoding="utf-8") == text, "run evidence/build_grids.py"


def test_every_region_of_the_data_has_a_prior_or_no_data(rule):
    library = Library((ROOT / "priors",))
    names = set(library.names())
    with (ROOT / "evidence" / "grid_intensity.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        file, key = rule["home"](rule["SAME"].get(row["region"], row["region"]))
        usable = row["year"][:4].isdigit() and int(row["year"][:4]) >= 2016 and float(row["g_per_kwh"]) > 0
        assert not usable or {f"{file}/{key}", f"{file}/{key}-direct"} & names, row


def test_a_source_alone_has_the_usual_spread_around_its_newest_value(rule):
    low, high = rule["quantiles"]({("one", ""): {2020: 300.0, 2023: 400.0}}, 0.1**2)
    assert math.sqrt(low * high) == pytest.approx(400.0, rel=1e-12)
    spread = 0.1**2 + 0.08**2 + (8 / 400) ** 2
    assert math.log(high / low) == pytest.approx(2 * 1.6448536269514722 * math.sqrt(spread), rel=1e-12)


def test_sources_and_years_widen_the_prior_as_the_rule_says(rule):
    years = {2019: 100.0, 2020: 110.0, 2021: 90.0, 2022: 100.0, 2010: 900.0}
    low, high = rule["quantiles"]({("one", ""): years, ("two", ""): {2021: 200.0}}, 9.0)
    centre = math.sqrt(100.0 * 200.0)
    assert math.sqrt(low * high) == pytest.approx(centre, rel=1e-12)
    spread = np.var(np.log([100.0, 110.0, 90.0, 100.0]), ddof=1) + np.var(np.log([100.0, 200.0]), ddof=1)
    spread += 0.08**2 + (8 / centre) ** 2
    assert math.log(high / low) == pytest.approx(2 * 1.6448536269514722 * math.sqrt(spread), rel=1e-12)


def test_the_basis_is_that_of_the_weakest_row_and_recalled_rows_do_not_count(rule):
    bases = rule["read_bases"]()
    assert bases["gcp:us-central1", ""] == "read"
    assert bases["FRA", "-direct"] == "cited", "RTE was read, the other source in a work that cites it"
    assert set(bases.values()) == {"read", "cited"}
    rows = [row for row, _, _ in rule["read_rows"]()]
    assert rows and all(row["note"] != "recall" for row in rows)
    rte = rule["read_series"]()[0]["FRA", "-direct"][rule["SOURCES"]["RTE"]]
    assert rte == {2023: 32.0, 2024: 21.7}


def test_sources_say_what_the_note_lists_in_the_measure_of_the_prior():
    library = Library((ROOT / "priors",))
    whole, direct = library.find("us-state/ak"), library.find("us-state/ak-direct")
    assert direct.note == "Alaska, g/kWh: 420 (2016), 369 (2023)."
    assert [source.values for source in direct.sources] == [[420.0, 369.0]]
    assert whole.note == "Alaska. Direct, g/kWh: 420 (2016), 369 (2023)."
    assert [source.values for source in whole.sources] == [[472.0, 415.0]]  # 1.124 times 419.96 and 369.43
    assert [source.detail for source in (*direct.sources, *whole.sources)] == [None, "direct emissions times 1.124"]


def test_direct_and_life_cycle_never_meet(rule):
    series, _ = rule["read_series"]()
    assert set(series["DEU", ""]) == {rule["SOURCES"]["codecarbon 3.3.2 global_energy_mix"]}
    assert set(series["DEU", "-direct"]) == {rule["SOURCES"]["European Environment Agency"]}
    library = Library((ROOT / "priors",))
    for state in ("ia", "va", "tx"):
        whole, direct = library.find(f"us-state/{state}"), library.find(f"us-state/{state}-direct")
        ratio = whole.distribution.ppf(np.array(0.5)) / direct.distribution.ppf(np.array(0.5))
        assert ratio == pytest.approx(1.124, rel=5e-3)  # three digits in the file
