"""Evidence: the model of measurements from several sources, against closed forms; its tables; and what ships of it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simulator.errors import InputError
from simulator.priors import shipped_folder

FOLDER = shipped_folder("priors").parent / "evidence"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


RULE = load("hierarchical")


def drawn(rng, sources, each, between, within):
    """Return covariates, values and sources of a data set that the model describes."""
    clusters = np.repeat([f"s{number:02d}" for number in range(sources)], each)
    x = np.column_stack([np.ones(len(clusters)), rng.normal(size=len(clusters))])
    common = np.repeat(rng.normal(scale=between, size=sources), each)
    return x, x @ [2.0, -0.5] + common + rng.normal(scale=within, size=len(clusters)), clusters.tolist()


def test_with_known_spreads_the_interval_is_that_of_generalised_least_squares(monkeypatch):
    """With one pair of spreads on the grid the model is a normal one, and its posterior has a closed form."""
    x, y, clusters = drawn(np.random.default_rng(1), 5, 3, 0.4, 0.4)
    monkeypatch.setattr(RULE, "SPREADS", np.array([0.4]))
    new = np.array([1.0, 0.7])
    same = np.equal.outer(clusters, clusters)
    precise = np.linalg.inv(0.4**2 * np.eye(15) + 0.4**2 * same)
    shift = np.array([y.mean(), 0.0])  # the mean is a priori about that of the values
    covariance = np.linalg.inv(x.T @ precise @ x + np.diag([1 / RULE.LEVEL**2, 1 / RULE.EFFECT**2]))
    mean = shift + covariance @ x.T @ precise @ (y - y.mean())
    exact = stats.norm(new @ mean, np.sqrt(2 * 0.4**2 + new @ covariance @ new)).ppf([0.05, 0.95])
    np.testing.assert_allclose(RULE.fit(x, y, clusters, None).interval(new), exact, rtol=1e-9)


def test_the_posterior_of_the_spreads_is_the_marginal_likelihood_times_the_prior():
    """Against the density of all values at once, at two pairs of spreads: SciPy's multivariate normal."""
    x, y, clusters = drawn(np.random.default_rng(2), 4, 2, 0.3, 0.2)
    found = RULE.fit(x, y, clusters, None)
    same, effects = np.equal.outer(clusters, clusters), np.diag([RULE.LEVEL**2, RULE.EFFECT**2])

    def logarithm(pair):
        between, within = found.between[pair], found.within[pair]
        covariance = within**2 * np.eye(8) + between**2 * same + x @ effects @ x.T
        likelihood = stats.multivariate_normal(np.full(8, y.mean()), covariance).logpdf(y)
        return likelihood + stats.norm.logpdf([between, within]).sum() + np.log(between * within)

    first, second = np.flatnonzero(np.isclose(found.probability, found.probability.max()))[0], 48 * 30 + 28
    ratio = np.log(found.probability[first] / found.probability[second])
    assert ratio == pytest.approx(logarithm(first) - logarithm(second), abs=1e-8)


def test_intervals_hold_nine_in_ten_values_of_a_new_source():
    """Over data sets whose spreads are drawn from the priors; a count of 300 has a standard error of 1.7 %."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(300):
        between, within = np.abs(rng.normal(size=2))
        x, y, clusters = drawn(rng, 6, 2, between, within)
        low, high = RULE.fit(x[:-2], y[:-2], clusters[:-2], None).interval(x[-1])
        inside += low <= y[-1] <= high
    assert 0.9 - 3 * 0.017 < inside / 300 < 0.9 + 3 * 0.017


def test_few_sources_give_wider_intervals_than_many_and_borrow_the_spread_between():
    x, y, clusters = drawn(np.random.default_rng(4), 12, 2, 0.3, 0.1)
    many, few = (RULE.fit(x[:count], y[:count], clusters[:count], None) for count in (24, 6))
    borrowed = RULE.fit(x[:4], y[:4], clusters[:4], RULE.Borrowed(np.log(0.3), 0.01))
    widths = [float(np.ptp(one.interval(np.array([1.0, 0.0])))) for one in (many, few)]
    assert widths[0] < widths[1]
    assert borrowed.median_between == pytest.approx(0.3, rel=0.15)  # the grid has steps of 13 %


@pytest.mark.parametrize(
    ("scale", "low", "high"), [("LOG", np.log(50), np.log(400)), ("EXCESS", -3, -1), ("ODDS", -1, 1.5)]
)
def test_a_prior_has_the_quantiles_of_the_fit(scale, low, high):
    scale = getattr(RULE, scale)
    prior = RULE.build(scale.prior(low, high))
    np.testing.assert_allclose(prior.ppf(np.array([0.05, 0.95])), scale.backward(np.array([low, high])), rtol=1e-3)


def table(folder, text):
    (folder / "kind.csv").write_text("value,unit,source,year,cluster,basis,level\n" + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,,A,2020,a,read,x\n", "line 2: has no unit; give it, or take the row out"),
        ("1,W,,2020,a,read,x\n", "line 2: has no source; give it, or take the row out"),
        ("1,W,A,,a,read,x\n", "line 2: has no year; give it, or take the row out"),
        ("1,W,A,2020,a,hearsay,x\n", "line 2: basis is 'hearsay'; expected one of read, cited, recall"),
        ("one,W,A,2020,a,read,x\n", "line 2: value is 'one'; expected a number"),
        ("1,W,A,2020,a,recall,x\n", "has no row that was read or cited"),
        ("", "has no row that was read or cited"),
        ("-1,W,A,2020,a,read,x\n", "value -1 has no logarithm; correct it, or take the row out"),
    ],
)
def test_bad_evidence_is_told_in_a_line(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(RULE, "HERE", tmp_path)
    table(tmp_path, text)
    with pytest.raises(InputError) as caught:
        RULE.Fitted(RULE.Kind("kind", RULE.LOG, ()))
    assert message in str(caught.value)


def test_a_level_without_rows_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(RULE, "HERE", tmp_path)
    table(tmp_path, "1,W,A,2020,a,read,x\n2,W,B,2020,b,read,y\n")
    fitted = RULE.Fitted(RULE.Kind("kind", RULE.LOG, (), levels={"level": "x"}))
    with pytest.raises(InputError, match="no row has level 'z'; it has x, y: add a row, or take one of these"):
        fitted.prior(RULE.Target("file/key", {"level": "z"}))


def test_a_table_without_a_column_or_a_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(RULE, "HERE", tmp_path)
    with pytest.raises(InputError, match="no such table"):
        RULE.read_rows("kind")
    (tmp_path / "kind.csv").write_text("value,unit\n1,W\n", encoding="utf-8")
    with pytest.raises(InputError, match="has no column basis, cluster, source, year; add it"):
        RULE.read_rows("kind")
