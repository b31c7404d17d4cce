"""The result: labelled, in ArviZ's schema, and written whole or not at all."""

import base64
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import zlib

import arviz
import matplotlib.pyplot
import netCDF4
import numpy as np
import pytest
import xarray

from simulator import (
    InputError,
    OutputError,
    Workflow,
    load_cases,
    load_result,
    load_scenario,
    rank,
    run,
    save_result,
)
from simulator.analyses.analysis import ANALYSES
from simulator.distributions import Fixed, build_distribution
from simulator.model import GaussianCopula
from simulator.present.wording.run import describe_percentile, origins, references, result_json, table
from simulator.results import as_bytes, read_groups, save_files
from simulator.results.storage import COMMITTED
from simulator.sampling.executors import Threads
from simulator.units import one
from simulator.workflow.figure_files import plot
from tests import models

SCENARIO = load_scenario("gpt4-iowa")
UNIFORM = build_distribution("uniform", {"low": 2.0, "high": 5.0})
RESULT = run(SCENARIO, draws=50_000, seed=1, keep=500)


def test_groups_and_labels():
    drawn = {"prior", "log_prior", "prior_predictive", "constant_data", "observed_data"}
    assert set(RESULT.children) == drawn | {"intervals", "density", "references"}
    assert RESULT["prior"].sizes == {"chain": 1, "draw": 500}
    assert RESULT["constant_data"]["gpu_tdp"].attrs["units"] == "kW"
    assert "Falk" in RESULT["prior"]["embodied_gpu"].attrs["source"]
    assert RESULT["prior"]["embodied_network_ratio"].attrs["origin"] == "default"
    assert RESULT["prior"]["training_energy"].attrs["units"] == "kWh"
    assert {"draws", "seed", "scenario_text", "versions"} <= set(RESULT.attrs)
    assert {"created_at", "digest"} <= set(RESULT["prior"].attrs)


def test_intervals_are_in_order_and_parts_add_up():
    data = RESULT["intervals"].to_dataset()
    wide, narrow = (data["interval"].sel(ci_prob=p) for p in (0.9, 0.5))
    assert (wide.sel(ci_bound="lower") < narrow.sel(ci_bound="lower")).all()
    assert (narrow.sel(ci_bound="lower") < data["estimate"]).all() and (
        data["estimate"] < narrow.sel(ci_bound="upper")
    ).all()
    assert (narrow.sel(ci_bound="upper") < wide.sel(ci_bound="upper")).all()
    shares = data["share"].sel(quantity=["electricity_footprint", "embodied_footprint"])
    assert float(shares.sum()) == pytest.approx(1, abs=1e-12)  # shares of one draw add up to 1, so do their means


def test_densities_of_what_is_positive_are_cut_as_a_logarithmic_axis_is():
    """So that the lower tail of a wide quantity is seen: all of its draws but 0.2 %."""
    data = RESULT["density"].sel(quantity="total_footprint")
    edges = data["edge"].values
    np.testing.assert_allclose(np.diff(np.log(edges)), np.log(edges[-1] / edges[0]) / (edges.size - 1), rtol=1e-9)
    assert float((data["density"].values * np.diff(edges)).sum()) == pytest.approx(0.998, abs=1e-4)  # ranks between


def test_highest_density_intervals_are_narrower():
    hdi = run(SCENARIO, draws=50_000, seed=1, keep=500, ci_kind="hdi")["intervals"]
    eti = RESULT["intervals"]
    assert hdi.attrs["ci_kind"] == "hdi"
    assert (hdi["interval"].diff("ci_bound") <= eti["interval"].diff("ci_bound")).all()
    assert (hdi["interval_mcse"] > 0).all()


def test_arviz_opens_it(tmp_path):
    save_result(RESULT, tmp_path)
    with arviz.from_netcdf(tmp_path / "result.nc") as opened:
        np.testing.assert_array_equal(opened["prior"]["total_footprint"], RESULT["prior"]["total_footprint"])


@pytest.fixture
def figures():
    """Figures of ArviZ's own, drawn where no screen is."""
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


