"""Correlated inputs: what is asked for is achieved, nothing else moves, and what cannot be is refused in words."""

import itertools
import re

import numpy as np
import pytest
from scipy import stats

from simulator.analyses.sensitivity.ranking import rank
from simulator.distributions import build_distribution
from simulator.distributions.lognormal import Lognormal
from simulator.distributions.normal import Normal
from simulator.distributions.uniform import Uniform
from simulator.errors import InputError
from simulator.model.copula import is_valid, nearest_correlations
from simulator.model.correlation import pearson_from_linear, pearson_from_spearman, spearman_from_pearson
from simulator.priors import Library, library_beside, shipped_folder
from simulator.sampling.draws import sample, summarise
from simulator.sampling.executors import Threads
from simulator.sampling.sampler import Sampler
from simulator.scenario import load_scenario, read_scenario
from simulator.scenario.correlations import valid_ranks

LIBRARY = Library((shipped_folder("priors"),))
DRAWS = 200_000
# A rank or linear correlation of n draws has a standard error below 1 / sqrt(n) (1.6 / sqrt(n) with heavy tails).
NOISE = 4 / DRAWS**0.5
INPUTS = {
    "embodied_gpu": {"distribution": "lognormal", "p05": 70, "p95": 370, "unit": "kg"},
    "embodied_server": {"distribution": "gamma", "mean": 2500, "sd": 900, "unit": "kg"},
    "embodied_network_ratio": {"distribution": "beta", "low": 0, "high": 1, "mean": 0.15, "sd": 0.05},
    "gpus_per_server": 8,
    "hardware_lifetime": {"distribution": "pert", "low": 3, "mode": 5, "high": 7, "unit": "year"},
    "utilisation": {"distribution": "uniform", "low": 0.5, "high": 0.9},
}


COIN_IN_KG = {"distribution": "discrete", "values": [100, 300], "unit": "kg"}


def scenario(correlations, inputs=INPUTS, pages=("hardware",), library=LIBRARY):
    table = {"title": "test", "pages": list(pages), "inputs": inputs, "correlations": correlations}
    return read_scenario(table, "", name="test", file="test.toml", library=library)


def problems_of(correlations, inputs=INPUTS):
    with pytest.raises(InputError) as caught:
        scenario(correlations, inputs)
    return [str(problem) for problem in caught.value.problems]


def draws_of(loaded, **options):
    return sample(loaded.model, loaded.reported, **{"draws": DRAWS, "seed": 1} | options)


def pair(one, other, **how):
    return {"between": [one, other], **how}


@pytest.mark.parametrize("wanted", [-0.99, -0.5, 0.0, 0.3, 0.8, 0.99])
def test_the_rank_correlation_asked_for_is_achieved(wanted):
    drawn = draws_of(scenario([pair("embodied_gpu", "embodied_network_ratio", rank=wanted)]))
    achieved = stats.spearmanr(drawn["embodied_gpu"], drawn["embodied_network_ratio"]).statistic
    assert achieved == pytest.approx(wanted, abs=NOISE)


def test_a_rank_correlation_is_meant_before_ties():
    """Of two fair coins the ranks correlate as the values do: by 2 asin(r) / pi, with r the correlation of scores."""
    inputs = INPUTS | {name: COIN_IN_KG for name in ("embodied_gpu", "embodied_server")}
    drawn = draws_of(scenario([pair("embodied_gpu", "embodied_server", rank=0.6)], inputs))
    expected = 2 / np.pi * np.arcsin(pearson_from_spearman(0.6))
    achieved = stats.spearmanr(drawn["embodied_gpu"], drawn["embodied_server"]).statistic
    assert achieved == pytest.approx(expected, abs=NOISE) and expected < 0.43


@pytest.mark.parametrize("wanted", [-0.6, 0.3, 0.9])
@pytest.mark.parametrize("values", ["continuous", "coins"])
def test_the_linear_correlation_asked_for_is_achieved(wanted, values):
    coins = {name: COIN_IN_KG for name in ("embodied_gpu", "embodied_server")}
    inputs = INPUTS | (coins if values == "coins" else {})
    drawn = draws_of(scenario([pair("embodied_gpu", "embodied_server", linear=wanted)], inputs))
    achieved = np.corrcoef(drawn["embodied_gpu"], drawn["embodied_server"])[0, 1]
    assert achieved == pytest.approx(wanted, abs=1.6 * NOISE)


