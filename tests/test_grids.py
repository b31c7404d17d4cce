"""The priors of grids: built from the figures by the rule, what it promises, and how well its model predicts."""

import importlib
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy.stats import norm

from simulator.priors import Library, shipped_folder

ROOT = shipped_folder("priors").parent
EVIDENCE = ROOT / "evidence"
pytestmark = pytest.mark.skipif(not EVIDENCE.exists(), reason="the data are in the checkout, not in the package")
LIBRARY = Library((ROOT / "priors",))
QUANTILES = np.array([0.05, 0.5, 0.95])


@pytest.fixture(scope="module")
def rule():
    sys.path.insert(0, str(EVIDENCE))
    try:
        fitted, built = importlib.import_module("fit_grids"), importlib.import_module("build_grids")
    finally:
        sys.path.remove(str(EVIDENCE))
    figures = fitted.read_figures()
    return SimpleNamespace(**vars(fitted) | vars(built), figures=figures, model=fitted.fit(figures))


def test_the_files_are_what_the_rule_builds(rule, tmp_path):
    """Names and words are the same; numbers to 1 %, as the fit is a search whose last digits differ by machine."""
    texts = rule.build()
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    built = Library((tmp_path,))
    of_files = tuple(f"{name.removesuffix('.toml')}/" for name in texts)
    assert built.names() == [name for name in LIBRARY.names() if name.startswith(of_files)]
    for name in built.names():
        made, shipped = built.find(name), LIBRARY.find(name)
        assert (made.scope, made.note, made.basis) == (shipped.scope, shipped.note, shipped.basis), name
        ours, theirs = (prior.distribution.ppf(QUANTILES) for prior in (made, shipped))
        np.testing.assert_allclose(ours, theirs, rtol=1e-2, err_msg=f"{name}: run evidence/build_grids.py")


def test_every_region_of_the_data_has_a_prior(rule):
    names = set(LIBRARY.names())
    for row, region, _, direct, _ in rule.read_rows():
        file, key = rule.home(region)
        assert f"{file}/{key}{'-direct' * direct}" in names, row


def test_rows_from_memory_and_old_ones_do_not_count(rule):
    rows = list(rule.read_rows())
    assert rows and all(row["note"] != "recall" and year >= 2016 for row, *_, year in rows)
    assert rule.read_series()["FRA", "rte", True] == {2023: 32.0, 2024: 21.7}


def test_what_google_reports_is_direct_from_2021_on(rule):
    """Its README says average operational emissions; Québec's hydro has nearly none, and 27 as a life cycle."""
    series = rule.read_series()
    assert set(series["gcp:us-central1", "google", False]) == {2019, 2020}
    assert set(series["gcp:us-central1", "google", True]) == {2021, 2022, 2023, 2024, 2025}
    assert max(series["gcp:northamerica-northeast1", "google", True].values()) < 15


def test_no_direct_prior_lies_above_that_of_the_life_cycle():
    both = [name for name in LIBRARY.names() if f"{name}-direct" in LIBRARY.names()]
    assert len(both) > 150
    for name in both:
        whole, direct = (LIBRARY.find(key).distribution.ppf(0.5) for key in (name, f"{name}-direct"))
        assert direct <= whole * (1 + 1e-2), name  # rounded to three digits


def test_the_conversion_holds_pairs_of_one_supplier(rule):
    conversion = rule.model.conversion
    assert conversion.factor > 1 and conversion.base > 0
    pairs = [(direct, life) for _, same, direct, life in rule.conversion_pairs() if same]
    off = np.array([math.log(life / conversion.life(direct)) for direct, life in pairs])
    held = (np.abs(off) < 1.645 * conversion.spread).mean()
    assert len(pairs) > 35 and 0.8 <= held <= 1
    assert conversion.direct(conversion.life(100.0)) == pytest.approx(100.0, rel=1e-12)


def made_up(rule, logs, delivered, conversion=0.0, is_part=True):
    count = len(logs)
    return rule.Evidence(
        np.array(logs),
        np.array(delivered, dtype=float),
        np.ones(count),
        np.full(count, conversion),
        np.zeros(count),
        np.array(is_part),
        0.01,
    )