def test_arviz_works_on_a_fresh_result_without_a_warning(figures):
    """Warnings are errors here. What compares prior and posterior takes the same draws as both."""
    names = ["training_energy", "training_pue"]
    table = arviz.summary(RESULT, group="prior")
    assert set(table.index) == set(RESULT["prior"].data_vars) and (table["sd"].astype(float) > 0).all()
    arviz.plot_forest(RESULT, group="prior", var_names=names)
    arviz.plot_dist(RESULT, group="prior", var_names=names)
    arviz.plot_ppc_dist(RESULT, group="prior_predictive")
    arviz.plot_ppc_interval(RESULT, group="prior_predictive")
    both = RESULT.assign({"posterior": RESULT["prior"]})
    arviz.plot_prior_posterior(both, var_names=names)
    for asked in (None, ["training_grid_intensity"]):  # to the power of the whole prior, and of one input's
        assert (
            float(arviz.psense(both, var_names=["total_footprint"], group_var_names=asked)["total_footprint"]) > 0.02
        )


def test_no_name_in_a_result_is_that_of_a_method(tmp_path):
    """Of every analysis: those of a run, those of a ranking, a comparison and a back-test."""
    work = Workflow(tmp_path, figures=False)
    pair = [SCENARIO, load_scenario("gpt4-quebec")]
    trees = [work.rank(SCENARIO, n_base=1024).result, xarray.DataTree(work.compare(pair, draws=200).result)]
    trees.append(xarray.DataTree(work.backtest(load_cases("published")[:2], draws=200).result))
    named = {node.attrs["analysis"] for tree in trees for node in tree.subtree if "analysis" in node.attrs}
    assert named == ANALYSES.keys() - {"difference"}
    for group in (node for tree in trees for node in tree.subtree if node.data_vars):
        data = group.to_dataset()
        assert not [name for name in map(str, (*data.variables, *data.dims)) if hasattr(xarray.Dataset, name)]
        for name, variable in data.data_vars.items():
            assert variable.attrs["long_name"], name
            of_group = "units" in data.coords or "units" in data.attrs
            assert "units" in variable.attrs or of_group or variable.dtype == bool, name


def test_what_does_not_vary_is_constant_data():
    """A share of the only stage is 1 in every draw, though it is computed from what is uncertain."""
    assert float(RESULT["constant_data"]["training_share"]) == 1.0
    assert (RESULT["prior"].to_dataset().std() > 0).all()


