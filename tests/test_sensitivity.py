"""Rankings against closed forms, SALib and SciPy; what cannot be ranked is said in words."""

import numpy as np
import pytest
from SALib.analyze import sobol as salib
from scipy import stats

from simulator.errors import InputError, ModelError
from simulator.low_discrepancy import MOST_DIMENSIONS
from simulator.sensitivity import METHODS, rank
from simulator.sensitivity.ranking import LARGEST_BASE, PROBABILITY, SMALLEST_BASE
from simulator.simulate import draw, model_of
from tests import models

BASE = 2**14
ISHIGAMI, G_FUNCTION, PRODUCT = models.ishigami_function(), models.sobol_g_function(), models.lognormal_product()
CASES = {"ishigami": ISHIGAMI, "g_function": G_FUNCTION, "product": PRODUCT}
every_case = pytest.mark.parametrize("name", CASES)
every_method = pytest.mark.parametrize("method", METHODS)


def ishigami_indices():
    """CASES 1: three parts of the variance, of x1, of x2, and of x1 with x3."""
    a, b = 7.0, 0.1
    one, two = (1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    return np.array([[one, two, 0.0], [one + both, two, both]]) / (one + two + both)


def product_of_parts(parts):
    """Return the indices of a product of independent factors whose squared coefficients of variation are known.

    CASES 2 and 4: V + 1 = prod(1 + V_i), first order V_i / V, total V_i prod(1 + V_j, j != i) / V.
    """
    variance = np.prod(1 + parts) - 1
    return np.array([parts, parts * (variance + 1) / (1 + parts)]) / variance


KNOWN = {
    "ishigami": ishigami_indices(),
    "g_function": product_of_parts(1 / (3 * (1 + np.array(models.G_WEIGHTS)) ** 2)),
    "product": product_of_parts(np.expm1(models.SIGMAS**2)),
}


def ranked(scenario, quantity, **options):
    """Return the ranking with its inputs in the order of their names."""
    return rank(scenario, quantity, **options).sortby("input")


def points_of(name, base=2**10, method=None, seed=1):
    """Return a design and the model's outputs at its points, factors in the order of the inputs."""
    model = model_of(CASES[name], [name])
    names = [factor.name for factor in model.sampler.factors]
    assert names == list(CASES[name].uncertain)
    design = method.design(model.sampler.groups, base, np.random.default_rng(seed))
    return design, evaluate(model, design)


# Closed forms.


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("ishigami", [[0.313905191148, 0.442411144790, 0], [0.557588855210, 0.442411144790, 0.243683664062]]),
        ("product", [[0.02659533, 0.18509203, 0.58421344], [0.06476307, 0.36534903, 0.78075889]]),
    ],
)
def test_closed_forms_are_the_published_digits(name, digits):
    np.testing.assert_allclose(KNOWN[name], digits, atol=5e-9)