@pytest.mark.parametrize("asked", [None, False, True])
def test_what_is_said_is_the_conditional_distribution(rule, asked):
    """The oracle is one joint normal distribution, with a level that is as good as unknown."""
    spread = rule.Spread(supplier=0.1, operator=0.3)
    logs, delivered = np.array([5.8, 6.3, 6.2]), np.array([0.0, 1.0, 1.0])
    found = made_up(rule, logs, delivered, conversion=0.15)
    said = found.said(spread, asked, 0.15)
    known = asked is not None
    joint = np.full((4, 4), 1e4)
    joint[:3, :3] += 0.15**2 + 0.3**2 * np.outer(delivered, delivered) + 0.1**2 * np.eye(3)
    joint[3, 3] += known * (0.15**2 + 0.1**2 + 0.3**2 * bool(asked))
    joint[3, :3] += known * 0.15**2 + 0.3**2 * delivered * bool(asked)
    joint[:3, 3] = joint[3, :3]
    gain = np.linalg.solve(joint[:3, :3], joint[:3, 3])
    assert said.centre == pytest.approx(6.0 + gain @ (logs - 6.0), abs=1e-5)
    assert said.variance == pytest.approx(joint[3, 3] - gain @ joint[:3, 3], rel=1e-4)


def test_a_figure_alone_is_the_centre_and_a_site_spans_both_questions(rule):
    spread = rule.Spread(supplier=0.1, operator=0.3)
    found = made_up(rule, [6.0], [0])
    assert found.said(spread).centre == 6.0 and found.said(spread).variance == pytest.approx(0.1**2)
    half = 0.3**2 / 2  # half the sites are of an operator
    assert found.site(spread).variance == pytest.approx(2 * 0.1**2 + half)
    assert made_up(rule, [6.0], [0], is_part=False).site(spread).variance == pytest.approx(2 * 0.1**2)
    low, high = found.said(spread).interval(2.0)
    reach = norm.ppf(0.95) * math.sqrt(0.1**2 + 2 * 0.01)
    assert (math.log(low), math.log(high)) == pytest.approx((6.0 - reach, 6.0 + reach))


def test_the_fit_finds_the_spread_that_made_the_figures(rule):
    truth = rule.Spread(supplier=0.15, operator=0.4)
    rng = np.random.default_rng(5)
    places = []
    for number in range(600):
        part = number % 2 == 0
        plan = made_up(rule, np.zeros(3), [0, 0, part], is_part=part)
        places.append(plan._replace(logs=rng.multivariate_normal(np.full(3, 6.0), plan.covariance(truth))))
    np.testing.assert_allclose(rule.fit_spread(places), truth, rtol=0.15)  # three standard errors of 300 places


def test_a_place_without_years_changes_as_the_mean_place(rule):
    changes = rule.Changes(common=0.01, strength=2.0, mean=0.03)
    assert changes.of([]) == 0.03
    assert changes.of([0.04, 0.0]) == pytest.approx((2 * 0.01 + 0.04) / 4)


def test_figures_that_were_left_out_are_predicted(rule):
    """90 % intervals hold 85 to 95 % of 131 figures, and the PIT is that of a calibrated model."""
    scores = rule.scores(rule.figures)
    pit = np.array([score.pit for score in scores])
    held = np.mean([score.low <= score.value <= score.high for score in scores])
    assert len(scores) > 125 and len({score.place for score in scores}) > 55
    assert 0.85 <= held <= 0.95
    p_value, *_ = array_stats.uniformity_test(np.clip(pit, 0.5 / len(pit), 1 - 0.5 / len(pit)))
    assert p_value > 0.05


@pytest.mark.parametrize("key", ["us-anywhere", "europe-anywhere", "anywhere"])
def test_an_unknown_place_is_the_mixture_of_the_places(rule, key):
    region, _, _ = rule.ANYWHERE[key]
    shares = rule.weights(region)
    assert sum(shares.values()) == pytest.approx(1.0)
    places = [LIBRARY.find(f"grid/{place}").distribution for place in shares]
    values = LIBRARY.find(f"grid/{key}").distribution.ppf(np.linspace(0.02, 0.98, 49))
    of_places = sum(share * place.cdf(values) for share, place in zip(shares.values(), places, strict=True))
    # Three lognormals stand for the many of the places.
    np.testing.assert_allclose(of_places, np.linspace(0.02, 0.98, 49), atol=0.02)


def test_the_united_states_have_the_share_that_the_iea_gives(rule):
    shares = rule.weights("World")
    states = sum(share for place, share in shares.items() if place.startswith("us-"))
    assert states == pytest.approx(0.45, abs=0.015)  # rounded in the report
    assert shares["cn"] == pytest.approx(0.25, abs=0.015)


def test_scopes_say_which_question_a_prior_answers():
    for name, words in {
        "us-state/ia": "what the state generates",
        "cloud/gcp-us-central1": "what the operator reports",
        "grid/us-ia": "a new site in the state",
        "grid/us": "the mean of the country, not of a site",
        "grid/us-anywhere": "its place unknown",
    }.items():
        assert words in LIBRARY.find(name).scope, name
    for name in ("us-state/ia", "cloud/gcp-us-central1"):
        assert "Where the operator is unknown: grid/us-ia." in LIBRARY.find(name).note