def test_loadings_make_the_products_the_correlations_of_the_scores():
    names, loadings = ["embodied_gpu", "embodied_server", "hardware_lifetime"], [0.9, 0.7, -0.5]
    drawn = draws_of(scenario([{"between": names, "loadings": loadings}]))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        achieved = stats.spearmanr(drawn[names[i]], drawn[names[j]]).statistic
        assert achieved == pytest.approx(spearman_from_pearson(loadings[i] * loadings[j]), abs=NOISE)


def test_every_margin_stays_what_it_was():
    names = ["embodied_gpu", "embodied_server", "hardware_lifetime", "utilisation"]
    loaded = scenario([{"between": names, "loadings": [0.9, 0.8, -0.7, 0.6]}])
    drawn = draws_of(loaded)
    for name in names:
        probabilities = loaded.inputs[name].distribution.cdf(drawn[name])
        # Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed once in a thousand; four inputs, one seed.
        assert stats.kstest(probabilities, "uniform").statistic < 1.95 / DRAWS**0.5


def test_an_input_that_correlates_with_nothing_keeps_its_draws_and_so_does_the_first_of_a_group():
    alone, joined = (
        draws_of(scenario(correlations), draws=1000)
        for correlations in ([], [pair("embodied_gpu", "embodied_server", rank=0.7)])
    )
    for name in ("embodied_gpu", "utilisation", "hardware_lifetime"):
        np.testing.assert_array_equal(alone[name], joined[name])
    assert np.abs(alone["embodied_server"] / joined["embodied_server"] - 1).max() > 0.1


def test_scenarios_share_the_draws_of_correlated_facts_whatever_else_they_hold_or_are_asked():
    iowa, quebec = (load_scenario(name) for name in ("gpt4-iowa", "gpt4-quebec"))
    shared = ["embodied_gpu", "embodied_server", "embodied_network_ratio", "host_overhead", "training_tdp_fraction"]
    one, other = (sample(loaded.model, ["total_footprint"], draws=1000, seed=4) for loaded in (iowa, quebec))
    # The energy needs neither GPUs' manufacture nor the grid, but the node's power, whose factors go together.
    energy = sample(iowa.model, ["training_energy"], draws=1000, seed=4)
    hour = sample(iowa.model, ["embodied_server_per_hour"], draws=1000, seed=4)
    assert "embodied_server" in hour and "embodied_gpu" not in hour
    for name in shared:
        np.testing.assert_array_equal(one[name], other[name])
        for part in (energy, hour):
            np.testing.assert_array_equal(one[name], part.get(name, one[name]))


def test_threads_and_chunks_give_the_same_bits(monkeypatch):
    from simulator.sampling import draws as simulate

    loaded = load_scenario("gpt4-iowa")
    one, three = (
        summarise(loaded.model, ["total_footprint"], draws=300_001, seed=2, executor=Threads(n)) for n in (1, 3)
    )
    np.testing.assert_array_equal(one["total_footprint"].counts, three["total_footprint"].counts)
    whole = draws_of(loaded, draws=5000)
    monkeypatch.setattr(simulate, "BLOCK", 512)
    pieces = draws_of(loaded, draws=3000)
    for name in pieces:
        np.testing.assert_array_equal(pieces[name], whole[name][:3000])


def test_a_uniform_of_exactly_zero_or_nearly_one_gives_a_finite_value():
    sampler = Sampler(scenario([pair("embodied_gpu", "embodied_server", rank=0.9)]).model)
    ends = np.array([0.0, 0.0, 1 - 2.0**-53, 1 - 2.0**-53])
    cube = np.empty((len(sampler.variables), 4))
    cube[:] = ends
    cube[0] = ends[[0, 2, 1, 3]]
    assert all(np.isfinite(values).all() for values in sampler.values(cube).values())


@pytest.mark.parametrize("score", [-0.9, -0.2, 0.0, 0.5, 0.95])
def test_scores_ranks_and_linear_correlations_belong_together(score):
    assert pearson_from_spearman(spearman_from_pearson(score)) == pytest.approx(score, abs=1e-14)
    assert pearson_from_linear(score, Normal(3.0, 2.0), Normal(-1.0, 5.0)) == pytest.approx(score, abs=1e-9)
    # Of uniforms the linear correlation is that of the ranks.
    linear = spearman_from_pearson(score)
    assert pearson_from_linear(linear, Uniform(0.0, 1.0), Uniform(2.0, 9.0)) == pytest.approx(score, abs=1e-6)
    # Of two lognormals: log(1 + r sqrt((e^a^2 - 1)(e^b^2 - 1))) / (a b).
    a, b = 0.5, 0.8
    linear = np.expm1(score * a * b) / np.sqrt(np.expm1(a * a) * np.expm1(b * b))
    assert pearson_from_linear(linear, Lognormal(0.0, a), Lognormal(1.0, b)) == pytest.approx(score, abs=1e-6)


