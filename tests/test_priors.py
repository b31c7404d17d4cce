"""Priors in files: values one by one, data from CSV, mixtures of other priors, and what is said of bad ones."""

import os

import numpy as np
import pytest
from scipy import stats

from simulator.distributions import build_distribution, quantile_function
from simulator.distributions.discrete import Discrete
from simulator.errors import InputError, Location
from simulator.priors import Library, read_prior
from simulator.priors.files import LARGEST_DATA
from simulator.priors.table import are_few
from simulator.sampling.sampler import stream

# Values one by one.

U = np.concatenate([[0.0], stream(1, "discrete").random(20_000)])


def test_discrete_quantiles_are_scipys():
    values, weights = [1.0, 2.0, 5.0, 7.5], [0.1, 0.2, 0.3, 0.4]
    order = [2, 0, 3, 1]
    given = {"values": [values[i] for i in order], "weights": [weights[i] for i in order]}
    distribution, oracle = build_distribution("discrete", given), stats.rv_discrete(values=(range(4), weights))
    np.testing.assert_array_equal(distribution.ppf(U[1:]), np.array(values)[oracle.ppf(U[1:]).astype(int)])
    np.testing.assert_array_equal(distribution.isf(U[1:]), np.array(values)[oracle.isf(U[1:]).astype(int)])
    places = np.array([0.0, 1.0, 1.5, 2.0, 5.0, 7.0, 7.5, 9.0])
    np.testing.assert_allclose(distribution.cdf(places), [0, 0.1, 0.1, 0.3, 0.6, 0.6, 1, 1], rtol=1e-15)
    np.testing.assert_allclose(distribution.sf(places), [1, 0.9, 0.9, 0.7, 0.4, 0.4, 0, 0], rtol=1e-15)
    assert distribution.support == (1.0, 7.5)
    assert quantile_function(distribution)(U)[0] == 1.0


def test_equal_values_are_one_with_their_weights_together():
    assert build_distribution("discrete", {"values": [3.0, 1.0, 3.0]}) == build_distribution(
        "discrete", {"values": [1.0, 3.0], "weights": [1 / 3, 2 / 3]}
    )


def test_draws_from_data_occur_as_often_as_in_the_data():
    data = np.random.default_rng(1).normal(size=50).tolist()
    drawn = quantile_function(build_distribution("empirical", {"values": data}))(U)
    found, counts = np.unique(drawn, return_counts=True)
    np.testing.assert_array_equal(found, np.sort(data))
    assert stats.chisquare(counts).pvalue > 1e-3  # one seed, which passes


# The metalog, against the closed form of three quantiles (Keelin 2016, equations for the symmetric triplet).