@pytest.mark.parametrize(
    ("name", "first_order", "total"),
    [
        # Five times the spread of the estimates over 20 scrambles at this base, which is larger in a heavy tail.
        ("ishigami", 0.002, 0.004),
        ("g_function", 0.002, 0.0015),
        ("product", 0.09, 0.08),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sobol_indices_are_those_of_the_closed_form(name, first_order, total, seed):
    got = ranked(CASES[name], name, base=BASE, seed=seed)
    np.testing.assert_allclose(got["first_order"], KNOWN[name][0], rtol=0, atol=first_order)
    np.testing.assert_allclose(got["total"], KNOWN[name][1], rtol=0, atol=total)


def test_sobol_indices_of_the_product_are_right_on_average():
    found = [ranked(PRODUCT, "product", base=2**12, seed=seed) for seed in range(40)]
    for index, known in zip(("first_order", "total"), KNOWN["product"], strict=True):
        values = np.array([item[index] for item in found])
        error = values.std(axis=0, ddof=1) / 40**0.5
        assert (np.abs(values.mean(axis=0) - known) < 4 * error).all()


def test_inputs_are_ordered_by_total_index():
    # By its first-order index x2 comes before x1; by its total index, which leads, x1 does.
    assert rank(ISHIGAMI, "ishigami", base=BASE)["input"].values.tolist() == ["x1", "x2", "x3"]
    assert rank(PRODUCT, "product", base=BASE)["input"].values.tolist() == ["x3", "x2", "x1"]
    assert rank(G_FUNCTION, "g_function", base=BASE)["input"].values.tolist()[:4] == ["x1", "x2", "x3", "x4"]


def test_spearman_of_lognormals_is_that_of_the_closed_form():
    correlation = models.SIGMAS / (models.SIGMAS**2).sum() ** 0.5  # of the logarithms, which are normal
    known = 6 / np.pi * np.arcsin(correlation / 2)
    np.testing.assert_allclose(known, [0.19839983, 0.50082827, 0.81685018], atol=5e-9)
    got = ranked(PRODUCT, "product", method="spearman", base=BASE)
    # The sd of a rank correlation near 0 is 1 / sqrt(rows), and smaller elsewhere: four of these.
    np.testing.assert_allclose(got["spearman"], known, rtol=0, atol=4 / BASE**0.5)


def test_spearman_intervals_hold_the_closed_form_as_often_as_they_should():
    correlation = models.SIGMAS / (models.SIGMAS**2).sum() ** 0.5
    known = 6 / np.pi * np.arcsin(correlation / 2)
    held = []
    for seed in range(150):
        interval = ranked(PRODUCT, "product", method="spearman", base=256, seed=seed)["spearman_interval"].values
        held += list((interval[:, 0] <= known) & (known <= interval[:, 1]))
    # 450 intervals, of which a run's three are nearly independent: sd 1.4 %; ends from 100 resamples cost 1 % more.
    assert np.mean(held) == pytest.approx(PROBABILITY, abs=0.05)


# Other people's estimators, on the same points.


@every_case
def test_sobol_indices_are_salibs_on_the_same_points(name):
    design, outputs = points_of(name)
    got = sobol.indices(design, outputs, np.ones((1, outputs.shape[1])))
    centred = outputs - outputs[:2].mean()
    a, b, *mixed = centred
    # The same sums in another order.
    for factor, ab in enumerate(mixed):
        assert got["first_order"][0, factor] == pytest.approx(salib.first_order(a, ab, b), rel=1e-10, abs=1e-12)
        assert got["total"][0, factor] == pytest.approx(salib.total_order(a, ab, b), rel=1e-10, abs=1e-12)


@every_case
def test_sobol_indices_are_those_of_salibs_whole_analysis(name):
    design, outputs = points_of(name)
    got = sobol.indices(design, outputs, np.ones((1, outputs.shape[1])))
    factors = len(outputs) - 2
    problem = {"num_vars": factors, "names": [f"x{i}" for i in range(factors)], "bounds": [[0, 1]] * factors}
    interleaved = np.concatenate([outputs[:1], outputs[2:], outputs[1:2]]).T.ravel()  # A, A with B's columns, B
    theirs = salib.analyze(problem, interleaved, calc_second_order=False, num_resamples=2, seed=1)
    np.testing.assert_allclose(got["total"][0], theirs["ST"], rtol=1e-10)  # the same sums in another order
    # They centre on the mean of all runs, we on that of A and B; first-order estimates move with the centre by its
    # distance times the mean of AB - A, over the variance.
    a, b, *mixed = outputs
    moved = (outputs.mean() - outputs[:2].mean()) * (np.array(mixed) - a).mean(axis=1) / outputs[:2].var()
    np.testing.assert_allclose(got["first_order"][0], theirs["S1"] + moved, rtol=1e-9, atol=1e-12)


@every_case
def test_spearman_is_scipys_on_the_same_points(name):
    design, outputs = points_of(name, method=spearman)
    got = spearman.indices(design, outputs, np.ones((1, outputs.shape[1])))["spearman"][0]
    theirs = [stats.spearmanr(column, outputs[0]).statistic for column in design.cubes[0]]
    np.testing.assert_allclose(got, theirs, rtol=1e-10, atol=1e-13)  # the same sums in another order


def test_spearman_shares_the_ranks_of_ties():
    design = spearman.design([[0], [1]], 500, np.random.default_rng(1))
    outputs = np.floor(4 * design.cubes[0, :1]) - np.floor(2 * design.cubes[0, 1:])
    got = spearman.indices(design, outputs, np.ones((1, 500)))["spearman"][0]
    theirs = [stats.spearmanr(column, outputs[0]).statistic for column in design.cubes[0]]
    np.testing.assert_allclose(got, theirs, rtol=1e-10)


def test_weights_count_rows_as_if_repeated():
    weights = np.random.default_rng(2).integers(0, 4, 16)
    design, outputs = points_of("product", base=16)
    got = sobol.indices(design, outputs, weights[None].astype(float))["total"][0]
    repeated = np.repeat(outputs, weights, axis=1)
    again = sobol.indices(design, repeated, np.ones((1, repeated.shape[1])))["total"][0]
    np.testing.assert_allclose(got, again, rtol=1e-10)  # the same sums in another order
    design, outputs = points_of("product", base=16, method=spearman)
    got = spearman.indices(design, outputs, weights[None].astype(float))["spearman"][0]
    x, y = (np.repeat(stats.rankdata(rows, axis=1), weights, axis=1) for rows in (design.cubes[0], outputs))
    np.testing.assert_allclose(got, np.corrcoef(x, y)[:-1, -1], rtol=1e-10)


def test_spearman_of_draws_is_that_of_the_ranking():
    values = draw(PRODUCT, ["product"], draws=50_000, seed=1)
    got = ranked(PRODUCT, "product", method="spearman", base=2**15)["spearman"].values
    theirs = [stats.spearmanr(values[name], values["product"]).statistic for name in ("x1", "x2", "x3")]
    # Two samples, with sds below 1 / sqrt(rows): four of the sd of their difference.
    np.testing.assert_allclose(got, theirs, rtol=0, atol=4 * (1 / 50_000 + 1 / 2**15) ** 0.5)


# What the spread is small beside, and what has none.


@pytest.mark.parametrize("offset", [1.0, -250.0, 1e4 * 13.844588**0.5, 1e9])
@every_method
def test_a_constant_added_changes_nothing(offset, method):
    shifted = ranked(models.ishigami_function(offset), "ishigami", method=method, base=2**10)
    plain = ranked(ISHIGAMI, "ishigami", method=method, base=2**10)
    for variable in plain.data_vars:
        # What adding the constant rounds off, beside a spread of 3.7, grows with its size; ranks may swap where it
        # is 1e9 and values are 1e-7 apart.
        np.testing.assert_allclose(shifted[variable], plain[variable], rtol=0, atol=1e-12 + 1e-15 * abs(offset))


def test_an_output_far_from_zero_keeps_its_indices():
    got = ranked(models.ishigami_function(1e4 * 13.844588**0.5), "ishigami", base=BASE)
    np.testing.assert_allclose(got["first_order"], KNOWN["ishigami"][0], rtol=0, atol=0.002)
    np.testing.assert_allclose(got["total"], KNOWN["ishigami"][1], rtol=0, atol=0.004)  # as for the plain function


def said_of(scenario, quantity, method):
    found = rank(scenario, quantity, method=method, base=64)
    assert not found.data_vars and found.attrs["method"] == method and found.attrs["quantity"] == quantity
    return found.attrs["words"]


@every_method
def test_what_cannot_be_ranked_is_said_in_words(method):
    uniform = models.UNIT
    constant = models.scenario(models.constant, x1=uniform, x2=uniform)
    assert said_of(constant, "constant", method) == "constant is the same in every draw"
    certain = models.scenario(models.product, x1=1.0, x2=2.0, x3=3.0)
    assert said_of(certain, "product", method) == "product has no uncertain input"
    one = models.scenario(models.product, x1=1.0, x2=uniform, x3=3.0)
    assert said_of(one, "product", method) == "product depends on one uncertain input alone, x2"
    alone = models.scenario(models.alone, x1=uniform)
    assert said_of(alone, "alone", method) == "alone depends on one uncertain input alone, x1"
    assert rank(PRODUCT, "product", method=method, base=64).attrs["words"] == ""


def test_inputs_that_do_not_matter_have_no_share():
    got = ranked(models.ishigami_function(), "ishigami", base=2**10)
    assert "offset" not in got["input"] and abs(float(got["first_order"][2])) < 0.01


@every_method
@pytest.mark.parametrize("base", [SMALLEST_BASE, 100, 256])
def test_few_rows_leave_numbers(method, base):
    for seed in range(5):
        found = rank(PRODUCT, "product", method=method, base=base, seed=seed)
        assert all(np.isfinite(found[variable]).all() for variable in found.data_vars)


@every_method
@pytest.mark.parametrize("base", [SMALLEST_BASE, 256, 1024])
def test_an_output_that_is_rarely_other_than_zero_leaves_numbers_or_words(method, base):
    scenario = models.scenario(models.rare, x1=models.UNIT, x2=models.UNIT)
    for seed in range(5):
        found = rank(scenario, "rare", method=method, base=base, seed=seed)
        assert found.data_vars or found.attrs["words"]
        assert all(np.isfinite(found[variable]).all() for variable in found.data_vars)


# What holds of every method.


@every_method
@every_case
def test_every_ranking_has_the_same_shape(method, name):
    scenario, base = CASES[name], 500
    found = rank(scenario, name, method=method, base=base, seed=3)
    assert set(found["input"].values) == set(scenario.uncertain)
    assert found["bound"].values.tolist() == ["lower", "upper"]
    indices = [variable for variable in found.data_vars if not variable.endswith("_interval")]
    assert METHODS[method].leading in indices
    assert set(found.data_vars) == {*indices, *(f"{index}_interval" for index in indices)}
    for index in indices:
        point, interval = found[index], found[f"{index}_interval"]
        assert point.dims == ("input",) and interval.dims == ("input", "bound")
        lower, upper = interval.values.T
        assert np.isfinite(point).all() and np.isfinite(interval).all() and (lower <= upper).all()
        # The middle of resamples may lie off the point by a little of their width.
        slack = 0.2 * (upper - lower)
        assert ((lower - slack <= point) & (point <= upper + slack)).all()
    leading = np.abs(found[METHODS[method].leading].values)
    assert (np.diff(leading) <= 0).all()
    design = METHODS[method].design([[i] for i in range(len(scenario.uncertain))], 512, np.random.default_rng(1))
    expected = {"method": method, "quantity": name, "base": 512, "seed": 3, "leading": METHODS[method].leading}
    expected |= {"evaluations": len(design.picks) * 512, "words": "", "interval_probability": PROBABILITY}
    assert found.attrs == expected


@every_method
def test_one_seed_gives_the_same_bits_and_another_does_not(method):
    first, again, other = (rank(PRODUCT, "product", method=method, base=256, seed=seed) for seed in (1, 1, 2))
    assert first.identical(again)
    assert not first.drop_attrs().equals(other.drop_attrs())


@every_method
@pytest.mark.parametrize("factors", [2, 5])
def test_every_design_and_its_indices_have_the_shapes_that_are_promised(method, factors):
    rows, rng = 64, np.random.default_rng(1)
    design = METHODS[method].design([[i] for i in range(factors)], rows, rng)
    cubes, picks = design
    assert cubes.shape[1:] == (factors, rows) and picks.shape[1] == factors
    assert 0 < cubes.min() and cubes.max() < 1
    assert set(picks.ravel()) == set(range(len(cubes)))
    weights = rng.integers(0, 4, (REPLICATES, rows)).astype(float)
    outputs = rng.random((len(picks), rows))
    indices = METHODS[method].indices(design, outputs, weights)
    assert METHODS[method].leading in indices
    doubled = METHODS[method].indices(design, outputs, 2 * weights)
    for index, values in indices.items():
        assert values.shape == (REPLICATES, factors)
        np.testing.assert_allclose(doubled[index], values, rtol=1e-9, atol=1e-12)  # weights are relative


@every_method
def test_intervals_narrow_as_rows_grow(method):
    widths = []
    for base in (2**8, 2**12):
        interval = ranked(ISHIGAMI, "ishigami", method=method, base=base)[f"{METHODS[method].leading}_interval"]
        widths.append(float(interval.diff("bound").mean()))
    # By the square root of 16; widths from 100 resamples are known to a tenth.
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.35)


# What cannot be asked is refused.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quantity": "produkt"}, "no quantity 'produkt'; did you mean 'product'"),
        ({"quantity": "x1"}, "no quantity 'x1'"),
        ({"quantity": "product", "method": "sobel"}, "no method 'sobel'; there are sobol, spearman"),
        ({"quantity": "product", "base": SMALLEST_BASE - 1}, "base: must be between 64 and 4,194,304, got 63"),
        ({"quantity": "product", "base": 0}, "base: must be between 64 and"),
        ({"quantity": "product", "base": -4}, "base: must be between 64 and"),
        ({"quantity": "product", "base": LARGEST_BASE + 1}, "base: must be between 64 and 4,194,304, got 4,194,305"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        rank(PRODUCT, **options)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(InputError) as caught:
        rank(PRODUCT, "footprint", method="guess", base=1)
    assert sorted(problem.key for problem in caught.value.problems) == ["base", "method", "of"]


def test_more_inputs_than_points_have_dimensions_are_refused():
    many = {f"x{i}": models.UNIT for i in range(MOST_DIMENSIONS // 2 + 1)}
    inputs = dict.fromkeys(many, next(iter(G_FUNCTION.inputs.values())))
    wide = type(G_FUNCTION)("wide", "", "", G_FUNCTION.book, inputs, (), "")
    with pytest.raises(InputError, match="at most 256 uncertain inputs can be ranked, got 257"):
        rank(wide, "g_function")


@every_method
def test_an_output_that_is_no_number_is_an_error_that_names_it(method):
    def overflowing(x1: models.one, x2: models.one) -> models.one:
        return np.exp(1e4 * x1) * x2

    with pytest.raises(ModelError, match="overflowing is not a finite number in some draws"):
        rank(models.scenario(overflowing, x1=models.UNIT, x2=models.UNIT), "overflowing", method=method, base=64)