NORMAL = Normal(3.0, 2.0)
COIN = build_distribution("discrete", {"values": [0.0, 1.0]})
RARE = build_distribution("discrete", {"values": [0.0, 1.0], "weights": [0.999, 0.001]})
DATA = build_distribution("discrete", {"values": np.random.default_rng(1).lognormal(size=300).tolist()})
FAR = build_distribution("mixture", {"components": [(0.5, Normal(0.0, 1.0)), (0.5, Normal(20.0, 1.0))]})
S = 0.4  # of a log-logistic, whose values rise as the power -S of the probability above them
LOG_ODDS = np.log(19)  # of 95 %
HEAVY = build_distribution("metalog", {"p05": np.exp(-S * LOG_ODDS), "p95": np.exp(S * LOG_ODDS), "low": 0.0})
HEAVY_MEAN = np.pi * S / np.sin(np.pi * S)
HEAVY_VARIANCE = 2 * np.pi * S / np.sin(2 * np.pi * S) - HEAVY_MEAN**2
GRID = np.arange(-37, 37, 0.05)  # of scores; sums over it are exact for what is smooth and ends inside
HEAVY_VALUES = np.exp(S * (stats.norm.logcdf(GRID) - stats.norm.logsf(GRID))) - HEAVY_MEAN


def with_normal(distribution, variance):
    """Return the linear correlation with a normal that belongs to a score of 1: the integral of phi(z(x)) dx / sd."""
    x = np.linspace(-10, 30, 100_001)
    return np.trapezoid(stats.norm.pdf(stats.norm.ppf(distribution.cdf(x))), x) / variance**0.5


def of_two_heavy(score):
    density = np.exp(-(GRID[:, None] ** 2 + GRID**2 - 2 * score * GRID[:, None] * GRID) / (2 * (1 - score**2)))
    return HEAVY_VALUES @ density @ HEAVY_VALUES * 0.05**2 / (2 * np.pi * (1 - score**2) ** 0.5) / HEAVY_VARIANCE


# Two distributions, and the linear correlation that belongs to a score.
LINEAR = {
    "coins": (COIN, COIN, lambda score: 2 / np.pi * np.arcsin(score)),
    "normal and coin": (NORMAL, COIN, lambda score: score * (2 / np.pi) ** 0.5),
    "normal and rare": (
        NORMAL,
        RARE,
        lambda score: score * stats.norm.pdf(stats.norm.ppf(0.001)) / (0.001 * 0.999) ** 0.5,
    ),
    "normal and data": (NORMAL, DATA, lambda score: score * with_normal(DATA, np.var(DATA.values))),
    "normal and two far apart": (NORMAL, FAR, lambda score: score * with_normal(FAR, 1 + 10**2)),
    "lognormals": (
        Lognormal(0.0, 2.0),
        Lognormal(0.0, 3.0),
        lambda score: np.expm1(6 * score) / (np.expm1(4) * np.expm1(9)) ** 0.5,
    ),
    "normal and heavy": (
        NORMAL,
        HEAVY,
        lambda score: score * (GRID * HEAVY_VALUES) @ stats.norm.pdf(GRID) * 0.05 / HEAVY_VARIANCE**0.5,
    ),
    "heavy ones": (HEAVY, HEAVY, of_two_heavy),
}


@pytest.mark.parametrize("score", [-0.6, 0.3, 0.9])
@pytest.mark.parametrize("case", LINEAR)
def test_linear_correlations_of_steps_gaps_and_heavy_tails_are_the_known_ones(case, score):
    one, other, linear = LINEAR[case]
    found = pearson_from_linear(linear(score), one, other)
    # The quadrature gives linear correlations to 1e-5, of 300 steps to 1e-4.
    assert linear(found) == pytest.approx(linear(score), abs=1e-4 if case == "normal and data" else 1e-5)