@pytest.mark.parametrize(("low", "middle", "high"), [(1.0, 3.0, 6.0), (-2.0, 0.0, 2.0), (10.0, 12.0, 15.0)])
@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_metalog_through_a_symmetric_triplet_has_the_published_coefficients(low, middle, high, alpha):
    width, log_odds = high - low, np.log((1 - alpha) / alpha)
    r = (middle - low) / width
    published = [middle, width / (2 * log_odds), (1 - 2 * r) * width / ((1 - 2 * alpha) * log_odds)]
    quantiles = {f"p{100 * alpha:02.0f}": low, "p50": middle, f"p{100 * (1 - alpha):02.0f}": high}
    got = build_distribution("metalog", quantiles).coefficients
    np.testing.assert_allclose(got, published, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("bounds", [{}, {"low": 0.0}, {"high": 40.0}, {"low": 0.0, "high": 40.0}])
def test_metalog_has_the_quantiles_asked_for_and_stays_between_its_bounds(bounds):
    asked = {"p025": 2.0, "p25": 6.0, "p50": 8.0, "p75": 10.5, "p975": 17.0}
    distribution = build_distribution("metalog", {**asked, **bounds})
    probabilities = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    np.testing.assert_allclose(distribution.ppf(probabilities), list(asked.values()), rtol=1e-11)
    values = distribution.ppf(U[1:])
    assert bounds.get("low", -np.inf) <= values.min() and values.max() <= bounds.get("high", np.inf)
    np.testing.assert_allclose(distribution.cdf(values), U[1:], rtol=0, atol=1e-13)


def test_metalog_that_would_fall_is_refused_in_words():
    with pytest.raises(ValueError, match="no metalog goes through these quantiles: near the probability"):
        build_distribution("metalog", {"p05": 1.0, "p25": 2.0, "p50": 2.1, "p75": 2.11, "p95": 30.0})


# In files.

SOURCE = 'source = { title = "someone", year = 2024 }\n'
ONE = "[one]\n" + 'distribution = "uniform"\nlow = 1\nhigh = 2\nunit = "kg"\n' + SOURCE


@pytest.fixture
def library(tmp_path):
    """Write files into a library of the test's own."""

    def write(**files):
        for stem, text in files.items():
            (tmp_path / f"{stem}.toml").write_text(text)
        return Library((tmp_path,))

    return write


def mixture(*components, head="[it]\n", unit="kg"):
    return f'{head}distribution = "mixture"\nunit = "{unit}"\n{SOURCE}components = [{", ".join(components)}]\n'


def test_a_mixture_of_priors_and_tables_in_one_unit(library):
    found = library(
        a=ONE
        + mixture(
            '{ weight = 0.25, prior = "a/one" }',
            '{ weight = 0.75, distribution = "uniform", low = 10, high = 20, unit = "g" }',
        )
    ).find("a/it")
    assert found.distribution.support == (0.01, 2.0)
    np.testing.assert_allclose(found.distribution.cdf(np.array([0.015, 0.5, 1.5])), [0.375, 0.75, 0.875])
    assert found.description == (
        "mixture (with probability 0.25 uniform (low 1, high 2); or with probability 0.75 uniform (low 10, high 20))"
    )


def test_data_beside_the_file_become_a_prior(library, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "watts.csv").write_text("host,mean power\na,300\nb, 310 \nc,\nd,320\n")
    text = f'[it]\ndistribution = "empirical"\nfile = "data/watts.csv"\ncolumn = "mean power"\nunit = "W"\n{SOURCE}'
    found = library(a=text).find("a/it")
    np.testing.assert_array_equal(found.distribution.values, [300, 310, 320])
    assert found.description == "empirical (file data/watts.csv, column mean power)"


def data(file="x.csv", column="w"):
    return f'[it]\ndistribution = "empirical"\nfile = "{file}"\ncolumn = "{column}"\n{SOURCE}'


def discrete(**parameters):
    body = "".join(f"{name} = {value}\n" for name, value in parameters.items())
    return f'[it]\ndistribution = "discrete"\n{body}{SOURCE}'


def fitted(family, **parameters):
    body = "".join(f"{name} = {value}\n" for name, value in parameters.items())
    return f'[it]\ndistribution = "{family}"\n{body}{SOURCE}'


BAD = {
    "weights that do not sum": (discrete(values="[1, 2]", weights="[0.5, 0.4]"), "it", ["sum to 1", "0.9"]),
    "weights too few": (discrete(values="[1, 2]", weights="[1.0]"), "it", ["2 values", "got 1"]),
    "weight negative": (discrete(values="[1, 2]", weights="[1.5, -0.5]"), "it", ["above 0", "-0.5"]),
    "no values": (discrete(values="[]"), "it.values", ["at least one", "got []"]),
    "a value that is text": (discrete(values='[1, "two"]'), "it.values.2", ["a number", "'two'"]),
    "a value that is infinite": (discrete(values="[1, inf]"), "it.values.2", ["a finite number"]),
    "values: a number": (discrete(values="1"), "it.values", ["a list", "got 1"]),
    "weights without values": (discrete(weights="[1]"), "it", ["discrete needs values"]),
    "mixture: weights that do not sum": (
        mixture('{ weight = 0.5, distribution = "fixed", value = 1 }'),
        "it",
        ["sum to 1", "0.5"],
    ),
    "mixture: no weight": (mixture('{ distribution = "fixed", value = 1 }'), "it.components.1.weight", ["missing"]),
    "mixture: weight is text": (
        mixture('{ weight = "1", distribution = "fixed", value = 1 }'),
        "it.components.1.weight",
        ["a number", "'1'"],
    ),
    "mixture: a weight that no float holds": (
        mixture(f'{{ weight = 1{"0" * 310}, distribution = "fixed", value = 1 }}'),
        "it.components.1.weight",
        ["a number above 0, up to 1", "got 1000"],
    ),
    "mixture: a weight that is none": (
        mixture('{ weight = nan, distribution = "fixed", value = 1 }'),
        "it.components.1.weight",
        ["a number above 0, up to 1", "got nan"],
    ),
    "mixture: no components": (mixture(), "it.components", ["at least one"]),
    "mixture: of numbers": (mixture("1"), "it.components.1", ["a table", "got 1"]),
    "mixture: another unit": (
        mixture('{ weight = 1, distribution = "fixed", value = 1, unit = "kWh" }'),
        "it.components.1",
        ["kWh", "kg"],
    ),
    "mixture: of a mixture": (
        mixture('{ weight = 1, distribution = "mixture", components = [] }'),
        "it.components.1",
        ["cannot be a mixture"],
    ),
    "mixture: no such prior": (
        mixture('{ weight = 1, prior = "a/nobody" }'),
        "it.components.1.prior",
        ["a prior of the library", "'a/nobody'"],
    ),
    "mixture: more beside a prior": (
        mixture('{ weight = 1, prior = "a/one", low = 3 }'),
        "it.components.1.low",
        ["unknown key"],
    ),
    "mixture: bad component": (
        mixture('{ weight = 1, distribution = "uniform", low = 3, high = 1 }'),
        "it.components.1",
        ["low must be below high"],
    ),
    "quantiles out of order": (fitted("metalog", p05=1, p50=3, p95=2), "it", ["p50 must be below p95", "3 and 2"]),
    "quantiles out of order, of two": (fitted("gamma", p10=4, p90=3), "it", ["p10 must be below p90"]),
    "a quantile of 0 %": (fitted("normal", p00=1, p95=2), "it.p00", ["unknown key"]),
    "a quantile that is text": (fitted("normal", p05='"1"', p95=2), "it.p05", ["a number", "'1'"]),
    "quantiles too many": (fitted("normal", p05=1, p50=2, p95=3), "it", ["normal needs", "p05, p50, p95"]),
    "a quantile where there is none": (fitted("fixed", p05=1), "it.p05", ["unknown key"]),
    "no such lognormal": (fitted("lognormal", p05=1, p50=3, p95=4), "it", ["longer tail", "right"]),
    "no such triangular": (fitted("triangular", p05=1, p50=3, p95=9), "it", ["no distribution of this family"]),
    "metalog: beyond its bound": (fitted("metalog", p05=1, p95=9, high=8), "it", ["between -inf and 8"]),
    "data: no such file": (data(), "it", ["no such file", "x.csv"]),
    "data: out of the folder": (data("../x.csv"), "it", ["in or below the folder", "'../x.csv'"]),
    "data: out of the folder, deeper": (data("a/../../x.csv"), "it", ["in or below the folder"]),
    "data: from the root": (data("/etc/x.csv"), "it", ["in or below the folder"]),
    "data: no table": (data("a.toml"), "it", ["the name of a .csv file"]),
    "data: no column": (data("good.csv", "v"), "it", ["no column 'v'", "it has 'w'"]),
    "data: text in it": (data("text.csv"), "it", ["line 3", "a number", "'much'"]),
    "data: infinite": (data("infinite.csv"), "it", ["line 2", "a number", "'inf'"]),
    "data: empty": (data("empty.csv"), "it", ["is empty"]),
    "data: no rows": (data("heads.csv"), "it", ["no number in column 'w'"]),
    "data: bytes": (data("bytes.csv"), "it", ["UTF-8"]),
    "data: a link that leads out": (data("link.csv"), "it", ["in or below the folder"]),
    "data: a folder": (data("folder.csv"), "it", ["is a folder", "folder.csv"]),
    "data: too large": (data("large.csv"), "it", ["larger than 20 MB"]),
    "data: no column named": ('[it]\ndistribution = "empirical"\nfile = "x.csv"\n' + SOURCE, "it", ["file, column"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_prior_is_named_with_what_to_do(case, library, tmp_path, tmp_path_factory):
    text, key, words = BAD[case]
    (tmp_path / "good.csv").write_text("w\n1\n")
    (tmp_path / "text.csv").write_text("w\n1\nmuch\n")
    (tmp_path / "infinite.csv").write_text("w\ninf\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "heads.csv").write_text("w,v\n")
    (tmp_path / "bytes.csv").write_bytes(b"w\n\xff\xfe\n")
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("w\n1\n")
    (tmp_path / "link.csv").symlink_to(outside)
    (tmp_path / "folder.csv").mkdir()
    with open(tmp_path / "large.csv", "wb") as large:
        os.truncate(large.fileno(), LARGEST_DATA + 1)
    with pytest.raises(InputError) as caught:
        library(a=ONE + text).find("a/it")
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == (str(tmp_path / "a.toml"), key)
    for word in words:
        assert word in problem.message


def test_priors_made_of_each_other_are_refused_with_the_circle(library):
    found = library(
        a=mixture('{ weight = 1, prior = "b/it" }'),
        b=mixture('{ weight = 1, prior = "a/it" }'),
    )
    with pytest.raises(InputError, match=r"made of itself: a/it -> b/it -> a/it"):
        found.find("a/it")


def test_a_long_chain_of_priors_is_refused(library):
    chain = "".join(mixture(f'{{ weight = 1, prior = "a/p{i + 1}" }}', head=f"[p{i}]\n") for i in range(300))
    with pytest.raises(InputError, match="more than 10 deep"):
        library(a=chain).find("a/p0")


def test_a_mixture_has_so_many_components_those_of_mixtures_in_it_included(library):
    """Fifty of fifty of fifty would be drawn as 125,000 distributions."""
    many = [f'{{ weight = 0.02, distribution = "uniform", low = {i}, high = {i + 1} }}' for i in range(50)]
    text = mixture(*many, head="[a]\n") + mixture(*['{ weight = 0.5, prior = "a/a" }'] * 2, head="[two]\n")
    text += mixture(*['{ weight = 0.3333, prior = "a/a" }'] * 3, head="[three]\n")
    for level, of in enumerate(["three", "p1", "p2", "p3"], 1):
        text += mixture(*[f'{{ weight = 0.02, prior = "a/{of}" }}'] * 50, head=f"[p{level}]\n")
    found = library(a=text)
    assert found.find("a/two").distribution.support == (0, 50)
    for name in ("a/three", "a/p4"):
        with pytest.raises(
            InputError, match="made of over 100 components, those of mixtures in it included"
        ) as caught:
            found.find(name)
        assert {problem.key for problem in caught.value.problems} == {"three.components"}


def test_mixtures_within_bounds_lie_in_so_many_levels(library):
    """Each level would double the time that a table of quantiles takes."""
    spread = '{ weight = 0.5, distribution = "uniform", low = 0, high = 9 }'
    text = ""
    for level in range(5):
        part = f'{{ weight = 0.5, prior = "a/p{level - 1}" }}' if level else spread
        text += mixture(part, spread, head=f"[p{level}]\nbounds = [0.5, 8.5]\n")
    found = library(a=text)
    assert found.find("a/p2").distribution.support == (0.5, 8.5)
    with pytest.raises(InputError, match="mixtures within bounds in over 3 levels") as caught:
        found.find("a/p4")
    assert {problem.key for problem in caught.value.problems} == {"p3.components"}


def test_a_mixture_in_another_unit_is_one_of_its_parts_in_that_unit(library):
    """Kept as one, it would be computed anew at each level above it."""
    part = '{ weight = 0.5, distribution = "normal", mean = 1, sd = 1 }'
    text = mixture(part, part, head="[p]\n")
    distribution = library(a=text).find("a/p").in_unit("g")
    assert [component.support for component in distribution.components] == [(-np.inf, np.inf)] * 2
    assert distribution.cdf(np.array(1000.0)) == pytest.approx(0.5)


def test_a_mixture_has_so_many_values():
    part = Discrete(tuple(range(400_000)), (1 / 400_000,) * 400_000)
    assert are_few([part] * 2) and not are_few([part] * 3)


def test_two_priors_of_one_name_are_refused(library):
    with pytest.raises(InputError, match=r"is not TOML: .*one"):
        library(a=ONE + ONE).find("a/one")


def test_a_prior_of_a_scenario_may_mix_with_the_library(library):
    table = {
        "distribution": "mixture",
        "unit": "kg",
        "components": [
            {"weight": 0.5, "prior": "a/one"},
            {"weight": 0.5, "distribution": "fixed", "value": 5.0},
        ],
    }
    prior = read_prior(table, "x", Location("my.toml", "inputs.x"), library(a=ONE).get)
    np.testing.assert_array_equal(prior.distribution.ppf(np.array([0.25, 0.75])), [1.5, 5.0])
    assert [source.title for source in prior.sources] == ["someone"]
    drawn = quantile_function(prior.distribution)(U[1:])
    assert np.mean(drawn == 5.0) == pytest.approx(0.5, abs=5 * (0.25 / U.size) ** 0.5)