def test_the_log_prior_is_the_joint_density_of_correlated_inputs():
    from scipy import stats

    def total(x1: one, x2: one, x3: one) -> one:
        return x1 + x2 + x3

    lognormals = [build_distribution("lognormal", {"mu": mu, "sigma": sigma}) for mu, sigma in ((0, 0.5), (1, 0.2))]
    plain = models.scenario(total, x1=lognormals[0], x2=lognormals[1], x3=UNIFORM)
    copula = GaussianCopula(("x1", "x2"), ((1.0, 0.6), (0.6, 1.0)))
    scenario = dataclasses.replace(plain, model=dataclasses.replace(plain.model, copulas=(copula,)))
    result = run(scenario, draws=2000, keep=2000)
    x1, x2, _ = (result["prior"][name].values for name in ("x1", "x2", "x3"))
    covariance = [[0.25, 0.06], [0.06, 0.04]]
    logs = np.stack([np.log(x1), np.log(x2)], axis=-1)
    expected = stats.multivariate_normal([0, 1], covariance).logpdf(logs[0]) - logs[0].sum(axis=-1)
    # Slopes are differences over 1e-4 of the tail: an error of about its square.
    np.testing.assert_allclose(result["log_prior"]["x1 and x2"].values[0], expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(result["log_prior"]["x3"], np.log(1 / 3), rtol=1e-6)


def test_what_has_an_atom_has_no_log_prior_nor_what_it_is_correlated_with():
    def total(x1: one, x2: one, x3: one) -> one:
        return x1 + x2 + x3

    coin = build_distribution("discrete", {"values": [0.0, 1.0]})
    plain = models.scenario(total, x1=coin, x2=UNIFORM, x3=UNIFORM)
    copula = GaussianCopula(("x1", "x2"), ((1.0, 0.6), (0.6, 1.0)))
    scenario = dataclasses.replace(plain, model=dataclasses.replace(plain.model, copulas=(copula,)))
    assert set(run(scenario, draws=200)["log_prior"].data_vars) == {"x3"}


def test_atoms_have_no_log_prior_wherever_they_lie():
    def total(x1: one, x2: one) -> one:
        return x1 + x2

    parts = [(0.5, Fixed(1.0)), (0.5, build_distribution("lognormal", {"mu": 0.0, "sigma": 1.0}))]
    mixed = build_distribution("mixture", {"components": parts})
    rare = build_distribution("discrete", {"values": [1.0, 2.0, 3.0], "weights": [0.9, 0.0999, 0.0001]})
    assert "log_prior" not in run(models.scenario(total, x1=mixed, x2=rare), draws=2000).children


def test_a_file_of_another_layout_is_refused_in_a_line(tmp_path):
    old = RESULT.copy()
    old.attrs = {key: value for key, value in RESULT.attrs.items() if key != "schema_version"}
    save_result(old, tmp_path / "old.nc")
    with pytest.raises(InputError, match="in another layout; run its scenario again"):
        load_result(tmp_path / "old.nc")


def test_a_result_comes_back_as_it_was(tmp_path):
    save_result(RESULT, tmp_path)
    again = load_result(tmp_path)
    assert again.identical(load_result(tmp_path / "result.nc"))
    assert result_json(again) == result_json(RESULT)
    assert table(again) == table(RESULT) and list(references(again)) == list(references(RESULT))
    assert origins(again) == origins(RESULT)


def test_summaries_are_the_same_bits_every_time():
    again = run(SCENARIO, draws=50_000, seed=1, keep=500, executor=Threads(3))
    assert json.dumps(result_json(again)) == json.dumps(result_json(RESULT))
    assert json.dumps(result_json(run(SCENARIO, draws=50_000, seed=2, keep=500))) != json.dumps(result_json(RESULT))
    assert rank(SCENARIO, n_base=1024).identical(rank(SCENARIO, n_base=1024))


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (0.01, "is lower than over 99.9 % of the draws"),
        (0.63, "is lower than 99.4 % of the draws"),
        (1.2, "is lower than 99 % of the draws"),
        (2.4, "is lower than 98 % of the draws"),
        (11.0, "is lower than 89 % of the draws"),
        (52.6, "is higher than 53 % of the draws"),
        (99.5, "is higher than 99.5 % of the draws"),
        (99.99, "is higher than over 99.9 % of the draws"),
    ],
)
def test_where_a_published_value_lies_in_words(percentile, words):
    assert describe_percentile(percentile) == words


def test_what_is_no_result_is_refused(tmp_path):
    (tmp_path / "result.nc").write_bytes(b"not a result")
    for path, words in ((tmp_path, "cannot be read|can be read"), (tmp_path / "none.nc", "no result here")):
        with pytest.raises(InputError, match=words):
            load_result(path)


# An HDF5 file whose only group is the root again: h5py.File(…)["a"] = file["/"].
LOOP = b"c-rgqaB<`1lHy|K;9!7(|4^_Q$~S=0Q$xeL{XJZQm>4RUgpd`&02dPjBLf2)4+D^5OoV9@V`X4rU;?r187KvE3}zAli`^f2"


@pytest.mark.skipif(sys.platform == "win32", reason="a process has no limits there")
def test_a_result_whose_groups_hold_each_other_does_not_hang_the_program(tmp_path):
    (tmp_path / "loop.nc").write_bytes(zlib.decompress(base64.b85decode(LOOP)))
    with pytest.raises(InputError, match="is not a result that can be read"):
        plot(tmp_path / "loop.nc")


def test_values_that_a_file_only_claims_to_hold_are_not_read(tmp_path):
    """They take no room in the file, and would take all in memory."""
    with netCDF4.Dataset(tmp_path / "large.nc", "w") as file:
        file.createDimension("x", 10**8)
        file.createVariable("x", "f8", ("x",), zlib=True)
    with pytest.raises(ValueError, match="more values than bytes"):
        read_groups(tmp_path / "large.nc")


