"""Rankings against closed forms, against SALib on the same points, and in words where there is nothing to rank."""

import numpy as np
import pytest
import SALib.analyze.sobol
from scipy import stats

from simulator import InputError, ModelError, rank
from simulator.sensitivity import METHODS, sobol, spearman
from simulator.sensitivity.method import Design
from tests import known as models

VARIANCES = 1 / (3 * (1 + np.array(models.G_A)) ** 2)
ALL = np.prod(1 + VARIANCES) - 1
S2 = models.SIGMAS**2
KNOWN = {
    "ishigami": (
        models.ISHIGAMI,
        [0.313905191148, 0.442411144790, 0.0],
        [0.557588855210, 0.442411144790, 0.243683664062],
    ),
    "g-function": (
        models.G_FUNCTION,
        VARIANCES / ALL,
        VARIANCES * np.prod(1 + VARIANCES) / (1 + VARIANCES) / ALL,
    ),
    "product of lognormals": (
        models.PRODUCT,
        np.expm1(S2) / np.expm1(S2.sum()),
        np.expm1(S2) * np.exp(S2.sum() - S2) / np.expm1(S2.sum()),
    ),
}
UNIT_SQUARE = models.scenario(models.ADDED, x1=models.UNIT, x2=models.UNIT)


def by_input(ranked, index):
    ordered = ranked.sortby("input")
    return ordered[index].values, ordered[f"{index}_interval"].values


@pytest.mark.parametrize("case", KNOWN)
def test_sobol_indices_against_the_closed_form(case):
    scenario, first, total = KNOWN[case]
    ranked = rank(scenario, "y", base=2**14, seed=3)
    # The product of lognormals has a heavy tail: its estimates vary by some percent at this size.
    tolerance = 0.04 if "lognormals" in case else 0.01
    np.testing.assert_allclose(by_input(ranked, "first_order")[0], first, atol=tolerance)
    np.testing.assert_allclose(by_input(ranked, "total")[0], total, atol=tolerance)
    assert list(ranked["total"].values) == sorted(ranked["total"].values, reverse=True)
    assert list(ranked["input"].values)[0] == f"x{np.argmax(total) + 1}"


def test_indices_are_salibs_on_the_same_points():
    rng = np.random.default_rng(1)
    design = sobol.design(3, 1024, rng)
    x = -np.pi + 2 * np.pi * design.cubes
    points = np.array([[x[cube, i] for i, cube in enumerate(picks)] for picks in design.picks])
    y = np.sin(points[:, 0]) + 7 * np.sin(points[:, 1]) ** 2 + 0.1 * points[:, 2] ** 4 * np.sin(points[:, 0])
    ours = sobol.indices(design, y, np.ones((1, 1024)))
    a, b, *mixed = y - y[:2].mean()
    for i, ab in enumerate(mixed):
        theirs = SALib.analyze.sobol.first_order(a, ab, b), SALib.analyze.sobol.total_order(a, ab, b)
        # The same estimators; a sum in another order.
        assert ours["first_order"][0, i] == pytest.approx(float(np.squeeze(theirs[0])), rel=1e-9)
        assert ours["total"][0, i] == pytest.approx(float(np.squeeze(theirs[1])), rel=1e-9)


def test_rank_correlation_is_scipys_and_meets_the_closed_form():
    rng = np.random.default_rng(2)
    design = spearman.design(3, 4096, rng)
    z = stats.norm.ppf(design.cubes[0])
    y = np.exp(models.SIGMAS @ z)[None]
    ours = spearman.indices(design, y, np.ones((1, 4096)))["spearman"][0]
    theirs = [stats.spearmanr(column, y[0]).statistic for column in design.cubes[0]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    ranked = rank(models.PRODUCT, "y", method="spearman", base=2**16)
    truth = 6 / np.pi * np.arcsin(models.SIGMAS / (2 * np.sqrt(S2.sum())))
    np.testing.assert_allclose(by_input(ranked, "spearman")[0], truth, atol=4 / 2**8)  # four standard errors


def test_an_output_far_from_zero_keeps_its_indices():
    """A mean ten thousand times the spread costs an uncentred estimator all its digits."""
    plain, raised = (rank(item, "y", base=4096, seed=5) for item in (models.PRODUCT, models.RAISED))
    for index in ("first_order", "total"):
        np.testing.assert_allclose(by_input(raised, index)[0], by_input(plain, index)[0], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1])