def test_without_a_variance_there_is_no_linear_correlation():
    wide = {"distribution": "metalog", "p05": 10, "p50": 100, "p95": 10_000, "low": 0, "unit": "kg"}
    (problem,) = problems_of([pair("utilisation", "embodied_gpu", linear=0.3)], INPUTS | {"embodied_gpu": wide})
    assert "correlations.1.linear: the second has no variance or an infinite one" in problem


def test_a_linear_correlation_that_two_distributions_cannot_have_is_refused_with_the_range():
    with pytest.raises(ValueError, match=r"from -0\.368 to 0\.998, got -0.9"):  # (e^-0.999 - 1) / (e - 1), and above
        pearson_from_linear(-0.9, Lognormal(0.0, 1.0), Lognormal(0.0, 1.0))
    (problem,) = problems_of([pair("embodied_gpu", "embodied_server", linear=-0.95)])
    assert problem.startswith("test.toml: correlations.1.linear: these two can have linear correlations from -0.8")


def test_the_nearest_matrix_is_highams():
    # Higham 2002, section 4: the tridiagonal matrix of ones, order 3.
    matrix = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    found = nearest_correlations(matrix)
    expected = [[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]]
    np.testing.assert_allclose(found, expected, atol=5e-5)


def test_correlations_that_cannot_hold_together_are_refused_and_the_ones_offered_are_taken():
    asked = [
        pair("embodied_gpu", "embodied_server", rank=0.9),
        pair("embodied_server", "utilisation", rank=0.9),
        pair("embodied_gpu", "utilisation", rank=-0.5),
    ]
    (problem,) = problems_of(asked)
    assert problem.startswith(
        "test.toml: correlations: these are inconsistent (matrix not positive definite); nearest valid"
    )
    offered = re.findall(r"(\w+) and (\w+) (-?[\d.]+) \(not (-?[\d.]+)\)", problem)
    assert {float(was) for *_, was in offered} == {0.9, -0.5} and len(offered) == 3
    drawn = draws_of(scenario([pair(one, other, rank=float(value)) for one, other, value, _ in offered]))
    for one, other, value, _ in offered:
        assert stats.spearmanr(drawn[one], drawn[other]).statistic == pytest.approx(float(value), abs=NOISE)


BAD = [
    ([pair("embodied_gpu", "gpus_per_server", rank=0.5)], "1.between: 'gpus_per_server' is a fixed value"),
    ([pair("embodied_gpu", "embodied_sever", rank=0.5)], "1.between: no input or prior 'embodied_sever'"),
    ([pair("embodied_gpu", "embodied_gpu", rank=0.5)], "1.between: 'embodied_gpu' is there twice"),
    (
        [pair("embodied_gpu", "utilisation")],
        "1: give one of rank, linear (between two) and loadings (of each); got no",
    ),
    ([pair("embodied_gpu", "utilisation", rank=0.1, linear=0.1)], "got rank and linear"),
    ([pair("embodied_gpu", "utilisation", rank=1.5)], "1.rank: expected a number up to 0.999, got 1.5"),
    ([pair("embodied_gpu", "utilisation", rank=-1)], "1.rank: expected a number from -0.999, got -1"),
    ([pair("embodied_gpu", "utilisation", rank="high")], "1.rank: expected a number, got 'high'"),
    ([pair("embodied_gpu", "utilisation", loadings=[0.5, 0.5, 0.5])], "1.loadings: 2 inputs need as many, got 3"),
    ([pair("embodied_gpu", "utilisation", ranks=0.5)], "1.ranks: unknown key; did you mean 'rank'?"),
    ([{"between": ["embodied_gpu"], "rank": 0.5}], "1.between: expected at least 2"),
    ([{"rank": 0.5}], "1.between: is missing"),
    ([{"between": ["embodied_gpu", "embodied_server", "utilisation"], "rank": 0.5}], "rank is between two, got 3"),
    (
        [pair("embodied_gpu", "utilisation", rank=0.5), pair("utilisation", "embodied_gpu", rank=0.6)],
        "2: embodied_gpu and utilisation have a correlation already",
    ),
]


@pytest.mark.parametrize(("correlations", "said"), BAD)
def test_a_bad_correlation_is_one_line_that_says_where_and_what(correlations, said):
    (problem,) = problems_of(correlations)
    assert said in problem and problem.startswith("test.toml: correlations.")
    assert "\n" not in problem


def test_the_problems_of_all_tables_and_of_the_inputs_come_at_once():
    found = problems_of([pair("a", "utilisation", rank=0.5), pair("b", "utilisation", rank=0.5)])
    assert len(found) == 2
    found = problems_of([pair("a", "utilisation", rank=2)], {**INPUTS, "utilisation": "much"})
    assert [problem.split(": ")[1] for problem in found] == [
        "correlations.1.between",
        "correlations.1.rank",
        "inputs.utilisation",
    ]