def damage(change):
    """Return the groups of a result, one of them changed."""
    groups = {name: node.to_dataset() for name, node in RESULT.children.items()} | {"/": RESULT.to_dataset()}
    change(groups)
    return groups


DAMAGE = {
    "a group lacks": lambda groups: groups.pop("density"),
    "a variable lacks": lambda groups: groups.update(intervals=groups["intervals"].drop_vars("interval")),
    "an attribute lacks": lambda groups: groups["/"].attrs.pop("seed"),
    "a list for the version": lambda groups: groups["/"].attrs.update(schema_version=[1.5, 2.5]),
    "a seed that is none": lambda groups: groups["/"].attrs.update(seed="x"),
    "a text for numbers": lambda groups: groups["intervals"].update({"estimate": "x"}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_result_is_one_clear_line(name, tmp_path):
    save_files(tmp_path, {"result.nc": as_bytes(damage(DAMAGE[name]))})
    with pytest.raises(InputError, match="^[^\n]*: (is (not|damaged)|seed: )[^\n]*$"):
        plot(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["result.nc"]


def test_other_files_of_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    save_files(tmp_path, {"a": b"1", "b": b"2"})
    save_files(tmp_path, {"a": b"3"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"notes.txt": "mine", "a": "3", "b": "2"}


def test_a_set_that_was_cut_short_is_read_where_it_is_and_finished_by_the_next_writer(tmp_path):
    save_result(RESULT, tmp_path)
    (tmp_path / COMMITTED).mkdir()
    os.replace(tmp_path / "result.nc", tmp_path / COMMITTED / "result.nc")
    assert load_result(tmp_path).attrs["seed"] == 1
    assert (tmp_path / COMMITTED / "result.nc").exists()
    save_files(tmp_path, {"other": b"1"})
    assert not (tmp_path / COMMITTED).exists()
    assert load_result(tmp_path).attrs["seed"] == 1


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write to .*: Not a directory"):
        save_result(RESULT, tmp_path / "file" / "folder")


def test_a_folder_in_the_place_of_a_file_is_found_before_anything_is_written(tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match="b is a folder"):
        save_files(tmp_path, {"a": b"1", "b": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_full_disk_leaves_the_previous_files(tmp_path):
    """A limit on the size of files stands in for a full disk: the system refuses the write in the same way."""
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from simulator.cli import main; sys.argv[1:] = "
        f"['run', 'gpt4-iowa', '--draws', '20000', '--output', {str(tmp_path)!r}, '--quiet']; main()"
    )
    folder = tmp_path / "gpt4-iowa"
    save_files(folder, {"result.nc": b"before", "summary.json": b"before"})
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "cannot write to" in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "result.nc": b"before",
        "summary.json": b"before",
    }


@pytest.mark.parametrize("delay", [0.3, 0.6, 0.8, 1.0, 1.2, 1.4, None])
def test_a_killed_run_leaves_the_previous_result_or_the_new_one(tmp_path, delay):
    """Killed at different times, most of them after drawing, when files are written; once not at all."""
    folder = tmp_path / "gpt4-iowa"
    command = [sys.executable, "-m", "simulator", "run", "gpt4-iowa", "--draws", "20000", "--output", str(tmp_path)]
    save_result(run(SCENARIO, draws=1000, seed=9, keep=100), folder)
    process = subprocess.Popen([*command, "--seed", "2"], stdout=subprocess.DEVNULL)
    if delay is not None:
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    process.wait()
    result = load_result(folder)
    assert result.attrs["seed"] in ((2,) if delay is None else (2, 9))
    staged = folder / COMMITTED
    files = {path.name for place in (folder, staged) if place.is_dir() for path in place.iterdir() if path.is_file()}
    if result.attrs["seed"] == 2:
        assert files == {"result.nc", "summary.json", "ledger.md", "intervals.png", "ranking.png"}
        written = staged if (staged / "summary.json").exists() else folder
        assert json.loads((written / "summary.json").read_text())["seed"] == 2
    else:
        assert files == {"result.nc"}