def test_every_method_keeps_the_contract(method, seed):
    first, again = (rank(models.PRODUCT, "y", method=method, base=2000, seed=seed) for _ in range(2))
    assert first.identical(again)
    assert not first.identical(rank(models.PRODUCT, "y", method=method, base=2000, seed=seed ^ 1))
    assert first.attrs["base"] == 2048 and first.attrs["words"] == "" and first.attrs["method"] == method
    indices = [name for name in first.data_vars if not name.endswith("_interval")]
    assert first.attrs["leading"] in indices
    for index in indices:
        values, (low, high) = first[index].values, first[f"{index}_interval"].values.T
        assert np.isfinite(values).all() and (low < high).all()
        # A 90 % bootstrap interval lies around its estimate, give or take the skew of the resamples.
        assert ((low - (high - low) < values) & (values < high + (high - low))).all()


@pytest.mark.parametrize("method", METHODS)
def test_designs_lie_in_the_cube(method):
    design = METHODS[method].design(4, 512, np.random.default_rng(1))
    assert isinstance(design, Design) and design.cubes.shape[1:] == (4, 512)
    assert design.cubes.min() >= 0 and design.cubes.max() < 1
    assert design.picks.shape[1] == 4 and design.picks.max() < len(design.cubes)


@pytest.mark.parametrize("method", METHODS)
def test_where_there_is_nothing_to_rank_it_is_said_in_words(method):
    fixed = ("fixed", {"value": 1.0})
    cases = [
        (models.scenario(models.ADDED, x1=fixed, x2=fixed), "y has no uncertain input"),
        (models.scenario(models.ADDED, x1=fixed, x2=models.UNIT), "y depends on one uncertain input alone, x2"),
        (models.CANCELLING, "y is the same in every draw"),
    ]
    for scenario, words in cases:
        ranked = rank(scenario, "y", method=method, base=256)
        assert ranked.attrs["words"] == words and not ranked.data_vars


@pytest.mark.parametrize("method", METHODS)
def test_an_output_that_is_rarely_other_than_zero_is_said_in_words_or_ranked(method):
    scenario = models.scenario(models.page("rare", y=_rare), x1=models.UNIT, x2=models.UNIT)
    ranked = rank(scenario, "y", method=method, base=64, seed=1)
    words = ranked.attrs["words"]
    assert words.endswith("take a larger base") or words.endswith("is the same in every draw")
    assert not ranked.data_vars
    assert np.isfinite(rank(scenario, "y", method=method, base=2**14)[METHODS[method].leading]).all()


def _rare(x1: models.one, x2: models.one) -> models.one:
    return np.maximum(x1 * x2 - 0.8, 0.0)


def test_bad_requests_say_what_there_is():
    with pytest.raises(InputError, match="no quantity 'z'.*it has y"):
        rank(UNIT_SQUARE, "z")
    with pytest.raises(InputError) as raised:
        rank(UNIT_SQUARE, "y", method="pawn", base=1)
    assert len(raised.value.problems) == 2
    zero = ("uniform", {"low": 0.0, "high": 5e-324})
    inverse = models.scenario(models.page("inverse", y=_inverse), x1=models.UNIT, x2=zero)
    with pytest.raises(ModelError, match="y is not a finite number"):
        rank(inverse, "y")


def _inverse(x1: models.one, x2: models.one) -> models.one:
    return x1 / x2