def test_the_library_correlates_what_a_scenario_takes_from_it_and_the_scenario_has_the_last_word(tmp_path):
    inputs = INPUTS | {"embodied_gpu": "hardware/a100-embodied", "embodied_server": "hardware/a100-server-embodied"}
    by_library = scenario([], inputs).correlations
    assert [group.names for group in by_library] == [("embodied_gpu", "embodied_server")]
    assert by_library[0].description == "embodied_gpu and embodied_server 0.59"
    (own,) = scenario([pair("embodied_gpu", "embodied_server", rank=0.1)], inputs).correlations
    assert own.description == "embodied_gpu and embodied_server 0.10"
    (folder,) = (tmp_path / "priors",)
    folder.mkdir()
    (folder / "correlations.toml").write_text(
        '[[correlations]]\nbetween = ["hardware/a100-embodied", "hardware/a100-server-embodied"]\nrank = -0.2\n'
    )
    users = library_beside(tmp_path / "test.toml")
    (theirs,) = scenario([], inputs, library=users).correlations
    assert theirs.description == "embodied_gpu and embodied_server -0.20"
    (folder / "correlations.toml").write_text('[[correlations]]\nbetween = ["hardware/a100-embodied"]\nrenk = 1\n')
    with pytest.raises(InputError) as caught:
        scenario([], inputs, library=library_beside(tmp_path / "test.toml"))
    # Two that stand there, and what the misspelt key holds.
    assert [problem.key.split(".")[-1] for problem in caught.value.problems] == ["between", "renk", "renk"]
    assert all("correlations.toml: correlations.1." in str(problem) for problem in caught.value.problems)


def test_a_group_of_one_fact_under_two_names_is_one_fact():
    found = problems_of(
        [pair("embodied_gpu", "hardware/a100-embodied", rank=0.5)],
        INPUTS | {"embodied_gpu": "hardware/a100-embodied"},
    )
    assert "is there twice" in found[0]


def test_the_ranking_of_a_group_is_that_of_the_sum_in_closed_form():
    inputs = INPUTS | {
        "embodied_gpu": {"distribution": "normal", "mean": 300, "sd": 20, "unit": "kg"},
        "embodied_server": {"distribution": "normal", "mean": 2400, "sd": 160, "unit": "kg"},
        "embodied_network_ratio": {"distribution": "normal", "mean": 0.5, "sd": 0.02},
        "hardware_lifetime": "4 years",
        "utilisation": 0.8,
    }
    loaded = scenario([pair("embodied_gpu", "embodied_server", linear=0.5)], inputs)
    # In proportion to ratio * (gpu + server / 8), a product of two independent normals.
    together = {"pair": ["embodied_gpu", "embodied_server"]}
    network = "embodied_network_per_gpu_hour"
    ranked = rank(loaded, network, method="sobol", groups=together, n_base=2**14).isel(quantity=0)
    variance = 20**2 + 20**2 + 2 * 0.5 * 20 * 20
    one, other, both = (0.5**2) * variance, (600 * 0.02) ** 2, variance * 0.02**2
    total = ranked["value"].sel(measure="total", input="pair").item()
    assert total == pytest.approx((one + both) / (one + other + both), rel=0.01)
    first = ranked["value"].sel(measure="first_order", input="embodied_network_ratio").item()
    assert first == pytest.approx(other / (one + other + both), rel=0.02)


@pytest.mark.parametrize(("size", "times"), [(3, 60), (4, 60), (6, 60), (60, 1)])
def test_correlations_that_are_offered_are_accepted_as_printed(size, times):
    """With their three decimals, in place of inconsistent ones."""
    rng = np.random.default_rng(size)
    refused = 0
    for _ in range(times):
        matrix = np.eye(size)
        for i, j in itertools.combinations(range(size), 2):
            matrix[i, j] = matrix[j, i] = pearson_from_spearman(round(rng.uniform(-0.99, 0.99), 2))
        if not is_valid(matrix):
            refused += 1
            for (i, j), rank in valid_ranks(matrix).items():
                assert rank == round(rank, 3)
                matrix[i, j] = matrix[j, i] = pearson_from_spearman(rank)
            assert is_valid(matrix)
    assert refused >= times / 4
